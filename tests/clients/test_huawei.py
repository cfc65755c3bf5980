# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Huawei's client ``huaweicloudsdkcpts`` keeps suites, cases, tasks and runs; our modules see the same tasks.

Of its 46 operations all on test suites, cases, tasks and runs are called, but for those that no module of
ours has a use for and the emulator does not serve: debugging one case, charts of a run's requests, the old
report of one case, templates, variables, agents, uploads, and changing a directory.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from emulator.launch import RunningEmulator
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException, SdkException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkcpts.v1 import CptsClient
from huaweicloudsdkcpts.v1 import model as cpts
from integration.controller import Controller

SUITE = 393862
BROWSE, SEARCH, PAY = 449269, 449270, 449271
INTERNET = {
    "cluster_id": 0,
    "cluster_type": "shared-cluster-internet",
    "network_info": cpts.NetworkInfo(network_type="internet"),
}
START, STOP = 9, 2
# What create() makes, in the words of our module.
DECLARED = {
    "test_suite": "web-shop",
    "name": "Nightly load",
    "cases": ["browse", "pay"],
    "parallel": False,
    "full_link": False,
}

# The vendor's pages show times with an offset, which the client does not read as such: it hands on the text.
pytestmark = pytest.mark.filterwarnings("ignore:Unable to convert string to datetime")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client writes a file into the home directory, and reads credentials from there."""
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def account(emulator: RunningEmulator) -> dict[str, Any]:
    """Return the emulated account."""
    found: dict[str, Any] = emulator.info["accounts"]["cpts"]
    return found


def connect(emulator: RunningEmulator, credentials: BasicCredentials, region: bool = False) -> CptsClient:
    """Return a client over TLS, by its endpoint or by a region that has this endpoint."""
    config = HttpConfig.get_default_config()
    config.ssl_ca_cert = emulator.info["ca"]
    builder = CptsClient.new_builder().with_http_config(config).with_credentials(credentials)
    url = emulator.info["https"]
    return (builder.with_region(Region("cn-north-4", url)) if region else builder.with_endpoint(url)).build()


@pytest.fixture
def client(emulator: RunningEmulator, account: dict[str, Any]) -> CptsClient:
    """Return a client with permanent keys."""
    keys = (account["access_key"], account["secret_key"], account["project_id"])
    return connect(emulator, BasicCredentials(*keys))


def read(answer: Any) -> dict[str, Any]:
    """Return what the client made of an answer, as data."""
    found: dict[str, Any] = json.loads(str(answer))
    return found


def create(client: CptsClient, name: str = "Nightly load", **more: Any) -> int:
    """Let the client create a task of the new kind."""
    body = cpts.NewTaskInfo(
        **{
            "name": name,
            "parallel": False,
            "enable_full_link": False,
            "project_id": SUITE,
            "operate_mode": 2,
            "case_id_list": [BROWSE, PAY],
            **more,
        }
    )
    answer = client.create_new_task(cpts.CreateNewTaskRequest(body=body))
    assert answer.status_code == 201
    assert answer.code == "SVCSTG.CPTS.0000000"
    number: int = answer.task_id
    return number


def show(client: CptsClient, number: int) -> dict[str, Any]:
    """Let the client read a task."""
    found: dict[str, Any] = read(client.show_task(cpts.ShowTaskRequest(task_id=number)).task_info)
    return found


def cases_of(client: CptsClient, number: int) -> list[int]:
    """Let the client list a task's cases."""
    request = cpts.ListTaskCasesRequest(test_suit_id=SUITE, task_id=number)
    return [case.id for case in client.list_task_cases(request).test_cases]


# Logging in


def test_temporary_keys(emulator: RunningEmulator, account: dict[str, Any]) -> None:
    """Keys with a security token are good for the same calls, and without the token for none."""
    keys = account["temporary"]
    credentials = BasicCredentials(keys["access_key"], keys["secret_key"], account["project_id"])
    assert create(connect(emulator, credentials.with_security_token(keys["security_token"]))) > 0
    bare = BasicCredentials(keys["access_key"], keys["secret_key"], account["project_id"])
    with pytest.raises(ClientRequestException) as caught:
        create(connect(emulator, bare))
    assert caught.value.status_code == 401


def test_the_project_is_looked_up_by_the_region(emulator: RunningEmulator, account: dict[str, Any]) -> None:
    """Without a project the client asks the IAM for the one that has the region's name."""
    keys = BasicCredentials(account["access_key"], account["secret_key"])
    client = connect(emulator, keys.with_iam_endpoint(account["identity_url"]), region=True)
    assert create(client) > 0
    assert [entry["operation"] for entry in emulator.log("cpts")] == ["list_projects", "create_task"]


# Suites, cases, tasks, runs


def test_the_client_keeps_suites(client: CptsClient) -> None:
    """It creates, lists, reads, changes and deletes a test suite."""
    body = cpts.CreateProjectRequestBody(name="shop", description="all of it")
    made = client.create_project(cpts.CreateProjectRequest(body=body))
    number = made.project_id
    assert made.status_code == 201
    listed = client.list_project_sets(cpts.ListProjectSetsRequest(limit=10, offset=0)).projects
    assert [(suite.id, suite.name) for suite in listed] == [(SUITE, "web-shop"), (number, "shop")]
    assert listed[0].create_time
    changed = cpts.UpdateProjectRequestBody(id=number, name="store", description="new", source=0)
    client.update_project(cpts.UpdateProjectRequest(test_suite_id=number, body=changed))
    shown = client.show_project(cpts.ShowProjectRequest(test_suite_id=number)).project
    assert (shown.name, shown.description, shown.source) == ("store", "new", 0)
    client.delete_project(cpts.DeleteProjectRequest(test_suite_id=number))
    assert len(client.list_project_sets(cpts.ListProjectSetsRequest()).projects) == 1


def test_the_client_keeps_cases(client: CptsClient) -> None:
    """It creates, lists, reads, changes and deletes cases of both kinds."""
    folder = cpts.CreateDirectoryRequestBody(name="Search")
    directory = client.create_directory(cpts.CreateDirectoryRequest(test_suite_id=SUITE, body=folder))
    body = cpts.CaseInfoDetail(
        name="find", contents=[], stages=[], directory_id=directory.directory_id, status=1
    )
    number = client.create_new_case(cpts.CreateNewCaseRequest(body=body)).json.test_case_id
    tree = client.list_project_test_case(cpts.ListProjectTestCaseRequest(test_suite_id=SUITE)).directory
    assert {node.name for node in tree} >= {"browse", "search", "pay", "Search", "find"}
    client.update_new_case(
        cpts.UpdateNewCaseRequest(case_id=number, body=cpts.CaseInfoDetail(name="look", status=2))
    )
    shown = client.show_case(cpts.ShowCaseRequest(case_id=number)).test_case
    assert (shown.case_id, shown.name, shown.status) == (number, "look", 2)
    client.delete_new_case(cpts.DeleteNewCaseRequest(case_id=number))
    with pytest.raises(ClientRequestException, match=re.escape("SVCSTG.CPTS.4032002")):
        client.show_case(cpts.ShowCaseRequest(case_id=number))

    task = create(client)
    old = cpts.CreateCaseRequestBody(name="old", type=0, task_id=task)
    case = client.create_case(cpts.CreateCaseRequest(body=old)).json.task_case_id
    assert cases_of(client, task) == [BROWSE, PAY, case]
    client.update_case(
        cpts.UpdateCaseRequest(case_id=case, target="name", body=cpts.CaseInfoDetail(name="older"))
    )
    client.delete_case(cpts.DeleteCaseRequest(case_id=case))
    assert cases_of(client, task) == [BROWSE, PAY]


def test_the_client_keeps_new_tasks(client: CptsClient) -> None:
    """It creates, lists, reads, changes and deletes a task of the new kind, with its cases in order."""
    number = create(client, case_id_list=[PAY, BROWSE])
    (row,) = client.show_task_set(cpts.ShowTaskSetRequest(test_suite_id=SUITE, limit=10, offset=0)).tasks
    assert (row.id, row.name, row.task_run_info.run_type) == (number, "Nightly load", 1)
    assert cases_of(client, number) == [PAY, BROWSE]
    body = cpts.UpdateNewTaskRequestBody(
        name="Daily load", parallel=True, project_id=SUITE, operate_mode=2, case_id_list=[SEARCH]
    )
    request = cpts.UpdateTaskRelatedTestCaseRequest(task_id=number, body=body)
    changed = client.update_task_related_test_case(request)
    assert read(changed.task_info) == show(client, number)
    shown = show(client, number)
    assert (shown["name"], shown["parallel"], shown["run_status"]) == ("Daily load", True, 2)
    assert cases_of(client, number) == [SEARCH]
    deleted = client.delete_new_task(cpts.DeleteNewTaskRequest(task_id=number))
    assert deleted.status_code == 204
    assert client.show_task_set(cpts.ShowTaskSetRequest(test_suite_id=SUITE)).tasks == []


def test_the_client_keeps_old_tasks(client: CptsClient) -> None:
    """It creates, changes and deletes a task of the old kind."""
    body = cpts.CreateTaskRequestBody(
        name="old", project_id=SUITE, temps=[], operate_mode=2, bench_concurrent=100
    )
    number = client.create_task(cpts.CreateTaskRequest(body=body)).task_id
    change = cpts.UpdateTaskRequestBody(id=number, name="older", project_id=SUITE, bench_concurrent=200)
    client.update_task(cpts.UpdateTaskRequest(task_id=number, body=change))
    shown = show(client, number)
    assert (shown["name"], shown["bench_concurrent"]) == ("older", 200)
    client.delete_task(cpts.DeleteTaskRequest(task_id=number))
    with pytest.raises(ClientRequestException):
        show(client, number)


def test_the_client_runs_tasks(client: CptsClient, emulator: RunningEmulator) -> None:
    """It starts and stops tasks, one and several, and reads the runs and their report."""
    number, other = create(client), create(client, "Other")
    one = cpts.UpdateTaskStatusRequestBody(status=START, without_package=0, **INTERNET)
    request = cpts.UpdateTaskStatusRequest(test_suite_id=SUITE, task_id=number, body=one)
    run = client.update_task_status(request).result.task_run_id
    emulator.advance(10)
    assert show(client, number)["run_status"] == 0
    emulator.advance(60)
    assert show(client, number)["run_status"] == 2

    def several(status: int) -> list[int]:
        body = cpts.BatchUpdateTaskStatusRequestBody(
            status=status, type=1, project_id=SUITE, task_id_list=[number, other], **INTERNET
        )
        batch = cpts.BatchUpdateTaskStatusRequest(test_suit_id=SUITE, body=body)
        return [entry.task_run_id for entry in client.batch_update_task_status(batch).result]

    second, third = several(START)
    emulator.advance(10)
    assert several(STOP) == [second, third]
    emulator.advance(60)
    assert show(client, other)["run_status"] == 4

    history = read(client.show_history_run_info(cpts.ShowHistoryRunInfoRequest(task_id=number)))
    assert str(run) in str(history)
    assert str(second) in str(history)
    outline = cpts.ShowMergeReportLogsOutlineRequest(task_run_id=run)
    core = client.show_merge_report_logs_outline(outline).result.outline.core_index
    assert core.request_count == core.success_count + core.error_request_count > 0
    summary = client.show_merge_task_case(cpts.ShowMergeTaskCaseRequest(task_run_id=run)).result
    cases = {case["name"]: int(case["testcaseId"]) for case in read(summary)["case_aw_info_list"]}
    assert list(cases) == ["browse", "pay"]
    detail = cpts.ShowMergeCaseDetailRequest(task_run_id=run, case_run_id=cases["pay"])
    performance = read(client.show_merge_case_detail(detail).result)["detail"]["performance"]
    assert performance["name"] == "pay"
    assert performance["requests"] > 0


# Errors


def test_a_missing_task_is_the_clients_exception(client: CptsClient) -> None:
    """What does not exist is refused with 403 and the vendor's code, which the client hands on."""
    with pytest.raises(ClientRequestException) as caught:
        show(client, 1)
    assert (caught.value.status_code, caught.value.error_code) == (403, "SVCSTG.CPTS.4032002")
    assert caught.value.request_id


def test_throttling_is_the_clients_exception(client: CptsClient, emulator: RunningEmulator) -> None:
    """A call too many is 429; the client loses the body of such an answer."""
    emulator.switch("cpts", throttle_429=True)
    with pytest.raises(ClientRequestException) as caught:
        show(client, 1)
    assert (caught.value.status_code, caught.value.error_code) == (429, "429")


def test_a_bad_key_is_the_clients_exception(emulator: RunningEmulator, account: dict[str, Any]) -> None:
    """A wrong secret key makes a wrong signature, an unknown access key says so."""
    pairs = {
        "verify aksk signature fail": (account["access_key"], "wrong"),
        "not exist": ("HWAKNOBODY", account["secret_key"]),
    }
    for text, (access, secret) in pairs.items():
        client = connect(emulator, BasicCredentials(access, secret, account["project_id"]))
        with pytest.raises(ClientRequestException, match=text) as caught:
            show(client, 1)
        assert (caught.value.status_code, caught.value.error_code) == (401, "APIGW.0301")


def test_a_wrong_body_is_the_clients_exception(client: CptsClient) -> None:
    """The client checks no field before it sends, the server does."""
    with pytest.raises(SdkException):
        client.create_new_task(cpts.CreateNewTaskRequest(body=cpts.NewTaskInfo(name="only-name")))


# The client beside our modules


def test_our_modules_read_what_the_client_wrote(client: CptsClient, controller: Controller) -> None:
    """Each task is the same to both, field by field."""
    numbers = [create(client), create(client, "Release", parallel=True, case_id_list=[SEARCH])]
    options = {"test_suite": "web-shop", "include_raw": True}
    found = controller.play(("cpts_task_info", options)).only["tasks"]
    assert [int(task["id"]) for task in found] == numbers
    for number, task in zip(numbers, found, strict=True):
        shown = show(client, number)
        assert task["name"] == shown["name"]
        assert task["parallel"] is shown["parallel"]
        assert task["test_suite"] == shown["project_id"]
        assert task["cases"] == cases_of(client, number)
        assert shown.items() <= task["raw"].items()


def test_our_modules_change_nothing_of_what_the_client_wrote(
    client: CptsClient, controller: Controller
) -> None:
    """What both declare is the same task."""
    create(client)
    assert controller.play(("cpts_task", DECLARED)).only["action"] == "unchanged"


def test_the_client_reads_what_our_modules_wrote(client: CptsClient, controller: Controller) -> None:
    """The task is the same as the client would have written, field by field."""
    ours = int(controller.play(("cpts_task", DECLARED)).only["task"]["id"])
    theirs = create(client)
    made_up = ("create_time", "update_time")
    one, other = (
        {name: value for name, value in show(client, number).items() if name not in made_up}
        for number in (ours, theirs)
    )
    assert one == other
    assert cases_of(client, ours) == cases_of(client, theirs)
