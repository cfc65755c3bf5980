# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The input list of a task: comparing it, and bringing it to another order with the fewest calls. Pure.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Insertion:
    """An item to put at an index of the list as it is then."""

    index: int
    item: Any
    at_end: bool


@dataclass(frozen=True)
class ListPlan:
    """What leads from one list to another: first the deletions, then the insertions, in this order."""

    deletions: tuple[int, ...]
    insertions: tuple[Insertion, ...]


Same = Callable[[Any, Any], bool]


def shortest_plan(existing: Sequence[Any], wanted: Sequence[Any], same: Same) -> ListPlan:
    """Return the plan with the fewest calls: all of a longest common subsequence stays."""
    lengths = [[0] * (len(wanted) + 1) for dummy in range(len(existing) + 1)]
    for i in reversed(range(len(existing))):
        for j in reversed(range(len(wanted))):
            lengths[i][j] = (
                lengths[i + 1][j + 1] + 1
                if same(wanted[j], existing[i])
                else max(lengths[i + 1][j], lengths[i][j + 1])
            )
    kept, i, j = {}, 0, 0
    while lengths[i][j]:
        if same(wanted[j], existing[i]):
            kept[j] = i
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return _plan_around(kept, existing, wanted)


def appending_plan(existing: Sequence[Any], wanted: Sequence[Any], same: Same) -> ListPlan:
    """Return the plan that appends only: the longest start of the wanted list that is there stays."""
    kept: dict[int, int] = {}
    for i, item in enumerate(existing):
        if len(kept) < len(wanted) and same(wanted[len(kept)], item):
            kept[len(kept)] = i
    return _plan_around(kept, existing, wanted)


def _plan_around(kept: Mapping[int, int], existing: Sequence[Any], wanted: Sequence[Any]) -> ListPlan:
    """Return what is left to do when the wanted items ``kept`` stand at those indexes already."""
    staying = set(kept.values())
    deletions = tuple(index for index in reversed(range(len(existing))) if index not in staying)
    missing = [index for index in range(len(wanted)) if index not in kept]
    return ListPlan(
        deletions,
        tuple(
            # When an item's turn comes, all before it are in place, and what stays follows it.
            Insertion(index, wanted[index], at_end=index == len(kept) + number)
            for number, index in enumerate(missing)
        ),
    )


def same_documents(wanted: Sequence[Mapping[str, Any]], existing: Sequence[Mapping[str, Any]] | None) -> bool:
    """Compare a declared list with the one that the server has, if it tells it."""
    return (
        existing is not None
        and len(wanted) == len(existing)
        and all(same_item(one, other) for one, other in zip(wanted, existing))
    )


def same_item(wanted: Mapping[str, Any], existing: Mapping[str, Any]) -> bool:
    """Compare the document, and the metadata keys that are given for it."""
    return existing["href"] in (wanted.get("href"), *wanted.get("equal", ())) and same_metadata(
        wanted.get("metadata") or {}, existing.get("metadata")
    )


def same_metadata(wanted: Mapping[str, Any], existing: Any) -> bool:
    """Compare the given keys; others stay."""
    has = existing if isinstance(existing, Mapping) else {}
    return all(key in has and has[key] == value for key, value in wanted.items())
