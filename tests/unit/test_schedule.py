# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules: crontab, time zones, and the times of runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import OptionError
from ansible_collections.taskbridge.vendors.plugins.module_utils._schedule import (
    NICKNAMES,
    crontab,
    next_runs,
    next_transition,
    parse_crontab,
    parse_instant,
    parse_zone,
)

NOW = datetime(2030, 1, 1, tzinfo=UTC)


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
        ("5/15 0 * * *", ["'5/15'", "minute", "5-59/15"]),
        ("0 0 * * fri-sun", ["'fri-sun'", "day of week", "sun-sat"]),
        ("@reboot", ["@reboot", "@daily"]),
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


@pytest.mark.parametrize("nickname", NICKNAMES)
def test_nicknames(nickname: str) -> None:
    """@daily and its kin mean what they are short for, in any case of letters."""
    assert parse_crontab(nickname.upper(), "cron") == parse_crontab(NICKNAMES[nickname], "cron")


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("0 0 */2 * mon", "0 0 */2 * 1"),
        ("0 0 1,15 * mon", "0 0 1,15 * 1"),
        ("0,15,30,45 0-23 * * *", "0,15,30,45 0-23 * * *"),
        ("*/15 * * * *", "*/15 * * * *"),
        ("0 0 1-31 * mon", "0 0 * * *"),
    ],
)
def test_a_crontab_is_written(text: str, again: str) -> None:
    """As short as it can be without changing what it means."""
    assert crontab(parse_crontab(text, "cron")) == again


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
    assert next_runs(parse_crontab("0 0 * * *", "cron"), NOW, start=far) == [far]
    assert next_runs(parse_crontab("0 0 * * *", "cron"), NOW, start=far + timedelta(days=2)) == []
    for text in ("0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"):
        with pytest.raises(OptionError, match="start"):
            parse_instant(text, "start")


@pytest.mark.parametrize(("used", "left"), [(0, 5), (1, 4), (4, 1), (5, 0), (50, 0)])
def test_runs_since_the_start_are_used_up(used: int, left: int) -> None:
    """Of max_runs, those between start and now are over."""
    daily = parse_crontab("0 12 * * *", "cron")
    runs = next_runs(daily, NOW, NOW - timedelta(days=used), max_runs=5)
    assert len(runs) == left
    assert len(next_runs(daily, NOW, max_runs=3)) == 3


@pytest.mark.parametrize(
    ("text", "now", "runs"),
    [
        # Zurich skips 02:00-03:00 on 31 March 2030 and repeats it on 27 October.
        ("30 2 * * *", "2030-03-30T12:00:00Z", ["03-31T03:00:00+02:00", "04-01T02:30:00+02:00"]),
        ("15,45 2 * * *", "2030-03-30T12:00:00Z", ["03-31T03:00:00+02:00", "04-01T02:15:00+02:00"]),
        ("30 * * * *", "2030-03-31T00:00:00Z", ["03-31T01:30:00+01:00", "03-31T03:30:00+02:00"]),
        ("30 2 * * *", "2030-10-26T12:00:00Z", ["10-27T02:30:00+02:00", "10-28T02:30:00+01:00"]),
        ("30 * * * *", "2030-10-27T00:00:00Z", ["10-27T02:30:00+02:00", "10-27T02:30:00+01:00"]),
        ("*/30 2 * * *", "2030-10-27T00:10:00Z", ["10-27T02:30:00+02:00", "10-27T02:00:00+01:00"]),
    ],
)
def test_a_change_of_the_clocks(text: str, now: str, runs: list[str]) -> None:
    """As cron(8) says: fixed times run once and are not lost, open ones follow the clock."""
    zone = ZoneInfo("Europe/Zurich")
    found = next_runs(parse_crontab(text, "cron"), datetime.fromisoformat(now), zone=zone, limit=2)
    assert [run.isoformat() for run in found] == [f"2030-{run}" for run in runs]


def test_transitions_are_found_to_the_second() -> None:
    """Both of a year, and none where the clocks are never set."""
    zurich = ZoneInfo("Europe/Zurich")
    spring = next_transition(zurich, NOW)
    assert spring == datetime(2030, 3, 31, 1, tzinfo=UTC)
    assert next_transition(zurich, spring) == datetime(2030, 10, 27, 1, tzinfo=UTC)
    assert next_transition(ZoneInfo("Asia/Kolkata"), NOW) is None
    assert next_transition(zurich, datetime(9999, 12, 30, tzinfo=UTC)) is None
