# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small evaluator of Quartz expressions without seconds and year: the five fields of a form.

Day-of-week numbers run from 1 = Sunday to 7 = Saturday, all times are UTC.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

FIELDS = ("minute", "hour", "dayOfMonth", "month", "dayOfWeek")
MONTH_NAMES = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
DAY_NAMES = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
# A leap day on a given weekday is at most 40 years away (eight years may be skipped at a century).
HORIZON_DAYS = 366 * 41
_RANGE = re.compile(r"(\*|[0-9]{1,4})(?:-([0-9]{1,4}))?(?:/([0-9]{1,4}))?")


class QuartzError(ValueError):
    """The expression is not one Quartz would take."""


@dataclass(frozen=True)
class Rules:
    """How strict to be where the vendor's pages and Quartz leave a choice."""

    days: str = "strict"  # strict, normalise or accept two day fields at once
    names: bool = False
    c_allowed: bool = True


@dataclass(frozen=True)
class Days:
    """A day field: plain numbers, and the forms that depend on the month."""

    given: bool
    numbers: frozenset[int] = frozenset()
    last_offsets: tuple[int, ...] = ()
    weekdays_near: tuple[int, ...] = ()
    last_weekday: bool = False
    last_of: tuple[int, ...] = ()
    nth_of: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Expression:
    """A parsed expression that can say when it fires next."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    month_days: Days
    months: frozenset[int]
    week_days: Days

    def next_after(self, instant: float) -> int | None:
        """Return the first firing strictly after this instant (epoch seconds), or None."""
        try:
            return self._search(instant)
        except (OverflowError, ValueError):
            return None  # the calendar ends with the year 9999

    def _search(self, instant: float) -> int | None:
        start = datetime.fromtimestamp(instant // 60 * 60 + 60, UTC)
        day = start.date()
        for dummy in range(HORIZON_DAYS):
            if day.month not in self.months:
                day = _first_of_next_month(day)
                continue
            if self._has_day(day):
                found = self._in_day(day, start if day == start.date() else None)
                if found is not None:
                    return found
            day += timedelta(days=1)
        return None

    def _in_day(self, day: date, start: datetime | None) -> int | None:
        earliest = (start.hour, start.minute) if start else (0, 0)
        for hour in self.hours:
            if hour < earliest[0]:
                continue
            for minute in self.minutes:
                if (hour, minute) >= earliest:
                    return calendar.timegm((day.year, day.month, day.day, hour, minute, 0))
        return None

    def _has_day(self, day: date) -> bool:
        tests = []
        if self.month_days.given:
            tests.append(_month_day_matches(self.month_days, day))
        if self.week_days.given:
            tests.append(_week_day_matches(self.week_days, day))
        return all(tests)


def _first_of_next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _quartz_weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1


def _nearest_weekday(year: int, month: int, wanted: int) -> int:
    last = calendar.monthrange(year, month)[1]
    number = min(wanted, last)
    weekday = date(year, month, number).weekday()
    if weekday == 5:
        return number - 1 if number > 1 else number + 2
    if weekday == 6:
        return number + 1 if number < last else number - 2
    return number


def _month_day_matches(days: Days, day: date) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    if day.day in days.numbers or any(day.day == last - offset for offset in days.last_offsets):
        return True
    near = [*days.weekdays_near, *([last] if days.last_weekday else [])]
    return any(day.day == _nearest_weekday(day.year, day.month, number) for number in near)


def _week_day_matches(days: Days, day: date) -> bool:
    number = _quartz_weekday(day)
    if number in days.numbers:
        return True
    last = calendar.monthrange(day.year, day.month)[1]
    if number in days.last_of and day.day + 7 > last:
        return True
    return (number, (day.day - 1) // 7 + 1) in days.nth_of


def _numbers(name: str, text: str, low: int, high: int, names: dict[str, int]) -> frozenset[int]:
    for word, value in names.items():
        text = re.sub(rf"\b{word}\b", str(value), text, flags=re.IGNORECASE)
    match = _RANGE.fullmatch(text)
    if not match:
        raise QuartzError(f"{name}: {text!r} is not understood")
    first, last, step = match.groups()
    if first == "*" and last:
        raise QuartzError(f"{name}: {text!r} is not understood")
    begin = low if first == "*" else int(first)
    end = int(last) if last else (high if first == "*" or step else begin)
    width = int(step or 1)
    if not (low <= begin <= high and low <= end <= high and 1 <= width <= high):
        raise QuartzError(f"{name}: {text!r} is outside {low}-{high}")
    size = high - low + 1
    if end < begin:
        end += size
    return frozenset((value - low) % size + low for value in range(begin, end + 1, width))


def _plain(name: str, text: str, low: int, high: int, names: dict[str, int]) -> frozenset[int]:
    return frozenset().union(*(_numbers(name, part, low, high, names) for part in text.split(",")))


def _without_c(text: str, rules: Rules) -> str:
    if re.fullmatch(r"[0-9]+C", text):
        if not rules.c_allowed:
            raise QuartzError(f"C is not implemented: {text!r}")
        return text[:-1]
    return text


def _month_days(text: str, rules: Rules) -> Days:
    if text == "?":
        return Days(given=False)
    numbers: set[int] = set()
    offsets: list[int] = []
    near: list[int] = []
    last_weekday = False
    for part in text.split(","):
        if part == "LW":
            last_weekday = True
        elif match := re.fullmatch(r"L(?:-([0-9]{1,2}))?", part):
            offsets.append(int(match[1] or 0))
        elif match := re.fullmatch(r"([0-9]{1,2})W", part):
            near += _numbers("dayOfMonth", match[1], 1, 31, {})
        else:
            numbers |= _numbers("dayOfMonth", _without_c(part, rules), 1, 31, {})
    return Days(True, frozenset(numbers), tuple(offsets), tuple(near), last_weekday)


def _week_days(text: str, rules: Rules) -> Days:
    if text == "?":
        return Days(given=False)
    names = DAY_NAMES if rules.names else {}
    numbers: set[int] = set()
    last_of: list[int] = []
    nth: list[tuple[int, int]] = []
    for part in text.split(","):
        if part == "L":
            numbers.add(7)
        elif match := re.fullmatch(r"(\w+)L", part):
            last_of += _numbers("dayOfWeek", match[1], 1, 7, names)
        elif match := re.fullmatch(r"(\w+)#([1-5])", part):
            nth += [(day, int(match[2])) for day in _numbers("dayOfWeek", match[1], 1, 7, names)]
        else:
            numbers |= _numbers("dayOfWeek", _without_c(part, rules), 1, 7, names)
    return Days(True, frozenset(numbers), last_of=tuple(last_of), nth_of=tuple(nth))


def _day_rule(fields: tuple[str, ...], rules: Rules) -> tuple[str, ...]:
    minute, hour, month_day, month, week_day = fields
    if (month_day == "?") != (week_day == "?") or rules.days == "accept":
        return fields
    if rules.days == "strict" or month_day == "?":
        raise QuartzError("exactly one of dayOfMonth and dayOfWeek must be ?")
    if week_day == "*":
        return minute, hour, month_day, month, "?"
    if month_day == "*":
        return minute, hour, "?", month, week_day
    raise QuartzError("dayOfMonth and dayOfWeek cannot both be given")


@lru_cache(maxsize=4096)
def parse(fields: tuple[str, ...], rules: Rules) -> tuple[Expression, tuple[str, ...]]:
    """Parse the five fields; return the expression and the fields as they are kept."""
    kept = _day_rule(fields, rules)
    minute, hour, month_day, month, week_day = kept
    expression = Expression(
        tuple(sorted(_plain("minute", minute, 0, 59, {}))),
        tuple(sorted(_plain("hour", hour, 0, 23, {}))),
        _month_days(month_day, rules),
        _plain("month", month, 1, 12, MONTH_NAMES if rules.names else {}),
        _week_days(week_day, rules),
    )
    return expression, kept


@lru_cache(maxsize=4096)
def next_after(expression: Expression, minute: int) -> int | None:
    """Cache :meth:`Expression.next_after`, for ten thousand tasks share few schedules."""
    return expression.next_after(minute * 60)
