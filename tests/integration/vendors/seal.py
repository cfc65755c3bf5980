# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SEAL Operator for the tests that hold for every vendor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from integration.scenario import Account, Declaration, Many, Scenario, Waiting

STORE = "/v1/services/operator-fileupload/repo"


def job(*documents: str, **options: Any) -> Declaration:
    """Return a declaration of a task that takes local files, or documents by their href."""
    listed = [{"href" if name.startswith("/v1/") else "path": name} for name in documents]
    return "seal_task", {"name": "My Task", **({"documents": listed} if listed else {}), **options}


def note(**options: Any) -> Declaration:
    """Return a declaration of a document."""
    return "seal_document", {"name": "cover.txt", "content": "Documents of the night", **options}


def scenario(account: Account) -> Scenario:
    """Return what the shared tests do with SEAL Operator."""
    printer = {"metadata": {"Printer": "LocalPrinter"}}
    other = {"metadata": {"Printer": "Another"}}
    return Scenario(
        task=job("/etc/hosts", **printer),
        others=(note(),),
        operations={
            "create, upload a file": job("/etc/hosts", **printer),
            "no change": job("/etc/hosts", **printer),
            "no change, without files": job(**printer),
            "update metadata": job(**other),
            "insert a document, which is uploaded": job("/etc/group", "/etc/hosts"),
            "start": job(state="started"),
            "list": ("seal_task_info", {}),
            "list without documents": ("seal_task_info", {"input_lists": False}),
            "delete": job(state="absent"),
            "create a document": note(),
            "no change of a document": note(),
            "replace the content of a document": note(content="Other documents"),
            "delete a document": note(state="absent"),
        },
        many=Many(
            entry=lambda number: {
                "name": f"Print {number}",
                "metadata": {"Printer": "LocalPrinter"},
                "documents": [{"path": "/etc/hosts"}],
            },
            change={"metadata": {"Printer": "Another"}},
            outside=job("/etc/hosts", name="Not marked", marker=False),
        ),
        refused=(job("/v1/services/operator-fileupload/repo/none", name="refused"),),
        seed={
            "documents": [
                {"uuid": "old", "name": "old.txt", "content": "x"},
                {"uuid": "used", "name": "used.txt", "content": "x"},
            ],
            "tasks": [
                {
                    "name": "Old task",
                    "state": "completed",
                    "lists": {"input": {"embedded": {"listItems": [{"href": f"{STORE}/used"}]}}},
                }
            ],
        },
    )


def waiting() -> Waiting:
    """Return how a print is waited for."""
    return Waiting(
        task=job("/etc/hosts", state="started"),
        look="get_task",
        lasting={"run_seconds": 600, "token_seconds": 300},
        failing={"run_outcome": "failed", "failure_reason": "text", "failure_text": "Paper jam in tray 2"},
        stopping={"run_outcome": "stopped"},
        reason="Paper jam in tray 2",
    )


def secrets(account: Account, log: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the secrets of the account and the tokens of the requests."""
    yield from (account["password"], account["token"], account["client_secret"])
    for entry in log:
        yield entry["headers"].get("authorization", "").removeprefix("Bearer ")
