# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Esri's client ``arcgis`` logs in and keeps tasks, in every way it has; our modules see the same tasks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from arcgis.gis import GIS
from arcgis.gis.tasks import Task
from emulator.launch import RunningEmulator
from integration.controller import Controller

CRON = "30 2 ? * 2-6"
START = datetime(2030, 1, 1, tzinfo=UTC)
COOK = {
    "service_url": "https://gis.example.com/server/rest/services/City/SceneServer",
    "num_of_caching_service_instances": 2,
    "layer": "{}",
    "update_mode": "PARTIAL_UPDATE_NODES",
}
REPORT = {"reportType": "org", "reportSubType": "activity", "timeDuration": "daily", "title": "Activity"}

Portal = Callable[..., GIS]


@pytest.fixture
def portal(emulator: RunningEmulator) -> Portal:
    """Return what logs the client in at the emulated portal."""
    info = emulator.info
    return functools.partial(GIS, info["accounts"]["arcgis"]["url"], ca_bundles=info["ca"])


@pytest.fixture
def account(emulator: RunningEmulator) -> dict[str, Any]:
    """Return the author's account."""
    found: dict[str, Any] = emulator.info["accounts"]["arcgis"]
    return found


@pytest.fixture
def gis(portal: Portal, account: dict[str, Any]) -> GIS:
    """Return the author's connection."""
    return portal(account["username"], account["password"])


def write(gis: GIS, items: dict[str, str]) -> list[Task]:
    """Let the client create a task of each type that it can fill in."""
    tasks = gis.users.me.tasks
    made = [
        tasks.create(
            items["notebook"], CRON, "ExecuteNotebook", 5, START, title="Nightly", parameters={"area": 1}
        ),
        tasks.create(items["workbook"], "0 0 * * ?", "UpdateInsightsWorkbook", title="Workbook"),
        tasks.create(items["scene"], "0 3 L * ?", "ExecuteSceneCook", title="Scene", parameters=COOK),
        tasks.create(items["report"], "0 6 ? * 2", "ExecuteReport", title="Report", parameters=REPORT),
        tasks.create(
            items["gp"],
            "*/15 * ? * *",
            "GPService",
            title="Clean",
            parameters={"days": 7},
            task_url="https://gis.example.com/server/rest/services/Clean/GPServer/Clean",
        ),
        tasks.create(items["workflow"], "5 4 1 * ?", "ExecuteWorkflowManager", title="Workflow"),
        tasks.create(items["pipeline"], "5 4 ? * 7", "RunDataPipeline", title="Pipeline"),
    ]
    assert all(isinstance(task, Task) for task in made), made
    return made


@pytest.mark.parametrize("way", ["generateToken", "sign-in page", "token", "API key"])
def test_the_client_logs_in(way: str, portal: Portal, account: dict[str, Any]) -> None:
    """Every login of a user gives a connection that knows who it is and may list tasks."""
    login = {"username": account["username"], "password": account["password"]}
    ways: dict[str, dict[str, Any]] = {
        "generateToken": {**login, "use_gen_token": True},
        "sign-in page": login,
        "token": {"token": account["token"]},
        "API key": {"api_key": account["api_key"]},
    }
    gis = portal(**ways[way])
    assert gis.users.me.username == account["username"]
    assert gis.users.me.tasks.count == 0


def test_the_client_logs_in_as_an_application(portal: Portal, account: dict[str, Any]) -> None:
    """Client credentials connect, as nobody: such a token has no user and no tasks."""
    gis = portal(client_id=account["client_id"], client_secret=account["client_secret"])
    assert gis.properties["portalName"]
    assert "user" not in gis.properties


@pytest.mark.parametrize("more", [{}, {"use_gen_token": True}])
def test_the_client_says_that_a_password_is_wrong(
    more: dict[str, Any], portal: Portal, account: dict[str, Any]
) -> None:
    """A wrong password is an exception of the client, in both ways to use one."""
    with pytest.raises(Exception, match=r"Invalid username or password|valid credentials"):
        portal(account["username"], "wrong", **more)


def test_the_client_keeps_tasks(gis: GIS, account: dict[str, Any]) -> None:
    """It creates, reads, searches, changes, switches and deletes tasks."""
    items, tasks = account["items"], gis.users.me.tasks
    nightly, workbook, *dummy = write(gis, items)
    assert tasks.count == len(tasks.all) == 7
    assert [task.properties["title"] for task in tasks.search(types="ExecuteNotebook")] == ["Nightly"]
    assert len(tasks.search(active=False)) == 0

    assert nightly.update(title="Daily", cron="0 5 ? * *", occurences=9, parameters={"x": 2}, end_date=START)
    changed = nightly.properties
    assert changed["title"] == "Daily"
    assert changed["cronSchedule"]["hour"] == "5"
    assert changed["maxOccurrences"] == 9
    assert changed["parameters"] == {"x": 2}
    assert changed["endDate"] == START.timestamp() * 1000

    assert nightly.stop()
    assert nightly.properties["active"] is False
    assert nightly.start()
    assert nightly.properties["active"] is True
    assert workbook.enable(False)
    assert [task.properties["title"] for task in tasks.search(active=False)] == ["Workbook"]
    assert workbook.enable(True)
    assert workbook.delete()
    assert tasks.count == 6
    workbook._properties = None  # the client keeps what it has read
    assert "does not exist" in workbook.properties["error"]["message"]


def test_the_client_reads_and_judges_runs(
    gis: GIS, account: dict[str, Any], emulator: RunningEmulator
) -> None:
    """It lists a task's runs, reads, changes and deletes one."""
    emulator.switch("arcgis", run_outcome="failed")
    task = gis.users.me.tasks.create(account["items"]["notebook"], "*/15 * ? * *", "ExecuteNotebook")
    emulator.advance(1800)
    first, second = task.runs
    assert first.properties["status"] == second.properties["status"] == "failed"
    assert "KeyError" in first.properties["result"]
    assert first.update("succeeded", "looked at")
    assert (first.properties["status"], first.properties["result"]) == ("succeeded", "looked at")
    assert second.delete()
    assert [run.properties["runId"] for run in task.runs] == [first.properties["runId"]]


def test_an_administrator_lists_the_tasks_of_all(gis: GIS, portal: Portal, account: dict[str, Any]) -> None:
    """The client's admin listing finds the author's tasks and leads to them."""
    write(gis, account["items"])
    admin = portal(account["admin"]["username"], account["admin"]["password"]).admin
    assert len(list(admin.scheduled_tasks())) == 7
    (found,) = admin.scheduled_tasks(user=gis.users.me, types="ExecuteReport", active=True)
    assert found.properties["title"] == "Report"
    assert found.properties["userId"] == account["username"]


def test_our_modules_read_what_the_client_wrote(
    gis: GIS, account: dict[str, Any], controller: Controller
) -> None:
    """Each task is the same to both, field by field."""
    written = {task.properties["id"]: task.properties for task in write(gis, account["items"])}
    found = controller.play(("arcgis_task_info", {"include_raw": True})).only["tasks"]
    assert {task["id"]: task["raw"] for task in found} == written
    for task in found:
        wire = written[task["id"]]
        assert task["name"] == wire["title"]
        assert task["type"] == wire["type"]
        assert task["item_id"] == wire["itemId"]
        assert task["enabled"] is wire["active"]
        assert task["schedule"]["max_runs"] == wire["maxOccurrences"]
        assert task.get("parameters") == wire.get("parameters")
        assert task.get("task_url") == wire.get("taskURL")
    nightly = next(task for task in found if task["name"] == "Nightly")
    assert nightly["schedule"]["cron"] == "30 2 * * 1-5"
    assert nightly["schedule"]["start"].startswith("2030-01-01T00:00:00")


def declared(items: dict[str, str]) -> list[dict[str, Any]]:
    """Declare the tasks that the client writes, in the words of our modules."""
    return [
        {
            "title": "Nightly",
            "type": "ExecuteNotebook",
            "item_id": items["notebook"],
            "parameters": {"notebookParameters": {"area": 1}, "saveInjectedParameters": True},
            "schedule": {"cron": "30 2 * * mon-fri", "start": START.isoformat(), "max_runs": 5},
        },
        {
            "title": "Workbook",
            "type": "UpdateInsightsWorkbook",
            "item_id": items["workbook"],
            "schedule": {"cron": "@daily", "max_runs": 10},
        },
        {
            "title": "Scene",
            "type": "ExecuteSceneCook",
            "item_id": items["scene"],
            "parameters": COOK,
            "schedule": {"quartz": "0 3 L * ?", "max_runs": 10},
        },
    ]


def test_our_modules_change_nothing_of_what_the_client_wrote(
    gis: GIS, account: dict[str, Any], controller: Controller
) -> None:
    """What both declare is the same task: nothing is created, nothing changes."""
    write(gis, account["items"])
    result = controller.play(("arcgis_tasks", {"tasks": declared(account["items"])})).only
    assert [one["action"] for one in result["results"]] == ["unchanged"] * 3, result


def test_the_client_reads_what_our_modules_wrote(
    gis: GIS, account: dict[str, Any], controller: Controller
) -> None:
    """Each task is the same to both, and the same as the client would have written, field by field."""
    tasks = gis.users.me.tasks
    assert controller.play(("arcgis_tasks", {"tasks": declared(account["items"])})).only["changed"]
    ours = tasks.all
    written = by_title(ours)
    assert all(task.delete() for task in ours)
    assert written == by_title(write(gis, account["items"])[:3])


def by_title(tasks: list[Task]) -> dict[str, dict[str, Any]]:
    """Return what the client reads of each task, less what a server makes up for each."""
    made_up = ("id", "created", "updated")
    return {
        task.properties["title"]: {
            name: value for name, value in task.properties.items() if name not in made_up
        }
        for task in tasks
    }
