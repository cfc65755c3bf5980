# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ArcGIS for the tests that hold for every vendor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from integration.scenario import Account, Declaration, Many, Scenario


def notebook(account: Account, **options: Any) -> Declaration:
    """Return a declaration of a notebook task."""
    return "arcgis_task", {
        "title": "Nightly",
        "type": "ExecuteNotebook",
        "item_id": account["items"]["notebook"],
        "schedule": {"cron": "0 2 * * *"},
        **options,
    }


def organization(account: Account) -> Declaration:
    """Return the listing of all users' tasks, which takes the administrator."""
    return "arcgis_task_info", {**account["admin"], "organization": True}


def runs(account: Account) -> Declaration:
    """Return the listing of a task's runs."""
    return "arcgis_task_run_info", {"title": "Nightly", "type": "ExecuteNotebook"}


def scenario(account: Account) -> Scenario:
    """Return what the shared tests do with ArcGIS."""
    later = {"cron": "0 4 * * *"}
    return Scenario(
        task=notebook(account),
        others=(organization(account), runs(account)),
        operations={
            "create": notebook(account),
            "no change": notebook(account),
            "update": notebook(account, schedule=later),
            "switch off": notebook(account, schedule=later, enabled=False),
            "update and switch on": notebook(account, enabled=True),
            "list": ("arcgis_task_info", {}),
            "list the tasks of all users": organization(account),
            "list the runs": runs(account),
            "delete": notebook(account, state="absent"),
        },
        many=Many(
            entry=lambda number: {
                **notebook(account)[1],
                "title": f"Notebook {number}",
                "schedule": {"cron": f"{number % 60} 2 * * *", "timezone": "Africa/Nairobi"},
            },
            change={"schedule": {"cron": "30 5 * * *"}},
            scope={"types": ["ExecuteNotebook"]},
            outside=(
                "arcgis_task",
                {
                    "title": "Workbook",
                    "type": "UpdateInsightsWorkbook",
                    "item_id": account["items"]["workbook"],
                    "schedule": {"cron": "0 2 * * *"},
                },
            ),
            switches={"quota_enforced": False},
        ),
        refused=(notebook(account, item_id="0" * 32),),
        seed={
            "tasks": [
                {
                    "id": "0123456789abcdef0123456789abcdef",
                    "title": "Nightly parcels",
                    "runs": [
                        {"runId": "8b8c7778ec2d4d8886cd2aa0aaf77ed9", "status": "failed", "result": "why"}
                    ],
                    "type": "ExecuteNotebook",
                    "itemId": "029b61ca770e428d9468a2a55f40b9fb",
                    "cronSchedule": {
                        "minute": "0",
                        "hour": "0",
                        "dayOfMonth": "*",
                        "month": "*",
                        "dayOfWeek": "?",
                    },
                }
            ]
        },
    )


def secrets(account: Account, log: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the secrets of the account and the tokens of the requests."""
    yield from (account["password"], account["token"], account["client_secret"], account["admin"]["password"])
    for entry in log:
        yield from (entry[place]["token"] for place in ("query", "form") if "token" in entry[place])
        yield entry["headers"].get("x-esri-authorization", "").removeprefix("Bearer ")
