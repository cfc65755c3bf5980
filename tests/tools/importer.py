# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the built artifact with galaxy-importer, as Galaxy does on upload; a warning is a failure too."""

from __future__ import annotations

import subprocess
import sys

from tools.install_collection import build
from tools.project import CACHE, ansible_environment

# Beside its defaults, which need no network. They leave ansible-test out, which `make test-sanity` runs.
SETTINGS = {"CHECK_REQUIRED_TAGS": "true", "ANSIBLE_LOCAL_TMP": str(CACHE / "importer" / "tmp")}


def main() -> None:
    artifact = build()
    place = CACHE / "importer"  # where it leaves its result
    place.mkdir(exist_ok=True)
    environment = ansible_environment()
    environment.update({f"GALAXY_IMPORTER_{name}": value for name, value in SETTINGS.items()})
    command = [sys.executable, "-m", "galaxy_importer.main", str(artifact)]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    print(done.stdout + done.stderr, end="")
    if done.returncode or any(word in done.stdout for word in ("WARNING:", "ERROR:")):
        sys.exit("importer: the artifact would not be imported as it is")


if __name__ == "__main__":
    main()
