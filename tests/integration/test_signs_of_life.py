# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A long wait shows a line for each change of the run's state, to people and to nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller, Run
from integration.meanwhile import Onlooker, meanwhile

PREFIX = "WAITING: [localhost]: The run of 'task001' is "
IN_PROCESS = {"ANSIBLE_TASKBRIDGE_IN_PROCESS": "1"}
OPTIONS = {
    "name": "task001",
    "script": "getname.js",
    "schedule": {"at": "2038-01-01T04:00:00"},
    "wait": True,
    "wait_interval": 0.2,
    "wait_timeout": 60,
}
MODULE = "taskbridge.vendors.totalcontrol_task"
TASK = {"name": "Wait", MODULE: OPTIONS}


def lines(run: Run) -> list[str]:
    """Return the states that were told, after checking that nothing else of the kind was."""
    assert run.only["run"]["status"] == "completed", run.output
    told = [line for line in run.output.splitlines() if "The run of" in line]
    assert all(line.startswith(PREFIX) for line in told)
    return [line.removeprefix(PREFIX) for line in told]


@pytest.fixture
def waits(controller: Controller, emulator: RunningEmulator) -> Any:
    """Return what carries out a run that is first scheduled, then running, then completed."""
    emulator.set_clock("2038-01-01T03:59:00")

    def happens(onlooker: Onlooker) -> None:
        onlooker.looks(2)
        emulator.advance(60)
        onlooker.looks(3)
        emulator.advance(600)

    def carried_out(execute: Any) -> Run:
        with meanwhile(emulator, "totalcontrol", "get_task", happens):
            run: Run = execute()
        return run

    return carried_out


def test_default_callback(controller: Controller, waits: Any) -> None:
    """Each state is told once, however often it is seen."""
    run = waits(lambda: controller.play_written([TASK], environment=IN_PROCESS))
    assert lines(run) == ["scheduled.", "running.", "completed."]


@pytest.mark.parametrize("callback", ["minimal", "ansible.builtin.default"])
def test_other_callbacks_for_people(controller: Controller, waits: Any, callback: str) -> None:
    """The short callback, and the default one by its full name, are read by people as well."""
    environment = {**IN_PROCESS, "ANSIBLE_STDOUT_CALLBACK": callback}
    run = waits(lambda: controller.play_written([TASK], environment=environment))
    assert lines(run) == ["scheduled.", "running.", "completed."]


def ad_hoc(controller: Controller, *arguments: str) -> Run:
    """Run the same task without a playbook."""
    options = json.dumps({**OPTIONS, "ca_path": controller.emulator.info["ca"]})
    command = ["ansible", "localhost", "-m", MODULE, "-a", options, *arguments]
    return controller.execute(command, {**IN_PROCESS, "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1"})


def test_ad_hoc(controller: Controller, waits: Any) -> None:
    """So does a single command, unless its result is to be one line."""
    run = waits(lambda: ad_hoc(controller))
    assert lines(run) == ["scheduled.", "running.", "completed."]


def test_one_line(controller: Controller, waits: Any) -> None:
    """With --one-line a program may read the lines."""
    run = waits(lambda: ad_hoc(controller, "--one-line"))
    assert lines(run) == []
    assert [line for line in run.output.splitlines() if "task001" in line and "CHANGED =>" not in line] == []


def test_callback_for_programs(controller: Controller, waits: Any) -> None:
    """What writes JSON writes nothing else."""
    environment = {**IN_PROCESS, "ANSIBLE_STDOUT_CALLBACK": "document"}
    run = waits(lambda: controller.play_written([TASK], environment=environment))
    assert lines(run) == []
    (result,) = json.loads(run.output)
    assert result["run"]["status"] == "completed"


@pytest.mark.parametrize("where", ["task", "block"])
def test_no_log(controller: Controller, waits: Any, where: str) -> None:
    """What is not to be logged is not told while it goes on either."""
    tasks: list[dict[str, Any]] = [{**TASK, "no_log": True}]
    if where == "block":
        tasks = [{"name": "Wait in a block", "no_log": True, "block": [TASK]}]
    run = waits(lambda: controller.play_written(tasks, environment=IN_PROCESS))
    assert "The run of" not in run.output
    assert "task001" not in run.output
    assert "censored" in run.only


def test_module_as_a_program(controller: Controller, waits: Any) -> None:
    """A module on its own has no way to show a line before its result."""
    run = waits(lambda: controller.play_written([TASK], environment={"ANSIBLE_TASKBRIDGE_IN_PROCESS": "0"}))
    assert lines(run) == []


def test_secrets_are_masked(controller: Controller, waits: Any, emulator: RunningEmulator) -> None:
    """A name that holds a secret is masked in the lines as it is in the result."""
    password = emulator.info["accounts"]["totalcontrol"]["password"]
    task = {"name": "Wait", MODULE: {**OPTIONS, "name": f"task-{password}"}}
    run = waits(lambda: controller.play_written([task], environment=IN_PROCESS))
    told = [line for line in run.output.splitlines() if line.startswith("WAITING: ")]
    assert len(told) == 3, run.output
    assert password not in run.output
