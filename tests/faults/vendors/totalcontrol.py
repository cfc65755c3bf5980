# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Total Control in the matrix of faults."""

from __future__ import annotations

from typing import Any

from faults.matrix import Subject


def _view(task: dict[str, Any]) -> Any:
    return [task.get(name) for name in ("task_name", "script_file", "total_iterations", "status", "schedule")]


SUBJECT = Subject(
    writes={
        "create": ("create_task",),
        "pause": ("pause_task",),
        "resume": ("resume_task",),
        "stop": ("stop_task",),
        "create many": ("create_task#2",),
    },
    looks={
        "create": "list_tasks#2",
        "pause": "get_task",
        "resume": "get_task",
        "stop": "get_task",
        "create many": "list_tasks#2",
    },
    view=_view,
    neighbours={
        "tasks": [
            {"task_name": "task0010", "script_file": "getname.js"},
            {"task_name": "wave-10", "script_file": "getname.js", "schedule": "2038-01-01 04:00:00"},
        ]
    },
    switches={"run_seconds": 3600},
)
