# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who logs in how often: each call by itself, or once for all items of a loop.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ._client import Client
from ._memory import NO_MEMORY, Memory, NoMemory
from ._vendor import Call, Service, Vendor

# How many sessions are kept: more than one play's loop needs, and few enough to close in time.
_MOST = 8


@dataclass
class Session:
    """A client that is logged in, or will be, and what it has read where that is kept."""

    client: Client
    memory: NoMemory = NO_MEMORY
    read_at: float = field(default_factory=time.monotonic)

    def service(self, vendor: Vendor, params: Mapping[str, Any]) -> Service:
        """Return the vendor's service for one declaration, with what this session remembers."""
        service = vendor.serve(self.client, params)
        service.memory = self.memory
        return service


class Sessions:
    """A session for each call, closed at its end: for a module that is a program of its own."""

    @contextmanager
    def session(self, vendor: Vendor, call: Call) -> Iterator[Session]:
        """Provide the session of a call."""
        client = vendor.connect(call.params, read_only=call.check_mode, secrets=call.secrets)
        try:
            yield Session(client)
        finally:
            client.close()


class KeptSessions(Sessions):
    """Sessions that outlive a call, each for calls with the very same options to reach the server.

    One whose call failed is closed and forgotten: its login or its connection may be why.
    Holds state for one thread; Ansible's worker works off the items of a loop one by one, and ends.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Session] = OrderedDict()

    @contextmanager
    def session(self, vendor: Vendor, call: Call) -> Iterator[Session]:
        """Provide the session of a call, which is a kept one where its options are the same."""
        key = _key(vendor, call.params)
        session = self._kept.pop(key, None)
        if session is None:
            client = vendor.connect(call.params, read_only=call.check_mode, secrets=call.secrets)
            session = Session(client)
        else:
            session.client.serve_another(read_only=call.check_mode, secrets=call.secrets)
        _refresh(session, call.params.get("reuse_listing") or 0.0)
        try:
            yield session
        except BaseException:
            session.client.close()
            raise
        self._kept[key] = session
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)[1].client.close()


def _refresh(session: Session, seconds: float) -> None:
    """Let the session keep what it reads for so long; what it wrote itself since makes it read anew."""
    if seconds <= 0:
        session.memory = NO_MEMORY
    elif (
        not session.memory.keeps or session.client.has_written or time.monotonic() - session.read_at > seconds
    ):
        session.memory, session.read_at = Memory(), time.monotonic()
    session.client.has_written = False


def _key(vendor: Vendor, params: Mapping[str, Any]) -> str:
    """Return what tells sessions apart: all options to reach the server, secrets among them, as a digest."""
    options = {name: params.get(name) for name in (*sorted(vendor.connection_spec.options), "concurrency")}
    return hashlib.sha256(repr((vendor.key, options)).encode()).hexdigest()
