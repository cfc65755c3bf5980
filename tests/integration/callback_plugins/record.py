# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write each task's result, as Ansible hands it to callbacks, as one line of JSON."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record
type: aggregate
short_description: Write results as JSON lines
description: Writes to the file that E(RECORD_FILE) names.
"""


class CallbackModule(CallbackBase):
    """Records what a user's callback would see."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "record"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: Any) -> None:
        """Record a success."""
        self._write(result, failed=False)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Record a failure."""
        self._write(result, failed=True)

    def _write(self, result: Any, *, failed: bool) -> None:
        with Path(os.environ["RECORD_FILE"]).open("a", encoding="utf-8") as record:
            record.write(
                json.dumps({**result._result, "failed": failed, "_ended": time.time()}, default=str) + "\n"
            )
