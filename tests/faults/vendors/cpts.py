# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArts PerfTest in the matrix of faults."""

from __future__ import annotations

from emulator.cpts import RUNNING
from faults.matrix import Subject, all_but

ANOTHER_SUITE = 1

SUBJECT = Subject(
    writes={
        "create": ("create_task",),
        "update": ("update_task",),
        "start": ("run_tasks",),
        "stop": ("run_tasks",),
        "delete": ("delete_task",),
        "create many": ("create_task#2",),
        "change many": ("update_task#2",),
        "start many": ("run_tasks#2",),
        "prune many": ("delete_task#2",),
    },
    looks={
        "create": "list_tasks#2",
        "update": "get_task#2",
        "start": "get_task#2",
        "stop": "get_task#2",
        "change many": "get_task#7",
        "start many": "get_task#7",
    },
    view=all_but("id"),
    neighbours=lambda account: {
        "suites": [{"id": ANOTHER_SUITE, "name": "another"}],
        "tasks": [{"name": name, "project_id": ANOTHER_SUITE} for name in ("Nightly load", "Load 10")],
    },
    switches={"run_clock": [[RUNNING, 3600]], "stop_seconds": 0},
    # A signature does not expire, a token does.
    expiring=lambda account: {name: account[name] for name in ("token", "username", "password", "domain")},
)
