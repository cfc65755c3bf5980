# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the tests that run the vendors' own clients against the emulator, beside our modules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from emulator.launch import RunningEmulator, running_emulator
from integration.controller import Controller


@pytest.fixture(scope="session")
def running() -> Iterator[RunningEmulator]:
    """One emulator for all tests."""
    with running_emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(running: RunningEmulator) -> RunningEmulator:
    """The emulator, as it is right after its start."""
    running.reset()
    return running


@pytest.fixture
def controller(emulator: RunningEmulator, tmp_path: Path) -> Controller:
    """A controller on which our modules run."""
    return Controller(emulator, tmp_path)
