# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evaluator against dates worked out by hand from the calendar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from emulator.quartz import QuartzError, Rules, parse

START = datetime(2026, 1, 1, tzinfo=UTC)  # a Thursday


def first(text: str, rules: Rules = Rules()) -> str:  # noqa: B008
    """Return the first firing after the start, as text."""
    moment = parse(tuple(text.split()), rules)[0].next_after(START.timestamp())
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M") if moment else "never"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*/15 * ? * *", "2026-01-01 00:15"),
        ("0 3 ? * 1", "2026-01-04 03:00"),
        ("0 3 ? * 7", "2026-01-03 03:00"),
        ("0 3 L * ?", "2026-01-31 03:00"),
        ("0 3 L-2 * ?", "2026-01-29 03:00"),
        ("0 3 LW * ?", "2026-01-30 03:00"),
        ("0 3 10W * ?", "2026-01-09 03:00"),
        ("0 3 1W 2 ?", "2026-02-02 03:00"),
        ("0 3 ? * 6L", "2026-01-30 03:00"),
        ("0 3 ? * 2#3", "2026-01-19 03:00"),
        ("0 3 ? * L", "2026-01-03 03:00"),
        ("0 3 29 2 ?", "2028-02-29 03:00"),
        ("0 3 30 2 ?", "never"),
        ("0 22-2 ? * *", "2026-01-01 01:00"),
        ("5/20 8,9 5C * ?", "2026-01-05 08:05"),
    ],
)
def test_next(text: str, expected: str) -> None:
    """Every legal character of the fields fires when it should."""
    assert first(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "0 3 * * *",
        "0 3 ? * ?",
        "60 * ? * *",
        "0 24 ? * *",
        "0 0 ? * 0",
        "0 0 ? * 8",
        "0 0 ? * MON",
        "@x 0 ? * *",
        "0 0 0 * ?",
        "0 0 ? 13 *",
        "*/0 * ? * *",
        "? * ? * *",
        "0 0 ? * 5W",
        "0 0 2#1 * ?",
        " 0 ? * *x",
        "0 0 ? * 2#6",
    ],
)
def test_refused(text: str) -> None:
    """What Quartz does not take is an error."""
    fields = tuple(text.split())
    with pytest.raises(QuartzError):
        parse(fields if len(fields) == 5 else ("", *fields), Rules())


def test_rules() -> None:
    """The switches for day fields, names and C."""
    assert parse(("0", "0", "*", "*", "*"), Rules(days="normalise"))[1] == ("0", "0", "*", "*", "?")
    assert first("0 0 2 * 6", Rules(days="accept")) == "2026-01-02 00:00"
    assert first("0 3 ? feb MON-FRI", Rules(names=True)) == "2026-02-02 03:00"
    with pytest.raises(QuartzError):
        parse(("0", "0", "5C", "*", "?"), Rules(c_allowed=False))
