# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Let things happen at the emulator while a playbook waits for a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from emulator.launch import RunningEmulator

PATIENCE_SECONDS = 60.0


@dataclass
class Onlooker:
    """Sees when a run was started and how often it was looked at since, or since the beginning."""

    emulator: RunningEmulator
    vendor: str
    operation: str
    seen: int = 0

    def __post_init__(self) -> None:
        self.seen = self._count()

    def started(self) -> None:
        """Wait for the start of the next run."""
        before = self.emulator.starts(self.vendor)["total"]
        self._until(lambda: self.emulator.starts(self.vendor)["total"] > before)
        self.seen = self._count()

    def looks(self, number: int = 1) -> None:
        """Wait for so many further looks."""
        self._until(lambda: self._count() >= self.seen + number)
        self.seen = self._count()

    def _count(self) -> int:
        return len(self.emulator.log(self.vendor, self.operation))

    def _until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < deadline, f"{self.vendor}: no more {self.operation} is seen"
            time.sleep(0.05)


@contextmanager
def meanwhile(
    emulator: RunningEmulator, vendor: str, operation: str, happens: Callable[[Onlooker], None]
) -> Iterator[None]:
    """Carry out ``happens`` beside the block; what fails there fails the test."""
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(happens, Onlooker(emulator, vendor, operation))
        yield
        beside.result()
