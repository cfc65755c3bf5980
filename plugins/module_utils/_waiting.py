# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for a run: looks that come less often as time goes on, until it has ended or time is up.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ._client import Client
from ._convergence import Run
from ._errors import RequestError

# Each pause is a little longer than the one before, up to so many times the first.
_GROWTH = 1.1
_LONGEST_PAUSE = 4.0
# After so many failed looks in a row the server is taken to be gone.
_FAILED_LOOKS = 5

Seen = TypeVar("Seen")


class TimeIsUpError(Exception):
    """The run was not seen to end in time; ``seen`` is what was read last, or None."""

    def __init__(self, seen: Any) -> None:
        super().__init__()
        self.seen = seen


@dataclass(frozen=True)
class Watch(Generic[Seen]):
    """How to wait: ``look`` reads anew, ``run_of`` finds the run in what was read; times in seconds.

    ``report`` hears of each change of the run's status.
    """

    look: Callable[[], Seen]
    run_of: Callable[[Seen], Run]
    ended: Callable[[Run], bool]
    timeout: float
    interval: float
    report: Callable[[Run], None]

    def wait(self, client: Client, seen: Seen | None = None) -> Seen:
        """Look until the run has ended, and return what was read then.

        ``seen`` is known beforehand; without it the first look is at once.
        A look that fails is made up for by the next one. Raises TimeIsUpError, and RequestError where
        looks keep failing or fail for good.
        """
        deadline = time.monotonic() + self.timeout
        pause, failed, status = self.interval if seen is not None else 0.0, 0, None
        while True:
            if seen is not None:
                run = self.run_of(seen)
                if run.status != status:
                    status = run.status
                    self.report(run)
                if self.ended(run):
                    return seen
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeIsUpError(seen)
            time.sleep(min(pause, left))
            pause = max(self.interval, min(pause * _GROWTH, self.interval * _LONGEST_PAUSE))
            try:
                with client.until(deadline):
                    seen = self.look()
                failed = 0
            except RequestError as error:
                failed += 1
                if not error.retryable or failed >= _FAILED_LOOKS:
                    raise
