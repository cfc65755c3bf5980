# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole processes measured: seconds, peak memory, and what the emulator took beside them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from emulator.launch import RunningEmulator

MEGABYTE = 1024.0


@dataclass(frozen=True)
class Measured:
    """One process: its time on the wall, its peak memory, and the emulator's processor time meanwhile."""

    seconds: float
    megabytes: float
    emulator_seconds: float
    requests: int

    @property
    def emulator_share(self) -> float:
        """How much of one processor the emulator took; near 1 it would be what is measured."""
        return self.emulator_seconds / self.seconds


def processor_seconds(pid: int) -> float:
    """Return what a process has used of the processors so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(command: list[str], environment: Mapping[str, str], emulator: RunningEmulator) -> Measured:
    """Run a command to its end; one that fails ends the benchmark."""
    emulator.clear_log()
    before = processor_seconds(emulator.process.pid)
    begin = time.perf_counter()
    with subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begin
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{output[-3000:]}")
    used = processor_seconds(emulator.process.pid) - before
    return Measured(seconds, usage.ru_maxrss / MEGABYTE, used, len(emulator.log()))


def side_by_side(
    rounds: int, subjects: Mapping[str, Callable[[], Measured]], prepare: Callable[[], None] = lambda: None
) -> dict[str, list[Measured]]:
    """Run all subjects in turn, round after round, so that what slows the machine slows them all."""
    found: dict[str, list[Measured]] = {name: [] for name in subjects}
    for _round in range(rounds):
        for name, subject in subjects.items():
            prepare()
            found[name].append(subject())
    return found


def seconds(measured: list[Measured]) -> float:
    """Return the median time."""
    return median(one.seconds for one in measured)


def ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the median of the ratios of the rounds."""
    return median(one / other for one, other in zip(ours, theirs, strict=True))
