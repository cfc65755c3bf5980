# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the HTTP client does with answers without measure, and what it says of TLS that fails."""

from __future__ import annotations

import gzip
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
from ansible_collections.taskbridge.vendors.plugins.module_utils import _answers
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import (
    Client,
    Connection,
    Request,
    Secrets,
    is_readable_by_others,
)
from unit.asking import ask, refusal


class Server(ThreadingHTTPServer):
    """Answers everything with the same bytes; counts the connections."""

    daemon_threads = True

    def __init__(self, body: bytes, headers: dict[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.body, self.headers, self.connections = body, headers, 0

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep lost connections out of the test's output."""


class Handler(BaseHTTPRequestHandler):
    """Keeps connections, as servers do."""

    server: Server
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(self.server.body))}
        for name, value in {**headers, **self.server.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(body: bytes, context: ssl.SSLContext | None = None, **headers: str) -> Iterator[Server]:
    """Serve on a free port, over TLS where there is a context."""
    server = Server(body, {name.replace("_", "-"): value for name, value in headers.items()})
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no proxy come between us and the loopback."""
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_has_a_limit(packed: bool, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would fill the memory is not read to its end, and not unpacked to its end."""
    monkeypatch.setattr(_answers, "MAX_ANSWER", 3 << 20)
    body = b'["' + b" " * (50 << 20) + b'"]'
    headers = {"Content_Encoding": "gzip"} if packed else {}
    with serving(gzip.compress(body, 1) if packed else body, None, **headers) as server:
        error = refusal(f"http://127.0.0.1:{server.server_port}", method=method)
    assert str(error).startswith("Could not start it: the answer is longer than 3 MB. ")
    assert error.unclear is (method == "POST")


def test_an_answer_is_not_unpacked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of what is packed twice may be a millionfold."""
    monkeypatch.setattr(_answers, "MAX_ANSWER", 3 << 20)
    body = gzip.compress(gzip.compress(b" " * (50 << 20), 1), 1)
    with serving(body, None, Content_Encoding="gzip, gzip") as server:
        error = refusal(f"http://127.0.0.1:{server.server_port}")
    assert "the answer is packed more than once" in str(error)


def nested(levels: int) -> bytes:
    """Return a list in a list in a list."""
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (nested(200_000), "is nested deeper than 64 levels: '[[["),
        (nested(900), "is nested deeper than 64 levels: '[[["),
        (b"[" * 65 + b"1" + b"]" * 65, "is nested deeper than 64 levels: '[[["),
        (nested(65), "is nested deeper than 64 levels: '[[["),
        (b'{"a": ' * 65 + b"1" + b"}" * 65, "is nested deeper than 64 levels: '{"),
        (b'{"a": "\xff\xfe"}', "cannot be decoded as utf-8: '{"),
        (b"<html>Welcome</html>", "is a web page and not JSON: '<html>Welcome</html>'"),
        (b"<!DOCTYPE html>\n<head>", "is a web page and not JSON: '<!DOCTYPE html> <head>'"),
        (b"<job/>", "is not JSON: '<job/>'"),
        (b'{"a": ', "is not JSON: '{"),
        (b'{"a": ' + b"9" * 5000 + b"}", "holds a number of too many digits: '{"),
        (b'{"a": NaN}', "holds NaN, which is no finite number: '{"),
        (b"[-Infinity]", "holds -Infinity, which is no finite number: '["),
        (b"[1e999]", "holds 1e999, which is no finite number: '["),
        (b'["\\ud83d"]', "holds half a character, which no text can: '["),
        (b"", "is empty. Check"),
        (b" \n", "is empty. Check"),
        (b"null", "holds nothing: 'null'"),
    ],
)
def test_an_answer_that_cannot_be_read_is_an_error(body: bytes, told: str) -> None:
    """Whatever it is, it is no crash, and the error tells what it is."""
    with serving(body) as server:
        error = refusal(f"http://127.0.0.1:{server.server_port}")
    assert str(error).startswith(f"Could not start it: the answer {told}")


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"[" * 64 + b"1" + b"]" * 64, json.loads(b"[" * 64 + b"1" + b"]" * 64)),
        (nested(64), json.loads(nested(64))),
        (b'["\\ud83d\\ude00", 1.5, -1e300]', ["\U0001f600", 1.5, -1e300]),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"a": "\u00e9"}'.encode("utf-16"), {"a": "\u00e9"}),
    ],
    ids=[
        "as deep as may be",
        "as deep as may be and empty",
        "a character in two halves",
        "byte order mark",
        "another encoding of JSON",
    ],
)
def test_what_is_unusual_is_read(body: bytes, value: Any) -> None:
    """Limits are beyond what a server may well send."""
    with serving(body) as server:
        assert ask(f"http://127.0.0.1:{server.server_port}") == value


@pytest.mark.parametrize(
    ("media", "body", "value"),
    [
        ("application/json; charset=iso-8859-1", b'["\xe9"]', "\u00e9"),
        ('application/json;charset="ISO-8859-1"', b'["\xe9"]', "\u00e9"),
        ("application/json; charset=gbk", b'["\xc4\xe3"]', "\u4f60"),
        ("text/html", b'["\xc3\xa9"]', "\u00e9"),
        ("application/json; charset=utf-8", b'\xef\xbb\xbf["\xc3\xa9"]', "\u00e9"),
    ],
)
def test_a_named_encoding_counts(media: str, body: bytes, value: str) -> None:
    """Without one an answer is read as JSON is, and not as a web page would be."""
    with serving(body, Content_Type=media) as server:
        assert ask(f"http://127.0.0.1:{server.server_port}") == [value]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("klingon", "is in the encoding 'klingon', which nobody knows: '[\"\ufffd\"]'"),
        ("base64", "is in the encoding 'base64', which nobody knows"),
        ("ascii", "cannot be decoded as ascii: '[\"\ufffd\"]'"),
    ],
)
def test_an_encoding_that_does_not_fit_is_told(encoding: str, told: str) -> None:
    """The server may name an encoding that nobody knows, or another than that of its answer."""
    with serving(b'["\xe9"]', Content_Type=f"application/json; charset={encoding}") as server:
        assert told in str(refusal(f"http://127.0.0.1:{server.server_port}"))


def test_connections_are_kept() -> None:
    """Answers are read to their end, so that the next request goes the same way."""
    with serving(b'{"ok": 1}') as server:
        url = f"http://127.0.0.1:{server.server_port}"
        client = Client(Connection(url), lambda reply: reply.body, read_only=False, secrets=Secrets())
        for dummy in range(5):
            assert client.send(Request("read", "GET", url)) == {"ok": 1}
        client.close()
        assert server.connections == 1


def certificate(make: Callable[[trustme.CA], trustme.LeafCert]) -> tuple[trustme.CA, ssl.SSLContext]:
    """Return an authority and the context of a server with a certificate of it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    make(authority).configure_cert(context)
    return authority, context


PAST, FUTURE = datetime.now(UTC) - timedelta(days=9), datetime.now(UTC) + timedelta(days=9)


@pytest.mark.parametrize(
    ("make", "is_trusted", "told"),
    [
        (lambda authority: authority.issue_cert("127.0.0.1"), False, "set ca_path"),
        (
            lambda authority: authority.issue_cert("gis.example.com"),
            True,
            "doesn't match 'gis.example.com'. The certificate is for another name: use in url a name",
        ),
        (
            lambda authority: authority.issue_cert("127.0.0.1", not_before=PAST, not_after=PAST),
            True,
            "Renew the server's certificate",
        ),
        (
            lambda authority: authority.issue_cert("127.0.0.1", not_before=FUTURE, not_after=FUTURE),
            True,
            "Check the clock of this machine",
        ),
        (lambda authority: authority.issue_cert("127.0.0.1"), True, ""),
    ],
    ids=["unknown authority", "other name", "expired", "not yet valid", "good"],
)
def test_a_certificate_that_does_not_hold_is_explained(
    make: Callable[[trustme.CA], trustme.LeafCert], is_trusted: bool, told: str, tmp_path: Path
) -> None:
    """The check that failed is named, and the option that helps."""
    authority, context = certificate(make)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    verify = str(tmp_path / "ca.pem") if is_trusted else True
    with serving(b"{}", context) as server:
        url = f"https://127.0.0.1:{server.server_port}"
        if not told:
            assert ask(url, verify=verify) == {}
            return
        error = refusal(url, verify=verify)
    assert "the TLS connection failed: " in str(error)
    assert told in str(error)


def test_a_port_without_tls_is_explained() -> None:
    """Where the server speaks plain HTTP, no certificate helps."""
    with serving(b"{}") as server:
        error = refusal(f"https://127.0.0.1:{server.server_port}")
    assert "does not speak TLS on this port" in str(error)


@pytest.mark.parametrize(
    ("url", "is_readable"),
    [
        ("http://gis.example.com", True),
        ("http://192.0.2.1:8080/x", True),
        ("https://gis.example.com", False),
        ("http://localhost:8080", False),
        ("http://127.0.0.1", False),
        ("http://[::1]:8080", False),
        ("http://[2001:db8::1]:8080", True),
    ],
)
def test_what_others_can_read(url: str, is_readable: bool) -> None:
    """Plain HTTP beyond this machine is warned of."""
    assert is_readable_by_others(url) is is_readable
