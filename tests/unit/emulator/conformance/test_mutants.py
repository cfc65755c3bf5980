# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of the emulator's mutants fits the emulator, so that nobody finds out only when running them."""

from __future__ import annotations

from collections import Counter

import pytest
from tools.emulator_mutants import EMULATOR, Broken, Mutant, read_mutants

MUTANTS = read_mutants()
SHARED = "__init__ __main__ admin clock faults launch quartz scene sdk_hmac server tls vendor".split()


@pytest.mark.parametrize("mutant", [pytest.param(one, id=f"{one.file}: {one.why}") for one in MUTANTS])
def test_it_changes_its_file(mutant: Mutant) -> None:
    source = (EMULATOR / mutant.file).read_text(encoding="utf-8")
    changed = mutant.apply(source)
    assert changed != source
    compile(changed, mutant.file, "exec")


def test_every_file_of_a_vendor_has_five() -> None:
    files = {path.name for path in EMULATOR.glob("*.py") if path.stem not in SHARED}
    counts = Counter(one.file for one in MUTANTS)
    assert set(counts) == files
    assert min(counts.values()) >= 5


@pytest.mark.parametrize("source", ["nothing", "twice twice"])
def test_one_that_fits_no_place_is_refused(source: str) -> None:
    with pytest.raises(Broken, match="times"):
        Mutant("vro.py", "a test", "twice", "once").apply(source)


@pytest.mark.parametrize(
    ("file", "vendor"),
    [("vro_values.py", "vro"), ("arcgis.py", "arcgis"), ("iam.py", "cpts"), ("oidc.py", "seal")],
)
def test_whose_tests_are_run(file: str, vendor: str) -> None:
    assert Mutant(file, "", "", "").vendor == vendor
