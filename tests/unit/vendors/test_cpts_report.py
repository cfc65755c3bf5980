# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Figures of a load test's report, and what thresholds make of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import OptionError
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors import _cpts_report as report
from hypothesis import given
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_figures_have_our_names_and_exact_rates() -> None:
    outline = {
        "core_index": {
            "request_count": 12000,
            "success_count": 11988,
            "error_request_count": 12,
            "success_rate": 99,
            "rps": 200.5,
            "response_time": {"avg_response_time": 143.5, "avg_tp90": 260},
        }
    }
    assert report.figures(outline, []) == {
        "request_count": 12000,
        "success_count": 11988,
        "error_count": 12,
        "success_rate": 99.9,
        "error_rate": 0.1,
        "rps": 200.5,
        "average_response_time": 143.5,
        "tp90": 260,
    }


@pytest.mark.parametrize(
    ("cases", "tp99"),
    [([{"tp99": 700}, {"tp99": 900}], 900), ([{"tp99": 700}, {}], None), ([], None)],
)
def test_a_percentile_of_the_cases_needs_all_of_them(cases: list[dict[str, Any]], tp99: int | None) -> None:
    assert report.figures({}, cases).get("tp99") == tp99


@pytest.mark.parametrize(
    ("core", "rate"),
    [
        ({"request_count": 0, "success_count": 0, "success_rate": 100}, None),
        ({"success_rate": 97}, 97),
        ({"success_rate": 970}, None),
        ({"request_count": 10, "success_count": 11}, None),
        ({"request_count": 3, "success_count": 1}, pytest.approx(100 / 3)),
    ],
)
def test_a_rate_that_says_nothing_is_left_out(core: dict[str, Any], rate: float | None) -> None:
    assert report.figures({"core_index": core}, []).get("success_rate") == rate


def test_a_case_says_why_it_failed() -> None:
    detail = {"performance": {"failedReason": "connection refused", "requests": 4, "errorCount": 1}}
    assert report.case_figures({"name": "pay"}, detail) == {
        "name": "pay",
        "failed_reason": "connection refused",
        "request_count": 4,
        "error_count": 1,
        "error_rate": 25,
    }


@pytest.mark.parametrize(
    ("name", "wanted", "measured", "met"),
    [
        ("success_rate", 99.5, 99.5, True),
        ("success_rate", 99.5, 99.49, False),
        ("tp90", 300, 300, True),
        ("tp90", 300, 300.1, False),
        ("tp90", 300, None, False),
        ("request_count", 0, None, False),
    ],
)
def test_a_threshold_is_kept_or_missed(name: str, wanted: float, measured: float | None, met: bool) -> None:
    found = {} if measured is None else {name: measured}
    (row,) = report.judged({name: wanted}, found)
    assert row["met"] is met
    assert name in report.told(row)
    assert ("not in the report" in report.told(row)) is (measured is None)


@pytest.mark.parametrize(
    ("thresholds", "words"),
    [
        ({}, "sets no limit"),
        ({"tp90": None}, "sets no limit"),
        ({"tp90": -1.0}, "thresholds.tp90: -1.0"),
        ({"rps": float("nan")}, "thresholds.rps"),
        ({"success_rate": 100.5}, "100 percent"),
    ],
)
def test_a_threshold_that_makes_no_sense_is_refused(thresholds: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        report.check_thresholds(thresholds)


@given(outline=JSON, detail=JSON)
def test_whatever_the_server_sends_gives_numbers_or_nothing(outline: Any, detail: Any) -> None:
    case = report.case_figures({}, {"performance": detail})
    found = report.figures({"core_index": outline}, [case])
    assert all(isinstance(value, (int, float)) and 0 <= value < 1e18 for value in found.values())
    assert all(row["met"] is False for row in report.judged({"tp50": 1.0, "rps": 1.0}, {}))
