# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Total Control for the tests that hold for every vendor."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from integration.scenario import Account, Declaration, Many, Scenario, Waiting


def script(**options: Any) -> Declaration:
    """Return a declaration of a task that runs a script."""
    return "totalcontrol_task", {"name": "task001", "script": "getname.js", **options}


def scenario(account: Account) -> Scenario:
    """Return what the shared tests do with Total Control."""
    return Scenario(
        task=script(),
        operations={
            "create": script(),
            "no change": script(),
            "pause": script(state="paused"),
            "resume": script(state="resumed"),
            "stop": script(state="stopped"),
            "list": ("totalcontrol_task_info", {}),
        },
        many=Many(
            entry=lambda number: {
                "name": f"wave-{number}",
                "script": "getname.js",
                "schedule": {"at": "2038-01-01T04:00:00"},
            },
        ),
        refused=(script(script="another.js"),),
    )


def waiting() -> Waiting:
    """Return how a script is waited for."""
    return Waiting(
        task=script(),
        look="get_task",
        lasting={"run_seconds": 600, "token_lifetime": 300},
        failing={"run_outcome": "failed", "error_text": "Error: no device in line 7"},
        stopping={"run_outcome": "stopped"},
        reason="Error: no device in line 7",
    )


def secrets(account: Account, log: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the password, the login header, and the tokens of the requests."""
    yield account["password"]
    yield base64.b64encode(f"{account['username']}:{account['password']}".encode()).decode()
    for entry in log:
        yield from (entry[place]["token"] for place in ("query", "form") if "token" in entry[place])
