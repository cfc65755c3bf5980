# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a virtual environment, or bring it up to date: ``python -m tools.venv DIRECTORY REQUIREMENTS...``.

The Makefile calls this only when a requirement file is newer than the stamp. A lock lets two makes run
in one checkout.
"""

from __future__ import annotations

import argparse
import fcntl
import shutil
import sys
from pathlib import Path

from tools.project import CACHE, quiet


def requirements_for_core(core: str, files: list[Path]) -> list[str]:
    """The pip arguments for these files with another ansible-core in place of the pinned one."""
    arguments = [f"ansible-core=={core}"]
    for file in files:
        lines = [line.split("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines()]
        arguments += [line for line in lines if line and not line.startswith("ansible-core")]
    return arguments


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("requirements", type=Path, nargs="+")
    parser.add_argument("--core", help="another ansible-core than the pinned one")
    parser.add_argument("--no-deps", type=Path, help="a file whose packages bring nothing along")
    options = parser.parse_args()

    CACHE.mkdir(exist_ok=True)
    with (CACHE / "venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        directory, stamp = options.directory, options.directory / "stamp"
        files = [*options.requirements, *filter(None, [options.no_deps])]
        newest = max(file.stat().st_mtime for file in files)
        if stamp.exists() and stamp.stat().st_mtime > newest:
            return  # another make was quicker
        print(f"setting up {directory} ...", file=sys.stderr)
        shutil.rmtree(directory, ignore_errors=True)
        quiet([sys.executable, "-m", "venv", str(directory)], f"{directory.name}-venv")
        if options.core:
            wanted = requirements_for_core(options.core, options.requirements)
        else:
            wanted = [argument for file in options.requirements for argument in ("-r", str(file))]
        pip = [str(directory / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        quiet([*pip, "install", *wanted], f"{directory.name}-pip")
        if options.no_deps:
            quiet([*pip, "install", "--no-deps", "-r", str(options.no_deps)], f"{directory.name}-pip-no-deps")
        stamp.touch()


if __name__ == "__main__":
    main()
