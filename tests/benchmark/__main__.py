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
from benchmark.goals import GOALS
from benchmark.load import emulator_load
from benchmark.shares import item_shares
from benchmark.table import Table

CASES = {
    case.__name__: case
    for case in (loop_items, item_shares, empty_process, thousand, growth, payload, emulator_load)
}


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
    measured = [(goal, figures[goal.figure]) for goal in GOALS if goal.figure in figures]
    lines += [
        f"| {goal.what} | {goal.way} {goal.bound} | {value:.2f} | {'yes' if goal.reached(value) else 'no'} |"
        for goal, value in measured
    ]
    missed = [goal for goal, value in measured if goal.reason and not goal.reached(value)]
    if missed:
        lines += ["", "Where a goal is not reached, this is why, found by profiling:", ""]
        lines += [f"- {goal.what}: {goal.reason}" for goal in missed]
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
