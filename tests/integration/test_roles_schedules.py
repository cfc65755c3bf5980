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
    assert workflows.declare("-e", "vro_recurring_workflows_blackout=yes").changed == 0
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


# The maintenance of a portal

COOK = {"service_url": "https://gis.example.com/server/rest/services/Hosted/City/SceneServer"}
REPORT = {"reportType": "org", "reportSubType": "activity", "timeDuration": "weekly", "title": "Activity"}


def maintenance(items: dict[str, str]) -> list[dict[str, Any]]:
    """Return a job of each kind; only the last says when it runs."""
    tool = "https://gis.example.com/server/rest/services/Flow/GPServer/Accumulate"
    return [
        {"kind": "notebook", "title": "Parcels", "item_id": items["notebook"]},
        {"kind": "scene_cook", "title": "City", "item_id": items["scene"], "parameters": COOK},
        {"kind": "report", "title": "Week", "parameters": REPORT},
        {
            "kind": "geoprocessing",
            "title": "Flow",
            "item_id": items["gp"],
            "task_url": tool,
            "parameters": {"input": "dem"},
            "schedule": {"cron": "0 22 * * fri", "timezone": "UTC", "max_runs": 3},
        },
    ]


def keep(controller: Controller, jobs: list[dict[str, Any]], *arguments: str, **variables: Any) -> Run:
    """Run the role, with variables named without its prefix."""
    given = {"jobs": jobs, "timezone": "Asia/Tokyo", **variables}
    named = {f"arcgis_maintenance_{name}": value for name, value in given.items()}
    return controller.play_role("arcgis_maintenance", named, arguments=list(arguments))


def test_maintenance_runs_by_the_clocks_of_the_organisation(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """Each kind has its type and its usual time, in the zone of the organisation; a rerun changes nothing."""
    jobs = maintenance(items)
    predicted = keep(controller, jobs, "--check")
    assert (predicted.status, predicted.changed) == (0, 1), predicted.output
    assert emulator.tasks("arcgis") == []
    made = keep(controller, jobs)
    assert (made.status, made.changed) == (0, 1), made.output
    found = {task["title"]: task for task in emulator.tasks("arcgis")}
    when = {
        title: (task["type"], task["cronSchedule"]["hour"], task["cronSchedule"]["dayOfWeek"])
        for title, task in found.items()
    }
    assert when == {
        "Parcels": ("ExecuteNotebook", "17", "?"),
        "City": ("ExecuteSceneCook", "18", "6"),
        "Week": ("ExecuteReport", "21", "1"),
        "Flow": ("GPService", "22", "6"),
    }
    assert found["City"]["parameters"] == {
        **COOK,
        "num_of_caching_service_instances": 2,
        "layer": "{}",
        "update_mode": "PARTIAL_UPDATE_NODES",
    }
    again = keep(controller, jobs)
    assert (again.status, again.changed) == (0, 0), again.output


def test_maintenance_that_left_the_list_goes_by_its_kind(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """Prune keeps to its kinds and its limit, state takes away one, and another usual time moves the rest."""
    jobs = maintenance(items)
    other = {**jobs[0], "title": "Roads"}
    keep(controller, [*jobs, other, {**other, "title": "Rivers"}])
    refused = keep(controller, jobs[1:], prune_kinds=["notebook", "report"], prune_limit=2)
    assert refused.status
    assert "prune_limit" in refused.results[-1]["msg"]
    kept = [jobs[0], {**jobs[1], "state": "absent"}]
    options = {"prune_kinds": ["notebook"], "notebook_cron": "30 1 * * *"}
    pruned = keep(controller, kept, **options)
    assert sorted(actions(pruned)) == ["deleted", "deleted", "deleted", "updated"]
    assert {task["title"] for task in emulator.tasks("arcgis")} == {"Parcels", "Week", "Flow"}
    again = keep(controller, kept, **options)
    assert (again.status, again.changed) == (0, 0), again.output
