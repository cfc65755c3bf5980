# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the report of a CodeArts PerfTest run shows: nothing was loaded, so its figures are made up.

The shapes are those of the pages ShowMergeReportLogsOutline, ShowMergeTaskCase (with ``taskId`` [D]) and
ShowMergeCaseDetail, and of the SDK's model RelatedTempRunningData [C].
"""

from __future__ import annotations

from typing import Any

# By their names in the outline; tp95 and tp99 are in the details of a case alone.
USUAL: dict[str, Any] = {
    "max_users": 100,
    "request_count": 12000,
    "success_count": 11988,
    "rps": 200.5,
    "max_rps": 260,
    "trans_tps": 66.8,
    "avg_response_time": 143.5,
    "avg_tp50": 120,
    "avg_tp90": 260,
    "tp95": 340,
    "tp99": 780,
    "max_response_time": 1840,
    "min_response_time": 12,
}
CORE = (
    "error_request_count",
    "max_rps",
    "max_users",
    "request_count",
    "rps",
    "success_count",
    "success_rate",
    "trans_tps",
)
TIMES = ("avg_response_time", "avg_tp50", "avg_tp90", "max_response_time", "min_response_time")
# A case's figures by their names in its details.
DETAIL = {
    "requests": "request_count",
    "successCount": "success_count",
    "errorCount": "error_request_count",
    "successRate": "success_rate",
    "averageRespTime": "avg_response_time",
    "maxRespTime": "max_response_time",
    "tp50": "avg_tp50",
    "tp90": "avg_tp90",
    "tp95": "tp95",
    "tp99": "tp99",
    "tps": "rps",
    "tranTPS": "trans_tps",
    "maxThreadNum": "max_users",
}


def outline(changes: dict[str, Any], ready: bool) -> dict[str, Any]:
    """Return the summary of a run; before it is ready its parts have no figures."""
    figures = _figures(changes) if ready else {}
    core: dict[str, Any] = {name: figures.get(name) for name in CORE}
    core["response_time"] = {name: figures.get(name) for name in TIMES}
    basic = ("task_basic_attribute", "task_basic_execution_data")
    empty = ("exception_response_sum", "network_traffic", "response_code_sum", *basic)
    return {**{name: {} for name in empty}, "core_index": core, "response_code_details": []}


def running_case(node: dict[str, Any], run: int) -> dict[str, Any]:
    """Return what a task tells of a case of its last run, with every key of the model [C] SDK."""
    return {
        "task_run_info_id": run,
        "related_temp_running_id": int(case_run_id(node, run)),
        "temp_id": node["id"],
        "temp_name": node["name"],
        "content_method_url": [],
        "related_temp_running_data": [],
    }


def run_cases(nodes: list[dict[str, Any]], run: int, task: int) -> list[dict[str, Any]]:
    """List the cases of a run; ``testcaseId`` is what their details are asked for by."""
    return [
        {
            "aw": [],
            "awList": [],
            "caseAwId": str(node["id"]),
            "caseUri": str(node["id"]),
            "case_uri_i": str(node["id"]),
            "datumType": 0,
            "id": str(node["id"]),
            "name": node["name"],
            "taskExecId": str(run),
            "taskId": str(task),
            "testcaseId": case_run_id(node, run),
            "transactionList": [],
        }
        for node in nodes
    ]


def case_run_id(node: dict[str, Any], run: int) -> str:
    """Return the id of a case within a run."""
    return f"{run}{node['id']}"


def case_detail(node: dict[str, Any], changes: dict[str, Any], ready: bool, reason: str) -> dict[str, Any]:
    """Return the details of a case of a run."""
    own = changes.get("cases", {}).get(node["name"], {})
    figures = _figures({**changes, **own}) if ready else {}
    shown = {name: figures.get(source) for name, source in DETAIL.items()}
    performance = {"name": node["name"], "failedReason": reason or None, **shown}
    return {"customTransactions": [], "detailDatas": [], "performance": performance}


def _figures(changes: dict[str, Any]) -> dict[str, Any]:
    figures = {**USUAL, **changes}
    requests, good = figures["request_count"], figures["success_count"]
    if requests is not None and good is not None:
        figures.setdefault("error_request_count", requests - good)
        figures.setdefault("success_rate", 100 * good // requests if requests else 0)
    return figures
