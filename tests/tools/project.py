# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where things are, and the surroundings in which the tools run programs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

NAMESPACE, NAME = "taskbridge", "vendors"

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
STAGE_ROOT = CACHE / "stage"  # a copy of the sources at the path Ansible's tools insist on
STAGE = STAGE_ROOT / "ansible_collections" / NAMESPACE / NAME
INSTALLED = CACHE / "collections"  # the built collection, installed as a user would
LOGS = CACHE / "logs"


def quiet(command: list[str], log: str, **options: object) -> None:
    """Run a command with its output in a log file, which is shown only when the command fails."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{log}.log"
    with path.open("w", encoding="utf-8") as stream:
        done = subprocess.run(command, stdout=stream, stderr=subprocess.STDOUT, check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        sys.stderr.write(path.read_text(encoding="utf-8", errors="replace"))
        sys.exit(f"failed: {' '.join(command)}")


def ansible_environment() -> dict[str, str]:
    """The environment for Ansible's commands: this virtual environment, nothing of the user's settings."""
    settings = CACHE / "ansible.cfg"  # empty, so that no other file is looked for
    settings.touch()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environment.update(
        PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        ANSIBLE_CONFIG=str(settings),
        ANSIBLE_HOME=str(CACHE / "ansible"),
        ANSIBLE_COLLECTIONS_PATH=str(INSTALLED),
    )
    return environment
