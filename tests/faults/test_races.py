# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two controllers at once, and controllers that are killed: each declared task is there once in the end.

``RACES`` and ``KILLS`` say how many rounds; without them there are few.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from emulator.launch import RunningEmulator, running_emulator
from faults.stage import Stage, errors_of
from faults.ways import as_module, inside, started
from integration.scenario import scenario

RACES, KILLS = int(os.environ.get("RACES", "1")), int(os.environ.get("KILLS", "2"))
RACED, KILLED = 50, 300
# Longest time that a converge of so many tasks takes here, in seconds; a kill comes before that, or after.
LONGEST = 2.0
# Limits of the servers that are none of this: twice as many tasks are there for a moment.
ROOM = {"cpts": {"rate_limit": 0}, "vro": {"task_limit": 1000}}


@pytest.fixture(scope="module")
def emulator() -> Any:
    """One emulator for all rounds."""
    with running_emulator() as running:
        yield running


def prepared(emulator: RunningEmulator, vendor: str) -> Stage:
    """Return a vendor without tasks, that takes so many as there are."""
    stage = Stage(emulator, vendor)
    emulator.reset()
    emulator.switch(vendor, **scenario(vendor, stage.account).many.switches, **ROOM.get(vendor, {}))
    return stage


def declared(stage: Stage, number: int) -> tuple[str, dict[str, Any]]:
    """Declare so many tasks of a vendor."""
    entries = [scenario(stage.vendor, stage.account).many.entry(place) for place in range(number)]
    return f"{stage.vendor}_tasks", {"tasks": entries}


def times(stage: Stage) -> Counter[str]:
    """Return how often each task is there."""
    keys = ("name", "title", "task_name")
    return Counter(
        next(task[key] for key in keys if key in task) for task in stage.emulator.tasks(stage.vendor)
    )


def each_once(declaration: tuple[str, dict[str, Any]]) -> Counter[str]:
    """Return what ``times`` is to be."""
    return Counter(str(entry.get("name") or entry.get("title")) for entry in declaration[1]["tasks"])


@pytest.mark.parametrize("round_", range(RACES))
def test_two_controllers_at_once(vendor: str, round_: int, emulator: RunningEmulator) -> None:
    """Both converge the same tasks at the same time; each is there once, and nothing more is to be done."""
    stage = prepared(emulator, vendor)
    declaration = declared(stage, RACED)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda dummy: stage.run(as_module, declaration), range(2)))
    if vendor == "totalcontrol":
        # Its server cannot delete, and tells no id of a new task: a double is told, and not removed.
        doubled = sum(times(stage).values()) - RACED
        told = [error for result in results for error in errors_of(result)]
        assert all(error.get("unclear") for error in told)
        assert len(told) >= doubled
        return
    failed = [result["msg"] for result in results if result.get("failed")]
    assert not failed
    assert times(stage) == each_once(declaration)
    assert not stage.run(inside, declaration)["changed"]


@pytest.mark.parametrize("round_", range(KILLS))
def test_a_controller_that_is_killed(vendor: str, round_: int, emulator: RunningEmulator) -> None:
    """At any point of a converge: the rerun ends with each task once."""
    stage = prepared(emulator, vendor)
    declaration = declared(stage, KILLED)
    module, options = declaration
    process = started((module, {**options, "ca_path": emulator.info["ca"]}), stage.environment)
    time.sleep(random.Random(f"{vendor} {round_}").uniform(0.2, LONGEST))
    process.kill()
    process.join()
    rerun = stage.run(inside, declaration)
    assert not rerun.get("failed"), rerun["msg"]
    assert times(stage) == each_once(declaration)
    assert not stage.run(inside, declaration)["changed"]
