# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP client on the network: TLS of either side, proxies, addresses, and servers that misbehave."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from ansible_collections.taskbridge.vendors.plugins.module_utils._auth import HeaderToken
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import (
    Client,
    Connection,
    Request,
    Secrets,
)
from unit.asking import ask, refusal

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
Serve = Callable[[socket.socket], object]


class Server:
    """Listens, and hands each connection to a function; what breaks there is no concern of the test."""

    def __init__(self, serve: Serve, host: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, 0), family=family)
        self.port: int = self._socket.getsockname()[1]
        self.connections = 0
        self._serve = serve
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, dummy = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            self._serve(connection)

    def close(self) -> None:
        """Listen no longer."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@contextlib.contextmanager
def listening(serve: Serve, host: str = "127.0.0.1") -> Iterator[Server]:
    """Serve for as long as the block."""
    server = Server(serve, host)
    try:
        yield server
    finally:
        server.close()


def request_on(connection: socket.socket) -> bytes:
    """Read the head of a request."""
    head = b""
    while b"\r\n\r\n" not in head and (part := connection.recv(65536)):
        head += part
    return head


class Recorder:
    """Answers every request, over TLS where there is a context, and keeps what was asked."""

    def __init__(self, context: ssl.SSLContext | None = None, answer: bytes = ANSWER) -> None:
        self.context = context
        self.answer = answer
        self.heads: list[bytes] = []

    def __call__(self, connection: socket.socket) -> None:
        if self.context is not None:
            connection = self.context.wrap_socket(connection, server_side=True)
        head = request_on(connection)
        if head:
            self.heads.append(head)
            connection.sendall(self.answer)
        connection.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return the authority of all certificates here."""
    return trustme.CA()


@pytest.fixture
def ca_path(authority: trustme.CA, tmp_path: Path) -> str:
    """Return the path of the authority's certificate."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no proxy of the environment come between us and the loopback, unless a test wants one."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def context_for(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """Return the context of a server with a certificate for these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


# What has no end


@pytest.mark.parametrize("head", [b"302 Found\r\nLocation: /y", b"503 Busy"])
def test_a_body_that_tells_nothing_is_left_unread(head: bytes) -> None:
    """That of a redirect, and that of an answer after which the request is sent again."""
    sent: list[int] = []

    def endless(connection: socket.socket) -> None:
        if len(sent) > 0:
            Recorder()(connection)
            return
        sent.append(0)
        request_on(connection)
        connection.sendall(b"HTTP/1.1 " + head + b"\r\nContent-Length: 99999999999\r\n\r\n")
        while sent[0] < 200 << 20:
            connection.sendall(b" " * 65536)
            sent[0] += 65536

    with listening(endless) as server:
        assert ask(f"http://127.0.0.1:{server.port}", retries=1) == {}
    assert sent[0] < 50 << 20  # what the buffers of the sockets take


# TLS that breaks


def break_tls(connection: socket.socket) -> None:
    """Send what is no record of TLS."""
    connection.sendall(b"\x17\x03\x03\x00\x40" + b"\x00" * 64)
    connection.close()


def broken_answer(context: ssl.SSLContext, start: bytes, breaking: Serve) -> Serve:
    """Return what serves the start of an answer, and then breaks the connection."""

    def serve(connection: socket.socket) -> None:
        plain = connection.dup()
        secure = context.wrap_socket(connection, server_side=True)
        request_on(secure)
        if start:
            secure.sendall(start)
        breaking(plain)

    return serve


@pytest.mark.parametrize("start", [b"", ANSWER[:-1]], ids=["before the answer", "in the answer"])
def test_tls_that_breaks_after_a_write_leaves_it_unclear(
    authority: trustme.CA, ca_path: str, start: bytes
) -> None:
    """The server may have acted, so it is not asked again."""
    serve = broken_answer(context_for(authority, "127.0.0.1"), start, break_tls)
    with listening(serve) as server:
        url = f"https://127.0.0.1:{server.port}"
        error = refusal(url, method="POST", verify=ca_path, retries=3)
        assert server.connections == 1
        assert "the TLS connection broke: " in str(error)
        assert "look there before you run this again" in str(error)
        assert (error.unclear, error.retryable) == (True, False)
        error = refusal(url, verify=ca_path)
    assert (error.unclear, error.retryable) == (False, True)


def test_a_handshake_that_fails_is_clear(authority: trustme.CA) -> None:
    """Nothing was sent yet."""
    with listening(Recorder(context_for(authority, "127.0.0.1"))) as server:
        error = refusal(f"https://127.0.0.1:{server.port}", method="POST")
    assert "the TLS connection failed: " in str(error)
    assert (error.unclear, error.retryable) == (False, False)


def test_a_handshake_without_end_is_clear() -> None:
    """The port may belong to a server that waits for something else."""
    with listening(lambda connection: (connection.recv(65536), connection.recv(65536))) as server:
        error = refusal(f"https://127.0.0.1:{server.port}", method="POST", timeout=0.3)
    assert "no answer from the server: The handshake timed out." in str(error)
    assert (error.unclear, error.retryable) == (False, True)


def test_a_port_without_tls_is_clear() -> None:
    """What is said there in the place of a handshake is no TLS that broke."""
    with listening(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        error = refusal(f"https://127.0.0.1:{server.port}", method="POST")
    assert "does not speak TLS on this port" in str(error)
    assert not error.unclear


def test_a_certificate_for_another_name_tells_its_names(authority: trustme.CA, ca_path: str) -> None:
    """So that the right one can be taken."""
    recorder = Recorder(context_for(authority, "gis.example.com", "gis.example.org"))
    with listening(recorder) as server:
        error = refusal(f"https://127.0.0.1:{server.port}", verify=ca_path, method="POST")
    assert "127.0.0.1' doesn't match either of 'gis.example.com', 'gis.example.org'" in str(error)
    assert "use in url a name that the certificate has" in str(error)
    assert recorder.heads == []


# What TLS we speak


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("joined", [False, True], ids=["two files", "one file"])
def test_our_certificate_is_shown(
    authority: trustme.CA, ca_path: str, tmp_path: Path, newest: ssl.TLSVersion, joined: bool
) -> None:
    """A server that wants one gets it: certificate and key in two files, or in one."""
    context = context_for(authority, "127.0.0.1")
    context.maximum_version = newest
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    ours = authority.issue_cert("controller.example.com")
    cert, key, both = (str(tmp_path / name) for name in ("cert.pem", "key.pem", "both.pem"))
    ours.cert_chain_pems[0].write_to_path(cert)
    ours.private_key_pem.write_to_path(key)
    ours.private_key_and_cert_chain_pem.write_to_path(both)
    with listening(Recorder(context)) as server:
        url = f"https://127.0.0.1:{server.port}"
        assert ask(url, method="POST", verify=ca_path, cert=both if joined else (cert, key)) == {}


def test_a_certificate_of_ours_that_is_missing_is_explained(authority: trustme.CA, ca_path: str) -> None:
    """Up to TLS 1.2 the handshake fails."""
    context = context_for(authority, "127.0.0.1")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    with listening(Recorder(context)) as server:
        error = refusal(f"https://127.0.0.1:{server.port}", method="POST", verify=ca_path)
    assert "set client_cert and client_key" in str(error)
    assert not error.unclear


def refuse_our_certificate(context: ssl.SSLContext) -> Serve:
    """Return what reads the request before it misses our certificate, so that the alert comes for sure."""

    def serve(connection: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        secure = context.wrap_bio(incoming, outgoing, server_side=True)
        with contextlib.suppress(ssl.SSLError):
            while True:
                with contextlib.suppress(ssl.SSLWantReadError):
                    secure.do_handshake()
                    break
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(65536))
        connection.sendall(outgoing.read())
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            continue

    return serve


def test_a_certificate_of_ours_that_is_missed_later_is_explained(authority: trustme.CA, ca_path: str) -> None:
    """With TLS 1.3 the handshake has ended on our side, and the request may be sent; nobody reads it."""
    context = context_for(authority, "127.0.0.1")
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    with listening(refuse_our_certificate(context)) as server:
        error = refusal(f"https://127.0.0.1:{server.port}", method="POST", verify=ca_path)
    assert "set client_cert and client_key" in str(error)
    assert not error.unclear


def test_tls_before_1_2_is_not_spoken(authority: trustme.CA, ca_path: str) -> None:
    """The server is told from one that fails otherwise."""
    context = context_for(authority, "127.0.0.1")
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with listening(Recorder(context)) as server:
        error = refusal(f"https://127.0.0.1:{server.port}", verify=ca_path, method="POST")
    assert "The server offers no TLS of version 1.2 or later" in str(error)
    assert not error.unclear


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every name lead to this machine."""
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, port, *args, **more: look_up("127.0.0.1", port, *args, **more)
    )


@pytest.mark.usefixtures("resolved")
def test_the_server_is_told_by_which_name_it_is_called(authority: trustme.CA, ca_path: str) -> None:
    """One address may serve many names, each with a certificate of its own (SNI)."""
    contexts = {name: context_for(authority, name) for name in ("one.example.com", "other.example.com")}
    asked = []

    def choose(connection: ssl.SSLObject, name: str, dummy: ssl.SSLContext) -> None:
        asked.append(name)
        connection.context = contexts[name]

    front = context_for(authority, "nobody.example.com")
    front.sni_callback = choose
    with listening(Recorder(front)) as server:
        for name in contexts:
            assert ask(f"https://{name}:{server.port}", verify=ca_path) == {}
    assert asked == list(contexts)


# Names, addresses and proxies


@pytest.mark.parametrize("secure", [False, True])
def test_an_address_of_ipv6(authority: trustme.CA, ca_path: str, secure: bool) -> None:
    """It stands in brackets, in the URL and in the header."""
    recorder = Recorder(context_for(authority, "::1") if secure else None)
    with listening(recorder, "::1") as server:
        url = f"{'https' if secure else 'http'}://[::1]:{server.port}"
        assert ask(url, verify=ca_path) == {}
        assert f"Host: [::1]:{server.port}".encode() in recorder.heads[0]


class Proxy:
    """Opens a tunnel to one port whatever it is asked for, or refuses to, and keeps what it was asked."""

    def __init__(self, port: int, answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> None:
        self.port = port
        self.answer = answer
        self.heads: list[bytes] = []

    def __call__(self, connection: socket.socket) -> None:
        self.heads.append(request_on(connection))
        connection.sendall(self.answer)
        with socket.create_connection(("127.0.0.1", self.port)) as server:
            back = threading.Thread(target=pump, args=(server, connection), daemon=True)
            back.start()
            pump(connection, server)
            back.join()


def pump(source: socket.socket, target: socket.socket) -> None:
    """Hand on what comes, to its end."""
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)


def test_a_proxy_carries_tls_and_learns_no_token(
    authority: trustme.CA, ca_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTPS_PROXY is asked for a tunnel, and the server's certificate is checked at its end."""
    recorder = Recorder(context_for(authority, "gis.example.com"))
    with listening(recorder) as server:
        proxy = Proxy(server.port)
        with listening(proxy) as between:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{between.port}")
            auth = HeaderToken("t0ps3cret")
            assert ask("https://gis.example.com", verify=ca_path, auth=auth) == {}
            error = refusal("https://maps.example.com", verify=ca_path, auth=auth, method="POST")
    assert proxy.heads[0].startswith(b"CONNECT gis.example.com:443 HTTP/1.")
    assert b"t0ps3cret" not in b"".join(proxy.heads)
    assert b"t0ps3cret" in recorder.heads[0]
    assert len(recorder.heads) == 1
    assert "'maps.example.com' doesn't match 'gis.example.com'" in str(error)
    assert not error.unclear


def test_a_proxy_that_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing reached the server."""
    with listening(Recorder(answer=b"HTTP/1.1 403 Forbidden\r\n\r\n")) as between:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{between.port}")
        error = refusal("https://gis.example.com", method="POST")
    assert "403 Forbidden" in str(error)
    assert "proxy" in str(error)
    assert (error.unclear, error.retryable) == (False, True)


def test_the_environment_is_asked_once_for_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next item of a loop may have another proxy."""
    direct, between = Recorder(), Recorder()
    with listening(direct) as server, listening(between) as proxy:
        url = f"http://localhost:{server.port}"
        client = Client(
            Connection(url, timeout=5.0), lambda reply: reply.body, read_only=False, secrets=Secrets()
        )
        request = Request("look", "GET", f"{url}/x")
        client.send(request)
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        client.send(request)
        assert (len(direct.heads), len(between.heads)) == (2, 0)
        client.serve_another(read_only=False, secrets=Secrets())
        client.send(request)
        assert (len(direct.heads), len(between.heads)) == (2, 1)
        client.close()


@pytest.mark.parametrize(
    ("listed", "is_asked"),
    [
        ("", True),
        ("gis.example.com", False),
        ("other.example.com, .example.com", False),
        ("example.com", False),
        ("other.example.com", True),
        ("gis.example.com:1", True),
        ("*", False),
    ],
)
@pytest.mark.usefixtures("resolved")
def test_no_proxy_lists_the_servers_that_need_none(
    listed: str, is_asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name or by domain, with a port or without."""
    direct, between = Recorder(), Recorder()
    with listening(direct) as server, listening(between) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", listed)
        assert ask(f"http://gis.example.com:{server.port}") == {}
    assert (len(direct.heads), len(between.heads)) == ((0, 1) if is_asked else (1, 0))


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "where", ["http://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "http://localhost:{port}/"]
)
def test_a_token_never_reaches_another_origin(code: int, where: str) -> None:
    """Wherever a redirect points: another port and another name are other origins."""
    elsewhere = Recorder()
    with listening(elsewhere) as other:
        location = where.format(port=other.port)
        first = Recorder(
            answer=f"HTTP/1.1 {code} Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
        )
        with listening(first) as server:
            error = refusal(f"http://127.0.0.1:{server.port}", auth=HeaderToken("t0ps3cret"))
    assert error.http_status == code
    assert b"t0ps3cret" in first.heads[0]
    assert elsewhere.heads == []


def test_a_token_is_not_carried_from_https_to_http(authority: trustme.CA, ca_path: str) -> None:
    """The same host without TLS is another origin, too."""
    elsewhere = Recorder()
    with listening(elsewhere) as other:
        answer = f"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:{other.port}/\r\nContent-Length: 0\r\n\r\n"
        with listening(Recorder(context_for(authority, "127.0.0.1"), answer.encode())) as server:
            url = f"https://127.0.0.1:{server.port}"
            assert refusal(url, verify=ca_path, auth=HeaderToken("t0ps3cret")).http_status == 302
    assert elsewhere.heads == []
