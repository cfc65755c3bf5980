# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules: crontab, Quartz, and the times of runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import OptionError
from ansible_collections.taskbridge.vendors.plugins.module_utils._schedule import (
    Moments,
    Quartz,
    next_runs,
    parse_crontab,
    parse_instant,
    parse_quartz,
    parse_zone,
    to_crontab,
    to_quartz,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def numbers(low: int, high: int) -> st.SearchStrategy[frozenset[int]]:
    """Draw a set of numbers, the full one often enough to meet ``*``."""
    return st.one_of(
        st.just(frozenset(range(low, high + 1))),
        st.frozensets(st.integers(low, high), min_size=1, max_size=8),
        st.integers(2, 7).map(lambda step: frozenset(range(low, high + 1, step))),
    )


EVERY_DAY, EVERY_WEEKDAY = frozenset(range(1, 32)), frozenset(range(7))
MOMENTS = st.builds(
    lambda minutes, hours, day, months: Moments(minutes, hours, day[0], months, day[1]),
    numbers(0, 59),
    numbers(0, 23),
    st.one_of(
        numbers(1, 31).map(lambda days: (days, EVERY_WEEKDAY)),
        numbers(0, 6).map(lambda days: (EVERY_DAY, days)),
    ),
    numbers(1, 12),
)


def fires(text: str, moment: datetime) -> bool:
    """Say by brute force whether Quartz fields made of digits, ranges, lists and steps fit a minute."""
    values = (moment.minute, moment.hour, moment.day, moment.month, moment.isoweekday() % 7 + 1)
    lows = (0, 0, 1, 1, 1)
    return all(
        any(_item_fits(item, value, low) for item in field.split(","))
        for field, value, low in zip(text.split(), values, lows, strict=True)
    )


def _item_fits(item: str, value: int, low: int) -> bool:
    span, _slash, step = item.partition("/")
    if span in ("*", "?"):
        return (value - low) % int(step or 1) == 0
    first, _dash, last = span.partition("-")
    return int(first) <= value <= int(last or first)


@given(MOMENTS, st.integers(0, 60 * 24 * 366 * 4))
def test_quartz_fires_when_the_crontab_does(moments: Moments, minute: int) -> None:
    """The text that is sent means what was declared, at any minute of four years."""
    quartz = to_quartz(moments, "cron", "")
    moment = NOW + timedelta(minutes=minute)
    declared = moment.minute in moments.minutes and moment.hour in moments.hours and moments.fires_on(moment)
    assert fires(quartz.text, moment) == declared
    assert (quartz.day_of_month == "?") != (quartz.day_of_week == "?")
    assert parse_quartz(quartz.text, "quartz") == quartz


@given(MOMENTS)
def test_round_trip(moments: Moments) -> None:
    """Crontab to Quartz to crontab and back is the same schedule."""
    quartz = to_quartz(moments, "cron", "")
    crontab = to_crontab(quartz)
    assert crontab is not None
    assert to_quartz(parse_crontab(crontab, "cron"), "cron", crontab) == quartz


@pytest.mark.parametrize(
    ("crontab", "quartz"),
    [
        ("30 2 * * mon-fri", "30 2 ? * 2-6"),
        ("0 0 * * *", "0 0 * * ?"),
        ("*/15 8-17 * jan,JUL *", "*/15 8-17 * 1,7 ?"),
        ("0 6 1 */3 *", "0 6 1 */3 ?"),
        ("0 0 * * 0", "0 0 ? * 1"),
        ("0 0 * * 7", "0 0 ? * 1"),
        ("0 0 * * 5-7", "0 0 ? * 1,6,7"),
        ("0 0 1-31 * mon", "0 0 * * ?"),
    ],
)
def test_examples(crontab: str, quartz: str) -> None:
    """Days of the week count from 1 for Sunday, and one day field is ?."""
    assert to_quartz(parse_crontab(crontab, "cron"), "cron", crontab).text == quartz


@pytest.mark.parametrize(
    ("crontab", "said"),
    [
        ("61 2 * * *", ["'61'", "minute", "0-59"]),
        ("0 24 * * *", ["'24'", "hour", "0-23"]),
        ("0 0 0 * *", ["day of month", "1-31"]),
        ("0 0 * foo *", ["'foo'", "month", "jan-dec"]),
        ("0 0 * * 8", ["day of week", "0-7"]),
        ("5-1 0 * * *", ["'5-1'"]),
        ("*/0 0 * * *", ["'*/0'"]),
        (", 0 * * *", ["minute"]),
        ("٣ 0 * * *", ["minute"]),
        ("0 0 * *", ["4 fields"]),
        ("", ["0 fields"]),
    ],
)
def test_refusals_name_field_text_and_range(crontab: str, said: list[str]) -> None:
    """A wrong field is named with what is allowed."""
    with pytest.raises(OptionError) as refused:
        parse_crontab(crontab, "schedule.cron")
    for text in ["schedule.cron", *said]:
        assert text in str(refused.value)


def test_both_days_restricted_cannot_be_said() -> None:
    """Crontab's "either day" has no Quartz form, and */2 with a weekday means "both"."""
    for text in ("0 0 1 * mon", "0 0 */2 * mon"):
        with pytest.raises(OptionError, match="restricts both"):
            to_quartz(parse_crontab(text, "cron"), "cron", text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0,15,30,45 * * * ?", "*/15 * * * ?", True),
        ("0/15 * * * ?", "*/15 * * * ?", True),
        ("0 0 ? * 1,2,3,4,5,6,7", "0 0 * * ?", True),
        ("0 0 ? * 1", "0 0 ? * 2", False),
        ("0 3 L * ?", "0 3 L * ?", True),
        ("0 3 L * ?", "0 3 LW * ?", False),
        ("0 3 L * ?", "0 3 1 * ?", False),
    ],
)
def test_same_ignores_spelling(one: str, other: str, same: bool) -> None:
    """Two texts are the same when they fire at the same minutes."""
    assert Quartz(*one.split()).same(Quartz(*other.split())) is same
    assert Quartz(*other.split()).same(Quartz(*one.split())) is same


@pytest.mark.parametrize("text", ["0 3 L * ?", "0 3 15W * ?", "0 3 ? * 6#3", "0 3 L-3 * ?", "0 3 ? * 6L"])
def test_quartz_specials_are_kept(text: str) -> None:
    """What crontab cannot say is sent as written and shown as written."""
    assert parse_quartz(text, "quartz").text == text
    assert to_crontab(parse_quartz(text, "quartz")) is None


@pytest.mark.parametrize(
    "text", ["0 0 * * *", "0 0 ? * ?", "0 0 * * 8", "60 0 * * ?", "0 0 ? * mon", "0 0 * ?"]
)
def test_wrong_quartz_is_refused(text: str) -> None:
    """Exactly one ?, digits only, in range."""
    with pytest.raises(OptionError, match=r"schedule\.quartz"):
        parse_quartz(text, "schedule.quartz")


def test_next_runs_honour_start_end_and_limit() -> None:
    """Start and end are included; a leap day is found years ahead."""
    daily = parse_crontab("0 12 * * *", "cron")
    assert [run.day for run in next_runs(daily, NOW)] == [1, 2, 3, 4, 5]
    start = datetime(2030, 1, 3, 12, tzinfo=UTC)
    assert next_runs(daily, NOW, start, start + timedelta(days=1)) == [start, start + timedelta(days=1)]
    assert next_runs(daily, NOW, end=NOW) == []
    assert len(next_runs(daily, NOW, limit=2)) == 2
    leap = next_runs(parse_crontab("0 0 29 2 *", "cron"), NOW, limit=2)
    assert [(run.year, run.month, run.day) for run in leap] == [(2032, 2, 29), (2036, 2, 29)]
    assert next_runs(parse_crontab("0 0 31 2 *", "cron"), NOW) == []


@pytest.mark.parametrize(
    "text", ["2030-01-01T00:00:00Z", "2030-01-01", "2030-01-01T01:00:00+01:00", "2030-01-01 00:00:00+00:00"]
)
def test_instants(text: str) -> None:
    """Z, an offset, or none, which is UTC."""
    assert parse_instant(text, "start") == NOW


def test_wrong_instant_is_refused() -> None:
    """The option and the text are named."""
    with pytest.raises(OptionError, match=r"schedule\.start.*'soon'"):
        parse_instant("soon", "schedule.start")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2030-01-31T18:30:00", "2030-01-31T17:30:00+00:00"),
        ("2030-07-31T18:30:00", "2030-07-31T16:30:00+00:00"),
        ("2030-07-31T18:30:00Z", "2030-07-31T18:30:00+00:00"),
        ("2030-07-31T18:30:00+05:30", "2030-07-31T13:00:00+00:00"),
    ],
)
def test_a_time_without_an_offset_is_read_in_the_zone(text: str, utc: str) -> None:
    zone = parse_zone("Europe/Zurich", "schedule.timezone")
    assert parse_instant(text, "schedule.at", zone).isoformat() == utc


@pytest.mark.parametrize("name", ["Europe/Nowhere", "", "../etc/passwd", "Europe", "a\0b"])
def test_a_zone_that_is_not_known_is_refused(name: str) -> None:
    with pytest.raises(OptionError, match=r"^schedule\.timezone: .* is not a time zone"):
        parse_zone(name, "schedule.timezone")


def test_the_end_of_the_calendar_is_no_accident() -> None:
    """Times that Python's calendar ends before are refused, or give fewer runs."""
    far = datetime(9999, 12, 29, tzinfo=UTC)
    assert next_runs(parse_crontab("0 0 * * *", "cron"), NOW, start=far) == [far, far + timedelta(days=1)]
    for text in ("0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"):
        with pytest.raises(OptionError, match="start"):
            parse_instant(text, "start")


def test_question_mark_stands_alone() -> None:
    """A ? is no item of a list."""
    with pytest.raises(OptionError, match="quartz"):
        parse_quartz("0 0 ?,1 * ?", "quartz")
