# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults: what a network, a proxy or a tired server does to the next matching requests."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

# Each kind with the arguments it takes and their defaults; None means the argument must be given.
KINDS: dict[str, dict[str, Any]] = {
    "refuse_connection": {"seconds": 1.0},
    "close_before_reading": {},
    "act_then_drop": {},
    "delay": {"seconds": 1.0},
    "status": {"status": None, "body": "html", "retry_after": "", "act": False},
    "truncated_json": {},
    "invalid_json": {},
    "expire_token": {},
    "redirect": {"location": None},
}
STATUSES = (429, 500, 502, 503, 504)
BODIES = ("html", "empty", "json")
FILTERS = ("vendor", "operation", "method")
MATCHERS = (*FILTERS, "path")


class BadFault(ValueError):
    """The fault asked for does not exist or lacks an argument."""


@dataclass
class Fault:
    """One armed fault, how many requests it lets pass first, and how many it is still good for."""

    kind: str
    times: int
    skip: int
    match: dict[str, str]
    args: dict[str, Any]

    def matches(self, seen: dict[str, str]) -> bool:
        """Say whether this fault is meant for the request described by ``seen``."""
        return all(
            re.search(wanted, seen[name]) if name == "path" else seen[name] == wanted
            for name, wanted in self.match.items()
        )

    def describe(self) -> dict[str, Any]:
        """Show the fault as the admin API lists it."""
        return {"kind": self.kind, "times": self.times, "skip": self.skip, **self.match, **self.args}


def parse(spec: dict[str, Any]) -> Fault:
    """Read a fault from the admin API, refusing every word that has no meaning."""
    rest = dict(spec)
    kind = str(rest.pop("kind", ""))
    if kind not in KINDS:
        raise BadFault(f"unknown fault {kind!r}, known: {', '.join(KINDS)}")
    times = int(rest.pop("times", 1))
    if times < 1:
        raise BadFault(f"times must be at least 1, not {times}")
    skip = int(rest.pop("skip", 0))
    if skip < 0:
        raise BadFault(f"skip must be at least 0, not {skip}")
    match = {name: str(rest.pop(name)) for name in MATCHERS if rest.get(name)}
    if "method" in match:
        match["method"] = match["method"].upper()
    try:
        re.compile(match.get("path", ""))
    except re.error as error:
        raise BadFault(f"path is not a regular expression: {error}") from None
    return Fault(kind, times, skip, match, _arguments(kind, rest))


def _arguments(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    known = KINDS[kind]
    if unknown := sorted(set(given) - set(known) - set(MATCHERS)):
        raise BadFault(f"fault {kind} takes {', '.join(known) or 'no arguments'}, not {', '.join(unknown)}")
    args = {**known, **{name: value for name, value in given.items() if name in known}}
    if missing := [name for name, value in args.items() if value is None]:
        raise BadFault(f"fault {kind} needs {', '.join(missing)}")
    if kind == "status" and (args["status"] not in STATUSES or args["body"] not in BODIES):
        raise BadFault(f"status must be one of {STATUSES} and body one of {BODIES}")
    return args


@dataclass
class Faults:
    """The armed faults, in the order they were asked for."""

    armed: list[Fault] = field(default_factory=list)

    def take(self, vendor: str, operation: str, method: str, path: str) -> Fault | None:
        """Use up one shot of the first fault that is meant for this request."""
        seen = {"vendor": vendor, "operation": operation, "method": method, "path": path}
        for fault in self.armed:
            if not fault.matches(seen):
                continue
            if fault.skip:
                fault.skip -= 1
            else:
                fault.times -= 1
                if fault.times <= 0:
                    self.armed.remove(fault)
                return fault
        return None
