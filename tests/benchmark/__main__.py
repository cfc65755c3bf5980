# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the benchmarks and write docs/benchmarks.md and docs/benchmarks.json.

Usage: python -m benchmark [ROUNDS] [CASE ...]
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from emulator.launch import running_emulator

from benchmark.bench import Bench
from benchmark.cases import empty_process, growth, loop_items, payload, thousand
from benchmark.load import emulator_load
from benchmark.shares import item_shares
from benchmark.table import Table

CASES = {
    case.__name__: case
    for case in (loop_items, item_shares, empty_process, thousand, growth, payload, emulator_load)
}
# What is to be reached: a figure, which way, and how far.
GOALS = (
    ("in-process item, no change, against the uri playbook's item", "uri item / in-process item", ">=", 60),
    ("the same with reuse_listing", "uri item / in-process item with reuse_listing", ">=", 60),
    ("in-process item against an empty action plugin", "in-process item / empty action", "<=", 2.5),
    ("the same with reuse_listing", "in-process item with reuse_listing / empty action", "<=", 2.5),
    (
        "in-process item against an empty action plugin that is given the same options",
        "in-process item / empty action with options",
        "<=",
        2.5,
    ),
    (
        "the same with reuse_listing",
        "in-process item with reuse_listing / empty action with options",
        "<=",
        2.5,
    ),
    ("ordinary module against a minimal AnsibleModule", "module item / minimal module", "<=", 1.35),
    (
        "ordinary module against a minimal AnsibleModule that imports requests",
        "module item / minimal module that imports requests",
        "<=",
        1.35,
    ),
    ("bulk rerun of 1,000 from src against an empty playbook", "rerun from src / empty playbook", "<=", 1.5),
    (
        "the same from a variable, against a module that does nothing with it",
        "rerun from a variable / a module that does nothing",
        "<=",
        1.15,
    ),
    (
        "bulk create of 1,000 at 20 ms, concurrency 16, against the sequential script",
        "script / create with concurrency 16, at 20 ms",
        ">=",
        8,
    ),
    ("growth of a rerun from 1,000 to 10,000 tasks", "10,000 tasks / 1,000 tasks", "<=", 11),
    (
        "peak memory with 10,000 tasks, MB above an empty playbook",
        "memory with 10,000 tasks, MB above an empty playbook",
        "<=",
        120,
    ),
    ("a page of the emulator, among 10,000 tasks", "a page of 10,000 tasks / a page of 100 tasks", "<=", 2),
)


def main() -> None:
    """Run the cases that are named, or all."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    chosen = sys.argv[2:] or list(CASES)
    tables = []
    with running_emulator() as emulator, tempfile.TemporaryDirectory() as directory:
        bench = Bench(emulator, Path(directory))
        for name in chosen:
            print(f"measuring {name} ...", file=sys.stderr, flush=True)
            tables.append(CASES[name](bench, rounds))
    page = _page(tables, rounds)
    print(page)
    if target := os.environ.get("BENCHMARKS"):
        Path(f"{target}.md").write_text(page, encoding="utf-8")
        results = {
            table.title: {"head": table.head, "rows": table.rows, "figures": table.figures}
            for table in tables
        }
        document = {"machine": _machine(rounds), "results": results}
        Path(f"{target}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _machine(rounds: int) -> dict[str, str]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processors": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "ansible-core": version("ansible-core"),
        "requests": version("requests"),
        "rounds": str(rounds),
    }


def _page(tables: list[Table], rounds: int) -> str:
    lines = [
        "# Benchmarks",
        "",
        "Whole processes against the emulated portal, over TLS on loopback and on the same processors;",
        "medians of rounds in which all subjects run in turn. `make bench` measures all anew.",
        "",
        ", ".join(f"{name} {value}" for name, value in _machine(rounds).items()),
        "",
    ]
    figures = {name: value for table in tables for name, value in table.figures.items()}
    lines += ["| figure | goal | measured | reached |", "|---|---|---|---|"]
    for what, figure, way, goal in GOALS:
        if figure in figures:
            value = figures[figure]
            reached = value >= goal if way == ">=" else value <= goal
            lines.append(f"| {what} | {way} {goal} | {value:.2f} | {'yes' if reached else 'no'} |")
    for table in tables:
        lines += [
            "",
            f"## {table.title}",
            "",
            f"| {' | '.join(table.head)} |",
            "|---" * len(table.head) + "|",
        ]
        lines += [f"| {' | '.join(row)} |" for row in table.rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
