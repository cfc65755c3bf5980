# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""totalcontrol_task and totalcontrol_task_info against the emulator."""

from __future__ import annotations

from typing import Any

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller


def script(name: str = "task001", **options: Any) -> tuple[str, dict[str, Any]]:
    """Return a declaration of a task that runs a script."""
    return "totalcontrol_task", {"name": name, "script": "getname.js", **options}


def control(state: str, name: str = "task001", **options: Any) -> tuple[str, dict[str, Any]]:
    """Return a declaration of a run state."""
    return "totalcontrol_task", {"name": name, "state": state, **options}


def actions(run: Any) -> list[str | None]:
    """Return the action of each task; None for a failed one."""
    return [None if result["failed"] else result["action"] for result in run.results]


def test_ladder(controller: Controller, emulator: RunningEmulator) -> None:
    """Create, pause, resume, stop, each twice; the script starts once; an ended task is not run again."""
    steps = [
        (control("stopped"), "unchanged"),
        (control("paused"), None),
        (script(iterations=3), "created"),
        (script(iterations=3), "unchanged"),
        (control("paused"), "paused"),
        (control("paused"), "unchanged"),
        (control("resumed"), "resumed"),
        (control("resumed"), "unchanged"),
        (control("stopped"), "stopped"),
        (control("stopped"), "unchanged"),
        (control("paused"), None),
        (control("resumed"), None),
        (script(iterations=3), "unchanged"),
    ]
    run = controller.play(*[task for task, action in steps])
    assert actions(run) == [action for task, action in steps], run.output
    assert [result["changed"] for result in run.results] == [
        action not in (None, "unchanged") for task, action in steps
    ]
    assert emulator.starts("totalcontrol")["total"] == 1
    assert run.results[-1]["task"]["state"] == "stopped"
    assert "WARNING" not in run.output


@pytest.mark.parametrize(
    "switches",
    [
        {"info_shape": "bare", "date_form": "java"},
        {"info_shape": "envelope", "date_form": "java"},
        {"info_shape": "bare", "date_form": "string"},
        {"create_reply": "status_only"},
        {"task_id_reissue": "on_list"},
        {"noop_action": "true"},
        {"raw_backslashes": True},
        {"schedule_kept": False},
        {"unknown_name_text": "no such task"},
        {"bad_token_status": "null"},
        {"login_voids_old_token": True},
        {"utc_offset_minutes": 480, "date_form": "java"},
    ],
    ids=lambda switches: "-".join(f"{name}={value}" for name, value in switches.items()),
)
def test_unproven_behaviour(
    controller: Controller, emulator: RunningEmulator, switches: dict[str, Any]
) -> None:
    """Whatever the server does where nothing is proven, the declarations converge and stay."""
    emulator.switch("totalcontrol", **switches)
    later = script("later", iterations=2, schedule={"at": "2038-01-01T04:00:00"})
    run = controller.play(
        script(),
        script(),
        later,
        later,
        control("paused"),
        control("stopped", "later"),
        ("totalcontrol_task_info", {"name": "later"}),
    )
    assert actions(type(run)(run.results[:-1], run.output, run.status)) == [
        "created",
        "unchanged",
        "created",
        "unchanged",
        "paused",
        "stopped",
    ], run.output
    task = run.results[-1]["tasks"][0]
    assert task["state"] == "stopped"
    assert task["schedule"] == {"at": "2038-01-01T04:00:00"}
    assert len(emulator.tasks("totalcontrol")) == 2


def test_what_cannot_be_changed_is_an_error(controller: Controller, emulator: RunningEmulator) -> None:
    """A declaration that differs from the task names the option, both values and the way out."""
    run = controller.play(
        script(iterations=3),
        script(iterations=4),
        script(iterations=3, script="install.js"),
        script(iterations=3, schedule={"at": "2038-01-01T04:00:00"}),
    )
    assert actions(run) == ["created", None, None, None]
    for result, name in zip(run.results[1:], ("iterations", "script", "schedule.at"), strict=True):
        assert result["msg"].startswith(f"{name}: ")
        assert "rerun: always" in result["msg"]
    assert "4" in run.results[1]["msg"]
    assert len(emulator.tasks("totalcontrol")) == 1


def test_script_paths_compare_below_the_scripts_folder(controller: Controller) -> None:
    """The server answers with an absolute Windows path; slashes and case do not matter."""
    run = controller.play(
        script(script="sub/report.js"),
        script(script="SUB\\Report.js"),
        script(script="C:\\Users\\sigma\\Documents\\Scripts\\sub\\report.js"),
    )
    assert actions(run) == ["created", "unchanged", "unchanged"], run.output


def test_rerun(controller: Controller, emulator: RunningEmulator) -> None:
    """A further run becomes name(1), is recognised, and decides what on_failure does."""
    first = controller.play(script(), script(rerun="on_failure"), script(rerun="always"), script())
    assert actions(first) == ["created", "unchanged", "created", "unchanged"], first.output
    assert first.results[2]["task"]["name"] == "task001(1)"
    assert first.results[3]["task"]["name"] == "task001(1)"
    assert sorted(task["task_name"] for task in emulator.tasks("totalcontrol")) == ["task001", "task001(1)"]
    failing = script("broken", script="fail.js")
    controller.play(failing)
    emulator.advance(100)
    second = controller.play(failing, (failing[0], {**failing[1], "rerun": "on_failure"}))
    assert actions(second) == ["unchanged", "created"]
    assert second.results[0]["task"]["state"] == "failed"
    assert emulator.starts("totalcontrol")["total"] == 4


def test_name_with_a_number_and_another_script_is_another_task(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """A task called task001(1) with a script of its own is not a further run of task001."""
    run = controller.play(script(), script("task001(1)", script="install.js"), script(), control("stopped"))
    assert actions(run)[:3] == ["created", "created", "unchanged"], run.output
    assert run.results[2]["task"]["name"] == "task001"
    assert actions(run)[3] is None
    assert len(run.results[3]["candidates"]) == 2


def test_several_matches_are_refused(controller: Controller, emulator: RunningEmulator) -> None:
    """Two tasks of exactly one name cannot be told apart by the server, so nothing is done."""
    emulator.switch("totalcontrol", duplicate_name="duplicate")
    controller.play(script(), script(rerun="always"))
    emulator.clear_log()
    run = controller.play(script(), control("stopped"))
    assert actions(run) == [None, None]
    ids = [str(task["task_id"]) for task in emulator.tasks("totalcontrol")]
    assert all(task_id in result["msg"] for task_id in ids for result in run.results)
    assert emulator.log(writes=True) == []


def test_absent_is_refused_with_the_reason(controller: Controller, emulator: RunningEmulator) -> None:
    """There is no delete, and the error says so before anything is sent."""
    run = controller.play(control("absent"))
    assert run.only["failed"]
    assert "no call that deletes" in run.only["msg"]
    assert "state: stopped" in run.only["msg"]
    assert emulator.log("totalcontrol") == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"iterations": 0}, ["iterations", "0"]),
        ({"iterations": "many"}, ["iterations", "many"]),
        ({"schedule": {"cron": "0 2 * * *"}}, ["schedule.cron"]),
        ({"schedule": {"at": "tomorrow"}}, ["schedule.at", "tomorrow"]),
        ({"schedule": {"at": "2038-01-01T04:00:00+01:00"}}, ["schedule.at", "+01:00"]),
        ({"state": "running"}, ["state", "running"]),
        ({"name": " "}, ["name"]),
    ],
)
def test_wrong_input_is_refused_before_any_request(
    controller: Controller, emulator: RunningEmulator, options: dict[str, Any], said: list[str]
) -> None:
    """The message names the option and the value; the server hears nothing."""
    run = controller.play(script(**options))
    assert run.only["failed"]
    for text in said:
        assert text in run.only["msg"]
    assert emulator.log("totalcontrol") == []


def test_check_mode_starts_nothing(controller: Controller, emulator: RunningEmulator) -> None:
    """Check mode logs in and lists, no more, and predicts what then happens."""
    predicted = controller.play(script(), arguments=["--check", "--diff"]).only
    assert predicted["action"] == "created"
    assert "id" not in predicted["task"]
    assert emulator.starts("totalcontrol")["total"] == 0
    assert controller.play(script()).only["diff"] == predicted["diff"]
    emulator.clear_log()
    run = controller.play(script(), control("paused"), control("stopped"), arguments=["--check"])
    assert actions(run) == ["unchanged", "paused", "stopped"]
    assert emulator.log(writes=True) == []
    assert emulator.starts("totalcontrol")["total"] == 1


def test_wait(controller: Controller, emulator: RunningEmulator) -> None:
    """wait returns the ended run, fails with the script's own error text, and gives up in time."""
    waiting = {"wait": True, "wait_interval": 0.1}
    emulator.switch("totalcontrol", run_seconds=1)
    run = controller.play(
        script("good", **waiting), script("bad", script="fail.js", **waiting), script("bad", script="fail.js")
    )
    good, bad, again = run.results
    assert good["run"]["status"] == "completed", run.output
    assert good["run"]["ended"] is not None
    assert bad["failed"]
    assert bad["run"]["error"]
    assert bad["run"]["error"] in bad["msg"]
    assert bad["changed"] is True
    assert again["action"] == "unchanged"
    emulator.switch("totalcontrol", run_seconds=600)
    late = controller.play(script("late", **waiting, wait_timeout=0.5)).only
    assert late["failed"]
    assert "wait_timeout" in late["msg"]
    assert late["run"]["status"] == "running"


@pytest.mark.parametrize("missing", ["status_0", "null_envelope"])
def test_missing_script(controller: Controller, emulator: RunningEmulator, missing: str) -> None:
    """A task without its script is a failure, whether the server refuses it or lists it as dead."""
    emulator.switch("totalcontrol", missing_script=missing)
    run = controller.play(script(script="nowhere.js"))
    assert run.only["failed"]
    assert "nowhere.js" in run.only["msg"] or "task001" in run.only["msg"]


@pytest.mark.parametrize("answer", ["200_null", "200_false", "401"])
def test_wrong_credentials(controller: Controller, emulator: RunningEmulator, answer: str) -> None:
    """A refused login is an error in each form the server may give it, and tried once."""
    emulator.switch("totalcontrol", bad_login=answer)
    run = controller.play(control("stopped"), environment={"TOTALCONTROL_PASSWORD": "not-the-password"})
    assert run.only["failed"]
    assert "log in as 'sigma'" in run.only["msg"]
    assert len(emulator.log("totalcontrol", "login")) == 1


def test_token_expires(controller: Controller, emulator: RunningEmulator) -> None:
    """A token that the server no longer knows is renewed once, and the create is sent again safely."""
    emulator.fault("expire_token", vendor="totalcontrol", operation="create_task")
    run = controller.play(script())
    assert run.only.get("action") == "created", run.output
    assert len(emulator.log("totalcontrol", "login")) == 2
    assert emulator.starts("totalcontrol")["total"] == 1


def test_lost_answer_to_a_create(controller: Controller, emulator: RunningEmulator) -> None:
    """The script was started and the answer lost: the task is found, and not started twice."""
    emulator.fault("act_then_drop", vendor="totalcontrol", operation="create_task")
    run = controller.play(script())
    assert run.only.get("action") == "created", run.output
    assert emulator.starts("totalcontrol")["total"] == 1
    assert len(emulator.log("totalcontrol", "create_task")) == 1


def test_login_header_and_place_of_the_token(controller: Controller, emulator: RunningEmulator) -> None:
    """The login carries base64 without "Basic"; a POST carries the token in its form, not in its URL."""
    controller.play(script(), control("stopped"))
    login = emulator.log("totalcontrol", "login")[0]
    assert " " not in login["headers"]["authorization"]
    posts = [entry for entry in emulator.log("totalcontrol") if entry["method"] == "POST"]
    assert len(posts) == 2
    for entry in posts:
        assert "token" in entry["form"]
        assert "token" not in entry["query"]


def test_ad_hoc(controller: Controller, emulator: RunningEmulator) -> None:
    """The README's one-liner works, twice, and the second time changes nothing."""
    command = ["ansible", "localhost", "-m", "taskbridge.vendors.totalcontrol_task"]
    options = f"name=task001 script=getname.js ca_path={emulator.info['ca']}"
    first = controller.execute([*command, "-a", options])
    second = controller.execute([*command, "-a", options])
    assert first.status == second.status == 0, first.output
    assert '"changed": true' in first.output
    assert '"changed": false' in second.output
    assert emulator.starts("totalcontrol")["total"] == 1
