# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CodeArts PerfTest: signatures, tokens, envelopes, tasks, runs and switches."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from emulator import sdk_hmac
from emulator.launch import RunningEmulator
from unit.emulator.clients import PerfTest

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "sdk-hmac-sha256.json").read_text("utf-8"))
MISSING = (403, "SVCSTG.CPTS.4032002")
INVALID = (400, "SVCSTG.CPTS.4000001")
SUITE = "/v1/{}/test-suites/393862"


# Who may ask


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_verifier_agrees_with_the_vendors_signer(vector: dict[str, Any]) -> None:
    """Canonical request and signature are those of the vendor's own client."""
    signature = sdk_hmac.parse(vector["authorization"])
    assert signature is not None
    parts = urlsplit(vector["url"])
    headers = {name.lower(): value for name, value in vector["headers_on_wire"].items()}
    body = (vector["body"] or "").encode()
    canonical = sdk_hmac.canonical_request(
        vector["method"], parts.path, parts.query, headers, signature.signed_headers, body
    )
    assert canonical == vector["canonical_request"]
    assert sdk_hmac.sign(canonical, vector["x_sdk_date"], vector["sk"]) == signature.value


def test_signed_requests(perf: PerfTest) -> None:
    """The client chooses what to sign; the date has to be among it, and the key has to exist."""
    path = "/v1/{}/test-suites?limit=1&offset=0"
    assert perf.signed(path).status_code == 200
    assert perf.signed("/v1/{}/test-suites?offset=0&limit=%31").status_code == 200
    assert perf.signed(path, signed=("x-sdk-date",), extra={"X-Project-Id": perf.project}).status_code == 200
    wrong = perf.signed(path, secret="x" * 40)
    assert wrong.status_code == 401
    assert wrong.headers["x-request-id"] == wrong.json()["request_id"]
    assert wrong.json()["error_code"] == "APIGW.0301"
    assert f"canonicalRequest:GET|/v1/{perf.project}/test-suites/|limit=1&offset=0|host:" in wrong.text
    assert "ak HWNOBODY not exist" in perf.signed(path, key="HWNOBODY").text
    assert perf.signed(path, signed=("host",)).status_code == 401
    body = json.dumps({"name": "suite"}).encode() + b"\n"
    made = perf.signed("/v1/{}/test-suites", method="POST", body=body)
    assert made.json()["project_id"] == 393863


def test_old_signatures(perf: PerfTest, emulator: RunningEmulator) -> None:
    """A quarter of an hour is allowed, whatever the emulated clock says."""
    emulator.advance(86400)
    for minutes, status in ((14, 200), (-14, 200), (16, 401), (-16, 401)):
        date = (datetime.now(UTC) - timedelta(minutes=minutes)).strftime("%Y%m%dT%H%M%SZ")
        assert perf.signed("/v1/{}/test-suites", date=date).status_code == status
    emulator.switch("cpts", clock_skew_seconds=1000)
    assert perf.signed("/v1/{}/test-suites").status_code == 401


def test_temporary_keys(perf: PerfTest) -> None:
    """Temporary keys go with their token, signed or not, and permanent ones without."""
    keys = perf.account["temporary"]
    who = {"key": keys["access_key"], "secret": keys["secret_key"]}
    extra = {"X-Security-Token": keys["security_token"]}
    assert perf.signed("/v1/{}/test-suites", **who, extra=extra).status_code == 200
    names = ("host", "x-sdk-date", "x-security-token")
    assert perf.signed("/v1/{}/test-suites", **who, extra=extra, signed=names).status_code == 200
    assert perf.signed("/v1/{}/test-suites", **who).status_code == 401
    assert perf.signed("/v1/{}/test-suites", extra=extra).status_code == 401


def login(perf: PerfTest, scope: dict[str, str], **user: str) -> Any:
    who = {"name": perf.account["username"], "password": perf.account["password"], **user}
    identity = {"methods": ["password"]}
    identity["password"] = {"user": {**who, "domain": {"name": perf.account["domain"]}}}  # type: ignore[assignment]
    body = {"auth": {"identity": identity, "scope": {"project": scope}}}
    return perf.session.post(f"{perf.url}/v3/auth/tokens?nocatalog=true", json=body, timeout=10)


def test_tokens(perf: PerfTest, emulator: RunningEmulator) -> None:
    """A token comes in a header, is good for a day and for one project."""
    made = login(perf, {"name": "cn-north-4"})
    assert made.status_code == 201
    assert made.json()["token"]["project"]["id"] == perf.project
    perf.headers = {"X-Auth-Token": made.headers["X-Subject-Token"]}
    assert perf.ok("GET", "/v1/{}/test-suites")["code"] == "CPTS.00000000"
    emulator.advance(24 * 3600 + 1)
    assert perf.refused("GET", "/v1/{}/test-suites") == (401, "APIGW.0307")
    other = login(perf, {"name": "cn-south-1"})
    perf.headers = {"X-Auth-Token": other.headers["X-Subject-Token"]}
    assert perf.refused("GET", "/v1/{}/test-suites") == (403, "APIGW.0302")
    perf.headers = {"X-Auth-Token": "nonsense"}
    assert perf.refused("GET", "/v1/{}/test-suites") == (401, "APIGW.0301")
    perf.headers = {}
    emulator.switch("cpts", gateway_prefix="APIG", text_no_authorization="none")
    assert perf.call("GET", "/v1/{}/test-suites").json()["error_msg"] == "none"
    assert perf.refused("GET", "/v1/{}/test-suites") == (401, "APIG.0301")


@pytest.mark.parametrize(
    ("scope", "user", "status"),
    [({"name": "cn-north-4"}, {"password": "x"}, 401), ({"id": "0" * 32}, {}, 401), ({"id": ""}, {}, 401)],
)
def test_refused_logins(perf: PerfTest, scope: dict[str, str], user: dict[str, str], status: int) -> None:
    """IAM answers in an envelope of its own."""
    answer = login(perf, scope, **user)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == status


def test_projects(perf: PerfTest, emulator: RunningEmulator) -> None:
    """The region's name finds the project."""
    found = perf.ok("GET", "/v3/projects", name="cn-north-4")["projects"]
    assert [project["id"] for project in found] == [perf.project]
    assert perf.ok("GET", "/v3/projects", name="mars")["projects"] == []
    emulator.seed({"cpts": {"projects": {"f" * 32: "cn-north-4"}}})
    assert len(perf.signed("/v3/projects?name=cn-north-4").json()["projects"]) == 2


# Suites and cases


def test_suites(perf: PerfTest, emulator: RunningEmulator) -> None:
    """Each call has its own spelling of the times; an update answers 204."""
    number = perf.ok("POST", "/v1/{}/test-suites", {"name": "second", "description": "d"})["project_id"]
    rows = perf.ok("GET", "/v1/{}/test-suites")["projects"]
    assert [row["name"] for row in rows] == ["web-shop", "second"]
    assert rows[0]["CreateTime"].endswith("+08:00")
    assert "resource_tags" not in rows[0]
    path = f"/v1/{{}}/test-suites/{number}"
    assert perf.call("PUT", path, {"id": number, "name": "renamed"}).status_code == 204
    assert perf.ok("GET", path)["project"]["name"] == "renamed"
    assert "." in perf.ok("GET", path)["project"]["update_time"]
    assert perf.refused("PUT", path, {"id": 1, "name": "x"}) == INVALID
    assert perf.call("DELETE", path).status_code == 204
    assert perf.refused("GET", path) == MISSING
    emulator.switch("cpts", resource_tags=True, quota_projects=1, unique_names=True)
    assert perf.ok("GET", "/v1/{}/test-suites")["projects"][0]["resource_tags"] == []
    assert perf.refused("POST", "/v1/{}/test-suites", {"name": "third"}) == INVALID
    emulator.switch("cpts", quota_projects=0)
    assert perf.refused("POST", "/v1/{}/test-suites", {"name": "web-shop"}) == INVALID
    assert perf.refused("POST", "/v1/{}/test-suites", {"name": "x", "description": "d" * 51}) == INVALID


def test_cases(perf: PerfTest) -> None:
    """The directory lists directories and cases flat; both versions of a case work."""
    tree = perf.ok("GET", f"{SUITE}/directory")["directory"]
    assert {(node["name"], node["type"]) for node in tree} >= {("Smoke", 1), ("browse", 2)}
    directory = perf.ok("POST", f"{SUITE}/directory", {"name": "New"})["directory_id"]
    body = {"name": "case", "contents": [], "stages": [], "directory_id": directory}
    case = perf.ok("POST", "/v2/{}/test-cases", body)["json"]["test_case_id"]
    assert perf.call("PUT", f"/v2/{{}}/test-cases/{case}", {**body, "name": "again"}).status_code == 204
    assert perf.ok("GET", f"/v2/{{}}/test-cases/{case}")["test_case"]["name"] == "again"
    assert perf.refused("POST", "/v2/{}/test-cases", {"name": "lost"}) == INVALID
    task = perf.create(cases=(case,))
    old = perf.call("POST", "/v1/{}/task-cases", {"name": "old", "type": 0, "task_id": task})
    number = old.json()["json"]["task_case_id"]
    assert old.status_code == 201
    assert perf.call("PUT", f"/v1/{{}}/task-cases/{number}/target/0", {"name": "older"}).status_code == 202
    listed = perf.ok("GET", f"{SUITE}/tasks/{task}/test-cases")["test_cases"]
    assert [item["name"] for item in listed] == ["again", "older"]
    assert perf.call("DELETE", f"/v1/{{}}/task-cases/{number}").status_code == 204
    assert perf.call("DELETE", f"/v2/{{}}/test-cases/{case}").status_code == 204
    assert perf.ok("GET", f"{SUITE}/tasks/{task}/test-cases")["test_cases"] == []
    assert perf.refused("GET", f"/v2/{{}}/test-cases/{case}") == MISSING


# Tasks


def test_a_new_task(perf: PerfTest, emulator: RunningEmulator) -> None:
    """A fresh task reads 2, without id and cases; the list has an id and no status."""
    number = perf.create(enable_full_link=True)
    assert number == 184138
    info = perf.info(number)
    assert info["run_status"] == 2
    assert info["case_list"] == []
    assert not {"id", "enable_full_link", "case_id_list"} & set(info)
    row = perf.ok("GET", "/v1/{}/all-tasks/393862")["tasks"][0]
    assert row["task_run_info"] == {"id": None, "run_type": 1}
    assert not {"run_status", "project_id"} & set(row)
    full = {"name": "n", "parallel": True, "project_id": 393862, "operate_mode": 2, "case_id_list": [449271]}
    assert perf.ok("PUT", f"/v3/{{}}/tasks/{number}", full)["taskInfo"]["name"] == "n"
    assert (
        emulator.tasks("cpts")[0] | {"parallel": True, "case_id_list": [449271]} == emulator.tasks("cpts")[0]
    )
    for name in full:
        part = {key: value for key, value in full.items() if key != name}
        assert perf.refused("PUT", f"/v3/{{}}/tasks/{number}", part) == INVALID
    link = {**full, "enable_full_link": True}
    assert perf.refused("PUT", f"/v3/{{}}/tasks/{number}", link) == INVALID
    assert perf.call("DELETE", f"/v3/{{}}/tasks/{number}").status_code == 204
    for method, path in (("GET", "/v1/{}/tasks/"), ("DELETE", "/v3/{}/tasks/"), ("DELETE", "/v1/{}/tasks/")):
        assert perf.refused(method, f"{path}{number}") == MISSING
    assert perf.refused("GET", "/v1/{}/all-tasks/1") == MISSING
    assert perf.refused("GET", "/v3/{}/tasks/1") == (404, "APIGW.0101")
    assert perf.call("GET", "/v3/nothing/tasks").status_code == 404


def test_an_old_task(perf: PerfTest, emulator: RunningEmulator) -> None:
    """What Terraform does: create, read, change, delete."""
    created = perf.call("POST", "/v1/{}/tasks", {"name": "tf", "project_id": 393862, "bench_concurrent": 200})
    assert created.status_code == 201
    number = created.json()["task_id"]
    change = {"id": number, "name": "tf2", "project_id": 393862, "bench_concurrent": 102}
    assert perf.ok("PUT", f"/v1/{{}}/tasks/{number}", change)["taskInfo"]["bench_concurrent"] == 102
    assert (perf.info(number)["name"], perf.info(number)["parallel"]) == ("tf2", None)
    row = perf.ok("GET", "/v1/{}/all-tasks/393862")["tasks"][0]
    assert row["task_run_info"]["run_type"] == 0
    too_many = {**change, "bench_concurrent": 3_000_000}
    assert perf.refused("PUT", f"/v1/{{}}/tasks/{number}", too_many) == INVALID
    emulator.switch("cpts", cross_version_writes="refuse")
    assert perf.refused("DELETE", f"/v3/{{}}/tasks/{number}") == MISSING
    assert perf.call("DELETE", f"/v1/{{}}/tasks/{number}").status_code == 204


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "n" * 43},
        {"name": 7},
        {"parallel": "yes"},
        {"case_id_list": ["449269"]},
        {"project_id": True},
        {"unknown": 1},
        {"operate_mode": None},
    ],
)
def test_bad_bodies_store_nothing(perf: PerfTest, emulator: RunningEmulator, change: dict[str, Any]) -> None:
    """A missing field, one of another type and one that no page knows are refused."""
    body = {"name": "n", "parallel": True, "project_id": 393862, "operate_mode": 2, "case_id_list": []}
    assert perf.refused("POST", "/v3/{}/tasks", {**body, **change}) == INVALID
    assert emulator.tasks("cpts") == []


@pytest.mark.parametrize(
    "change", [{"operate_mode": 1}, {"case_id_list": []}, {"case_id_list": [1]}, {"name": "a/b"}]
)
def test_strict_validation(perf: PerfTest, emulator: RunningEmulator, change: dict[str, Any]) -> None:
    """What nobody has seen refused is refused on request."""
    body = {"parallel": True, "project_id": 393862, "operate_mode": 2, "case_id_list": [449269]}
    perf.ok("POST", "/v3/{}/tasks", {"name": "n", **body, **change})
    emulator.switch("cpts", strict_validation=True, validation_code="SVCSTG.CPTS.4001234")
    assert perf.refused("POST", "/v3/{}/tasks", {"name": "n", **body, **change}) == (
        400,
        "SVCSTG.CPTS.4001234",
    )


def test_pages(perf: PerfTest, emulator: RunningEmulator) -> None:
    """Offset counts rows or pages, and beyond the end a page is empty."""
    emulator.seed({"cpts": {"tasks": [{"name": f"t{number}"} for number in range(5)]}})

    def names(**query: Any) -> list[str]:
        return [row["name"] for row in perf.ok("GET", "/v1/{}/all-tasks/393862", **query)["tasks"]]

    assert names() == names(offset=0) == ["t0", "t1", "t2", "t3", "t4"]
    assert names(offset=3) == ["t3", "t4"]
    assert names(offset=1, limit=2) == ["t1", "t2"]
    assert names(offset=5) == []
    emulator.switch("cpts", offset_unit="pages", limit_max=2)
    assert names(offset=1, limit=10) == ["t2", "t3"]
    emulator.switch("cpts", limit_default=1)
    assert names() == ["t0"]
    assert perf.refused("GET", "/v1/{}/all-tasks/393862", offset="x") == INVALID


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        ({"unique_names": True}, INVALID),
        ({"quota_tasks": 1}, INVALID),
        ({"throttle_429": True}, (429, "APIGW.0308")),
        ({"rate_limit": 1}, (429, "APIGW.0308")),
        ({"service_activated": False}, (403, "SVCSTG.CPTS.4031009")),
        ({"service_activated": False, "status_4031009": 401}, (401, "SVCSTG.CPTS.4031009")),
    ],
)
def test_refused_creates(
    perf: PerfTest, emulator: RunningEmulator, switch: dict[str, Any], expected: tuple[int, str]
) -> None:
    """Names, quotas, throttling, and an account that has not ordered the service."""
    perf.create()
    emulator.switch("cpts", **switch)
    body = {"name": "job", "parallel": False, "project_id": 393862, "operate_mode": 2, "case_id_list": []}
    answers = {perf.refused("POST", "/v3/{}/tasks", body) for dummy in range(2)}
    assert expected in answers
    assert len(emulator.tasks("cpts")) == 1


def test_what_a_task_shows(perf: PerfTest, emulator: RunningEmulator) -> None:
    """Order, case list, link setting, reading v3 tasks, deletion in use, and the text of a missing thing."""
    number = perf.create(cases=(449271, 449269))
    emulator.switch("cpts", task_info_case_list="full", task_info_full_link=True)
    assert [case["case_id"] for case in perf.info(number)["case_list"]] == [449271, 449269]
    assert perf.info(number)["enable_full_link"] is False
    emulator.switch("cpts", task_cases_order="by_id", v1_reads_v3_tasks=False, text_4032002="gone")
    listed = perf.ok("GET", f"{SUITE}/tasks/{number}/test-cases")["test_cases"]
    assert [case["id"] for case in listed] == [449269, 449271]
    assert perf.call("GET", f"/v1/{{}}/tasks/{number}").json()["message"] == "gone"
    emulator.switch("cpts", delete_in_use="refuse", cross_version_writes="refuse")
    assert perf.refused("DELETE", f"/v1/{{}}/tasks/{number}") == MISSING
    assert perf.refused("DELETE", SUITE) == INVALID
    perf.run(9, number)
    assert perf.refused("DELETE", f"/v3/{{}}/tasks/{number}") == INVALID
    emulator.switch("cpts", delete_in_use="accept")
    assert perf.call("DELETE", SUITE).status_code == 204
    assert emulator.tasks("cpts") == []


# Runs


def history(perf: PerfTest, number: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = perf.ok("GET", f"/v1/{{}}/tasks/history-run-list/{number}")["log_list"]
    return found


def test_a_run(perf: PerfTest, emulator: RunningEmulator) -> None:
    """Waiting, running, ended; the run is in the history and in the row."""
    number = perf.create()
    assert history(perf, number) == []
    started = perf.run(9, number).json()
    assert started["result"] == [{"task_id": number, "task_run_id": 48105}]
    assert perf.info(number)["run_status"] == 9
    assert perf.run(9, number).status_code == 400
    emulator.advance(3)
    assert perf.info(number)["run_status"] == 0
    assert history(perf, number)[0]["end_time"] is None
    emulator.switch("cpts", history_running="ended_only")
    assert history(perf, number) == []
    emulator.advance(30)
    assert perf.info(number)["run_status"] == 2
    (run,) = history(perf, number)
    assert (run["run_id"], run["run_type"], run["continue_time"]) == (48105.0, 1.0, 32.0)
    assert perf.ok("GET", "/v1/{}/all-tasks/393862")["tasks"][0]["task_run_info"]["id"] == 48105
    outline = perf.ok("GET", "/v2/{}/task-run-infos/48105/reports/log-outline")
    assert outline["result"]["err_message"] is None
    cases = perf.ok("GET", "/v2/{}/task-run-infos/48105/cases")["result"]["case_aw_info_list"]
    assert [case["name"] for case in cases] == ["browse", "search"]
    assert perf.refused("GET", "/v2/{}/task-run-infos/1/cases") == MISSING
    assert emulator.starts("cpts") == {"total": 1, "tasks": {str(number): 1}}


def test_a_stop(perf: PerfTest, emulator: RunningEmulator) -> None:
    """Stopping, then stopped; stopping what does not run is accepted or not."""
    number = perf.create()
    assert perf.run(2, number).json()["result"] == [{"task_id": number, "task_run_id": None}]
    perf.run(9, number)
    assert perf.run(2, number).json()["result"][0]["task_run_id"] == 48105
    assert perf.info(number)["run_status"] == 5
    emulator.advance(3)
    assert perf.info(number)["run_status"] == 4
    emulator.advance(100)
    assert perf.info(number)["run_status"] == 4
    emulator.switch("cpts", stop_idle="refuse", stop_end_status=2, stop_returns_run_id=False)
    assert perf.run(2, number).status_code == 400
    perf.run(9, number)
    assert perf.run(2, number).json()["result"][0]["task_run_id"] is None
    emulator.advance(3)
    assert perf.info(number)["run_status"] == 2


def test_both_ways_to_start(perf: PerfTest, emulator: RunningEmulator) -> None:
    """The batch wants the kind of the tasks to be right, and does all of them or none."""
    new, empty = perf.create(), perf.create("empty", ())
    body = {
        "cluster_id": 0,
        "cluster_type": "shared-cluster-internet",
        "without_package": 0,
        "network_info": {"network_type": "internet"},
        "status": 9,
    }
    single = f"{SUITE}/tasks/{new}"
    assert perf.ok("POST", single, body)["result"] == {"task_run_id": 48105}
    assert (
        perf.ok("POST", single, {**body, "cluster_id": -1, "network_info": {}, "status": 2})["extend"] == ""
    )
    emulator.advance(3)
    emulator.switch("cpts", single_start_on_v3="refuse")
    assert perf.refused("POST", single, body) == MISSING
    assert perf.refused("POST", single, {**body, "status": 1}) == INVALID
    assert perf.refused("POST", single, {**body, "cluster_type": "mine"}) == INVALID
    assert perf.run(9, new, empty).status_code == 400
    assert perf.info(new)["run_status"] == 4
    emulator.switch("cpts", start_without_cases="accept", start_running="accept")
    assert perf.run(9, new, empty).status_code == 200
    assert perf.run(9, new).json()["result"][0]["task_run_id"] == 48106
    assert perf.run(9, 1).status_code == 403
    old = perf.ok("POST", "/v1/{}/tasks", {"name": "old", "project_id": 393862})["task_id"]
    assert perf.run(9, old).status_code == 400
    assert emulator.starts("cpts")["total"] == 3


def test_the_clock_of_runs(perf: PerfTest, emulator: RunningEmulator) -> None:
    """A run may abort, and the status may lag behind the start."""
    emulator.switch("cpts", run_clock=[[0, 5]], run_end_status=3, start_lag_seconds=3)
    number = perf.create()
    perf.run(9, number)
    assert perf.info(number)["run_status"] == 2
    emulator.advance(4)
    assert perf.info(number)["run_status"] == 0
    emulator.advance(2)
    assert perf.info(number)["run_status"] == 3


def test_seed(perf: PerfTest, emulator: RunningEmulator) -> None:
    """What is seeded looks as if it had always been there; an unknown suite is refused."""
    task = {"id": 7, "name": "t", "project_id": 5, "case_id_list": [9], "run_status": 0, "runs": 2}
    data = {"suites": [{"id": 5, "name": "s"}], "cases": [{"id": 9, "name": "c", "project_id": 5}]}
    emulator.seed({"cpts": {**data, "tasks": [task]}})
    assert perf.info(7)["run_status"] == 0
    assert len(history(perf, 7)) == 2
    assert perf.ok("GET", "/v1/{}/test-suites/5/tasks/7/test-cases")["test_cases"][0]["name"] == "c"
    assert perf.refused("GET", f"{SUITE}/tasks/7/test-cases") == MISSING
    with pytest.raises(ValueError, match="no suite 6"):
        emulator.seed({"cpts": {"tasks": [{"name": "t", "project_id": 6}]}})
