# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many tasks are worked off side by side, and when that ends early."""

from __future__ import annotations

import threading
import time

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils import _bulk
from ansible_collections.taskbridge.vendors.plugins.module_utils._bulk import _Brake, _in_parallel
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import (
    LoginError,
    NotAttemptedError,
    RequestError,
)


def error(kind: type[RequestError] = RequestError, status: int | None = None) -> RequestError:
    """Return a failed request."""
    return kind("write", "it failed", "Look.", request="POST https://acme", http_status=status)


def test_no_more_threads_than_allowed_work_at_a_time() -> None:
    lock, running, most, done = threading.Lock(), 0, 0, []

    def work(item: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.005)
        with lock:
            running -= 1
            done.append(item)

    _in_parallel(work, list(range(40)), 4)
    assert sorted(done) == list(range(40))
    assert most == 4


def test_one_thread_keeps_the_order() -> None:
    done: list[int] = []
    _in_parallel(done.append, list(range(9)), 1)
    assert done == list(range(9))


def test_nothing_is_begun_after_an_exception() -> None:
    done: list[int] = []

    def work(item: int) -> None:
        done.append(item)
        if item == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _in_parallel(work, list(range(100)), 1)
    assert done == [0, 1, 2, 3]


def test_progress_is_told_by_the_calling_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_bulk, "_TELL_EVERY", 0.01)
    told: list[tuple[int, threading.Thread]] = []
    _in_parallel(
        lambda item: time.sleep(0.02),
        list(range(4)),
        1,
        lambda left: told.append((left, threading.current_thread())),
    )
    assert told
    assert {thread for _left, thread in told} == {threading.current_thread()}
    assert [left for left, _thread in told] == sorted((left for left, _thread in told), reverse=True)


def test_a_refused_login_stops_all_that_follows() -> None:
    brake = _Brake()
    brake.check()
    brake.saw(error(LoginError, 401))
    with pytest.raises(NotAttemptedError, match="refused the login"):
        brake.check()


def test_a_server_that_does_not_answer_stops_all_that_follows() -> None:
    brake = _Brake()
    for _number in range(9):
        brake.saw(error())
    brake.saw(error(status=500))
    for _number in range(9):
        brake.saw(error())
    brake.check()
    brake.saw(error())
    with pytest.raises(NotAttemptedError, match="10 writes in a row had no answer"):
        brake.check()
