# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run sanity, unit and integration tests on the oldest and the newest supported ansible-core.

The interpreters are those on PATH, and those named in ``PYTHONS`` (paths, separated by spaces).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

from tools.project import ROOT

# ansible-core, and the Pythons its controller runs on, the one to prefer first.
MATRIX = (
    ("2.16.19", ("3.11", "3.12")),
    ("2.21.5", ("3.13", "3.12")),
    ("2.19.14", ("3.11",)),  # the newest on the oldest Python
)
TARGETS = ("test-sanity", "test-unit", "test-integration")
# What pytest says in its last line, and ansible-test before each of its checks.
COUNTS = re.compile(r"^=+ (.*\d+ passed.*) in [\d.]+s")
SANITY_CHECK = "Running sanity test "


def full_version(python: str) -> str:
    """The version of an interpreter that works, else nothing. A wrapper on PATH may be none."""
    code = "import ensurepip, platform; print(platform.python_version())"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def find(version: str) -> str | None:
    """The first interpreter of this version that works."""
    named = [path for path in os.environ.get("PYTHONS", "").split() if path.endswith(version)]
    on_path = [shutil.which(f"python{version}", path=part) for part in os.get_exec_path()]
    candidates = filter(None, [*named, *on_path])
    return next((path for path in candidates if full_version(path).startswith(f"{version}.")), None)


def run(target: str, core: str, python: str) -> tuple[bool, str]:
    """Run a target of the Makefile, show what it prints, and return whether and how it passed."""
    command = ["make", "--no-print-directory", target, f"CORE={core}", f"PYTHON={python}"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        lines = []
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    counted = [found[1] for found in map(COUNTS.search, lines) if found]
    checks = len({line for line in lines if line.startswith(SANITY_CHECK)})
    told = counted[-1] if counted else f"{checks} checks"
    return process.returncode == 0, told if process.returncode == 0 else f"FAILED, {told}"


def main() -> int:
    table: list[tuple[str, ...]] = [("ansible-core", "Python", *TARGETS)]
    failures = 0
    for core, versions in MATRIX:
        python = next(filter(None, map(find, versions)), None)
        if python is None:
            table.append((core, " or ".join(versions), *["no such Python"] * len(TARGETS)))
            continue
        print(f"=== ansible-core {core}, {python}", flush=True)
        outcomes = [run(target, core, python) for target in TARGETS]
        failures += sum(not passed for passed, _told in outcomes)
        table.append((core, full_version(python), *(told for _passed, told in outcomes)))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    print("=== matrix")
    for row in table:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    return bool(failures or all("no such" in row[-1] for row in table[1:]))


if __name__ == "__main__":
    sys.exit(main())
