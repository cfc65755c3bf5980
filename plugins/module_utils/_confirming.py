# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of a change, a start or a delete whose answer is lost: it is looked for, and not sent again.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import time

from ._convergence import Desired, Task, plan
from ._errors import AbsentError, RequestError, TaskbridgeError
from ._memory import NO_MEMORY
from ._vendor import Service, Vendor

# Seconds between the looks for what a request without a clear answer did: a server may act late.
_PAUSES = (0.5, 1.0, 2.0)


def pauses_of(service: Service) -> tuple[float, ...]:
    """Return how long to wait between looks; with a short time-out nobody wants to wait long."""
    return tuple(pause for pause in _PAUSES if pause <= service.client.connection.timeout)


def confirm(
    vendor: Vendor, service: Service, desired: Desired, step: str, task: Task, doubt: RequestError
) -> str:
    """Look until the server shows that a step was done, and return what to tell of it.

    Raises the doubt when the server cannot be asked, and when it does not show so in time: it may act yet.
    """
    service.memory = NO_MEMORY  # what was read before tells nothing any more
    for pause in (0.0, *pauses_of(service)):
        time.sleep(pause)
        try:
            if _is_done(vendor, service, desired, step, task):
                what = f"the {step} of {task.name!r}, id {task.id},"
                return f"The answer to {what} was lost. The server shows that it was done."
        except TaskbridgeError:
            break
    raise doubt


def _is_done(vendor: Vendor, service: Service, desired: Desired, step: str, task: Task) -> bool:
    """Read the task again, and say whether it is as the step leaves it."""
    try:
        seen = service.get(task)
    except AbsentError:
        return step == "delete"
    if step in ("enable", "disable"):  # a new task may take this over from the one it replaces
        return seen.enabled == (step == "enable")
    return step != "delete" and step not in plan(desired, seen, vendor.capabilities).steps
