# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ``ansible-test sanity`` on the staged copy. Further arguments go to ansible-test.

Two things are arranged around it. Its home is a directory in ``.cache``, so that its caches stay inside the
checkout. And the Python to test with is named, because otherwise ansible-test tries every one on PATH and
stumbles over wrappers that pretend to be one and over those that cannot make a virtual environment.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tools.project import CACHE, STAGE, ansible_environment
from tools.seed_get_pip import seed
from tools.stage import stage

# What pip reads from a home directory: its settings, the names and passwords of servers, its downloads.
# ansible-test drops the environment, so the settings have to be found by pip itself.
PIP_FILES = (".pip", ".config/pip", ".netrc", ".cache/pip")


def make_home() -> Path:
    """A home for ansible-test in which pip works as it does in the user's own."""
    home = CACHE / "home"
    seed(home)
    for name in PIP_FILES:
        theirs, ours = Path.home() / name, home / name
        if theirs.exists() and not ours.is_symlink():
            ours.parent.mkdir(parents=True, exist_ok=True)
            ours.symlink_to(theirs)
    return home


def main() -> int:
    stage()
    shutil.rmtree(STAGE / "tests" / "output", ignore_errors=True)
    environment = ansible_environment()
    environment.update(HOME=str(make_home()))
    ansible_test = str(Path(sys.executable).with_name("ansible-test"))
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    command = [sys.executable, ansible_test, "sanity", "--local", "--python", version, *sys.argv[1:]]
    return subprocess.run(command, cwd=STAGE, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
