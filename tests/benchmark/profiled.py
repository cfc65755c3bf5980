# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-playbook, with a profile of all that its worker does for the items of a loop.

Usage: python -m benchmark.profiled PROFILE PLAYBOOK
"""

from __future__ import annotations

import cProfile
import os
import sys
from typing import Any

from ansible.cli.playbook import main
from ansible.executor.task_executor import TaskExecutor

TARGET = "BENCHMARK_PROFILE"
_run_loop = TaskExecutor._run_loop


def _profiled(self: TaskExecutor, items: Any) -> Any:
    """Work off the items; the worker ends right after, so the profile is written here."""
    profile = cProfile.Profile()
    try:
        return profile.runcall(_run_loop, self, items)
    finally:
        profile.dump_stats(os.environ[TARGET])


if __name__ == "__main__":
    os.environ[TARGET] = sys.argv.pop(1)
    sys.argv[0] = "ansible-playbook"
    TaskExecutor._run_loop = _profiled  # type: ignore[method-assign]
    main()  # type: ignore[no-untyped-call]
