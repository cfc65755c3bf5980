# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArts PerfTest: the wire in all its shapes, and what is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import responses
from ansible_collections.taskbridge.vendors.plugins.module_utils import _convergence as convergence
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import (
    RefusalError,
    Reply,
    Request,
    Secrets,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import (
    AbsentError,
    AmbiguousMatchError,
    LoginError,
    OptionError,
    RequestError,
    TokenRefusedError,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.cpts import (
    VENDOR,
    PerfTest,
    _aligned,
    _Pages,
    _read_reply,
    _task,
)
from hypothesis import given
from hypothesis import strategies as st

PROJECT = "0123456789abcdef0123456789abcdef"
HOST = "https://cpts.cn-north-4.myhuaweicloud.com"
IAM = "https://iam.cn-north-4.myhuaweicloud.com"
V1, V3 = f"{HOST}/v1/{PROJECT}", f"{HOST}/v3/{PROJECT}"
GOOD = {"code": "SVCSTG.CPTS.0000000", "message": "success"}
USER: dict[str, Any] = {"token": None, "username": "me", "password": "hidden", "domain": "acct"}
REQUEST = Request("read a task", "GET", "https://server.example.com")


def params(**given: Any) -> dict[str, Any]:
    """Return the options as AnsibleModule would, all others at their defaults."""
    options = {name: option.get("default") for name, option in VENDOR.task_spec.options.items()}
    login = {"region": "cn-north-4", "project_id": PROJECT, "token": "t0k"}
    return {**options, **login, "name": "job", "test_suite": 5, **given}


def perftest(secrets: Secrets | None = None, **given: Any) -> PerfTest:
    options = params(**given)
    return VENDOR.serve(VENDOR.connect(options, read_only=False, secrets=secrets or Secrets()), options)


def wire(**changes: Any) -> dict[str, Any]:
    return {
        "id": 7,
        "name": "job",
        "project_id": 5,
        "parallel": False,
        "run_status": 2,
        "test_cases": [{"id": 2, "name": "two"}, {"id": 1, "name": "one"}],
        **changes,
    }


@pytest.fixture
def server() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def serve(
    server: responses.RequestsMock, info: Mapping[str, Any] | None = None, cases: tuple[int, ...] = (2, 1)
) -> None:
    """Answer the calls that show task 7 of suite 5."""
    told = {"name": "job", "project_id": 5, "parallel": False, "run_status": 2, **(info or {})}
    server.get(f"{V1}/tasks/7", json={**GOOD, "taskInfo": told})
    listed = [{"id": number, "name": f"case {number}", "type": 2} for number in cases]
    server.get(f"{V1}/test-suites/5/tasks/7/test-cases", json={**GOOD, "test_cases": listed})
    server.get(f"{V1}/test-suites/5/directory", json={**GOOD, "directory": listed})
    server.get(f"{V1}/all-tasks/5", json={**GOOD, "extend": [], "tasks": [{"id": 7, "name": "job"}]})


# From the wire


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({"run_status": 9}, convergence.SCHEDULED),
        ({"run_status": 0}, convergence.RUNNING),
        ({"run_status": 1}, convergence.PAUSED),
        ({"run_status": 2}, convergence.IDLE),
        ({"run_status": 2.0}, convergence.IDLE),
        ({"run_status": 3}, convergence.FAILED),
        ({"run_status": 4}, convergence.STOPPED),
        ({"run_status": 5}, "stopping"),
        ({"run_status": 6}, convergence.UNKNOWN),
        ({"run_status": None}, convergence.UNKNOWN),
        ({"run_status": False}, convergence.UNKNOWN),
        ({"task_run_info": {"id": 48105}}, convergence.COMPLETED),
        ({"task_run_info": {"id": 0}}, convergence.IDLE),
        ({"task_run_info": None}, convergence.IDLE),
        ({"related_temp_running_data": [{"task_run_info_id": 1}]}, convergence.COMPLETED),
        ({"run": None, "task_run_info": {"id": 48105}}, convergence.IDLE),
        ({"run": {"run_id": 48105.0}}, convergence.COMPLETED),
    ],
)
def test_a_status_in_words(told: dict[str, Any], state: str) -> None:
    task = _task(REQUEST, wire(**told))
    assert (task.id, task.name, task.state, task.enabled) == ("7", "job", state, None)
    assert bool(task.error) is (state == convergence.FAILED)


def test_a_wire_task_in_normal_form() -> None:
    task = _task(REQUEST, wire(parallel=None, enable_full_link=True))
    assert VENDOR.show(task.fields) == {
        "name": "job",
        "test_suite": 5,
        "cases": [2, 1],
        "parallel": False,
        "full_link": True,
    }
    run = {"run_id": 48105.0, "start_time": "2030-01-01T00:00:00+08:00", "end_time": None}
    described = VENDOR.describe(_task(REQUEST, wire(run=run)), perftest())
    assert described["case_names"] == ["two", "one"]
    assert (described["run_id"], described["started"], described["ended"]) == (
        "48105",
        run["start_time"],
        None,
    )


# Replies


@pytest.mark.parametrize(
    ("status", "body", "absent", "token_refused"),
    [
        (403, {"code": "SVCSTG.CPTS.4032002", "message": "x"}, True, False),
        (403, {"code": "CPTS.4032002", "message": "x"}, True, False),
        (404, {"code": "SVCSTG.CPTS.4040001", "message": "x"}, True, False),
        (404, {"error_code": "APIGW.0101", "error_msg": "x"}, False, False),
        (404, {"error_code": "APIG.0101", "error_msg": "x"}, False, False),
        (400, {"code": "SVCSTG.CPTS.4032002", "message": "x"}, False, False),
        (403, {"code": "SVCSTG.CPTS.4031009", "message": "x"}, False, False),
        (403, {"code": "SVCSTG.CPTS.14032002", "message": "x"}, False, False),
        (401, {"error_code": "APIGW.0301", "error_msg": "x"}, False, True),
        (403, {"error_code": "APIGW.0302", "error_msg": "x"}, False, False),
        (401, {"error_code": "APIGW.0305", "error_msg": "x"}, False, True),
        (403, {"error_code": "APIG.0306", "error_msg": "x"}, False, False),
        (401, {"error_code": "APIG.0307", "error_msg": "x"}, False, True),
        (401, {"error": {"code": 401, "message": "x", "title": "Unauthorized"}}, False, True),
        (200, {"code": "SVCSTG.CPTS.5001", "message": "x"}, False, False),
        (200, {"code": "CPTS.04006025", "message": "x"}, False, False),
    ],
)
def test_a_refusal(status: int, body: Any, absent: bool, token_refused: bool) -> None:
    with pytest.raises(RefusalError) as caught:
        _read_reply(Reply(status, body, json.dumps(body)))
    refusal = caught.value
    assert (refusal.text, refusal.absent, refusal.token_refused) == ("x", absent, token_refused)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, GOOD),
        (200, {"code": "CPTS.00000000", "projects": []}),
        (200, {"projects": []}),
        (204, None),
        (404, None),
        (403, "<html>"),
        (501, ""),
        (500, {"code": "CPTS.05001001", "message": "unknown error"}),
        (429, {"error_code": "APIGW.0308", "error_msg": "throttled"}),
    ],
)
def test_what_is_no_refusal_is_left_to_the_client(status: int, body: Any) -> None:
    assert _read_reply(Reply(status, body, "")) is body


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (404, "<html>not here</html>", RequestError),
        (403, "", RequestError),
        (403, {"code": "SVCSTG.CPTS.4031009", "message": "open it first"}, RequestError),
        (401, {"error_code": "APIGW.0301", "error_msg": "signature"}, TokenRefusedError),
        (200, {**GOOD}, RequestError),
        (200, {**GOOD, "tasks": "none"}, RequestError),
        (200, {**GOOD, "tasks": [{"name": "job"}]}, RequestError),
        (200, {**GOOD, "tasks": [7]}, RequestError),
        (200, [], RequestError),
    ],
)
def test_nothing_else_is_taken_for_absent(
    server: responses.RequestsMock, status: int, answer: Any, error: type[RequestError]
) -> None:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    server.get(f"{V1}/all-tasks/5", body=text, status=status)
    server.get(f"{V1}/tasks/7", body=text, status=status)
    for declared in (params(state="absent"), params(state="absent", task_id="7")):
        service = perftest(state="absent", retries=0)
        with pytest.raises(RequestError) as caught:
            service.matches(service.resolve(VENDOR.desired(declared)))
        assert caught.value.__class__ is error
        assert not isinstance(caught.value, AbsentError)


def test_null_is_an_empty_list(server: responses.RequestsMock) -> None:
    server.get(f"{V1}/all-tasks/5", json={**GOOD, "tasks": None})
    assert perftest().matches(VENDOR.desired(params())) == []


# Pages


@given(
    total=st.integers(0, 130),
    cap=st.integers(10, 60),
    by_page=st.booleans(),
    ignores_offset=st.booleans(),
)
def test_a_list_is_read_to_its_end_however_the_server_counts(
    total: int, cap: int, by_page: bool, ignores_offset: bool
) -> None:
    """Each row is there once; a server that ignores the offset shows its first page and no more."""
    pages, query, rows, calls = _Pages(REQUEST, "tasks"), {"offset": 0}, [], 0
    following: dict[str, int] | None = query
    while following is not None:
        offset = 0 if ignores_offset else following["offset"]
        start = offset * cap if by_page else offset
        page = {"tasks": [{"id": number} for number in range(start, min(start + cap, total))]}
        rows += [row["id"] for row in pages.fresh(page)]
        following = pages.follow(page)
        calls += 1
        assert calls <= total // cap + 3
    assert rows == list(range(min(total, cap) if ignores_offset else total))
    if total < 10:
        assert calls == 1


# Names


@pytest.mark.parametrize(
    ("suite", "found"),
    [
        (5, 5),
        ("shop", 6),
        ("5", 7),
        ("8", 8),
        ("twin", AmbiguousMatchError),
        ("Shop", OptionError),
        ("²", OptionError),
    ],
)
def test_a_suite_is_named_or_numbered(server: responses.RequestsMock, suite: Any, found: Any) -> None:
    names = {6: "shop", 7: "5", 9: "twin", 10: "twin"}
    rows = [{"id": number, "name": name} for number, name in names.items()]
    server.get(f"{V1}/test-suites", json={"code": "CPTS.00000000", "projects": rows})
    declared = VENDOR.desired(params(test_suite=suite))
    if isinstance(found, int):
        assert perftest().resolve(declared).fields["test_suite"] == found
        return
    with pytest.raises(found, match="test_suite"):
        perftest().resolve(declared)


@pytest.mark.parametrize(
    ("case", "found"),
    [
        (3, 3),
        ("one", 1),
        ("7", 2),
        ("8", 8),
        ("twin", AmbiguousMatchError),
        ("folder", OptionError),
        ("deleted", OptionError),
    ],
)
def test_a_case_is_named_or_numbered(server: responses.RequestsMock, case: Any, found: Any) -> None:
    nodes = [
        {"id": 1, "name": "one", "type": 2, "status": 1},
        {"id": 2, "name": "7", "type": 2, "status": 2},
        {"id": 3, "name": "twin", "type": 2, "status": 1},
        {"id": 4, "name": "twin", "type": 2, "status": 1},
        {"id": 5, "name": "folder", "type": 1},
        {"id": 6, "name": "deleted", "type": 2, "status": 0},
    ]
    server.get(f"{V1}/test-suites/5/directory", json={**GOOD, "directory": nodes})
    declared = VENDOR.desired(params(cases=[case]))
    if isinstance(found, int):
        assert perftest().resolve(declared).fields["cases"] == [found]
        return
    with pytest.raises(found, match="cases"):
        perftest().resolve(declared)


@pytest.mark.parametrize("shown", [True, False])
def test_a_task_id_tells_the_suite_of_the_cases(server: responses.RequestsMock, shown: bool) -> None:
    """Where the v1 call does not show the task, the lists are searched; it is looked up once."""
    serve(server)
    server.get(f"{V1}/test-suites", json={**GOOD, "projects": [{"id": 4}, {"id": 5}]})
    server.get(f"{V1}/all-tasks/4", json={**GOOD, "tasks": []})
    missing = {"code": "SVCSTG.CPTS.4032002", "message": "x"}
    if not shown:
        server.replace("GET", f"{V1}/tasks/7", json=missing, status=403)
    service = perftest()
    declared = service.resolve(VENDOR.desired(params(test_suite=None, task_id="7", cases=["case 1"])))
    assert declared.fields["cases"] == [1]
    (task,) = service.matches(declared)
    assert (task.fields["test_suite"], task.fields["cases"]) == (5, [2, 1])
    paths = [str(call.request.path_url) for call in server.calls]
    assert len([path for path in paths if path.endswith("/test-cases")]) == 1


def test_a_task_id_of_nothing_is_no_error_yet(server: responses.RequestsMock) -> None:
    missing = {"code": "SVCSTG.CPTS.4032002", "message": "x"}
    server.get(f"{V1}/tasks/7", json=missing, status=403)
    server.get(f"{V1}/test-suites", json={**GOOD, "projects": []})
    service = perftest()
    declared = service.resolve(VENDOR.desired(params(test_suite=None, task_id="7", cases=["one"])))
    assert service.matches(declared) == []


def test_what_is_deleted_needs_no_cases(server: responses.RequestsMock) -> None:
    declared = VENDOR.desired(params(state="absent", cases=["nowhere"]))
    assert perftest(state="absent").resolve(declared).fields["cases"] == ["nowhere"]
    assert len(server.calls) == 0


# Order of the cases

IDS = st.lists(st.integers(1, 9), max_size=6)


@given(IDS, IDS, st.booleans(), st.sampled_from([None, True, False]))
def test_the_order_counts_only_one_after_the_other(
    wanted: list[int], existing: list[int], runs_parallel: bool, declared: bool | None
) -> None:
    fields: dict[str, Any] = {"name": "job", "test_suite": 5, "cases": wanted}
    if declared is not None:
        fields["parallel"] = declared
    desired = convergence.Desired("job", "present", fields)
    task = _task(REQUEST, wire(parallel=runs_parallel, test_cases=[{"id": case} for case in existing]))
    planned = convergence.plan(desired, _aligned(task, desired), VENDOR.capabilities)
    parallel_after = runs_parallel if declared is None else declared
    same = sorted(wanted) == sorted(existing) if parallel_after else wanted == existing
    assert ("cases" in planned.fields) is not same


# To the wire


def test_a_create_sends_what_is_declared(server: responses.RequestsMock) -> None:
    server.post(f"{V3}/tasks", json={**GOOD, "task_id": 7}, status=201)
    declared = VENDOR.desired(params(cases=[2, 1], parallel=True, full_link=False))
    assert perftest().create(declared) == "7"
    assert json.loads(server.calls[0].request.body or "") == {
        "name": "job",
        "parallel": True,
        "project_id": 5,
        "operate_mode": 2,
        "case_id_list": [2, 1],
        "enable_full_link": False,
    }
    assert server.calls[0].request.headers["X-Auth-Token"] == "t0k"
    assert server.calls[0].request.headers["X-Project-Id"] == PROJECT


def test_an_update_replaces_the_whole_task(server: responses.RequestsMock) -> None:
    server.put(f"{V3}/tasks/7", json={**GOOD, "taskInfo": {}})
    planned = convergence.Plan(("update",), {"name": "new"})
    perftest().update(_task(REQUEST, wire(enable_full_link=True)), planned)
    assert json.loads(server.calls[0].request.body or "") == {
        "name": "new",
        "parallel": False,
        "project_id": 5,
        "operate_mode": 2,
        "case_id_list": [2, 1],
    }


@pytest.mark.parametrize(("kind", "version"), [(0, "v1"), (1, "v3"), (None, "v3"), (5, "v3")])
def test_a_delete_goes_to_the_version_of_the_task(
    server: responses.RequestsMock, kind: int | None, version: str
) -> None:
    server.delete(f"{HOST}/{version}/{PROJECT}/tasks/7", status=204)
    perftest().act("delete", _task(REQUEST, wire(task_run_info={"run_type": kind})))
    assert len(server.calls) == 1


@pytest.mark.parametrize("answer", [{}, {"result": None}, {"result": [{"task_id": 8, "task_run_id": 1}]}])
def test_a_start_without_a_run_is_unclear(server: responses.RequestsMock, answer: Any) -> None:
    server.post(f"{V1}/test-suites/5/tasks/batch-update-task-status", json={**GOOD, **answer})
    with pytest.raises(RequestError) as caught:
        perftest(state="started").act("start", _task(REQUEST, wire()))
    assert caught.value.unclear


@pytest.mark.parametrize(
    ("status", "log", "state"),
    [
        (2, [], convergence.SCHEDULED),
        (2, [{"run_id": 1.0, "end_time": "x"}], convergence.SCHEDULED),
        (3, [{"run_id": 2.0, "end_time": None}], convergence.SCHEDULED),
        (2, [{"run_id": 1.0, "end_time": "x"}, {"run_id": 2.0, "end_time": "y"}], convergence.COMPLETED),
        (3, [{"run_id": 2.0, "end_time": "y"}], convergence.FAILED),
        (0, [], convergence.RUNNING),
        (None, [{"run_id": 2.0, "end_time": "y"}], convergence.COMPLETED),
    ],
)
def test_an_old_status_is_not_the_end_of_a_new_run(
    server: responses.RequestsMock, status: int | None, log: list[dict[str, Any]], state: str
) -> None:
    serve(server, {"run_status": status})
    server.get(f"{V1}/tasks/history-run-list/7", json={**GOOD, "log_list": log})
    server.post(
        f"{V1}/test-suites/5/tasks/batch-update-task-status",
        json={**GOOD, "result": [{"task_id": 7, "task_run_id": 2}]},
    )
    service = perftest(state="started")
    task = _task(REQUEST, wire())
    service.act("start", task)
    seen = service.get(task)
    assert seen.state == state
    assert VENDOR.describe(seen, service)["run_id"] == "2"


def test_a_run_that_was_seen_needs_no_record(server: responses.RequestsMock) -> None:
    serve(server, {"run_status": 0})
    server.get(f"{V1}/tasks/history-run-list/7", json={**GOOD, "log_list": []})
    server.post(
        f"{V1}/test-suites/5/tasks/batch-update-task-status",
        json={**GOOD, "result": [{"task_id": 7.0, "task_run_id": 2.0}]},
    )
    service = perftest(state="started")
    task = _task(REQUEST, wire())
    service.act("start", task)
    assert service.get(task).state == convergence.RUNNING
    server.replace("GET", f"{V1}/tasks/7", json={**GOOD, "taskInfo": {"name": "job", "run_status": 2}})
    assert service.get(task).state == convergence.COMPLETED


# Controls


@pytest.mark.parametrize(
    ("wanted", "rerun", "status", "ran", "steps"),
    [
        ("started", "never", 2, False, ("start",)),
        ("started", "never", 2, True, ()),
        ("started", "always", 2, True, ("start",)),
        ("started", "on_failure", 2, True, ()),
        ("started", "on_failure", 3, True, ("start",)),
        ("started", "never", 3, True, ()),
        ("started", "never", 4, True, ()),
        ("started", "always", 4, True, ("start",)),
        ("started", "always", 0, True, ()),
        ("started", "always", 9, True, ()),
        ("stopped", "never", 0, True, ("stop",)),
        ("stopped", "never", 9, True, ("stop",)),
        ("stopped", "never", 1, True, ("stop",)),
        ("stopped", "never", 2, False, ()),
        ("stopped", "never", 3, True, ()),
        ("stopped", "never", 4, True, ()),
        ("stopped", "never", 5, True, ()),
    ],
)
def test_controls(wanted: str, rerun: str, status: int, ran: bool, steps: tuple[str, ...]) -> None:
    task = _task(REQUEST, wire(run_status=status, run={"run_id": 1.0} if ran else None))
    desired = convergence.Desired("job", wanted, {"name": "job", "test_suite": 5}, rerun=rerun)
    assert convergence.plan(desired, task, VENDOR.capabilities).steps == steps


# Logins


def test_a_login_asks_for_a_token_of_the_project(server: responses.RequestsMock) -> None:
    server.post(
        f"{IAM}/v3/auth/tokens",
        json={"token": {"project": {"id": PROJECT}}},
        status=201,
        headers={"X-Subject-Token": "fresh-token"},
    )
    server.get(f"{V1}/all-tasks/5", json={**GOOD, "tasks": []})
    secrets = Secrets()
    service = perftest(secrets=secrets, project_id=None, **USER)
    assert service.matches(VENDOR.desired(params())) == []
    login, listing = (call.request for call in server.calls)
    auth = json.loads(login.body or "")["auth"]
    assert auth["scope"] == {"project": {"name": "cn-north-4"}}
    assert auth["identity"]["password"]["user"]["domain"] == {"name": "acct"}
    assert "X-Auth-Token" not in login.headers
    assert listing.headers["X-Auth-Token"] == "fresh-token"
    assert secrets.mask("hidden fresh-token") == "******** ********"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"error": {"code": 401, "message": "The username or password is wrong."}}, LoginError),
        (201, {"token": {}}, RequestError),
    ],
)
def test_a_login_that_fails_says_so(
    server: responses.RequestsMock, status: int, body: Any, error: type[RequestError]
) -> None:
    server.post(f"{IAM}/v3/auth/tokens", json=body, status=status)
    with pytest.raises(error, match="Could not log in as 'me'"):
        perftest(**USER).matches(VENDOR.desired(params()))


def test_signatures_are_secrets(server: responses.RequestsMock) -> None:
    server.get(f"{V1}/all-tasks/5", json={**GOOD, "tasks": []})
    secrets = Secrets()
    keys = {"access_key": "AK", "secret_key": "hidden-key", "security_token": "hidden-token"}
    perftest(secrets, token=None, **keys).matches(VENDOR.desired(params()))
    header = server.calls[0].request.headers["Authorization"]
    names = "host;x-project-id;x-sdk-date;x-security-token"
    assert header.startswith(f"SDK-HMAC-SHA256 Access=AK, SignedHeaders={names}, Signature=")
    assert secrets.mask(header).endswith("Signature=********")
    assert secrets.mask("hidden-key hidden-token") == "******** ********"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([{"id": "p1", "name": "cn-north-4"}], "p1"),
        ([{"id": "p1", "name": "cn-north-4"}, {"id": "p2", "name": "other"}], "p1"),
        ([{"id": "p1", "name": "cn-north-4"}, {"id": "p2", "name": "cn-north-4"}], None),
        ([], None),
    ],
)
def test_the_project_is_looked_up_and_not_guessed(
    server: responses.RequestsMock, rows: list[dict[str, str]], found: str | None
) -> None:
    server.get(f"{IAM}/v3/projects", json={"projects": rows})
    server.get(f"{HOST}/v1/p1/all-tasks/5", json={**GOOD, "tasks": []})
    service = perftest(project_id=None)
    if found is None:
        with pytest.raises(OptionError, match=r"^region: .*Set project_id"):
            service.matches(VENDOR.desired(params()))
        return
    assert service.matches(VENDOR.desired(params())) == []


@pytest.mark.parametrize(
    ("given", "url", "option"),
    [
        ({}, HOST, None),
        ({"url": "https://h/"}, "https://h", None),
        ({"region": None}, None, "region"),
        ({"region": None, "url": "https://h"}, "https://h", None),
        ({"region": None, "url": "https://h", "project_id": None}, None, "region"),
        ({"region": "a/b"}, None, "region"),
        ({"identity_url": "nowhere"}, None, "identity_url"),
        ({**USER, "domain": None}, None, "domain"),
        ({**USER, "region": None, "url": "https://h"}, None, "region"),
    ],
)
def test_addresses(given: dict[str, Any], url: str | None, option: str | None) -> None:
    if option is not None:
        with pytest.raises(OptionError, match=f"^{option}: "):
            perftest(**given)
        return
    assert perftest(**given).client.connection.url == url


def test_the_version_at_the_end_of_the_identity_url_is_left_out(server: responses.RequestsMock) -> None:
    server.get("https://iam.example.com/v3/projects", json={"projects": [{"id": "p", "name": "cn-north-4"}]})
    server.get(f"{HOST}/v1/p/all-tasks/5", json={**GOOD, "tasks": []})
    service = perftest(project_id=None, identity_url="https://iam.example.com/v3/")
    assert service.matches(VENDOR.desired(params())) == []


# Declarations


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"name": " "}, "name"),
        ({"test_suite": None}, "test_suite"),
        ({"test_suite": True}, "test_suite"),
        ({"test_suite": -1}, "test_suite"),
        ({"test_suite": 1.5}, "test_suite"),
        ({"cases": ["a", ""]}, "cases"),
        ({"cases": [None]}, "cases"),
        ({"task_id": "x"}, "task_id"),
        ({"task_id": "1/2"}, "task_id"),
        ({"task_id": "007"}, "task_id"),
        ({"wait": True}, "wait"),
        ({"rerun": "always"}, "rerun"),
    ],
)
def test_a_declaration_is_refused(given: dict[str, Any], option: str) -> None:
    with pytest.raises(OptionError, match=f"^{option}: "):
        VENDOR.desired(params(**given))


@pytest.mark.parametrize(
    ("wanted", "shown", "state", "warns"),
    [
        (True, None, "present", True),
        (True, None, "started", True),
        (True, None, "absent", False),
        (True, True, "present", False),
        (None, None, "present", False),
    ],
)
def test_an_unseen_option_is_warned_about(
    wanted: bool | None, shown: bool | None, state: str, warns: bool
) -> None:
    desired = VENDOR.desired(params(full_link=wanted, state=state))
    task = _task(REQUEST, wire(enable_full_link=shown))
    assert bool(VENDOR.warnings(desired, task)) is warns
    assert VENDOR.warnings(desired, None) == []
