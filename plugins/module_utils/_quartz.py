# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quartz expressions of five fields, in UTC: reading, writing, and what a local schedule becomes. Pure.

A Quartz expression is a product of its fields, so a schedule that is one crontab in its own zone may be
several expressions in UTC: where the shift moves some runs to another day, or the minutes of some hours.
This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone, tzinfo

from ._errors import OptionError
from ._schedule import (
    DAY,
    EVERY_DAY,
    EVERY_MONTH,
    EVERY_WEEKDAY,
    HOUR,
    LAST_DAY,
    MINUTE,
    MONTH,
    Moments,
    Part,
    fire_times,
    next_runs,
    next_transition,
    values,
    written,
)

_WEEKDAY = Part("dayOfWeek", 1, 7)
_DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 2
_DAY_MINUTES = 24 * 60
_SECOND = timedelta(seconds=1)
_FORESEEN = timedelta(days=400)


class InexpressibleError(ValueError):
    """No set of Quartz expressions in UTC fires exactly as the schedule does; the text says why."""


@dataclass(frozen=True)
class Quartz:
    """The five Quartz fields as texts; ``same`` when they fire at the same minutes."""

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
        """Return the minutes it fires at; None where it uses W, C, # or a combined L."""
        try:
            return Moments(
                minutes=values(self.minute, MINUTE),
                hours=values(self.hour, HOUR),
                days=frozenset((LAST_DAY,))
                if self.day_of_month.upper() == "L"
                else values(self.day_of_month.replace("?", "*"), DAY),
                months=values(self.month, Part(MONTH.name, 1, 12)),
                weekdays=frozenset(day - 1 for day in values(self.day_of_week.replace("?", "*"), _WEEKDAY)),
                fixed=False,
            )
        except ValueError:
            return None

    def same(self, other: Quartz | None) -> bool:
        """Return whether both fire at the same minutes, whichever way they are written."""
        if other is None:
            return False
        mine = self.moments()
        return self.text == other.text if mine is None else mine == other.moments()


@dataclass(frozen=True)
class InUtc:
    """A local schedule as Quartz expressions in UTC, right while ``offset`` is in force.

    ``valid_until`` is the setting of the zone's clocks from which on they fire at another local time;
    None where none within the next year does that.
    """

    parts: tuple[Quartz, ...]
    offset: timedelta
    valid_until: datetime | None
    reason: str  # why it takes several parts, or an empty text


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
    _check(quartz, option)
    return quartz


def in_utc(moments: Moments, zone: tzinfo, now: datetime, start: datetime | None = None) -> InUtc:
    """Return what the schedule is in UTC at its next run. Raises InexpressibleError.

    A run that follows a gap of the clocks belongs to the offset before the gap.
    """
    first = max(now, start) if start else now
    offset = _offset_at(zone, first)
    if next_transition(zone, first) is not None:
        offset, first = _at_next_run(moments, zone, offset, first)
    parts, reason = shifted(moments, -offset)
    valid_until = _valid_until(moments, zone, offset, first)
    return InUtc(tuple(_quartz(part) for part in parts), offset, valid_until, reason)


def _at_next_run(
    moments: Moments, zone: tzinfo, offset: timedelta, first: datetime
) -> tuple[timedelta, datetime]:
    """Return the offset in force at the next run, and since when that is what counts."""
    runs = next_runs(moments, first - _SECOND, zone=zone, limit=1)
    if runs:
        just_before = runs[0] - _SECOND
        offset_then = _offset_at(zone, just_before)
        # The clocks may be set before the next run; until then the expression must not fire.
        if offset_then != offset and not _fires(moments, offset_then, first, just_before):
            return offset_then, just_before
    return offset, first


def from_utc(quartz: Quartz, zone: tzinfo, now: datetime) -> Moments | None:
    """Return the minutes in ``zone`` at which the expression fires, by the offset in force now.

    None where that is not one set of minutes, hours and days.
    """
    moments = quartz.moments()
    if moments is None:
        return None
    try:
        parts, _reason = shifted(moments, _offset_at(zone, now))
    except InexpressibleError:
        return None
    return _with_idle_months(parts[0]) if len(parts) == 1 else None


def shifted(moments: Moments, by: timedelta) -> tuple[list[Moments], str]:
    """Move a schedule by an offset: the parts it falls into, and why it takes more than one.

    Raises InexpressibleError where no list of products of minutes, hours and days says the same.
    """
    if moments.days != EVERY_DAY and moments.weekdays != EVERY_WEEKDAY:
        raise InexpressibleError("it restricts both the day of month and the day of week")
    if not by:
        return [replace(moments, fixed=False)], ""
    times = _times_by_day(moments, round(by / timedelta(minutes=1)))
    if (moments.days, moments.months, moments.weekdays) == (EVERY_DAY, EVERY_MONTH, EVERY_WEEKDAY):
        times = {0: frozenset(time for group in times.values() for time in group)}
    parts, reasons = [], []
    if len(times) > 1:
        reasons.append("some of its runs fall on another day in UTC than the others")
    for days_on, clock in sorted(times.items()):
        dates = _dates(moments, days_on)
        rectangles = _rectangles(clock)
        if len(dates) > 1:
            reasons.append("the day in UTC has another number from month to month")
        if len(rectangles) > 1:
            reasons.append("the offset moves the minutes of its hours apart")
        parts += [
            replace(date, minutes=minutes, hours=hours, fixed=False)
            for date in dates
            for hours, minutes in rectangles
        ]
    return parts, " and ".join(dict.fromkeys(reasons))


def nearest(moments: Moments, zone: tzinfo, now: datetime) -> list[Moments]:
    """Return schedules on the same days, a little earlier and later, that are one expression in UTC."""
    found = []
    for direction in (-1, 1):
        for quarters in range(1, _DAY_MINUTES // 15):
            moved = _moved_within_the_day(moments, direction * quarters * 15)
            if moved is None:
                break
            try:
                single = len(in_utc(moved, zone, now).parts) == 1
            except InexpressibleError:
                continue
            if single:
                found.append(moved)
                break
    return found


def _offset_at(zone: tzinfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _fires(moments: Moments, offset: timedelta, first: datetime, last: datetime) -> bool:
    """Return whether the schedule, taken at a fixed offset, fires after ``first`` and until ``last``."""
    return next(fire_times(moments, timezone(offset), first, last), None) is not None


def _valid_until(moments: Moments, zone: tzinfo, offset: timedelta, first: datetime) -> datetime | None:
    begin = next_transition(zone, first)
    while begin is not None and begin - first < _FORESEEN:
        end = next_transition(zone, begin)
        last = (begin + _FORESEEN if end is None else end) - _SECOND
        offset_then = _offset_at(zone, begin)
        if not _same_at(moments, offset, offset_then) and (
            next(fire_times(moments, zone, begin - _SECOND, last), None) is not None
            or _fires(moments, offset, begin - _SECOND, last)
        ):
            return begin
        begin = end
    return None


def _same_at(moments: Moments, offset: timedelta, other: timedelta) -> bool:
    """Return whether two offsets make no difference, as with a run in each hour."""
    if offset == other:
        return True
    # A fixed time also differs in the gap itself, and when it comes twice.
    return not moments.fixed and shifted(moments, -offset) == shifted(moments, -other)


def _times_by_day(moments: Moments, by: int) -> dict[int, frozenset[tuple[int, int]]]:
    """Return the shifted times of day, by how many days on they fall."""
    times: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for hour in moments.hours:
        for minute in moments.minutes:
            days_on, rest = divmod(hour * 60 + minute + by, _DAY_MINUTES)
            times[days_on].add(divmod(rest, 60))
    return {days_on: frozenset(clock) for days_on, clock in times.items()}


def _rectangles(clock: Iterable[tuple[int, int]]) -> list[tuple[frozenset[int], frozenset[int]]]:
    """Cut times of day into products of hours and minutes, as few as one grouping gives."""
    minutes_of: dict[int, set[int]] = defaultdict(set)
    hours_of: dict[int, set[int]] = defaultdict(set)
    for hour, minute in clock:
        minutes_of[hour].add(minute)
        hours_of[minute].add(hour)
    by_hour, by_minute = (
        _grouped({key: frozenset(found) for key, found in table.items()}) for table in (minutes_of, hours_of)
    )
    if len(by_minute) < len(by_hour):
        return [(hours, minutes) for minutes, hours in by_minute]
    return by_hour


def _grouped(table: Mapping[int, frozenset[int]]) -> list[tuple[frozenset[int], frozenset[int]]]:
    """Gather the keys that have one value, in the order of the keys."""
    keys: dict[frozenset[int], set[int]] = defaultdict(set)
    for key in sorted(table):
        keys[table[key]].add(key)
    return [(frozenset(group), value) for value, group in keys.items()]


def _dates(moments: Moments, days_on: int) -> list[Moments]:
    """Return the days of the schedule, so many days on, as schedules whose times do not matter."""
    if days_on == 0:
        return [moments]
    if moments.weekdays != EVERY_WEEKDAY:
        if moments.months != EVERY_MONTH:
            raise InexpressibleError("its weekdays move over the ends of the months it is restricted to")
        return [replace(moments, weekdays=frozenset((day + days_on) % 7 for day in moments.weekdays))]
    if moments.days == EVERY_DAY and moments.months == EVERY_MONTH:
        return [moments]
    return [
        replace(moments, months=months, days=days)
        for months, days in _grouped(_days_by_month(moments, days_on))
        if days
    ] + _last_days(moments, days_on)


def _days_by_month(moments: Moments, days_on: int) -> dict[int, frozenset[int]]:
    """Return the numbers of the days that the schedule falls on, the last day of a month left out."""
    common, leap = (_moved_dates(moments, days_on, february) for february in (28, 29))
    for month in EVERY_MONTH:
        kept = common[month] | (leap[month] & {29} if month == _FEBRUARY else frozenset())
        if kept != leap[month]:
            raise InexpressibleError("it falls on another day in leap years")
    return leap


def _moved_dates(moments: Moments, days_on: int, february: int) -> dict[int, frozenset[int]]:
    days: dict[int, set[int]] = {month: set() for month in EVERY_MONTH}
    for month in moments.months:
        length = february if month == _FEBRUARY else _DAYS_IN_MONTH[month - 1]
        numbers = {length if day == LAST_DAY else day for day in moments.days}
        for day in (number for number in numbers if number <= length):
            if day + days_on > length:
                days[month % 12 + 1].add(1)
            elif day + days_on > 0:
                days[month].add(day + days_on)
    return {month: frozenset(numbers) for month, numbers in days.items()}


def _last_days(moments: Moments, days_on: int) -> list[Moments]:
    """Return the last days of the months before those in which the schedule falls on the first."""
    if days_on > 0 or 1 not in moments.days:
        return []
    months = frozenset((month - 2) % 12 + 1 for month in moments.months)
    lengths = {0 if month == _FEBRUARY else _DAYS_IN_MONTH[month - 1] for month in months}
    number = lengths.pop() if len(lengths) == 1 else 0
    return [replace(moments, months=months, days=frozenset((number or LAST_DAY,)))]


def _with_idle_months(moments: Moments) -> Moments:
    """Return the same schedule in every month, where those left out have none of its days anyway."""
    idle = {month for month in EVERY_MONTH if _longest(month) < min(moments.days) < LAST_DAY}
    return replace(moments, months=EVERY_MONTH) if moments.months | idle == EVERY_MONTH else moments


def _longest(month: int) -> int:
    return 29 if month == _FEBRUARY else _DAYS_IN_MONTH[month - 1]


def _moved_within_the_day(moments: Moments, by: int) -> Moments | None:
    """Return the schedule some minutes on; None where a run would leave its day or its pattern."""
    times = _times_by_day(moments, by)
    rectangles = _rectangles(times.get(0, ()))
    if set(times) != {0} or len(rectangles) != 1:
        return None
    ((hours, minutes),) = rectangles
    return replace(moments, hours=hours, minutes=minutes)


def _quartz(moments: Moments) -> Quartz:
    """Write one part, with ? in the day field that does not matter."""
    every_weekday = moments.weekdays == EVERY_WEEKDAY
    if LAST_DAY in moments.days:
        day = "L"
    elif moments.days == EVERY_DAY:
        day = "*" if every_weekday else "?"
    else:
        day = written(moments.days, DAY)
    weekdays = frozenset(number + 1 for number in moments.weekdays)
    return Quartz(
        minute=written(moments.minutes, MINUTE),
        hour=written(moments.hours, HOUR),
        day_of_month=day,
        month=written(moments.months, MONTH),
        day_of_week="?" if every_weekday else written(weekdays, _WEEKDAY),
    )


_FORMS = (
    ("minute", MINUTE, r"(?!)"),
    ("hour", HOUR, r"(?!)"),
    ("day_of_month", DAY, r"L|L-\d+|LW|\d+[WC]"),
    ("month", MONTH, r"(?!)"),
    ("day_of_week", _WEEKDAY, r"L|[1-7][LC]|[1-7]#[1-5]"),
)


def _check(quartz: Quartz, option: str) -> None:
    for attribute, part, special in _FORMS:
        text = getattr(quartz, attribute)
        if text == "?" and "day" in attribute:
            continue  # that exactly one of them is ?, the caller has checked
        for item in text.split(","):
            if re.fullmatch(special, item):
                continue
            try:
                values(item, Part(part.name, part.low, part.high))
            except ValueError:
                raise OptionError(
                    option,
                    quartz.text,
                    f"has {text!r} as its {attribute}",
                    f"Allowed: {part.low}-{part.high} with * , - and /, and in the day fields ? L W C #.",
                ) from None
