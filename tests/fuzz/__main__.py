# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look for answers that break a module: ``python -m fuzz DIRECTORY SECONDS``.

Each vendor has its share of the time. What reached new code is kept in the directory, and the next call goes
on from there; what broke a module, too, and ``python -m fuzz.target VENDOR FILE`` does it again.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

from integration.scenario import VENDORS

# One answer may take a second where everything is watched; one that takes so long hangs.
PATIENCE_SECONDS = 60
_RUNS = re.compile(r"Done (\d+) runs")


def main() -> None:
    """Fuzz one vendor after the other, and fail if any broke."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("seconds", type=int)
    options = parser.parse_args()
    broken = [
        vendor
        for vendor in VENDORS
        if not is_unbroken(vendor, options.directory, max(options.seconds // len(VENDORS), 1))
    ]
    if broken:
        sys.exit(f"fuzz: broken by an answer: {', '.join(broken)}")


def is_unbroken(vendor: str, directory: Path, seconds: int) -> bool:
    """Fuzz one vendor, and show what atheris says if it breaks."""
    corpus, found = directory / vendor, directory / "broken"
    for path in (corpus, found):
        path.mkdir(parents=True, exist_ok=True)
    limits = [f"-max_total_time={seconds}", f"-timeout={PATIENCE_SECONDS}", "-max_len=256"]
    command = [sys.executable, "-m", "fuzz.target", vendor, str(corpus), *limits]
    command.append(f"-artifact_prefix={found / vendor}-")
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    runs = _RUNS.search(done.stdout)
    if done.returncode or not runs:
        print(done.stdout)
        return False
    print(f"{vendor}: {runs.group(1)} operations with a spoiled answer, each with a result")
    return True


if __name__ == "__main__":
    main()
