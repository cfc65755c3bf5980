# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quartz expressions in UTC: reading, writing, and what a local schedule becomes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import OptionError
from ansible_collections.taskbridge.vendors.plugins.module_utils._quartz import (
    InexpressibleError,
    Quartz,
    from_utc,
    in_utc,
    nearest,
    parse_quartz,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._schedule import (
    Moments,
    crontab,
    fire_times,
    parse_crontab,
)
from emulator.quartz import Rules
from emulator.quartz import parse as parse_apart
from hypothesis import given
from hypothesis import strategies as st
from unit.test_schedule_oracles import ZONES, Crontabs

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def utc_quartz(moments: Moments) -> Quartz:
    """Return the one expression of a schedule that is in UTC already."""
    (quartz,) = in_utc(moments, UTC, NOW).parts
    return quartz


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
    quartz = utc_quartz(moments)
    moment = NOW + timedelta(minutes=minute)
    declared = moment.minute in moments.minutes and moment.hour in moments.hours and moments.fires_on(moment)
    assert fires(quartz.text, moment) == declared
    assert (quartz.day_of_month == "?") != (quartz.day_of_week == "?")
    assert parse_quartz(quartz.text, "quartz") == quartz


@given(MOMENTS)
def test_round_trip(moments: Moments) -> None:
    """Crontab to Quartz to crontab and back is the same schedule."""
    quartz = utc_quartz(moments)
    again = from_utc(quartz, UTC, NOW)
    assert again == moments
    text = crontab(again)
    assert text is not None
    assert utc_quartz(parse_crontab(text, "cron")) == quartz


@pytest.mark.parametrize(
    ("text", "quartz"),
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
def test_examples(text: str, quartz: str) -> None:
    """Days of the week count from 1 for Sunday, and one day field is ?."""
    assert utc_quartz(parse_crontab(text, "cron")).text == quartz


def test_both_days_restricted_cannot_be_said() -> None:
    """Crontab's "either day" has no Quartz form, and */2 with a weekday means "both"."""
    for text in ("0 0 1 * mon", "0 0 */2 * mon"):
        with pytest.raises(InexpressibleError, match="restricts both"):
            utc_quartz(parse_crontab(text, "cron"))


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
    shown = from_utc(parse_quartz(text, "quartz"), UTC, NOW)
    assert shown is None or crontab(shown) is None


@pytest.mark.parametrize(
    "text", ["0 0 * * *", "0 0 ? * ?", "0 0 * * 8", "60 0 * * ?", "0 0 ? * mon", "0 0 * ?"]
)
def test_wrong_quartz_is_refused(text: str) -> None:
    """Exactly one ?, digits only, in range."""
    with pytest.raises(OptionError, match=r"schedule\.quartz"):
        parse_quartz(text, "schedule.quartz")


def test_question_mark_stands_alone() -> None:
    """A ? is no item of a list."""
    with pytest.raises(OptionError, match="quartz"):
        parse_quartz("0 0 ?,1 * ?", "quartz")


ZURICH, LOS_ANGELES, KOLKATA = (
    ZoneInfo(name) for name in ("Europe/Zurich", "America/Los_Angeles", "Asia/Kolkata")
)
SUMMER = datetime(2030, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "now", "parts"),
    [
        # The vendor's page on cron expressions: 8:00 p.m. PDT on the fourth is 3:00 UTC on the fifth.
        ("0 20 4 * *", LOS_ANGELES, SUMMER, ["0 3 5 * ?"]),
        ("0 20 4 * *", LOS_ANGELES, NOW, ["0 4 5 * ?"]),
        ("30 2 * * mon-fri", ZURICH, NOW, ["30 1 ? * 2-6"]),
        ("30 0 * * mon-fri", ZURICH, NOW, ["30 23 ? * 1-5"]),
        ("0 20 * * fri,sat", LOS_ANGELES, NOW, ["0 4 ? * 1,7"]),
        ("0 9 1 * *", KOLKATA, NOW, ["30 3 1 * ?"]),
        ("0 0 1 * *", ZURICH, NOW, ["0 23 L * ?"]),
        ("0 0 1 3 *", ZURICH, NOW, ["0 23 L 2 ?"]),
        ("0 0 1 2 *", ZURICH, NOW, ["0 23 31 1 ?"]),
        ("0 20 31 * *", LOS_ANGELES, NOW, ["0 4 1 1,2,4,6,8,9,11 ?"]),
        ("0 20 * * *", LOS_ANGELES, NOW, ["0 4 * * ?"]),
        ("0 */6 * * *", KOLKATA, NOW, ["30 */6 * * ?"]),
        ("*/15 * * * *", KOLKATA, NOW, ["*/15 * * * ?"]),
        ("30 */8 * * *", ZURICH, SUMMER, ["30 6,14,22 * * ?"]),
        # Several: over midnight, over the end of a month, and with half hours.
        ("0 0,12 * * mon", ZURICH, NOW, ["0 23 ? * 1", "0 11 ? * 2"]),
        ("0 0 1,15 * *", ZURICH, NOW, ["0 23 14 * ?", "0 23 L * ?"]),
        ("0 20 30 * *", LOS_ANGELES, NOW, ["0 4 31 1,3,8 ?", "0 4 1,31 5,7,10,12 ?"]),
        ("0,30 9 * * *", KOLKATA, NOW, ["30 3 * * ?", "0 4 * * ?"]),
        ("0 20 * 6 *", LOS_ANGELES, NOW, ["0 3 2-30 6 ?", "0 3 1 7 ?"]),
    ],
)
def test_a_local_schedule_in_utc(text: str, zone: ZoneInfo, now: datetime, parts: list[str]) -> None:
    converted = in_utc(parse_crontab(text, "cron"), zone, now)
    assert [part.text for part in converted.parts] == parts
    assert bool(converted.reason) == (len(parts) > 1)
    if len(parts) == 1:
        assert from_utc(converted.parts[0], zone, now) == parse_crontab(text, "cron")


@pytest.mark.parametrize(
    ("text", "zone", "why"),
    [
        ("0 0 1 * mon", ZURICH, "both the day of month and the day of week"),
        ("0 20 28 * *", LOS_ANGELES, "leap years"),
        ("0 0 29 * *", ZURICH, "leap years"),
        ("0 0 * jun mon", ZURICH, "ends of the months"),
    ],
)
def test_what_no_expressions_can_say(text: str, zone: ZoneInfo, why: str) -> None:
    with pytest.raises(InexpressibleError, match=why):
        in_utc(parse_crontab(text, "cron"), zone, NOW)


@pytest.mark.parametrize(
    ("text", "zone", "until"),
    [
        ("30 2 * * *", ZURICH, "2030-03-31T01:00:00+00:00"),
        ("30 * * * *", ZURICH, None),  # each hour is each hour, whatever the clock says
        ("30 2 * 1,2 *", ZURICH, None),  # the clocks are never set in these months
        ("30 2 * 1,7 *", ZURICH, "2030-03-31T01:00:00+00:00"),
        ("30 2 * 8 *", ZURICH, None),
        ("30 2 * * *", KOLKATA, None),
        ("30 2 * * *", UTC, None),
    ],
)
def test_until_when_it_is_right(text: str, zone: ZoneInfo, until: str | None) -> None:
    found = in_utc(parse_crontab(text, "cron"), zone, NOW).valid_until
    assert (found and found.isoformat()) == until


@pytest.mark.parametrize(
    ("text", "zone", "near"),
    [
        ("0 0,12 * * mon", ZURICH, ["0 1,13 * * 1"]),
        ("0 0 1,15 * *", ZURICH, ["0 1 1,15 * *"]),
        ("0 20 30 * *", LOS_ANGELES, ["45 15 30 * *"]),
        ("0,30 9 * * *", KOLKATA, []),
    ],
)
def test_the_nearest_that_can_be_said(text: str, zone: ZoneInfo, near: list[str]) -> None:
    assert [crontab(moments) for moments in nearest(parse_crontab(text, "cron"), zone, NOW)] == near


HORIZON = timedelta(days=400)


def fires_by_the_emulator(quartz: Quartz, now: datetime, end: datetime) -> set[datetime]:
    """Evaluate the fields by the emulator's own reading of Quartz, which shares no code with ours."""
    expression, _kept = parse_apart(tuple(quartz.text.split()), Rules())
    found, moment = set(), now.timestamp()
    while (following := expression.next_after(moment)) is not None and following < end.timestamp():
        found.add(datetime.fromtimestamp(following, UTC))
        moment = following
    return found


@pytest.mark.parametrize("name", ZONES)
def test_the_instants_in_utc_are_those_in_the_zone(name: str) -> None:
    """Over 400 days, or until valid_until: the expressions fire when the crontab does, and no part twice."""
    zone, crontabs, several, asked = ZoneInfo(name), Crontabs(f"{name} in UTC"), 0, 0
    while asked < 60:
        text = crontabs.draw()
        now = crontabs.instant(zone, at_transitions=asked % 2 == 0)
        moments = parse_crontab(text, "cron")
        if len(moments.minutes) * len(moments.hours) > 8:
            continue
        try:
            converted = in_utc(moments, zone, now)
        except InexpressibleError:
            continue
        end = min(converted.valid_until or now + HORIZON, now + HORIZON)
        wanted = set(fire_times(moments, zone, now, end - timedelta(seconds=1)))
        parts = [fires_by_the_emulator(part, now, end) for part in converted.parts]
        assert set().union(*parts) == wanted, f"{text!r} in {name} at {now}: {converted}"
        assert sum(len(part) for part in parts) == len(wanted)
        asked += 1
        several += len(parts) > 1
    assert several
