# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the time of one item of a loop goes, by a profile of Ansible's worker."""

from __future__ import annotations

import pstats
import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmark.bench import Bench
from benchmark.cases import one_by_one
from benchmark.table import Table

ITEMS = 200
# Where one part of the time ends and the next one begins: a file, and its function.
LOOP = ("task_executor.py", "_run_loop")
ACTION = ("_in_process.py", "run")
OPTIONS = ("arg_spec.py", "validate")
TEMPLATES = ("_task.py", "finalize")
SERVER = ("_client.py", "_transfer")


def item_shares(bench: Bench, rounds: int) -> Table:
    """Tell how much of an item's time is whose. A profile slows Python down, so only the shares count."""
    table = Table(
        "Where the time of one item goes, no change, by a profile",
        ("part", "in-process", "in-process, reuse_listing: 60"),
    )
    plain, reusing = (
        [_profile(bench, f"shares-{seconds}-{number}", reuse_listing=seconds) for number in range(rounds)]
        for seconds in (0, 60)
    )
    for part in plain[0]:
        shares = (median(one[part] for one in found) for found in (plain, reusing))
        table.rows.append((part, *(f"{share:.0%}" for share in shares)))
    table.figures = {f"share of an item, {part}": median(one[part] for one in reusing) for part in reusing[0]}
    return table


def _profile(bench: Bench, name: str, **more: Any) -> dict[str, float]:
    """Run a loop that changes nothing under a profile; return each part's share of the loop's time."""
    bench.reset(tasks=ITEMS)
    wanted = [bench.task(number) for number in range(ITEMS)]
    playbook = bench.play(
        name, [{**one_by_one(bench, **more), "loop": "{{ wanted }}"}], vars={"wanted": wanted}
    )
    target = bench.directory / f"{name}.profile"
    bench.run([sys.executable, "-m", "benchmark.profiled", str(target), *playbook[1:]])
    return _shares(pstats.Stats(str(target)))


def _shares(profile: pstats.Stats) -> dict[str, float]:
    loop, action, options, templates, server = (
        _seconds(profile, *place) for place in (LOOP, ACTION, OPTIONS, TEMPLATES, SERVER)
    )
    parts = {
        "Ansible: filling in the task's options": templates,
        "Ansible: what else it does around an action": loop - action - templates,
        "Ansible: checking the options": options,
        "requests, TLS and the server": server,
        "this collection": action - options - server,
    }
    return {part: spent / loop for part, spent in parts.items()}


def _seconds(profile: pstats.Stats, file: str, function: str) -> float:
    """Return the time within a function, with all that it calls."""
    entries: dict[tuple[str, int, str], tuple[int, int, float, float, Any]] = profile.stats  # type: ignore[attr-defined]
    return sum(
        within
        for (path, _line, name), (_calls, _all_calls, _own, within, _callers) in entries.items()
        if Path(path).name == file and name == function
    )
