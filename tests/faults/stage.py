# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An emulator with a vendor in it that is about to be disturbed, and what must be true of it afterwards."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.launch import RunningEmulator
from faults.matrix import Cell, Operation, Subject, operations, subject
from faults.ways import Way, inside, new_worker
from integration.scenario import secrets_of

# Words of Ansible and Python for a program that broke.
BROKEN = ("Traceback", "MODULE FAILURE", "Unexpected Exception")


@dataclass(frozen=True)
class Truth:
    """What a declaration decides: tasks and what goes with them, and how often each was started."""

    view: Any
    starts: list[int]


@dataclass(frozen=True)
class Reference:
    """What an operation does when nothing goes wrong."""

    result: dict[str, Any]
    before: Truth
    after: Truth
    sent: list[tuple[str, bool]]

    @property
    def writes(self) -> list[str]:
        """The names of the requests that wrote, in order."""
        return [name for name, writes in self.sent if writes]

    @property
    def reads(self) -> list[str]:
        """The names of the requests that read, in order."""
        return [name for name, writes in self.sent if not writes]

    @property
    def look(self) -> str | None:
        """The first read after the last write, numbered as in the matrix."""
        last = max(place for place, (dummy, writes) in enumerate(self.sent) if writes)
        if last + 1 == len(self.sent):
            return None
        return numbered(name for name, dummy in self.sent)[last + 1]


def numbered(names: Iterable[str]) -> list[str]:
    """Return names of requests as in the matrix: the second ``x`` is ``x#2``."""
    seen: Counter[str] = Counter()
    told = []
    for name in names:
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return told


@dataclass
class Stage:
    """One vendor of a running emulator, with neighbours that nobody may touch."""

    emulator: RunningEmulator
    vendor: str
    expiring: bool = False
    neighbours: list[dict[str, Any]] = field(default_factory=list)

    @property
    def subject(self) -> Subject:
        """What the matrix knows of the vendor."""
        return subject(self.vendor)

    @property
    def account(self) -> dict[str, Any]:
        """The vendor's account."""
        found: dict[str, Any] = self.emulator.info["accounts"][self.vendor]
        return found

    @property
    def environment(self) -> dict[str, str]:
        """The account, as a user has it in the environment."""
        return {**self.account["environment"], "NO_PROXY": "127.0.0.1"}

    def operation(self, name: str) -> Operation:
        """Return an operation by its name."""
        return operations(self.vendor, self.account)[name]

    def prepare(self, name: str) -> None:
        """Start anew, with neighbours, and bring the server to where an operation begins."""
        self.emulator.reset()
        self.emulator.switch(self.vendor, **self.subject.switches)
        self.emulator.seed({self.vendor: dict(self.subject.neighbours(self.account))})
        self.neighbours = self.emulator.tasks(self.vendor)
        new_worker()
        for module, options in self.operation(name).before:
            done = self.run(inside, (module, options))
            assert done.get("changed"), done
        self.emulator.clear_log()
        new_worker()

    def run(
        self, way: Way, declaration: tuple[str, dict[str, Any]], options: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Run a module; neither its result nor what it prints may tell of a crash, or hold a secret."""
        module, given = declaration
        login = self.subject.expiring(self.account) if self.expiring else {}
        common = {"ca_path": self.emulator.info["ca"], "retries": 2, **login}
        result = way((module, {**common, **given, **(options or {})}), self.environment)
        text = json.dumps(result)
        assert not any(word in text for word in BROKEN), text
        log = self.emulator.log(self.vendor)
        leaked = [secret for secret in secrets_of(self.vendor, self.account, log) if secret in text]
        assert not leaked, f"the result holds {len(leaked)} secrets: {text}"
        return result

    def truth(self) -> Truth:
        """Return the true state without the neighbours."""
        known = [task for task in self.emulator.tasks(self.vendor) if task not in self.neighbours]
        starts = self.emulator.starts(self.vendor)["tasks"]
        return Truth(self.subject.view(self.emulator, known), sorted(starts.values()))

    def must_be(self, *wanted: Truth) -> None:
        """Check that the true state is one of those wanted, and that the neighbours are what they were."""
        truth, everything = self.truth(), self.emulator.tasks(self.vendor)
        assert truth in wanted, f"there is\n{truth}\nwanted is\n{wanted}"
        lost = [task for task in self.neighbours if task not in everything]
        assert not lost, f"somebody else's tasks were touched: {lost}"

    def reference(self, name: str) -> Reference:
        """Carry out an operation with nothing wrong."""
        self.prepare(name)
        before = self.truth()
        self.emulator.clear_log()  # the look at the truth may be one at the vendor's own API
        result = self.run(inside, self.operation(name).declaration)
        sent = [(entry["operation"], entry["writes"]) for entry in self.emulator.log(self.vendor)]
        assert result.get("changed"), result
        return Reference(result, before, self.truth(), sent)


def is_unclear(result: Mapping[str, Any]) -> bool:
    """Return whether a failure says that it cannot be known whether the server acted."""
    return any(error.get("unclear") for error in errors_of(result))


def errors_of(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a failure tells for playbooks: of the call, or of each of many tasks."""
    each = [entry.get("error") for entry in result.get("results", [])]
    return [error for error in (result.get("error"), *each) if isinstance(error, dict)]


def outcome(stage: Stage, cell: Cell, reference: Reference, way: Way) -> str:
    """Go through a cell and return its outcome in one word; AssertionError where a promise is broken."""
    declaration = stage.operation(cell.operation).declaration
    repeats = cell.operation in stage.subject.repeats
    stage.prepare(cell.operation)
    stage.emulator.fault(**cell.arm)
    faulted = stage.run(way, declaration, cell.fault.options)
    sent = [entry["operation"] for entry in stage.emulator.log(stage.vendor)]
    left = sum(fault["times"] for fault in stage.emulator.faults())
    assert left < cell.arm.get("times", 1), "the fault met no request"
    stage.emulator.clear_faults()
    if faulted.get("failed"):
        word = after_failure(stage, faulted, reference)
        if repeats and (word == "unclear" or faulted.get("changed")):
            stage.must_be(reference.before, reference.after)
            return word
        again = stage.run(way, declaration)
        assert not again.get("failed"), f"the clean rerun fails: {again.get('msg')}"
    else:
        assert faulted["changed"], f"something was done, and the result says unchanged: {faulted}"
        assert faulted.get("action") == reference.result.get("action"), faulted
        word = after_success(sent, reference, cell.arm["operation"])
    stage.must_be(reference.after)
    further = stage.run(inside, declaration)  # whichever way, and this one is the quicker
    assert not further.get("failed"), f"a further run fails: {further}"
    assert further["changed"] == repeats, f"a further run: {further}"
    if not repeats:
        stage.must_be(reference.after)
    return word


def after_failure(stage: Stage, failure: dict[str, Any], reference: Reference) -> str:
    """Check that a failure tells whether something was done, and return its word."""
    assert errors_of(failure), f"a failure without error: {failure}"
    unclear = is_unclear(failure)
    told = unclear or failure.get("changed")
    assert told or stage.truth() == reference.before, f"something was done and not told: {failure['msg']}"
    return "unclear" if unclear else "rerun"


def after_success(sent: list[str], reference: Reference, request: str) -> str:
    """Return the word for a run that succeeded all the same."""
    usual = [name for name, dummy in reference.sent]
    if sent.count(request) > usual.count(request):
        return "recovered"
    return "unharmed" if sorted(sent) == sorted(usual) else "adopted"
