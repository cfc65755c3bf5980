# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions: one for each call, or kept for calls with the same login."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import (
    Client,
    Connection,
    Request,
    Secrets,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import (
    CheckModeViolationError,
    OptionError,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._options import ArgumentSpec
from ansible_collections.taskbridge.vendors.plugins.module_utils._sessions import KeptSessions, Sessions
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendor import Call, Vendor


class Acme:
    """What sessions use of a vendor."""

    key = "acme"
    connection_spec = ArgumentSpec(options={name: {} for name in ("url", "password", "ca_path")})

    def __init__(self) -> None:
        self.closed: list[Client] = []

    def connect(self, params: Mapping[str, Any], *, read_only: bool, secrets: Secrets) -> Client:
        secrets.add(params["password"])
        client = Client(Connection("https://acme"), lambda reply: None, read_only=read_only, secrets=secrets)
        close = client.close

        def counted() -> None:
            self.closed.append(client)
            close()

        client.close = counted  # type: ignore[method-assign]
        return client


def call(*, check_mode: bool = False, told: list[str] | None = None, **params: Any) -> Call:
    """Return a call."""
    given = {"url": "https://acme", "password": "s3cret", "ca_path": None, **params}
    return Call(given, check_mode, Secrets((told if told is not None else []).append), lambda text: None)


def client_of(sessions: Sessions, vendor: Acme, one: Call) -> Client:
    """Carry out a call that does nothing; return its client."""
    with sessions.session(cast(Vendor, vendor), one) as session:
        return session.client


def test_each_call_has_its_own_session() -> None:
    vendor = Acme()
    first, second = (client_of(Sessions(), vendor, call()) for _number in range(2))
    assert first is not second
    assert vendor.closed == [first, second]


def test_a_session_is_kept_for_the_same_login() -> None:
    vendor, sessions = Acme(), KeptSessions()
    first = client_of(sessions, vendor, call(name="a"))
    assert client_of(sessions, vendor, call(name="b")) is first
    assert vendor.closed == []


@pytest.mark.parametrize(
    "other", [{"password": "another"}, {"url": "https://else"}, {"ca_path": "ca.pem"}, {"concurrency": 4}]
)
def test_another_login_is_another_session(other: dict[str, Any]) -> None:
    vendor, sessions = Acme(), KeptSessions()
    first = client_of(sessions, vendor, call())
    assert client_of(sessions, vendor, call(**other)) is not first
    assert client_of(sessions, vendor, call()) is first


def test_check_mode_locks_a_kept_session_and_no_longer() -> None:
    vendor, sessions = Acme(), KeptSessions()
    write = Request("write", "POST", "https://acme", writes=True)
    client = client_of(sessions, vendor, call())
    assert client_of(sessions, vendor, call(check_mode=True)) is client
    with pytest.raises(CheckModeViolationError):
        client.send(write)
    client_of(sessions, vendor, call())
    assert not client._read_only


def test_each_call_is_told_the_secrets_of_the_login_and_no_others() -> None:
    vendor, sessions = Acme(), KeptSessions()
    client = client_of(sessions, vendor, call())
    client.secrets.add("token")
    client.secrets.add("an input", of_call=True)
    assert client.secrets.mask("token, an input") == "********, ********"
    told: list[str] = []
    client_of(sessions, vendor, call(told=told))
    assert set(told) == {"s3cret", "token"}
    assert client.secrets.mask("token, an input") == "********, an input"


@pytest.mark.parametrize("error", [OptionError("name", "", "is empty", "Set it."), KeyboardInterrupt()])
def test_a_call_that_fails_ends_the_session(error: BaseException) -> None:
    vendor, sessions = Acme(), KeptSessions()
    with pytest.raises(type(error)), sessions.session(cast(Vendor, vendor), call()) as session:
        raise error
    assert vendor.closed == [session.client]
    assert client_of(sessions, vendor, call()) is not session.client


def test_few_sessions_are_kept() -> None:
    vendor, sessions = Acme(), KeptSessions()
    clients = [client_of(sessions, vendor, call(url=f"https://{number}")) for number in range(20)]
    assert vendor.closed == clients[:12]


def test_a_listing_is_kept_on_request_until_something_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    vendor, sessions = Acme(), KeptSessions()
    reads: list[int] = []

    def count() -> int:
        reads.append(1)
        return len(reads)

    def read(seconds: float, *, writes: bool = False) -> int:
        one = replace(call(), params={**call().params, "reuse_listing": seconds})
        with sessions.session(cast(Vendor, vendor), one) as session:
            session.client.has_written |= writes
            return session.memory.recall("tasks", count)

    assert [read(0), read(0)] == [1, 2]
    assert [read(60), read(60, writes=True), read(60), read(60)] == [3, 3, 4, 4]
    now[0] += 61
    assert read(60) == 5
    assert read(0) == 6
