# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The place of a benchmark: an emulated portal, playbooks in a directory, and how they are run."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator.launch import RunningEmulator

from benchmark.measure import Measured, run

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
CRON = ("minute", "hour", "dayOfMonth", "month", "dayOfWeek")


@dataclass
class Bench:
    """A controller with an account of an emulated portal. ``delay`` is added to each answer, in seconds."""

    emulator: RunningEmulator
    directory: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environment = {
            **os.environ,
            **self.account["environment"],
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "ANSIBLE_LIBRARY": str(HERE / "plugins" / "library"),
            "ANSIBLE_ACTION_PLUGINS": str(HERE / "plugins" / "action"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "BENCHMARK_CA": self.emulator.info["ca"],
            "NO_PROXY": "127.0.0.1,localhost",
        }

    @property
    def account(self) -> dict[str, Any]:
        """The account that the emulator gives for the portal."""
        found: dict[str, Any] = self.emulator.info["accounts"]["arcgis"]
        return found

    def reset(self, *, delay: float = 0.0, tasks: int = 0) -> None:
        """Start anew with so many tasks on the portal."""
        self.emulator.reset()
        self.emulator.switch("arcgis", quota_enforced=False)
        if tasks:
            self.emulator.seed({"arcgis": {"tasks": [self._wire(number) for number in range(tasks)]}})
        if delay:
            self.emulator.fault("delay", vendor="arcgis", seconds=delay, times=10_000_000)

    def task(self, number: int) -> dict[str, Any]:
        """Return the n-th declaration."""
        cron = f"{number % 60} {number // 60 % 24} * * *"
        return {
            "title": f"Task {number}",
            "type": "ExecuteNotebook",
            "item_id": self.account["items"]["notebook"],
            "schedule": {"cron": cron},
        }

    def _wire(self, number: int) -> dict[str, Any]:
        """Return the n-th task as the portal keeps it."""
        task = self.task(number)
        minute, hour, *_rest = task["schedule"]["cron"].split()
        return {
            "title": task["title"],
            "type": task["type"],
            "itemId": task["item_id"],
            "cronSchedule": dict(zip(CRON, (minute, hour, "*", "*", "?"), strict=True)),
        }

    def write_tasks(self, name: str, tasks: list[dict[str, Any]]) -> Path:
        """Write a list of tasks as JSON, alone and as a variables file."""
        path = self.directory / f"{name}.json"
        path.write_text(json.dumps(tasks), encoding="utf-8")
        variables = self.directory / f"{name}-variables.json"
        variables.write_text(json.dumps({"wanted": tasks}), encoding="utf-8")
        return path

    def play(self, name: str, tasks: list[dict[str, Any]], **play: Any) -> list[str]:
        """Write a playbook; return the command that runs it."""
        path = self.directory / f"{name}.yml"
        base = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks, **play}
        path.write_text(json.dumps([base]), encoding="utf-8")
        return ["ansible-playbook", str(path)]

    def run(self, command: list[str], environment: Mapping[str, str] | None = None) -> Measured:
        """Run a command with the portal's account."""
        return run(command, {**self.environment, **(environment or {})}, self.emulator)

    def ours(self, **options: Any) -> dict[str, Any]:
        """Return a task of a playbook that declares many tasks."""
        return {"taskbridge.vendors.arcgis_tasks": {"ca_path": self.emulator.info["ca"], **options}}
