# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run every linter on the staged copy, all of them even when one complains."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools.project import STAGE, STAGE_ROOT, ansible_environment
from tools.stage import stage

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
}


def main() -> int:
    stage()
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
        # mypy would take the directory it runs in for another place where imports begin.
        place = STAGE_ROOT if program == "mypy" else STAGE
        if subprocess.run([path, *arguments], cwd=place, env=environment, check=False).returncode:
            failed.append(name)
    if failed:
        print(f"lint: failed: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
