# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a token travels, and when it is fetched."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.taskbridge.vendors.plugins.module_utils._auth import (
    HeaderToken,
    NoAuth,
    ParameterToken,
    SignedRequest,
    Token,
    raw_base64,
)

# Requests signed by the vendor's own client.
VECTORS = json.loads((Path(__file__).parent / "data" / "sdk-hmac-sha256.json").read_text(encoding="utf-8"))


def prepared(method: str, auth: Any, **more: Any) -> requests.PreparedRequest:
    return requests.Request(method, "https://h/x", auth=auth, **more).prepare()


def test_a_header_token_shows_in_no_url() -> None:
    request = prepared("GET", HeaderToken("abc", header="X-Token", extra={"Referer": "r"}), params={"a": 1})
    assert request.headers["X-Token"] == "Bearer abc"
    assert request.headers["Referer"] == "r"
    assert request.url == "https://h/x?a=1"


def test_a_header_token_may_come_without_a_scheme() -> None:
    request = prepared("GET", HeaderToken("abc", header="X-Token", scheme=""))
    assert request.headers["X-Token"] == "abc"


@pytest.mark.parametrize("form", [{"a": "1"}, {}, None])
def test_a_parameter_token_is_in_the_form_of_a_post(form: dict[str, str] | None) -> None:
    request = prepared("POST", ParameterToken("a b&c"), data=form)
    assert request.body == ("a=1&" if form else "") + "token=a+b%26c"
    assert request.url == "https://h/x"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert int(request.headers["Content-Length"]) == len(request.body)


@pytest.mark.parametrize(
    ("query", "url"), [({"a": 1}, "https://h/x?a=1&key=a+b%26c"), ({}, "https://h/x?key=a+b%26c")]
)
def test_a_parameter_token_is_in_the_query_of_a_get(query: dict[str, int], url: str) -> None:
    request = prepared("GET", ParameterToken("a b&c", name="key"), params=query)
    assert request.url == url
    assert request.body is None


def test_no_auth_leaves_the_request_as_it_is() -> None:
    headers = {"Authorization": "own"}
    assert prepared("GET", NoAuth(), headers=headers).headers == headers


def test_a_token_is_fetched_once_and_again_after_its_renewal() -> None:
    texts = ["first", "second"]
    token = Token(fetch=lambda: texts.pop(0))
    assert [token.token, token.token] == ["first", "first"]
    assert token.renew()
    assert token.token == "second"


def test_a_given_token_is_kept_where_there_is_no_other() -> None:
    token = Token("given")
    assert not token.renew()
    assert token.token == "given"


def test_a_given_token_comes_before_a_login() -> None:
    token = Token("given", lambda: "fetched")
    assert token.token == "given"
    assert token.renew()
    assert token.token == "fetched"


def test_a_token_needs_a_source() -> None:
    with pytest.raises(ValueError, match="neither a token nor a way"):
        str(Token().token)


def test_base64_is_utf8_and_has_no_scheme() -> None:
    assert raw_base64("ü", "p:w") == "w7w6cDp3"


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_signature_is_that_of_the_vendors_client(vector: dict[str, Any]) -> None:
    reported: list[str] = []
    headers = dict(vector["headers_before_signing"])
    extra = {"X-Security-Token": headers.pop("X-Security-Token")} if vector["security_token"] else {}
    auth = SignedRequest(
        vector["ak"],
        vector["sk"],
        extra=extra,
        report=reported.append,
        now=lambda: datetime.strptime(headers["X-Sdk-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC),
    )
    url, dummy, query = vector["url"].partition("?")
    request = requests.Request(
        vector["method"], url, params=vector["query"], data=vector["body"], headers=headers, auth=auth
    ).prepare()
    assert request.headers["Authorization"] == vector["authorization"]
    assert reported == [vector["signature"]]
    assert str(request.url).partition("?")[2] == query
    assert request.headers["Host"] == vector["headers_on_wire"]["Host"]


def test_a_signature_is_over_the_bytes_that_are_sent() -> None:
    at = datetime(2030, 1, 31, tzinfo=UTC)
    auth = SignedRequest("key", "secret", now=lambda: at)
    bodies: list[dict[str, Any]] = [{"data": "\u00fc"}, {"data": "\u00fc".encode()}, {"json": ["\u00fc"]}, {}]
    sent = [prepared("POST", auth, headers={"Content-Type": "a/b"}, **body) for body in bodies]
    signatures = [request.headers["Authorization"].rpartition("=")[2] for request in sent]
    assert signatures[0] == signatures[1]
    assert len(set(signatures)) == 3
    assert not auth.renew()


def test_threads_that_hold_one_refused_token_log_in_once() -> None:
    logins: list[int] = []

    def fetch() -> str:
        logins.append(1)
        time.sleep(0.02)
        return f"token-{len(logins)}"

    token = Token(fetch=fetch)
    together = threading.Barrier(8)

    def work() -> str:
        used = token.token
        together.wait()
        if used == "token-1":
            assert token.renew()
        return token.token

    with ThreadPoolExecutor(8) as pool:
        assert {future.result() for future in [pool.submit(work) for _number in range(8)]} == {"token-2"}
    assert len(logins) == 2
