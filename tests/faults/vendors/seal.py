# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SEAL Operator in the matrix of faults."""

from __future__ import annotations

from typing import Any

import requests
from emulator.launch import RunningEmulator
from faults.matrix import Subject, without
from integration.vendors.seal import STORE


def _documents(emulator: RunningEmulator) -> dict[str, Any]:
    """Return what the document store holds, by href."""
    account = emulator.info["accounts"]["seal"]
    with requests.Session() as session:
        session.trust_env = False
        session.verify = emulator.info["ca"]
        session.headers["Authorization"] = f"Bearer {account['token']}"
        listed = session.get(f"{account['url']}{STORE}", timeout=10).json()
        return {
            f"{STORE}/{document['uuid']}": {
                **without(document, ("uuid", "links")),
                "content": session.get(
                    f"{account['url']}{STORE}/{document['uuid']}/content", timeout=10
                ).text,
            }
            for document in listed
        }


def _view(emulator: RunningEmulator, tasks: list[dict[str, Any]]) -> Any:
    """Return tasks with the names of their documents, and all documents, used or not."""
    documents = _documents(emulator)
    shown = [
        {
            **without(task, ("tid", "created", "modified", "links", "lists")),
            "documents": [
                {**item, "href": documents[item["href"]]["name"]}
                for item in task["lists"]["input"]["embedded"]["listItems"]
            ],
        }
        for task in tasks
    ]
    return sorted(shown, key=repr), sorted(documents.values(), key=repr)


UPLOAD = ("create_document", "put_content", "patch_document")

SUBJECT = Subject(
    writes={
        "create, upload a file": (*UPLOAD, "create_task"),
        "update metadata": ("patch_task",),
        "insert a document, which is uploaded": (*UPLOAD, "add_item"),
        "start": ("task_action",),
        "delete": ("delete_task",),
        "create a document": UPLOAD,
        "replace the content of a document": ("patch_document", "put_content", "patch_document#2"),
        "delete a document": ("delete_document",),
        "create many": (*UPLOAD, "create_task#2"),
        "change many": ("patch_task#2",),
        "start many": ("task_action#2",),
        "prune many": ("delete_task#2",),
    },
    looks={
        "create, upload a file": "list_tasks#2",
        "update metadata": "get_task#2",
        "insert a document, which is uploaded": "get_task#2",
        "start": "get_task#2",
        "create a document": "list_documents#2",
        "replace the content of a document": "get_document",
        "create many": "list_tasks#2",
        "change many": "get_task#7",
        "start many": "get_task#7",
    },
    view=_view,
    neighbours=lambda account: {
        "tasks": [
            {"name": "My Task", "service": account["services"][1]},
            {"name": "Print 10", "metadata": {"Printer": "LocalPrinter"}},
        ]
    },
    switches={"run_seconds": 3600},
)
