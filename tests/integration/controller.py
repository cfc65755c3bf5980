# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run playbooks with the installed collection against the emulator, over TLS, as a user does."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from emulator.launch import RunningEmulator

HERE = Path(__file__).parent


@dataclass
class Run:
    """A finished ansible process: each task's result in order, and all that was printed."""

    results: list[dict[str, Any]]
    output: str
    status: int

    @property
    def only(self) -> dict[str, Any]:
        """The result of a run of one task."""
        assert len(self.results) == 1, self.output
        return self.results[0]

    @property
    def changed(self) -> int:
        """How many tasks changed something, as the recap of a playbook says."""
        found = re.search(r"changed=(\d+)", self.output)
        assert found, self.output
        return int(found[1])

    def requests(self, log: list[dict[str, Any]]) -> list[list[str]]:
        """Share the emulator's log out among the tasks: the names of each one's requests, in order."""
        ends = [0.0, *(result["_ended"] for result in self.results)]
        return [
            [entry["operation"] for entry in log if begin < entry["at"] <= end]
            for begin, end in pairwise(ends)
        ]


@dataclass
class Controller:
    """A controller with the accounts of the emulator in its environment."""

    emulator: RunningEmulator
    directory: Path
    environment: dict[str, str] = field(default_factory=dict)
    runs: int = 0
    results: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        accounts = self.emulator.info["accounts"].values()
        self.environment = {
            **os.environ,
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "NO_PROXY": "127.0.0.1,localhost",
        }
        for account in accounts:
            self.environment.update(account["environment"])

    def play(self, *tasks: tuple[str, dict[str, Any]], **options: Any) -> Run:
        """Run tasks, each a module's short name and its options, in one playbook.

        ``options``: ``arguments`` for ansible-playbook, ``environment``, ``module_defaults``.
        """
        named = [
            {"name": f"Task {number}", f"taskbridge.vendors.{module}": arguments, "ignore_errors": True}
            for number, (module, arguments) in enumerate(tasks, 1)
        ]
        return self.play_written(named, **options)

    def play_written(self, tasks: list[dict[str, Any]], **options: Any) -> Run:
        """Run tasks that are written out as in a playbook."""
        return self._play({"tasks": tasks}, **options)

    def play_role(self, role: str, variables: dict[str, Any], **options: Any) -> Run:
        """Run a role of the collection, by its short name."""
        named = {"role": f"taskbridge.vendors.{role}", "vars": variables}
        return self._play({"roles": [named]}, **options)

    def _play(self, content: dict[str, Any], **options: Any) -> Run:
        play = {
            "name": "Test",
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "module_defaults": {
                "group/taskbridge.vendors.all": {
                    "ca_path": self.emulator.info["ca"],
                    **options.get("module_defaults", {}),
                }
            },
            **content,
        }
        playbook = self.directory / "playbook.yml"
        playbook.write_text(json.dumps([play]), encoding="utf-8")
        command = ["ansible-playbook", str(playbook), *options.get("arguments", [])]
        return self.execute(command, options.get("environment", {}))

    def execute(self, command: list[str], environment: dict[str, str] | None = None) -> Run:
        """Run a command line; an empty value in ``environment`` takes a variable away.

        Nothing that Ansible calls deprecated may happen, on no version of it.
        """
        self.runs += 1
        record = self.directory / f"record-{self.runs}.jsonl"
        variables = {**self.environment, **(environment or {}), "RECORD_FILE": str(record)}
        variables = {name: value for name, value in variables.items() if value}
        done = subprocess.run(
            command,
            env=variables,
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
        results = [json.loads(line) for line in lines]
        self.results += results
        output = done.stdout + done.stderr
        # The newer versions call this option itself deprecated.
        assert "[DEPRECATION WARNING]" not in output or "--one-line" in command, output
        return Run(results, output, done.returncode)
