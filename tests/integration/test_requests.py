# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each operation costs: measured, and held against docs/requests.md.

``make requests-table`` writes the measured tables into that page instead.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller
from integration.scenario import VENDORS, scenario

PAGE = Path(__file__).parents[2] / "docs" / "requests.md"
MANY = 10
# A heading for each vendor, by its key, and all up to the next one.
SECTION = r"(?ms)^## {vendor}\n.*?(?=^## |\Z)"


def told(sent: list[str]) -> Iterator[str]:
    """Write the names of requests, the same one after another as one."""
    for name, group in groupby(sent):
        times = len(list(group))
        yield f"`{name}`" if times == 1 else f"`{name}` ({times} times)"


def measured(controller: Controller, vendor: str) -> str:
    """Carry out the vendor's operations and return its section of the page."""
    account = controller.emulator.info["accounts"][vendor]
    wanted = scenario(vendor, account)
    # One request at a time, so that their order is the same each time.
    many = {"tasks": [wanted.many.entry(number) for number in range(MANY)], "concurrency": 1}
    operations = {
        **wanted.operations,
        f"create {MANY} tasks in one call": (f"{vendor}_tasks", many),
        f"no change of {MANY} tasks": (f"{vendor}_tasks", many),
    }
    run = controller.play(*operations.values())
    assert [result["failed"] for result in run.results] == [False] * len(operations), run.output
    rows = [
        f"| {what} | {len(sent)} | {', '.join(told(sent))} |"
        for what, sent in zip(operations, run.requests(controller.emulator.log(vendor)), strict=True)
    ]
    return "\n".join([f"## {vendor}", "", "| operation | requests | which |", "|---|---|---|", *rows, "", ""])


@pytest.mark.parametrize("vendor", VENDORS)
def test_requests_of_each_operation(controller: Controller, emulator: RunningEmulator, vendor: str) -> None:
    """What a run costs is known and stays so."""
    section = measured(controller, vendor)
    page = PAGE.read_text(encoding="utf-8")
    found = re.search(SECTION.format(vendor=vendor), page)
    if target := os.environ.get("REQUESTS_TABLE"):
        written = Path(target).read_text(encoding="utf-8")
        kept = re.sub(SECTION.format(vendor=vendor), "", written).rstrip()
        Path(target).write_text(f"{kept}\n\n{section.rstrip()}\n", encoding="utf-8")
        return
    assert found, f"docs/requests.md has no section {vendor}"
    assert found.group().strip() == section.strip()
