# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request of the HTTP client to a server of the test."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils._auth import HeaderToken
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import (
    Client,
    Connection,
    Request,
    Secrets,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import RequestError


def ask(url: str, *, method: str = "GET", auth: HeaderToken | None = None, **options: Any) -> Any:
    """Send one request; one that is no GET writes."""
    client = Client(
        Connection(url, **{"timeout": 5.0, "retries": 0, **options}),
        lambda reply: reply.body,
        read_only=False,
        secrets=Secrets(),
    )
    client.auth = auth or client.auth
    try:
        return client.send(Request("start it", method, f"{url}/x", writes=method != "GET"))
    finally:
        client.close()


def refusal(url: str, **options: Any) -> RequestError:
    """Send one request that must fail."""
    with pytest.raises(RequestError) as caught:
        ask(url, **options)
    return caught.value
