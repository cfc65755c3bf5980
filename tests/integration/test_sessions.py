# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The items of a loop share a login, and on request a listing."""

from __future__ import annotations

from typing import Any

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller, Run
from integration.scenario import VENDORS, scenario

pytestmark = pytest.mark.one_way("sessions are kept in the worker only")
NUMBER = 6


def loop(controller: Controller, vendor: str, **more: Any) -> Run:
    """Declare several tasks of a vendor by one loop."""
    many = scenario(vendor, controller.emulator.info["accounts"][vendor]).many
    entries = [many.entry(number) for number in range(NUMBER)]
    options = {name: f"{{{{ item.{name} }}}}" for name in entries[0]}
    task = {f"taskbridge.vendors.{vendor}_task": {**options, **more}, "loop": entries}
    return controller.play_written([task])


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_items_of_a_loop_log_in_once(
    controller: Controller, emulator: RunningEmulator, vendor: str
) -> None:
    """However many items, a loop costs one login, and each its listing."""
    first = loop(controller, vendor)
    assert first.status == 0, first.output
    assert len(emulator.tasks(vendor)) == NUMBER
    operations = [entry["operation"] for entry in emulator.log(vendor)]
    assert operations.count("create_task") == NUMBER
    assert operations.count("login") <= 1
    assert len([name for name in operations if name.startswith("list_") and "tasks" in name]) >= NUMBER
    emulator.clear_log()
    second = loop(controller, vendor)
    assert not second.only["changed"], second.output
    assert emulator.log(vendor, writes=True) == [] or {
        entry["operation"] for entry in emulator.log(vendor, writes=True)
    } == {"login"}


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_listing_is_shared_on_request(
    controller: Controller, emulator: RunningEmulator, vendor: str
) -> None:
    """With reuse_listing a loop without change lists once; one that writes still converges."""
    made = loop(controller, vendor, reuse_listing=60)
    assert made.status == 0, made.output
    assert len(emulator.tasks(vendor)) == NUMBER
    emulator.clear_log()
    again = loop(controller, vendor, reuse_listing=60)
    assert not again.only["changed"], again.output
    lists = [
        entry for entry in emulator.log(vendor) if entry["operation"] in ("list_tasks", "list_workflow_tasks")
    ]
    # A list of several pages is read to its end.
    assert len({(entry["path"], str(entry["query"])) for entry in lists}) == len(lists) <= 2


def test_a_token_that_is_refused_in_a_loop_is_renewed(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """One login more, and each task once."""
    emulator.fault("expire_token", vendor="arcgis", operation="create_task", times=1)
    run = loop(controller, "arcgis")
    assert run.status == 0, run.output
    assert len(emulator.tasks("arcgis")) == NUMBER
    assert [entry["operation"] for entry in emulator.log("arcgis")].count("login") == 2


def test_items_with_other_credentials_do_not_share_a_session(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """A wrong password in the loop fails although another item is logged in."""
    account = emulator.info["accounts"]["arcgis"]
    passwords = [account["password"], "a-wrong-password-nobody-has", account["password"]]
    task = {
        "taskbridge.vendors.arcgis_task_info": {"password": "{{ item }}"},
        "loop": passwords,
        "ignore_errors": True,
    }
    result = controller.play_written([task]).only
    assert ["error" in item for item in result["results"]] == [False, True, False]
