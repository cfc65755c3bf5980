# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""acme_task and acme_task_info against the emulator."""

from __future__ import annotations

from emulator.launch import RunningEmulator
from integration.controller import Controller
from integration.vendors.acme import backup


def test_ladder(controller: Controller, emulator: RunningEmulator) -> None:
    """Create, change, delete: each is done once, and the playbook's second run changes nothing."""
    for declared, action in ((backup(), "created"), (backup(interval=30), "updated")):
        for expected in (action, "unchanged"):
            result = controller.play(declared).only
            assert not result["failed"], result["msg"]
            assert result["action"] == expected
            assert result["changed"] == (expected == action)
            assert result["task"]["interval"] == declared[1]["interval"]
    assert emulator.tasks("acme") == [{"id": 1, "name": "Backup", "interval": 30}]
    run = controller.play(("acme_task_info", {}), backup(state="absent"), backup(state="absent"))
    listed, deleted, again = run.results
    assert [task["id"] for task in listed["tasks"]] == ["1"]
    assert [deleted["changed"], again["changed"]] == [True, False]
    assert emulator.tasks("acme") == []


def test_a_wrong_interval_changes_nothing(controller: Controller, emulator: RunningEmulator) -> None:
    """Refused by the option's name."""
    result = controller.play(backup(interval=0)).only
    assert result["failed"]
    assert "interval" in result["msg"]
    assert emulator.log("acme") == []
