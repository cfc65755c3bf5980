# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the emulator for tests: a process of its own and a small client of its admin API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

PACKAGE_PARENT = Path(__file__).resolve().parent.parent
# While connections are refused on purpose the admin API is away too.
PATIENCE_SECONDS = 15.0


@dataclass
class RunningEmulator:
    """The first line of a running emulator, and its admin API as methods."""

    info: dict[str, Any]
    process: subprocess.Popen[str]
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        """Let no proxy of the environment come between us and the loopback."""
        self.session.trust_env = False

    def _call(self, method: str, path: str, document: Any = None, **query: Any) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        url = f"{self.info['http']}/__emulator__/{path}"
        while True:
            try:
                response = self.session.request(method, url, json=document, params=query, timeout=60)
                break
            except requests.ConnectionError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.05)
        if response.status_code >= 400:
            raise ValueError(f"{method} {path}: {response.text}")
        answer: dict[str, Any] = response.json()
        return answer

    def reset(self) -> None:
        """Go back to the state right after the start."""
        self._call("POST", "reset")

    def seed(self, data: dict[str, Any]) -> dict[str, Any]:
        """Load tasks in the wire form: ``{"vendor": {"tasks": [...]}}``; return counts per vendor."""
        counts: dict[str, Any] = self._call("POST", "seed", data)["seeded"]
        return counts

    def now(self) -> dict[str, Any]:
        """Return the emulated time: now (ISO), millis, offset."""
        return self._call("GET", "clock")

    def advance(self, seconds: float) -> dict[str, Any]:
        """Move the clock; schedules fire and runs end before this returns."""
        return self._call("POST", "clock", {"advance": seconds})

    def set_clock(self, iso: str) -> dict[str, Any]:
        """Set the clock to an ISO 8601 instant (UTC when it has no offset)."""
        return self._call("POST", "clock", {"set": iso})

    def switch(self, vendor: str, **values: Any) -> None:
        """Set switches of one vendor; ValueError names what is allowed."""
        self._call("POST", "switches", {vendor: values})

    def switches(self, vendor: str) -> dict[str, Any]:
        """Return the switches of one vendor: value, default, allowed, doc."""
        found: dict[str, Any] = self._call("GET", "switches")[vendor]
        return found

    def fault(self, kind: str, **match_and_args: Any) -> None:
        """Arm a fault; vendor, operation, method and times say for which requests."""
        self._call("POST", "faults", {"kind": kind, **match_and_args})

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults that are still armed."""
        armed: list[dict[str, Any]] = self._call("GET", "faults")["faults"]
        return armed

    def clear_faults(self) -> None:
        """Disarm every fault."""
        self._call("DELETE", "faults")

    def log(
        self, vendor: str | None = None, operation: str | None = None, writes: bool | None = None
    ) -> list[dict[str, Any]]:
        """Return the requests served so far, oldest first."""
        query = {"vendor": vendor, "operation": operation}
        if writes is not None:
            query["writes"] = str(writes).lower()
        entries: list[dict[str, Any]] = self._call("GET", "log", **query)["entries"]
        return entries

    def clear_log(self) -> None:
        """Forget the requests served so far."""
        self._call("DELETE", "log")

    def tasks(self, vendor: str) -> list[dict[str, Any]]:
        """Return the true state of one vendor."""
        found: list[dict[str, Any]] = self._call("GET", f"tasks/{vendor}")["tasks"]
        return found

    def starts(self, vendor: str) -> dict[str, Any]:
        """Return the start counters: total, and tasks by id or name."""
        return self._call("GET", f"starts/{vendor}")


def _environment() -> dict[str, str]:
    parts = [str(PACKAGE_PARENT), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in parts if part)}


@contextmanager
def running_emulator(*arguments: str, python: str | None = None) -> Iterator[RunningEmulator]:
    """Start ``python -m emulator`` and stop it at the end of the block.

    The interpreter may be another one than ours (argument, or EMULATOR_PYTHON): the caller's
    environment need not hold what the server is built on.
    """
    interpreter = python or os.environ.get("EMULATOR_PYTHON") or sys.executable
    command = [interpreter, "-m", "emulator", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment())
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the emulator did not start, exit status {process.wait()}")
        running = RunningEmulator(json.loads(line), process)
        with running.session:
            yield running
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
