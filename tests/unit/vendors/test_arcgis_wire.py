# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ArcGIS: options to form, wire to normal form, refusals."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import RefusalError, Reply, Request
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import OptionError, RequestError
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors import arcgis
from hypothesis import given
from hypothesis import strategies as st

REQUEST = Request("read a task", "GET", "https://gis.example.com/portal")
WIRE: dict[str, Any] = {
    "id": "0123456789abcdef0123456789abcdef",
    "itemId": "029b61ca770e428d9468a2a55f40b9fb",
    "type": "ExecuteNotebook",
    "title": "Nightly",
    "userId": "gis_admin",
    "cronSchedule": {"minute": "30", "hour": "2", "dayOfMonth": "?", "month": "*", "dayOfWeek": "2-6"},
    "maxOccurrences": 20,
    "startDate": 1893456000000,
    "endDate": 1924992000000,
    "parameters": {"saveInjectedParameters": True, "notebookParameters": '{"region": "north"}'},
    "active": True,
    "taskState": "active",
}
OPTIONS: dict[str, Any] = {
    "state": "present",
    "task_id": None,
    "title": "Nightly",
    "type": "ExecuteNotebook",
    "item_id": "029b61ca770e428d9468a2a55f40b9fb",
    "task_url": None,
    "parameters": None,
    "schedule": None,
    "enabled": None,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def test_wire_to_form_loses_nothing() -> None:
    """What is read from the list goes back whole in the form of an update."""
    form = arcgis._form(arcgis._task(REQUEST, WIRE).fields)
    assert form.pop("parameters") == json.dumps(WIRE["parameters"])
    assert form == {
        "title": "Nightly",
        "type": "ExecuteNotebook",
        "itemId": WIRE["itemId"],
        "startDate": 1893456000000,
        "endDate": 1924992000000,
        "maxOccurrences": 20,
        **WIRE["cronSchedule"],
    }


def test_shown_in_the_words_of_the_options() -> None:
    """The schedule comes back as a user writes it."""
    assert arcgis.VENDOR.show(arcgis._task(REQUEST, WIRE).fields)["schedule"] == {
        "cron": "30 2 * * 1-5",
        "start": "2030-01-01T00:00:00+00:00",
        "end": "2031-01-01T00:00:00+00:00",
        "max_runs": 20,
    }


@pytest.mark.parametrize(
    ("change", "state", "enabled"),
    [
        ({}, "scheduled", True),
        ({"taskState": "paused", "active": False}, "paused", False),
        ({"taskState": "Disabled", "active": False}, "paused", False),
        ({"taskState": "completed", "active": False}, "completed", False),
        ({"taskState": "failed", "active": False}, "failed", False),
        ({"taskState": "sleepy", "active": False}, "unknown", False),
        ({"taskState": None}, "scheduled", True),
    ],
)
def test_states(change: dict[str, Any], state: str, enabled: bool) -> None:
    """The vendor's words in ours; an unknown word is said to be unknown."""
    task = arcgis._task(REQUEST, {**WIRE, **change})
    assert (task.state, task.enabled) == (state, enabled)


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=4))
def test_parameters_compare_as_data(parameters: dict[str, Any]) -> None:
    """A value may be a JSON text on the server's side, and keys the server adds do not count."""
    texts = {
        key: json.dumps(value) if isinstance(value, (dict, list)) else value
        for key, value in parameters.items()
    }
    assert arcgis._same_parameters(parameters, texts)
    assert arcgis._same_parameters(texts, {**parameters, "added by the server": 1})
    assert not arcgis._same_parameters({**parameters, "new": 1}, parameters) or "new" in parameters


@pytest.mark.parametrize(
    ("schedule", "option"),
    [
        ({"cron": "61 * * * *"}, "schedule.cron"),
        ({"quartz": "0 0 * * *"}, "schedule.quartz"),
        ({"start": "2030-02-01", "end": "2030-02-01"}, "schedule.end"),
        ({"start": "soon"}, "schedule.start"),
        ({"max_runs": 0}, "schedule.max_runs"),
    ],
)
def test_refusals(schedule: dict[str, Any], option: str) -> None:
    """Each is refused by name from the options alone."""
    with pytest.raises(OptionError, match=option):
        arcgis.VENDOR.desired({**OPTIONS, "schedule": schedule})


@pytest.mark.parametrize(
    ("body", "code", "token_refused"),
    [
        ({"error": {"code": 498, "message": "Invalid token.", "details": []}}, 498, True),
        ({"error": {"code": 499, "message": "Token Required", "messageCode": "GWM_0003"}}, 499, True),
        ({"error": {"code": 403, "message": "No permissions", "messageCode": "GWM_0003"}}, 403, False),
        ({"error": {"code": 400, "message": "", "details": None}}, 400, False),
        ({"error": {}}, None, False),
        ({"success": False}, None, False),
    ],
)
def test_errors_come_with_http_200(body: dict[str, Any], code: int | None, token_refused: bool) -> None:
    """The envelope decides, and among GWM_0003 the code does."""
    with pytest.raises(RefusalError) as refused:
        arcgis._read_reply(Reply(200, body, ""))
    assert (refused.value.code, refused.value.token_refused) == (code, token_refused)


@given(JSON)
def test_hostile_tasks_are_refused_or_read(wire: Any) -> None:
    """A task object of any shape gives a task or a clear error, never a traceback."""
    for value in (wire, {**WIRE, "cronSchedule": wire, "parameters": wire, "startDate": wire}):
        with suppress(RequestError):
            arcgis.VENDOR.show(arcgis._task(REQUEST, value).fields)


def test_paging_ends() -> None:
    """The last page says -1; a page without the key is the last one too."""
    assert arcgis._following({"nextStart": 101}) == {"start": 101}
    assert arcgis._following({"nextStart": -1}) is None
    assert arcgis._following({}) is None
