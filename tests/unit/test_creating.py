# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs that create the same task at a time end with exactly one, in whatever order their requests arrive."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import count
from random import Random
from typing import Any

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import Client, Connection, Secrets
from ansible_collections.taskbridge.vendors.plugins.module_utils._convergence import (
    Capabilities,
    Desired,
    Task,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._creating import Creation, settle, yields
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import AbsentError, RequestError
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendor import Service
from hypothesis import given
from hypothesis import strategies as st

WANTED = Desired("job", "present", {})


class Turns:
    """Lets one of several threads take its next step at a time, drawn by chance."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._asked: dict[int, threading.Event] = {}
        self._state = threading.Condition()
        self._at_work = 0

    def wait(self) -> None:
        """Wait for a turn of this thread."""
        event = threading.Event()
        with self._state:
            self._asked[threading.get_ident()] = event
            self._at_work -= 1
            self._state.notify_all()
        event.wait()

    def run(self, jobs: list[Callable[[], None]]) -> None:
        """Run all jobs to their ends."""
        threads = [threading.Thread(target=self._work, args=(job,), daemon=True) for job in jobs]
        self._at_work = len(threads)
        for thread in threads:
            thread.start()
        while self._next():
            continue
        for thread in threads:
            thread.join()

    def _work(self, job: Callable[[], None]) -> None:
        try:
            job()
        finally:
            with self._state:
                self._at_work -= 1
                self._state.notify_all()

    def _next(self) -> bool:
        with self._state:
            self._state.wait_for(lambda: self._at_work == 0)
            if not self._asked:
                return False
            event = self._asked.pop(self._random.choice(list(self._asked)))
            self._at_work += 1
        event.set()
        return True


class Shelf(Service):
    """Tasks that all runs share. ``lose`` says which answers to a create are lost, and if it was done."""

    def __init__(
        self, turns: Turns, tasks: dict[str, Task], random: Random, numbers: Iterator[int], lose: list[str]
    ) -> None:
        client = Client(Connection("https://acme"), lambda reply: None, read_only=False, secrets=Secrets())
        super().__init__(client)
        self.turns, self.tasks, self.random, self.numbers, self.lose = turns, tasks, random, numbers, lose

    def matches(self, desired: Desired) -> list[Task]:
        self.turns.wait()
        return list(self.tasks.values())

    def listing(self, params: Any) -> list[Task]:
        raise NotImplementedError

    def get(self, task: Task) -> Task:
        raise NotImplementedError

    def create(self, desired: Desired) -> str | None:
        self.turns.wait()
        how = self.lose.pop() if self.lose else "answer"
        # Ids come in any order, and none comes twice.
        task_id = f"{self.random.getrandbits(32):08x}-{next(self.numbers)}"
        if how != "not done":
            self.tasks[task_id] = Task(task_id, "job", "idle", None, {}, {})
        if how != "answer":
            raise RequestError("create it", "no answer", "Look.", request="POST https://acme", unclear=True)
        return task_id

    def act(self, verb: str, task: Task) -> None:
        self.turns.wait()
        assert verb == "delete"
        if self.tasks.pop(task.id, None) is None:
            raise AbsentError("delete it", "gone", "Look.", request="POST https://acme")


class Acme:
    """What ``settle`` uses of a vendor."""

    capabilities = Capabilities(fields=())


def race(random: Random, runs: int, lose: list[str]) -> tuple[dict[str, Task], list[Creation]]:
    """Let runs that all found nothing create the same task; return what is left, and how each ended."""
    turns, tasks, numbers = Turns(random), dict[str, Task](), count()
    creations = [Creation(Shelf(turns, tasks, random, numbers, lose), WANTED, []) for dummy in range(runs)]

    def job(creation: Creation) -> None:
        creation.begin()
        settle(Acme(), [creation])  # type: ignore[arg-type]

    turns.run([lambda creation=creation: job(creation) for creation in creations])  # type: ignore[misc]
    return tasks, creations


@given(random=st.randoms(use_true_random=False), runs=st.integers(1, 4))
def test_exactly_one_is_left(random: Random, runs: int) -> None:
    """Nothing is lost and nothing doubled, and a run removes no task but its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.sleep", lambda seconds: None)
        tasks, creations = race(random, runs, [])
    assert len(tasks) == 1 or any(creation.error for creation in creations)
    assert len(tasks) <= 1
    winners = [one for one in creations if one.is_ours and one.error is None]
    assert {one.task_id for one in winners} <= set(tasks)


@pytest.mark.parametrize(
    ("lose", "left", "notes"),
    [
        ([], 1, 0),
        (["done"], 1, 1),
        (["not done"], 1, 1),
        (["not done", "done"], 1, 2),
        (["not done", "not done"], 0, 1),
    ],
)
def test_a_lost_answer_is_looked_for(
    lose: list[str], left: int, notes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what is not there is made again, once; the user is told."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    tasks, (creation,) = race(Random(1), 1, lose[::-1])
    assert len(tasks) == left
    assert (creation.error is None) is bool(left)
    assert len(creation.notes) == notes


def test_the_rule_is_the_same_seen_from_both_sides() -> None:
    """Of two that look at a time, one goes; one that waited in vain goes for the one that does not."""
    assert yields("b", ["a"], has_waited=False)
    assert not yields("a", ["b"], has_waited=False)
    assert yields("a", ["b"], has_waited=True)
