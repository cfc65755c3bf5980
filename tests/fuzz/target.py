# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What atheris runs: ``python -m fuzz.target VENDOR [its own arguments]``."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["ansible_collections.taskbridge"]):
    from fuzz.conversation import Stage


def main() -> None:
    """Fuzz the modules of one vendor until the time is up, or one breaks."""
    program, vendor, *arguments = sys.argv
    stage = Stage(vendor)

    def attempt(given: bytes) -> None:
        provider = atheris.FuzzedDataProvider(given)
        stage.attempt(lambda count: int(provider.ConsumeIntInRange(0, count - 1)))

    atheris.Setup([program, *arguments], attempt)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
