# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Total Control in the matrix of faults."""

from __future__ import annotations

from faults.matrix import Subject, all_but

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
    view=all_but("task_id", "start_time", "end_time"),
    neighbours=lambda account: {
        "tasks": [
            {"task_name": "task0010", "script_file": "getname.js"},
            {"task_name": "wave-10", "script_file": "getname.js", "schedule": "2038-01-01 04:00:00"},
        ]
    },
    switches={"run_seconds": 3600},
)
