# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vro_task and vro_task_info against the emulator."""

from __future__ import annotations

from typing import Any

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller, Run
from integration.scenario import scenario
from integration.vendors.vro import SECRET, nightly, rotation

BY_ID = {"workflow": None, "name": None}
# One input of each type that can be sent, as a playbook writes it.
EVERY_INPUT = {
    "text": "7",
    "count": "42",
    "flag": "true",
    "when": "2030-01-31T18:30:00+02:00",
    "password": SECRET,
    "cipher": "another-secret-of-a-workflow",
    "names": ["a", "b"],
    "counts": [1, 2.5],
    "vm": {"type": "VC:VirtualMachine", "id": "vcenter/vm-42"},
    "vms": [{"id": "vcenter/vm-1"}, {"id": "vcenter/vm-2"}],
    "settings": {"size": 3, "on": True, "inner": {"a": ["b"]}},
    "anything": {"free": "form"},
}


def actions(run: Run) -> list[str | None]:
    """Return the action of each task; None for a failed one."""
    return [None if result["failed"] else result.get("action") for result in run.results]


def inputs(task: dict[str, Any]) -> dict[str, Any]:
    """Return the values of the inputs of a task as the server has them."""
    return {item["name"]: item.get("value") for item in task["input-parameters"]}


def test_ladder(controller: Controller, emulator: RunningEmulator) -> None:
    """Absent, create, change, switch, replace, delete: each in turn, and each a second time."""
    gone = nightly(state="absent")
    other = {"recreate": True, "inputs": None, "workflow": "Maintenance/Linux/Patch hosts"}
    changed = {"schedule": {"cycle": "EVERY_WEEKS", "pattern": "(UTC) Friday 22:00:00,monday 2:00:00"}}
    same = {"schedule": {"cycle": "every-weeks", "pattern": "(UTC) Mon 02:00:00, Fri 22:00:00,"}}
    steps = [
        (gone, "unchanged"),
        (gone, "unchanged"),
        (nightly(), "created"),
        (nightly(), "unchanged"),
        (nightly(**changed), "updated"),
        (nightly(**same), "unchanged"),
        (nightly(**same, enabled=False), "disabled"),
        (nightly(**same, enabled=False), "unchanged"),
        (nightly(**same, description="", enabled=True), "updated"),
        (nightly(**same, description=""), "unchanged"),
        (nightly(schedule={"at": "2030-05-05T05:05:05"}), "updated"),
        (nightly(schedule={"at": "2030-05-05T05:05:05"}), "unchanged"),
        (nightly(schedule={"end": "never"}), None),
        (nightly(schedule={"end": "never"}, recreate=True), "recreated"),
        (nightly(schedule={"end": "never"}, recreate=True), "unchanged"),
        (nightly(name="Nightly clean-up", state="absent"), "deleted"),
        (gone, "unchanged"),
        (nightly(**other), "created"),
        (nightly(**other), "unchanged"),
        (nightly(**other, state="absent"), "deleted"),
    ]
    run = controller.play(*[task for task, action in steps])
    assert actions(run) == [action for task, action in steps], run.output
    assert [result["changed"] for result in run.results] == [
        action not in (None, "unchanged") for task, action in steps
    ]
    refused, replaced = run.results[12:14]
    assert refused["msg"].startswith("schedule.end: the task 'Nightly clean-up'")
    assert "recreate: true" in refused["msg"]
    assert replaced["diff"]["after_header"] == "a new task, as schedule.end cannot be changed in place"
    assert replaced["diff"]["before"]["schedule"]["end"] == "2031-01-01T00:00:00+00:00"
    assert replaced["diff"]["after"]["schedule"]["end"] == "never"
    assert emulator.tasks("vro") == []
    assert "WARNING" not in run.output


def test_changing_one_option_leaves_the_others(controller: Controller, emulator: RunningEmulator) -> None:
    """All else survives a change of one input; the task stays suspended, by no request for it."""
    controller.play(nightly(enabled=False))
    before = emulator.tasks("vro")[0]
    emulator.clear_log()
    change = {"name": "Nightly clean-up", "workflow": "Clean snapshots", "inputs": {"days": 14}}
    run = controller.play(("vro_task", change), ("vro_task", {**change, "workflow": None}))
    after = emulator.tasks("vro")[0]
    assert actions(run) == ["updated", "unchanged"], run.output
    assert run.results[0]["diff"]["before"]["inputs"] == {"days": 7, "folder": "vm/test"}
    assert run.results[0]["diff"]["after"]["inputs"] == {"days": 14, "folder": "vm/test"}
    assert inputs(after) == {**inputs(before), "days": {"number": {"value": 14}}}
    assert after["state"] == "suspended"
    assert {**after, "input-parameters": None} == {**before, "input-parameters": None}
    (update,) = emulator.log("vro", "update_task")
    assert "state" not in update["json"]


# Sets of switches, each in another position than its default; those of one set do not meet.
UNPROVEN: list[dict[str, Any]] = [
    {
        "profile": 7,
        "update_parameters": "replace",
        "date_form": "z",
        "running_instance_id": "never",
    },
    {
        "profile": 9,
        "task_link_attributes": "id_name_and_state",
        "running_instance_id": "always",
        "number_readback": "as_sent",
        "location_trailing_slash": True,
    },
    {
        "create_returns_body": False,
        "location_trailing_slash": False,
        "parameter_description_blanked": False,
        "date_form": "zone_offset",
    },
    {
        "profile": 7,
        "create_returns_body": True,
        "conditions_honoured": False,
        "update_parameters": "replace",
        "update_requires": "start_and_workflow",
        "date_form": "epoch_millis",
    },
    {
        "resuspend_409": False,
        "create_suspended_becomes_pending": False,
        "state_request_other": "ignore",
        "enum_case_strict": False,
        "html_400_unknown_value_key": False,
        "properties_list_key": "properties",
    },
    {
        "list_shape": "flat",
        "task_link_attributes": "none",
        "tasks_paging": 1,
        "secure_readback": "masked",
    },
    {
        "tasks_paging": 1,
        "task_link_attributes": "state_only",
        "secure_readback": "plain",
        "duplicate_names": False,
    },
    {
        "pattern_classic_form": False,
        "pattern_trailing_comma_required": True,
        "start_mode_rule": "ignored",
        "past_one_time_normal": "fire",
    },
    {
        "past_one_time_normal": "reject",
        "update_requires": "nothing",
        "end_date_clearable": True,
        "conditions_honoured": True,
    },
    {"update_omitted_parameters": "clear", "delete_conflicts": 2},
]
# Run in tests of their own, or met by no module yet.
ELSEWHERE = {
    "resume_via_pending",
    "update_parameters",
    "basic_auth",
    "pattern_error_text",
    "task_limit",
    "execution_state_key",
    "credentials_patch",
    "run_seconds",
    "zone_offset_minutes",
    # Those of runs: see test_vro_runs.py.
    "run_link_attributes",
    "waits_for_person",
    "cancel_seconds",
    "initializing_seconds",
    "run_stops_in",
    "run_ends",
}


def test_every_switch_is_run_in_every_position(emulator: RunningEmulator) -> None:
    """No switch is left out, and none of its positions."""
    run = {(name, value) for switches in UNPROVEN for name, value in switches.items()}
    for name, switch in emulator.switches("vro").items():
        positions = switch["allowed"] if isinstance(switch["allowed"], list) else []
        left = {value for value in positions if (name, value) not in run} - {switch["default"]}
        assert name in ELSEWHERE or (not left and any(name == known for known, value in run)), (name, left)


@pytest.mark.parametrize("switches", UNPROVEN, ids="-".join)
def test_unproven_behaviour(
    controller: Controller, emulator: RunningEmulator, switches: dict[str, Any]
) -> None:
    """Whatever the server does where nothing is proven, the declarations converge and stay."""
    emulator.switch("vro", **switches)
    seeded = scenario("vro", emulator.info["accounts"]["vro"]).seed["tasks"]
    emulator.seed({"vro": {"tasks": [{**task, "name": "Another"} for task in seeded]}})
    changed = {"enabled": False, "inputs": {"days": 8, "folder": "vm/test"}}
    secret = {"inputs": {"account": "svc-backup", "password": SECRET}}
    run = controller.play(
        nightly(enabled=False),
        nightly(enabled=False),
        nightly(**changed),
        nightly(**changed),
        rotation(),
        rotation(),
        rotation(**secret, description="New"),
        rotation(state="absent"),
        ("vro_task_info", {"name": "Nightly clean-up"}),
    )
    expected = ["created", "unchanged", "updated", "unchanged"]
    assert actions(run) == [*expected, "created", "unchanged", "updated", "deleted", None], run.output
    (task,) = run.results[-1]["tasks"]
    assert task["inputs"] == {"days": 8, "folder": "vm/test"}
    assert task["schedule"] == {
        "cycle": "every-days",
        "pattern": "(Europe/Zurich) 02:00:00,14:30:00,",
        "start": "2030-01-01T00:00:00+00:00",
        "end": "2031-01-01T00:00:00+00:00",
    }
    assert task["description"] == "Keeps the datastores empty"
    assert task["enabled"] is False
    assert len(emulator.tasks("vro")) == 3


def test_servers_that_cannot(controller: Controller, emulator: RunningEmulator) -> None:
    """What a setting of the server makes unreachable is a clear error, and never taken for done."""
    controller.play(nightly(enabled=False), rotation())
    emulator.switch("vro", resume_via_pending=False)
    resume = controller.play(nightly(enabled=True)).only
    assert resume["failed"]
    assert resume["error"]["http_status"] == 409
    emulator.switch("vro", resume_via_pending=True, profile=7)
    old = controller.play(nightly(inputs={"days": 8})).only
    assert old["failed"]
    assert "inputs.days is not as it was sent" in old["msg"]
    assert "7.x" in old["msg"]
    assert old["changed"] is True
    emulator.switch("vro", profile=8, update_omitted_parameters="clear")
    lost = controller.play(rotation(inputs=None, description="New")).only
    assert lost["failed"]
    assert "inputs.account is not as it was" in lost["msg"]
    emulator.switch("vro", properties_list_key="properties")
    every = controller.play(("vro_task", {**every_type(), "inputs": {"settings": {"a": 1}}})).only
    assert every["failed"]
    assert every["error"]["http_status"] == 400


def every_type() -> dict[str, Any]:
    """Return a declaration with an input of each type."""
    return {
        "name": "All",
        "workflow": "Every type",
        "inputs": EVERY_INPUT,
        "schedule": {"at": "2030-01-01T00:00:00Z"},
    }


def test_inputs_are_typed_by_the_workflow(controller: Controller, emulator: RunningEmulator) -> None:
    """Each type in its wire form; info's answer declared again changes nothing; secrets stay hidden."""
    run = controller.play(("vro_task", every_type()), ("vro_task", every_type()), ("vro_task_info", {}))
    assert actions(run)[:2] == ["created", "unchanged"], run.output
    vm = {"sdk-object": {"type": "VC:VirtualMachine", "id": "vcenter/vm-42"}}
    has = inputs(emulator.tasks("vro")[0])
    assert has["text"] == {"string": {"value": "7"}}
    assert has["count"] == {"number": {"value": 42}}
    assert has["flag"] == {"boolean": {"value": True}}
    assert has["when"] == {"date": {"value": "2030-01-31T16:30:00.000+00:00"}}
    assert has["password"] == {"secure-string": {"value": SECRET}}
    assert has["vm"] == vm
    assert has["names"] == {"array": {"elements": [{"string": {"value": "a"}}, {"string": {"value": "b"}}]}}
    shown = run.results[2]["tasks"][0]
    assert shown["inputs"]["password"] == shown["inputs"]["cipher"] == "********"
    assert shown["inputs"]["vms"][1] == {"type": "VC:VirtualMachine", "id": "vcenter/vm-2"}
    options = (
        "name",
        "description",
        "workflow",
        "workflow_id",
        "inputs",
        "schedule",
        "start_mode",
        "enabled",
    )
    again = {name: shown[name] for name in options if name in shown}
    trip = controller.play(
        ("vro_task", {**again, "task_id": shown["id"]}),
        ("vro_task", {**again, "description": "New"}),
        ("vro_task", {"task_id": shown["id"], "inputs": {"count": 43}}),
        ("vro_task", {**every_type(), "inputs": {**EVERY_INPUT, "count": 43}}),
    )
    assert actions(trip) == ["unchanged", "updated", None, "updated"], trip.output
    assert trip.results[2]["msg"].startswith("inputs.password is a secret")
    assert inputs(emulator.tasks("vro")[0])["password"] == {"secure-string": {"value": SECRET}}
    assert SECRET not in str([run.results, trip.results])


def test_secrets(controller: Controller, emulator: RunningEmulator) -> None:
    """A secret is sent at creation, along with another change, and each time only when that is wanted."""
    new = {"account": "svc-backup", "password": "the-next-secret"}

    def password() -> Any:
        return inputs(emulator.tasks("vro")[0])["password"]["secure-string"]["value"]

    run = controller.play(rotation(), rotation(inputs=new), rotation(inputs=None, description="A"))
    assert actions(run) == ["created", "unchanged", "updated"], run.output
    assert password() == SECRET
    assert "input-parameters" not in emulator.log("vro", "update_task")[-1]["json"]
    run = controller.play(rotation(inputs=new, description="B"))
    assert (actions(run), password()) == (["updated"], "the-next-secret")
    always = {"update_secrets": "always"}
    run = controller.play(rotation(**always), rotation(**always), rotation(inputs={"account": "x"}, **always))
    assert actions(run) == ["updated", "updated", None]
    assert password() == SECRET
    assert "inputs.password" in run.results[2]["msg"]
    replaced = controller.play(
        rotation(**BY_ID, task_id=emulator.tasks("vro")[0]["id"], inputs=None, workflow_id=hello(emulator)),
        rotation(**BY_ID, task_id=emulator.tasks("vro")[0]["id"], inputs=None, enabled=False),
        rotation(
            **BY_ID,
            task_id=emulator.tasks("vro")[0]["id"],
            inputs={},
            workflow_id=hello(emulator),
            recreate=True,
        ),
    )
    assert actions(replaced) == [None, "disabled", "recreated"], replaced.output
    assert replaced.results[0]["msg"].startswith("workflow: the task 'Rotation'")
    (task,) = emulator.tasks("vro")
    assert (task["workflow"]["name"], task["state"], task["input-parameters"]) == (
        "Say hello",
        "suspended",
        [],
    )


def hello(emulator: RunningEmulator) -> str:
    """Return the id of a workflow without inputs."""
    found: str = emulator.info["accounts"]["vro"]["workflows"]["Examples/Say hello"]
    return found


def test_check_mode_writes_nothing_and_tells_the_truth(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """Check mode predicts create, update, toggle, replacement and delete, and sends nothing that writes."""
    predicted = controller.play(nightly(), arguments=["--check", "--diff"]).only
    assert predicted["action"] == "created"
    assert "id" not in predicted["task"]
    assert predicted["task"]["next_runs"][0] == "2030-01-01T02:00:00+01:00"
    assert len(predicted["task"]["next_runs"]) == 5
    assert emulator.log("vro", writes=True) == []
    real = controller.play(nightly()).only
    assert predicted["diff"] == real["diff"]
    assert predicted["task"]["next_runs"] == real["task"]["next_runs"]
    emulator.clear_log()
    endless = nightly(schedule={"end": "never"}, recreate=True)
    run = controller.play(
        nightly(),
        nightly(inputs={"days": 8}),
        nightly(enabled=False),
        endless,
        nightly(state="absent"),
        arguments=["--check"],
    )
    assert actions(run) == ["unchanged", "updated", "disabled", "recreated", "deleted"]
    assert run.results[1]["task"]["inputs"] == {"days": 8, "folder": "vm/test"}
    assert run.results[3]["task"]["name"] == "Nightly clean-up"
    assert emulator.log("vro", writes=True) == []
    assert len(emulator.tasks("vro")) == 1
    assert controller.play(endless).only["diff"] == run.results[3]["diff"]


def test_several_matches_are_refused(controller: Controller, emulator: RunningEmulator) -> None:
    """Two tasks of one name, and two workflows of one name: nothing is changed, and the ids are listed."""
    controller.play(nightly())
    twin = {**emulator.tasks("vro")[0], "id": "twin"}
    emulator.seed({"vro": {"tasks": [{name: twin[name] for name in twin if name != "runs"}]}})
    emulator.clear_log()
    ids = sorted(task["id"] for task in emulator.tasks("vro"))
    patch = {"name": "Patch", "schedule": {"at": "2030-01-01T00:00:00Z"}}
    run = controller.play(
        nightly(state="absent"),
        nightly(enabled=False),
        ("vro_task", {**patch, "workflow": "Patch hosts"}),
        nightly(state="absent", task_id="twin"),
        nightly(),
        ("vro_task", {**patch, "workflow": "/Maintenance/Windows/Patch hosts/"}),
    )
    assert actions(run) == [None, None, None, "deleted", "unchanged", "created"], run.output
    for refused in run.results[:2]:
        assert sorted(refused["candidates"]) == ids
        assert all(task_id in refused["msg"] for task_id in ids)
    workflows = emulator.info["accounts"]["vro"]["workflows"]
    paths = ("Maintenance/Linux/Patch hosts", "Maintenance/Windows/Patch hosts")
    assert run.results[2]["candidates"] == [f"{workflows[path]} ({path})" for path in paths]
    assert "workflow_id" in run.results[2]["msg"]
    assert emulator.tasks("vro")[-1]["workflow"]["id"] == workflows[paths[1]]
    assert len(emulator.log("vro", writes=True)) == 2


def test_task_id_and_workflow_id(controller: Controller, emulator: RunningEmulator) -> None:
    """With task_id the name is an option like others; unknown ids and workflows are never created."""
    task_id = controller.play(nightly()).only["task"]["id"]
    other = {"workflow": None, "workflow_id": "none"}
    run = controller.play(
        ("vro_task", {"task_id": task_id, "name": "Weekly clean-up"}),
        ("vro_task", {"task_id": "0", "name": "Nobody"}),
        ("vro_task", {"task_id": "0", "state": "absent"}),
        nightly(workflow="Nobody's"),
        nightly(workflow="Nowhere/Clean snapshots"),
        nightly(workflow="Nobody's", state="absent"),
        nightly(**other),
        nightly(**other, state="absent"),
        nightly(workflow="Patch hosts", workflow_id=hello(emulator)),
        ("vro_task_info", {"workflow": "Nobody's"}),
        ("vro_task_info", {"workflow": "Maintenance/Clean snapshots", "enabled": True}),
        ("vro_task_info", {"task_id": task_id, "name": "Another"}),
    )
    expected = ["updated", None, "unchanged", None, None, "unchanged", None, "unchanged", None]
    assert actions(run)[:9] == expected, run.output
    assert "task_id" in run.results[1]["msg"]
    assert "workflow: the server shows this account no workflow" in run.results[3]["msg"]
    assert "workflow_id 'none'" in run.results[6]["msg"]
    assert "is not the name of workflow_id" in run.results[8]["msg"]
    assert run.results[9]["failed"]
    assert [task["name"] for task in run.results[10]["tasks"]] == ["Weekly clean-up"]
    assert run.results[11]["tasks"] == []
    assert len(emulator.tasks("vro")) == 1


def test_logins(controller: Controller, emulator: RunningEmulator) -> None:
    """Each way to log in, at the automation host; the token is in a header of each request."""
    account = emulator.info["accounts"]["vro"]
    api_token = {"api_token": account["api_token"]}
    http = {"auth_url": emulator.info["http"]}
    apart = {"username": "orchestrator", "domain": account["domain"]}
    vra = ["/csp/gateway/am/api/login", "/iaas/api/login"]
    ways: dict[str, tuple[dict[str, Any], list[str]]] = {
        "expired token": ({"auth": "vra"}, vra * 2),
        "refused token": ({"auth": "vra", "token": "no-token-of-this-server"}, vra),
        "vra": ({"auth": "vra", **apart, **http}, vra),
        "vcf": ({**api_token, "tenant": account["tenant"], **http}, ["/tm/oauth/tenant/acme/token"]),
        "provider": (api_token, ["/oauth/provider/token"]),
        "token": ({"token": account["token"], "url": f"{account['url']}/vco/api/"}, []),
        "basic": ({}, []),
        "basic with domain": (apart, []),
    }
    emulator.fault("expire_token", vendor="vro", operation="create_task")
    run = controller.play(*[nightly(name=way, **options) for way, (options, logins) in ways.items()])
    assert actions(run) == ["created"] * len(ways), run.output
    assert sorted(task["name"] for task in emulator.tasks("vro")) == sorted(ways)
    begin = 0.0
    for way, result in zip(ways, run.results, strict=True):
        mine = [entry for entry in emulator.log("vro") if begin < entry["at"] <= result["_ended"]]
        begin = result["_ended"]
        assert [entry["path"] for entry in mine if entry["operation"] == "login"] == ways[way][1], way
        others = [entry for entry in mine if entry["operation"] != "login"]
        scheme = "Basic " if way.startswith("basic") else "Bearer "
        assert all(entry["headers"]["authorization"].startswith(scheme) for entry in others)
        assert all(entry["secure"] for entry in others)


def test_wrong_credentials(controller: Controller, emulator: RunningEmulator) -> None:
    """A refused login is an error, and neither a task nor a workflow is taken for absent."""
    logins = (
        {"password": "not-the-password"},
        {"auth": "vra", "password": "not-the-password"},
        {"api_token": "not-the-api-token"},
        {"token": "not-the-token"},
        {"auth": "vra", "domain": "elsewhere", "username": "orchestrator"},
    )
    gone = {"state": "absent"}
    run = controller.play(
        *[nightly(**login) for login in logins],
        *[nightly(**gone, **login) for login in logins],
        nightly(**gone, **logins[0], task_id="x"),
    )
    for result in run.results:
        assert result["failed"], run.output
        assert "Check the credentials" in result["msg"]
        assert result["error"]["http_status"] in (400, 401)
    assert emulator.log("vro", writes=True) == []
    emulator.switch("vro", basic_auth=False)
    assert controller.play(nightly()).only["error"]["http_status"] == 401


def test_reader(controller: Controller, emulator: RunningEmulator) -> None:
    """An account that may only read hears so in the server's words."""
    controller.play(nightly())
    reader = emulator.info["accounts"]["vro"]["reader"]
    hers = {name: reader[name] for name in ("username", "password")}
    run = controller.play(nightly(**hers), ("vro_task_info", hers))
    assert "no workflow 'Clean snapshots'" in run.results[0]["msg"]
    assert run.results[1]["tasks"] == []
    assert len(emulator.tasks("vro")) == 1


@pytest.mark.parametrize("fault", ["act_then_drop", "close_before_reading"])
@pytest.mark.parametrize("profile", [7, 8])
def test_lost_answer_to_a_create(
    controller: Controller, emulator: RunningEmulator, fault: str, profile: int
) -> None:
    """The task is looked for, and created again only when it is not there; the user is told."""
    emulator.switch("vro", profile=profile)
    emulator.fault(fault, vendor="vro", operation="create_task")
    run = controller.play(nightly())
    assert run.only.get("action") == "created", run.output
    assert len(emulator.tasks("vro")) == 1
    assert len(emulator.log("vro", "create_task")) == (1 if fault == "act_then_drop" else 2)
    assert "The answer to the create of 'Nightly clean-up' was lost" in run.only["warnings"][0]


def test_busy_server(controller: Controller, emulator: RunningEmulator) -> None:
    """A read is repeated after 503, a write after 429 only, a delete also after the server's own 409."""
    busy = {"vendor": "vro", "status": 503, "body": "html"}
    emulator.fault("status", operation="list_workflows", **busy)
    emulator.fault("status", vendor="vro", operation="create_task", status=429, body="empty", retry_after="0")
    assert controller.play(nightly()).only.get("action") == "created"
    emulator.fault("status", operation="create_task", times=2, **busy)
    refused = controller.play(nightly(name="Later")).only
    assert refused["failed"]
    assert refused["error"]["unclear"] is True
    emulator.switch("vro", delete_conflicts=1)
    assert controller.play(nightly(state="absent")).only["action"] == "deleted"
    assert len(emulator.log("vro", "delete_task")) == 2
    assert len(emulator.log("vro", "create_task")) == 4


def test_delete_of_what_is_gone(controller: Controller, emulator: RunningEmulator) -> None:
    """A delete whose first answer was lost meets a task that is gone, which is what was wanted."""
    controller.play(nightly())
    emulator.fault("status", vendor="vro", operation="delete_task", status=429, act=True, retry_after="0")
    assert controller.play(nightly(state="absent")).only["action"] == "deleted"
    assert len(emulator.log("vro", "delete_task")) == 2


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"name": " "}, ["name"]),
    ({"name": None}, ["name", "task_id"]),
    ({"workflow": ""}, ["workflow"]),
    ({"state": "absent", "workflow": None}, ["workflow", "task_id"]),
    ({"state": "started"}, ["state", "started"]),
    ({"schedule": {"max_runs": 3}}, ["schedule.max_runs"]),
    ({"schedule": {"at": "tomorrow"}}, ["schedule.at", "tomorrow"]),
    ({"schedule": {"at": "2030-01-01T00:00:00Z", "cycle": "one-time"}}, ["at", "cycle"]),
    ({"schedule": {"pattern": "02:00:00"}}, ["pattern", "cycle"]),
    ({"schedule": {"cycle": "hourly", "pattern": "30"}}, ["schedule.cycle", "hourly", "every-hours"]),
    (
        {"schedule": {"cycle": "every-days", "pattern": "(UTC) 2 o'clock"}},
        ["schedule.pattern", "2 o'clock", "01:00:00,19:30:00,"],
    ),
    ({"schedule": {"cycle": "every-weeks"}}, ["schedule.pattern", "Monday 02:00:00"]),
    ({"schedule": {"timezone": "Mars/Base", "at": "2030-01-01T00:00:00"}}, ["schedule.timezone", "Mars"]),
    (
        {"schedule": {"start": "2030-01-01T00:00:00Z", "end": "2030-01-01T00:00:00Z"}},
        ["schedule.end", "not after"],
    ),
    ({"start_mode": "soon"}, ["start_mode", "soon"]),
    ({"auth": "vcf"}, ["api_token", "vcf"]),
    ({"auth": "token"}, ["token"]),
    ({"auth": "vra", "auth_url": "vra.example.com"}, ["auth_url", "vra.example.com"]),
    ({"url": "https://me:hidden@vro.example.com"}, ["url", "credentials in it"]),
    ({"timeout": 0}, ["timeout"]),
]


def test_wrong_input_is_refused_before_any_request(controller: Controller, emulator: RunningEmulator) -> None:
    """The message names the option and the value; the server hears nothing."""
    run = controller.play(*[nightly(**options) for options, said in WRONG])
    for result, (options, said) in zip(run.results, WRONG, strict=True):
        assert result["failed"], options
        assert [text for text in said if text not in result["msg"]] == [], (options, result["msg"])
    sent = run.requests(emulator.log("vro"))
    assert [options for (options, said), names in zip(WRONG, sent, strict=True) if names] == []


WRONG_INPUTS: list[tuple[dict[str, Any], list[str]]] = [
    ({"day": 7}, ["inputs.day", "Every type", "text, count"]),
    ({"text": 7}, ["inputs.text", "7", "string", "quotes"]),
    ({"count": "many"}, ["inputs.count", "many", "number"]),
    ({"when": "soon"}, ["inputs.when", "soon", "ISO 8601"]),
    ({"names": [1]}, ["inputs.names", "[1]"]),
    ({"vm": "vm-42"}, ["inputs.vm", "vm-42", "id and type"]),
    ({"settings": {"a": None}}, ["inputs.settings"]),
    ({"attachment": {}}, ["inputs.attachment", "MimeAttachment"]),
    ({"password": 1234567}, ["inputs.password", "SecureString", "text"]),
]


def test_wrong_inputs_are_refused_before_any_write(controller: Controller, emulator: RunningEmulator) -> None:
    """The workflow says what fits; the message names the input, the value unless secret, and the type."""
    run = controller.play(*[("vro_task", {**every_type(), "inputs": given}) for given, said in WRONG_INPUTS])
    for result, (given, said) in zip(run.results, WRONG_INPUTS, strict=True):
        assert result["failed"], given
        assert [text for text in said if text not in result["msg"]] == [], (given, result["msg"])
    assert "1234567" not in str(run.results)
    assert emulator.log("vro", writes=True) == []


def test_needed_to_create(controller: Controller, emulator: RunningEmulator) -> None:
    """What a new task must have is named."""
    run = controller.play(
        ("vro_task", {"name": "New", "inputs": {"days": 1}}),
        ("vro_task", {"name": "New", "workflow": "Say hello"}),
        ("vro_task", {"name": "New", "workflow": "Say hello", "schedule": {"cycle": "one-time"}}),
    )
    for result, said in zip(run.results, ("workflow", "schedule.cycle", "schedule.start"), strict=True):
        assert result["msg"].startswith(f"{said} is needed to create 'New'"), result["msg"]
    assert emulator.log("vro", writes=True) == []


def test_a_task_that_has_run_its_course(controller: Controller, emulator: RunningEmulator) -> None:
    """A finished task stays as it is; a new date revives it, suspended when that is declared."""
    once = {"name": "Once", "workflow": "Say hello", "schedule": {"at": "2030-01-01T00:00:00Z"}}
    emulator.set_clock("2029-12-31T00:00:00Z")
    controller.play(("vro_task", once))
    emulator.set_clock("2030-01-02T00:00:00Z")
    later = {**once, "schedule": {"at": "2031-01-01T00:00:00Z"}}
    run = controller.play(
        ("vro_task", once),
        ("vro_task", {**once, "enabled": False}),
        ("vro_task", {**once, "enabled": True}),
        ("vro_task", {**later, "enabled": False}),
        ("vro_task", {**later, "enabled": False}),
    )
    assert actions(run) == ["unchanged", "unchanged", "unchanged", "updated", "unchanged"], run.output
    assert run.results[0]["task"]["state"] == "completed"
    assert run.results[0]["task"]["next_runs"] == []
    assert run.results[-1]["task"]["state"] == "paused"


def test_a_transition_that_has_happened_already(controller: Controller, emulator: RunningEmulator) -> None:
    """A 409 for a state that the task has by now is no failure: another run was quicker."""
    task_id = controller.play(nightly()).only["task"]["id"]
    emulator.fault("status", vendor="vro", operation="update_task", status=429, act=True, retry_after="0")
    run = controller.play(nightly(task_id=task_id, enabled=False))
    assert actions(run) == ["disabled"], run.output
    assert [entry["status"] for entry in emulator.log("vro", "update_task")] == [429, 409]


def test_ad_hoc(controller: Controller, emulator: RunningEmulator) -> None:
    """One line creates a task, and the second time changes nothing."""
    command = ["ansible", "localhost", "-m", "taskbridge.vendors.vro_task"]
    options = {
        "name": "Hello",
        "workflow": "Say hello",
        "schedule": {"at": "2030-01-01T00:00:00Z"},
        "ca_path": emulator.info["ca"],
    }
    text = str(options).replace("'", '"')
    first = controller.execute([*command, "-a", text])
    second = controller.execute([*command, "-a", text])
    assert first.status == second.status == 0, first.output
    assert '"changed": true' in first.output
    assert '"changed": false' in second.output


def test_a_crontab(controller: Controller, emulator: RunningEmulator) -> None:
    """It becomes a cycle and a pattern with the zone, equals that form, and comes back from info."""
    cron = {"cron": "30 2 * * mon-fri", "timezone": "Europe/Zurich"}
    days = "Monday Tuesday Wednesday Thursday Friday".split()
    pattern = f"(Europe/Zurich) {''.join(f'{day} 02:30:00,' for day in days)}"
    run = controller.play(
        nightly(schedule=cron),
        nightly(schedule=cron),
        nightly(schedule={"cycle": "every-weeks", "pattern": pattern}),
        nightly(schedule={**cron, "cron": "0 4 * * *"}),
        ("vro_task_info", {"name": "Nightly clean-up"}),
        nightly(schedule={"cron": "0 4 31 * *"}),
        arguments=["--diff"],
    )
    assert actions(run) == ["created", "unchanged", "unchanged", "updated", None, None], run.output
    created, changed, listed, refused = (run.results[number] for number in (0, 3, 4, 5))
    assert created["task"]["schedule"]["cron"] == "30 2 * * 1-5"
    assert created["task"]["schedule"]["timezone"] == "Europe/Zurich"
    assert created["task"]["recurrence"] == f"every-weeks: {pattern}"
    assert len(created["task"]["next_runs"]) == 5
    assert created["task"]["next_runs"][0][11:16] == "02:30"
    assert changed["diff"]["before"]["recurrence"] == f"every-weeks: {pattern}"
    assert changed["diff"]["after"]["recurrence"] == "every-days: (Europe/Zurich) 04:00:00,"
    assert emulator.tasks("vro")[0]["recurrence-pattern"] == "(Europe/Zurich) 04:00:00,"
    shown = listed["tasks"][0]["schedule"]
    assert shown["cron"] == "0 4 * * *"
    assert "a month without a day 31" in refused["msg"]
    assert controller.play(nightly(schedule=shown)).only["action"] == "unchanged"
