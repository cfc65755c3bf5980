# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles that keep a schedule: workflows with black-outs, and the maintenance of a portal."""

from __future__ import annotations

from typing import Any

from emulator.launch import RunningEmulator
from integration.controller import Controller, Run
from integration.vendors.vro import SECRET, START


class Workflows:
    """The recurring workflows of a test, and what becomes of them."""

    def __init__(self, controller: Controller, emulator: RunningEmulator) -> None:
        self._controller = controller
        self._emulator = emulator
        self.tasks: list[dict[str, Any]] = [
            self._task("Nightly", schedule={"cron": "0 2 * * *", "start": START}),
            self._task("By hand", enabled=False),
            self._task("Backup", blackout_exempt=True),
        ]

    @staticmethod
    def _task(name: str, **options: Any) -> dict[str, Any]:
        schedule = {"cron": "0 4 * * sun", "timezone": "Asia/Tokyo", "start": START}
        return {"name": name, "workflow": "Clean snapshots", "schedule": schedule, **options}

    def declare(self, *arguments: str, **variables: Any) -> Run:
        """Run the role, with variables named without its prefix."""
        given = {
            f"vro_recurring_workflows_{name}": value
            for name, value in {"tasks": self.tasks, "timezone": "Europe/Zurich", **variables}.items()
        }
        run = self._controller.play_role("vro_recurring_workflows", given, arguments=list(arguments))
        assert run.status == 0, run.output
        return run

    def suspended(self) -> dict[str, bool]:
        """Return which tasks of the server are suspended."""
        return {task["name"]: task["state"] == "suspended" for task in self._emulator.tasks("vro")}


def actions(run: Run) -> list[str]:
    """Return what the module for many tasks did with each."""
    (found,) = (result["results"] for result in run.results if "summary" in result)
    return [entry["action"] for entry in found]


def test_workflows_converge(controller: Controller, emulator: RunningEmulator) -> None:
    """Check mode predicts, the first run creates, the second changes nothing; times are the role's zone's."""
    workflows = Workflows(controller, emulator)
    predicted = workflows.declare("--check")
    assert (predicted.changed, actions(predicted)) == (1, ["created"] * 3)
    assert workflows.suspended() == {}
    assert workflows.declare().changed == 1
    patterns = {task["name"]: task["recurrence-pattern"] for task in emulator.tasks("vro")}
    assert patterns["Nightly"] == "(Europe/Zurich) 02:00:00,"
    assert patterns["Backup"].startswith("(Asia/Tokyo) ")
    assert workflows.suspended() == {"Nightly": False, "By hand": True, "Backup": False}
    assert workflows.declare().changed == 0


def test_a_blackout_suspends_and_its_end_resumes(controller: Controller, emulator: RunningEmulator) -> None:
    """What was suspended before stays so after, and what is exempt goes on; twice is as good as once."""
    workflows = Workflows(controller, emulator)
    workflows.declare()
    assert actions(workflows.declare("--check", blackout=True)) == ["disabled", "unchanged", "unchanged"]
    assert workflows.declare(blackout=True).changed == 1
    assert workflows.suspended() == {"Nightly": True, "By hand": True, "Backup": False}
    assert workflows.declare(blackout=True).changed == 0
    assert actions(workflows.declare()) == ["enabled", "unchanged", "unchanged"]
    assert workflows.suspended() == {"Nightly": False, "By hand": True, "Backup": False}
    assert workflows.declare().changed == 0


def test_a_task_that_is_new_in_a_blackout_waits_for_its_end(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """It is created suspended, and the end of the black-out lets it run."""
    workflows = Workflows(controller, emulator)
    workflows.declare(blackout=True)
    assert workflows.suspended() == {"Nightly": True, "By hand": True, "Backup": False}
    workflows.declare()
    assert workflows.suspended() == {"Nightly": False, "By hand": True, "Backup": False}


def test_workflows_that_left_the_list_go(controller: Controller, emulator: RunningEmulator) -> None:
    """Either by state, or by prune, which keeps to its workflow; a task may name none then."""
    workflows = Workflows(controller, emulator)
    hello = {"name": "Hello", "workflow": "Say hello", "schedule": {"cron": "0 2 * * *"}}
    workflows.tasks.append(hello)
    workflows.declare()
    gone = {"name": "By hand", "workflow": "Clean snapshots", "state": "absent"}
    inherits = {key: value for key, value in workflows.tasks[0].items() if key != "workflow"}
    workflows.tasks = [inherits, gone]
    options = {"workflow": "Clean snapshots", "prune": True}
    assert actions(workflows.declare(**options)) == ["unchanged", "deleted", "deleted"]
    assert workflows.suspended() == {"Nightly": False, "Hello": False}
    assert workflows.declare(**options).changed == 0


def test_a_secret_input_is_not_shown(controller: Controller, emulator: RunningEmulator) -> None:
    """A secret goes to the server, and neither into the output nor into results."""
    workflows = Workflows(controller, emulator)
    workflows.tasks = [
        {
            "name": "Rotation",
            "workflow": "Rotate password",
            "inputs": {"account": "svc-backup", "password": SECRET},
            "schedule": {"cron": "0 3 1 * *"},
        }
    ]
    run = workflows.declare("-vvv", "--diff")
    assert run.changed == 1
    assert SECRET not in run.output
    assert SECRET not in str(run.results)
