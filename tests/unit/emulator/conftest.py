# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulator for the whole session, brought back to its start before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from emulator.launch import RunningEmulator, running_emulator
from unit.emulator.clients import ArcGIS, PerfTest, TotalControl


@pytest.fixture(scope="session")
def _running() -> Iterator[RunningEmulator]:
    with running_emulator() as running:
        yield running


@pytest.fixture
def emulator(_running: RunningEmulator) -> RunningEmulator:
    """Return the emulator as it is right after its start."""
    _running.reset()
    return _running


@pytest.fixture
def arcgis(emulator: RunningEmulator) -> ArcGIS:
    """Return a client that holds the long-lived token."""
    return ArcGIS(emulator.info)


@pytest.fixture
def phones(emulator: RunningEmulator) -> TotalControl:
    """Return a client that is logged in."""
    client = TotalControl(emulator.info)
    client.token = client.login().json()["value"]["token"]
    return client


@pytest.fixture
def perf(emulator: RunningEmulator) -> PerfTest:
    """Return a client that holds the ready token."""
    return PerfTest(emulator.info)
