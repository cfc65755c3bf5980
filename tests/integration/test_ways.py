# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a module runs in Ansible's worker, and that everything around it works the same in both ways."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from emulator.launch import RunningEmulator
from integration.controller import Controller, Run
from integration.ssh_server import plain_environment, ssh_host
from integration.ways import WAYS, plain

pytestmark = pytest.mark.one_way("each test sets the way itself")

INFO = "taskbridge.vendors.arcgis_task_info"
TASK = "taskbridge.vendors.arcgis_task"
SCRIPT = "taskbridge.vendors.totalcontrol_task"
OWN = "runs as a program of its own, as "
IN_WORKER = "runs in Ansible's worker"
HERE = Path(__file__).parent


def way_of(run: Run) -> str:
    """Return how the one module of a run was carried out, as -vvv tells it."""
    assert run.status == 0, run.output
    told = re.findall(rf"arcgis_task_info ({OWN}.*|{IN_WORKER})", run.output)
    assert len(told) == 1, run.output
    return str(told[0]).removeprefix(OWN)


def other_python(directory: Path) -> str:
    """Return the path of another Python, which is this one under another name."""
    path = directory / "python"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, IN_WORKER),
        ({"vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}}, IN_WORKER),
        ({"vars": {"ansible_python_interpreter": "auto_silent"}}, IN_WORKER),
        ({"delegate_to": "localhost"}, IN_WORKER),
        ({"vars": {"taskbridge_in_process": "{{ 1 == 1 }}"}}, IN_WORKER),
        ({"vars": {"taskbridge_in_process": False}}, "it is switched off"),
        ({"vars": {"taskbridge_in_process": "{{ 1 == 2 }}"}}, "it is switched off"),
        ({"vars": {"ansible_connection": "elsewhere"}}, "it runs on another host"),
        ({"delegate_to": "another"}, "it runs on another host"),
        ({"become": True, "become_method": "ansible.builtin.su"}, "it becomes another user"),
        ({"async": 30, "poll": 1}, "it runs in the background"),
        ({"vars": {"ansible_python_interpreter": "OTHER"}}, "another Python is asked for"),
    ],
    ids=lambda value: re.sub(r"[^a-z_]+", "-", str(value)) if isinstance(value, dict) else "",
)
def test_the_way_and_its_reason(controller: Controller, more: dict[str, Any], expected: str) -> None:
    """Only where it means the same the module runs in the worker; either way it works."""
    other = other_python(controller.directory)
    given = json.loads(json.dumps(more).replace("OTHER", other))
    add = {
        "ansible.builtin.add_host": {
            "name": "another",
            "ansible_connection": "elsewhere",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        }
    }
    run = controller.play_written(
        [add, {INFO: {}, **given}],
        arguments=["-vvv"],
        environment={"ANSIBLE_CONNECTION_PLUGINS": str(HERE / "connection_plugins")},
    )
    assert way_of(run) == expected
    assert run.results[-1]["tasks"] == []


def test_the_environment_switches_it_off(controller: Controller) -> None:
    """For a whole run, without touching a playbook; a variable goes before it."""
    off = {"ANSIBLE_TASKBRIDGE_IN_PROCESS": "0"}
    assert way_of(controller.play_written([{INFO: {}}], arguments=["-vvv"], environment=off)) != IN_WORKER
    on = {INFO: {}, "vars": {"taskbridge_in_process": True}}
    assert way_of(controller.play_written([on], arguments=["-vvv"], environment=off)) == IN_WORKER


def test_a_configured_python_counts(controller: Controller) -> None:
    """An interpreter that ansible.cfg or its variable names is wanted as much as one in the inventory."""
    other = {"ANSIBLE_PYTHON_INTERPRETER": other_python(controller.directory)}
    # The implicit localhost has an interpreter of its own, so the host is one of the inventory.
    inventory = controller.directory / "hosts"
    inventory.write_text("localhost ansible_connection=local\n", encoding="utf-8")
    arguments = ["-vvv", "-i", str(inventory)]
    run = controller.play_written([{INFO: {}}], arguments=arguments, environment=other)
    assert way_of(run) == "another Python is asked for"
    assert way_of(controller.play_written([{INFO: {}}], arguments=arguments)) == IN_WORKER


def test_a_host_behind_ssh_gets_the_module(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str]
) -> None:
    """There the module is a program of its own, with that host's environment, and does the same."""
    account = emulator.info["accounts"]["arcgis"]
    login = {name: account[name] for name in ("url", "username", "password")}
    nightly = {**notebook(items), **login}
    with ssh_host(controller.directory, plain_environment()) as host:
        python = {"ansible_python_interpreter": sys.executable}
        add = {"ansible.builtin.add_host": {"name": "behind", **host.variables, **python}}
        run = controller.play_written(
            [
                add,
                {TASK: nightly, "delegate_to": "behind"},
                {TASK: nightly, "delegate_to": "behind"},
                {TASK: notebook(items), "delegate_to": "behind", "ignore_errors": True},
            ],
            arguments=["-vvv"],
            environment={"ANSIBLE_SSH_ARGS": "-o ControlMaster=no"},
        )
    assert run.status == 0, run.output
    _added, first, second, without_account = run.results
    assert (first["action"], second["action"]) == ("created", "unchanged")
    assert "url" in without_account["msg"]  # the variables of the controller's environment are not there
    assert run.output.count(f"arcgis_task {OWN}it runs on another host") == 3
    assert [task["title"] for task in emulator.tasks("arcgis")] == [nightly["title"]]
    assert any("AnsiballZ_arcgis_task.py" in command for command in host.commands)
    assert not any(account["password"] in command for command in host.commands)


def notebook(items: dict[str, str], **options: Any) -> dict[str, Any]:
    """Return the options of a notebook task."""
    return {
        "title": "Nightly",
        "type": "ExecuteNotebook",
        "item_id": items["notebook"],
        "schedule": {"cron": "0 2 * * *"},
        **options,
    }


def plays(items: dict[str, str], account: dict[str, Any], directory: Path) -> dict[str, list[dict[str, Any]]]:
    """Return lists of tasks by what they try; ``ignore_errors`` is added to each task."""
    nightly = notebook(items)
    (directory / "included.yml").write_text(
        json.dumps([{TASK: {**nightly, "title": "{{ given }}"}}]), encoding="utf-8"
    )
    return {
        "environment": [
            {INFO: {}, "environment": {"ARCGIS_PASSWORD": "a-wrong-password-nobody-has"}},
            {
                INFO: {},
                "environment": [{"ARCGIS_USERNAME": "nobody"}, {"ARCGIS_USERNAME": account["username"]}],
            },
            {INFO: {}, "environment": {"ARCGIS_URL": "{{ 'ftp' }}://x"}},
            {INFO: {}},
        ],
        "no_log": [{TASK: nightly, "no_log": True}, {TASK: {**nightly, "title": None}, "no_log": True}],
        "check_mode": [
            {TASK: nightly, "check_mode": True},
            {TASK: nightly, "check_mode": False},
            {TASK: {**nightly, "enabled": False}, "check_mode": True, "diff": True},
            {INFO: {}, "check_mode": True},
        ],
        "vars": [{TASK: {**nightly, "title": "{{ name }} {{ 3 * 4 }}"}, "vars": {"name": "Nightly"}}],
        "loop": [
            {TASK: {**nightly, "title": "{{ item }}"}, "loop": ["a", "b", "a"]},
            {TASK: {**nightly, "title": "{{ item }}", "state": "nowhere"}, "loop": ["a", "b"]},
            {TASK: {**nightly, "title": "{{ item }}"}, "loop": []},
            {TASK: nightly, "when": False},
        ],
        "until": [
            {TASK: nightly, "register": "made", "until": "not made.changed", "retries": 3, "delay": 0},
            {TASK: {"title": "x"}, "register": "made", "until": "not made.failed", "retries": 1, "delay": 0},
        ],
        "include": [
            {"ansible.builtin.include_tasks": "included.yml", "vars": {"given": "One"}},
            {"ansible.builtin.import_tasks": "included.yml", "vars": {"given": "Two"}},
            {"block": [{TASK: {"title": "y"}}], "rescue": [{TASK: {**nightly, "title": "Rescued"}}]},
        ],
        "changed_when": [
            {TASK: nightly, "changed_when": False, "register": "made"},
            {TASK: nightly, "failed_when": "made.action == 'created'"},
            {"ansible.builtin.debug": {"msg": "{{ made.task.name }} {{ made.task.schedule.cron }}"}},
        ],
        "wrong options": [
            {TASK: {**nightly, "colour": "red"}},
            {TASK: {**nightly, "type": "Nothing"}},
            {TASK: {**nightly, "schedule": {"cron": "x"}}},
            {TASK: {**nightly, "schedule": {"cron": "0 2 * * *", "quartz": "0 2 * * ?"}}},
            {TASK: {**nightly, "schedule": {"when": "noon"}}},
            {TASK: {**nightly, "timeout": "soon"}},
            {TASK: {**nightly, "retries": -1}},
            {TASK: {**nightly, "enabled": "perhaps"}},
            {TASK: {}},
            {SCRIPT: {"script": "getname.js"}},
            {INFO: {"client_key": "/nowhere"}},
            {INFO: {"ca_path": "/nowhere/ca.pem"}},
        ],
        "kinds of values": [
            {
                TASK: {
                    **nightly,
                    "parameters": {"a": 1, "b": [True, None, 2.5], "c": {"d": "2030-01-31"}, "ü": "✓"},
                    "enabled": "yes",
                    "timeout": "20",
                    "include_raw": True,
                }
            },
            {TASK: {**nightly, "title": 42}},
            {TASK: {**nightly, "schedule": "cron='0 3 * * *'"}},
            {TASK: {**nightly, "schedule": {"cron": "0 2 29 * *", "timezone": "Europe/Zurich"}}},
        ],
        "files": [{INFO: {"ca_path": "ca.pem"}}, {INFO: {"ca_path": "~/nowhere.pem"}}],
    }


NAMES = list(plays({"notebook": ""}, {"username": ""}, Path("/tmp")))


@pytest.mark.parametrize("name", NAMES)
def test_keywords_and_values_mean_the_same(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str], name: str
) -> None:
    """The same playbook gives the same results, field by field, and the same requests."""
    account = emulator.info["accounts"]["arcgis"]
    tasks = [{"ignore_errors": True, **task} for task in plays(items, account, controller.directory)[name]]
    ca = Path(emulator.info["ca"]).read_text(encoding="utf-8")
    (controller.directory / "ca.pem").write_text(ca, encoding="utf-8")
    seen = []
    for environment in WAYS.values():
        emulator.reset()
        run = controller.play_written(tasks, environment=environment)
        assert run.results, run.output
        sent = [entry["operation"] for entry in emulator.log("arcgis") if entry["operation"] != "login"]
        seen.append(([plain(result) for result in run.results], sent, run.status, "Traceback" in run.output))
    for one, two in zip(*(results for results, *_rest in seen), strict=True):
        assert one == two
    assert seen[0] == seen[1]
    assert not seen[0][-1]


@pytest.mark.parametrize("strategy", ["linear", "free", "host_pinned"])
def test_strategies(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str], strategy: str
) -> None:
    """Several hosts at a time, each with its own loop."""
    inventory = controller.directory / "hosts"
    hosts = [f"host{number} ansible_connection=local" for number in range(3)]
    inventory.write_text("\n".join(hosts), encoding="utf-8")
    task = {TASK: notebook(items, title="{{ inventory_hostname }} {{ item }}"), "loop": ["a", "b"]}
    play = {
        "name": "Test",
        "hosts": "all",
        "strategy": strategy,
        "gather_facts": False,
        "module_defaults": {"group/taskbridge.vendors.all": {"ca_path": emulator.info["ca"]}},
        "tasks": [task, task],
    }
    playbook = controller.directory / "strategy.yml"
    playbook.write_text(json.dumps([play]), encoding="utf-8")
    run = controller.execute(["ansible-playbook", "-i", str(inventory), str(playbook)])
    assert run.status == 0, run.output
    assert sorted(result["changed"] for result in run.results) == [False] * 3 + [True] * 3
    assert len(emulator.tasks("arcgis")) == 6


@pytest.mark.parametrize("way", WAYS)
def test_the_timeout_of_a_task_ends_a_wait(
    controller: Controller, emulator: RunningEmulator, way: str
) -> None:
    """Ansible's own limit works in the middle of a wait; the next task goes on as if nothing was."""
    waits = {"name": "t", "script": "getname.js", "schedule": {"at": "2038-01-01T04:00:00"}, "wait": True}
    run = controller.play_written(
        [{SCRIPT: waits, "timeout": 2, "ignore_errors": True}, {SCRIPT: {**waits, "wait": False}}],
        environment=WAYS[way],
    )
    assert [result["failed"] for result in run.results] == [True, False], run.output
    # The second are the words of ansible-core 2.16.
    assert re.search(r"Timed out after 2 second|in the expected time frame \(2\)", run.results[0]["msg"])
    assert run.results[1]["action"] == "unchanged"
    assert len(emulator.tasks("totalcontrol")) == 1


@pytest.mark.parametrize("options", [[], ["--one-line"]])
def test_ad_hoc_prints_the_same(
    controller: Controller, emulator: RunningEmulator, options: list[str]
) -> None:
    """What a script reads off an ad-hoc command does not depend on the way."""
    command = ["ansible", "localhost", "-m", SCRIPT, *options]
    arguments = f"name=task001 script=getname.js ca_path={emulator.info['ca']}"
    printed = []
    for environment in WAYS.values():
        emulator.reset()
        run = controller.execute([*command, "-a", arguments], environment)
        assert run.status == 0, run.output
        lines = [line for line in run.output.splitlines() if "DEPRECATION" not in line]
        printed.append(plain("\n".join(lines)))
    assert printed[0] == printed[1]
    assert '"changed": true' in printed[0]


@pytest.mark.parametrize("way", WAYS)
def test_vaulted_values(
    controller: Controller, emulator: RunningEmulator, items: dict[str, str], way: str
) -> None:
    """Values from a vault arrive in the clear, nested ones too, and passwords stay out of the output."""
    password = controller.directory / "vault-password"
    password.write_text("open sesame", encoding="utf-8")
    vault = VaultLib([("default", VaultSecret(b"open sesame"))])  # type: ignore[no-untyped-call]
    account = emulator.info["accounts"]["arcgis"]

    def vaulted(text: str, indent: int) -> str:
        lines = vault.encrypt(text).decode().splitlines()  # type: ignore[no-untyped-call]
        return "!vault |\n" + "\n".join(" " * indent + line for line in lines)

    playbook = controller.directory / "vaulted.yml"
    playbook.write_text(
        f"""
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    from_a_variable: {vaulted(account["password"], 6)}
  tasks:
    - {TASK}:
        title: {vaulted("Nightly", 10)}
        type: ExecuteNotebook
        item_id: {items["notebook"]}
        parameters:
          nested: {vaulted("deep", 12)}
        schedule:
          cron: {vaulted("0 2 * * *", 12)}
        password: {vaulted(account["password"], 10)}
        ca_path: {emulator.info["ca"]}
    - {INFO}:
        password: "{{{{ from_a_variable }}}}"
        ca_path: {emulator.info["ca"]}
""",
        encoding="utf-8",
    )
    command = ["ansible-playbook", "-vvv", "--vault-password-file", str(password), str(playbook)]
    run = controller.execute(command, {**WAYS[way], "ARCGIS_PASSWORD": ""})
    assert run.status == 0, run.output
    made, listed = run.results
    assert made["task"]["name"] == "Nightly"
    assert made["task"]["schedule"]["cron"] == "0 2 * * *"
    assert made["task"]["parameters"] == {"nested": "deep"}
    assert len(listed["tasks"]) == 1
    assert account["password"] not in run.output
