# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Break the emulator on purpose, one answer at a time, and see that the tests notice.

Each mutant of ``emulator_mutants.yml`` is put into a copy of the emulator, and the tests run against that,
those of what is documented first, then the vendor's others. A mutant that no test fails for has survived. One
that the tests cannot even run with proves nothing, and is an error. ``--list`` prints the mutants.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from tools.project import ROOT

EMULATOR = ROOT / "tests" / "emulator"
TESTS = "tests/unit/emulator"
CONFORMANCE = f"{TESTS}/conformance/test_conformance.py"
MUTANTS = Path(__file__).with_suffix(".yml")
# Whose tests are to notice: the vendor a file belongs to, where its name does not say so.
VENDORS = {"iam.py": "cpts", "oidc.py": "seal"}
WORKERS = 2
SURVIVED = ""


class Broken(Exception):
    """The mutant or the run proves nothing."""


@dataclass(frozen=True)
class Mutant:
    """One change of one file, and what it breaks."""

    file: str
    why: str
    old: str
    new: str

    @property
    def vendor(self) -> str:
        """Whose answers it changes."""
        return VENDORS.get(self.file) or re.split(r"[._]", self.file)[0]

    def apply(self, source: str) -> str:
        """Return the file with the change."""
        found = source.count(self.old)
        if found != 1:
            raise Broken(f"{self.file}, {self.why}: the old text is there {found} times: {self.old!r}")
        return source.replace(self.old, self.new)


def read_mutants() -> list[Mutant]:
    """Return the list as it is in the file."""
    return [Mutant(**entry) for entry in yaml.safe_load(MUTANTS.read_text(encoding="utf-8"))]


def killer(mutant: Mutant) -> str:
    """Return the test that fails for this mutant; SURVIVED for none."""
    with TemporaryDirectory(prefix="mutant-") as scratch:
        place = Path(scratch) / EMULATOR.name
        shutil.copytree(EMULATOR, place, ignore=shutil.ignore_patterns("__pycache__"))
        changed = place / mutant.file
        changed.write_text(mutant.apply(changed.read_text(encoding="utf-8")), encoding="utf-8")
        return first_failure(Path(scratch), mutant.vendor)


def first_failure(place: Path, vendor: str) -> str:
    """Run a vendor's tests against the emulator below this directory, the quick and telling ones first."""
    for path in (CONFORMANCE, f"{TESTS}/test_{vendor}.py"):
        if failed := _run_tests(place, vendor, path):
            return failed
    return SURVIVED


def _run_tests(place: Path, vendor: str, path: str) -> str:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(place), str(ROOT / "tests"))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # they take as long to load as the tests to run
        "COLUMNS": "1000",  # or else the names of tests are cut
    }
    command = [sys.executable, "-m", "pytest", "-qx", "--tb=no", "-p", "no:cacheprovider", "-k", vendor, path]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    failed = re.search(rf"^FAILED {TESTS}/(.*?)(?: - .*)?$", done.stdout, re.MULTILINE)
    if done.returncode == 0:
        return SURVIVED
    if done.returncode == 1 and failed:
        return failed[1]
    raise Broken(f"pytest ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def check_unchanged(vendors: list[str]) -> None:
    """See that the tests pass for the emulator as it is: otherwise no failure means anything."""
    with ThreadPoolExecutor(WORKERS) as pool:
        results = pool.map(lambda vendor: first_failure(EMULATOR.parent, vendor), vendors)
        for vendor, failed in zip(vendors, results, strict=True):
            if failed:
                raise Broken(f"the tests of {vendor} fail without any change: {failed}")


def report(mutants: list[Mutant]) -> Iterator[str]:
    """Run the mutants and yield a line for each, and the last line of all."""
    killed = 0
    with ThreadPoolExecutor(WORKERS) as pool:
        for mutant, failed in zip(mutants, pool.map(killer, mutants), strict=True):
            killed += failed != SURVIVED
            yield f"{_row(mutant)} {failed or 'SURVIVED'}"
    yield f"{len(mutants)} mutants, {killed} killed, {len(mutants) - killed} survived"


def _row(mutant: Mutant) -> str:
    return f"{mutant.file:<16} {mutant.why:<55}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--list", action="store_true", help="print the mutants and run nothing")
    options = parser.parse_args()
    mutants = read_mutants()
    if options.list:
        print("\n".join(_row(mutant).rstrip() for mutant in mutants))
        return 0
    try:
        check_unchanged(sorted({mutant.vendor for mutant in mutants}))
        for line in report(mutants):
            print(line, flush=True)
    except Broken as broken:
        sys.exit(str(broken))
    return int(not line.endswith(" 0 survived"))


if __name__ == "__main__":
    sys.exit(main())
