# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was read is kept once for all threads, and found without a search."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils._convergence import Task
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import RequestError
from ansible_collections.taskbridge.vendors.plugins.module_utils._memory import NO_MEMORY, Listing, Memory


def test_without_memory_each_recall_reads() -> None:
    reads: list[int] = []
    for _number in range(2):
        NO_MEMORY.recall("key", lambda: reads.append(1))
    assert len(reads) == 2


def test_threads_share_one_reading() -> None:
    memory, reads = Memory(), []

    def read() -> int:
        reads.append(1)
        time.sleep(0.05)
        return len(reads)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _number: memory.recall("key", read), range(8)))
    assert found == [1] * 8
    assert len(reads) == 1


def test_what_fails_is_not_kept_and_blocks_nobody() -> None:
    memory = Memory()

    def fail() -> int:
        raise LookupError("not there")

    with pytest.raises(LookupError, match="not there"):
        memory.recall("key", fail)
    assert memory.recall("key", lambda: 7) == 7


def test_a_reading_may_ask_for_itself() -> None:
    memory = Memory()
    assert memory.recall("key", lambda: memory.recall("key", lambda: 1) + 1) == 2


def test_a_listing_finds_by_id_and_name_in_order() -> None:
    tasks = [Task(str(number), name, "", None, {}, {}) for number, name in enumerate(("a", "b", "a(1)", "a"))]
    listing = Listing(tasks, names=lambda task: {task.name, task.name.partition("(")[0]})
    assert listing.tasks == tasks
    assert listing.with_id("2") == [tasks[2]]
    assert listing.with_id("9") == []
    assert listing.called("a") == [tasks[0], tasks[2], tasks[3]]
    assert listing.called("c") == []


def test_a_failure_is_kept_where_that_is_wanted() -> None:
    """Where a whole round of looks hangs on one listing, a server that does not answer is asked once."""
    asked: list[int] = []

    def fail() -> None:
        asked.append(1)
        raise RequestError("list", "no answer", "Wait.", request="GET https://acme")

    for keeps, times in ((True, 1), (False, 2)):
        asked.clear()
        memory = Memory(keeps_failures=keeps)
        for dummy in range(2):
            with pytest.raises(RequestError):
                memory.recall("tasks", fail)
        assert len(asked) == times
