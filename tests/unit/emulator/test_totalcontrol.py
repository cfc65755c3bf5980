# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Total Control: envelopes, naming, states, dates and switches."""

from __future__ import annotations

from typing import Any

import pytest
from emulator.launch import RunningEmulator
from unit.emulator.clients import TotalControl

NULL: dict[str, Any] = {"status": None, "value": ""}
GOOD: dict[str, Any] = {"status": True, "value": ""}


def test_login(phones: TotalControl, emulator: RunningEmulator) -> None:
    """Only bare base64 logs in; the token lasts until restart unless switched."""
    assert phones.login().json()["status"] is True
    assert phones.login(prefix="Basic ").json()["status"] is None
    emulator.switch("totalcontrol", bad_login="200_false")
    assert phones.login(password="x").json()["status"] is False
    emulator.switch("totalcontrol", bad_login="401", login_voids_old_token=True, token_lifetime=60)
    assert phones.login(password="x").status_code == 401
    fresh = phones.login().json()["value"]["token"]
    assert len(fresh) == 16
    assert phones.call("GET", "/tasks").json()["status"] is False
    phones.token = fresh
    assert phones.list() == []
    emulator.advance(61)
    emulator.switch("totalcontrol", bad_token_status="null")
    assert phones.call("GET", "/tasks").json()["status"] is None


def test_three_ways_to_send(phones: TotalControl, emulator: RunningEmulator) -> None:
    """Parameters travel in the query, in a form or in JSON."""
    args: dict[str, Any] = {
        "token": phones.token,
        "task_name": "a",
        "script_file": "getname.js",
        "total_iterations": 1,
    }
    url = f"{phones.url}/tasks"
    assert phones.session.post(url, data=args, timeout=10).json() == GOOD
    assert phones.session.post(url, json=args, timeout=10).json() == GOOD
    assert phones.session.post(url, params=args, timeout=10).json() == GOOD
    assert [task["task_name"] for task in phones.list()] == ["a", "a(1)", "a(2)"]
    stop = {"token": phones.token, "action": "stop"}
    assert phones.session.post(f"{url}/a%281%29", json=stop, timeout=10).json() == GOOD
    assert [entry["operation"] for entry in emulator.log("totalcontrol")][-1] == "stop_task"
    emulator.switch("totalcontrol", accept_json_body=False)
    assert phones.session.post(url, json=args, timeout=10).json()["status"] is False


def test_run_states(phones: TotalControl, emulator: RunningEmulator) -> None:
    """Running, paused, resumed, ended; errors; stop."""
    phones.create("a/ä b", iterations=3)
    path = "/tasks/a%2F%C3%A4%20b"
    emulator.advance(70)
    task = phones.call("GET", path).json()["value"]
    assert (task["status"], task["current_iteration"], "end_time" in task) == (-1, 2, False)
    assert task["script_file"] == "C:\\Users\\sigma\\Documents\\Scripts\\getname.js"
    assert phones.call("POST", path, action="resume").json()["status"] is None
    assert phones.call("POST", path, action="pause").json() == GOOD
    emulator.advance(1000)
    assert phones.list()[0]["status"] == -4
    assert phones.call("POST", path, action="resume").json() == GOOD
    emulator.advance(100)
    assert phones.list()[0]["status"] == -1
    emulator.advance(20)
    assert phones.list()[0]["status"] == -2
    assert "end_time" in phones.list()[0]
    assert phones.call("POST", path, action="stop").json()["status"] is None
    phones.create("bad", "fail.js")
    phones.create("gone", "missing.js")
    phones.create("halt")
    assert phones.call("POST", "/tasks/halt", action="stop").json() == GOOD
    emulator.advance(61)
    states = {task["task_name"]: (task["status"], bool(task["error_message"])) for task in phones.list()}
    assert states == {"a/ä b": (-2, False), "bad": (-3, True), "gone": (0, False), "halt": (-5, False)}
    assert emulator.starts("totalcontrol")["tasks"] == {"a/ä b": 1, "bad": 1, "halt": 1}


def test_schedule(phones: TotalControl, emulator: RunningEmulator) -> None:
    """A scheduled task waits, runs when the clock passes, and keeps its schedule."""
    emulator.set_clock("2030-05-05T10:00:00Z")
    emulator.switch("totalcontrol", utc_offset_minutes=480)
    assert phones.create("s", schedule="2030-05-05 18:30:00")["status"] is True
    assert (phones.list()[0]["status"], phones.list()[0]["schedule"]) == (-6, "2030-05-05 18:30:00")
    emulator.switch("totalcontrol", date_form="java")
    java = phones.list()[0]["schedule"]
    assert java == {
        "date": 5,
        "day": 0,
        "hours": 18,
        "minutes": 30,
        "month": 4,
        "seconds": 0,
        "time": 1904207400000,
        "timezoneOffset": -480,
        "year": 130,
    }
    emulator.advance(1810)
    assert phones.list()[0]["status"] == -1
    assert emulator.tasks("totalcontrol")[0]["schedule"]
    assert phones.create("t", schedule="tomorrow")["status"] is None
    assert phones.create("u", schedule="2000-01-01 00:00:00")["status"] is True
    emulator.switch("totalcontrol", schedule_past="refuse", schedule_format="minutes")
    assert phones.create("v", schedule="2000-01-01 00:00")["status"] is None
    assert phones.create("w", schedule="2040-01-01 00:00:00")["status"] is None


@pytest.mark.parametrize("args", [{"name": " "}, {"script": ""}, {"iterations": 0}, {"iterations": "x"}])
def test_bad_parameters(phones: TotalControl, emulator: RunningEmulator, args: dict[str, Any]) -> None:
    """A missing or senseless parameter makes no task."""
    assert phones.create(**args)["status"] is None
    emulator.switch("totalcontrol", bad_parameter="false_envelope")
    assert phones.create(**args)["status"] is False
    assert phones.list() == []


@pytest.mark.parametrize(
    ("switch", "method", "path", "query", "expected"),
    [
        ({}, "GET", "/tasks/none", {}, NULL),
        ({"unknown_name_text": "no task"}, "GET", "/tasks/none", {}, {"status": None, "value": "no task"}),
        ({"noop_action": "true"}, "POST", "/tasks/job", {"action": "resume"}, GOOD),
        ({"create_reply": "status_only"}, "POST", "/tasks", {}, {"status": True}),
        ({"delete_enabled": True}, "DELETE", "/tasks/job", {}, GOOD),
        ({"resume_action": False}, "POST", "/tasks/job", {"action": "resume"}, None),
        ({"duplicate_name": "refuse"}, "POST", "/tasks", {}, None),
        ({"missing_script": "null_envelope"}, "POST", "/tasks", {"script_file": "no.js"}, None),
    ],
)
def test_switches(
    phones: TotalControl,
    emulator: RunningEmulator,
    switch: dict[str, Any],
    method: str,
    path: str,
    query: dict[str, str],
    expected: dict[str, Any] | None,
) -> None:
    """Switches that show in one answer; None stands for a null envelope with our own text."""
    phones.create()
    emulator.switch("totalcontrol", **switch)
    create = (
        {"task_name": "job", "script_file": "getname.js", "total_iterations": 1} if path == "/tasks" else {}
    )
    answer = phones.call(method, path, **{**create, **query}).json()
    assert answer == expected if expected else answer["status"] is None and answer["value"]


def test_other_shapes(phones: TotalControl, emulator: RunningEmulator) -> None:
    """Bare info, duplicates, ended tasks, ids, single backslashes, and what v1 does not have."""
    phones.create()
    assert phones.call("DELETE", "/tasks/job").status_code == 405
    assert phones.call("GET", "/nothing").status_code == 404
    emulator.switch("totalcontrol", info_shape="bare", duplicate_name="duplicate", task_id_reissue="on_list")
    phones.create()
    assert [task["task_name"] for task in phones.list()] == ["job", "job"]
    first = phones.call("GET", "/tasks/job").json()["task_id"]
    phones.list()
    assert phones.call("GET", "/tasks/job").json()["task_id"] != first
    emulator.switch("totalcontrol", raw_backslashes=True)
    assert "C:\\Users" in phones.call("GET", "/tasks").text
    emulator.switch("totalcontrol", ended_tasks_listed=False)
    emulator.advance(61)
    assert phones.list() == []
    assert phones.call("GET", "/settings", q="versions").json()["rest"] == "1.1.0"
    assert phones.call("GET", "/devices", q="all", type="number").json() == {"ids": [1, 2]}
    emulator.switch("totalcontrol", scheme="http")
    assert phones.login().status_code == 404


def test_seed(phones: TotalControl, emulator: RunningEmulator) -> None:
    """Seeded tasks look as if they had always been there."""
    wire = {
        "task_name": "task004(1)",
        "status": -5,
        "start_time": "2019-02-19 15:26:10",
        "total_iterations": 1,
    }
    emulator.seed({"totalcontrol": {"tasks": [wire], "scripts": ["new.js"]}})
    assert phones.list()[0] | wire == phones.list()[0]
    phones.create("n", "NEW.js")
    assert phones.list()[1]["status"] == -1


@pytest.mark.parametrize(
    "args",
    [
        {"iterations": "9" * 5000},
        {"iterations": "9" * 400},
        {"iterations": "\u00b2"},
        {"schedule": ""},
        {"schedule": " "},
    ],
)
def test_bad_parameters_store_nothing(phones: TotalControl, args: dict[str, str]) -> None:
    """What is no number or no date is refused, and no task is made."""
    assert phones.create(**args)["status"] is None
    assert phones.list() == []


def test_json_body_nested_too_deeply(phones: TotalControl) -> None:
    """Such a body counts as no body."""
    answer = phones.session.post(
        f"{phones.url}/tasks", params={"token": phones.token}, data="[" * 50000, timeout=10
    )
    assert answer.json()["status"] is None
