# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The orchestrator in the matrix of faults."""

from __future__ import annotations

from typing import Any

from faults.matrix import Subject, all_but
from integration.scenario import Account
from integration.vendors.vro import START


def _neighbours(account: Account) -> dict[str, Any]:
    """Return tasks of another workflow, one of which is called as one of ours."""
    workflow = {"id": account["workflows"]["Examples/Say hello"]}
    return {
        "tasks": [
            {"name": name, "workflow": workflow, "recurrence-start-date": START}
            for name in ("Nightly clean-up", "Clean-up 10")
        ]
    }


SUBJECT = Subject(
    writes={
        "create": ("create_task",),
        "update": ("update_task",),
        "suspend": ("update_task",),
        "update and resume": ("update_task", "update_task#2"),
        "create with a secret, in a folder": ("create_task",),
        "create suspended": ("create_task", "update_task"),
        "delete": ("delete_task",),
        "recreate": ("create_task", "update_task", "delete_task"),
        "run a workflow, without waiting": ("start_run",),
        "run a workflow with a key": ("start_run",),
        "create many": ("create_task#2",),
        "change many": ("update_task#2",),
        "prune many": ("delete_task#2",),
    },
    looks={
        "create": "list_workflow_tasks#2",
        "update": "get_task#2",
        "suspend": "get_task#2",
        "update and resume": "get_task#3",
        "create with a secret, in a folder": "list_workflow_tasks#2",
        "create suspended": "get_task#2",
        "recreate": "get_task#4",
        "run a workflow, without waiting": "get_run",
        "run a workflow with a key": "get_run",
        "create many": "list_workflow_tasks#2",
        "change many": "get_task#7",
    },
    view=all_but("id", "runs"),
    neighbours=_neighbours,
    switches={"run_seconds": 3600},
    # With the password alone there is no token to expire.
    expiring=lambda account: {"auth": "vra"},
    # A run is started each time, unless a key tells that it is the same.
    repeats=frozenset({"run a workflow, without waiting"}),
)
