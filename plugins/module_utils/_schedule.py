# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules: crontab in, Quartz fields out, times of runs. Pure.

Crontab is read as cron(5) on Linux reads it; Quartz as Quartz's CronTrigger does.
All times are UTC. This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ._errors import OptionError

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

# How far ahead runs are looked for: 29 February on a given weekday comes again within 40 years.
_HORIZON = timedelta(days=366 * 40)
_LAST_DAY = datetime(9999, 12, 30, tzinfo=timezone.utc)


@dataclass(frozen=True)
class _Part:
    """One of the five fields: its name, its range, and the names allowed in it."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_MINUTE = _Part("minute", 0, 59)
_HOUR = _Part("hour", 0, 23)
_DAY = _Part("day of month", 1, 31)
_MONTH = _Part("month", 1, 12, MONTHS)
_WEEKDAY = _Part("day of week", 0, 7, WEEKDAYS)
_QUARTZ_WEEKDAY = _Part("dayOfWeek", 1, 7)

_EVERY = {part: frozenset(range(part.low, part.high + 1)) for part in (_MINUTE, _HOUR, _DAY, _MONTH)}
_EVERY_WEEKDAY = frozenset(range(7))


@dataclass(frozen=True)
class Moments:
    """The minutes at which a schedule fires; weekdays count from 0 = Sunday.

    A day must fit both ``days`` and ``weekdays``, or one of them where ``either_day`` says so,
    as crontab has it when both are restricted.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool = False

    def fires_on(self, day: datetime) -> bool:
        """Return whether the schedule fires at all on the day."""
        if day.month not in self.months:
            return False
        fits = (day.day in self.days, day.isoweekday() % 7 in self.weekdays)
        return any(fits) if self.either_day else all(fits)


@dataclass(frozen=True)
class Quartz:
    """The five Quartz fields as texts; equal when they fire at the same minutes."""

    minute: str
    hour: str
    day_of_month: str
    month: str
    day_of_week: str

    @property
    def text(self) -> str:
        """The five fields in one line."""
        return f"{self.minute} {self.hour} {self.day_of_month} {self.month} {self.day_of_week}"

    def moments(self) -> Moments | None:
        """Return the minutes it fires at; None where it uses what crontab cannot say (L, W, C, #)."""
        try:
            return Moments(
                minutes=_values(self.minute, _MINUTE),
                hours=_values(self.hour, _HOUR),
                days=_values(self.day_of_month.replace("?", "*"), _DAY),
                months=_values(self.month, _MONTH),
                weekdays=frozenset(
                    day - 1 for day in _values(self.day_of_week.replace("?", "*"), _QUARTZ_WEEKDAY)
                ),
            )
        except ValueError:
            return None

    def same(self, other: Quartz | None) -> bool:
        """Return whether both fire at the same minutes, whichever way they are written."""
        if other is None:
            return False
        mine = self.moments()
        return self.text == other.text if mine is None else mine == other.moments()


def parse_crontab(text: str, option: str) -> Moments:
    """Read a five-field crontab expression; refuse it by field, text and allowed range."""
    parts = text.split()
    if len(parts) != 5:
        raise OptionError(
            option, text, f"has {len(parts)} fields", "A crontab has five: minute hour day month weekday."
        )
    minute, hour, day, month, weekday = parts
    return Moments(
        minutes=_crontab_values(minute, _MINUTE, option, text),
        hours=_crontab_values(hour, _HOUR, option, text),
        days=_crontab_values(day, _DAY, option, text),
        months=_crontab_values(month, _MONTH, option, text),
        weekdays=frozenset(value % 7 for value in _crontab_values(weekday, _WEEKDAY, option, text)),
        # cron(5): a day field that starts with * does not count as restricted
        either_day=not day.startswith("*") and not weekday.startswith("*"),
    )


def parse_quartz(text: str, option: str) -> Quartz:
    """Check five Quartz fields for form and ranges; they are kept as written."""
    parts = text.split()
    if len(parts) != 5:
        raise OptionError(
            option,
            text,
            f"has {len(parts)} fields",
            "Give five: minute hour dayOfMonth month dayOfWeek, without seconds and year.",
        )
    quartz = Quartz(*parts)
    if (quartz.day_of_month == "?") == (quartz.day_of_week == "?"):
        raise OptionError(
            option,
            text,
            "does not have exactly one ? in dayOfMonth and dayOfWeek",
            "Put ? into the one of the two that does not matter.",
        )
    _check_quartz(quartz, option)
    return quartz


def to_quartz(moments: Moments, option: str, text: str) -> Quartz:
    """Write a UTC crontab as Quartz fields, which know no "either day"."""
    every_day = moments.days == _EVERY[_DAY]
    every_weekday = moments.weekdays == _EVERY_WEEKDAY
    if moments.either_day and (every_day or every_weekday):
        every_day = every_weekday = True  # one of the two is always true
    elif not every_day and not every_weekday:
        raise OptionError(
            option,
            text,
            "restricts both the day of month and the day of week, which one Quartz expression cannot say",
            "Restrict one of them, or declare two tasks.",
        )
    weekdays = frozenset(day + 1 for day in moments.weekdays)
    return Quartz(
        minute=_written(moments.minutes, _MINUTE),
        hour=_written(moments.hours, _HOUR),
        day_of_month=("*" if every_weekday else "?") if every_day else _written(moments.days, _DAY),
        month=_written(moments.months, _MONTH),
        day_of_week="?" if every_weekday else _written(weekdays, _QUARTZ_WEEKDAY),
    )


def to_crontab(quartz: Quartz) -> str | None:
    """Write Quartz fields as a crontab; None where crontab cannot say it."""
    moments = quartz.moments()
    if moments is None or ("?" not in (quartz.day_of_month, quartz.day_of_week)):
        return None
    every_weekday = moments.weekdays == _EVERY_WEEKDAY
    return " ".join(
        (
            _written(moments.minutes, _MINUTE),
            _written(moments.hours, _HOUR),
            _written(moments.days, _DAY),
            _written(moments.months, _MONTH),
            "*" if every_weekday else _written(moments.weekdays, _Part("day of week", 0, 6)),
        )
    )


def next_runs(
    moments: Moments,
    now: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = 5,
) -> list[datetime]:
    """Return the next times after ``now`` at which the schedule fires, at most ``limit``."""
    first = max(now, start - timedelta(microseconds=1)) if start else now
    horizon = first + min(_HORIZON, _LAST_DAY - first)
    last = min(end, horizon) if end else horizon
    return list(islice(_fire_times(moments, first, last), max(limit, 0)))


def parse_zone(name: str, option: str) -> ZoneInfo:
    """Return the time zone of an IANA name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise OptionError(
            option, name, "is not a time zone known here", "Use an IANA name as Europe/Zurich, or UTC."
        ) from None


def parse_instant(text: str, option: str, zone: tzinfo = timezone.utc) -> datetime:
    """Read an ISO 8601 time and return it in UTC; without an offset it is read in ``zone``."""
    try:
        instant = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text.strip()))
        return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        raise OptionError(
            option, text, "is not an ISO 8601 time", "Write it as 2030-01-31T18:30:00Z, for example."
        ) from None


def _fire_times(moments: Moments, first: datetime, last: datetime) -> Iterator[datetime]:
    day = first.replace(hour=0, minute=0, second=0, microsecond=0)
    clock = [(hour, minute) for hour in sorted(moments.hours) for minute in sorted(moments.minutes)]
    while day <= last:
        if moments.fires_on(day):
            for hour, minute in clock:
                moment = day.replace(hour=hour, minute=minute)
                if first < moment <= last:
                    yield moment
        day += timedelta(days=1)


def _crontab_values(field: str, part: _Part, option: str, text: str) -> frozenset[int]:
    try:
        return _values(field, part)
    except ValueError:
        names = f" or {part.names[0]}-{part.names[-1]}" if part.names else ""
        raise OptionError(
            option,
            text,
            f"has {field!r} as its {part.name}",
            f"Allowed there: {part.low}-{part.high}{names}, with * , - and /.",
        ) from None


def _values(field: str, part: _Part) -> frozenset[int]:
    """Return the numbers that a field stands for. Raises ValueError."""
    return frozenset(value for item in field.split(",") for value in _item_values(item, part))


def _item_values(item: str, part: _Part) -> range:
    span, slash, step_text = item.partition("/")
    step = _number(step_text) if slash else 1
    low_text, dash, high_text = span.partition("-")
    if span == "*":
        low, high = part.low, part.high
    else:
        low = _named(low_text, part)
        # "a/n" without a range runs to the end, as Quartz and Vixie cron read it
        high = _named(high_text, part) if dash else (part.high if slash else low)
    if step < 1 or not part.low <= low <= high <= part.high:
        raise ValueError(item)
    return range(low, high + 1, step)


def _named(text: str, part: _Part) -> int:
    lower = text.lower()
    return (
        part.names.index(lower) + (part.low if part is _MONTH else 0)
        if lower in part.names
        else _number(text)
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return int(text)


def _written(values: frozenset[int], part: _Part) -> str:
    """Write numbers as shortly as both languages allow: *, */n, or ranges in a list."""
    ordered = sorted(values)
    if len(ordered) == part.high - part.low + 1:
        return "*"
    step = ordered[1] - ordered[0] if len(ordered) > 2 else 0
    if step > 1 and ordered == list(range(part.low, part.high + 1, step)):
        return f"*/{step}"
    return ",".join(_ranges(ordered))


def _ranges(ordered: list[int]) -> Iterator[str]:
    first = previous = ordered[0]
    for value in [*ordered[1:], -1]:
        if value == previous + 1:
            previous = value
            continue
        if previous - first > 1:
            yield f"{first}-{previous}"
        else:
            yield from (str(number) for number in range(first, previous + 1))
        first = previous = value


_QUARTZ_FORMS = (
    ("minute", _MINUTE, r"(?!)"),
    ("hour", _HOUR, r"(?!)"),
    ("day_of_month", _DAY, r"L|L-\d+|LW|\d+[WC]"),
    ("month", _MONTH, r"(?!)"),
    ("day_of_week", _QUARTZ_WEEKDAY, r"L|[1-7][LC]|[1-7]#[1-5]"),
)


def _check_quartz(quartz: Quartz, option: str) -> None:
    for attribute, part, special in _QUARTZ_FORMS:
        text = getattr(quartz, attribute)
        if text == "?" and "day" in attribute:
            continue  # that exactly one of them is ?, the caller has checked
        for item in text.split(","):
            if re.fullmatch(special, item):
                continue
            try:
                _item_values(item, _Part(part.name, part.low, part.high))
            except ValueError:
                raise OptionError(
                    option,
                    quartz.text,
                    f"has {text!r} as its {attribute}",
                    f"Allowed: {part.low}-{part.high} with * , - and /, and in the day fields ? L W C #.",
                ) from None
