# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Total Control: both shapes of everything, paths, names and refusals."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import RefusalError, Reply, Request
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import (
    OptionError,
    RequestError,
    TaskbridgeError,
    UnreachableStateError,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors import totalcontrol
from hypothesis import given
from hypothesis import strategies as st

REQUEST = Request("read a task", "GET", "http://farm.example.com:8090")
# The sample of the vendor's page task.lists.html.
WIRE: dict[str, Any] = {
    "task_id": 1550772621934,
    "task_name": "task004(1)",
    "script_file": "C:\\Users\\sigma\\Documents\\Scripts\\1.js",
    "status": -5,
    "error_message": "",
    "total_iterations": 1,
    "current_iteration": 1,
    "start_time": "2019-02-19 15:26:10",
    "end_time": "2019-02-20 14:25:21",
}
# The sample of the Chinese page of task.info.html: 2018-12-29 15:50 at UTC+8.
JAVA_DATE = {
    "date": 29,
    "day": 6,
    "hours": 15,
    "minutes": 50,
    "month": 11,
    "seconds": 0,
    "time": 1546069800000,
    "timezoneOffset": -480,
    "year": 118,
}
OPTIONS: dict[str, Any] = {
    "state": "present",
    "task_id": None,
    "name": "task001",
    "script": "getname.js",
    "iterations": 1,
    "schedule": None,
    "rerun": "never",
}


def test_sample_of_the_vendor() -> None:
    """The documented list entry in the normal form."""
    task = totalcontrol._task(REQUEST, WIRE)
    assert (task.id, task.name, task.state, task.enabled) == ("1550772621934", "task004(1)", "stopped", None)
    assert task.fields == {"script": WIRE["script_file"], "iterations": 1}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (0, "script_missing"),
        (-1, "running"),
        (-2, "completed"),
        (-3, "failed"),
        (-4, "paused"),
        (-5, "stopped"),
        (-6, "scheduled"),
        (7, "unknown"),
    ],
)
def test_states(status: int, state: str) -> None:
    """The vendor's numbers in our words."""
    assert totalcontrol._task(REQUEST, {**WIRE, "status": status}).state == state


@pytest.mark.parametrize("date", ["2018-12-29 15:50:00", JAVA_DATE])
def test_both_date_forms(date: Any) -> None:
    """Both are the server's local time."""
    task = totalcontrol._task(REQUEST, {**WIRE, "schedule": date})
    assert totalcontrol.VENDOR.show(task.fields)["schedule"] == {"at": "2018-12-29T15:50:00"}


@pytest.mark.parametrize(
    ("wanted", "existing", "same"),
    [
        ("1.js", "C:\\Users\\sigma\\Documents\\Scripts\\1.js", True),
        ("Sub/A.JS", "C:\\Users\\sigma\\Documents\\Scripts\\sub\\a.js", True),
        ("C:/Users/sigma/Documents/scripts/1.js", "C:\\Users\\sigma\\Documents\\Scripts\\1.js", True),
        ("1.js", "C:\\Users\\sigma\\Documents\\Scripts\\sub\\1.js", False),
        ("1.js", "C:\\Users\\sigma\\Documents\\Scripts\\11.js", False),
        ("1.js", "", False),
    ],
)
def test_script_paths(wanted: str, existing: str, same: bool) -> None:
    """Compared below Scripts, whatever the slashes and the case."""
    assert totalcontrol._same_script(wanted, existing) is same


@given(st.lists(st.from_regex(r"[a-z0-9_]{1,8}", fullmatch=True), min_size=1, max_size=4))
def test_script_paths_in_any_spelling(parts: list[str]) -> None:
    """A relative name equals the absolute path the server makes of it."""
    absolute = "C:\\Users\\sigma\\Documents\\Scripts\\" + "\\".join(parts).upper()
    if "scripts" not in parts:
        assert totalcontrol._same_script("/".join(parts), absolute)
        assert not totalcontrol._same_script("/".join([*parts, "x"]), absolute)


@pytest.mark.parametrize(
    ("listed", "number"),
    [("t", 0), ("t(1)", 1), ("t(12)", 12), ("t (1)", None), ("t(1)(2)", None), ("tt", None), ("T", None)],
)
def test_run_numbers(listed: str, number: int | None) -> None:
    """name(n) is a further run; nothing else is."""
    assert totalcontrol._run_number("t", listed) == number


@pytest.mark.parametrize(
    ("body", "token_refused"),
    [
        ({"status": None, "value": ""}, False),
        ({"status": None, "value": "no such task"}, False),
        ({"status": None, "value": "Invalid token"}, True),
        ({"status": False, "value": ""}, True),
        ({"value": 1}, False),
    ],
)
def test_anything_but_true_is_a_refusal(body: dict[str, Any], token_refused: bool) -> None:
    """Null, false and a missing status all mean no."""
    with pytest.raises(RefusalError) as refused:
        totalcontrol._read_reply(Reply(200, body, ""))
    assert refused.value.token_refused is token_refused


@pytest.mark.parametrize("body", [WIRE, {"status": True, "value": WIRE}])
def test_both_shapes_of_info(body: dict[str, Any]) -> None:
    """A bare task has a number as its status and is no envelope."""
    assert totalcontrol._value(totalcontrol._read_reply(Reply(200, body, ""))) == WIRE


def test_single_backslashes_are_read() -> None:
    """The vendor prints a sample that is no JSON; it is read all the same."""
    text = '{"status":true,"value":[{"task_name":"t","script_file":"C:\\Users\\sigma\\1.js"}]}'
    body = totalcontrol._read_reply(Reply(200, None, text))
    assert body["value"][0]["script_file"] == "C:\\Users\\sigma\\1.js"
    assert totalcontrol._read_reply(Reply(200, None, "<html>")) is None


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({"iterations": 0}, OptionError, "iterations"),
        ({"name": ""}, OptionError, "name"),
        ({"schedule": {"at": "2030-01-01T00:00:00Z"}}, OptionError, r"schedule\.at"),
        ({"state": "absent"}, UnreachableStateError, "no call that deletes"),
    ],
)
def test_refusals(options: dict[str, Any], kind: type[TaskbridgeError], said: str) -> None:
    """Each is refused from the options alone."""
    with pytest.raises(kind, match=said):
        totalcontrol.VENDOR.desired({**OPTIONS, **options})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=5,
    )
)
def test_hostile_tasks_are_refused_or_read(value: Any) -> None:
    """A task object of any shape gives a task or a clear error, never a traceback."""
    for wire in (value, {**WIRE, "status": value, "schedule": value, "script_file": value, "task_id": value}):
        with suppress(RequestError):
            totalcontrol.VENDOR.show(totalcontrol._task(REQUEST, wire).fields)
