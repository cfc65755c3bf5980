# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copy the sources into ``.cache/stage/ansible_collections/taskbridge/vendors``.

Ansible's tools find a collection by its path, and a checkout may be called anything. A link does not do:
ansible-test resolves it. The copy holds what git tracks or would track, and nothing else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tools.project import ROOT, STAGE


def sources() -> set[Path]:
    """The files git tracks or would track, relative to the checkout."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split("\0")
    return {Path(name) for name in names if name and (ROOT / name).is_file()}


def same(source: Path, copy: Path) -> bool:
    if not copy.is_file():
        return False
    one, two = source.stat(), copy.stat()
    return (one.st_mtime_ns, one.st_size, one.st_mode) == (two.st_mtime_ns, two.st_size, two.st_mode)


def stage() -> None:
    wanted = sources()
    if not (STAGE / ".git").is_dir():
        # Tools ask git for the files. Without its own answer they would get that of the checkout, which
        # ignores .cache.
        subprocess.run(["git", "init", "--quiet", str(STAGE)], check=True)
    for directory, names, files in os.walk(STAGE, topdown=False):
        here = Path(directory)
        if ".git" in here.relative_to(STAGE).parts:
            continue
        for name in files:
            if (here / name).relative_to(STAGE) not in wanted:
                (here / name).unlink()
        for name in names:
            if not any((here / name).iterdir()):
                (here / name).rmdir()
    for path in sorted(wanted):
        if not same(ROOT / path, STAGE / path):
            (STAGE / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, STAGE / path)


if __name__ == "__main__":
    stage()
