# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load tests that are waited for: how they end, what their reports say, and what thresholds make of it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller
from integration.meanwhile import Onlooker, meanwhile
from integration.scenario import Declaration
from integration.vendors.cpts import load

NO_KEYS = {"HW_ACCESS_KEY": "", "HW_SECRET_KEY": ""}
SHORT = [[9, 0.3], [0, 0.5]]
GATE = {"success_rate": 99.5, "average_response_time": 200, "tp90": 300, "tp99": 1000, "rps": 150}


def run_of(**options: Any) -> Declaration:
    """Return a declaration of a run that is waited for."""
    return load(state="started", wait=True, **{"wait_interval": 0.1, **options})


def once_it_runs(emulator: RunningEmulator, seconds: float) -> AbstractContextManager[None]:
    """Advance the clock beside the playbook, once the server was asked for the status of the run."""

    def happens(onlooker: Onlooker) -> None:
        onlooker.started()
        onlooker.looks()
        emulator.advance(seconds)

    return meanwhile(emulator, "cpts", "get_task", happens)


def test_a_run_and_its_report(controller: Controller, emulator: RunningEmulator) -> None:
    """The wait ends with the run, which the clock decides; figures and cases are those of the report."""
    emulator.switch("cpts", report={"cases": {"pay": {"tp99": 990, "success_count": 11000}}})
    with once_it_runs(emulator, 60):
        run = controller.play(run_of(thresholds=GATE))
    result = run.only
    assert not result["failed"], run.output
    assert result["action"] == "created"
    shown = result["run"]
    assert (shown["id"], shown["status"], shown["vendor_status"], shown["error"]) == (
        "48105",
        "completed",
        "2",
        "",
    )
    assert shown["started"] < shown["ended"]
    details = shown["details"]
    assert details["figures"] == {
        "request_count": 12000,
        "success_count": 11988,
        "error_count": 12,
        "success_rate": 99.9,
        "error_rate": 0.1,
        "rps": 200.5,
        "max_rps": 260,
        "tps": 66.8,
        "max_users": 100,
        "average_response_time": 143.5,
        "min_response_time": 12,
        "max_response_time": 1840,
        "tp50": 120,
        "tp90": 260,
        "tp95": 340,
        "tp99": 990,
    }
    assert [(case["name"], case["tp99"]) for case in details["cases"]] == [("browse", 780), ("pay", 990)]
    assert details["cases"][1]["success_rate"] == pytest.approx(91.6666667)
    assert [(row["figure"], row["kind"], row["met"]) for row in details["thresholds"]] == [
        ("success_rate", "at_least", True),
        ("average_response_time", "at_most", True),
        ("tp90", "at_most", True),
        ("tp99", "at_most", True),
        ("rps", "at_least", True),
    ]
    assert details["report_error"] == ""


def test_a_run_outside_its_thresholds(controller: Controller, emulator: RunningEmulator) -> None:
    """Each figure that misses is told; the gate stays shut at a second run, which starts nothing."""
    emulator.switch(
        "cpts",
        run_clock=SHORT,
        report={"success_count": 11899, "avg_tp90": 412, "cases": {"pay": {"tp99": 1500}}},
    )
    run = controller.play(
        run_of(thresholds=GATE),
        run_of(thresholds=GATE),
        run_of(thresholds={"success_rate": 99}),
        run_of(thresholds=GATE, rerun="on_failure"),
        run_of(thresholds=GATE, rerun="always"),
    )
    assert [result["failed"] for result in run.results] == [True, True, False, True, True], run.output
    for result in run.results[:2]:
        assert result["msg"] == (
            "The run of 'Nightly load' failed: success_rate is 99.1583333333 %, wanted is at least 99.5 %; "
            "tp90 is 412 ms, wanted is at most 300 ms; tp99 is 1500 ms, wanted is at most 1000 ms"
        )
        missed = [row for row in result["run"]["details"]["thresholds"] if not row["met"]]
        assert [(row["figure"], row["wanted"], row["measured"]) for row in missed] == [
            ("success_rate", 99.5, pytest.approx(99.1583333333)),
            ("tp90", 300, 412),
            ("tp99", 1000, 1500),
        ]
        assert result["run"]["id"] == "48105"
    assert [result["changed"] for result in run.results] == [True, False, False, False, True]
    assert run.results[4]["run"]["id"] == "48106"
    assert emulator.starts("cpts")["total"] == 2


@pytest.mark.parametrize(
    ("report", "wanted", "said"),
    [
        ({"avg_tp90": None}, {"tp90": 300}, "tp90 is not in the report, wanted is at most 300 ms"),
        ({"cases": {"pay": {"tp95": None}}}, {"tp95": 900}, "tp95 is not in the report"),
        ({"request_count": None}, {"error_rate": 1}, "error_rate is not in the report"),
        ({"request_count": 0, "success_count": 0}, {"success_rate": 0}, "success_rate is not in the report"),
        ({"success_count": 11999}, {"success_rate": 100}, "success_rate is 99.9916666667 %"),
        ({"success_rate": 97, "success_count": None}, {"success_rate": 98}, "success_rate is 97 %"),
        ({"request_count": 10}, {"request_count": 11}, "request_count is 10, wanted is at least 11"),
    ],
)
def test_what_the_report_does_not_give_is_no_pass(
    controller: Controller,
    emulator: RunningEmulator,
    report: dict[str, Any],
    wanted: dict[str, float],
    said: str,
) -> None:
    """A figure that is missing fails the module as one that misses does, and is looked for again first."""
    emulator.switch("cpts", run_clock=[[0, 0.1]], report=report)
    run = controller.play(run_of(thresholds=wanted))
    assert run.only["failed"], run.output
    assert said in run.only["msg"]
    looks = len(emulator.log("cpts", "get_outline"))
    assert looks == (6 if "not in the report" in said else 1)


def test_a_report_that_comes_late(controller: Controller, emulator: RunningEmulator) -> None:
    """Figures that are to be judged are waited for, but not beyond the time-out; others are not."""
    emulator.switch("cpts", run_clock=[[0, 0.1]], report_lag_seconds=1)
    run = controller.play(run_of(), run_of(thresholds=GATE, wait_interval=0.3))
    assert [result["failed"] for result in run.results] == [False, False], run.output
    assert run.results[0]["run"]["details"]["figures"] == {}
    assert run.results[1]["run"]["status"] == "completed"
    emulator.switch("cpts", report_lag_seconds=600)
    late = controller.play(run_of(thresholds=GATE, wait_timeout=0.4))
    assert late.only["failed"]
    assert "wait_timeout (0.4 s)" in late.only["msg"]
    assert late.only["run"]["status"] == "reporting"
    assert emulator.starts("cpts")["total"] == 1


def test_a_report_that_cannot_be_read(controller: Controller, emulator: RunningEmulator) -> None:
    """Without thresholds the run has succeeded all the same; with them the gate stays shut, and says why."""
    emulator.switch("cpts", run_clock=[[0, 0.1]], report_kept=False, text_4032002="no such report")
    run = controller.play(run_of(), run_of(thresholds=GATE))
    assert [result["failed"] for result in run.results] == [False, True], run.output
    assert "no such report" in run.results[0]["run"]["details"]["report_error"]
    assert "tp90 is not in the report" in run.results[1]["msg"]
    assert "no such report" in run.results[1]["msg"]


def test_a_run_that_is_aborted(controller: Controller, emulator: RunningEmulator) -> None:
    """It fails with the text the vendor's report gives, whatever its figures are."""
    emulator.switch(
        "cpts", run_clock=SHORT, run_end_status=3, abort_reason="the target refused the connection"
    )
    run = controller.play(
        run_of(), run_of(thresholds={"request_count": 1}), run_of(rerun="on_failure"), load(state="started")
    )
    assert [result["failed"] for result in run.results] == [True, True, True, False], run.output
    for result in run.results[:3]:
        assert "aborted (run_status 3); browse: the target refused the connection; pay: " in result["msg"]
        assert result["run"]["status"] == "failed"
        assert result["run"]["vendor_status"] == "3"
        assert result["run"]["error"] in result["msg"]
    assert [result["run"]["id"] for result in run.results[:3]] == ["48105", "48105", "48106"]
    assert emulator.starts("cpts")["total"] == 2


def test_a_run_that_a_person_stops(controller: Controller, emulator: RunningEmulator) -> None:
    """It is no success: the module fails and says that it was stopped."""
    emulator.switch("cpts", run_clock=[[0, 600]], stop_seconds=0)
    run = controller.play(load(state="started"), load(state="stopped"), run_of(thresholds={"tp90": 300}))
    assert [result["failed"] for result in run.results] == [False, False, True], run.output
    assert "it was stopped" in run.results[2]["msg"]
    assert run.results[2]["run"]["status"] == "stopped"
    assert emulator.starts("cpts")["total"] == 1


def test_a_run_that_takes_too_long(controller: Controller, emulator: RunningEmulator) -> None:
    """The time-out says what was last seen; a second playbook waits on and starts nothing."""
    run = controller.play(run_of(wait_timeout=0.5))
    assert run.only["failed"]
    assert "did not end within wait_timeout (0.5 s)" in run.only["msg"]
    assert (run.only["run"]["status"], run.only["run"]["id"]) == ("scheduled", "48105")
    assert run.only["changed"] is True
    emulator.advance(60)
    again = controller.play(run_of(thresholds=GATE))
    assert not again.only["failed"], again.output
    assert (again.only["action"], again.only["run"]["id"]) == ("unchanged", "48105")
    assert emulator.starts("cpts")["total"] == 1


@pytest.mark.parametrize("operation", ["get_task", "list_runs", "get_outline", "get_run_case"])
def test_a_look_that_fails_is_made_up_for(
    controller: Controller, emulator: RunningEmulator, operation: str
) -> None:
    """Two looks in a row fail, be it at the run or at its report, and the third one recovers."""
    controller.play(load())
    emulator.switch("cpts", run_clock=SHORT)
    # Of get_task the first two requests find the task and read it after its start.
    skip = {"skip": 2} if operation == "get_task" else {"skip": 1} if operation == "list_runs" else {}
    emulator.fault("status", vendor="cpts", status=503, operation=operation, times=2, **skip)
    run = controller.play(run_of(thresholds=GATE), module_defaults={"retries": 0})
    assert not run.only["failed"], run.output
    assert run.only["run"]["status"] == "completed"
    statuses = [entry["status"] for entry in emulator.log("cpts", operation)]
    assert statuses.count(503) == 2
    assert emulator.starts("cpts")["total"] == 1


@pytest.mark.parametrize("operation", ["list_task_cases", "get_outline"])
def test_a_token_that_expires_during_the_wait(
    controller: Controller, emulator: RunningEmulator, operation: str
) -> None:
    """The token is renewed, and the wait goes on."""
    account = emulator.info["accounts"]["cpts"]
    user = {name: account[name] for name in ("username", "password", "domain")}
    controller.play(load(**user), environment=NO_KEYS)
    emulator.clear_log()
    emulator.switch("cpts", run_clock=SHORT)
    skip = {"skip": 2} if operation == "list_task_cases" else {}
    emulator.fault("expire_token", vendor="cpts", operation=operation, **skip)
    run = controller.play(run_of(thresholds=GATE, **user), environment=NO_KEYS)
    assert not run.only["failed"], run.output
    assert run.only["run"]["status"] == "completed"
    assert len(emulator.log("cpts", "login")) == 2
    assert emulator.starts("cpts")["total"] == 1


def test_check_mode_starts_and_judges_nothing(controller: Controller, emulator: RunningEmulator) -> None:
    """What would be done is told; there is no run to wait for, and no report is read."""
    run = controller.play(run_of(thresholds=GATE), arguments=["--check"])
    assert (run.only["failed"], run.only["action"]) == (False, "created"), run.output
    assert "run" not in run.only
    assert emulator.log("cpts", writes=True) == []
    assert emulator.log("cpts", "get_outline") == []
    assert emulator.starts("cpts")["total"] == 0


WRONG: list[tuple[Declaration, list[str]]] = [
    (load(state="started", thresholds={"tp90": 1}), ["thresholds", "tp90", "wait: true"]),
    (load(thresholds={"tp90": 1}), ["thresholds", "state: started"]),
    (run_of(thresholds={}), ["thresholds", "no limit"]),
    (run_of(thresholds={"tp90": "{{ omit }}"}), ["thresholds", "no limit"]),
    (run_of(thresholds={"p90": 1}), ["thresholds", "p90", "tp90"]),
    (run_of(thresholds={"tp90": "fast"}), ["tp90", "thresholds", "float"]),
    (run_of(thresholds={"tp90": -1}), ["thresholds.tp90", "-1"]),
    (run_of(thresholds={"tp90": "nan"}), ["thresholds.tp90", "nan"]),
    (run_of(thresholds={"rps": "inf"}), ["thresholds.rps", "inf"]),
    (run_of(thresholds={"success_rate": 995}), ["thresholds.success_rate", "995", "100 percent"]),
]


def test_wrong_thresholds_are_refused_before_any_request(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """The message names the option and the value; the server hears nothing."""
    run = controller.play(*(declared for declared, said in WRONG))
    for result, (declared, said) in zip(run.results, WRONG, strict=True):
        assert result["failed"], declared
        assert all(text in result["msg"] for text in said), result["msg"]
    assert emulator.log("cpts") == []
