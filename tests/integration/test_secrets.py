# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No password, no token and nothing made from them appears in what a run prints or leaves behind."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller


def secrets_of(emulator: RunningEmulator) -> set[str]:
    """Collect every secret of the accounts and all that travelled on the wire."""
    arcgis = emulator.info["accounts"]["arcgis"]
    farm = emulator.info["accounts"]["totalcontrol"]
    found = {arcgis["password"], arcgis["token"], arcgis["client_secret"], farm["password"]}
    found.add(base64.b64encode(f"{farm['username']}:{farm['password']}".encode()).decode())
    for entry in emulator.log():
        found.update(entry[place]["token"] for place in ("query", "form") if "token" in entry[place])
        bearer = entry["headers"].get("x-esri-authorization", "")
        found.add(bearer.removeprefix("Bearer "))
    return {secret for secret in found if secret}


TASK = {
    "title": "Nightly",
    "type": "ExecuteNotebook",
    "schedule": {"cron": "0 2 * * *"},
}


@pytest.mark.parametrize(
    ("vendor", "fault"),
    [
        (None, {}),
        ("arcgis", {"kind": "status", "status": 500, "body": "html", "times": 20}),
        ("arcgis", {"kind": "invalid_json", "times": 20}),
        ("totalcontrol", {"kind": "close_before_reading", "operation": "list_tasks", "times": 20}),
        ("totalcontrol", {"kind": "close_before_reading", "operation": "create_task", "times": 20}),
        ("totalcontrol", {"kind": "truncated_json", "times": 20}),
    ],
)
def test_nothing_leaks(
    controller: Controller,
    emulator: RunningEmulator,
    items: dict[str, str],
    vendor: str | None,
    fault: dict[str, Any],
) -> None:
    """Every module, good and failing, at -vvv, with secrets as options and from the environment."""
    if vendor:
        emulator.fault(vendor=vendor, **fault)
    farm = emulator.info["accounts"]["totalcontrol"]
    given = {name: farm[name] for name in ("username", "password")}
    wrong = {"username": "nbauthor", "password": "a-wrong-password-nobody-has"}
    run = controller.play(
        ("arcgis_task", {**TASK, "item_id": items["notebook"]}),
        ("arcgis_task", {**TASK, "item_id": "0" * 32}),
        ("arcgis_task", {**TASK, "item_id": items["notebook"], **wrong}),
        ("arcgis_task_info", {"include_raw": True}),
        ("totalcontrol_task", {"name": "t", "script": "getname.js", **given}),
        ("totalcontrol_task", {"name": "t", "script": "another.js", "include_raw": True}),
        ("totalcontrol_task_info", {"include_raw": True}),
        ("totalcontrol_task_info", {"token": "0123456789abcdef", "username": "", "password": ""}),
        arguments=["-vvv", "--diff"],
        module_defaults={"retries": 1},
    )
    assert len(run.results) == 8, run.output
    assert len([result for result in run.results if result["failed"]]) >= 3
    secrets = secrets_of(emulator) | {"a-wrong-password-nobody-has", "0123456789abcdef"}
    assert len(secrets) >= 6
    everything = run.output + str(run.results)
    assert [secret for secret in secrets if secret in everything] == []
    assert "Traceback" not in everything
