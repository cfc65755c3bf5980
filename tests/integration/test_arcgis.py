# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""arcgis_task and arcgis_task_info against the emulator."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from emulator.launch import RunningEmulator
from integration.controller import Controller


def notebook(items: dict[str, str], **options: Any) -> tuple[str, dict[str, Any]]:
    """Return a complete declaration of a notebook task, with options replaced or added."""
    return "arcgis_task", {
        "title": "Nightly parcels",
        "type": "ExecuteNotebook",
        "item_id": items["notebook"],
        "parameters": {"notebookParameters": {"region": "north"}, "saveInjectedParameters": True},
        "schedule": {
            "cron": "30 2 * * mon-fri",
            "start": "2030-01-01T00:00:00Z",
            "end": "2031-01-01T01:00:00+01:00",
            "max_runs": 20,
        },
        **options,
    }


def test_ladder(controller: Controller, emulator: RunningEmulator, items: dict[str, str]) -> None:
    """Absent, create, change, switch, delete: each in turn, and each a second time."""
    gone = notebook(items, state="absent")
    steps = [
        (gone, "unchanged"),
        (notebook(items), "created"),
        (notebook(items), "unchanged"),
        (notebook(items, schedule={"cron": "0 4 * * *"}), "updated"),
        (notebook(items, schedule={"cron": "0 4 * * *"}), "unchanged"),
        (notebook(items, enabled=False), "updated"),
        (notebook(items, enabled=False), "unchanged"),
        (notebook(items, enabled=True), "enabled"),
        (notebook(items, enabled=False), "disabled"),
        (gone, "deleted"),
        (gone, "unchanged"),
    ]
    run = controller.play(*[task for task, action in steps])
    assert [result.get("action") for result in run.results] == [action for task, action in steps], run.output
    assert [result["changed"] for result in run.results] == [action != "unchanged" for task, action in steps]
    assert emulator.tasks("arcgis") == []
    assert "WARNING" not in run.output


def test_changing_one_option_leaves_the_others(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """Dates, maxOccurrences, parameters and the off switch survive a change of the cron alone."""
    controller.play(notebook(items, enabled=False))
    before = emulator.tasks("arcgis")[0]
    change = {"title": "Nightly parcels", "type": "ExecuteNotebook", "schedule": {"quartz": "0/20 * ? * 2-6"}}
    run = controller.play(("arcgis_task", change))
    after = emulator.tasks("arcgis")[0]
    assert run.only["action"] == "updated", run.output
    assert run.only["diff"] == {
        "before": {**_named(change), "schedule": {"cron": "30 2 * * 1-5"}},
        "after": {**_named(change), "schedule": {"cron": "*/20 * * * 1-5"}},
    }
    kept = ("title", "type", "itemId", "startDate", "endDate", "maxOccurrences", "parameters", "active")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert after["active"] is False
    assert after["startDate"] == 1893456000000
    assert after["endDate"] == 1924992000000
    assert after["cronSchedule"]["minute"] == "0/20"


def _named(options: dict[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in ("title", "type")}


@pytest.mark.parametrize(
    "switches",
    [
        {"update_omitted_fields": "clear"},
        {"update_omitted_fields": "reject"},
        {"update_reactivates": True},
        {"update_reply": "success_only"},
        {"notebook_parameters_out": "as_sent"},
        {"toggle_same_state": "error"},
        {"max_occurrences_default": -1},
        {"task_state_words": "ui"},
        {"http_error_status": "real"},
    ],
    ids=lambda switches: "-".join(f"{name}={value}" for name, value in switches.items()),
)
def test_unproven_behaviour(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str], switches: dict[str, Any]
) -> None:
    """Whatever the server does where nothing is proven, the declaration converges and stays."""
    emulator.switch("arcgis", **switches)
    run = controller.play(
        notebook(items, enabled=False),
        notebook(items, enabled=False),
        notebook(items, enabled=False, schedule={"cron": "5 5 * * *"}),
        notebook(items, enabled=False, schedule={"cron": "5 5 * * *"}),
        ("arcgis_task_info", {"title": "Nightly parcels"}),
    )
    assert [result.get("action") for result in run.results] == [
        "created",
        "unchanged",
        "updated",
        "unchanged",
        None,
    ], run.output
    task = run.results[-1]["tasks"][0]
    assert task["schedule"]["cron"] == "5 5 * * *"
    assert task["schedule"]["max_runs"] == 20
    assert task["schedule"]["end"] == "2031-01-01T00:00:00+00:00"
    assert task["enabled"] is False


def test_check_mode_writes_nothing_and_tells_the_truth(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """Check mode predicts create, update, toggle and delete, and sends no request that writes."""
    predicted = controller.play(notebook(items), arguments=["--check", "--diff"]).only
    assert predicted["action"] == "created"
    assert "id" not in predicted["task"]
    assert len(predicted["task"]["next_runs"]) == 5
    assert emulator.log(writes=True) == []
    real = controller.play(notebook(items)).only
    assert predicted["diff"] == real["diff"]
    assert predicted["task"]["next_runs"] == real["task"]["next_runs"]
    emulator.clear_log()
    run = controller.play(
        notebook(items),
        notebook(items, schedule={"cron": "0 4 * * *"}),
        notebook(items, enabled=False),
        notebook(items, state="absent"),
        arguments=["--check"],
    )
    assert [result["action"] for result in run.results] == ["unchanged", "updated", "disabled", "deleted"]
    assert run.results[1]["task"]["schedule"]["cron"] == "0 4 * * *"
    assert emulator.log(writes=True) == []
    assert len(emulator.tasks("arcgis")) == 1


def test_several_matches_are_refused(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """Two tasks of one title and item: nothing is changed, the ids are listed, task_id chooses."""
    controller.play(notebook(items))
    twin = {**emulator.tasks("arcgis")[0], "id": "f" * 32}
    emulator.seed({"arcgis": {"tasks": [twin]}})
    emulator.clear_log()
    ids = sorted(task["id"] for task in emulator.tasks("arcgis"))
    run = controller.play(
        notebook(items, state="absent"), notebook(items, state="absent", task_id="f" * 32), notebook(items)
    )
    refused, deleted, found = run.results
    assert refused["failed"]
    assert sorted(refused["candidates"]) == ids
    assert all(task_id in refused["msg"] for task_id in ids)
    assert deleted["action"] == "deleted"
    assert found["action"] == "unchanged"
    assert len(emulator.log(writes=True)) == 1


def test_task_id_renames(controller: Controller, emulator: RunningEmulator, items: dict[str, str]) -> None:
    """With task_id the title is an option like others; an unknown id is never created."""
    task_id = controller.play(notebook(items)).only["task"]["id"]
    run = controller.play(
        ("arcgis_task", {"task_id": task_id, "title": "Weekly parcels"}),
        ("arcgis_task", {"task_id": "0" * 32, "title": "Nobody"}),
        ("arcgis_task", {"task_id": "0" * 32, "state": "absent"}),
    )
    assert [result.get("action") for result in run.results] == ["updated", None, "unchanged"]
    assert "task_id" in run.results[1]["msg"]
    assert [task["title"] for task in emulator.tasks("arcgis")] == ["Weekly parcels"]


def test_more_than_a_hundred_tasks(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """The list is read to its end, also by task_id, and no page is asked for twice."""
    controller.play(notebook(items))
    model = emulator.tasks("arcgis")[0]
    emulator.seed(
        {
            "arcgis": {
                "tasks": [{**model, "id": f"{number:032x}", "title": f"T{number}"} for number in range(250)]
            }
        }
    )
    emulator.clear_log()
    run = controller.play(
        ("arcgis_task_info", {}), ("arcgis_task", {"task_id": f"{249:032x}", "state": "absent"})
    )
    titles = [task["name"] for task in run.results[0]["tasks"]]
    assert len(titles) == len(set(titles)) == len(emulator.tasks("arcgis")) + 1
    assert run.results[1]["action"] == "deleted"
    assert len(emulator.log("arcgis", "list_tasks")) == 6


@pytest.mark.parametrize("way", ["password", "token", "expired token", "client credentials"])
def test_logins(controller: Controller, emulator: RunningEmulator, items: dict[str, str], way: str) -> None:
    """Each way to log in; the token is in a header of each request and in no URL."""
    account = emulator.info["accounts"]["arcgis"]
    nobody = {"ARCGIS_USERNAME": "", "ARCGIS_PASSWORD": ""}
    environment = {
        "password": {},
        "token": {**nobody, "ARCGIS_TOKEN": account["token"]},
        "expired token": {},
        "client credentials": {
            **nobody,
            "ARCGIS_CLIENT_ID": account["client_id"],
            "ARCGIS_CLIENT_SECRET": account["client_secret"],
        },
    }[way]
    logins = 1
    if way == "client credentials":
        emulator.switch("arcgis", app_token_allowed=True)
    if way == "token":
        logins = 0
    if way == "expired token":
        emulator.fault("expire_token", vendor="arcgis", operation="create_task")
        logins = 2
    run = controller.play(notebook(items, owner=account["username"]), environment=environment)
    assert run.only.get("action") == "created", run.output
    assert len(emulator.tasks("arcgis")) == 1
    log = emulator.log("arcgis")
    assert len([entry for entry in log if entry["operation"] in ("login", "app_login")]) == logins
    for entry in log:
        assert "token" not in entry["query"]
        if entry["operation"] not in ("login", "app_login"):
            assert entry["headers"]["x-esri-authorization"].startswith("Bearer ")


def test_owner_of_a_token_is_asked_for(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """A bare token does not say whose it is; the portal does."""
    account = emulator.info["accounts"]["arcgis"]
    nobody = {"ARCGIS_USERNAME": "", "ARCGIS_PASSWORD": "", "ARCGIS_TOKEN": account["token"]}
    run = controller.play(notebook(items), environment=nobody)
    assert run.only["task"]["owner"] == account["username"]


def test_wrong_credentials_are_no_absence(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """A refused login or token is an error, also for state absent, and is tried only once."""
    controller.play(notebook(items))
    emulator.clear_log()
    gone = notebook(items, state="absent")
    run = controller.play(gone, environment={"ARCGIS_PASSWORD": "not-the-password-of-anybody"})
    assert run.only["failed"]
    assert "Unable to generate token" in run.only["msg"]
    assert run.only["error"]["vendor_code"] == 400
    assert len(emulator.log("arcgis", "login")) == 1
    nobody = {"ARCGIS_USERNAME": "", "ARCGIS_PASSWORD": ""}
    run = controller.play(
        gone, notebook(items, owner="nbauthor"), environment={**nobody, "ARCGIS_TOKEN": "x" * 40}
    )
    assert all(result["failed"] for result in run.results)
    assert run.results[1]["error"]["vendor_code"] == 498
    assert len(emulator.tasks("arcgis")) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"type": "ExecuteDinner"}, ["type", "ExecuteDinner", "ExecuteNotebook"]),
        ({"schedule": {"cron": "61 2 * * *"}}, ["schedule.cron", "61", "minute", "0-59"]),
        (
            {"schedule": {"cron": "0 2 * * *", "start": "2030-02-01", "end": "2030-01-01"}},
            ["schedule.end", "2030-01-01"],
        ),
        (
            {"schedule": {"cron": "0 2 * * *", "quartz": "0 2 * * ?"}},
            ["cron", "quartz", "mutually exclusive"],
        ),
        ({"schedule": {"quartz": "0 2 * * *"}}, ["schedule.quartz", "?"]),
        ({"schedule": {"cron": "0 2 1 * mon"}}, ["schedule.cron", "day of month", "day of week"]),
        ({"schedule": {"cron": "0 2 * * *", "max_runs": 0}}, ["schedule.max_runs", "0"]),
        ({"schedule": {"cron": "0 2 * * *", "at": "2030-01-01"}}, ["schedule.at"]),
        ({"url": "gis.example.com"}, ["url", "gis.example.com", "https://"]),
        ({"timeout": 0}, ["timeout"]),
        ({"state": "absent", "type": "{{ omit }}"}, ["type", "absent", "task_id"]),
        ({"state": "absent", "item_id": "{{ omit }}"}, ["item_id", "absent", "task_id"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_wrong_input_is_refused_before_any_request(
    controller: Controller,
    emulator: RunningEmulator,
    items: dict[str, str],
    options: dict[str, Any],
    said: list[str],
) -> None:
    """The message names the option, the value and the remedy; the server hears nothing."""
    run = controller.play(notebook(items, **options))
    assert run.only["failed"]
    for text in said:
        assert text in run.only["msg"]
    assert emulator.log("arcgis") == []


def test_what_a_create_needs(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """A declaration that is too short to create from says what is missing."""
    run = controller.play(
        ("arcgis_task", {"title": "Short"}),
        ("arcgis_task", {"title": "Short", "type": "GPService", "item_id": items["gp"]}),
        ("arcgis_task", {"title": "Short", "type": "ExecuteNotebook", "item_id": items["notebook"]}),
    )
    assert [result["msg"].split(" ")[0] for result in run.results] == ["type", "task_url", "schedule.cron"]
    assert emulator.log(writes=True) == []


def test_lost_answer_to_a_create(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """A task that is there is adopted and not made twice; one that is not there is made again, once."""
    emulator.fault("act_then_drop", vendor="arcgis", operation="create_task")
    run = controller.play(notebook(items))
    assert run.only.get("action") == "created", run.output
    assert len(emulator.tasks("arcgis")) == 1
    assert len(emulator.log("arcgis", "create_task")) == 1
    emulator.fault("close_before_reading", vendor="arcgis", operation="create_task")
    other = controller.play(notebook(items, title="Another"))
    assert other.only.get("action") == "created", other.output
    assert "was created again" in other.only["warnings"][0]
    assert len(emulator.tasks("arcgis")) == 2
    emulator.fault("close_before_reading", vendor="arcgis", operation="create_task", times=2)
    third = controller.play(notebook(items, title="Third"))
    assert third.only["failed"]
    assert third.only["error"]["unclear"] is True
    assert len(emulator.tasks("arcgis")) == 2


def test_busy_server(controller: Controller, emulator: RunningEmulator, items: dict[str, str]) -> None:
    """Reading is repeated on 503, writing on 429 after the time the server asks for."""
    emulator.fault("status", vendor="arcgis", operation="list_tasks", status=503, body="html", times=2)
    emulator.fault("status", vendor="arcgis", operation="create_task", status=429, retry_after=1)
    run = controller.play(notebook(items))
    assert run.only.get("action") == "created", run.output
    assert len(emulator.log("arcgis", "list_tasks")) == 4
    assert len(emulator.log("arcgis", "create_task")) == 2


def test_info_gives_what_the_task_module_takes(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """A round trip: what info returns, declared again, changes nothing; filters filter; raw is opt-in."""
    controller.play(
        notebook(items),
        notebook(items, title="Last day", schedule={"quartz": "0 3 L * ?"}, enabled=False),
    )
    found = controller.play(("arcgis_task_info", {"include_raw": True})).only["tasks"]
    options = ("title", "type", "item_id", "parameters", "schedule", "enabled")
    again = [("arcgis_task", {name: task[name] for name in options}) for task in found]
    run = controller.play(
        *again,
        ("arcgis_task_info", {"enabled": False}),
        ("arcgis_task_info", {"title": "Nobody"}),
        ("arcgis_task_info", {"type": "ExecuteReport"}),
    )
    assert [result.get("action") for result in run.results[:2]] == ["unchanged", "unchanged"]
    assert [[task["name"] for task in result["tasks"]] for result in run.results[2:]] == [
        ["Last day"],
        [],
        [],
    ]
    assert "raw" not in run.results[2]["tasks"][0]
    assert found[0]["raw"]["cronSchedule"]["dayOfWeek"] == "2-6"
    assert found[1]["schedule"]["quartz"] == "0 3 L * ?"


def test_a_schedule_in_a_time_zone(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """It is sent in UTC, shown in its zone, warned of where clocks are set, and stays."""
    india = {"cron": "0 9 * * mon-fri", "timezone": "Asia/Kolkata", "start": "2030-01-01T00:00:00"}
    zurich = {"cron": "30 0 1 * *", "timezone": "Europe/Zurich"}
    run = controller.play(
        notebook(items, schedule=india),
        notebook(items, schedule=india),
        notebook(items, title="Monthly", schedule=zurich),
        notebook(items, title="Monthly", schedule=zurich),
        ("arcgis_task_info", {"title": "Monthly", "timezone": "Europe/Zurich"}),
        arguments=["--diff"],
    )
    assert [result.get("action") for result in run.results[:4]] == [
        "created",
        "unchanged",
        "created",
        "unchanged",
    ], run.output
    first, again, monthly = run.results[0]["task"], run.results[1]["task"], run.results[2]["task"]
    assert first["schedule"] == again["schedule"]
    assert first["schedule"]["cron"] == "0 9 * * 1-5"
    assert first["schedule"]["start"] == "2030-01-01T00:00:00+05:30"
    assert first["quartz"] == "30 3 ? * 2-6"
    assert first["next_runs"][0] == "2030-01-01T09:00:00+05:30"
    assert "valid_until" not in first
    assert monthly["quartz"] in ("30 23 L * ?", "30 22 L * ?")
    assert monthly["schedule"] == {"cron": "30 0 1 * *", "timezone": "Europe/Zurich"}
    assert all("T00:30:00" in one for one in monthly["next_runs"][:1])
    assert monthly["valid_until"][:4] >= "2026"
    assert run.output.count("[WARNING]") == 1  # Ansible says the same thing once
    assert "Run this again then" in " ".join(run.output.split())
    assert run.results[4]["tasks"][0]["schedule"] == monthly["schedule"]
    sent = {task["title"]: task["cronSchedule"] for task in emulator.tasks("arcgis")}
    assert sent["Nightly parcels"] == {
        "minute": "30",
        "hour": "3",
        "dayOfMonth": "?",
        "month": "*",
        "dayOfWeek": "2-6",
    }


def test_after_the_clocks_were_set_a_run_brings_the_task_to_the_new_offset(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """The task still has last season's UTC form: the diff shows the old and the new one."""
    declared = notebook(items, schedule={"cron": "30 12 * * *", "timezone": "Europe/Zurich"})
    controller.play(declared)
    task = emulator.tasks("arcgis")[0]
    hour = int(task["cronSchedule"]["hour"])
    other = {10: 11, 11: 10}[hour]
    stale = {**task, "cronSchedule": {**task["cronSchedule"], "hour": str(other)}}
    emulator.reset()
    emulator.seed({"arcgis": {"tasks": [stale]}})
    run = controller.play(declared, declared)
    assert [result["action"] for result in run.results] == ["updated", "unchanged"], run.output
    diff = run.results[0]["diff"]
    assert (diff["before"]["quartz"], diff["after"]["quartz"]) == (f"30 {other} * * ?", f"30 {hour} * * ?")
    assert diff["after"]["schedule"]["cron"] == "30 12 * * *"
    assert diff["before"]["schedule"]["cron"] == f"30 {12 + other - hour} * * *"


def test_a_schedule_that_takes_several_tasks(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """Refused with the ways out; split, it is kept as named tasks, which shrink and go together."""
    lagos = {"cron": "0 0,12 * * mon", "timezone": "Africa/Lagos"}
    one = {"cron": "0 12 * * mon", "timezone": "Africa/Lagos", "split": True}
    other = notebook(items, title="Nightly parcels (report)")
    run = controller.play(
        other,
        notebook(items, schedule=lagos),
        notebook(items, schedule={**lagos, "split": True}),
        notebook(items, schedule={**lagos, "split": True}),
        ("arcgis_task_info", {}),
        notebook(items, schedule=one),
        notebook(items, schedule=one),
        notebook(items, schedule={**lagos, "split": True}, enabled=False),
        notebook(items, schedule={"split": True}, state="absent"),
        notebook(items, schedule={"split": True}, state="absent"),
    )
    assert [result.get("action") for result in run.results] == [
        "created",
        None,
        "created",
        "unchanged",
        None,
        "updated",
        "unchanged",
        "updated",
        "deleted",
        "unchanged",
    ], run.output
    assert "set schedule.split" in run.results[1]["msg"]
    assert "0 1,13 * * 1" in run.results[1]["msg"]
    created = run.results[2]
    assert [part["name"] for part in created["task"]["parts"]] == ["Nightly parcels", "Nightly parcels (2)"]
    assert len(created["task"]["next_runs"]) == 5
    assert {run[11:16] for run in created["task"]["next_runs"]} == {"00:00", "12:00"}
    assert sorted(created["diff"]["after"]) == ["Nightly parcels", "Nightly parcels (2)"]
    assert len(run.results[4]["tasks"]) == 3
    assert run.results[5]["diff"]["after"].keys() == {"Nightly parcels"}
    assert run.results[5]["diff"]["before"].keys() == {"Nightly parcels", "Nightly parcels (2)"}
    assert [task["title"] for task in emulator.tasks("arcgis")] == ["Nightly parcels (report)"]


def test_filters_in_a_playbook(controller: Controller) -> None:
    """The examples of the filters' documentation give what stands beside them."""
    for name in ("next_runs", "cron_to_quartz", "quartz_to_cron", "describe_schedule"):
        shown = controller.execute(["ansible-doc", "-t", "filter", "--json", f"taskbridge.vendors.{name}"])
        assert shown.status == 0, shown.output
        text = json.loads(shown.output)[f"taskbridge.vendors.{name}"]["examples"]
        run = controller.play_written(yaml.safe_load(text))
        assert run.status == 0, run.output
        wanted = [yaml.safe_load(line.partition("=> ")[2]) for line in text.splitlines() if "=> " in line]
        assert wanted
        assert [result["msg"] for result in run.results if "msg" in result][: len(wanted)] == wanted
