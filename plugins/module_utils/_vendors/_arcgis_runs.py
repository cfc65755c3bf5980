# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ArcGIS: the runs of a scheduled task, read off the wire, and the one that is waited for. Pure.

Source: https://developers.arcgis.com/rest/users-groups-and-items/ with the pages runs-for-task and
edit-run. What rests on inference: the dates of a run and their two forms (a sister API shows them as
``created`` and ``modified``, as a number and as a text without a zone), and the order of the list.
This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timezone, tzinfo
from typing import Any

from .. import _convergence as convergence
from .._convergence import Run, Task

# The vendor's words for a run's status, in ours.
_STATUS = {
    "scheduled": convergence.SCHEDULED,
    "executing": convergence.RUNNING,
    "succeeded": convergence.COMPLETED,
    "skipped": convergence.SKIPPED,
    "failed": convergence.FAILED,
    "submitfailed": convergence.FAILED,
}
RUN_STATES = tuple(dict.fromkeys(_STATUS.values()))
ENDED = frozenset({convergence.COMPLETED, convergence.FAILED, convergence.SKIPPED})

# Apr 22, 2021, 3:00:31 AM
_DATE_TEXT = re.compile(r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d{2}):(\d{2})\s([AP])M")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass(frozen=True)
class Watched(Task):
    """A task whose run is waited for; ``past`` are the runs that do not count."""

    past: frozenset[str] = frozenset()


def watched(task: Task, runs: list[Run], past: Iterable[str]) -> Watched:
    """Return the task with the first of its runs that counts; ``runs`` come newest first.

    A skipped run did nothing, so it counts only where no other is to come.
    """
    left_out = frozenset(past)
    counted = [run for run in reversed(runs) if run.id not in left_out]
    did_run = [run for run in counted if run.status != convergence.SKIPPED]
    chosen = did_run[0] if did_run else counted[-1] if counted and not task.enabled else no_run(task)
    known = {item.name: getattr(task, item.name) for item in fields(Task)}
    return Watched(**{**known, "run": chosen}, past=left_out)


def past_of(task: Task, runs: list[Run], *, is_new: bool, is_changed: bool) -> list[str]:
    """Return the ids of the runs that do not count when the wait begins; ``runs`` come newest first.

    All runs of a new task count, and none that began before a change of the task. Of a task that stays
    as it is, the run under way counts, and the last one where the task has run its course.
    """
    if is_new:
        return []
    if is_changed:
        return [run.id for run in runs]
    is_over = task.state in (convergence.COMPLETED, convergence.FAILED)
    return [run.id for run in (runs[1:] if is_over else runs) if run.status in ENDED]


def no_run(task: Task) -> Run:
    """Return what stands for the run of a task that has none: it is to come, or none is."""
    if task.enabled:
        next_start = read_instant(task.wire.get("nextStart"))
        details = {"next_start": next_start.isoformat()} if next_start else {}
        return Run("", convergence.SCHEDULED, details=details)
    is_over = task.state in (convergence.COMPLETED, convergence.FAILED)
    return Run("", task.state if is_over else convergence.PAUSED)


def why_none(run: Run) -> str:
    """Say why there is no run to wait for, and what to do about it."""
    remedy = (
        "Change its schedule to have it run again"
        if run.status == convergence.COMPLETED
        else "Set enabled: true to switch it on"
    )
    return f"there was none, as the task is {run.status} and no run is to come. {remedy}"


def newest_first(entries: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Put run objects in order; those of a server that tells no dates are taken to be oldest first."""
    dated = [(read_instant(entry.get("created")), place) for place, entry in enumerate(entries)]
    known = [(when, place) for when, place in dated if when is not None]
    if len(known) < len(entries):
        return entries[::-1]
    return [entries[place] for _when, place in sorted(known, reverse=True)]


def read_run(wire: Mapping[str, Any], zone: tzinfo = timezone.utc) -> Run:
    """Read a run object into the normal form; its times are shown in ``zone``."""
    word, result = wire.get("status"), wire.get("result")
    status = _STATUS.get(str(word).lower(), convergence.UNKNOWN)
    text = result if isinstance(result, str) else ""
    return Run(
        id=str(wire.get("runId", "")),
        status=status,
        word=word if isinstance(word, str) else "",
        started=_shown(wire.get("created"), zone),
        ended=_shown(wire.get("modified"), zone) if status in ENDED else None,
        error=text if status in (convergence.FAILED, convergence.SKIPPED) else "",
        details={"result": text} if text else {},
    )


def read_instant(value: Any) -> datetime | None:
    """Read a date in milliseconds, or a text in English, which is taken as UTC."""
    if isinstance(value, str):
        return _instant_of_text(value)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        return None
    try:
        return datetime.fromtimestamp(value / 1000, timezone.utc)
    except (OverflowError, ValueError, OSError):  # a number beyond the calendar
        return None


def _instant_of_text(text: str) -> datetime | None:
    """Read ``Apr 22, 2021, 3:00:31 AM``, whatever the language of this machine."""
    found = _DATE_TEXT.fullmatch(text)
    if found is None or found[1] not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(found[number]) for number in range(2, 7))
    hour = hour % 12 + (12 if found[7] == "P" else 0)
    try:
        return datetime(year, _MONTHS.index(found[1]) + 1, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        return None


def _shown(value: Any, zone: tzinfo) -> str | None:
    instant = read_instant(value)
    return instant.astimezone(zone).isoformat() if instant else None
