# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task object of any shape gives a task or a clear error, never a traceback."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import RefusalError, Reply, Request
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import RequestError
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors import (
    _seal_wire,
    _vro_inputs,
    arcgis,
    cpts,
    seal,
    totalcontrol,
    vro,
)
from hypothesis import given
from hypothesis import strategies as st

REQUEST = Request("read a task", "GET", "https://server.example.com")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
VENDORS: dict[Any, tuple[str, ...]] = {
    arcgis: (
        "id",
        "itemId",
        "type",
        "title",
        "cronSchedule",
        "maxOccurrences",
        "startDate",
        "parameters",
        "taskState",
    ),
    cpts: (
        "id",
        "name",
        "project_id",
        "parallel",
        "run_status",
        "test_cases",
        "task_run_info",
        "run",
        "enable_full_link",
    ),
    seal: ("tid", "name", "type", "metadata", "state", "status", "owner", "links", "href", "lists"),
    totalcontrol: ("task_id", "task_name", "script_file", "status", "total_iterations", "schedule"),
    vro: (
        "id",
        "name",
        "workflow",
        "state",
        "recurrence-cycle",
        "recurrence-pattern",
        "recurrence-start-date",
        "recurrence-end-date",
        "input-parameters",
        "formInputs",
    ),
}


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.VENDOR.key)
@given(data=st.data(), bare=JSON)
def test_any_task_object_is_read_or_refused(vendor: Any, data: st.DataObject, bare: Any) -> None:
    """Only RequestError may come out, and what is read can be shown."""
    keys = st.sampled_from(VENDORS[vendor])
    wire = data.draw(st.dictionaries(keys, JSON | st.text(max_size=5)))
    named = {"id": "x", "tid": "x", "name": "x", "task_name": "x"}
    read = _seal_wire.read_task if vendor is seal else vendor._task
    for value in (bare, wire, {**wire, **named}, {**wire, "id": 1}):
        with suppress(RequestError):
            vendor.VENDOR.show(read(REQUEST, value).fields)


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=4))
def test_arcgis_parameters_equal_themselves(parameters: dict[str, Any]) -> None:
    """Keys that the server adds do not count, and a missing key does."""
    assert arcgis._same_parameters(parameters, {**parameters, "added by the server": 1})
    assert not arcgis._same_parameters({**parameters, "longer": 1}, parameters)


def test_mixed_backslashes_are_read() -> None:
    """Proper pairs stay, single backslashes are doubled."""
    body = totalcontrol._repaired(r'{"p":"C:\\Users\new\\1.js"}')
    assert body == {"p": r"C:\Users\new\1.js"}


def test_a_script_called_author_is_no_login_problem() -> None:
    """Only a text about tokens or logins makes the client log in again."""
    with pytest.raises(RefusalError) as refused:
        totalcontrol._read_reply(Reply(200, {"status": None, "value": "Script author not found"}, ""))
    assert refused.value.token_refused is False


@given(st.lists(JSON, max_size=3), JSON)
def test_any_list_of_links_is_read_or_refused(entries: list[Any], page: Any) -> None:
    """The orchestrator's lists, in both envelopes; what is no list of links is refused."""
    for answer in (page, {"link": entries}, {"relations": {"link": entries, "total": page, "start": page}}):
        vro._following(answer, "tasks")
        with suppress(RequestError):
            vro._links_of(REQUEST, answer, "tasks")


@given(JSON, st.sampled_from(["string", "number", "date", "array", "properties", "sdk-object", "x"]), JSON)
def test_any_parameter_is_read_and_written_again(kind: Any, key: str, inner: Any) -> None:
    """Whatever the server shows of an input can be compared, shown and sent back."""
    for value in (
        inner,
        {key: inner},
        {key: {"value": inner}},
        {key: {"elements": inner, "property": inner}},
    ):
        item = _vro_inputs.read_input({"name": "x", "type": kind, "value": value})
        assert item.same(item)
        _vro_inputs.shown_value(item)
        _vro_inputs.wire_input("x", item)
        _vro_inputs.without_secrets({"list": [{"name": "x", "type": kind, "value": value}]})
