# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write all results as one JSON document, as callbacks for programs do."""

from __future__ import annotations

import json
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: document
type: stdout
short_description: Write all results as one JSON document
description: Stands for the callbacks whose output is read by programs.
"""


class CallbackModule(CallbackBase):
    """Keeps the results and writes them at the end."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "document"

    def __init__(self) -> None:
        super().__init__()
        self._results: list[dict[str, Any]] = []

    def v2_runner_on_ok(self, result: Any) -> None:
        """Keep a success."""
        self._results.append(result._result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Keep a failure."""
        self._results.append(result._result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Write the document."""
        self._display.display(json.dumps(self._results, default=str))
