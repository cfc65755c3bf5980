# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the modules that take many tasks in one call."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of the modules that take many tasks in one call."""

    DOCUMENTATION = r"""
options:
  tasks:
    description:
      - The tasks, each with the options of the module for one task, without its options to reach the server and to wait.
      - Two entries that stand for one task are refused.
      - One of O(tasks) and O(src) is needed.
    type: list
    elements: raw
  src:
    description:
      - A YAML or JSON file with the list, or with a mapping that has the list under C(tasks). It is read where the module runs.
      - Errors name the entry and its line. A list of a thousand tasks is ready sooner from a file than from a variable, which
        Ansible templates first.
      - YAML needs PyYAML in the Python that runs the module, JSON needs nothing.
    type: path
  prune:
    description:
      - Whether to delete the tasks that are not declared, within the scope that this page tells.
      - Nothing is pruned when one of the declared tasks failed.
    type: bool
    default: false
  prune_limit:
    description:
      - The most tasks that O(prune) may delete. Where more are not declared, nothing is changed at all, and the error tells them.
    type: int
    default: 10
  prune_when_empty:
    description:
      - Whether an empty list is meant to delete all tasks in the scope of O(prune). Without it that is refused, as an empty
        variable should not empty a server.
    type: bool
    default: false
  concurrency:
    description:
      - The most requests that are sent at a time. When the server asks to slow down, all wait.
    type: int
    default: 8
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
"""
