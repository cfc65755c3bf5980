# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles that run something and wait for it: a load test, a batch of prints, a script in waves."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller, Run

pytestmark = pytest.mark.one_way(
    "files are written, whose results have temporary paths and checksums of times"
)

# A load test in a pipeline

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


def test_a_load_test_that_cannot_be_started_leaves_its_files_too(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """A pipeline finds out why from the files alone."""
    test = LoadTest(controller, emulator)
    assert test.run(cases=["nowhere"]).status
    assert "nowhere" in test.tests()["run"]
    assert (test.report["passed"], test.report["run"]) == (False, {})


@pytest.mark.parametrize("rerun", ["always", "never"])
def test_a_load_test_is_run_anew_when_told_to(
    controller: Controller, emulator: RunningEmulator, rerun: str
) -> None:
    """One run of each name, or one of each run of the playbook."""
    test = LoadTest(controller, emulator)
    for _time in range(2):
        assert test.run(rerun=rerun).status == 0
    assert emulator.starts("cpts")["total"] == {"always": 2, "never": 1}[rerun]


# A batch of prints


def batch(controller: Controller, *arguments: str, **variables: Any) -> Run:
    """Run the role over two documents, with variables named without its prefix."""
    given = {
        "name": "Night",
        "printer": "LocalPrinter",
        "documents": [
            {"path": "/etc/hosts", "metadata": {"copies": 2}},
            {"path": "/etc/group", "name": "g.txt"},
        ],
        "wait_interval": 0.1,
        "report_path": str(controller.directory / "report.json"),
        **variables,
    }
    named = {f"seal_print_batch_{name}": value for name, value in given.items()}
    return controller.play_role("seal_print_batch", named, arguments=list(arguments))


def reported(controller: Controller) -> dict[str, str]:
    """Return what the report says of each task: its status and its error."""
    report = json.loads((controller.directory / "report.json").read_text(encoding="utf-8"))
    return {entry["name"]: f"{entry['status']} {entry['error']}".strip() for entry in report}


def test_a_batch_is_printed_once(controller: Controller, emulator: RunningEmulator) -> None:
    """Check mode sends nothing, the first run prints each document on the printer, the second prints none."""
    emulator.switch("seal", run_seconds=1)
    predicted = batch(controller, "--check")
    assert (predicted.status, predicted.changed) == (0, 1), predicted.output
    assert emulator.tasks("seal") == []
    printed = batch(controller, metadata={"tray": "2"})
    assert printed.status == 0, printed.output
    assert reported(controller) == {"Night: hosts": "completed", "Night: g.txt": "completed"}
    tasks = {task["name"]: task for task in emulator.tasks("seal")}
    assert {task["metadata"]["Printer"] for task in tasks.values()} == {"LocalPrinter"}
    assert {task["metadata"]["tray"] for task in tasks.values()} == {"2"}
    again = batch(controller)
    assert (again.status, again.changed) == (0, 0), again.output
    assert emulator.starts("seal")["total"] == 2
    assert batch(controller, name="Morning").changed
    assert emulator.starts("seal")["total"] == 4


def test_a_print_that_fails_is_reported_with_its_reason(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """All are waited for, the role fails, and only what failed is printed again when that is wanted."""
    failing = {"run_outcome": "failed", "failure_reason": "text", "failure_text": "Paper jam in tray 2"}
    emulator.switch("seal", run_seconds=0, **failing)
    broken = batch(controller)
    assert broken.status
    assert list(reported(controller)) == ["Night: hosts", "Night: g.txt"]
    assert all("Paper jam in tray 2" in told for told in reported(controller).values())
    again = batch(controller)
    assert (again.status != 0, again.changed) == (True, 0), again.output
    emulator.switch("seal", run_outcome="completed")
    mended = batch(controller, rerun="on_failure")
    assert mended.status == 0, mended.output
    assert set(reported(controller).values()) == {"completed"}
    assert emulator.starts("seal")["total"] == 4
    assert batch(controller, rerun="on_failure").changed == 0


def test_a_document_that_cannot_be_printed_keeps_no_other_from_it(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """The others are printed and waited for, and the report has them all."""
    emulator.switch("seal", run_seconds=0)
    documents = [{"href": "/v1/services/operator-fileupload/repo/none"}, {"path": "/etc/hosts"}]
    broken = batch(controller, documents=documents)
    assert broken.status
    told = reported(controller)
    assert told["Night: hosts"] == "completed"
    assert told["Night: none"].startswith("not started Could not ")


def test_documents_of_one_name_are_refused(controller: Controller, emulator: RunningEmulator) -> None:
    """The names are told, and nothing is sent; so is a document that is none."""
    for documents, told in (
        ([{"path": "/etc/hosts"}, {"path": "/tmp/hosts"}], "They are called Night: hosts, Night: hosts."),
        ([{"path": "/etc/hosts"}, {"name": "nothing"}], "needs path or href"),
    ):
        refused = batch(controller, documents=documents)
        assert refused.status
        assert refused.results[-1]["msg"].startswith("Nothing was printed.")
        assert told in refused.results[-1]["msg"]
    assert emulator.log("seal") == []


# A script in waves


def rollout(controller: Controller, *arguments: str, **variables: Any) -> Run:
    """Run the role over three waves, with variables named without its prefix."""
    given = {
        "name": "v2",
        "script": "install.js",
        "waves": [
            {"name": "trial"},
            {"name": "first", "iterations": 2},
            {"name": "rest", "script": "getname.js"},
        ],
        "wait_interval": 0.1,
        **variables,
    }
    named = {f"totalcontrol_script_rollout_{name}": value for name, value in given.items()}
    return controller.play_role("totalcontrol_script_rollout", named, arguments=list(arguments))


def waves(emulator: RunningEmulator) -> list[str]:
    """Return the names of the server's tasks."""
    return [task["task_name"] for task in emulator.tasks("totalcontrol")]


def test_waves_follow_each_other(controller: Controller, emulator: RunningEmulator) -> None:
    """Check mode tells all waves, one run carries them out in order, the second one starts nothing."""
    emulator.switch("totalcontrol", run_seconds=1)
    predicted = rollout(controller, "--check")
    assert (predicted.status, predicted.changed) == (0, 3), predicted.output
    assert waves(emulator) == []
    made = rollout(controller)
    assert (made.status, made.changed) == (0, 3), made.output
    assert waves(emulator) == ["v2 trial", "v2 first", "v2 rest"]
    runs = [result["run"] for result in made.results if "run" in result]
    assert [run["status"] for run in runs] == ["completed"] * 3
    assert [run["details"]["iterations"] for run in runs] == [1, 2, 1]
    assert all(one["ended"] <= two["started"] for one, two in pairwise(runs))
    again = rollout(controller)
    assert (again.status, again.changed) == (0, 0), again.output


def test_a_wave_that_fails_stops_the_roll_out(controller: Controller, emulator: RunningEmulator) -> None:
    """No later wave is created, neither then nor at a second run, until the failed one went well."""
    emulator.switch("totalcontrol", run_seconds=0, run_outcome="failed", error_text="no device in line 7")
    for _time in range(2):
        broken = rollout(controller)
        assert broken.status
        assert "no device in line 7" in broken.output
        assert waves(emulator) == ["v2 trial"]
    emulator.switch("totalcontrol", run_outcome="completed")
    mended = rollout(controller, rerun="on_failure")
    assert (mended.status, mended.changed) == (0, 3), mended.output
    assert waves(emulator) == ["v2 trial", "v2 trial(1)", "v2 first", "v2 rest"]
    assert rollout(controller, rerun="on_failure").changed == 0


def test_waves_at_their_times_without_waiting(controller: Controller, emulator: RunningEmulator) -> None:
    """Each run declares at most the next wave, which is there only when the one before it has ended well."""
    emulator.set_clock("2030-01-01T00:00:00Z")
    emulator.switch("totalcontrol", run_seconds=60)
    at = [f"2030-01-0{day}T22:00:00" for day in (1, 2, 3)]
    options = {
        "wait": False,
        "waves": [{"name": f"wave-{place}", "at": when} for place, when in enumerate(at)],
    }
    for place in range(3):
        for changed in (1, 0):
            run = rollout(controller, **options)
            assert (run.status, run.changed) == (0, changed), run.output
            assert waves(emulator) == [f"v2 wave-{number}" for number in range(place + 1)]
        emulator.advance(86400)
    assert emulator.starts("totalcontrol")["total"] == 3


def test_a_wave_that_failed_unseen_stops_the_roll_out(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """The run that comes after it says so, and starts nothing."""
    emulator.switch("totalcontrol", run_seconds=60, run_outcome="stopped")
    assert rollout(controller, wait=False).changed == 1
    emulator.advance(60)
    broken = rollout(controller, wait=False)
    assert broken.status
    assert broken.results[-1]["msg"] == "The wave trial of v2 has stopped. No later wave was started."
    assert waves(emulator) == ["v2 trial"]


def test_times_are_read_in_a_zone(controller: Controller, emulator: RunningEmulator) -> None:
    """With the zone of the server's clock, a wave's time may be that of another place."""
    variables = {"waves": [{"name": "night", "at": "2038-01-01T04:00:00"}], "wait": False}
    controller.environment["TOTALCONTROL_SERVER_TIMEZONE"] = "Asia/Tokyo"
    run = rollout(controller, timezone="Europe/Zurich", **variables)
    assert (run.status, run.changed) == (0, 1), run.output
    (created,) = emulator.log("totalcontrol", "create_task")
    assert "2038-01-01 12:00:00" in str(created["form"])
    assert rollout(controller, timezone="Europe/Zurich", **variables).changed == 0


def test_waves_of_one_name_are_refused(controller: Controller, emulator: RunningEmulator) -> None:
    """They would be one task."""
    refused = rollout(controller, waves=[{"name": "a"}, {"name": "a"}])
    assert refused.status
    assert "Nothing was started" in refused.results[-1]["msg"]
    assert emulator.log("totalcontrol") == []
