# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands in for Python's own module of this name: what a program writes to the system's log is kept."""

from __future__ import annotations

import os
from pathlib import Path


def __getattr__(name: str) -> int:
    """Take every constant for the same."""
    if name.startswith("LOG_"):
        return 0
    raise AttributeError(name)


def openlog(*arguments: object) -> None:
    """Need nothing."""


def syslog(*arguments: object) -> None:
    """Keep a line."""
    with Path(os.environ["SYSLOG_FILE"]).open("a", encoding="utf-8") as kept:
        kept.write(f"{arguments[-1]}\n")
