# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Acme Scheduler: what the stories of its conformance do not tell."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from emulator.launch import RunningEmulator


def send(emulator: RunningEmulator, method: str, path: str, body: Any = None) -> requests.Response:
    """Send a request with the ready token."""
    account = emulator.info["accounts"]["acme"]
    return emulator.session.request(
        method,
        f"{account['url']}/acme/v1{path}",
        json=body,
        headers={"Authorization": f"Bearer {account['token']}"},
        verify=emulator.info["ca"],
        timeout=10,
    )


@pytest.mark.parametrize("body", [None, [], {}, {"name": "Backup"}, {"name": 1, "interval": 1}])
def test_what_is_no_task_is_refused(emulator: RunningEmulator, body: Any) -> None:
    """With a text, and nothing is made of it."""
    answer = send(emulator, "POST", "/tasks", body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert emulator.tasks("acme") == []


def test_seeded_tasks_are_there(emulator: RunningEmulator) -> None:
    """Until the reset; a task without an interval cannot be seeded."""
    emulator.seed({"acme": {"tasks": [{"name": "Backup", "interval": 5}]}})
    assert send(emulator, "GET", "/tasks").json() == [{"id": 1, "name": "Backup", "interval": 5}]
    with pytest.raises(ValueError, match="interval"):
        emulator.seed({"acme": {"tasks": [{"name": "Backup"}]}})


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/none", 404), ("PUT", "/tasks", 405)])
def test_what_there_is_not(emulator: RunningEmulator, method: str, path: str, status: int) -> None:
    """An error, as for anything else."""
    answer = send(emulator, method, path)
    assert (answer.status_code, answer.json()) == (status, {"error": "no such call"})
