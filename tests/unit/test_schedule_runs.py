# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The next runs against a loop over all minutes of some days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ansible_collections.taskbridge.vendors.plugins.module_utils._schedule import next_runs, parse_crontab
from hypothesis import given, settings
from hypothesis import strategies as st

MINUTE = timedelta(minutes=1)


def some(low: int, high: int) -> st.SearchStrategy[frozenset[int]]:
    return st.frozensets(st.integers(low, high), min_size=1, max_size=6)


def written(values: frozenset[int] | None) -> str:
    return "*" if values is None else ",".join(map(str, values))


@settings(max_examples=30, deadline=None)
@given(some(0, 59), some(0, 23), st.none() | some(1, 31), st.none() | some(0, 7), st.integers(0, 1_500_000))
def test_next_runs_are_those_of_a_loop(
    minutes: frozenset[int],
    hours: frozenset[int],
    days: frozenset[int] | None,
    weekdays: frozenset[int] | None,
    offset: int,
) -> None:
    def fires(moment: datetime) -> bool:
        by_day = days is not None and moment.day in days
        by_weekday = weekdays is not None and not weekdays.isdisjoint(
            {moment.isoweekday(), moment.isoweekday() % 7}
        )
        fits = by_day or by_weekday or (days is None and weekdays is None)
        return moment.minute in minutes and moment.hour in hours and fits

    text = f"{written(minutes)} {written(hours)} {written(days)} * {written(weekdays)}"
    now = datetime(2028, 2, 25, tzinfo=UTC) + offset * MINUTE
    length = 4 * 24 * 60
    expected = [moment for number in range(1, length + 1) if fires(moment := now + number * MINUTE)]
    found = next_runs(parse_crontab(text, "cron"), now, end=now + length * MINUTE, limit=length)
    assert found == expected
