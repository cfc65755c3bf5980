# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cycles and patterns of the orchestrator's tasks: checked, compared, from and to crontab. Pure.

The forms are those that Aria 8 answers, and the classic ones of the guides; see vro.py for the sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import count, islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .. import _schedule as schedule
from .._errors import OptionError
from .._schedule import EVERY_DAY, EVERY_MONTH, EVERY_WEEKDAY, Moments

ONE_TIME = "one-time"
_WEEKLY = "every-weeks"
_MONTHLY = "every-months"
_DAYS_OF_ALL_MONTHS = 28
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT_WEEKDAYS = tuple(day[:3] for day in _WEEKDAYS)
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d"
# For each cycle: the form of one time, as it is compared, and a sample of a pattern.
_FORMS = {
    ONE_TIME: (r"(?!)", "(Europe/Zurich) "),
    "every-minutes": (r"[0-5]\d", "(Europe/Zurich) 30,"),
    "every-hours": (r"[0-5]\d:[0-5]\d", "(Europe/Zurich) 10:00,"),
    "every-days": (_CLOCK, "(Europe/Zurich) 01:00:00,19:30:00,"),
    _WEEKLY: (
        rf"({'|'.join(_SHORT_WEEKDAYS)}) {_CLOCK}",
        "(Europe/Zurich) Monday 02:00:00,Friday 22:00:00,",
    ),
    _MONTHLY: (rf"(0[1-9]|[12]\d|3[01]) {_CLOCK}", "(Europe/Zurich) 01 00:00:00,12 00:00:00,"),
}
# Runs beyond are not looked for: the calendar ends.
_LAST_YEAR = 9000


@dataclass(frozen=True)
class Pattern:
    """A pattern as it is sent, and what of it is compared: the zone, and the times as a set."""

    text: str
    zone: str | None
    times: frozenset[str]

    def __str__(self) -> str:
        return self.text

    def same(self, other: Pattern | None) -> bool:
        """Return whether both fire at the same times; the zone of a pattern without times says nothing."""
        if other is None or self.times != other.times:
            return False
        return not self.times or self.zone == other.zone


def once(zone: str) -> Pattern:
    """Return the pattern of a one-time task: a zone and a space."""
    return Pattern(f"({zone}) ", zone, frozenset())


def read_pattern(cycle: str | None, text: str) -> Pattern:
    """Read a pattern, with its zone or in the classic form without one; one-time ones have no times."""
    found = re.match(r"\s*\(([^)]*)\)", text)
    zone, times = (found.group(1).strip(), text[found.end() :]) if found else (None, text)
    known = (_canonical(time) for time in times.split(",")) if cycle != ONE_TIME else ()
    return Pattern(text, zone, frozenset(filter(None, known)))


def checked(cycle_text: str, pattern_text: str | None) -> tuple[str, Pattern]:
    """Return cycle and pattern of a declaration, or refuse them by name.

    Both are sent as they are given, save the cycle's spelling as the vendor's Java names have it.
    """
    cycle = cycle_text.strip().lower().replace("_", "-")
    if cycle not in _FORMS:
        raise OptionError("schedule.cycle", cycle_text, "is no cycle", f"Use one of {', '.join(_FORMS)}.")
    form, sample = _FORMS[cycle]
    if cycle == ONE_TIME and pattern_text is None:
        return cycle, once("UTC")
    # Without a cycle all times are read, so that those of a one-time pattern are refused.
    pattern = read_pattern(None, pattern_text or "")
    if not all(re.fullmatch(form, time) for time in pattern.times) or bool(pattern.times) == (
        cycle == ONE_TIME
    ):
        raise OptionError(
            "schedule.pattern",
            pattern_text,
            f"does not fit schedule.cycle {cycle}",
            f"Write it as {sample!r}, for example; without a zone in parentheses the server's own counts.",
        )
    return cycle, pattern


def from_crontab(text: str, zone: str) -> tuple[str, Pattern]:
    """Write a crontab as the shortest cycle that says the same, with its zone, which the server follows."""
    moments = schedule.parse_crontab(text, "schedule.cron")
    reason = _why_not(moments)
    if reason:
        raise OptionError(
            "schedule.cron",
            text,
            f"is no cycle and pattern of the orchestrator: {reason}",
            "Declare several tasks, or give schedule.cycle and schedule.pattern.",
        )
    cycle, times = _cycle(moments)
    return cycle, read_pattern(cycle, f"({zone}) {''.join(f'{time},' for time in times)}")


def to_moments(cycle: str, pattern: Pattern) -> Moments | None:
    """Return the minutes at which a pattern fires; None where no crontab says them."""
    form = _FORMS.get(cycle, _FORMS[ONE_TIME])[0]
    if cycle == ONE_TIME or not pattern.times or not all(re.fullmatch(form, time) for time in pattern.times):
        return None
    found = [_parts(time) for time in pattern.times]
    days, hours, minutes, seconds = (frozenset(values) for values in zip(*found))
    if seconds != {0} or len(found) != len(days) * len(hours) * len(minutes):
        return None
    every_hour, every_minute = frozenset(range(24)), frozenset(range(60))
    moments = Moments(
        minutes=every_minute if cycle == "every-minutes" else minutes,
        hours=every_hour if cycle in ("every-minutes", "every-hours") else hours,
        days=days if cycle == _MONTHLY else EVERY_DAY,
        weekdays=days if cycle == _WEEKLY else EVERY_WEEKDAY,
        fixed=cycle not in ("every-minutes", "every-hours"),
    )
    # A day that some months lack has no exact crontab: what the server does there is not known.
    return None if _why_not(moments) else moments


def zone_of(pattern: Pattern) -> ZoneInfo | None:
    """Return the zone of a pattern, where it is known here."""
    try:
        return ZoneInfo(pattern.zone or "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def next_runs(
    cycle: str, pattern: Pattern, start: datetime, end: datetime | None, now: datetime
) -> list[datetime]:
    """Return the next five runs, in the pattern's zone; none where that is not known here."""
    zone = zone_of(pattern)
    if zone is None:
        return []
    if cycle == ONE_TIME:
        return [start.astimezone(zone)] if start > now else []
    moments = to_moments(cycle, pattern)
    if moments is not None:
        return schedule.next_runs(moments, now, start, end, zone=zone)
    runs = islice(_fire_times(cycle, pattern, zone, max(now, start)), 5)
    return [run.astimezone(zone) for run in runs if end is None or run <= end]


def _why_not(moments: Moments) -> str:
    """Return why no cycle says exactly this, or an empty text."""
    if moments.months != EVERY_MONTH:
        return "it is restricted to some months"
    if moments.days != EVERY_DAY and moments.weekdays != EVERY_WEEKDAY:
        return "it restricts both the day of month and the day of week"
    if moments.days != EVERY_DAY and max(moments.days) > _DAYS_OF_ALL_MONTHS:
        return f"what the server does in a month without a day {max(moments.days)} is not known"
    return ""


def _cycle(moments: Moments) -> tuple[str, list[str]]:
    """Return the shortest cycle and its times, as the server writes them."""
    every_day = (moments.days, moments.weekdays) == (EVERY_DAY, EVERY_WEEKDAY)
    if every_day and len(moments.hours) == 24:
        if len(moments.minutes) == 60:
            return "every-minutes", ["00"]
        return "every-hours", [f"{minute:02}:00" for minute in sorted(moments.minutes)]
    clock = [
        f"{hour:02}:{minute:02}:00" for hour in sorted(moments.hours) for minute in sorted(moments.minutes)
    ]
    if every_day:
        return "every-days", clock
    if moments.days == EVERY_DAY:
        weekdays = sorted((day - 1) % 7 for day in moments.weekdays)
        return _WEEKLY, [f"{_WEEKDAYS[day].capitalize()} {time}" for day in weekdays for time in clock]
    return _MONTHLY, [f"{day:02} {time}" for day in sorted(moments.days) for time in clock]


def _parts(time: str) -> tuple[int, int, int, int]:
    """Return day, hour, minute and second of a time, 0 for what its cycle does not have."""
    day, dummy, clock = time.rpartition(" ")
    hour, minute, second = [0, 0, *(int(part) for part in clock.split(":"))][-3:]
    number = (_SHORT_WEEKDAYS.index(day) + 1) % 7 if day in _SHORT_WEEKDAYS else int(day or 0)
    return number, hour, minute, second


def _canonical(time: str) -> str:
    """Pad numbers to two digits and shorten weekdays to three letters."""
    words = [word[:3] if word in _WEEKDAYS else word for word in time.lower().split()]
    return re.sub(r"\d+", lambda number: number.group().zfill(2), " ".join(words))


def _fire_times(cycle: str, pattern: Pattern, zone: ZoneInfo, first: datetime) -> Iterator[datetime]:
    """Yield the instants from ``first`` on; times that the clocks of the zone skip are left out."""
    form = _FORMS.get(cycle, _FORMS[ONE_TIME])[0]
    offsets = sorted(_offset(time) for time in pattern.times if re.fullmatch(form, time))
    if not offsets or first.year > _LAST_YEAR:
        return
    local = first.astimezone(zone).replace(tzinfo=None)
    for number in count():
        period = _period(cycle, local, number)
        for offset in offsets:
            moment = period + offset
            if cycle == _MONTHLY and moment.month != period.month:
                continue  # a month without such a day
            instant = moment.replace(tzinfo=zone).astimezone(timezone.utc)
            if instant >= first and instant.astimezone(zone).replace(tzinfo=None) == moment:
                yield instant


def _offset(time: str) -> timedelta:
    """Return how far into its period a time is."""
    day, dummy, clock = time.rpartition(" ")
    hours, minutes, seconds = [0, 0, *(int(part) for part in clock.split(":"))][-3:]
    days = _SHORT_WEEKDAYS.index(day) if day in _SHORT_WEEKDAYS else int(day or 1) - 1
    return timedelta(days, hours=hours, minutes=minutes, seconds=seconds)


def _period(cycle: str, local: datetime, number: int) -> datetime:
    """Return the start of the cycle's period that ``local`` is in, or of the one ``number`` later."""
    minute = local.replace(second=0, microsecond=0)
    day = minute.replace(hour=0, minute=0)
    if cycle == _MONTHLY:
        months = day.year * 12 + day.month - 1 + number
        return day.replace(year=months // 12, month=months % 12 + 1, day=1)
    start, step = {
        "every-minutes": (minute, timedelta(minutes=1)),
        "every-hours": (minute.replace(minute=0), timedelta(hours=1)),
        "every-days": (day, timedelta(days=1)),
        "every-weeks": (day - timedelta(days=day.weekday()), timedelta(days=7)),
    }[cycle]
    return start + number * step
