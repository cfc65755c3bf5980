# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runs of ArcGIS tasks: waiting for one, listing them, and the listings that administrators ask for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller
from integration.meanwhile import Onlooker, meanwhile

ONE_MINUTE_PAST = {"cron": "1 0 * * *"}
EVERY_MINUTE = {"cron": "* * * * *"}


def notebook(items: dict[str, str], **options: Any) -> tuple[str, dict[str, Any]]:
    """Return a notebook task that runs once, at one minute past midnight, and is waited for."""
    return "arcgis_task", {
        "title": "Nightly",
        "type": "ExecuteNotebook",
        "item_id": items["notebook"],
        "schedule": {**ONE_MINUTE_PAST, "max_runs": 1},
        "wait": True,
        "wait_interval": 0.1,
        "wait_timeout": 60,
        **options,
    }


def in_turn(emulator: RunningEmulator, *acts: Callable[[], Any]) -> AbstractContextManager[None]:
    """While a playbook waits in the block, carry out the acts, two looks at the runs before each."""

    def happens(onlooker: Onlooker) -> None:
        for act in acts:
            onlooker.looks(2)
            act()

    return meanwhile(emulator, "arcgis", "list_runs", happens)


@pytest.fixture
def midnight(emulator: RunningEmulator) -> RunningEmulator:
    """The emulator right after a midnight."""
    emulator.set_clock("2030-01-01T00:00:05Z")
    return emulator


def at(emulator: RunningEmulator, clock: str) -> Callable[[], Any]:
    """Return an act that sets the clock to a time after that midnight."""
    return lambda: emulator.set_clock(f"2030-01-01T{clock}Z")


@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"run_dates": "text"},
        {"run_date_fields": "none"},
        {"run_order": "newest_first"},
        {"task_state_words": "ui"},
        {"http_error_status": "real"},
    ],
    ids=str,
)
def test_a_run_that_succeeds(
    controller: Controller, midnight: RunningEmulator, items: dict[str, str], switches: dict[str, Any]
) -> None:
    """The first run of a new task is waited for; afterwards the same playbook waits for nothing."""
    midnight.switch("arcgis", run_queue_seconds=30, **switches)
    with in_turn(midnight, *[at(midnight, clock) for clock in ("00:01:05", "00:01:35", "00:02:05")]):
        first = controller.play(notebook(items))
    assert not first.only["failed"], first.output
    assert first.only["action"] == "created"
    run = first.only["run"]
    assert (run["status"], run["vendor_status"], run["error"]) == ("completed", "succeeded", "")
    if "run_date_fields" not in switches:
        assert run["started"] == "2030-01-01T00:01:00+00:00"
        assert run["ended"] == "2030-01-01T00:02:00+00:00"
    assert first.only["task"]["state"] == "completed"
    midnight.clear_log()
    again = controller.play(notebook(items)).only
    assert again["action"] == "unchanged"
    assert again["run"] == run
    assert len(midnight.log("arcgis", "list_runs")) == 1
    assert midnight.starts("arcgis")["total"] == 1


def test_a_run_that_fails(controller: Controller, midnight: RunningEmulator, items: dict[str, str]) -> None:
    """The portal's own text is in the message and in the run; a second time it fails again at once."""
    midnight.switch("arcgis", run_outcome="failed", run_result="No memory left in cell 7")
    with in_turn(midnight, lambda: midnight.advance(100)):
        failed = controller.play(notebook(items)).only
    assert failed["failed"]
    assert "No memory left in cell 7" in failed["msg"]
    assert failed["run"]["error"] == "No memory left in cell 7"
    assert failed["run"]["details"]["result"] == "No memory left in cell 7"
    assert (failed["changed"], failed["action"]) == (True, "created")
    again = controller.play(notebook(items)).only
    assert again["failed"]
    assert again["run"] == failed["run"]
    assert (again["changed"], again["action"]) == (False, "unchanged")
    assert midnight.starts("arcgis")["total"] == 1


def test_a_failure_without_a_text(
    controller: Controller, midnight: RunningEmulator, items: dict[str, str]
) -> None:
    """A run that was not even submitted, and of which the portal says nothing."""
    midnight.switch("arcgis", run_outcome="submitfailed", run_result="")
    with in_turn(midnight, lambda: midnight.advance(100)):
        failed = controller.play(notebook(items)).only
    assert failed["run"]["status"] == "failed"
    assert failed["run"]["vendor_status"] == "submitfailed"
    assert "the server gives no reason" in failed["msg"]


def test_time_is_up(controller: Controller, midnight: RunningEmulator, items: dict[str, str]) -> None:
    """It is told what was last seen: a run that has not begun and when it will, or one that runs."""
    late = controller.play(notebook(items, wait_timeout=0.5)).only
    assert late["failed"]
    assert "wait_timeout (0.5 s); it was last seen scheduled" in late["msg"]
    assert late["run"]["id"] == ""
    assert late["run"]["details"] == {"next_start": "2030-01-01T00:01:00+00:00"}
    assert (late["changed"], late["action"]) == (True, "created")
    midnight.switch("arcgis", run_seconds=10000)
    midnight.advance(60)
    late = controller.play(notebook(items, wait_timeout=0.5)).only
    assert "last seen running" in late["msg"]
    assert late["run"]["id"]
    assert midnight.starts("arcgis")["total"] == 1


def test_looks_that_fail_are_made_up_for(
    controller: Controller, midnight: RunningEmulator, items: dict[str, str]
) -> None:
    """Two looks in a row fail in the middle of the wait, and the third one sees the run."""

    def break_two_looks() -> None:
        midnight.fault("status", vendor="arcgis", operation="list_runs", status=503, body="html", times=2)
        midnight.advance(100)

    with in_turn(midnight, break_two_looks):
        run = controller.play(notebook(items))
    assert run.only.get("run", {}).get("status") == "completed", run.output
    assert [entry["status"] for entry in midnight.log("arcgis", "list_runs")].count(503) == 2


def test_the_token_expires_during_the_wait(
    controller: Controller, midnight: RunningEmulator, items: dict[str, str]
) -> None:
    """A day passes, the token with it; a new one is fetched and the wait goes on."""
    declared = notebook(items, schedule={"cron": "0 12 * * *", "max_runs": 1})
    with in_turn(midnight, lambda: midnight.advance(86400)):
        run = controller.play(declared)
    assert run.only.get("run", {}).get("status") == "completed", run.output
    assert len(midnight.log("arcgis", "login")) == 2


def test_check_mode_waits_for_nothing(
    controller: Controller, midnight: RunningEmulator, items: dict[str, str]
) -> None:
    """Neither for a task that would be made nor for one that is there."""
    predicted = controller.play(notebook(items), arguments=["--check"]).only
    assert (predicted["failed"], predicted["action"]) == (False, "created")
    controller.play(notebook(items, wait=False))
    midnight.clear_log()
    there = controller.play(notebook(items), arguments=["--check"]).only
    assert (there["failed"], there["action"]) == (False, "unchanged")
    assert "run" not in there
    assert midnight.log("arcgis", "list_runs") == []
    assert midnight.log(writes=True) == []
    assert midnight.starts("arcgis")["total"] == 0


@pytest.mark.parametrize("answer", ["told", "lost"])
def test_the_run_under_way_of_a_task_as_declared_and_of_one_that_changes(
    controller: Controller, midnight: RunningEmulator, items: dict[str, str], answer: str
) -> None:
    """Unchanged, the run under way is waited for; it began before a change, so then the next one is."""
    declared = notebook(items, schedule=EVERY_MINUTE, wait=False)
    controller.play(declared)
    midnight.switch("arcgis", run_seconds=40)
    midnight.set_clock("2030-01-01T00:01:05Z")
    with in_turn(midnight, at(midnight, "00:01:45")):
        same = controller.play(notebook(items, schedule=EVERY_MINUTE)).only
    assert (same["action"], same["run"]["started"]) == ("unchanged", "2030-01-01T00:01:00+00:00")
    midnight.set_clock("2030-01-01T00:02:05Z")
    if answer == "lost":
        midnight.fault("act_then_drop", vendor="arcgis", operation="update_task")
    changed = notebook(items, schedule=EVERY_MINUTE, parameters={"notebookParameters": {"region": "south"}})
    with in_turn(midnight, at(midnight, "00:02:45"), at(midnight, "00:03:45")):
        other = controller.play(changed).only
    assert (other["action"], other["run"]["started"]) == ("updated", "2030-01-01T00:03:00+00:00")
    with in_turn(midnight, at(midnight, "00:05:50")):
        following = controller.play(changed).only
    assert following["action"] == "unchanged"
    assert following["run"]["id"] not in (same["run"]["id"], other["run"]["id"])


def test_a_skipped_run_is_not_the_one(
    controller: Controller, midnight: RunningEmulator, items: dict[str, str]
) -> None:
    """A skipped run did nothing, so the next one is waited for; unless it was the last."""

    def skip() -> None:
        midnight.switch("arcgis", run_outcome="skipped")
        midnight.set_clock("2030-01-01T00:01:35Z")
        midnight.switch("arcgis", run_outcome="succeeded")

    with in_turn(midnight, skip, at(midnight, "00:02:35")):
        run = controller.play(notebook(items, schedule=EVERY_MINUTE)).only
    assert run["run"]["status"] == "completed", run
    assert run["run"]["started"] == "2030-01-01T00:02:00+00:00"
    midnight.set_clock("2030-01-02T00:00:05Z")
    midnight.switch("arcgis", run_outcome="skipped")
    with in_turn(midnight, lambda: midnight.advance(100)):
        last = controller.play(notebook(items, title="Once")).only
    assert last["failed"]
    assert last["run"]["status"] == "skipped"
    assert "skipped" in last["msg"]


def test_no_run_is_to_come(controller: Controller, midnight: RunningEmulator, items: dict[str, str]) -> None:
    """Switched off, run out before its first run, or switched off by the portal after five failures."""
    over = {**ONE_MINUTE_PAST, "end": "2029-01-01T00:00:00Z"}
    run = controller.play(
        notebook(items, enabled=False, wait=False),
        notebook(items),
        notebook(items, title="Late", schedule=over),
    )
    dummy, off, late = run.results
    assert off["failed"]
    assert "the task is paused and no run is to come. Set enabled: true" in off["msg"]
    assert "the task is completed and no run is to come" in late["msg"]
    midnight.switch("arcgis", run_outcome="failed")
    broken = notebook(items, title="Broken", schedule=EVERY_MINUTE)
    controller.play(("arcgis_task", {**broken[1], "wait": False}))
    midnight.advance(600)
    failed, listed = controller.play(broken, ("arcgis_task_info", {"state": "failed"})).results
    assert "KeyError" in failed["msg"]
    assert failed["task"]["state"] == "failed"
    assert [task["name"] for task in listed["tasks"]] == ["Broken"]
    assert midnight.starts("arcgis")["total"] == 5


@pytest.mark.parametrize(
    ("module", "options", "said"),
    [
        ("arcgis_task", {"enabled": False}, ["wait", "enabled: false"]),
        ("arcgis_task", {"schedule": {**ONE_MINUTE_PAST, "split": True}}, ["wait", "schedule.split"]),
        ("arcgis_task_run_info", {"title": "Nightly", "limit": 0}, ["limit", "0", "leave it out"]),
        ("arcgis_task_run_info", {}, ["one of", "task_id", "title"]),
        ("arcgis_task_run_info", {"title": "Nightly", "task_id": "x"}, ["mutually exclusive", "task_id"]),
        ("arcgis_task_run_info", {"title": "Nightly", "timezone": "Mars"}, ["timezone", "Mars"]),
        ("arcgis_task_run_info", {"title": "Nightly", "status": ["done"]}, ["status", "done", "completed"]),
        ("arcgis_task_info", {"state": "running"}, ["state", "running", "scheduled"]),
    ],
    ids=str,
)
def test_wrong_input_is_refused_before_any_request(
    controller: Controller,
    emulator: RunningEmulator,
    items: dict[str, str],
    module: str,
    options: dict[str, Any],
    said: list[str],
) -> None:
    """The message names the option, the value and the remedy; the server hears nothing."""
    declared = {**notebook(items)[1], **options} if module == "arcgis_task" else options
    refused = controller.play((module, declared)).only
    assert refused["failed"]
    for text in said:
        assert text in refused["msg"]
    assert emulator.log("arcgis") == []


@pytest.mark.parametrize(
    "switches",
    [{}, {"run_dates": "text"}, {"run_order": "newest_first"}, {"run_date_fields": "none"}],
    ids=str,
)
def test_runs_newest_first(
    controller: Controller, midnight: RunningEmulator, items: dict[str, str], switches: dict[str, Any]
) -> None:
    """By the title or by the id, filtered and limited; a portal keeps thirty."""
    midnight.switch("arcgis", **switches)
    task_id = controller.play(notebook(items, schedule=EVERY_MINUTE, wait=False)).only["task"]["id"]
    midnight.set_clock("2030-01-01T00:32:40Z")
    midnight.switch("arcgis", run_outcome="failed")
    midnight.set_clock("2030-01-01T00:33:40Z")
    midnight.switch("arcgis", run_outcome="succeeded", run_seconds=600)
    midnight.set_clock("2030-01-01T00:34:05Z")
    all_runs, newest, failed, again = controller.play(
        ("arcgis_task_run_info", {"title": "Nightly"}),
        ("arcgis_task_run_info", {"task_id": task_id, "limit": 1, "timezone": "Asia/Kolkata"}),
        ("arcgis_task_run_info", {"title": "Nightly", "status": ["failed"], "include_raw": True}),
        ("arcgis_task_run_info", {"title": "Nightly", "status": ["running", "scheduled"]}),
    ).results
    kept = [run["runId"] for run in midnight.tasks("arcgis")[0]["runs"]]
    assert [run["id"] for run in all_runs["runs"]] == kept[::-1]
    assert len(kept) == 30
    assert all_runs["changed"] is False
    assert newest["runs"][0]["id"] == kept[-1]
    (bad,) = failed["runs"]
    assert (bad["status"], bad["error"], bad["name"]) == (
        "failed",
        "KeyError: 'parcels' in cell 3",
        "Nightly",
    )
    assert bad["task_id"] == task_id
    assert bad["raw"]["task"]["id"] == task_id
    assert [run["id"] for run in again["runs"]] == [kept[-1]]
    if "run_date_fields" in switches:
        assert all("started" not in run for run in all_runs["runs"])
    else:
        assert newest["runs"][0]["started"] == "2030-01-01T06:04:00+05:30"
        assert bad["started"] == "2030-01-01T00:33:00+00:00"
        assert bad["ended"] == "2030-01-01T00:33:30+00:00"


def test_the_task_of_the_runs_must_be_one(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """A title that nothing has, or several tasks have, fails; so does an id that nothing has."""
    emulator.seed(
        {"arcgis": {"tasks": [{"id": "a" * 32, "title": "Twin"}, {"id": "b" * 32, "title": "Twin"}]}}
    )
    nobody, twins, unknown, none = controller.play(
        ("arcgis_task_run_info", {"title": "Nobody"}),
        ("arcgis_task_run_info", {"title": "Twin"}),
        ("arcgis_task_run_info", {"task_id": "c" * 32}),
        ("arcgis_task_run_info", {"task_id": "b" * 32}),
    ).results
    assert "title: 'Nobody' fits no task of 'nbauthor'" in nobody["msg"]
    assert sorted(twins["candidates"]) == ["a" * 32, "b" * 32]
    assert "Set task_id" in twins["msg"]
    assert unknown["failed"]
    assert unknown["error"]["vendor_code"] == 404
    assert none["runs"] == []


def test_tasks_of_the_organization(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """An administrator lists everybody's tasks, over several pages, filtered; others are refused."""
    admin = {**emulator.info["accounts"]["arcgis"]["admin"], "organization": True}
    mine = [{"title": f"T{number}", "active": number < 5} for number in range(150)]
    theirs = [{"title": f"A{number}", "userId": "nbadmin", "active": False} for number in range(60)]
    emulator.seed({"arcgis": {"tasks": [*mine, *theirs]}})
    everyone, one, off, refused = controller.play(
        ("arcgis_task_info", admin),
        ("arcgis_task_info", {**admin, "owner": "nbauthor", "enabled": True}),
        ("arcgis_task_info", {**admin, "state": "paused", "item_id": items["notebook"], "title": "A7"}),
        ("arcgis_task_info", {"organization": True}),
    ).results
    assert len({task["id"] for task in everyone["tasks"]}) == 210
    assert {task["owner"] for task in everyone["tasks"]} == {"nbauthor", "nbadmin"}
    assert sorted(task["name"] for task in one["tasks"]) == ["T0", "T1", "T2", "T3", "T4"]
    assert {task["owner"] for task in one["tasks"]} == {"nbauthor"}
    assert [(task["name"], task["owner"]) for task in off["tasks"]] == [("A7", "nbadmin")]
    assert refused["failed"]
    assert "takes an administrator" in refused["msg"]
    assert refused["error"]["vendor_code"] == 403
    asked = emulator.log("arcgis", "list_all_tasks")
    assert len(asked) == 3 + 1 + 3 + 1
    assert asked[3]["query"]["userFilter"] == "nbauthor"
    assert asked[3]["query"]["active"] == "true"
    assert emulator.log("arcgis", "list_tasks") == []
    emulator.switch("arcgis", all_tasks_for_members="own", http_error_status="real")
    own = controller.play(("arcgis_task_info", {"organization": True})).only
    assert len(own["tasks"]) == 150
    emulator.switch("arcgis", all_tasks_for_members="refuse")
    real = controller.play(("arcgis_task_info", {"organization": True})).only
    assert "takes an administrator" in real["msg"]


def test_quota_left(controller: Controller, emulator: RunningEmulator, items: dict[str, str]) -> None:
    """How many tasks may still be active is told, where the portal tells it."""
    emulator.seed(
        {"arcgis": {"tasks": [{"title": f"T{number}", "active": number < 3} for number in range(5)]}}
    )
    told = controller.play(("arcgis_task_info", {"title": "nothing is called so"})).only
    assert told["active_tasks_available"] == 17
    emulator.switch("arcgis", active_tasks_shown=False)
    silent = controller.play(("arcgis_task_info", {})).only
    assert len(silent["tasks"]) == 5
    assert "active_tasks_available" not in silent
