# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Acme Scheduler for the tests that hold for every vendor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from integration.scenario import Account, Declaration, Many, Scenario


def backup(**options: Any) -> Declaration:
    """Return a declaration of a task."""
    return "acme_task", {"name": "Backup", "interval": 60, **options}


def scenario(account: Account) -> Scenario:
    """Return what the shared tests do with Acme Scheduler."""
    return Scenario(
        task=backup(),
        operations={
            "create": backup(),
            "no change": backup(),
            "update": backup(interval=30),
            "list": ("acme_task_info", {}),
            "delete": backup(state="absent"),
        },
        many=Many(
            entry=lambda number: {"name": f"Backup {number}", "interval": 60},
            change={"interval": 30},
            scope={"prefix": "Backup "},
            outside=backup(name="Report"),
        ),
        refused=(backup(name="Refused", interval=2000),),
    )


def secrets(account: Account, log: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the secrets of the account and the tokens of the requests."""
    yield from (account["password"], account["token"])
    for entry in log:
        yield entry["headers"].get("authorization", "").removeprefix("Bearer ")
