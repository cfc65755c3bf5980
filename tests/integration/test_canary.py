# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No password, no token and nothing made from them gets out of a run, whatever happens in it."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from typing import Any

import pytest
from emulator.launch import RunningEmulator
from integration.canary import Canary
from integration.controller import Controller
from integration.scenario import VENDORS, WRONG_PASSWORD, Account, Declaration, scenario, secrets_of
from integration.test_secret_keys import CASES, many

pytestmark = pytest.mark.one_way("each test sets the way itself")

# Without pipelining a module leaves temporary files for a while, and takes twice the time.
WAYS = {
    "in-process": {"ANSIBLE_TASKBRIDGE_IN_PROCESS": "1"},
    "as-module": {"ANSIBLE_TASKBRIDGE_IN_PROCESS": "0", "ANSIBLE_PIPELINING": "1"},
    "as-module with files": {"ANSIBLE_TASKBRIDGE_IN_PROCESS": "0", "ANSIBLE_PIPELINING": "0"},
}
PIN = "canary-under-a-secret-key"
FROM_ENVIRONMENT = "canary-of-the-environment"
IN_URL = "canary-in-a-url"
PLANTED = {PIN, FROM_ENVIRONMENT, IN_URL, WRONG_PASSWORD}
FAULTS: list[dict[str, Any]] = [
    {"kind": "status", "status": 503, "body": "json", "times": 50},
    {"kind": "status", "status": 500, "body": "html", "times": 50},
    {"kind": "truncated_json", "times": 50},
    {"kind": "close_before_reading", "operation": "create_task", "times": 50},
]
# Options that another one needs beside it.
BESIDE = {"api_token": {"auth": "vra"}, "client_secret": {"client_id": "a-client"}}


def connection_secrets(vendor: str) -> list[str]:
    """Return the names of the options to reach a server that are secret."""
    module = f"ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.{vendor}"
    options = importlib.import_module(module).VENDOR.connection_spec.options
    return [name for name, option in options.items() if option.get("no_log")]


def logins(vendor: str, account: Account) -> Iterator[dict[str, Any]]:
    """Yield each secret option with its true value, where the account has one, and with a canary."""
    for name in connection_secrets(vendor):
        beside = BESIDE.get(name, {})
        own = account if name in account else account.get("temporary", {})
        if name in own:
            yield {**beside, name: own[name]} if own is account else dict(own)
        yield {**beside, name: canary_of(name)}


def canary_of(option: str) -> str:
    """Return what is given for a secret option."""
    return f"canary-as-{option}"


def as_task(declaration: Declaration, **keywords: Any) -> dict[str, Any]:
    """Return a task of a playbook, which shows all it can."""
    module, options = declaration
    shown = {} if module.endswith("tasks") else {"include_raw": True}
    return {f"taskbridge.vendors.{module}": {**options, **shown}, "ignore_errors": True, **keywords}


def tasks_of(vendor: str, account: Account) -> list[dict[str, Any]]:
    """Return good runs and failing ones of all modules, with a secret wherever one can be."""
    wanted = scenario(vendor, account)
    info = f"{vendor}_task_info"
    # Those with secret keys come last: modules that list tasks are not told these keys here.
    return [
        as_task(wanted.task, check_mode=True),
        *map(as_task, [wanted.task, *wanted.others, *wanted.refused, *unusable(wanted.task)]),
        *(as_task((info, dict(login))) for login in [{}, wanted.wrong_login, *logins(vendor, account)]),
        as_task((info, {"url": f"https://somebody:{IN_URL}@127.0.0.1"})),
        *(failing(vendor, account, fault) for fault in FAULTS),
        *(as_task(one) for declare in CASES.get(vendor, ()) for one in hidden(declare(account, PIN))),
    ]


def few_tasks_of(vendor: str, account: Account) -> list[dict[str, Any]]:
    """Return some of them, as each takes a second or two as a program of its own."""
    wanted = scenario(vendor, account)
    module, options = wanted.task
    keyed = [unusable(declare(account, PIN)) for declare in CASES.get(vendor, ())]
    failing = keyed[0] if keyed else [(module, {**options, **wanted.wrong_login})]
    return [*map(as_task, [wanted.task, *failing])]


def with_environment(vendor: str, account: Account) -> dict[str, Any]:
    """Return a task that gets a secret by a keyword of Ansible.

    As a program of its own, Ansible itself would write these variables into a command line.
    """
    prefix = next(iter(account["environment"])).partition("_URL")[0]
    given = {f"{prefix}_PASSWORD": FROM_ENVIRONMENT, "HW_SECRET_KEY": FROM_ENVIRONMENT}
    return as_task((f"{vendor}_task_info", {}), environment=given)


def failing(vendor: str, account: Account, fault: dict[str, Any]) -> dict[str, Any]:
    """Return a task that meets a fault; with a short time-out nobody looks long for what became of it."""
    wanted = scenario(vendor, account)
    declaration = (wanted.task[0], {**wanted.many.entry(1), "timeout": 0.9})
    return as_task(declaration, vars={"emulator_fault": {"vendor": vendor, **fault}})


def unusable(declaration: Declaration) -> list[Declaration]:
    """Return it with options that Ansible itself refuses: of a wrong type, missing, excluding each other."""
    module, options = declaration
    token = canary_of("token")
    nameless = {name: value for name, value in options.items() if name not in ("name", "title")}
    refused = [(module, {**options, "token": token, "timeout": "soon"}), (module, nameless)]
    if module.endswith("_task"):
        refused.append((f"{module}s", {"tasks": [options], "src": "/none", "token": token}))
    return refused


def hidden(declaration: Declaration) -> list[Declaration]:
    """Return what has secret keys alone, as one of many, and unusable."""
    together = [many(declaration)] if declaration[0].endswith("_task") else []
    return [declaration, *together, *unusable(declaration)]


@pytest.mark.parametrize(
    ("vendor", "way"),
    [
        *((vendor, "in-process") for vendor in VENDORS),
        *((vendor, "as-module") for vendor in VENDORS),
        ("totalcontrol", "as-module with files"),
    ],
)
def test_nothing_leaks(controller: Controller, emulator: RunningEmulator, vendor: str, way: str) -> None:
    """At -vvvv, with --diff, with and without failures; with ``BOTH_WAYS=all`` the same as modules, too."""
    canary = Canary(controller)
    account = emulator.info["accounts"][vendor]
    if way == "in-process":
        tasks = [with_environment(vendor, account), *tasks_of(vendor, account)]
    else:
        tasks = (tasks_of if os.environ.get("BOTH_WAYS") == "all" else few_tasks_of)(vendor, account)
    with canary.watching():
        run = controller.play_written(
            tasks, arguments=["-vvvv", "--diff"], environment=WAYS[way], module_defaults={"retries": 0}
        )
    assert len(run.results) == len(tasks), run.output
    assert {result["failed"] for result in run.results} == {True, False}
    secrets = PLANTED | {canary_of(name) for name in connection_secrets(vendor)}
    secrets |= secrets_of(vendor, account, emulator.log(vendor))
    assert canary.leaks(secrets, run.output) == set()
    assert canary.left_over == []
    assert canary.open_files == set()
    assert canary.system_log == ""
    assert any("ansible-playbook" in line for line in canary.command_lines)
    assert "Traceback" not in run.output


def break_sending(controller: Controller, line: str) -> None:
    """Let the code that sends a request run one line more, in each Python that is started."""
    mutation = controller.directory / "mutation"
    mutation.mkdir()
    (mutation / "sitecustomize.py").write_text(
        "import requests\n"
        "send = requests.Session.send\n"
        "def broken(self, request, **options):\n"
        f"    {line}\n"
        "    return send(self, request, **options)\n"
        "requests.Session.send = broken\n",
        encoding="utf-8",
    )
    controller.environment["PYTHONPATH"] += f":{mutation}"


LEAKS = {
    "in-process": ("leaked", "open('leaked', 'a').write(str(request.headers))"),
    "as-module": ("syslog", "__import__('syslog').syslog(str(request.headers))"),
}


@pytest.mark.parametrize("way", LEAKS)
def test_a_leak_is_noticed(controller: Controller, emulator: RunningEmulator, way: str) -> None:
    """The headers of one request, written somewhere by the code that sends it, are found there."""
    place, line = LEAKS[way]
    canary = Canary(controller)
    break_sending(controller, line)
    run = controller.play_written([as_task(("vro_task_info", {}))], environment=WAYS[way])
    assert run.status == 0, run.output
    secrets = secrets_of("vro", emulator.info["accounts"]["vro"], emulator.log("vro"))
    found = {where for _secret, where in canary.leaks(secrets, run.output)}
    assert found == {place}


@pytest.mark.parametrize("way", LEAKS)
def test_a_mistake_of_ours_shows_no_secret(controller: Controller, way: str) -> None:
    """Not even one whose words are the headers of a request."""
    canary = Canary(controller)
    break_sending(controller, "raise RuntimeError(str(request.headers))")
    token = canary_of("token")
    environment = {**WAYS[way], "ANSIBLE_DISPLAY_TRACEBACK": "always"}
    task = as_task(("vro_task_info", {"token": token}))
    run = controller.play_written([task], arguments=["-vvvv"], environment=environment)
    assert "RuntimeError" in run.only["msg"], run.output
    assert canary.leaks({token}, run.output) == set()


def test_the_system_log_is_watched(controller: Controller) -> None:
    """What a module of Ansible writes there is found, so an empty log of ours means something."""
    canary = Canary(controller)
    controller.play_written([{"ansible.builtin.ping": {"data": PIN}}])
    assert PIN in canary.system_log
