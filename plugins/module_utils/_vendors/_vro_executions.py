# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the orchestrator's workflows, as the wire has them: it calls them executions. Pure.

The states and the keys are those of the vendor's specification and of several clients; see vro.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .. import _convergence as convergence
from .._convergence import Run
from . import _vro_inputs as inputs
from ._vro_inputs import Parameter

_STATES = {
    "initializing": convergence.RUNNING,
    "running": convergence.RUNNING,
    "waiting": convergence.WAITING,
    "waiting-signal": convergence.WAITING,
    "suspended": convergence.PAUSED,
    "completed": convergence.COMPLETED,
    "failed": convergence.FAILED,
    "canceled": convergence.STOPPED,
}
ENDED = frozenset({convergence.COMPLETED, convergence.FAILED, convergence.STOPPED})
# What clients name it, and what the vendor's specification does.
_STATE_KEYS = ("value", "state")


def read_run(wire: Mapping[str, Any], workflow_id: str) -> Run:
    """Read an execution; what it has not is left out of the details."""
    word = _text(wire.get("state"))
    details = {
        "workflow_id": workflow_id,
        "started_by": _text(wire.get("started-by")),
        "business_state": _text(wire.get("business-state")),
        "current_item": _item(wire),
        "inputs": inputs.shown_value(parameters(wire, "input-parameters")),
        "outputs": inputs.shown_value(parameters(wire, "output-parameters")),
    }
    return Run(
        id=str(wire["id"]),
        status=_STATES.get(word, convergence.UNKNOWN),
        word=word,
        started=_shown_date(wire.get("start-date")),
        ended=_shown_date(wire.get("end-date")),
        error=_text(wire.get("content-exception")),
        details={name: value for name, value in details.items() if value not in ("", None)},
    )


def parameters(wire: Mapping[str, Any], key: str) -> dict[str, Parameter]:
    """Read the inputs or outputs of an execution by name."""
    given = wire.get(key)
    return {
        str(item["name"]): inputs.read_input(item)
        for item in (given if isinstance(given, list) else ())
        if isinstance(item, Mapping) and "name" in item
    }


def read_state(wire: Any) -> str:
    """Return the word of an answer that tells the state alone; empty where it is not found."""
    known = wire if isinstance(wire, Mapping) else {}
    return next((_text(known.get(key)) for key in _STATE_KEYS if known.get(key)), "")


def started(attributes: Mapping[str, Any]) -> datetime | None:
    """Return when the execution behind a link started, where the link tells it."""
    return inputs.moment(attributes.get("startDate"))


def no_run(task_word: str, status: str) -> Run:
    """Return what stands for the run of a task that has not started one; ``status`` is the task's."""
    if status == convergence.PAUSED:
        reason = "there is none, as the task is suspended. Set enabled: true"
    elif status in ENDED:
        reason = f"there is none, and the task, which is {task_word}, will not run by itself"
    else:
        return Run("", convergence.SCHEDULED, task_word)
    return Run("", convergence.IDLE, task_word, error=reason)


def hint(run: Run) -> str:
    """Return the sentence that says what a run waits for, or an empty text."""
    awaited = run.details.get("waits_for")
    return f"It waits for {awaited}. " if awaited else ""


def _item(wire: Mapping[str, Any]) -> str:
    """Return the item of the workflow that the run is at; some texts stand for none."""
    name = _text(wire.get("current-item-display-name"))
    return "" if name.startswith("__") else name


def _shown_date(value: Any) -> str | None:
    instant = inputs.moment(value)
    return None if instant is None else instant.isoformat()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
