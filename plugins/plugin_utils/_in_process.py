# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the collection's modules inside Ansible's own worker where that means the same, else as usual.

A module that runs as a program costs a fork, a payload and a new Python each time; inside the worker the
same code runs at once. That means the same on the controller itself only: see ``_reason_against``.
Each module has a file in plugins/action that brings it here. (Redirects in meta/runtime.yml would do
too, and ansible-lint and antsibull-docs then take the action for the module's real name.)
This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from ansible import constants, context
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.utils.display import Display
from ansible_collections.taskbridge.vendors.plugins.module_utils._sessions import KeptSessions

_MODULES = f"{__name__.partition('.plugins.')[0]}.plugins.modules"
# The worker that works off a loop keeps its sessions from item to item.
_SESSIONS = KeptSessions()
_OFF = ("0", "false", "no", "off")
# Callbacks that write for people. Others may write JSON, which a line in between would break.
_READ_BY_PEOPLE = ("default", "minimal", "awx_display")


class _Exit(Exception):
    """How a module leaves: with its result."""

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__()
        self.result = result


class _InProcess:
    """What the collection uses of AnsibleModule, without a process around it.

    ``watcher`` is the host for which lines are shown, None where nobody watches; ``tells_options`` says
    whether a result repeats the options.
    """

    def __init__(
        self,
        params: dict[str, Any],
        no_log_values: set[str],
        task: Any,
        *,
        watcher: str | None,
        tells_options: bool,
    ) -> None:
        self.params = params
        self.no_log_values = no_log_values
        self.check_mode: bool = task.check_mode
        self._diff: bool = task.diff
        self._watcher = watcher
        self._tells_options = tells_options
        self._warnings: list[str] = []

    def warn(self, text: str) -> None:
        """Add a warning to the result."""
        self._warnings.append(text)

    def report(self, text: str) -> None:
        """Show a line to whoever watches, in the form of Ansible's own lines about retries."""
        if self._watcher is not None:
            line = remove_values(text, self.no_log_values)
            Display().display(f"WAITING: [{self._watcher}]: {line}")

    def exit_json(self, **result: Any) -> None:
        """Leave with a result, as AnsibleModule makes it."""
        if self._warnings:
            result["warnings"] = self._warnings
        if self._tells_options:
            result.setdefault("invocation", {"module_args": self.params})
        raise _Exit(remove_values(result, self.no_log_values))

    def fail_json(self, msg: str, **result: Any) -> None:
        """Leave with a failure."""
        self.exit_json(failed=True, msg=msg, **result)


class InProcessAction(NormalAction):
    """The action behind every module of the collection."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module, in whichever way."""
        variables = task_vars or {}
        host = str(variables.get("inventory_hostname", "localhost"))
        reason = self._reason_against(variables)
        if reason is not None:
            Display().vvv(f"{self._task.action} runs as a program of its own, as {reason}", host=host)
            # Ansible's log line holds all options, and only the module knows which of them hold secrets.
            silent = {**variables, "ansible_no_target_syslog": True}
            usual: dict[str, Any] = super().run(tmp, silent)
            return usual
        Display().vvv(f"{self._task.action} runs in Ansible's worker", host=host)
        result: dict[str, Any] = ActionBase.run(self, tmp, task_vars)
        with _environment(self._task_environment()), _directory(self._loader.get_basedir()):
            return {**result, **self._run_here(host, variables)}

    def _reason_against(self, variables: Mapping[str, Any]) -> str | None:
        """Return why the module must run as a program of its own, or None."""
        wanted = variables.get("taskbridge_in_process", os.environ.get("ANSIBLE_TASKBRIDGE_IN_PROCESS", "1"))
        reasons = {
            "it is switched off": str(self._templar.template(wanted)).lower() in _OFF,
            "it runs on another host": self._connection.transport != "local",
            "it becomes another user": bool(self._connection.become),
            "it runs in the background": bool(self._task.async_val),
            "another Python is asked for": not self._is_this_python(variables),
            "requests is missing": importlib.util.find_spec("requests") is None,
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    def _is_this_python(self, variables: Mapping[str, Any]) -> bool:
        delegated = variables.get("ansible_delegated_vars", {}).get(self._task.delegate_to)
        wanted = constants.config.get_config_value(
            "INTERPRETER_PYTHON", variables=dict(delegated or variables)
        )
        path = str(self._templar.template(wanted))
        return path.startswith("auto") or os.path.abspath(path) == os.path.abspath(sys.executable)

    def _task_environment(self) -> dict[str, str]:
        """Return the variables of the keyword ``environment``, as a module would see them."""
        found: dict[str, str] = {}
        for part in self._task.environment or ():
            templated = self._templar.template(part)
            if isinstance(templated, Mapping):
                found.update({str(name): str(value) for name, value in templated.items()})
        return found

    def _run_here(self, host: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Validate the options as AnsibleModule does, and carry the module out."""
        name = self._task.action.rpartition(".")[2]
        module = importlib.import_module(f"{_MODULES}.{name}").MODULE
        arguments = dict(module.arguments)
        arguments.pop("supports_check_mode")
        validated = ModuleArgumentSpecValidator(**arguments).validate(_plain(self._task.args))
        here = _InProcess(
            dict(validated.validated_parameters),
            set(validated._no_log_values),
            self._task,
            watcher=host if self._is_watched() else None,
            tells_options=_tells_options(variables),
        )
        try:
            if validated.error_messages:
                module.veil(here)
                here.fail_json(msg=_validation_text(validated.errors, self._task.action))
            module.run(here, _SESSIONS)
        except _Exit as left:
            return left.result
        raise AnsibleError(f"{name} left without a result")

    def _is_watched(self) -> bool:
        """Return whether a line in the output reaches a person and breaks nothing."""
        callback = str(constants.config.get_config_value("DEFAULT_STDOUT_CALLBACK")).removeprefix(
            "ansible.builtin."
        )
        one_line = bool(context.CLIARGS.get("one_line"))
        return callback in _READ_BY_PEOPLE and not one_line and not self._task.no_log


def _tells_options(variables: Mapping[str, Any]) -> bool:
    """Return whether results repeat a module's options: always before ansible-core 2.21, then on request."""
    try:
        return bool(constants.config.get_config_value("INJECT_INVOCATION", variables=dict(variables)))
    except AnsibleError:  # a setting that this ansible-core does not know
        return True


def _plain(value: Any) -> Any:
    """Return options as a module gets them: as JSON does, without Ansible's own kinds of values."""
    if isinstance(value, Mapping):
        return {_plain(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    for kind in (int, float):
        if isinstance(value, kind) and not isinstance(value, bool):
            return kind(value)
    if value is None or isinstance(value, bool):
        return value
    # A text from a vault is none until it is asked for.
    return str.__str__(value) if isinstance(value, str) else str(value)


def _validation_text(errors: Any, name: str) -> str:
    """Return the words of AnsibleModule for wrong options."""
    if isinstance(errors[0], UnsupportedError):
        return f"Unsupported parameters for ({name}) module: {errors.msg}"
    return str(errors.msg)


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Let the variables count for a while. A worker carries out one task at a time."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _directory(path: str) -> Iterator[None]:
    """Let relative paths count from the playbook's directory, as they do for a module on the controller."""
    before = os.getcwd()
    os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)
