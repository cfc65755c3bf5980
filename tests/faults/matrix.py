# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The matrix as data: what is done at each vendor, which request of it meets a fault, and which fault."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator.launch import RunningEmulator
from faults.ways import WAYS
from integration.scenario import Account, Declaration, scenario

VENDORS = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent / "vendors")]))
# How many tasks the operations on many tasks take, and how many of them prune leaves.
MANY, LEFT = 5, 2


# What declarations decide of the tasks of a vendor, in an order that does not hang on who was first.
View = Callable[[RunningEmulator, list[dict[str, Any]]], Any]


def without(task: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return a task without what the server makes up."""
    return {name: value for name, value in task.items() if name not in names}


def all_but(*names: str) -> View:
    """Return a view of all there is of tasks but what the server makes up."""
    return lambda emulator, tasks: sorted((without(task, names) for task in tasks), key=repr)


@dataclass(frozen=True)
class Subject:
    """What the matrix needs to know of a vendor besides its scenario.

    ``writes`` names for each operation that writes the requests that do, in order, ``looks`` the first read
    after them, where there is one; ``#2`` is the second request of that name in one operation.
    ``view`` shows what declarations decide of the true state. ``neighbours`` are seeded and must stay as
    they are. ``expiring`` are the options of a login that has a token, where the account's own has none.
    ``repeats`` are the operations that do the same again each time they are carried out.
    """

    writes: Mapping[str, tuple[str, ...]]
    looks: Mapping[str, str]
    view: View
    neighbours: Callable[[Account], Mapping[str, Any]]
    switches: Mapping[str, Any] = field(default_factory=dict)
    expiring: Callable[[Account], Mapping[str, Any]] = lambda account: {}
    repeats: frozenset[str] = frozenset()


def subject(vendor: str) -> Subject:
    """Return what the matrix needs to know of a vendor."""
    found: Subject = importlib.import_module(f"faults.vendors.{vendor}").SUBJECT
    return found


@dataclass(frozen=True)
class Operation:
    """A declaration that makes a vendor's module write, and what is carried out before it."""

    before: tuple[Declaration, ...]
    declaration: Declaration


def operations(vendor: str, account: Account) -> dict[str, Operation]:
    """Return the operations of a vendor's scenario that write, and those on many tasks."""
    known = scenario(vendor, account)
    writes = subject(vendor).writes
    found: dict[str, Operation] = {}
    for name, declaration in known.operations.items():
        if name in writes:
            found[name] = Operation(tuple(one.declaration for one in found.values()), declaration)

    def all_with(**options: Any) -> Declaration:
        entries = [{**known.many.entry(number), **options} for number in range(MANY)]
        return f"{vendor}_tasks", {"tasks": entries, "concurrency": 2}

    pruned = {**all_with()[1], **known.many.scope, "prune": True}
    pruned["tasks"] = pruned["tasks"][:LEFT]
    for name, declaration in {
        "create many": all_with(),
        "change many": all_with(**known.many.change),
        "start many": all_with(state="started"),
        "prune many": (f"{vendor}_tasks", pruned),
    }.items():
        if name in writes:
            found[name] = Operation(() if name == "create many" else (all_with(),), declaration)
    return found


@dataclass(frozen=True)
class Fault:
    """A fault of the emulator, and the options with which the faulted run meets it.

    ``on`` says which requests it is tried on: those that write, those that look, or both.
    """

    name: str
    column: str
    spec: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    on: tuple[str, ...] = ("write", "look")


def _statuses() -> Iterator[Fault]:
    for status in (500, 502, 503, 504):
        for body in ("html", "empty", "json"):
            for act in (False, True):
                spec = {"kind": "status", "status": status, "body": body, "act": act}
                is_for_reads = (status, body, act) == (503, "html", False)
                yield Fault(
                    f"{status}-{body}{'-acted' if act else ''}",
                    "5xx acted" if act else "5xx",
                    spec,
                    on=("write", "look") if is_for_reads else ("write",),
                )


LASTING = {"times": 9}
FAULTS = (
    Fault("refused", "refused", {"kind": "refuse_connection", "seconds": 0.4}),
    Fault("closed", "closed", {"kind": "close_before_reading"}),
    Fault(
        "closed-lasting", "lasting", {"kind": "close_before_reading", **LASTING}, {"retries": 1}, ("look",)
    ),
    Fault("dropped", "dropped", {"kind": "act_then_drop"}, on=("write",)),
    Fault("late", "late", {"kind": "delay", "seconds": 1.6}, {"timeout": 1.0}),
    Fault("429", "429", {"kind": "status", "status": 429}, on=("write",)),
    Fault("429-after", "429", {"kind": "status", "status": 429, "retry_after": 1}, on=("write",)),
    Fault("429-lasting", "lasting", {"kind": "status", "status": 429, **LASTING}, {"retries": 1}, ("write",)),
    *_statuses(),
    Fault("503-lasting", "lasting", {"kind": "status", "status": 503, **LASTING}, {"retries": 1}, ("look",)),
    Fault("truncated", "truncated", {"kind": "truncated_json"}),
    Fault("garbled", "garbled", {"kind": "invalid_json"}),
    Fault("expired", "expired", {"kind": "expire_token"}),
    Fault("redirected", "redirected", {"kind": "redirect", "location": "https://elsewhere.invalid/"}),
)
COLUMNS = tuple(dict.fromkeys(fault.column for fault in FAULTS))


@dataclass(frozen=True)
class Cell:
    """One operation whose request meets one fault, run one way."""

    vendor: str
    operation: str
    request: str
    fault: Fault
    way: str

    @property
    def row(self) -> str:
        """The row of the table."""
        return f"{self.vendor}-{self.operation.replace(' ', '_').replace(',', '')}-{self.request}"

    @property
    def id(self) -> str:
        """The name of the cell."""
        return f"{self.row}-{self.fault.name}-{self.way}"

    @property
    def arm(self) -> dict[str, Any]:
        """The fault as the emulator takes it."""
        name, dummy, place = self.request.partition("#")
        return {**self.fault.spec, "vendor": self.vendor, "operation": name, "skip": int(place or 1) - 1}


def cells() -> Iterator[Cell]:
    """Yield all cells."""
    for vendor in VENDORS:
        known = subject(vendor)
        targets = [("write", name, one) for name, requests in known.writes.items() for one in requests]
        targets += [("look", name, one) for name, one in known.looks.items()]
        for kind, name, request in targets:
            for fault in FAULTS:
                if kind in fault.on:
                    yield from (Cell(vendor, name, request, fault, way) for way in WAYS)
