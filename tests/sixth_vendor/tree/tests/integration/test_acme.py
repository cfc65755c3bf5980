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
    first, second = controller.play(backup()), controller.play(backup())
    assert [first.only["action"], second.only["action"]] == ["created", "unchanged"]
    assert [first.changed, second.changed] == [1, 0]
    run = controller.play(
        backup(interval=0),
        backup(interval=30),
        backup(interval=30),
        ("acme_task_info", {}),
        backup(state="absent"),
        backup(state="absent"),
    )
    refused, changed, kept, listed, deleted, again = run.results
    assert refused["failed"]
    assert "interval" in refused["msg"]
    assert [changed["action"], kept["action"]] == ["updated", "unchanged"]
    assert [(task["id"], task["interval"]) for task in listed["tasks"]] == [("1", 30)]
    assert [deleted["action"], again["action"]] == ["deleted", "unchanged"]
    assert emulator.tasks("acme") == []
