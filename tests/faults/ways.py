# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two ways to run a module, each without a playbook, so that thousands of runs take minutes.

``inside`` calls what the collection's action calls in Ansible's worker, with the same stand-in for
AnsibleModule; the kept sessions are those of a worker that repeats a task, as ``until`` does.
``as_module`` runs the module's ``main`` in a process of its own, with its options as JSON on the standard
input, as AnsiballZ does. That process is forked from an interpreter that has loaded Ansible's and the
requests library and nothing of the collection, which saves 300 ms a run.
What neither has is the playbook around it: the integration tests run those both ways.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from ansible_collections.taskbridge.vendors.plugins.module_utils._sessions import KeptSessions
from ansible_collections.taskbridge.vendors.plugins.plugin_utils import _in_process
from faults.child import run_module
from integration.scenario import Declaration

PATIENCE_SECONDS = 120.0

Environment = Mapping[str, str]
Way = Callable[[Declaration, Environment], dict[str, Any]]

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["ansible.module_utils.basic", "requests"])


def new_worker() -> None:
    """Forget the sessions, as a new worker of Ansible has none."""
    _in_process._SESSIONS = KeptSessions()


def inside(declaration: Declaration, environment: Environment) -> dict[str, Any]:
    """Run a module inside this process; what it raises is no result, and is raised."""
    module, options = declaration
    # Of its surroundings the action asks for the task alone.
    action_of: Any = _in_process.InProcessAction
    task = SimpleNamespace(
        action=f"taskbridge.vendors.{module}", args=options, check_mode=False, diff=False, no_log=False
    )
    action = action_of(task, None, None, None, None, None)
    with patch.dict(os.environ, environment):
        result: dict[str, Any] = action._run_here("localhost", {})
    return result


def as_module(declaration: Declaration, environment: Environment) -> dict[str, Any]:
    """Run a module in a process of its own; it must print its result and nothing else."""
    process, ours = _start(declaration, environment)
    assert ours.poll(PATIENCE_SECONDS), "the module does not end"
    printed, errors, status = ours.recv()
    process.join()
    assert errors == "", errors
    result: dict[str, Any] = json.loads(printed)
    assert status == int(result.get("failed", False)), printed
    return result


def started(declaration: Declaration, environment: Environment) -> BaseProcess:
    """Start a module in a process of its own, for those who will not wait for its end."""
    return _start(declaration, environment)[0]


def _start(declaration: Declaration, environment: Environment) -> tuple[BaseProcess, Connection]:
    ours, theirs = _processes.Pipe(duplex=False)
    process = _processes.Process(target=run_module, args=(theirs, *declaration, dict(environment)))
    process.start()
    theirs.close()
    return process, ours


WAYS: dict[str, Way] = {"inside": inside, "as-module": as_module}
