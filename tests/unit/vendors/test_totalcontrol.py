# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Total Control: the wire in all its shapes, and what is sent."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest
import responses
from ansible_collections.taskbridge.vendors.plugins.module_utils import _convergence as convergence
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import Request, Secrets
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import (
    AbsentError,
    AmbiguousMatchError,
    LoginError,
    OptionError,
    RequestError,
    TokenRefusedError,
    UnreachableStateError,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors import totalcontrol
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.totalcontrol import VENDOR, Farm
from hypothesis import given
from hypothesis import strategies as st

ROOT = "http://farm.example.com:8090/TotalControl/v1"
FOLDER = "C:\\Users\\sigma\\Documents\\Scripts\\"
JAVA_DATE = {"time": 1546069800000, "timezoneOffset": -480, "year": 118, "month": 11, "date": 29}


def wire(name: str = "job", **changes: Any) -> dict[str, Any]:
    task = {
        "task_id": 1550772621934,
        "task_name": name,
        "script_file": f"{FOLDER}1.js",
        "status": -2,
        "error_message": "",
        "total_iterations": 1,
        "current_iteration": 1,
        "start_time": "2019-02-19 15:26:10",
        **changes,
    }
    return {key: value for key, value in task.items() if value is not None}


def params(**given: Any) -> dict[str, Any]:
    """Return the options as AnsibleModule would, all others at their defaults."""
    options = {name: option.get("default") for name, option in VENDOR.task_spec.options.items()}
    return {**options, "url": "http://farm.example.com:8090", "token": "t0k", "name": "job", **given}


@pytest.fixture
def server() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def farm(**given: Any) -> Farm:
    options = params(**given)
    return VENDOR.serve(VENDOR.connect(options, read_only=False, secrets=Secrets()), options)


def found(server: responses.RequestsMock, *tasks: dict[str, Any], **given: Any) -> list[convergence.Task]:
    server.get(f"{ROOT}/tasks", json={"status": True, "value": list(tasks)})
    return farm().matches(VENDOR.desired(params(**given)))


def task_of(wire: dict[str, Any]) -> convergence.Task:
    return totalcontrol._task(Request("read it", "GET", ROOT), wire)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (0, convergence.FAILED),
        (-1, convergence.RUNNING),
        (-2, convergence.COMPLETED),
        (-3, convergence.FAILED),
        (-4, convergence.PAUSED),
        (-5, convergence.STOPPED),
        (-6, convergence.SCHEDULED),
        (-99, convergence.UNKNOWN),
        (None, convergence.UNKNOWN),
    ],
)
def test_a_wire_task_in_normal_form(server: responses.RequestsMock, status: int | None, state: str) -> None:
    (task,) = found(server, wire(status=status, error_message="oops"))
    assert (task.id, task.name, task.state, task.error) == ("1550772621934", "job", state, "oops")
    assert task.enabled is None
    assert VENDOR.show(task.fields) == {"script": f"{FOLDER}1.js", "iterations": 1}
    assert bool(VENDOR.problem(task)) is (status == 0)


@pytest.mark.parametrize(
    ("date", "shown"),
    [
        ("2018-12-29 15:50:00", "2018-12-29T15:50:00"),
        (JAVA_DATE, "2018-12-29T15:50:00"),
        ({"time": "x"}, None),
        ({}, None),
        ("soon", None),
        (None, None),
    ],
)
def test_both_forms_of_a_date(server: responses.RequestsMock, date: Any, shown: str | None) -> None:
    (task,) = found(server, wire(status=-1, start_time=date, end_time=date, schedule=date))
    described = VENDOR.describe(task, farm())
    assert (described["started"], described["ended"]) == (shown, shown)
    assert VENDOR.show(task.fields).get("schedule") == ({"at": shown} if shown else None)


def test_a_waiting_task_has_not_started(server: responses.RequestsMock) -> None:
    (task,) = found(server, wire(status=-6))
    assert VENDOR.describe(task, farm())["started"] is None


@pytest.mark.parametrize("reply", [wire("a b"), {"status": True, "value": wire("a b")}])
def test_both_shapes_of_one_task(server: responses.RequestsMock, reply: Any) -> None:
    (task,) = found(server, wire("a b"), name="a b")
    server.get(f"{ROOT}/tasks/a%20b", json=reply)
    again = farm().get(task)
    assert (again.name, again.state, again.fields) == ("a b", convergence.COMPLETED, task.fields)


@pytest.mark.parametrize("reply", [{"status": None, "value": ""}, {"status": True, "value": {}}, {}])
def test_a_task_that_vanished(server: responses.RequestsMock, reply: Any) -> None:
    server.get(f"{ROOT}/tasks/job", json=reply)
    server.get(f"{ROOT}/tasks", json={"status": True, "value": [wire("other")]})
    with pytest.raises(AbsentError, match="no longer lists it"):
        farm().watch(task_of(wire()))


def test_a_refusal_about_a_task_that_is_there(server: responses.RequestsMock) -> None:
    server.get(f"{ROOT}/tasks/job", json={"status": None, "value": "busy"})
    server.get(f"{ROOT}/tasks", json={"status": True, "value": [wire()]})
    with pytest.raises(RequestError, match="'busy'"):
        farm().get(task_of(wire()))


@pytest.mark.parametrize(
    ("answers", "listed", "seen"),
    [
        (wire(task_id=2, status=-1), None, -1),
        (wire(task_id=1), [wire(task_id=1), wire(task_id=2, status=-1)], -1),  # a twin answers to the name
        (wire(task_id=7, status=-4), [wire(task_id=8, status=-4)], -4),  # the ids are issued anew
    ],
)
def test_the_run_that_is_waited_for(
    server: responses.RequestsMock, answers: Any, listed: list[Any] | None, seen: int
) -> None:
    server.get(f"{ROOT}/tasks/job", json=answers)
    if listed is not None:
        server.get(f"{ROOT}/tasks", json={"status": True, "value": listed})
    assert farm().watch(task_of(wire(task_id=2))).wire["status"] == seen


def test_the_form_of_a_run() -> None:
    ended: dict[str, Any] = {"status": -3, "error_message": "Error: x", "end_time": "2019-02-19 15:27:10"}
    task = task_of(wire(total_iterations=3, current_iteration=2, **ended))
    run = VENDOR.run(task, farm())
    assert run.form == {
        "id": "1550772621934",
        "status": "failed",
        "vendor_status": "-3",
        "started": "2019-02-19T15:26:10",
        "ended": "2019-02-19T15:27:10",
        "error": "Error: x",
        "details": {"current_iteration": 2, "iterations": 3},
    }
    assert VENDOR.verdict(run, params()) == "Error: x"


def test_a_run_without_its_script_is_a_failure() -> None:
    task = task_of(wire(status=0))
    run = VENDOR.run(task, farm())
    assert (run.status, run.word) == ("failed", "0")
    assert "does not find its script" in VENDOR.verdict(run, params())
    again = VENDOR.desired(params(rerun="on_failure", script="1.js"))
    assert convergence.plan(again, task, VENDOR.capabilities).steps == ("create",)


@pytest.mark.parametrize(("state", "verdict"), [("present", "it was stopped"), ("stopped", "")])
def test_a_stopped_run_is_as_declared_or_a_failure(state: str, verdict: str) -> None:
    run = VENDOR.run(task_of(wire(status=-5)), farm())
    assert VENDOR.verdict(run, params(state=state)) == verdict


def test_json_with_single_backslashes_is_read(server: responses.RequestsMock) -> None:
    text = (
        r'{"status":true,"value":[{"task_id":1,"task_name":"job","script_file":"C:\Users\x\Scripts\1.js"}]}'
    )
    server.get(f"{ROOT}/tasks", body=text)
    (task,) = farm().matches(VENDOR.desired(params(script="1.js")))
    assert task.fields["script"] == r"C:\Users\x\Scripts\1.js"


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ({"status": None, "value": "No such device."}, RequestError, "No such device."),
        ({"status": None}, RequestError, "no reason given"),
        ({"status": "true", "value": "x"}, RequestError, "'x'"),
        ({"status": 1, "value": "y"}, RequestError, "'y'"),
        ({"value": []}, RequestError, "server answers"),
        ({"status": False, "value": "go away"}, TokenRefusedError, "go away"),
        ({"status": None, "value": "Invalid token"}, TokenRefusedError, "Invalid token"),
        ({"status": True, "value": None}, RequestError, "not what Total Control documents"),
        ({"status": True, "value": [{}]}, RequestError, "without a name"),
        ([], None, ""),
    ],
)
def test_success_is_status_true(
    server: responses.RequestsMock, answer: Any, error: type[RequestError] | None, words: str
) -> None:
    server.get(f"{ROOT}/tasks", json=answer)
    declared = VENDOR.desired(params())
    if error is None:
        assert farm().matches(declared) == []
        return
    with pytest.raises(RequestError) as caught:
        farm().matches(declared)
    assert caught.value.__class__ is error
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("given", "form"),
    [
        ({}, {"total_iterations": "1"}),
        ({"iterations": 3}, {"total_iterations": "3"}),
        (
            {"schedule": {"at": "2030-01-31T18:30:00"}},
            {"total_iterations": "1", "schedule": "2030-01-31 18:30:00"},
        ),
    ],
)
def test_a_create_sends_what_is_declared(
    server: responses.RequestsMock, given: dict[str, Any], form: dict[str, str]
) -> None:
    server.post(f"{ROOT}/tasks", json={"status": True, "value": "ok"})
    assert farm().create(VENDOR.desired(params(script="1.js", **given))) is None
    fields = parse_qs(str(server.calls[0].request.body))
    expected = {"task_name": "job", "script_file": "1.js", "token": "t0k", **form}
    assert fields == {name: [value] for name, value in expected.items()}
    assert "t0k" not in str(server.calls[0].request.url)


@pytest.mark.parametrize("verb", ["pause", "resume", "stop"])
def test_controls_go_to_the_name(server: responses.RequestsMock, verb: str) -> None:
    (task,) = found(server, wire("a/b?(1)"), name="a/b?(1)")
    server.post(f"{ROOT}/tasks/a%2Fb%3F%281%29", json={"status": True})
    farm().act(verb, task)
    assert str(server.calls[-1].request.url).endswith(f"?action={verb}")


@pytest.mark.parametrize(
    ("given", "error", "word"),
    [
        ({"iterations": 0}, OptionError, "iterations"),
        ({"name": "  "}, OptionError, "name"),
        ({"schedule": {"at": "2030-01-31T18:30:00Z"}}, OptionError, "schedule.at"),
        ({"schedule": {"at": "2030-01-31T18:30:00+02:00"}}, OptionError, "schedule.at"),
        ({"schedule": {"at": "soon"}}, OptionError, "schedule.at"),
        ({"state": "absent"}, UnreachableStateError, "state: stopped"),
    ],
)
def test_a_declaration_is_refused(given: dict[str, Any], error: type[Exception], word: str) -> None:
    with pytest.raises(error) as caught:
        VENDOR.desired(params(**given))
    assert word in str(caught.value)


@given(
    st.lists(st.from_regex(r"[a-z0-9_.-]{1,8}", fullmatch=True), min_size=1, max_size=4),
    st.data(),
)
def test_a_script_is_the_same_in_any_case_and_with_any_slashes(parts: list[str], data: st.DataObject) -> None:
    slashes = st.sampled_from(["/", "\\", "\\\\"])

    def spelt() -> str:
        return "".join(
            (data.draw(slashes) if number else "")
            + "".join(data.draw(st.sampled_from([c, c.upper()])) for c in part)
            for number, part in enumerate(parts)
        )

    same = next(item for item in VENDOR.capabilities.fields if item.name == "script").same
    wanted = spelt()
    assert same(wanted, FOLDER + spelt())
    assert same(FOLDER.upper() + wanted, FOLDER + spelt())
    assert not same(wanted, f"{FOLDER}{spelt()}x")
    assert not same(wanted, f"{FOLDER}other/{spelt()}")
    assert not same(wanted, None)


def test_runs_of_a_name_are_found_oldest_first(server: responses.RequestsMock) -> None:
    names = ["job(10)", "jobs", "job(2)", "Job", "job", "job(x)", "job (1)", "job(1)x", "job()", "xjob(1)"]
    tasks = found(server, *(wire(name) for name in names), script="1.js")
    assert [task.name for task in tasks] == ["job", "job(2)", "job(10)"]
    assert [task.name for task in farm().listing(params(name="job"))] == ["job(10)", "job(2)", "job"]


def test_a_numbered_name_with_another_script_is_another_task(server: responses.RequestsMock) -> None:
    tasks = found(server, wire(), wire("job(1)", script_file=f"{FOLDER}2.js"), script="1.js")
    assert [task.name for task in tasks] == ["job"]


@pytest.mark.parametrize(
    ("state", "runs", "chosen"),
    [
        ("present", [], None),
        ("present", [("job", -1), ("job(1)", -2)], "job(1)"),
        ("stopped", [("job", -1), ("job(1)", -2)], "job"),
        ("paused", [("job", -2), ("job(1)", -2)], "job(1)"),
        ("stopped", [], None),
        ("stopped", [("job", -1), ("job(1)", -4)], AmbiguousMatchError),
        ("present", [("job", -1), ("job", -2)], AmbiguousMatchError),
        ("present", [("job", -2), ("job", -2), ("job(1)", -2)], "job(1)"),
        ("stopped", [("job", -1), ("job", -2)], AmbiguousMatchError),
    ],
)
def test_choice_among_runs(
    server: responses.RequestsMock, state: str, runs: list[tuple[str, int]], chosen: Any
) -> None:
    tasks = found(server, *(wire(name, status=status) for name, status in runs))
    declared = VENDOR.desired(params(state=state))
    if chosen is AmbiguousMatchError:
        with pytest.raises(AmbiguousMatchError, match="Total Control: 2 tasks"):
            VENDOR.choose(declared, tasks)
        return
    task = VENDOR.choose(declared, tasks)
    assert (task and task.name) == chosen


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"script": "2.js"}, "script"),
        ({"iterations": 2}, "iterations"),
        ({"schedule": {"at": "2030-01-31T18:30:00"}}, "schedule.at"),
    ],
)
def test_nothing_can_be_changed(server: responses.RequestsMock, given: dict[str, Any], field: str) -> None:
    (task,) = found(server, wire())
    with pytest.raises(UnreachableStateError) as caught:
        convergence.plan(VENDOR.desired(params(**given)), task, VENDOR.capabilities)
    assert str(caught.value).startswith(f"{field}: ")
    assert "rerun: always" in str(caught.value)


@pytest.mark.parametrize(
    ("state", "status", "steps"),
    [
        ("paused", -1, ("pause",)),
        ("paused", -4, ()),
        ("resumed", -4, ("resume",)),
        ("resumed", -1, ()),
        ("resumed", -6, ()),
        ("stopped", -1, ("stop",)),
        ("stopped", -4, ("stop",)),
        ("stopped", -6, ("stop",)),
        ("stopped", -2, ()),
        ("stopped", 0, ()),
        ("paused", -2, None),
        ("paused", -6, None),
        ("resumed", -2, None),
    ],
)
def test_controls(
    server: responses.RequestsMock, state: str, status: int, steps: tuple[str, ...] | None
) -> None:
    (task,) = found(server, wire(status=status))
    declared = VENDOR.desired(params(state=state))
    if steps is None:
        with pytest.raises(UnreachableStateError, match=f"state: {state} cannot be reached"):
            convergence.plan(declared, task, VENDOR.capabilities)
        return
    assert convergence.plan(declared, task, VENDOR.capabilities).steps == steps


def test_a_login_sends_base64_without_the_word_basic(server: responses.RequestsMock) -> None:
    server.get(f"{ROOT}/login", json={"status": True, "value": {"token": "fresh"}})
    server.get(f"{ROOT}/tasks", json={"status": True, "value": []})
    secrets = Secrets()
    given = params(token=None, username="sigma", password="hid:den")
    client = VENDOR.connect(given, read_only=True, secrets=secrets)
    VENDOR.serve(client, given).matches(VENDOR.desired(params()))
    header = server.calls[0].request.headers["Authorization"]
    assert base64.b64decode(header).decode() == "sigma:hid:den"
    assert "token=fresh" in str(server.calls[1].request.url)
    assert secrets.mask(f"{header} fresh") == "******** ********"


@pytest.mark.parametrize("answer", [{"status": False, "value": "no"}, {"status": None}])
def test_a_refused_login_says_so(server: responses.RequestsMock, answer: Any) -> None:
    server.get(f"{ROOT}/login", json=answer)
    with pytest.raises(LoginError, match="Could not log in as 'sigma'"):
        farm(token=None, username="sigma", password="p").matches(VENDOR.desired(params()))


@pytest.mark.parametrize(
    ("at", "zone", "wall", "shown"),
    [
        ("2030-01-31T18:30:00", None, "2030-01-31T18:30:00", "2030-01-31T18:30:00+08:00"),
        ("2030-01-31T18:30:00Z", None, "2030-02-01T02:30:00", "2030-02-01T02:30:00+08:00"),
        ("2030-01-31T18:30:00", "Europe/Zurich", "2030-02-01T01:30:00", "2030-01-31T18:30:00+01:00"),
    ],
)
def test_a_time_is_brought_to_the_server_s_clock(at: str, zone: str | None, wall: str, shown: str) -> None:
    declared = VENDOR.desired(
        params(server_timezone="Asia/Shanghai", schedule={"at": at, "timezone": zone})
    ).fields["schedule.at"]
    assert declared.wall.isoformat() == wall
    assert VENDOR.show({"schedule.at": declared}) == {"schedule": {"at": shown}}


def test_next_runs_need_the_server_s_zone(server: responses.RequestsMock) -> None:
    given = {"server_timezone": "Asia/Shanghai"}
    server.get(
        f"{ROOT}/tasks", json={"status": True, "value": [wire(status=-6, schedule="2038-01-01 04:00:00")]}
    )
    for zones, runs in ((given, ["2038-01-01T04:00:00+08:00"]), ({}, [])):
        service = farm(**zones)
        (task,) = service.matches(VENDOR.desired(params(**zones)))
        assert VENDOR.describe(task, service)["next_runs"] == runs
    described = VENDOR.describe(replace(task, state="completed"), farm(**given))
    assert described["started"] == "2019-02-19T15:26:10+08:00"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"schedule": {"at": "2030-01-31T18:30:00", "timezone": "UTC"}},
            ["schedule.timezone", "Set server_timezone"],
        ),
        ({"server_timezone": "Nowhere"}, ["server_timezone", "'Nowhere'"]),
        (
            {"server_timezone": "Europe/Zurich", "schedule": {"at": "2030-10-27T01:30:00Z"}},
            ["schedule.at", "comes twice"],
        ),
    ],
)
def test_a_time_that_the_server_s_clock_cannot_say(given: dict[str, Any], words: list[str]) -> None:
    at = {"at": "2030-01-01T00:00:00", "timezone": None, **given.get("schedule", {})}
    with pytest.raises(OptionError) as refused:
        VENDOR.desired(params(**{**given, "schedule": at}))
    assert all(word in str(refused.value) for word in words)
