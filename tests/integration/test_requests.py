# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each operation costs: measured, and held against docs/requests.md.

``make requests-table`` writes the measured tables into that page instead.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller
from integration.scenario import VENDORS, scenario

PAGE = Path(__file__).parents[2] / "docs" / "requests.md"
# A heading for each vendor, by its key, and all up to the next one.
SECTION = r"(?ms)^## {vendor}\n.*?(?=^## |\Z)"


def measured(controller: Controller, vendor: str) -> str:
    """Carry out the vendor's operations and return its section of the page."""
    account = controller.emulator.info["accounts"][vendor]
    operations = scenario(vendor, account).operations
    run = controller.play(*operations.values())
    assert [result["failed"] for result in run.results] == [False] * len(operations), run.output
    rows = [
        f"| {what} | {len(sent)} | {', '.join(f'`{name}`' for name in sent)} |"
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
