# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of workflows against the emulator: vro_workflow_run, and vro_task with wait."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import requests
from emulator.launch import RunningEmulator
from integration.controller import Controller
from integration.meanwhile import Onlooker, meanwhile
from integration.scenario import Declaration
from integration.test_vro import EVERY_INPUT, actions
from integration.vendors.vro import SECRET, nightly, run_of

# What the collection knows only by inference, told one way and the other.
SERVERS: list[dict[str, Any]] = [
    {"profile": 7, "execution_state_key": "state", "list_shape": "flat", "date_form": "epoch_millis"},
    {"profile": 8, "run_link_attributes": False, "secure_readback": "plain", "initializing_seconds": 1},
    {"profile": 9, "secure_readback": "masked", "date_form": "zone_offset"},
]
FAILURE = "Error: the workflow failed (Workflow:Always fails / item1)"


def after_two_looks(
    emulator: RunningEmulator, operation: str, act: Callable[[], object]
) -> AbstractContextManager[None]:
    """Do something while a playbook waits in the block: once it has looked twice."""

    def happens(onlooker: Onlooker) -> None:
        onlooker.looks(2)
        act()

    return meanwhile(emulator, "vro", operation, happens)


def once(**options: Any) -> Declaration:
    """Return a declaration of a task that runs once, a minute after ``before``, and is waited for."""
    return "vro_task", {
        "name": "Once",
        "workflow": "Say hello",
        "schedule": {"at": "2030-01-01T00:01:00Z"},
        "wait": True,
        "wait_interval": 0.1,
        "wait_timeout": 60,
        **options,
    }


def before(emulator: RunningEmulator) -> None:
    """Set the clock to a minute before the time of ``once``; runs take a moment of real time."""
    emulator.set_clock("2030-01-01T00:00:00Z")
    emulator.switch("vro", run_seconds=1)


@pytest.mark.parametrize("values", SERVERS, ids=str)
def test_a_run_to_its_end(controller: Controller, emulator: RunningEmulator, values: dict[str, Any]) -> None:
    """Inputs of each type go there, and outputs of each type come back as plain data; secrets do not."""
    emulator.switch("vro", **values)
    with after_two_looks(emulator, "get_run_state", lambda: emulator.advance(60)):
        run = controller.play(run_of("Every type", inputs=EVERY_INPUT, include_raw=True))
    result = run.only
    assert not result["failed"], run.output
    assert (result["changed"], result["action"]) == (True, "started")
    assert result["run"]["status"] == result["run"]["vendor_status"] == "completed"
    assert result["run"]["started"] < result["run"]["ended"]
    assert result["run"]["details"]["started_by"].startswith("orchestrator")
    outputs = {name: value for name, value in result["outputs"].items() if value is not None}
    assert outputs == {
        **EVERY_INPUT,
        "count": 42,
        "flag": True,
        "when": "2030-01-31T16:30:00+00:00",
        "password": "********",
        "cipher": "********",
        "vms": [{"id": f"vcenter/vm-{number}", "type": "VC:VirtualMachine"} for number in (1, 2)],
    }
    assert result["raw"]["id"] == result["run"]["id"]
    everything = run.output + str(result)
    assert SECRET not in everything
    assert str(EVERY_INPUT["cipher"]) not in everything
    assert emulator.starts("vro")["total"] == 1


def test_a_secret_output_is_masked_everywhere(controller: Controller, emulator: RunningEmulator) -> None:
    """A secret that only the server knew is as hidden as one that was given."""
    emulator.switch("vro", run_seconds=0, secure_readback="plain")
    account = emulator.info["accounts"]["vro"]
    session = requests.Session()
    session.trust_env = False
    workflow = account["workflows"]["Maintenance/Rotate password"]
    given = [
        {"name": "account", "type": "string", "value": {"string": {"value": "CHG7"}}},
        {"name": "password", "type": "SecureString", "value": {"secure-string": {"value": SECRET}}},
    ]
    started = session.post(
        f"{emulator.info['http']}/vco/api/workflows/{workflow}/executions",
        json={"parameters": given},
        auth=(account["username"], account["password"]),
        headers={"Accept": "application/json"},
        timeout=30,
    )
    assert started.status_code == 202
    run = controller.play(
        run_of("Rotate password", idempotency_key="CHG7", idempotency_input="account", include_raw=True),
        arguments=["-vvv"],
    )
    assert run.only["action"] == "unchanged", run.output
    assert run.only["outputs"] == {"account": "CHG7", "password": "********"}
    assert SECRET not in run.output + str(run.results)


def test_a_failed_and_a_canceled_run(controller: Controller, emulator: RunningEmulator) -> None:
    """A failed run fails the module with the vendor's text; so does one that a person canceled."""
    emulator.switch("vro", run_seconds=0)
    failed = controller.play(run_of("Always fails")).only
    assert failed["failed"]
    assert failed["msg"] == f"The run of 'Always fails' failed: {FAILURE}"
    assert failed["run"]["status"] == "failed"
    assert failed["run"]["error"] == FAILURE
    assert failed["changed"] is True
    emulator.switch("vro", run_ends="canceled")
    canceled = controller.play(run_of("Say hello")).only
    assert canceled["failed"]
    assert (canceled["run"]["status"], canceled["run"]["vendor_status"]) == ("stopped", "canceled")


@pytest.mark.parametrize(
    ("options", "values", "state", "said"),
    [
        ({}, {}, "running", "It was not stopped."),
        ({"cancel_on_timeout": True}, {}, "canceled", "It was canceled."),
        ({"cancel_on_timeout": True}, {"cancel_seconds": 60}, "running", "told to cancel, and is running."),
    ],
)
def test_time_is_up(
    controller: Controller,
    emulator: RunningEmulator,
    options: dict[str, Any],
    values: dict[str, Any],
    state: str,
    said: str,
) -> None:
    """The message says what was last seen and what became of the run, which the result shows too."""
    emulator.switch("vro", **values)
    late = controller.play(run_of("Say hello", wait_timeout=0.5, **options)).only
    assert late["failed"]
    assert "wait_timeout (0.5 s); it was last seen running." in late["msg"]
    assert late["msg"].endswith(said)
    assert late["run"]["vendor_status"] == state
    assert emulator.starts("vro")["total"] == 1
    assert len(emulator.log("vro", "cancel_run")) == len(options)


def test_a_cancellation_that_fails(controller: Controller, emulator: RunningEmulator) -> None:
    """The time-out stays the failure, and tells that the run may go on."""
    emulator.fault("status", vendor="vro", operation="cancel_run", status=500)
    late = controller.play(run_of("Say hello", wait_timeout=0.3, cancel_on_timeout=True)).only
    assert "wait_timeout" in late["msg"]
    assert "It may not have been canceled. Could not cancel run" in late["msg"]
    assert late["run"]["status"] == "running"


@pytest.mark.parametrize("state", ["waiting", "waiting-signal"])
@pytest.mark.parametrize(("person", "said"), [(True, "a person, who is to answer"), (False, "a signal. ")])
def test_a_run_that_waits(
    controller: Controller, emulator: RunningEmulator, state: str, person: bool, said: str
) -> None:
    """It is told apart from one that runs, and the message says what is to be done."""
    emulator.switch("vro", run_stops_in=state, waits_for_person=person)
    late = controller.play(run_of("Say hello", wait_timeout=0.5)).only
    assert f"it was last seen waiting. It waits for {said}" in late["msg"]
    assert ("/interaction" in late["msg"]) == person
    assert (late["run"]["status"], late["run"]["vendor_status"]) == ("waiting", state)


def test_a_suspended_run(controller: Controller, emulator: RunningEmulator) -> None:
    """It is neither running nor over, and waits for nobody."""
    emulator.switch("vro", run_stops_in="suspended")
    late = controller.play(run_of("Say hello", wait_timeout=0.5)).only
    assert late["msg"].endswith("it was last seen paused. It was not stopped.")
    assert late["run"]["vendor_status"] == "suspended"
    assert emulator.log("vro", "get_interaction") == []


def test_a_person_answers(controller: Controller, emulator: RunningEmulator) -> None:
    """A run that waits for a person is waited for: the answer may come."""

    def answer() -> None:
        entry = emulator.log("vro", "get_interaction")[-1]
        account = emulator.info["accounts"]["vro"]
        with requests.Session() as session:
            session.trust_env = False
            reply = session.post(
                f"{emulator.info['http']}{entry['path']}",
                json={},
                auth=(account["username"], account["password"]),
                headers={"Accept": "application/json"},
                timeout=30,
            )
            assert reply.status_code == 204

    with after_two_looks(emulator, "get_run_state", answer):
        run = controller.play(run_of("Ask a person"))
    assert not run.only["failed"], run.output
    assert run.only["run"]["status"] == "completed"


def test_a_wait_survives_failed_looks(controller: Controller, emulator: RunningEmulator) -> None:
    """Two looks that fail, and a token that expires, are made up for; nothing is started again."""
    account = emulator.info["accounts"]["vro"]
    login = {"auth": "vcf", "api_token": account["api_token"], "tenant": account["tenant"]}
    emulator.switch("vro", run_seconds=2)
    emulator.fault("status", vendor="vro", operation="get_run_state", status=503, times=2)
    emulator.fault("expire_token", vendor="vro", operation="get_run_state")
    run = controller.play(run_of("Say hello", **login), environment={"VRO_USERNAME": "", "VRO_PASSWORD": ""})
    assert not run.only["failed"], run.output
    assert run.only["run"]["status"] == "completed"
    statuses = [entry["status"] for entry in emulator.log("vro", "get_run_state")]
    assert statuses[:2] == [503, 503]
    assert 401 in statuses
    assert len(emulator.log("vro", "login")) == 2
    assert emulator.starts("vro")["total"] == 1


def test_check_mode_starts_nothing(controller: Controller, emulator: RunningEmulator) -> None:
    """It says what would be done, with a key what is there, and refuses what a real run would refuse."""
    keyed = run_of("Clean snapshots", idempotency_key="CHG1", idempotency_input="folder", wait=False)
    tasks = (keyed, run_of("Clean snapshots", inputs={"days": 7}), run_of("Nobody's"))
    first = controller.play(*tasks, arguments=["--check", "--diff"])
    assert actions(first) == ["started", "started", None], first.output
    assert first.results[1]["diff"]["after"]["inputs"] == {"days": 7}
    assert all("run" not in result for result in first.results)
    assert emulator.log("vro", writes=True) == []
    controller.play(keyed)
    second = controller.play(keyed, arguments=["--check"]).only
    assert (second["changed"], second["run"]["status"]) == (False, "running")
    assert emulator.starts("vro")["total"] == 1


@pytest.mark.parametrize("links", [True, False])
def test_a_key(controller: Controller, emulator: RunningEmulator, links: bool) -> None:
    """A run with the key is not started again, and an unfinished one is waited for."""
    emulator.switch("vro", run_seconds=2, run_link_attributes=links)
    keyed = {"idempotency_key": "CHG1", "idempotency_input": "folder"}
    run = controller.play(
        run_of("Clean snapshots", inputs={"days": 1}, **keyed, wait=False),
        run_of("Clean snapshots", inputs={"days": 1, "folder": "CHG2"}, idempotency_key="CHG2", wait=False),
        run_of("Clean snapshots", inputs={"days": 1}, **keyed),
        run_of("Clean snapshots", inputs={"days": 2}, **keyed),
        run_of("Clean snapshots", inputs={"days": 1, "folder": "CHG2"}, idempotency_key="CHG2"),
    )
    assert actions(run) == ["started", "started", "unchanged", "unchanged", "unchanged"], run.output
    assert [result["changed"] for result in run.results] == [True, True, False, False, False]
    first, second, again, other, named = (result["run"] for result in run.results)
    assert first["id"] == again["id"] == other["id"] != second["id"] == named["id"]
    assert first["status"] == "running"
    assert again["status"] == "completed"
    assert run.results[2]["outputs"]["days"] == 1
    warning = "has another value in inputs.days. It counts all the same."
    assert [warning in str(result.get("warnings")) for result in run.results] == [False] * 3 + [True, False]
    assert emulator.starts("vro")["total"] == 2


def test_rerun(controller: Controller, emulator: RunningEmulator) -> None:
    """A failed run with the key fails again without a start; on_failure and always start another."""
    emulator.switch("vro", run_seconds=0, run_ends="failed")
    keyed = {"idempotency_key": "CHG1", "idempotency_input": "folder"}
    failed = controller.play(run_of("Clean snapshots", **keyed), run_of("Clean snapshots", **keyed))
    assert [result["changed"] for result in failed.results] == [True, False]
    assert "rerun: on_failure" in failed.results[1]["msg"]
    assert emulator.starts("vro")["total"] == 1
    emulator.switch("vro", run_ends="completed")
    run = controller.play(
        run_of("Clean snapshots", rerun="on_failure", **keyed),
        run_of("Clean snapshots", rerun="on_failure", **keyed),
        run_of("Clean snapshots", **keyed),
        run_of("Clean snapshots", rerun="always", **keyed),
        run_of("Clean snapshots", rerun="always", **keyed),
    )
    assert actions(run) == ["started", "unchanged", "unchanged", "started", "started"], run.output
    assert emulator.starts("vro")["total"] == 4


def test_a_canceled_run_is_run_again_on_failure(controller: Controller, emulator: RunningEmulator) -> None:
    """One that took too long was canceled, and the next call of the playbook starts another."""
    late = run_of(
        "Clean snapshots",
        idempotency_key="CHG1",
        idempotency_input="folder",
        rerun="on_failure",
        wait_timeout=0.3,
        cancel_on_timeout=True,
    )
    assert controller.play(late).only["run"]["status"] == "stopped"
    emulator.switch("vro", run_seconds=0)
    assert controller.play(late, late).results[1]["action"] == "unchanged"
    assert emulator.starts("vro")["total"] == 2


def test_the_depth_of_the_search(controller: Controller, emulator: RunningEmulator) -> None:
    """Only so many of the newest runs are looked at."""
    keyed = run_of(
        "Clean snapshots",
        idempotency_key="CHG1",
        idempotency_input="folder",
        idempotency_depth=2,
        wait=False,
    )
    other = run_of("Clean snapshots", wait=False)
    run = controller.play(keyed, other, keyed, other, other, keyed)
    assert [action for action in actions(run) if action] == [
        "started",
        "started",
        "unchanged",
        "started",
        "started",
        "started",
    ]
    assert emulator.starts("vro")["total"] == 5


def test_a_start_whose_answer_is_lost(controller: Controller, emulator: RunningEmulator) -> None:
    """The run is found among the runs; it is never started a second time."""
    emulator.switch("vro", run_seconds=1)
    controller.play(run_of("Clean snapshots", inputs={"days": 1}, wait=False))
    emulator.fault("act_then_drop", vendor="vro", operation="start_run")
    run = controller.play(run_of("Clean snapshots", inputs={"days": 1}))
    assert actions(run) == ["started"], run.output
    assert run.only["run"]["status"] == "completed"
    assert emulator.starts("vro")["total"] == 2


@pytest.mark.parametrize(
    ("fault", "starts"),
    [("close_before_reading", 0), ("act_then_drop", 1)],
)
def test_an_unclear_start(controller: Controller, emulator: RunningEmulator, fault: str, starts: int) -> None:
    """Where the look tells nothing, the failure says that it is unclear, and nothing is sent again."""
    emulator.fault(fault, vendor="vro", operation="start_run")
    if starts:  # the run that was started is not shown
        emulator.fault("status", vendor="vro", operation="get_run", status=503, times=9)
    failed = controller.play(run_of("Say hello", retries=0)).only
    assert failed["failed"]
    assert failed["error"]["unclear"] is True
    assert "look there before you run this again" in failed["msg"]
    assert len(emulator.log("vro", "start_run")) == 1
    assert emulator.starts("vro")["total"] == starts


def test_equal_runs_of_others_are_not_taken_for_ours(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """A lost answer, and a new run that another account started: it stays unclear."""
    emulator.fault("act_then_drop", vendor="vro", operation="start_run")
    account = emulator.info["accounts"]["vro"]
    # The emulator's token is that of orchestrator@..., whatever the user name beside it says.
    login = {"auth": "token", "token": account["token"], "username": "somebody", "password": "not-looked-at"}
    failed = controller.play(run_of("Say hello", **login)).only
    assert failed["error"]["unclear"] is True
    assert emulator.starts("vro")["total"] == 1


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"workflow": None}, ["workflow"]),
    ({"workflow": " "}, ["workflow"]),
    ({"idempotency_key": ""}, ["idempotency_key"]),
    ({"idempotency_input": "folder"}, ["idempotency_input", "folder", "idempotency_key"]),
    ({"rerun": "always"}, ["rerun", "always", "idempotency_key"]),
    (
        {"idempotency_key": "a", "idempotency_input": "folder", "inputs": {"folder": "b"}},
        ["idempotency_input", "folder", "another value"],
    ),
    ({"idempotency_key": "a", "idempotency_depth": 0}, ["idempotency_depth", "0"]),
    ({"rerun": "sometimes"}, ["rerun", "sometimes"]),
]
WRONG_FOR_THE_WORKFLOW: list[tuple[dict[str, Any], list[str]]] = [
    ({"inputs": {"day": 1}}, ["inputs.day", "days, folder"]),
    ({"inputs": {"days": "many"}}, ["inputs.days", "many"]),
    ({"idempotency_key": "a"}, ["idempotency_key", "'a'", "idempotency_input"]),
    ({"idempotency_key": "7", "inputs": {"days": 7}}, ["idempotency_key", "'7'", "idempotency_input"]),
    ({"idempotency_key": "a", "idempotency_input": "none"}, ["idempotency_input", "'none'", "folder"]),
    ({"idempotency_key": "7", "idempotency_input": "days"}, ["idempotency_input", "'days'", "string"]),
    ({"workflow": "Patch hosts"}, ["workflow", "Maintenance/Linux/Patch hosts"]),
]


def test_wrong_input_is_refused(controller: Controller, emulator: RunningEmulator) -> None:
    """The message names the option and the value; what needs the workflow is refused before any write."""
    given = [*WRONG, *WRONG_FOR_THE_WORKFLOW]
    module, usual = run_of("Clean snapshots")
    run = controller.play(*[(module, {**usual, **options}) for options, said in given])
    for result, (options, said) in zip(run.results, given, strict=True):
        assert result["failed"], options
        assert [text for text in said if text not in result["msg"]] == [], (options, result["msg"])
    sent = run.requests(emulator.log("vro"))
    assert [names for names in sent[: len(WRONG)] if names] == []
    assert emulator.log("vro", writes=True) == []


# A task that is waited for.


@pytest.mark.parametrize("values", SERVERS, ids=str)
def test_the_run_of_a_task(controller: Controller, emulator: RunningEmulator, values: dict[str, Any]) -> None:
    """The only run of a task is waited for; a second call returns it at once and starts nothing."""
    before(emulator)
    emulator.switch("vro", **values)
    with after_two_looks(emulator, "list_task_runs", lambda: emulator.advance(60)):
        first = controller.play(once())
    assert actions(first) == ["created"], first.output
    assert first.only["run"]["status"] == "completed"
    assert first.only["run"]["started"].startswith("2030-01-01T00:01:00")
    assert first.only["run"]["started"] < first.only["run"]["ended"]
    assert first.only["task"]["state"] == "completed"
    second = controller.play(once())
    assert actions(second) == ["unchanged"], second.output
    assert second.only["run"] == first.only["run"]
    assert emulator.starts("vro")["total"] == 1


def test_a_change_calls_for_a_new_run(controller: Controller, emulator: RunningEmulator) -> None:
    """A recurring task: the newest run counts, but not one from before this call has changed the task."""
    emulator.set_clock("2030-01-01T00:59:30Z")
    emulator.switch("vro", run_seconds=1)
    daily = {"schedule": {"cron": "0 1 * * *"}, "wait": True, "wait_interval": 0.1, "wait_timeout": 60}
    day = 86400
    with after_two_looks(emulator, "list_task_runs", lambda: emulator.advance(31)):
        first = controller.play(nightly(**daily))
    emulator.set_clock("2030-01-02T00:59:00Z")
    second = controller.play(nightly(**daily))
    emulator.clear_log()
    with after_two_looks(emulator, "list_task_runs", lambda: emulator.advance(day)):
        third = controller.play(nightly(**daily, inputs={"days": 8}))
    runs = [play.only["run"] for play in (first, second, third)]
    assert [play.only["action"] for play in (first, second, third)] == ["created", "unchanged", "updated"]
    assert runs[0]["id"] == runs[1]["id"] != runs[2]["id"]
    assert [run["details"]["inputs"]["days"] for run in runs] == [7, 7, 8]
    assert [run["status"] for run in runs] == ["completed"] * 3


def test_a_task_whose_run_fails(controller: Controller, emulator: RunningEmulator) -> None:
    """The vendor's text, and the same again from a second call, which starts nothing."""
    before(emulator)
    failing = once(workflow="Always fails")
    with after_two_looks(emulator, "list_task_runs", lambda: emulator.advance(60)):
        first = controller.play(failing).only
    second = controller.play(failing).only
    for result in (first, second):
        assert result["failed"]
        assert result["msg"] == f"The run of 'Once' failed: {FAILURE}"
        assert result["run"]["status"] == "failed"
    assert [first["changed"], second["changed"]] == [True, False]
    assert emulator.starts("vro")["total"] == 1


def test_a_task_that_is_late(controller: Controller, emulator: RunningEmulator) -> None:
    """A run that has not begun, and one that waits for a person, are told apart."""
    before(emulator)
    early = controller.play(once(wait_timeout=0.5)).only
    assert early["msg"].endswith("it was last seen scheduled. It has not begun.")
    assert early["run"]["id"] == ""
    emulator.switch("vro", run_stops_in="waiting")
    emulator.advance(61)
    late = controller.play(once(wait_timeout=0.5)).only
    assert "it was last seen waiting. It waits for a person" in late["msg"]
    assert late["msg"].endswith("It was not stopped.")
    assert emulator.starts("vro")["total"] == 1


def test_a_task_without_a_run(controller: Controller, emulator: RunningEmulator) -> None:
    """A suspended task, and one that is over, fail at once: there is nothing to wait for."""
    before(emulator)
    asleep = once(wait=False, enabled=False)
    over = once(wait=False, name="Over", schedule={"cron": "0 1 * * *", "end": "2030-01-01T00:30:00Z"})
    controller.play(asleep, over)
    emulator.set_clock("2030-01-01T02:00:00Z")
    run = controller.play(once(), once(name="Over", schedule=None))
    suspended, finished = (result["msg"] for result in run.results)
    assert suspended.endswith("there is none, as the task is suspended. Set enabled: true")
    assert finished.endswith("there is none, and the task, which is finished, will not run by itself")
    assert [result["run"]["status"] for result in run.results] == ["idle", "idle"]


def test_a_wait_for_a_task_survives_failed_looks(controller: Controller, emulator: RunningEmulator) -> None:
    """Failed looks and an expired token do no harm."""
    before(emulator)
    account = emulator.info["accounts"]["vro"]
    login = {"auth": "vcf", "api_token": account["api_token"], "tenant": account["tenant"]}
    controller.play(once(wait=False))
    emulator.fault("expire_token", vendor="vro", operation="get_run")

    def trouble() -> None:
        emulator.fault("status", vendor="vro", operation="get_task", status=503, times=2)
        emulator.advance(60)

    with after_two_looks(emulator, "list_task_runs", trouble):
        run = controller.play(once(**login), environment={"VRO_USERNAME": "", "VRO_PASSWORD": ""})
    assert actions(run) == ["unchanged"], run.output
    assert run.only["run"]["status"] == "completed"
    assert [entry["status"] for entry in emulator.log("vro", "get_task")].count(503) == 2
    assert len(emulator.log("vro", "login")) == 2
    assert emulator.starts("vro")["total"] == 1


def test_nothing_is_waited_for_in_check_mode(controller: Controller, emulator: RunningEmulator) -> None:
    """Check mode predicts and returns at once."""
    before(emulator)
    run = controller.play(once(), arguments=["--check"])
    assert actions(run) == ["created"]
    assert "run" not in run.only
    assert emulator.log("vro", writes=True) == []


@pytest.mark.parametrize("options", [{"state": "absent"}, {"enabled": False}])
def test_waiting_for_what_shall_not_run(
    controller: Controller, emulator: RunningEmulator, options: dict[str, Any]
) -> None:
    """It is refused before any request."""
    refused = controller.play(once(**options)).only
    assert refused["msg"].startswith("wait: True waits for a run, and ")
    assert emulator.log("vro") == []
