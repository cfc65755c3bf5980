# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The orchestrator for the tests that hold for every vendor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from integration.scenario import Account, Declaration, Many, Scenario

SECRET = "a-secret-of-a-workflow"
START = "2030-01-01T00:00:00Z"


def nightly(**options: Any) -> Declaration:
    """Return a complete declaration of a recurring task, with options replaced or added."""
    return "vro_task", {
        "name": "Nightly clean-up",
        "description": "Keeps the datastores empty",
        "workflow": "Clean snapshots",
        "inputs": {"days": 7, "folder": "vm/test"},
        "schedule": {
            "cycle": "every-days",
            "pattern": "(Europe/Zurich) 02:00:00,14:30:00,",
            "start": START,
            "end": "2031-01-01T01:00:00+01:00",
        },
        "start_mode": "normal",
        **options,
    }


def rotation(**options: Any) -> Declaration:
    """Return a complete declaration of a task with a secret input."""
    return "vro_task", {
        "name": "Rotation",
        "workflow": "Maintenance/Rotate password",
        "inputs": {"account": "svc-backup", "password": SECRET},
        "schedule": {"at": "2030-02-02T22:00:00", "timezone": "Europe/Zurich"},
        **options,
    }


def run_of(workflow: str, **options: Any) -> Declaration:
    """Return a declaration of a run of a workflow, looked at often."""
    return "vro_workflow_run", {"workflow": workflow, "wait_interval": 0.1, "wait_timeout": 60, **options}


def scenario(account: Account) -> Scenario:
    """Return what the shared tests do with the orchestrator."""
    keyed = {"idempotency_key": "CHG1", "idempotency_input": "folder", "wait": False}
    hello = {"workflow": "Say hello", "inputs": {}, "recreate": True}
    clean = account["workflows"]["Maintenance/Clean snapshots"]
    wire = {
        "recurrence-cycle": "every-days",
        "recurrence-pattern": "(UTC) 01:00:00,",
        "recurrence-start-date": START,
        "workflow": {"id": clean},
    }
    return Scenario(
        task=rotation(),
        operations={
            "create": nightly(),
            "no change": nightly(),
            "no change, by `workflow_id`, without inputs": nightly(
                workflow=None, workflow_id=clean, inputs=None
            ),
            "update": nightly(description="Another text"),
            "suspend": nightly(description="Another text", enabled=False),
            "update and resume": nightly(enabled=True),
            "create with a secret, in a folder": rotation(),
            "create suspended": nightly(name="Later", enabled=False),
            "list": ("vro_task_info", {}),
            "delete": nightly(state="absent"),
            "recreate": nightly(name="Later", schedule={"end": "never"}, recreate=True),
            "run a workflow, without waiting": run_of("Say hello", wait=False),
            "run a workflow with a key": run_of("Clean snapshots", **keyed),
            "not run again, as the key is found": run_of("Clean snapshots", **keyed),
        },
        many=Many(
            entry=lambda number: {
                "name": f"Clean-up {number}",
                "workflow": "Clean snapshots",
                "inputs": {"days": number % 30},
                "schedule": {"cron": f"{number % 60} 2 * * *", "start": START},
            },
            change={"description": "Changed"},
            scope={"workflow": "Clean snapshots"},
            outside=("vro_task", {"name": "Hello", "workflow": "Say hello", "schedule": {"at": START}}),
        ),
        refused=(
            nightly(inputs={"days": "many"}),
            rotation(workflow="Nobody's", inputs={"password": SECRET}),
        ),
        others=(
            nightly(),
            nightly(**hello),
            run_of("Rotate password", inputs={"account": "a", "password": SECRET}, wait=False),
        ),
        seed={
            "tasks": [
                {**wire, "id": "seeded", "name": "Nightly clean-up"},
                {**wire, "id": "7d0c2f0e-0000-4000-8000-000000000001", "name": "Old"},
            ]
        },
    )


def secrets(account: Account, log: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the passwords and tokens of the accounts, the secret input, and the headers of the requests."""
    yield from (account["password"], account["api_token"], account["token"], SECRET)
    for entry in log:
        yield entry["headers"].get("authorization", "").partition(" ")[2]
