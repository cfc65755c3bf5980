# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Choose the cells, carry them out, and show the table of their outcomes.

All cells are with ``FAULTS=all``; otherwise a sample, always the same, as it is drawn by name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from zlib import crc32

import pytest
from emulator.launch import RunningEmulator, running_emulator
from faults.matrix import VENDORS, Cell, cells
from faults.outcomes import known, table
from faults.stage import Reference, Stage

# One of so many cells is in the sample.
SAMPLE = 130


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each chosen cell, and one of each vendor."""
    if "vendor" in metafunc.fixturenames:
        metafunc.parametrize("vendor", VENDORS)
    if "cell" in metafunc.fixturenames:
        metafunc.parametrize("cell", [_parameter(cell) for cell in cells() if _is_chosen(cell)])


def _is_chosen(cell: Cell) -> bool:
    return os.environ.get("FAULTS") == "all" or crc32(cell.id.encode()) % SAMPLE == 0


def _parameter(cell: Cell) -> object:
    reason = known(cell.id)
    marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
    return pytest.param(cell, id=cell.id, marks=marks)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """End with what became of the cells, after pytest's own last line."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        for line in table(reporter.stats):
            reporter.write_line(line)


@dataclass
class References:
    """An emulator, and what each operation does there when nothing goes wrong."""

    emulator: RunningEmulator
    kept: dict[tuple[str, str], Reference] = field(default_factory=dict)

    def stage(self, cell: Cell) -> Stage:
        """Return the stage of a cell."""
        return Stage(self.emulator, cell.vendor, expiring=cell.fault.name == "expired")

    def of(self, vendor: str, operation: str) -> Reference:
        """Return what an operation does, carried out once for all its cells."""
        if (vendor, operation) not in self.kept:
            self.kept[vendor, operation] = Stage(self.emulator, vendor).reference(operation)
        return self.kept[vendor, operation]


@pytest.fixture(scope="session")
def references() -> Iterator[References]:
    """One emulator for all cells, and the references."""
    with running_emulator() as emulator:
        yield References(emulator)
