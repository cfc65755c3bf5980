# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the benchmarks are to reach, and why where they do not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """A figure, what it should reach, and what was found by profiling where it does not."""

    what: str
    figure: str
    way: str
    bound: float
    reason: str = ""

    def reached(self, value: float) -> bool:
        """Return whether a measured value is good enough."""
        return value >= self.bound if self.way == ">=" else value <= self.bound


ANSIBLES_SHARE = (
    "Half of the item's time is Ansible's own, which no module can shorten, and most of the rest goes into "
    "two pages of tasks from the server: see *Where the time of one item goes*."
)
GOALS = (
    Goal(
        "in-process item, no change, against the uri playbook's item",
        "uri item / in-process item",
        ">=",
        60,
        ANSIBLES_SHARE,
    ),
    Goal(
        "the same with reuse_listing",
        "uri item / in-process item with reuse_listing",
        ">=",
        60,
        ANSIBLES_SHARE,
    ),
    Goal(
        "in-process item against an empty action plugin",
        "in-process item / empty action",
        "<=",
        2.5,
        "The empty action is given no options, so that Ansible fills in none. The item also asks the server "
        "for two pages of tasks, as the portal holds 200 and gives 100 a page.",
    ),
    Goal(
        "the same with reuse_listing",
        "in-process item with reuse_listing / empty action",
        "<=",
        2.5,
        "The empty action is given no options, so that Ansible fills in none.",
    ),
    Goal(
        "in-process item against an empty action plugin that is given the same options",
        "in-process item / empty action with options",
        "<=",
        2.5,
        "The item asks the server for two pages of tasks, as the portal holds 200 and gives 100 a page.",
    ),
    Goal(
        "the same with reuse_listing",
        "in-process item with reuse_listing / empty action with options",
        "<=",
        2.5,
    ),
    Goal(
        "ordinary module against a minimal AnsibleModule",
        "module item / minimal module",
        "<=",
        1.35,
        "Importing requests takes most of what it takes more, as the next line shows; the rest is a login "
        "over a new TLS connection and two pages of tasks.",
    ),
    Goal(
        "ordinary module against a minimal AnsibleModule that imports requests",
        "module item / minimal module that imports requests",
        "<=",
        1.35,
    ),
    Goal(
        "bulk rerun of 1,000 from src against an empty playbook",
        "rerun from src / empty playbook",
        "<=",
        1.5,
        "A third of the time above the empty playbook is Ansible's check of 1,000 entries' options.",
    ),
    Goal(
        "the same from a variable, against a module that does nothing with it",
        "rerun from a variable / a module that does nothing",
        "<=",
        1.15,
    ),
    Goal(
        "bulk create of 1,000 at 20 ms, concurrency 16, against the sequential script",
        "script / create with concurrency 16, at 20 ms",
        ">=",
        8,
        "More than a third of the time is that of an empty playbook. Of the rest Python runs one thread at a "
        "time, and requests takes about a millisecond of it for each create; the emulator takes its share of "
        "the same two processors.",
    ),
    Goal("growth of a rerun from 1,000 to 10,000 tasks", "10,000 tasks / 1,000 tasks", "<=", 11),
    Goal(
        "peak memory with 10,000 tasks, MB above an empty playbook",
        "memory with 10,000 tasks, MB above an empty playbook",
        "<=",
        120,
    ),
    Goal(
        "a page of the emulator, among 10,000 tasks", "a page of 10,000 tasks / a page of 100 tasks", "<=", 2
    ),
)
