# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs in the process of a module; of the collection it loads that module and nothing before."""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from multiprocessing.connection import Connection
from typing import Any

MODULES = "ansible_collections.taskbridge.vendors.plugins.modules"


def run_module(answer: Connection, module: str, options: dict[str, Any], environment: dict[str, str]) -> None:
    """Run a module's main and send what it printed, what it complained of, and its exit status."""
    os.environ.update(environment)
    sys.argv = [module]
    sys.stdin = io.TextIOWrapper(io.BytesIO(json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode()))
    printed, errors, status = io.StringIO(), io.StringIO(), -1
    with redirect_stdout(printed), redirect_stderr(errors):
        try:
            importlib.import_module(f"{MODULES}.{module}").main()
        except SystemExit as left:
            status = int(left.code or 0)
        except BaseException:
            traceback.print_exc()
    answer.send((printed.getvalue(), errors.getvalue(), status))
