# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Acme Scheduler in the matrix of faults."""

from __future__ import annotations

from faults.matrix import Subject, all_but

SUBJECT = Subject(
    writes={
        "create": ("create_task",),
        "update": ("update_task",),
        "delete": ("delete_task",),
        "create many": ("create_task#2",),
        "change many": ("update_task#2",),
        "prune many": ("delete_task#2",),
    },
    looks={"create": "list_tasks#2", "update": "get_task"},
    view=all_but("id"),
    neighbours=lambda account: {"tasks": [{"name": "Backups", "interval": 5}]},
)
