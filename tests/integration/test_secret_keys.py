# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``secret_keys`` names is compared and sent, and shown nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller

OLD, NEW = "canary-old-3f8a", "canary-new-77b1"
KEY = "door_code"

Make = Callable[[dict[str, Any], str], dict[str, Any]]


def arcgis(account: dict[str, Any], value: str) -> dict[str, Any]:
    """Declare a notebook with the secret among its parameters, also within a text."""
    return {
        "title": "Secret",
        "type": "ExecuteNotebook",
        "item_id": account["items"]["notebook"],
        "parameters": {"notebookParameters": {KEY: value, "open": 1}, "note": json.dumps({KEY: value})},
        "schedule": {"cron": "@daily"},
    }


def vro(account: dict[str, Any], value: str) -> dict[str, Any]:
    """Declare a scheduled workflow with the secret as a plain input."""
    return {
        "name": "Secret",
        "workflow": "Open the door",
        "inputs": {KEY: value},
        "schedule": {"cron": "@daily"},
    }


def seal(account: dict[str, Any], value: str) -> dict[str, Any]:
    """Declare a print with the secret in its metadata."""
    return {"name": "Secret", "type": "print", "metadata": {KEY: value, "Printer": "LocalPrinter"}}


VENDORS: dict[str, Make] = {"arcgis": arcgis, "vro": vro, "seal": seal}


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_secret_by_its_key_is_sent_and_not_shown(
    vendor: str, controller: Controller, emulator: RunningEmulator
) -> None:
    """Alone and in a list of many, in success and failure, with all that can be printed."""
    emulator.seed({"vro": {"workflows": [{"name": "Open the door", "inputs": [[KEY, "string"]]}]}})
    account, make = emulator.info["accounts"][vendor], VENDORS[vendor]
    common = {"secret_keys": [KEY]}
    service = {"service": account["services"][0]} if vendor == "seal" else {}
    old, new = ({**make(account, value), **common} for value in (OLD, NEW))
    run = controller.play(
        (f"{vendor}_task", {**service, **old, "include_raw": True}),
        (f"{vendor}_task", {**service, **new, "include_raw": True}),
        (f"{vendor}_task", {**service, **new}),
        (f"{vendor}_task_info", {**service, **common, "include_raw": True}),
        (f"{vendor}_tasks", {**service, "tasks": [old]}),
        (f"{vendor}_task", {**service, **new, "timeout": -1}),
        arguments=["-vvvv", "--diff"],
    )
    actions = [result.get("action") for result in run.results[:3]]
    assert actions == ["created", "updated", "unchanged"], run.output
    assert run.results[4]["results"][0]["action"] == "updated", run.output
    assert run.results[5]["failed"]
    assert OLD in json.dumps(emulator.tasks(vendor)).replace('\\"', '"')
    for canary in (OLD, NEW):
        assert canary not in run.output
        assert canary not in json.dumps(run.results)
    assert KEY in run.output
