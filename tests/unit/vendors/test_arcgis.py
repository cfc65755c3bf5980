# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ArcGIS: the wire, the normal form and the form that is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
import responses
from ansible_collections.taskbridge.vendors.plugins.module_utils import _convergence as convergence
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import Secrets
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import (
    AmbiguousMatchError,
    LoginError,
    OptionError,
    RequestError,
    TokenRefusedError,
    UnreachableStateError,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._quartz import parse_quartz
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.arcgis import (
    VENDOR,
    Portal,
    Timetable,
)

ROOT = "https://gis.example.com/portal/sharing/rest"
TASKS = f"{ROOT}/community/users/me/tasks"
WIRE: dict[str, Any] = {
    "id": "a" * 32,
    "itemId": "b" * 32,
    "type": "ExecuteNotebook",
    "title": "Nightly",
    "userId": "me",
    "cronSchedule": {"minute": "0,15,30,45", "hour": "*", "dayOfMonth": "?", "month": "*", "dayOfWeek": "*"},
    "maxOccurrences": 10,
    "parameters": {"notebookParameters": '{"region": "north"}', "saveInjectedParameters": True},
    "startDate": 1893456000000,
    "active": True,
    "taskState": "active",
}


def params(**given: Any) -> dict[str, Any]:
    """Return the options as AnsibleModule would, all others at their defaults."""
    options = {name: option.get("default") for name, option in VENDOR.task_spec.options.items()}
    return {**options, "url": "https://gis.example.com/portal", "token": "t0k", "owner": "me", **given}


def when(**given: Any) -> dict[str, Any]:
    return {"cron": None, "quartz": None, "start": None, "end": None, "max_runs": None, **given}


@pytest.fixture
def server() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def portal(**given: Any) -> Portal:
    options = params(**given)
    return VENDOR.serve(VENDOR.connect(options, read_only=False, secrets=Secrets()), options)


def listed(server: responses.RequestsMock, *tasks: dict[str, Any]) -> None:
    server.get(TASKS, json={"total": len(tasks), "start": 1, "nextStart": -1, "tasks": list(tasks)})


def only(server: responses.RequestsMock, **changes: Any) -> convergence.Task:
    wire = {**WIRE, **changes}
    listed(server, {name: value for name, value in wire.items() if value is not None})
    (task,) = portal().matches(VENDOR.desired(params(task_id=WIRE["id"])))
    return task


def sent(server: responses.RequestsMock, number: int = -1) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(str(server.calls[number].request.body)).items()}


def test_a_wire_task_in_normal_form(server: responses.RequestsMock) -> None:
    task = only(server)
    assert (task.id, task.name, task.state, task.enabled) == ("a" * 32, "Nightly", "scheduled", True)
    assert VENDOR.show(task.fields) == {
        "title": "Nightly",
        "type": "ExecuteNotebook",
        "item_id": "b" * 32,
        "parameters": WIRE["parameters"],
        "schedule": {"cron": "*/15 * * * *", "start": "2030-01-01T00:00:00+00:00", "max_runs": 10},
    }


@pytest.mark.parametrize(
    ("changes", "state", "enabled"),
    [
        ({"taskState": "paused", "active": False}, convergence.PAUSED, False),
        ({"taskState": "Disabled", "active": False}, convergence.PAUSED, False),
        ({"taskState": "completed", "active": False}, convergence.COMPLETED, False),
        ({"taskState": "failed", "active": False}, convergence.FAILED, False),
        ({"taskState": "new word", "active": True}, convergence.SCHEDULED, True),
        ({"taskState": None, "active": False}, convergence.UNKNOWN, False),
    ],
)
def test_states(server: responses.RequestsMock, changes: dict[str, Any], state: str, enabled: bool) -> None:
    task = only(server, **changes)
    assert (task.state, task.enabled) == (state, enabled)


@pytest.mark.parametrize(
    "changes",
    [
        {"startDate": None, "maxOccurrences": None, "parameters": None, "cronSchedule": None},
        {"startDate": 0, "maxOccurrences": 0, "parameters": "", "cronSchedule": "x"},
        {"startDate": "soon", "maxOccurrences": True, "parameters": None, "cronSchedule": None},
        {"startDate": 10**18, "maxOccurrences": -1, "parameters": None, "cronSchedule": None},
    ],
)
def test_what_a_task_lacks_is_left_out(server: responses.RequestsMock, changes: dict[str, Any]) -> None:
    assert set(only(server, **changes).fields) == {"title", "type", "item_id"}


def test_an_update_sends_the_full_form(server: responses.RequestsMock) -> None:
    task = only(server, endDate=1924992000000, taskURL="https://gp/1")
    server.post(f"{TASKS}/{task.id}/update", json={"success": True})
    portal().update(task, convergence.Plan(("update",), {"schedule.max_runs": 3}))
    form = sent(server)
    assert json.loads(form.pop("parameters")) == WIRE["parameters"]
    assert form == {
        "title": "Nightly",
        "type": "ExecuteNotebook",
        "itemId": "b" * 32,
        "taskURL": "https://gp/1",
        "taskUrl": "https://gp/1",
        "minute": "0,15,30,45",
        "hour": "*",
        "dayOfMonth": "?",
        "month": "*",
        "dayOfWeek": "*",
        "startDate": "1893456000000",
        "endDate": "1924992000000",
        "maxOccurrences": "3",
        "f": "json",
    }


def test_a_create_sends_what_is_declared_and_returns_the_id(server: responses.RequestsMock) -> None:
    server.post(f"{TASKS}/createTask", json={"success": True, "taskId": "c" * 32})
    declared = VENDOR.desired(
        params(
            title="N",
            type="ExecuteNotebook",
            item_id="i",
            schedule=when(cron="30 20 * * mon-fri", start="2030-01-01T08:00:00+08:00"),
        )
    )
    assert portal().create(declared) == "c" * 32
    assert sent(server) == {
        "title": "N",
        "type": "ExecuteNotebook",
        "itemId": "i",
        "minute": "30",
        "hour": "20",
        "dayOfMonth": "?",
        "month": "*",
        "dayOfWeek": "2-6",
        "startDate": "1893456000000",
        "f": "json",
    }


@pytest.mark.parametrize("answer", [{"success": False}, {"success": None}, {}, [], {"taskId": "c"}])
def test_a_create_needs_success_true(server: responses.RequestsMock, answer: Any) -> None:
    server.post(f"{TASKS}/createTask", json=answer)
    with pytest.raises(RequestError) as caught:
        portal().create(VENDOR.desired(params(title="N")))
    assert caught.value.unclear is not (answer == {"success": False})


@pytest.mark.parametrize("verb", ["delete", "enable", "disable"])
def test_verbs(server: responses.RequestsMock, verb: str) -> None:
    task = only(server)
    server.post(f"{TASKS}/{task.id}/{verb}", json={"success": True})
    portal().act(verb, task)
    assert sent(server) == {"f": "json"}
    assert server.calls[-1].request.headers["X-Esri-Authorization"] == "Bearer t0k"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (when(cron="61 * * * *"), ("schedule.cron", "minute", "0-59")),
        (when(cron="0 0 1 * mon"), ("schedule.cron", "both")),
        (when(quartz="0 0 * * *"), ("schedule.quartz", "?")),
        (when(start="2030-01-02", end="2030-01-01"), ("schedule.end", "schedule.start")),
        (when(start="2030-01-01", end="2030-01-01T00:00:00Z"), ("schedule.end", "not after")),
        (when(start="soon"), ("schedule.start", "ISO 8601")),
        (when(max_runs=0), ("schedule.max_runs", "less than 1")),
    ],
)
def test_a_schedule_is_refused_by_its_option(given: dict[str, Any], words: tuple[str, ...]) -> None:
    with pytest.raises(OptionError) as caught:
        VENDOR.desired(params(title="N", schedule=given))
    for word in words:
        assert word in str(caught.value)


def test_only_what_is_given_is_declared() -> None:
    declared = VENDOR.desired(params(title="N", schedule=when(end="2030-01-01"), enabled=False))
    assert declared.fields == {"title": "N", "schedule.end": datetime(2030, 1, 1, tzinfo=UTC)}
    assert (declared.name, declared.state, declared.enabled) == ("N", "present", False)


@pytest.mark.parametrize(
    ("wanted", "steps"),
    [
        ({"notebookParameters": {"region": "north"}}, ()),
        ({"notebookParameters": '{"region":"north"}'}, ()),
        ({"saveInjectedParameters": True}, ()),
        ({}, ()),
        ({"notebookParameters": {"region": "south"}}, ("update",)),
        ({"updatePortalItem": True}, ("update",)),
        ({"saveInjectedParameters": False}, ("update",)),
    ],
)
@pytest.mark.parametrize("text", [False, True])
def test_parameters_are_compared_as_data(
    server: responses.RequestsMock, wanted: dict[str, Any], steps: tuple[str, ...], text: bool
) -> None:
    has = json.dumps(WIRE["parameters"]) if text else WIRE["parameters"]
    declared = VENDOR.desired(params(title="Nightly", parameters=wanted))
    planned = convergence.plan(declared, only(server, parameters=has), VENDOR.capabilities)
    assert planned.steps == steps
    if steps:
        assert planned.fields["parameters"] == {**WIRE["parameters"], **wanted}


@pytest.mark.parametrize(
    ("given", "steps"),
    [
        ({"schedule": when(cron="*/15 * * * *")}, ()),
        ({"schedule": when(quartz="*/15 * * * ?")}, ()),
        ({"schedule": when(cron="*/20 * * * *")}, ("update",)),
        ({"schedule": when(start="2030-01-01T08:00:00+08:00", max_runs=10)}, ()),
        ({"schedule": when(max_runs=11)}, ("update",)),
        ({"task_url": "https://gp/1"}, ()),  # the server shows none, so it is not compared
    ],
)
def test_what_counts_as_a_change(
    server: responses.RequestsMock, given: dict[str, Any], steps: tuple[str, ...]
) -> None:
    declared = VENDOR.desired(params(title="Nightly", **given))
    assert convergence.plan(declared, only(server), VENDOR.capabilities).steps == steps


@pytest.mark.parametrize(
    ("lacking", "given"),
    [
        ("title", {"type": "ExecuteNotebook"}),
        ("type", {"title": "N"}),
        ("item_id", {"title": "N", "type": "ExecuteNotebook"}),
        ("task_url", {"title": "N", "type": "GPService", "item_id": "i"}),
        ("parameters", {"title": "N", "type": "ExecuteReport"}),
        ("schedule.cron", {"title": "N", "type": "ExecuteNotebook", "item_id": "i"}),
    ],
)
def test_what_a_create_needs(lacking: str, given: dict[str, Any]) -> None:
    with pytest.raises(UnreachableStateError) as caught:
        convergence.plan(VENDOR.desired(params(**given)), None, VENDOR.capabilities)
    assert str(caught.value).startswith(f"{lacking} is needed")


def test_matches_do_not_rely_on_the_servers_filters(server: responses.RequestsMock) -> None:
    others = [{**WIRE, "id": "2", "title": "Other"}, {**WIRE, "id": "3", "type": "ExecuteReport"}]
    listed(server, WIRE, *others, {**WIRE, "id": "4"})
    declared = VENDOR.desired(params(title="Nightly", type="ExecuteNotebook", item_id="b" * 32))
    matches = portal().matches(declared)
    assert [task.id for task in matches] == ["a" * 32, "4"]
    assert "itemId=" + "b" * 32 in str(server.calls[0].request.url)
    with pytest.raises(AmbiguousMatchError) as caught:
        VENDOR.choose(declared, matches)
    assert caught.value.failure()["candidates"] == ["a" * 32, "4"]


def test_all_pages_are_read(server: responses.RequestsMock) -> None:
    server.get(TASKS, json={"nextStart": 101, "tasks": [WIRE]})
    server.get(TASKS, json={"nextStart": -1, "tasks": [{**WIRE, "id": "2"}]})
    assert len(portal().matches(VENDOR.desired(params(title="Nightly")))) == 2
    assert "start=101" in str(server.calls[1].request.url)


@pytest.mark.parametrize(
    ("answer", "words", "code"),
    [
        (
            {"error": {"code": 400, "message": "Bad", "details": ["one", "two"]}},
            "'Bad one two' (code 400)",
            400,
        ),
        ({"error": {"code": 403, "message": "", "details": []}}, "an error without a text", 403),
        ({"error": {"message": "Bad", "details": None}}, "'Bad'", None),
        ({"success": False}, "success: false", None),
    ],
)
def test_an_error_comes_with_http_200(
    server: responses.RequestsMock, answer: Any, words: str, code: int | None
) -> None:
    server.get(TASKS, json=answer)
    with pytest.raises(RequestError) as caught:
        portal().matches(VENDOR.desired(params(title="Nightly")))
    assert words in str(caught.value)
    assert (caught.value.http_status, caught.value.vendor_code, caught.value.unclear) == (200, code, False)


@pytest.mark.parametrize("answer", [{}, [], {"tasks": None}, {"tasks": [{}]}, {"tasks": ["x"]}])
def test_an_undocumented_answer_is_refused(server: responses.RequestsMock, answer: Any) -> None:
    server.get(TASKS, json=answer)
    with pytest.raises(RequestError, match="not what ArcGIS documents"):
        portal().matches(VENDOR.desired(params(title="Nightly")))


@pytest.mark.parametrize("code", [498, 499])
def test_a_refused_token(server: responses.RequestsMock, code: int) -> None:
    server.get(TASKS, json={"error": {"code": code, "message": "Invalid token."}})
    with pytest.raises(TokenRefusedError):
        portal().matches(VENDOR.desired(params(title="Nightly")))


def test_a_login_is_bound_to_its_referer(server: responses.RequestsMock) -> None:
    server.post(f"{ROOT}/generateToken", json={"token": "fresh", "expires": 1})
    listed(server)
    secrets = Secrets()
    given = params(token=None, username="me", password="hidden", owner=None)
    client = VENDOR.connect(given, read_only=True, secrets=secrets)
    VENDOR.serve(client, given).matches(VENDOR.desired(params(title="N")))
    assert sent(server, 0)["referer"] == server.calls[1].request.headers["Referer"] == ROOT
    assert server.calls[1].request.headers["X-Esri-Authorization"] == "Bearer fresh"
    assert secrets.mask("fresh hidden") == "******** ********"


def test_an_application_logs_in_with_its_secret(server: responses.RequestsMock) -> None:
    server.post(f"{ROOT}/oauth2/token", json={"access_token": "app"})
    listed(server)
    portal(token=None, client_id="id", client_secret="hidden").matches(VENDOR.desired(params(title="N")))
    assert sent(server, 0)["grant_type"] == "client_credentials"
    assert server.calls[1].request.headers["X-Esri-Authorization"] == "Bearer app"


def test_a_refused_login_says_so(server: responses.RequestsMock) -> None:
    server.post(f"{ROOT}/generateToken", json={"error": {"code": 400, "message": "Invalid username."}})
    with pytest.raises(LoginError, match="Could not log in as 'me'"):
        portal(token=None, username="me", password="p").matches(VENDOR.desired(params(title="N")))


def test_the_owner_is_asked_for_or_needed(server: responses.RequestsMock) -> None:
    server.get(f"{ROOT}/portals/self", json={"user": {"username": "me"}})
    listed(server)
    assert portal(owner=None).matches(VENDOR.desired(params(title="N"))) == []
    server.replace("GET", f"{ROOT}/portals/self", json={"id": "0123"})
    with pytest.raises(OptionError, match=r"^owner: "):
        portal(owner=None).matches(VENDOR.desired(params(title="N")))


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 5),
        ({"maxOccurrences": 2}, 2),
        ({"active": False, "taskState": "paused"}, 0),
        ({"active": True, "taskState": "completed"}, 0),
        ({"endDate": 1}, 0),
        (
            {
                "cronSchedule": {**WIRE["cronSchedule"], "dayOfMonth": "LW", "dayOfWeek": "?"},
                "nextStart": 5000,
            },
            1,
        ),
        ({"cronSchedule": {**WIRE["cronSchedule"], "dayOfMonth": "LW", "dayOfWeek": "?"}}, 0),
    ],
)
def test_next_runs(server: responses.RequestsMock, changes: dict[str, Any], count: int) -> None:
    described = VENDOR.describe(only(server, **changes), portal())
    assert len(described["next_runs"]) == count
    assert described["owner"] == "me"
    assert described["url"] == f"https://gis.example.com/portal/home/item.html?id={'b' * 32}"


def test_a_form_that_only_quartz_can_say_is_shown_as_quartz() -> None:
    special = Timetable(parse_quartz("0 0 L * ?", "schedule.quartz"), UTC)
    assert VENDOR.show({"schedule.cron": special}) == {"schedule": {"quartz": "0 0 L * ?"}}


def test_a_schedule_is_shown_in_its_zone_and_as_the_portal_has_it(server: responses.RequestsMock) -> None:
    zone = {"cron": "0 9 * * mon-fri", "timezone": "Asia/Kolkata", "start": "2030-01-01T00:00:00"}
    desired = VENDOR.desired(params(schedule=zone))
    assert desired.fields["schedule.start"] == datetime(2029, 12, 31, 18, 30, tzinfo=UTC)
    shown = VENDOR.show(desired.fields)
    assert shown["quartz"] == "30 3 ? * 2-6"
    assert shown["schedule"] == {
        "cron": "0 9 * * 1-5",
        "timezone": "Asia/Kolkata",
        "start": "2030-01-01T00:00:00+05:30",
    }
    task = convergence.Task("1", "t", "scheduled", True, desired.fields, {})
    described = VENDOR.describe(task, portal())
    assert described["valid_until"] is None
    assert described["next_runs"][0] == "2030-01-01T09:00:00+05:30"
    assert VENDOR.warnings(desired, None) == []


@pytest.mark.parametrize(
    ("more", "warns"),
    [({}, True), ({"cron": "5 * * * *"}, False), ({"end": "2099-01-02"}, True), ({"max_runs": 1}, False)],
)
def test_a_zone_that_sets_its_clocks_is_warned_of(more: dict[str, Any], warns: bool) -> None:
    given = {"cron": "30 2 * * *", "timezone": "Europe/Zurich", **more}
    warned = VENDOR.warnings(VENDOR.desired(params(schedule=given)), None)
    assert bool(warned) is warns
    if warned:
        assert "Europe/Zurich" in warned[0]
        assert "Run this again then." in warned[0]


@pytest.mark.parametrize(
    ("cron", "zone", "words"),
    [
        ("0 0,12 * * mon", "Africa/Lagos", ["(0 23 ? * 1; 0 11 ? * 2)", "0 1,13 * * 1"]),
        ("0 0 29 * *", "Africa/Lagos", ["leap years", "choose 0 1 29 * *"]),
        ("0,30 9 * * *", "Asia/Kolkata", ["minutes of its hours apart", "schedule.split to have 2 tasks"]),
        ("0 9 1 * mon", "UTC", ["both the day of month and the day of week", "several tasks"]),
    ],
)
def test_what_one_expression_cannot_say_is_refused_with_the_ways_out(
    cron: str, zone: str, words: list[str]
) -> None:
    with pytest.raises(OptionError) as refused:
        VENDOR.desired(params(schedule={"cron": cron, "timezone": zone}))
    for word in ("schedule.cron", cron, zone, *words):
        assert word in str(refused.value)


@pytest.mark.parametrize("status", [200, 503])
def test_a_server_in_trouble_says_so_in_its_envelope(server: responses.RequestsMock, status: int) -> None:
    """With HTTP 200 too, reading may be tried again, and what a write did is not known."""
    trouble = {"error": {"code": 503, "message": "Service unavailable.", "details": []}}
    options = params(retries=0)
    mine = VENDOR.serve(VENDOR.connect(options, read_only=False, secrets=Secrets()), options)
    server.get(f"{TASKS}/t/runs", json=trouble, status=status)
    with pytest.raises(RequestError) as reading:
        mine.run_objects("t", "Nightly")
    assert (reading.value.retryable, reading.value.unclear) == (True, False)
    server.post(f"{TASKS}/t/delete", json=trouble, status=status)
    with pytest.raises(RequestError) as writing:
        mine.act("delete", convergence.Task("t", "Nightly", "", True, {}, {}))
    assert (writing.value.retryable, writing.value.unclear) == (False, True)


@pytest.mark.parametrize("answer", [[], {}, {"runs": None}, {"runs": [{}]}, {"runs": ["x"]}])
def test_a_list_of_runs_that_is_none(server: responses.RequestsMock, answer: Any) -> None:
    server.get(f"{TASKS}/t/runs", json=answer)
    with pytest.raises(RequestError, match="list the runs of task 'Nightly'"):
        portal().run_objects("t", "Nightly")
