# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Let the emulator have a fault while one task of a playbook runs."""

from __future__ import annotations

import os
from typing import Any

import requests
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: arrange
type: aggregate
short_description: Arm the fault of each task
description: A task names its fault in the variable C(emulator_fault), for the server of E(EMULATOR_ADMIN).
"""


class CallbackModule(CallbackBase):
    """Arms and disarms faults between tasks."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "arrange"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Forget the fault of the task before, and arm that of this one."""
        url = f"{os.environ['EMULATOR_ADMIN']}/__emulator__/faults"
        requests.delete(url, timeout=60)
        if "emulator_fault" in task.vars:
            requests.post(url, json=task.vars["emulator_fault"], timeout=60).raise_for_status()
