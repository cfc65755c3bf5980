# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""totalcontrol_task and totalcontrol_task_info against the emulator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller, Run
from integration.meanwhile import Onlooker, meanwhile


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
        ({"iterations": "many"}, ["iterations", "convert to int"]),  # Ansible's words, which change
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


WAIT: dict[str, Any] = {"wait": True, "wait_interval": 0.2, "wait_timeout": 60}


def beside(emulator: RunningEmulator, *steps: Callable[[], Any]) -> Any:
    """Carry out the steps while a started script is waited for, each after two further looks."""

    def happens(onlooker: Onlooker) -> None:
        onlooker.started()
        for step in steps:
            onlooker.looks(2)
            step()

    return meanwhile(emulator, "totalcontrol", "get_task", happens)


def test_a_script_that_comes_half_way(controller: Controller, emulator: RunningEmulator) -> None:
    """What was seen last tells the iteration."""
    with beside(emulator, lambda: emulator.advance(70)):
        late = controller.play(script(iterations=3, **{**WAIT, "wait_timeout": 3})).only
    assert "last seen running" in late["msg"]
    assert late["run"]["details"] == {"current_iteration": 2, "iterations": 3}
    assert (late["run"]["vendor_status"], late["run"]["ended"]) == ("-1", None)
    assert late["run"]["started"] is not None


@pytest.fixture
def somebody(emulator: RunningEmulator, tmp_path: Path) -> Controller:
    """Return another controller of the same server."""
    directory = tmp_path / "somebody"
    directory.mkdir()
    return Controller(emulator, directory)


def test_a_script_that_somebody_pauses(
    controller: Controller, emulator: RunningEmulator, somebody: Controller
) -> None:
    """A pause is no end of a run, however long it lasts."""
    with beside(
        emulator,
        lambda: somebody.play(control("paused")),
        lambda: emulator.advance(600),
        lambda: somebody.play(control("resumed")),
        lambda: emulator.advance(60),
    ):
        run = controller.play(script(**WAIT))
    assert (run.only["failed"], run.only["run"]["status"]) == (False, "completed"), run.output
    with beside(emulator, lambda: somebody.play(control("paused", "other"))):
        late = controller.play(script("other", **{**WAIT, "wait_timeout": 6})).only
    assert "last seen paused" in late["msg"]


def test_a_script_that_somebody_stops(
    controller: Controller, emulator: RunningEmulator, somebody: Controller
) -> None:
    """That fails the one who waits for its end, and not the one who stops it."""
    stopped: list[Run] = []
    with beside(emulator, lambda: stopped.append(somebody.play(control("stopped", **WAIT)))):
        run = controller.play(script(**WAIT))
    assert run.only["msg"] == "The run of 'task001' failed: it was stopped"
    (other,) = stopped
    assert (other.only["failed"], other.only["run"]["status"]) == (False, "stopped"), other.output


def test_a_resumed_script_is_waited_for(controller: Controller, emulator: RunningEmulator) -> None:
    """Also a control may wait for the end."""
    controller.play(script(), control("paused"))

    def happens(onlooker: Onlooker) -> None:
        onlooker.seen = 1  # the look after the pause
        onlooker.looks(3)
        emulator.advance(60)

    with meanwhile(emulator, "totalcontrol", "get_task", happens):
        run = controller.play(control("resumed", **WAIT))
    assert (run.only.get("action"), run.only["run"]["status"]) == ("resumed", "completed"), run.output
    assert emulator.starts("totalcontrol")["total"] == 1


def test_a_script_at_its_time_is_waited_for(controller: Controller, emulator: RunningEmulator) -> None:
    """What waits for its time has not started yet, and its times are in the zone that is given."""
    emulator.set_clock("2038-01-01T03:00:00")
    later = script(schedule={"at": "2038-01-01T04:00:00"}, server_timezone="UTC", **WAIT)

    def happens(onlooker: Onlooker) -> None:
        onlooker.looks(2)
        emulator.advance(3600)
        onlooker.looks(2)
        emulator.advance(60)

    late = controller.play((later[0], {**later[1], "wait_timeout": 1})).only
    assert (late["run"]["status"], late["run"]["started"]) == ("scheduled", None)
    with meanwhile(emulator, "totalcontrol", "get_task", happens):
        run = controller.play(later)
    assert run.only["run"]["started"] == "2038-01-01T04:00:00+00:00", run.output
    assert run.only["run"]["ended"] == "2038-01-01T04:01:00+00:00"
    assert emulator.starts("totalcontrol")["total"] == 1


@pytest.mark.parametrize(
    "switches",
    [
        {"info_shape": "bare", "date_form": "java"},
        {"task_id_reissue": "on_list"},
        {"ended_tasks_listed": False},
        {"bad_token_status": "null", "token_lifetime": 30},
        {"login_voids_old_token": True, "token_lifetime": 30},
        {"raw_backslashes": True},
    ],
    ids="-".join,
)
def test_unproven_behaviour_while_waiting(
    controller: Controller, emulator: RunningEmulator, switches: dict[str, Any]
) -> None:
    """Whatever the server does where nothing is proven, the end of the run is seen."""
    emulator.switch("totalcontrol", **switches)
    with beside(emulator, lambda: emulator.advance(31), lambda: emulator.advance(31)):
        run = controller.play(script(**WAIT))
    assert (run.only["failed"], run.only["run"]["status"]) == (False, "completed"), run.output
    assert emulator.starts("totalcontrol")["total"] == 1


def test_the_newest_of_one_name_is_waited_for(controller: Controller, emulator: RunningEmulator) -> None:
    """Where the server keeps two tasks of one name, the older one's end is not taken for the newer one's."""
    emulator.switch("totalcontrol", duplicate_name="duplicate")
    with beside(emulator, lambda: emulator.advance(61)):
        controller.play(script(**WAIT))
    emulator.switch("totalcontrol", run_outcome="failed")
    with beside(emulator, lambda: emulator.advance(61)):
        run = controller.play(script(rerun="always", **WAIT))
    assert run.only["failed"], run.output
    assert run.only["run"]["error"] == "Error: the script failed"


@pytest.mark.parametrize("text", ["", "No such task"])
def test_a_program_that_is_restarted_while_it_is_waited_for(
    controller: Controller, emulator: RunningEmulator, text: str
) -> None:
    """It knows neither the token nor the task; the message says so, and what was started."""

    def restart() -> None:
        emulator.reset()
        emulator.switch("totalcontrol", unknown_name_text=text)

    with beside(emulator, restart):
        gone = controller.play(script(**WAIT)).only
    assert gone["failed"]
    assert "no longer lists it" in gone["msg"]
    assert "Before that it was created" in gone["msg"]


@pytest.mark.parametrize("missing", ["status_0", "null_envelope"])
def test_missing_script(controller: Controller, emulator: RunningEmulator, missing: str) -> None:
    """A task without its script is a failure, whether the server refuses it or lists it as dead."""
    emulator.switch("totalcontrol", missing_script=missing)
    nowhere = {"script": "nowhere.js"}
    run = controller.play(script(**nowhere), script(**nowhere, **WAIT), script(**nowhere))
    assert actions(run) == [None, None, "unchanged" if missing == "status_0" else None]
    assert "nowhere.js" in run.results[0]["msg"] or "task001" in run.results[0]["msg"]
    if missing == "status_0":
        assert "does not find its script" in run.results[1]["run"]["error"]
    emulator.seed({"totalcontrol": {"scripts": ["nowhere.js"]}})
    mended = controller.play(script(**nowhere, rerun="on_failure"))
    assert actions(mended) == ["created"]
    assert emulator.starts("totalcontrol")["total"] == 1


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
