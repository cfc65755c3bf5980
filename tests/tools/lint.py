# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run every linter on the staged copy, all of them even when one complains."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.blocks import write_playbooks
from tools.project import CACHE, STAGE, STAGE_ROOT, ansible_environment
from tools.stage import stage

BLOCKS = CACHE / "blocks"  # the playbooks of the documentation's code blocks

DOCS = """
    antsibull-docs lint-collection-docs --plugin-docs --check-extra-docs-refs
    --validate-collection-refs all --disallow-unknown-collection-refs .
"""

CHECKS = {
    "style": "ruff check .",
    "format": "ruff format --check .",
    "types": f"mypy --config-file {STAGE}/pyproject.toml {STAGE}/plugins {STAGE}/tests",
    "yaml": "yamllint --strict .",
    "changelog": "antsibull-changelog lint",
    "docs": DOCS,
    "ansible": "ansible-lint",
    "code blocks": f"ansible-lint --project-dir {BLOCKS}",
}

# mypy would take the directory it runs in for another place where imports begin.
PLACES = {"types": STAGE_ROOT, "code blocks": BLOCKS}


def write_blocks() -> None:
    """Write the code blocks where ansible-lint goes by our settings, and takes them for playbooks."""
    shutil.rmtree(BLOCKS, ignore_errors=True)
    write_playbooks(BLOCKS / "playbooks")
    for settings in (".ansible-lint", ".yamllint"):
        shutil.copy(STAGE / settings, BLOCKS)


def main() -> int:
    stage()
    write_blocks()
    environment = ansible_environment()
    environment.update(
        ANSIBLE_COLLECTIONS_PATH=str(STAGE_ROOT),  # where ansible-lint finds our own modules
        MYPYPATH=os.pathsep.join([str(STAGE_ROOT), str(STAGE / "tests")]),  # where imports begin
    )
    if not sys.stdout.isatty():
        environment["NO_COLOR"] = "1"
    failed = []
    for name, command in CHECKS.items():
        program, *arguments = command.split()
        print(f"lint: {name}", flush=True)
        path = Path(sys.executable).with_name(program)
        place = PLACES.get(name, STAGE)
        if subprocess.run([path, *arguments], cwd=place, env=environment, check=False).returncode:
            failed.append(name)
    if failed:
        print(f"lint: failed: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
