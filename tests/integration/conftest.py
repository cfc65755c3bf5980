# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the integration tests. What uses ``controller`` is run both ways, and compared.

All of it is with ``BOTH_WAYS=all``, which takes long; otherwise a sample of the tests, always the same.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from emulator.launch import RunningEmulator, running_emulator
from integration.controller import Controller
from integration.ways import WAYS, compare, compared, plain

# One of so many tests is in the sample.
SAMPLE = 5


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of our marker."""
    config.addinivalue_line("markers", "one_way(reason): need not, or cannot, run both ways")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test of a controller both ways, unless its marker gives a reason not to."""
    if "run_as" in metafunc.fixturenames:
        marked = metafunc.definition.get_closest_marker("one_way")
        both = not marked and _is_chosen(metafunc.definition.nodeid)
        metafunc.parametrize("run_as", list(WAYS) if both else list(WAYS)[:1], indirect=True)


def _is_chosen(test: str) -> bool:
    """Return whether a test is run both ways; the sample is drawn by name, so that it spreads evenly."""
    return os.environ.get("BOTH_WAYS") == "all" or crc32(test.encode()) % SAMPLE == 0


def _results(factory: pytest.TempPathFactory) -> Path:
    """Return the directory that the workers of a run share."""
    base = factory.getbasetemp()
    return (base.parent if base.name.startswith("popen-") else base) / "ways"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was compared."""
    factory: pytest.TempPathFactory = terminalreporter.config.__dict__["_tmp_path_factory"]
    tests, results = compared(_results(factory))
    if tests:
        terminalreporter.write_line(f"both ways: {results} results of {tests} tests were compared")


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
def run_as(request: pytest.FixtureRequest) -> str:
    """How modules run in this test."""
    name: str = request.param
    return name


def _made_up(account: dict[str, Any]) -> dict[str, str]:
    """Return what each emulator makes up for an account besides its environment: ids of clients and keys."""
    return {name: value for name, value in account.items() if isinstance(value, str) and len(value) >= 16}


@pytest.fixture
def controller(
    emulator: RunningEmulator,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
    run_as: str,
) -> Iterator[Controller]:
    """A controller for one test."""
    made = Controller(emulator, tmp_path)
    made.environment.update(WAYS[run_as])
    yield made
    if request.node.get_closest_marker("one_way") is None and _is_chosen(
        request.node.nodeid.partition("[")[0]
    ):
        test = re.sub(r"[^\w-]+", "_", f"{request.path.stem}.{request.node.name}").replace(run_as, "")
        accounts = {
            value: f"<{name}>"
            for account in emulator.info["accounts"].values()
            for name, value in {**_made_up(account), **account["environment"]}.items()
        }
        results = [plain(result, accounts) for result in made.results]
        compare(_results(tmp_path_factory), test, run_as, results)


@pytest.fixture
def items(emulator: RunningEmulator) -> dict[str, str]:
    """Ids of the portal's items by kind."""
    found: dict[str, str] = emulator.info["accounts"]["arcgis"]["items"]
    return found
