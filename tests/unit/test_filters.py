# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters, and schedules in plain English."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.taskbridge.vendors.plugins.filter.schedules import FilterModule

FILTERS = FilterModule().filters()


@pytest.mark.parametrize(
    ("schedule", "options", "runs"),
    [
        (
            "0 12 * * *",
            {"count": 2, "after": "2030-01-01T12:00:00Z"},
            ["2030-01-02T12:00:00+00:00", "2030-01-03T12:00:00+00:00"],
        ),
        ("0 12 * * *", {"count": 0}, []),
        (
            {"cron": "@monthly", "timezone": "Europe/Zurich", "start": "2030-02-01", "max_runs": 1},
            {"after": "2030-01-01"},
            ["2030-02-01T00:00:00+01:00"],
        ),
        (
            {"at": "2030-02-01T12:00:00", "timezone": "Asia/Kolkata"},
            {"after": "2030-01-01"},
            ["2030-02-01T12:00:00+05:30"],
        ),
        ({"at": "2030-02-01T12:00:00"}, {"after": "2031-01-01"}, []),
    ],
)
def test_next_runs(schedule: Any, options: dict[str, Any], runs: list[str]) -> None:
    assert FILTERS["next_runs"](schedule, **options) == runs


def test_quartz_there_and_back() -> None:
    summer = "2030-07-01"
    assert FILTERS["cron_to_quartz"]("0 20 4 * *", "America/Los_Angeles", at=summer) == ["0 3 5 * ?"]
    assert FILTERS["quartz_to_cron"]("0 3 5 * ?", "America/Los_Angeles", at=summer) == "0 20 4 * *"
    assert len(FILTERS["cron_to_quartz"]("0 0,12 * * mon", "Africa/Lagos")) == 2


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("next_runs", ("61 * * * *",), "next_runs: cron: '61 * * * *'"),
        ("next_runs", ({"quartz": "0 0 * * ?"},), "no schedule"),
        ("next_runs", ({"cron": "@daily", "cycle": "x"},), "schedule.cycle cannot be computed with"),
        ("next_runs", ("@daily", 5, "soon"), "after: 'soon'"),
        ("next_runs", ("@daily", 5, None, "Nowhere"), "timezone: 'Nowhere'"),
        ("cron_to_quartz", ("0 0 1 * mon",), "both the day of month and the day of week"),
        ("quartz_to_cron", ("0 0 15W * ?",), "no one crontab"),
        ("quartz_to_cron", ("0 0 * * *",), "exactly one ?"),
        ("describe_schedule", (7,), "no schedule"),
    ],
)
def test_a_filter_names_what_is_wrong(name: str, arguments: tuple[Any, ...], words: str) -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        FILTERS[name](*arguments)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("schedule", "text"),
    [
        ("* * * * *", "every minute, UTC"),
        ("*/15 * * * *", "every 15 minutes, UTC"),
        ("@hourly", "every hour, UTC"),
        ("5,35 * * * *", "at 5 and 35 past every hour, UTC"),
        ("@daily", "at 00:00 every day, UTC"),
        ("30 2 * * mon-fri", "at 02:30 on Monday to Friday, UTC"),
        ("0 6,18 * * sat,sun", "at 06:00 and 18:00 on Sunday and Saturday, UTC"),
        ("*/10 8-17 * * 1-5", "every 10 minutes in 08:00-17:59 on Monday to Friday, UTC"),
        (
            "7,8,9 */6 * * *",
            "at 7, 8 and 9 past the hour in 00:00-00:59, 06:00-06:59, 12:00-12:59 and 18:00-18:59 every day, "
            "UTC",
        ),
        ("0 0 1 1-3,7 *", "at 00:00 on day 1 of the month in January to March and July, UTC"),
        ("0 0 1,15 * *", "at 00:00 on days 1 and 15 of the month, UTC"),
        ("0 0 13 * fri", "at 00:00 on day 13 of the month or on Friday, UTC"),
        ("0 0 */14 * mon", "at 00:00 on days 1, 15 and 29 of the month when that is a Monday, UTC"),
        ("* * * * mon", "every minute on Monday, UTC"),
        (
            {
                "cron": "0 0 * * *",
                "timezone": "Europe/Zurich",
                "start": "2030-01-01",
                "end": "2031-01-01",
                "max_runs": 9,
            },
            "at 00:00 every day, Europe/Zurich time, from 2030-01-01 00:00, until 2031-01-01 00:00, "
            "9 times at most",
        ),
        ({"at": "2030-01-31T18:30:00", "timezone": "Asia/Kolkata"}, "once at 2030-01-31 18:30"),
    ],
)
def test_plain_english(schedule: Any, text: str) -> None:
    assert FILTERS["describe_schedule"](schedule) == text
