# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A schedule in plain English. Pure.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ._schedule import EVERY_DAY, EVERY_MONTH, EVERY_WEEKDAY, LAST_DAY, Moments

_MONTHS = "January February March April May June July August September October November December".split()
_WEEKDAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split()
_EVERY_HOUR = frozenset(range(24))
# More times of a day than this are told by their minutes and hours.
_MOST_TIMES = 6


def describe(moments: Moments) -> str:
    """Return when a schedule fires: ``at 02:30 on Monday to Friday in March``."""
    return " ".join(part for part in (_times(moments), _days(moments), _months(moments)) if part)


def _times(moments: Moments) -> str:
    minutes, hours = sorted(moments.minutes), sorted(moments.hours)
    step = _step(minutes, 60)
    often = {1: "every minute"}.get(step, f"every {step} minutes" if step else "")
    if often and moments.hours == _EVERY_HOUR:
        return often
    if moments.hours == _EVERY_HOUR:
        return "every hour" if minutes == [0] else f"at {_listed(minutes)} past every hour"
    if len(minutes) * len(hours) <= _MOST_TIMES:
        return f"at {_listed(f'{hour:02}:{minute:02}' for hour in hours for minute in minutes)}"
    spans = _listed(f"{first:02}:00-{last:02}:59" for first, last in _runs_of(hours))
    return f"{often or f'at {_listed(minutes)} past the hour'} in {spans}"


def _days(moments: Moments) -> str:
    by_month = f"on {_month_days(moments.days)}" if moments.days != EVERY_DAY else ""
    by_week = (
        f"on {_spans(sorted(moments.weekdays), _WEEKDAYS, 0)}" if moments.weekdays != EVERY_WEEKDAY else ""
    )
    if moments.either_day:
        return f"{by_month} or {by_week}" if by_month and by_week else "every day"
    if by_month and by_week:
        return f"{by_month} when that is a {by_week.removeprefix('on ')}"
    return by_month or by_week or ("" if moments.hours == _EVERY_HOUR else "every day")


def _month_days(days: Iterable[int]) -> str:
    numbers = sorted(days)
    if numbers == [LAST_DAY]:
        return "the last day of the month"
    noun = "day" if len(numbers) == 1 else "days"
    return f"{noun} {_spans(numbers, [str(number) for number in range(32)], 0)} of the month"


def _months(moments: Moments) -> str:
    if moments.months == EVERY_MONTH:
        return ""
    return f"in {_spans(sorted(moments.months), _MONTHS, 1)}"


def _step(minutes: Sequence[int], span: int) -> int:
    """Return every how many minutes it is, where they are spread evenly over the hour; else 0."""
    step = span // len(minutes)
    return step if list(minutes) == list(range(0, span, step)) and step < span else 0


def _spans(numbers: Sequence[int], names: Sequence[str], first: int) -> str:
    """Return names with runs of three or more as ``Monday to Friday``."""
    parts: list[str] = []
    for begin, end in _runs_of(numbers):
        if end - begin > 1:
            parts.append(f"{names[begin - first]} to {names[end - first]}")
        else:
            parts += [names[number - first] for number in range(begin, end + 1)]
    return _listed(parts)


def _runs_of(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    begin = previous = numbers[0]
    for number in numbers[1:]:
        if number != previous + 1:
            yield begin, previous
            begin = number
        previous = number
    yield begin, previous


def _listed(items: Iterable[object]) -> str:
    texts = [str(item) for item in items]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
