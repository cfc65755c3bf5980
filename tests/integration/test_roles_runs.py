# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles that run something and wait for it: a load test, a batch of prints, a script in waves."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller, Run

# A load test in a pipeline

one_way = pytest.mark.one_way("the results have checksums of files that hold the times of a run")
GATE = {"success_rate": 99.5, "tp99": 1000}
NASTY = 'no <answer> & "none"\x07'


class LoadTest:
    """A load test of a short run, and what is written about it."""

    def __init__(self, controller: Controller, emulator: RunningEmulator) -> None:
        self._controller = controller
        self._directory = controller.directory / "reports"
        emulator.switch("cpts", run_clock=[[9, 0.2], [0, 0.3]])

    def run(self, *arguments: str, **variables: Any) -> Run:
        """Run the role, with variables named without its prefix."""
        given = {
            "test_suite": "web-shop",
            "name": "Release 1.4 <rc>",
            "cases": ["browse", "pay"],
            "thresholds": GATE,
            "wait_interval": 0.1,
            "junit_path": str(self._directory / "load.xml"),
            "json_path": str(self._directory / "load.json"),
            **variables,
        }
        named = {f"cpts_load_test_{name}": value for name, value in given.items()}
        return self._controller.play_role("cpts_load_test", named, arguments=list(arguments))

    @property
    def files(self) -> list[str]:
        """The names of the files that were written."""
        return sorted(file.name for file in self._directory.glob("*"))

    @property
    def report(self) -> dict[str, Any]:
        """What the JSON file says."""
        read: dict[str, Any] = json.loads((self._directory / "load.json").read_text(encoding="utf-8"))
        return read

    @property
    def suite(self) -> ElementTree.Element:
        """The test suite of the XML file."""
        return ElementTree.parse(self._directory / "load.xml").getroot()[0]

    def tests(self) -> dict[str, str]:
        """Return the result of each test of the XML file: what failed it, or an empty text."""
        found = {}
        for case in self.suite.iter("testcase"):
            problems = [part for part in case if part.tag in ("failure", "error")]
            told = [f"{part.tag}: {part.attrib['message']}" for part in problems]
            found[case.attrib["name"]] = " ".join(told)
        return found


@one_way
def test_a_load_test_that_passes(controller: Controller, emulator: RunningEmulator) -> None:
    """Check mode runs and writes nothing; the first run starts, the second one judges the same run."""
    test = LoadTest(controller, emulator)
    predicted = test.run("--check")
    assert (predicted.status, predicted.changed) == (0, 1), predicted.output
    assert (emulator.starts("cpts")["total"], test.files) == (0, [])
    made = test.run()
    assert made.status == 0, made.output
    assert made.changed
    assert (test.report["passed"], test.report["message"]) == (True, "")
    assert test.report["run"]["status"] == "completed"
    assert [row["met"] for row in test.report["thresholds"]] == [True, True]
    assert [case["name"] for case in test.report["cases"]] == ["browse", "pay"]
    assert test.tests() == {"run": "", "success_rate at least 99.5": "", "tp99 at most 1000.0": ""}
    assert test.suite.attrib["name"] == "Release 1.4 <rc>"
    assert {name: test.suite.attrib[name] for name in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "0",
        "errors": "0",
    }
    again = test.run()
    assert (again.status, again.changed) == (0, 0), again.output
    assert emulator.starts("cpts")["total"] == 1


@one_way
def test_a_missed_threshold_fails_after_both_files_are_written(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """The files tell what was measured, and of a figure that is not there that nothing was."""
    emulator.switch("cpts", report={"cases": {"pay": {"tp99": 1500}}, "avg_tp90": None})
    test = LoadTest(controller, emulator)
    run = test.run(thresholds={**GATE, "tp90": 300})
    assert run.status
    assert "tp99 is 1500 ms" in run.output
    assert test.files == ["load.json", "load.xml"]
    assert test.tests() == {
        "run": "",
        "success_rate at least 99.5": "",
        "tp90 at most 300.0": "failure: measured nothing",
        "tp99 at most 1000.0": "failure: measured 1500",
    }
    assert test.suite.attrib["failures"] == "2"
    assert not test.report["passed"]
    assert "tp99 is 1500 ms" in test.report["message"]
    again = test.run(thresholds={**GATE, "tp90": 300})
    assert again.status
    assert again.changed == 0
    mended = test.run(thresholds={"tp99": 2000})
    assert mended.status == 0, mended.output
    assert test.report["passed"]
    assert emulator.starts("cpts")["total"] == 1


@one_way
def test_a_run_that_is_aborted_is_an_error_of_the_run(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """Its reason stands in the files whatever characters it has."""
    emulator.switch("cpts", run_end_status=3, abort_reason=NASTY)
    test = LoadTest(controller, emulator)
    assert test.run(thresholds={}).status
    assert list(test.tests()) == ["run"]
    assert 'no <answer> & "none"' in test.tests()["run"]
    assert test.suite.attrib["errors"] == "1"
    assert NASTY in test.report["message"]
    assert NASTY in test.report["cases"][0]["failed_reason"]


@one_way
def test_a_load_test_that_cannot_be_started_leaves_its_files_too(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """A pipeline finds out why from the files alone."""
    test = LoadTest(controller, emulator)
    assert test.run(cases=["nowhere"]).status
    assert "nowhere" in test.tests()["run"]
    assert (test.report["passed"], test.report["run"]) == (False, {})


@one_way
@pytest.mark.parametrize("rerun", ["always", "never"])
def test_a_load_test_is_run_anew_when_told_to(
    controller: Controller, emulator: RunningEmulator, rerun: str
) -> None:
    """One run of each name, or one of each run of the playbook."""
    test = LoadTest(controller, emulator)
    for _time in range(2):
        assert test.run(rerun=rerun).status == 0
    assert emulator.starts("cpts")["total"] == {"always": 2, "never": 1}[rerun]
