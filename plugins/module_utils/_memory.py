# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was read from a server, kept where many tasks are planned from one reading.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from threading import RLock
from typing import Any, TypeVar

from ._convergence import Task
from ._errors import RequestError

_Read = TypeVar("_Read")


class NoMemory:
    """Reads anew each time: the way of a module that converges one task."""

    keeps = False

    def recall(self, key: Hashable, read: Callable[[], _Read]) -> _Read:
        """Return what ``read`` returns."""
        return read()


NO_MEMORY = NoMemory()


class Memory(NoMemory):
    """Keeps the first reading of each key; threads that ask for one key at a time wait for one reading.

    What is read may need another reading of the same thread, even of the same key: a login may tell it.
    """

    keeps = True

    def __init__(self, *, keeps_failures: bool = False) -> None:
        """Remember nothing yet; with ``keeps_failures`` what could not be read is not asked for again."""
        self._keeps_failures = keeps_failures
        self._failures: dict[Hashable, RequestError] = {}
        self._kept: dict[Hashable, Any] = {}
        self._locks: defaultdict[Hashable, RLock] = defaultdict(RLock)
        self._lock = RLock()

    def recall(self, key: Hashable, read: Callable[[], _Read]) -> _Read:
        """Return what ``read`` returned for this key at first, or raise what it raised if that is kept."""
        with self._lock:
            lock = self._locks[key]
        with lock:
            if key in self._failures:
                raise self._failures[key]
            if key not in self._kept:
                try:
                    self._kept[key] = read()
                except RequestError as error:
                    if self._keeps_failures:
                        self._failures[key] = error
                    raise
            kept: _Read = self._kept[key]
            return kept


class Listing:
    """Tasks of a server in its order, found by id and by name without a search.

    ``names`` tells under which names a task is looked for, where that is not its own alone.
    """

    def __init__(
        self, tasks: Iterable[Task], names: Callable[[Task], Iterable[str]] = lambda task: (task.name,)
    ) -> None:
        self.tasks = list(tasks)
        self._by_id = {task.id: task for task in self.tasks}
        self._by_name: defaultdict[str, list[Task]] = defaultdict(list)
        for task in self.tasks:
            for name in names(task):
                self._by_name[name].append(task)

    def with_id(self, task_id: str) -> list[Task]:
        """Return the task of an id, or nothing."""
        return [self._by_id[task_id]] if task_id in self._by_id else []

    def called(self, name: str) -> list[Task]:
        """Return the tasks that are looked for under a name, in the server's order."""
        return list(self._by_name.get(name, ()))
