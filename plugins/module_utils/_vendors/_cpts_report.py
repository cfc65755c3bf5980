# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a load test: its figures in our words, and whether they keep the limits set for them.

Names of the wire: the pages ShowMergeReportLogsOutline, ShowMergeTaskCase and ShowMergeCaseDetail, and the
models CoreIndex, ResponseTimeInfo, CaseAwInfo and CaseReportDetail of the vendor's SDK. That times are in
milliseconds and ``success_rate`` is a percentage rests on inference: no page names a unit.
This file is private to the collection and may change at any time. Pure: no I/O.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import OptionError


@dataclass(frozen=True)
class Limit:
    """What a threshold means for its figure: the least or the most that is good."""

    is_least: bool
    unit: str = ""

    def keeps(self, measured: float | None, wanted: float) -> bool:
        """Return whether a figure is good; one that is not known is not."""
        if measured is None:
            return False
        return measured >= wanted if self.is_least else measured <= wanted


PERCENT, MILLISECONDS = " %", " ms"
LIMITS = {
    "success_rate": Limit(True, PERCENT),
    "error_rate": Limit(False, PERCENT),
    "average_response_time": Limit(False, MILLISECONDS),
    "max_response_time": Limit(False, MILLISECONDS),
    "tp50": Limit(False, MILLISECONDS),
    "tp90": Limit(False, MILLISECONDS),
    "tp95": Limit(False, MILLISECONDS),
    "tp99": Limit(False, MILLISECONDS),
    "rps": Limit(True, " per second"),
    "tps": Limit(True, " per second"),
    "request_count": Limit(True),
}
# Figures of a case that the summary of the run does not have. Of all requests together such a percentile
# is at most that of the slowest case.
_OF_CASES = ("tp95", "tp99")
_MOST = 1e15  # no count and no time is as large; such a number is none of the report
_CORE = {
    "request_count": "request_count",
    "success_count": "success_count",
    "error_count": "error_request_count",
    "success_rate": "success_rate",
    "rps": "rps",
    "max_rps": "max_rps",
    "tps": "trans_tps",
    "max_users": "max_users",
}
_TIMES = {
    "average_response_time": "avg_response_time",
    "min_response_time": "min_response_time",
    "max_response_time": "max_response_time",
    "tp50": "avg_tp50",
    "tp90": "avg_tp90",
}
_DETAIL = {
    "request_count": "requests",
    "success_count": "successCount",
    "error_count": "errorCount",
    "success_rate": "successRate",
    "average_response_time": "averageRespTime",
    "max_response_time": "maxRespTime",
    "tp50": "tp50",
    "tp90": "tp90",
    "tp95": "tp95",
    "tp99": "tp99",
    "rps": "tps",
    "tps": "tranTPS",
}


def check_thresholds(thresholds: Mapping[str, Any]) -> dict[str, float]:
    """Return the limits that are set. Raises OptionError for one that nothing or everything would keep."""
    given = {name: value for name, value in thresholds.items() if value is not None}
    if not given:
        raise OptionError("thresholds", {}, "sets no limit", "Set one, or leave thresholds out.")
    for name, value in given.items():
        option = f"thresholds.{name}"
        if not math.isfinite(value) or value < 0:
            raise OptionError(option, value, "is no number from 0 up", "Use 250, for example.")
        if LIMITS[name].unit == PERCENT and value > 100:
            raise OptionError(option, value, "is more than 100 percent", "Use 99.5, for example.")
    return given


def figures(outline: Any, cases: list[dict[str, Any]]) -> dict[str, float]:
    """Return the figures of a run; what the report does not give is left out."""
    core = _mapping(_mapping(outline).get("core_index"))
    found = {**_read(core, _CORE), **_read(_mapping(core.get("response_time")), _TIMES)}
    for name in _OF_CASES:
        shown = [case[name] for case in cases if name in case]
        if shown and len(shown) == len(cases):
            found[name] = max(shown)
    return _with_rates(found)


def case_figures(row: Mapping[str, Any], detail: Any) -> dict[str, Any]:
    """Return the outline of a case of a run: its name, its figures, and why it failed if that is said."""
    performance = _mapping(_mapping(detail).get("performance"))
    reason = performance.get("failedReason")
    return {
        "name": str(row.get("name") or performance.get("name") or ""),
        "failed_reason": reason if isinstance(reason, str) else "",
        **_with_rates(_read(performance, _DETAIL)),
    }


def judged(thresholds: Mapping[str, float], found: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return for each threshold what was wanted, what was measured, and whether that is good."""
    return [
        {
            "figure": name,
            "kind": "at_least" if LIMITS[name].is_least else "at_most",
            "wanted": wanted,
            "measured": found.get(name),
            "met": LIMITS[name].keeps(found.get(name), wanted),
        }
        for name, wanted in thresholds.items()
    ]


def told(judgement: Mapping[str, Any]) -> str:
    """Write in words how a figure misses its threshold."""
    name, unit = judgement["figure"], LIMITS[judgement["figure"]].unit
    wanted = f"wanted is {judgement['kind'].replace('_', ' ')} {judgement['wanted']:.12g}{unit}"
    if judgement["measured"] is None:
        return f"{name} is not in the report, {wanted}"
    return f"{name} is {judgement['measured']:.12g}{unit}, {wanted}"


def _read(wire: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, float]:
    """Return the numbers of an answer by our names."""
    return {name: wire[source] for name, source in names.items() if _is_figure(wire.get(source))}


def _with_rates(found: dict[str, float]) -> dict[str, float]:
    """Add the rates that the counts give; the server's own one is rounded to a whole number.

    A run without requests has no rate at all: nothing was measured.
    """
    rates = {name: value for name, value in found.items() if name == "success_rate" and value <= 100}
    counts = {name: value for name, value in found.items() if name != "success_rate"}
    requests = counts.get("request_count")
    if requests == 0:
        return counts
    if requests:
        for rate, count in (("success_rate", "success_count"), ("error_rate", "error_count")):
            if counts.get(count, requests + 1) <= requests:
                rates[rate] = 100 * counts[count] / requests
    return {**counts, **rates}


def _is_figure(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= _MOST


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
