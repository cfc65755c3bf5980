# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""cpts_task and cpts_task_info against the emulator."""

from __future__ import annotations

from typing import Any

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller, Run

BROWSE, SEARCH, PAY = 449269, 449270, 449271
NO_KEYS = {"HW_ACCESS_KEY": "", "HW_SECRET_KEY": ""}
WAIT: dict[str, Any] = {"wait": True, "wait_interval": 0.1}


def load(name: str = "Nightly load", **options: Any) -> tuple[str, dict[str, Any]]:
    """Return a declaration of a load test with cases; an option set to None is left out."""
    declared = {"test_suite": "web-shop", "name": name, "cases": ["browse", "pay"], **options}
    return "cpts_task", {key: value for key, value in declared.items() if value is not None}


def state(wanted: str, name: str = "Nightly load", **options: Any) -> tuple[str, dict[str, Any]]:
    """Return a declaration of a state alone."""
    return load(name, state=wanted, cases=None, **options)


def actions(run: Run) -> list[str | None]:
    """Return the action of each task; None for a failed one and for an info module."""
    return [result.get("action") for result in run.results]


@pytest.fixture
def account(emulator: RunningEmulator) -> dict[str, Any]:
    """Return every way to log in."""
    found: dict[str, Any] = emulator.info["accounts"]["cpts"]
    return found


def test_ladder(controller: Controller, emulator: RunningEmulator) -> None:
    """Absent, create, change each option, delete: each in turn, and each a second time."""
    steps = [
        (state("absent"), "unchanged"),
        (state("absent", test_suite="nowhere"), "unchanged"),
        (state("absent", test_suite=1), "unchanged"),
        (state("stopped"), "unchanged"),
        (load(), "created"),
        (load(), "unchanged"),
        (load(test_suite=393862, cases=[BROWSE, str(PAY)]), "unchanged"),
        (load(test_suite="393862", cases=None), "unchanged"),
        (load(cases=["pay", "browse"]), "updated"),
        (load(cases=["pay", "browse"]), "unchanged"),
        (load(cases=None, parallel=True), "updated"),
        (load(cases=["browse", "pay"], parallel=True), "unchanged"),
        (load(cases=["browse", "pay"]), "unchanged"),
        (load(cases=["browse", "pay"], parallel=False), "updated"),
        (load(cases=[]), "updated"),
        (load(cases=[]), "unchanged"),
        (state("stopped"), "unchanged"),
        (state("absent"), "deleted"),
        (state("absent"), "unchanged"),
    ]
    run = controller.play(*[task for task, action in steps])
    assert actions(run) == [action for task, action in steps], run.output
    assert [result["changed"] for result in run.results] == [action != "unchanged" for task, action in steps]
    assert run.results[4]["task"]["state"] == "idle"
    assert run.results[4]["task"]["case_names"] == ["browse", "pay"]
    assert emulator.tasks("cpts") == []
    assert "WARNING" not in run.output


def test_changing_one_option_leaves_the_others(controller: Controller, emulator: RunningEmulator) -> None:
    """The whole task is sent, so what is not declared is sent as it was."""
    controller.play(load(parallel=True, full_link=True))
    (before,) = emulator.tasks("cpts")
    run = controller.play(load(cases=["search"]), load(cases=None, parallel=False))
    (after,) = emulator.tasks("cpts")
    assert actions(run) == ["updated", "updated"], run.output
    named = {"name": "Nightly load", "test_suite": 393862}
    assert run.results[0]["diff"] == {
        "before": {**named, "cases": [BROWSE, PAY]},
        "after": {**named, "cases": [SEARCH]},
    }
    assert after == {**before, "case_id_list": [SEARCH], "parallel": False}
    sent = [entry["json"] for entry in emulator.log("cpts", "update_task")]
    assert [body["operate_mode"] for body in sent] == [2, 2]
    assert sent[0]["parallel"] is True


@pytest.mark.parametrize(
    "switches",
    [
        {"v1_reads_v3_tasks": False},
        {"cross_version_writes": "refuse", "single_start_on_v3": "refuse"},
        {"task_info_case_list": "full", "task_info_full_link": True},
        {"task_cases_order": "by_id", "text_4032002": "gone", "gateway_prefix": "APIG"},
        {"offset_unit": "pages", "limit_max": 10},
        {"limit_max": 10, "limit_default": 5, "resource_tags": True},
        {"unique_names": True, "strict_validation": True},
        {"delete_in_use": "refuse", "stop_idle": "refuse", "stop_returns_run_id": False},
        {"start_without_cases": "accept", "start_running": "accept"},
        {"quota_tasks": 100, "quota_projects": 1, "rate_limit": 0},
    ],
    ids=lambda switches: "-".join(f"{name}={value}" for name, value in switches.items()),
)
def test_unproven_behaviour(
    controller: Controller, emulator: RunningEmulator, switches: dict[str, Any]
) -> None:
    """Whatever the server does where nothing is proven, the declaration converges and stays."""
    emulator.seed({"cpts": {"tasks": [{"name": f"other {number}"} for number in range(12)]}})
    emulator.switch("cpts", **switches)
    run = controller.play(
        state("absent"),
        load(),
        load(),
        load(cases=None, parallel=True),
        load(parallel=True),
        ("cpts_task_info", {"test_suite": "web-shop", "name": "Nightly load"}),
        state("stopped"),
        state("absent"),
        state("absent"),
    )
    stopped = "unchanged" if switches.get("v1_reads_v3_tasks", True) else None
    expected = ["unchanged", "created", "unchanged", "updated", "unchanged", None, stopped]
    assert actions(run) == [*expected, "deleted", "unchanged"], run.output
    (task,) = run.results[5]["tasks"]
    assert (task["cases"], task["parallel"]) == ([BROWSE, PAY], True)
    assert len(emulator.tasks("cpts")) == 12


def test_a_server_that_hides_the_order(controller: Controller, emulator: RunningEmulator) -> None:
    """An order that the server does not show is set each time: a wrong one is never taken for right."""
    emulator.switch("cpts", task_cases_order="by_id")
    backwards = load(cases=["pay", "browse"])
    run = controller.play(backwards, backwards, load(cases=["pay", "browse"], parallel=True), backwards)
    assert actions(run) == ["created", "updated", "updated", "unchanged"], run.output
    assert emulator.tasks("cpts")[0]["case_id_list"] == [PAY, BROWSE]


def test_many_rows(controller: Controller, emulator: RunningEmulator) -> None:
    """Suites and tasks are read to the end, each page once, however the server counts."""
    suites = [{"id": number, "name": f"suite {number}"} for number in range(30)]
    tasks = [{"name": f"t{number}", "project_id": 29} for number in range(45)]
    emulator.seed({"cpts": {"suites": suites, "tasks": tasks}})
    for unit in ("rows", "pages"):
        emulator.switch("cpts", offset_unit=unit, limit_max=20)
        emulator.clear_log()
        run = controller.play(state("absent", "t44", test_suite="suite 29"), arguments=["--check"])
        assert actions(run) == ["deleted"], run.output
        assert len(emulator.log("cpts", "list_tasks")) <= 4


# Check mode


def test_check_mode_writes_nothing_and_tells_the_truth(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """Check mode predicts create, update, start, stop and delete, and sends no request that writes."""
    emulator.switch("cpts", run_clock=[[0, 600]])
    predicted = controller.play(
        load(full_link=True), load("started", state="started"), arguments=["--check", "--diff"]
    )
    assert actions(predicted) == ["created", "created"], predicted.output
    assert "id" not in predicted.results[0]["task"]
    assert emulator.log("cpts", writes=True) == []
    real = controller.play(load(full_link=True), load("started", state="started"))
    assert [result["diff"] for result in real.results] == [result["diff"] for result in predicted.results]
    emulator.clear_log()
    run = controller.play(
        load(),
        load(parallel=True),
        load(state="started", parallel=True),
        state("stopped", "started"),
        state("absent"),
        load("new", cases=["nowhere"]),
        load("new", cases=[1]),
        arguments=["--check"],
    )
    assert actions(run) == ["unchanged", "updated", "updated", "stopped", "deleted", None, None], run.output
    assert run.results[2]["diff"]["after"]["state"] == "started"
    assert emulator.log("cpts", writes=True) == []
    assert len(emulator.tasks("cpts")) == 2


# Identity


def test_several_matches_are_refused(controller: Controller, emulator: RunningEmulator) -> None:
    """Tasks, suites and cases of one name: nothing is changed, the ids are listed, an id chooses."""
    emulator.seed(
        {
            "cpts": {
                "tasks": [{"id": 7, "name": "twin"}, {"id": 8, "name": "twin"}],
                "suites": [{"id": 5, "name": "double"}, {"id": 6, "name": "double"}],
                "cases": [{"id": 90, "name": "browse"}],
            }
        }
    )
    run = controller.play(
        load("twin", cases=None, parallel=True),
        state("absent", "twin"),
        load(test_suite="double"),
        load(),
        load(cases=[BROWSE]),
        ("cpts_task_info", {"test_suite": "double"}),
        ("cpts_task", {"task_id": "8", "state": "absent"}),
        state("absent", "twin"),
    )
    assert actions(run) == [None, None, None, None, "created", None, "deleted", "deleted"], run.output
    expected = (("7", "8"), ("7", "8"), ("5", "6"), ("449269", "90"))
    for result, ids in zip(run.results, expected, strict=False):
        assert sorted(result["candidates"]) == sorted(ids)
        assert all(number in result["msg"] for number in ids)
    assert "Set test_suite" in run.results[2]["msg"]
    assert "Set cases" in run.results[3]["msg"]
    assert run.results[5]["failed"]


@pytest.mark.parametrize("reads", [True, False])
def test_task_id(controller: Controller, emulator: RunningEmulator, reads: bool) -> None:
    """With task_id the name is an option like others; the suite is found, and cannot be changed."""
    emulator.seed({"cpts": {"suites": [{"id": 5, "name": "second"}], "tasks": [{"id": 7, "name": "seven"}]}})
    emulator.switch("cpts", v1_reads_v3_tasks=reads)
    by_id = {"task_id": "7"}
    run = controller.play(
        ("cpts_task", {**by_id, "name": "renamed", "cases": ["pay"]}),
        ("cpts_task", {**by_id, "test_suite": "web-shop", "name": "renamed"}),
        ("cpts_task", {**by_id, "test_suite": "second"}),
        ("cpts_task", {"task_id": "99", "name": "nobody", "cases": ["pay"]}),
        ("cpts_task_info", by_id),
        ("cpts_task", {**by_id, "state": "absent"}),
        ("cpts_task", {**by_id, "state": "absent"}),
    )
    assert actions(run) == ["updated", "unchanged", None, None, None, "deleted", "unchanged"], run.output
    assert "test_suite" in run.results[2]["msg"] or "task_id" in run.results[2]["msg"]
    assert "task_id" in run.results[3]["msg"]
    (task,) = run.results[4]["tasks"]
    assert (task["name"], task["cases"]) == ("renamed", [PAY])


def test_a_name_of_digits(controller: Controller, emulator: RunningEmulator) -> None:
    """A text is a name first; a number is an id."""
    emulator.seed(
        {
            "cpts": {
                "suites": [{"id": 5, "name": "393862"}],
                "cases": [{"id": 90, "name": str(PAY)}, {"id": 91, "name": "other", "project_id": 5}],
            }
        }
    )
    run = controller.play(
        load(test_suite="393862", cases=[91]), load(cases=[str(PAY)]), load(cases=[PAY], test_suite=393862)
    )
    assert actions(run) == ["created", "created", "updated"], run.output
    assert {(task["project_id"], *task["case_id_list"]) for task in emulator.tasks("cpts")} == {
        (5, 91),
        (393862, PAY),
    }


def test_unknown_names_are_errors(controller: Controller, emulator: RunningEmulator) -> None:
    """A suite or a case that does not exist is named, and nothing is written; a directory is no case."""
    unknown = [("test_suite", "nowhere"), ("test_suite", 1), ("cases", "Smoke"), ("cases", 1)]
    given: list[dict[str, Any]] = [{name: [value] if name == "cases" else value} for name, value in unknown]
    run = controller.play(
        *(load(**options) for options in given),
        *(load(state="started", **options) for options in given),
        load(test_suite=1, cases=None),
        state("stopped", test_suite=1),
    )
    refused = [*unknown, *unknown, ("test_suite", 1), ("test_suite", 1)]
    for result, (name, value) in zip(run.results, refused, strict=True):
        assert result["failed"]
        assert result["msg"].startswith(f"{name}: {value!r} is no ")
    assert emulator.log("cpts", writes=True) == []


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"name": " "}, ["name"]),
    ({"name": None}, ["name", "task_id"]),
    ({"test_suite": None}, ["test_suite", "needed"]),
    ({"test_suite": True}, ["test_suite", "True"]),
    ({"test_suite": ["x"]}, ["test_suite", "['x']"]),
    ({"cases": [""]}, ["cases", "''"]),
    ({"cases": [-1]}, ["cases", "-1"]),
    ({"task_id": "seven"}, ["task_id", "seven"]),
    ({"wait": True}, ["wait", "present"]),
    ({"rerun": "always"}, ["rerun", "always", "started"]),
    ({"state": "running"}, ["state", "running"]),
    ({"state": "started", "cluster": {"type": "private-cluster"}}, ["cluster", "id"]),
    ({"parallel": "perhaps"}, ["parallel", "perhaps"]),
    ({"region": "north/4"}, ["region", "north/4"]),
    ({"identity_url": "iam.example.com"}, ["identity_url", "iam.example.com"]),
    ({"url": "cpts.example.com"}, ["url", "cpts.example.com"]),
]


def test_wrong_input_is_refused_before_any_request(controller: Controller, emulator: RunningEmulator) -> None:
    """The message names the option and the value; the server hears nothing."""
    run = controller.play(*(load(**options) for options, said in WRONG))
    for result, (options, said) in zip(run.results, WRONG, strict=True):
        assert result["failed"], options
        assert all(text in result["msg"] for text in said), result["msg"]
    keys = controller.play(load(access_key="HWAK"), load(), environment=NO_KEYS)
    assert ["secret_key" in keys.results[0]["msg"], "token" in keys.results[1]["msg"]] == [True, True]
    assert emulator.log("cpts") == []


# full_link


def test_full_link_counts_at_creation(controller: Controller, emulator: RunningEmulator) -> None:
    """What no answer shows is warned about; a server that shows it gets it compared."""
    first = controller.play(load(full_link=True), load())
    assert "WARNING" not in first.output
    assert emulator.tasks("cpts")[0]["enable_full_link"] is True
    second = controller.play(load(full_link=False))
    assert actions(second) == ["unchanged"]
    assert "full_link was not compared" in " ".join(second.results[0]["warnings"])
    emulator.switch("cpts", task_info_full_link=True)
    third = controller.play(load(full_link=True), load(full_link=False))
    assert actions(third) == ["unchanged", None], third.output
    assert "full_link" in third.results[1]["msg"]
    assert "delete the task first" in third.results[1]["msg"]
    assert "WARNING" not in third.output


# Runs


def test_runs(controller: Controller, emulator: RunningEmulator) -> None:
    """A task is started once; what runs is left alone, what is over too unless rerun says so."""
    emulator.switch("cpts", run_clock=[[9, 60], [0, 30]])
    first = controller.play(
        load(state="started"),
        load(state="started"),
        load(state="started", rerun="always"),
        load(),
    )
    assert actions(first) == ["created", "unchanged", "unchanged", "unchanged"], first.output
    assert first.results[0]["task"]["run_id"] == "48105"
    assert first.results[0]["task"]["state"] == "scheduled"
    emulator.advance(10)
    assert emulator.starts("cpts")["total"] == 1
    emulator.advance(100)
    second = controller.play(
        load(state="started"),
        load(state="started", rerun="on_failure"),
        load(state="started", parallel=True),
        load(),
        load(state="started", rerun="always"),
    )
    assert actions(second) == ["unchanged", "unchanged", "updated", "unchanged", "started"], second.output
    assert second.results[0]["task"]["state"] == "completed"
    assert second.results[0]["task"]["ended"] is not None
    assert second.results[3]["task"]["state"] == "completed"
    assert emulator.starts("cpts")["total"] == 2
    emulator.advance(100)
    existing = controller.play(load("second"), load("second", state="started"))
    assert actions(existing) == ["created", "started"], existing.output
    assert existing.results[1]["diff"]["after"]["state"] == "started"


@pytest.mark.parametrize("history", ["listed", "ended_only"])
@pytest.mark.parametrize("lag", [0, 1])
def test_waiting_for_the_end(
    controller: Controller, emulator: RunningEmulator, history: str, lag: int
) -> None:
    """The run is seen by its own id: neither an old status nor an old run is taken for its end."""
    emulator.switch("cpts", run_clock=[[9, 1], [0, 1]], start_lag_seconds=lag, history_running=history)
    run = controller.play(
        load(state="started", **WAIT),
        load(state="started", **WAIT),
        load(state="started", rerun="always", **WAIT),
    )
    assert actions(run) == ["created", "unchanged", "started"], run.output
    assert [result["run"]["id"] for result in run.results] == ["48105", "48105", "48106"]
    assert [result["run"]["status"] for result in run.results] == ["completed"] * 3
    assert all(result["run"]["started"] <= result["run"]["ended"] for result in run.results)
    assert emulator.starts("cpts")["total"] == 2


def test_a_run_that_fails_or_does_not_end(controller: Controller, emulator: RunningEmulator) -> None:
    """An aborted run fails the module and may be run again; giving up leaves the run alone."""
    emulator.switch("cpts", run_clock=[[0, 1]], run_end_status=3)
    failing = controller.play(load(state="started", **WAIT), load(state="started"))
    assert actions(failing) == ["created", "unchanged"], failing.output
    assert failing.results[0]["failed"]
    assert "aborted" in failing.results[0]["msg"]
    assert failing.results[0]["changed"] is True
    assert failing.results[1]["task"]["state"] == "failed"
    emulator.switch("cpts", run_clock=[[0, 600]])
    late = controller.play(load(state="started", rerun="on_failure", wait_timeout=0.5, **WAIT))
    assert late.only["failed"]
    assert "wait_timeout" in late.only["msg"]
    assert late.only["run"]["status"] == "running"
    assert emulator.tasks("cpts")[0]["run_status"] == 0


@pytest.mark.parametrize("ends", [4, 2])
def test_stopping(controller: Controller, emulator: RunningEmulator, ends: int) -> None:
    """A run is stopped once; what was stopped is over, and stays so unless rerun says otherwise."""
    emulator.switch("cpts", run_clock=[[9, 600]], stop_end_status=ends, stop_seconds=600, stop_idle="refuse")
    run = controller.play(load(state="started"), state("stopped"), state("stopped"))
    assert actions(run) == ["created", "stopped", "unchanged"], run.output
    assert run.results[1]["task"]["state"] == "stopping"
    emulator.advance(600)
    emulator.switch("cpts", stop_seconds=1)
    run = controller.play(
        state("stopped", **WAIT),
        state("stopped"),
        load(state="started"),
        load(state="started", rerun="always"),
        state("stopped", **WAIT),
        state("absent"),
    )
    assert actions(run) == [*["unchanged"] * 3, "started", "stopped", "deleted"], run.output
    assert run.results[2]["task"]["state"] == ("stopped" if ends == 4 else "completed")
    assert emulator.starts("cpts")["total"] == 2


def test_what_a_start_sends(controller: Controller, emulator: RunningEmulator) -> None:
    """The batch call with the kind of the task and the resource group; an old task has its own kind."""
    emulator.seed({"cpts": {"tasks": [{"name": "old", "run_type": 0, "case_id_list": [BROWSE]}]}})
    emulator.switch("cpts", cross_version_writes="refuse", run_clock=[[9, 600]])
    group = {"type": "private-cluster", "id": 12}
    run = controller.play(
        load(state="started", cluster=group),
        state("started", "old"),
        state("stopped", "old"),
        state("absent", "old"),
        load("empty", cases=[], state="started"),
    )
    assert actions(run) == ["created", "started", "stopped", "deleted", None], run.output
    assert "has no cases" in run.results[4]["msg"]
    assert run.results[4]["changed"] is True
    assert "Before that it was created" in run.results[4]["msg"]
    new, old, *dummy = (entry["json"] for entry in emulator.log("cpts", "run_tasks"))
    assert new == {
        "type": 1,
        "project_id": 393862,
        "task_id_list": [184138 + 1],
        "cluster_id": 12,
        "cluster_type": "private-cluster",
        "without_package": 0,
        "network_info": {"network_type": "internet"},
        "status": 9,
    }
    assert (old["type"], old["cluster_id"], old["cluster_type"]) == (0, 0, "shared-cluster-internet")


def test_a_state_that_is_not_shown_is_not_guessed(controller: Controller, emulator: RunningEmulator) -> None:
    """Where the server hides the run status, an existing task is neither started nor stopped."""
    emulator.switch("cpts", v1_reads_v3_tasks=False, run_clock=[[0, 1]])
    run = controller.play(
        load(state="started", **WAIT), load(state="started", rerun="always"), state("stopped")
    )
    assert actions(run) == ["created", None, None], run.output
    assert run.results[0]["run"]["status"] == "completed"
    assert "unknown" in run.results[1]["msg"]
    assert emulator.starts("cpts")["total"] == 1


# Logins


def test_each_way_to_log_in(
    controller: Controller, emulator: RunningEmulator, account: dict[str, Any]
) -> None:
    """Keys, temporary keys, a user and a ready token, each with and without the project's id."""
    user = {name: account[name] for name in ("username", "password", "domain")}
    project = {"project_id": account["project_id"]}
    ways: list[dict[str, Any]] = [account["temporary"], user, {"token": account["token"]}]
    info = [("cpts_task_info", {**way, **more}) for way in ways for more in ({}, project)]
    run = controller.play(*info, environment=NO_KEYS)
    assert [result.get("tasks") for result in run.results] == [[]] * len(info), run.output
    sent = run.requests(emulator.log("cpts"))
    lists = ["list_suites", "list_tasks"]
    looked_up = ["list_projects", *lists]
    assert sent == [looked_up, lists, ["login", *lists], ["login", *lists], looked_up, lists]
    keys = controller.play(("cpts_task_info", {}), ("cpts_task_info", project))
    assert [result.get("tasks") for result in keys.results] == [[], []], keys.output
    entry = emulator.log("cpts", "list_suites")[0]
    assert "x-security-token" in entry["headers"]["authorization"]
    assert entry["headers"]["x-project-id"] == account["project_id"]


def test_environment_variables(controller: Controller, account: dict[str, Any]) -> None:
    """Terraform's names, those of the vendor's client, and our own, which come first."""
    nothing = dict.fromkeys(("HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_REGION_NAME", "HW_AUTH_URL"), "")
    temporary = account["temporary"]
    variables = [
        {
            "HUAWEICLOUD_SDK_AK": temporary["access_key"],
            "HUAWEICLOUD_SDK_SK": temporary["secret_key"],
            "HUAWEICLOUD_SDK_SECURITY_TOKEN": temporary["security_token"],
            "HUAWEICLOUD_SDK_PROJECT_ID": account["project_id"],
        },
        {
            "HW_USER_NAME": account["username"],
            "HW_USER_PASSWORD": "not-the-password",
            "CPTS_PASSWORD": account["password"],
            "HW_DOMAIN_NAME": account["domain"],
            "HW_PROJECT_ID": account["project_id"],
            "HW_AUTH_URL": account["identity_url"] + "/v3",
        },
        {
            "CPTS_TOKEN": account["token"],
            "HW_AUTH_TOKEN": "not-the-token",
            "HW_REGION_NAME": account["region"],
            "HUAWEICLOUD_SDK_IAM_ENDPOINT": account["identity_url"],
        },
    ]
    for environment in variables:
        run = controller.play(("cpts_task_info", {}), environment={**nothing, **environment})
        assert run.only.get("tasks") == [], run.output


REFUSED: list[tuple[dict[str, Any], list[str]]] = [
    ({"secret_key": "not-the-secret-key-at-all"}, ["aksk signature"]),
    ({"access_key": "HWAKNOBODYKNOWS00000"}, ["ak HWAKNOBODYKNOWS00000 not exist"]),
    ({"security_token": "not-the-security-token"}, ["security token"]),
    ({"token": "not-the-token-at-all"}, ["decrypt token fail"]),
    ({"project_id": "0" * 32}, ["project ID", "0302"]),
    ({"region": "mars-1"}, ["region", "mars-1", "Set project_id"]),
]


def test_wrong_credentials(controller: Controller, emulator: RunningEmulator) -> None:
    """A clear error, and nothing is taken for absent or written."""
    emulator.seed({"cpts": {"tasks": [{"name": "Nightly load"}]}})
    tasks = [task for options, said in REFUSED for task in (load(**options), state("absent", **options))]
    run = controller.play(*tasks)
    for result, (dummy, said) in zip(run.results, [item for item in REFUSED for twice in "ab"], strict=True):
        assert result["failed"]
        assert all(text in result["msg"] for text in said), result["msg"]
    assert "not-the" not in run.output
    assert emulator.log("cpts", writes=True) == []


def test_wrong_password(controller: Controller, emulator: RunningEmulator, account: dict[str, Any]) -> None:
    """A refused login is tried once; without the account's name nothing is sent."""
    wrong = {"username": account["username"], "password": "not-the-password"}
    run = controller.play(
        state("absent", **wrong, domain=account["domain"]), state("absent", **wrong), environment=NO_KEYS
    )
    refused, incomplete = run.results
    assert "log in as 'perfuser'" in refused["msg"]
    assert "username or password is wrong" in refused["msg"]
    assert incomplete["msg"].startswith("domain: ")
    assert [entry["operation"] for entry in emulator.log("cpts")] == ["login"]


def test_several_projects_of_a_region(controller: Controller, emulator: RunningEmulator) -> None:
    """The project is not guessed."""
    emulator.seed({"cpts": {"projects": {"f" * 32: "cn-north-4"}}})
    run = controller.play(state("absent"))
    assert run.only["failed"]
    assert "f" * 32 in run.only["msg"]
    assert "Set project_id" in run.only["msg"]


def test_token_expires(controller: Controller, emulator: RunningEmulator, account: dict[str, Any]) -> None:
    """A token that must be updated is renewed once, where there is a login; then the write is sent."""
    user = {name: account[name] for name in ("username", "password", "domain")}
    emulator.fault("expire_token", vendor="cpts", operation="create_task")
    run = controller.play(load(**user), load(**user, token=account["token"]), environment=NO_KEYS)
    assert actions(run) == ["created", "unchanged"], run.output
    assert len(emulator.log("cpts", "login")) == 1 + 1
    emulator.fault("expire_token", vendor="cpts", operation="list_suites")
    given = controller.play(state("absent", token=account["token"]), environment=NO_KEYS)
    assert given.only["failed"]
    assert given.only["error"]["vendor_code"] == "APIGW.0307"
    assert len(emulator.tasks("cpts")) == 1


# What is not "absent"


@pytest.mark.parametrize(
    ("switches", "said"),
    [
        ({"service_activated": False}, ["open the CodeArts PerfTest service first", "4031009"]),
        ({"service_activated": False, "status_4031009": 404 - 1}, ["4031009"]),
        ({"clock_skew_seconds": 3600}, ["0301", "x-sdk-date"]),
        ({"clock_skew_seconds": -3600, "gateway_prefix": "APIG"}, ["APIG.0301"]),
        ({"throttle_429": True}, ["429", "ratelimit"]),
    ],
)
def test_nothing_else_is_absent(
    controller: Controller, emulator: RunningEmulator, switches: dict[str, Any], said: list[str]
) -> None:
    """An account without the service, a wrong clock, a busy gateway: errors, and no task is created."""
    controller.play(load())
    emulator.switch("cpts", **switches)
    emulator.clear_log()
    task = ("cpts_task", {"task_id": "184138", "state": "absent"})
    run = controller.play(load(), state("absent"), task, module_defaults={"retries": 0})
    assert [result["failed"] for result in run.results] == [True] * 3, run.output
    for result in run.results:
        assert any(text in result["msg"] for text in said)
    assert emulator.log("cpts", writes=True) == []
    assert len(emulator.tasks("cpts")) == 1


def test_busy_server(controller: Controller, emulator: RunningEmulator) -> None:
    """A 429 is waited out in seconds for every call, a 503 only for those that read."""
    busy = {"vendor": "cpts", "kind": "status", "body": "json"}
    emulator.fault(**busy, status=429, operation="create_task", times=2)
    emulator.fault(**busy, status=503, operation="list_tasks", times=2)
    run = controller.play(load())
    assert actions(run) == ["created"], run.output
    emulator.fault(**busy, status=503, operation="update_task")
    failed = controller.play(load(parallel=True), load(parallel=True))
    assert actions(failed) == [None, "updated"], failed.output
    assert failed.results[0]["error"]["unclear"] is True


@pytest.mark.parametrize("kind", ["act_then_drop", "close_before_reading"])
def test_lost_answers(controller: Controller, emulator: RunningEmulator, kind: str) -> None:
    """A create is sent again only when it is not there; a start never, and is unclear if it is not seen."""
    acted = kind == "act_then_drop"
    emulator.switch("cpts", run_clock=[[9, 600]])
    emulator.fault(kind, vendor="cpts", operation="create_task")
    first = controller.play(load())
    assert actions(first) == ["created"], first.output
    assert len(emulator.tasks("cpts")) == 1
    assert len(emulator.log("cpts", "create_task")) == (1 if acted else 2)
    emulator.fault(kind, vendor="cpts", operation="run_tasks")
    started = controller.play(load(state="started"), load(state="started"))
    assert actions(started) == (["started", "unchanged"] if acted else [None, "started"]), started.output
    if acted:
        assert "The server shows that it was done" in started.results[0]["warnings"][0]
    else:
        assert started.results[0]["error"]["unclear"] is True
    assert emulator.starts("cpts")["total"] == 1


def test_info_gives_what_the_task_module_takes(controller: Controller, emulator: RunningEmulator) -> None:
    """What info returns, declared again, changes nothing; filters narrow it down."""
    emulator.seed(
        {"cpts": {"suites": [{"id": 5, "name": "second"}], "tasks": [{"name": "x", "project_id": 5}]}}
    )
    controller.play(load(cases=["pay", "browse"]), load("parallel", parallel=True))
    listed = controller.play(
        ("cpts_task_info", {}),
        ("cpts_task_info", {"test_suite": "second"}),
        ("cpts_task_info", {"name": "parallel", "include_raw": True}),
        ("cpts_task_info", {"test_suite": "nowhere"}),
        ("cpts_task_info", {"test_suite": 1}),
        ("cpts_task_info", {"task_id": "184138", "name": "another"}),
        ("cpts_task_info", {"task_id": "184139", "test_suite": 5}),
        ("cpts_task_info", {"task_id": "99"}),
    )
    counts = [len(result["tasks"]) for result in listed.results]
    assert counts == [3, 1, 1, 0, 0, 0, 0, 0], listed.output
    assert listed.results[2]["tasks"][0]["raw"]["run_status"] == 2
    again = [
        (
            "cpts_task",
            {name: task[name] for name in ("name", "test_suite", "cases", "parallel")},
        )
        for task in listed.results[0]["tasks"]
    ]
    assert actions(controller.play(*again)) == ["unchanged"] * 3


def test_ad_hoc(controller: Controller, emulator: RunningEmulator) -> None:
    """A one-liner works, twice, and the second time changes nothing."""
    command = ["ansible", "localhost", "-m", "taskbridge.vendors.cpts_task"]
    options = f"name=job test_suite=393862 cases={BROWSE},pay ca_path={emulator.info['ca']}"
    first = controller.execute([*command, "-a", options])
    second = controller.execute([*command, "-a", options])
    assert first.status == second.status == 0, first.output
    assert '"changed": true' in first.output
    assert '"changed": false' in second.output
