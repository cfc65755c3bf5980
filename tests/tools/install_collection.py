# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection and install it into ``.cache/collections``, as a user would.

With ``--build-only`` the artifact is left in ``.cache/build`` and nothing is installed.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tools.project import CACHE, INSTALLED, STAGE, ansible_environment, quiet
from tools.stage import stage


def build() -> Path:
    """Build the artifact from the staged copy and say where it is."""
    stage()
    directory = CACHE / "build"
    shutil.rmtree(directory, ignore_errors=True)
    galaxy = str(Path(sys.executable).with_name("ansible-galaxy"))
    command = [galaxy, "collection", "build", "--output-path", str(directory), str(STAGE)]
    quiet(command, "build", env=ansible_environment())
    (artifact,) = directory.glob("*.tar.gz")
    return artifact


def install() -> None:
    """Build, and install in place of what an earlier call left."""
    artifact = build()
    shutil.rmtree(INSTALLED, ignore_errors=True)
    galaxy = str(Path(sys.executable).with_name("ansible-galaxy"))
    command = [galaxy, "collection", "install", str(artifact), "--offline", "-p", str(INSTALLED)]
    quiet(command, "install", env=ansible_environment())


if __name__ == "__main__":
    if sys.argv[1:] == ["--build-only"]:
        print(build().relative_to(CACHE.parent))
    else:
        install()
