# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two ways a module runs: each test is run both ways, and the results must be the same."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import Any

# What each way needs in the environment. Pipelining spares the module way its temporary files; with one
# seed for hashes, messages that list a set are the same.
WAYS = {
    "in-process": {"ANSIBLE_TASKBRIDGE_IN_PROCESS": "1", "PYTHONHASHSEED": "0"},
    "as-module": {"ANSIBLE_TASKBRIDGE_IN_PROCESS": "0", "PYTHONHASHSEED": "0", "ANSIBLE_PIPELINING": "1"},
}

# What differs from run to run whatever the way: ids, times, ports, directories.
VOLATILE = {
    "<time>": r"\d{8}T\d{6}Z|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?",
    "<id>": r"\b(?=\w*\d)[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b",
    "(id <id>)": r"\(id \d+\)",
    "tasks/<id>": r"(?<=/)tasks/\d+",
    "<port>": r"(?<=127\.0\.0\.1:)\d+",
    "<directory>": r"/tmp/[\w./-]+",
}
MILLISECONDS = 10**12


def plain(value: Any, accounts: Mapping[str, str] = MappingProxyType({})) -> Any:
    """Return a result without what differs from run to run.

    ``accounts`` holds what an emulator made up for its accounts, each with the name it is replaced by.
    """
    if isinstance(value, dict):
        # Tasks that are created side by side get their numbers in any order.
        return {
            key: "<id>" if key == "id" and item else plain(item, accounts)
            for key, item in value.items()
            if key != "_ended"
        }
    if isinstance(value, list):
        return [plain(item, accounts) for item in value]
    if isinstance(value, int) and value > MILLISECONDS:
        return "<milliseconds>"
    if isinstance(value, str):
        for made_up in sorted(accounts, key=len, reverse=True):
            value = value.replace(made_up, accounts[made_up])
        for name, pattern in VOLATILE.items():
            value = re.sub(pattern, name, value)
    return value


def compare(directory: Path, test: str, way: str, results: list[Any]) -> None:
    """Keep the plain results of a test, and hold them against those of the other way once these are there.

    Each way writes first and looks then, so that at least one of them sees both.
    """
    directory.mkdir(parents=True, exist_ok=True)
    temporary = directory / f"{test}.{way}.part"
    temporary.write_text(json.dumps(results), encoding="utf-8")
    temporary.rename(directory / f"{test}.{way}.json")
    (other,) = (name for name in WAYS if name != way)
    file = directory / f"{test}.{other}.json"
    if not file.exists():
        return
    theirs = json.loads(file.read_text(encoding="utf-8"))
    for number, (one, two) in enumerate(zip_longest(json.loads(json.dumps(results)), theirs)):
        assert one == two, f"result {number} differs between {way} and {other}"


def compared(directory: Path) -> tuple[int, int]:
    """Return how many tests were run both ways, and how many results they gave each."""
    first = next(iter(WAYS))
    both = [
        file
        for file in directory.glob(f"*.{first}.json")
        if all((directory / file.name.replace(first, way)).exists() for way in WAYS)
    ]
    return len(both), sum(len(json.loads(file.read_text(encoding="utf-8"))) for file in both)
