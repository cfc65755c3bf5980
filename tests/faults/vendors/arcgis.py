# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ArcGIS in the matrix of faults."""

from __future__ import annotations

from faults.matrix import Subject, all_but

SUBJECT = Subject(
    writes={
        "create": ("create_task",),
        "update": ("update_task",),
        "switch off": ("disable_task",),
        "update and switch on": ("update_task", "enable_task"),
        "delete": ("delete_task",),
        "create many": ("create_task#2",),
        "change many": ("update_task#2",),
        "prune many": ("delete_task#2",),
    },
    looks={
        "create": "list_tasks#2",
        "update": "get_task",
        "switch off": "get_task",
        "update and switch on": "get_task#2",
        "create many": "list_tasks#2",
        "change many": "get_task#2",
    },
    view=all_but("id", "created", "updated", "nextStart", "runs"),
    neighbours=lambda account: {
        "tasks": [
            {"title": "Nightly", "userId": "somebody-else"},
            {"title": "Notebook 1", "type": "UpdateInsightsWorkbook"},
        ]
    },
)
