# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One clock for all vendors: real time plus an offset, so a test can move years in no time."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Real now plus an offset; it keeps ticking, so tokens and runs age as they would."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        """Return the emulated time as seconds since the epoch."""
        return time.time() + self.offset

    def millis(self) -> int:
        """Return the emulated time in the milliseconds most vendors speak."""
        return int(self.now() * 1000)

    def iso(self) -> str:
        """Return the emulated time for people and for the admin API."""
        return datetime.fromtimestamp(self.now(), UTC).isoformat()

    def advance(self, seconds: float) -> None:
        """Move the clock by so many seconds."""
        self._move(self.offset + seconds)

    def set(self, iso: str) -> None:
        """Move the clock to this instant; without an offset it is read as UTC."""
        instant = datetime.fromisoformat(iso)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
        self._move(instant.timestamp() - time.time())

    def _move(self, offset: float) -> None:
        datetime.fromtimestamp(time.time() + offset, UTC)  # an instant no calendar has is refused here
        self.offset = offset

    def reset(self) -> None:
        """Go back to real time."""
        self.offset = 0.0
