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


def works(python: str, version: str) -> bool:
    """Whether this runs and is that version. A wrapper on PATH may be neither."""
    code = "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.strip() == version


def find(version: str) -> str | None:
    """The first interpreter of this version that works."""
    named = [path for path in os.environ.get("PYTHONS", "").split() if path.endswith(version)]
    on_path = [shutil.which(f"python{version}", path=part) for part in os.get_exec_path()]
    return next((path for path in [*named, *on_path] if path and works(path, version)), None)


def main() -> int:
    summary: list[str] = []
    failures = 0
    for core, versions in MATRIX:
        python = next(filter(None, map(find, versions)), None)
        if python is None:
            wanted = " or ".join(versions)
            summary.append(f"ansible-core {core}: skipped, no working Python {wanted} was found")
            continue
        print(f"=== ansible-core {core}, {python}", flush=True)
        settings = [f"CORE={core}", f"PYTHON={python}"]
        command = ["make", "--no-print-directory", "--keep-going", *TARGETS, *settings]
        passed = subprocess.run(command, cwd=ROOT, check=False).returncode == 0
        failures += not passed
        name = re.sub(r".*/", "", python)
        summary.append(f"ansible-core {core}, {name}: {'passed' if passed else 'FAILED'}")
    print("\n".join(["=== matrix", *summary]))
    return bool(failures or all("skipped" in line for line in summary))


if __name__ == "__main__":
    sys.exit(main())
