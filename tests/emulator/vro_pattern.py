# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recurrence patterns of the orchestrator: reading, checking, and the next time one fires."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ONE_TIME = "one-time"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TIME = "(?P<h>[01]?[0-9]|2[0-3]):(?P<m>[0-5]?[0-9]):(?P<s>[0-5]?[0-9])"
# Form of one element (4.2 of the evidence) for each cycle.
ELEMENTS = {
    "every-minutes": "(?P<s>[0-5]?[0-9])",
    "every-hours": "(?P<m>[0-5]?[0-9]):(?P<s>[0-5]?[0-9])",
    "every-days": TIME,
    "every-weeks": f"(?P<weekday>[A-Za-z]+) +{TIME}",
    "every-months": f"(?P<day>0?[1-9]|[12][0-9]|3[01]) +{TIME}",
}
CYCLES = (ONE_TIME, *ELEMENTS)
PERIODS = 80  # more than the months, of 31 days or not, between two runs of any pattern


class PatternError(ValueError):
    """A pattern that does not fit its cycle."""


@dataclass(frozen=True)
class Recurrence:
    """A cycle and the offsets from the start of each period at which it fires."""

    cycle: str
    zone: ZoneInfo
    offsets: tuple[timedelta, ...]


def parse(cycle: str, text: str, *, classic: bool, comma_required: bool) -> Recurrence:
    """Read a pattern; ``classic`` allows one without a zone, and short names of weekdays."""
    zone_text, rest = _split_zone(text)
    if zone_text is None and not classic and (rest.strip() or cycle != ONE_TIME):
        raise PatternError("a time zone in parentheses is required")
    zone = _zone(zone_text or "UTC")
    if cycle == ONE_TIME:
        return Recurrence(cycle, zone, ())  # what else stands there is ignored
    elements = [element.strip() for element in rest.split(",") if element.strip()]
    if not elements or (comma_required and not rest.rstrip().endswith(",")):
        raise PatternError("at least one element, and a comma after each, is required")
    return Recurrence(cycle, zone, tuple(sorted({_offset(cycle, element, classic) for element in elements})))


def next_after(recurrence: Recurrence, after: float) -> float | None:
    """Return the first instant later than ``after`` at which the recurrence fires."""
    local = datetime.fromtimestamp(after, recurrence.zone).replace(tzinfo=None)
    for start in _periods(recurrence.cycle, local):
        for offset in recurrence.offsets:
            moment = start + offset
            if recurrence.cycle == "every-months" and moment.month != start.month:
                continue  # this month has no such day
            when = moment.replace(tzinfo=recurrence.zone).timestamp()
            if when > after:
                return when
    return None


def _split_zone(text: str) -> tuple[str | None, str]:
    found = re.match(r"\s*\(([^)]*)\)(.*)", text, re.DOTALL)
    return (found[1], found[2]) if found else (None, text)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PatternError(f"unknown time zone {name}") from None


def _offset(cycle: str, element: str, classic: bool) -> timedelta:
    found = re.fullmatch(ELEMENTS[cycle], element)
    if found is None:
        raise PatternError(f"{element} does not fit {cycle}")
    parts = found.groupdict()
    days = int(parts.get("day") or 1) - 1
    if weekday := parts.get("weekday"):
        days = _weekday(weekday.lower(), classic)
    return timedelta(
        days, hours=int(parts.get("h") or 0), minutes=int(parts.get("m") or 0), seconds=int(parts["s"])
    )


def _weekday(name: str, classic: bool) -> int:
    names = [*DAYS, *(day[:3] for day in DAYS if classic)]
    if name not in names:
        raise PatternError(f"{name} is no day of the week")
    return names.index(name) % 7


def _periods(cycle: str, local: datetime) -> Iterator[datetime]:
    """Yield the starts of the period ``local`` is in and of those that follow."""
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = {
        "every-minutes": (local.replace(second=0, microsecond=0), timedelta(minutes=1)),
        "every-hours": (local.replace(minute=0, second=0, microsecond=0), timedelta(hours=1)),
        "every-days": (day, timedelta(days=1)),
        "every-weeks": (day - timedelta(days=local.weekday()), timedelta(days=7)),
    }
    if cycle in starts:
        start, step = starts[cycle]
        for number in range(PERIODS):
            yield start + number * step
        return
    for number in range(PERIODS):
        months = local.year * 12 + local.month - 1 + number
        yield day.replace(year=months // 12, month=months % 12 + 1, day=1)


def read_date(text: object) -> float | None:
    """Read an RFC 3339 time; None for anything else, and for what no calendar has."""
    if not isinstance(text, str) or not re.match(r"\d{4}-\d\d-\d\dT", text):
        return None
    try:
        instant = datetime.fromisoformat(text)
        when = instant.timestamp()
        datetime.fromtimestamp(when, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return when if instant.tzinfo is not None else None
