# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules: crontab, time zones, times of runs. Pure.

Crontab is read as cron(5) on Linux has it, and clock changes are met as cron(8) of Debian meets them:
a run at a fixed time that a clock skips follows right after the gap, and one that a clock repeats runs
once, at the first of the two; runs whose minute or hour starts with ``*`` simply follow the clock. A gap
of three hours or more is a correction of the clock, and what lies in it does not run.
This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ._errors import OptionError

UTC = timezone.utc
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
LAST_DAY = 32  # among days of the month: the last one, whichever that is; no crontab can say it

NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

# How far ahead runs are looked for: 29 February on a given weekday comes again within 40 years.
_HORIZON = timedelta(days=366 * 40)
_END_OF_CALENDAR = datetime(9999, 12, 29, tzinfo=UTC)
_CORRECTION = timedelta(hours=3)
# A zone that changes its clocks at all does so within so many days.
_TRANSITION_DAYS = 400
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Part:
    """One of the fields of a schedule: its name, its range, and the names allowed in it."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


MINUTE = Part("minute", 0, 59)
HOUR = Part("hour", 0, 23)
DAY = Part("day of month", 1, 31)
MONTH = Part("month", 1, 12, MONTHS)
WEEKDAY = Part("day of week", 0, 7, WEEKDAYS)
_WEEKDAY_NUMBERS = Part("day of week", 0, 6)

EVERY_DAY = frozenset(range(1, 32))
EVERY_MONTH = frozenset(range(1, 13))
EVERY_WEEKDAY = frozenset(range(7))


@dataclass(frozen=True)
class Moments:
    """The minutes at which a schedule fires; weekdays count from 0 = Sunday.

    A day must fit both ``days`` and ``weekdays``, or one of them where ``either_day`` says so,
    as crontab has it when both are restricted. ``fixed`` says that neither minute nor hour is open,
    which decides what a clock change does; it makes no difference between two schedules.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int] = EVERY_DAY
    months: frozenset[int] = EVERY_MONTH
    weekdays: frozenset[int] = EVERY_WEEKDAY
    either_day: bool = False
    fixed: bool = field(default=True, compare=False)

    def fires_on(self, day: date) -> bool:
        """Return whether the schedule fires at all on the day."""
        if day.month not in self.months:
            return False
        last = LAST_DAY in self.days and (day + _DAY).day == 1
        fits = (last or day.day in self.days, day.isoweekday() % 7 in self.weekdays)
        return any(fits) if self.either_day else all(fits)


def parse_crontab(text: str, option: str) -> Moments:
    """Read a five-field crontab expression or a nickname; refuse it by field, text and allowed range."""
    if text.strip().startswith("@"):
        text = _spelt_out(text.strip(), option)
    parts = text.split()
    if len(parts) != 5:
        raise OptionError(
            option, text, f"has {len(parts)} fields", "A crontab has five: minute hour day month weekday."
        )
    minute, hour, day, month, weekday = parts
    moments = Moments(
        minutes=_crontab_values(minute, MINUTE, option, text),
        hours=_crontab_values(hour, HOUR, option, text),
        days=_crontab_values(day, DAY, option, text),
        months=_crontab_values(month, MONTH, option, text),
        weekdays=frozenset(value % 7 for value in _crontab_values(weekday, WEEKDAY, option, text)),
        # cron(5): a day field that starts with * does not count as restricted
        either_day=not day.startswith("*") and not weekday.startswith("*"),
        fixed=not minute.startswith("*") and not hour.startswith("*"),
    )
    if moments.either_day and (moments.days == EVERY_DAY or moments.weekdays == EVERY_WEEKDAY):
        return replace(moments, days=EVERY_DAY, weekdays=EVERY_WEEKDAY, either_day=False)
    return moments


def crontab(moments: Moments) -> str | None:
    """Write a crontab that fires at these minutes; None where no crontab does."""
    days, weekdays, either = moments.days, moments.weekdays, moments.either_day
    if LAST_DAY in days:
        return None
    # A field that starts with * is open, which decides on clock changes, and on "either day".
    day = written(days, DAY, stars=not either)
    weekday = written(weekdays, _WEEKDAY_NUMBERS, stars=not either)
    if not either and not day.startswith("*") and not weekday.startswith("*"):
        return None
    return " ".join(
        (
            written(moments.minutes, MINUTE, stars=not moments.fixed),
            written(moments.hours, HOUR, stars=not moments.fixed),
            day,
            written(moments.months, MONTH),
            weekday,
        )
    )


def next_runs(
    moments: Moments,
    now: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
    *,
    zone: tzinfo = UTC,
    max_runs: int | None = None,
    limit: int = 5,
) -> list[datetime]:
    """Return the next times after ``now``, at most ``limit``, in ``zone``, in which the schedule is read.

    ``start`` and ``end`` belong to the schedule's life. Of ``max_runs``, those between ``start`` and
    ``now`` are taken to have been used up; without a start, none.
    """
    first = max(now, start - _MINUTE / 60) if start else now
    if first > _END_OF_CALENDAR:
        return []
    if max_runs is not None:
        limit = min(limit, max_runs - _used_up(moments, start, now, zone, max_runs))
    horizon = first + min(_HORIZON, _END_OF_CALENDAR - first)
    last = min(end, horizon) if end else horizon
    return [run.astimezone(zone) for run in islice(fire_times(moments, zone, first, last), max(limit, 0))]


def fire_times(moments: Moments, zone: tzinfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield the UTC instants after ``first`` and until ``last`` at which the schedule fires, in order."""
    pending: list[datetime] = []
    # A clock that is set back at midnight repeats the end of the day before.
    day = first.astimezone(zone).date() - _DAY
    previous = first
    while day <= last.astimezone(zone).date() + _DAY:
        for instant in _instants_of(moments, day, zone):
            heapq.heappush(pending, instant)
        day += _DAY
        settled = _earliest(day, zone)
        while pending and pending[0] < settled:
            instant = heapq.heappop(pending)
            if instant > last:
                return
            if instant > previous:
                yield instant
                previous = instant


def next_transition(zone: tzinfo, after: datetime) -> datetime | None:
    """Return the next instant at which the zone's clocks are set, in UTC; None if they are not."""
    instant = after.astimezone(UTC)
    midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    found = _transition_since(zone, midnight)
    if found is None or found > instant:
        return found
    is_last_of_day = instant.astimezone(zone).utcoffset() == (midnight + _DAY).astimezone(zone).utcoffset()
    return _transition_since(zone, midnight + _DAY) if is_last_of_day else _search_transition(zone, instant)


@lru_cache(maxsize=256)
def _transition_since(zone: tzinfo, midnight: datetime) -> datetime | None:
    """Keep what is found for a day: many schedules of one zone ask for the same."""
    return _search_transition(zone, midnight)


def _search_transition(zone: tzinfo, before: datetime) -> datetime | None:
    offset = before.astimezone(zone).utcoffset()
    for dummy in range(_TRANSITION_DAYS):
        if before > _END_OF_CALENDAR:
            return None
        if (before + _DAY).astimezone(zone).utcoffset() != offset:
            return _first_with_another_offset(zone, before, before + _DAY, offset)
        before += _DAY
    return None


def parse_zone(name: str, option: str) -> ZoneInfo:
    """Return the time zone of an IANA name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise OptionError(
            option, name, "is not a time zone known here", "Use an IANA name as Europe/Zurich, or UTC."
        ) from None


def parse_instant(text: str, option: str, zone: tzinfo = UTC) -> datetime:
    """Read an ISO 8601 time and return it in UTC; without an offset it is read in ``zone``."""
    try:
        instant = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text.strip()))
        return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise OptionError(
            option, text, "is not an ISO 8601 time", "Write it as 2030-01-31T18:30:00Z, for example."
        ) from None


def values(text: str, part: Part) -> frozenset[int]:
    """Return the numbers that a field stands for: numbers, names, ranges, steps, lists. Raises ValueError."""
    return frozenset(value for item in text.split(",") for value in _item_values(item, part))


def written(numbers: Iterable[int], part: Part, *, stars: bool = True) -> str:
    """Write numbers as shortly as possible: ``*`` and ``*/n`` where ``stars`` are free to use, or ranges."""
    ordered = sorted(numbers)
    if not stars:
        return ",".join(_ranges(ordered))
    if len(ordered) == part.high - part.low + 1:
        return "*"
    step = ordered[1] - ordered[0] if len(ordered) > 2 else 0
    if step > 1 and ordered == list(range(part.low, part.high + 1, step)):
        return f"*/{step}"
    return ",".join(_ranges(ordered))


def _spelt_out(nickname: str, option: str) -> str:
    try:
        return NICKNAMES[nickname.lower()]
    except KeyError:
        known = ", ".join(NICKNAMES)
        raise OptionError(option, nickname, "is no nickname that can be scheduled", f"Use {known}.") from None


def _used_up(moments: Moments, start: datetime | None, now: datetime, zone: tzinfo, most: int) -> int:
    if start is None or start > now:
        return 0
    return sum(1 for run in islice(fire_times(moments, zone, start - _MINUTE / 60, now), most))


def _instants_of(moments: Moments, day: date, zone: tzinfo) -> list[datetime]:
    """Return the UTC instants at which the schedule fires on a local day, in any order."""
    if not moments.fires_on(day):
        return []
    clock = [time(hour, minute) for hour in moments.hours for minute in moments.minutes]
    offset = _steady_offset(day, zone)
    if offset is not None:
        return [datetime.combine(day, moment, UTC) - offset for moment in clock]
    return [
        instant
        for moment in clock
        for instant in _instants_at(datetime.combine(day, moment), zone, moments.fixed)
    ]


def _steady_offset(day: date, zone: tzinfo) -> timedelta | None:
    """Return the offset that is in force all day; None when the clocks are set on it."""
    offsets = {
        datetime.combine(midnight, time(), zone).replace(fold=fold).utcoffset()
        for midnight in (day, day + _DAY)
        for fold in (0, 1)
    }
    return offsets.pop() if len(offsets) == 1 else None


def _instants_at(wall: datetime, zone: tzinfo, fixed: bool) -> list[datetime]:
    """Return the UTC instants of a time on the wall: two where it comes twice, none or one where never."""
    earlier, later = (
        wall.replace(tzinfo=UTC) - _offset_of(wall.replace(tzinfo=zone, fold=fold)) for fold in (0, 1)
    )
    if earlier == later:
        return [earlier]
    if earlier < later:  # the clock is set back: both are real
        return [earlier] if fixed else [earlier, later]
    if not fixed or earlier - later >= _CORRECTION:
        return []
    # The clock is set forward: the offset before puts the time after the gap, and the other way round.
    gap = _first_with_another_offset(
        zone, later - _MINUTE, earlier, (later - _MINUTE).astimezone(zone).utcoffset()
    )
    return [gap]


def _offset_of(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()


def _first_with_another_offset(
    zone: tzinfo, before: datetime, after: datetime, offset: timedelta | None
) -> datetime:
    """Return the instant between two at which the offset changes, to the second."""
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _earliest(day: date, zone: tzinfo) -> datetime:
    """Return an instant before which nothing of the local day, or of a later one, can happen."""
    midnight = datetime.combine(day, time(), UTC)
    return midnight - max(_offset_of(midnight.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))


def _crontab_values(text: str, part: Part, option: str, whole: str) -> frozenset[int]:
    open_step = re.search(r"(?:^|,)([^-*/,]+)/(\d+)(?:,|$)", text)
    names = f" or {part.names[0]}-{part.names[-1]}" if part.names else ""
    remedy = f"Allowed there: {part.low}-{part.high}{names}, with * , - and /."
    if open_step:
        remedy = f"A step follows * or a range: {open_step[1]}-{part.high}/{open_step[2]}, for example."
    try:
        if not open_step:
            return values(text, part)
    except ValueError:
        pass
    raise OptionError(option, whole, f"has {text!r} as its {part.name}", remedy)


def _item_values(item: str, part: Part) -> range:
    span, slash, step_text = item.partition("/")
    step = _number(step_text) if slash else 1
    low_text, dash, high_text = span.partition("-")
    if span == "*":
        low, high = part.low, part.high
    else:
        low = _named(low_text, part)
        # Quartz reads "a/n" to the end of the range; a crontab has no such form
        high = _named(high_text, part) if dash else (part.high if slash else low)
    if step < 1 or not part.low <= low <= high <= part.high:
        raise ValueError(item)
    return range(low, high + 1, step)


def _named(text: str, part: Part) -> int:
    lower = text.lower()
    if lower in part.names:
        return part.names.index(lower) + (part.low if part is MONTH else 0)
    return _number(text)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise ValueError(text)
    return int(text)


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
