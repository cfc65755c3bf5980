# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run acme_tasks in the worker where that means the same: see plugin_utils/_in_process.py."""

from __future__ import annotations

from ansible_collections.taskbridge.vendors.plugins.plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    """The action of the module of this name."""
