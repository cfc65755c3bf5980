# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP client against small servers: what is repeated, what is sent where, what a failure says."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils import _client, _transport
from ansible_collections.taskbridge.vendors.plugins.module_utils._auth import (
    Basic,
    HeaderToken,
    Login,
    NoAuth,
    ParameterToken,
    Token,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import (
    Client,
    Connection,
    RefusalError,
    Reply,
    Request,
    Secrets,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import (
    AbsentError,
    CheckModeViolationError,
    LoginError,
    MissingLibraryError,
    OptionError,
    RequestError,
    TokenRefusedError,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._hiding import MASK

DROP = "drop"  # the server closes the connection without an answer
STALL = "stall"  # the server says nothing for longer than the client waits


class Server(ThreadingHTTPServer):
    """Answers from a list, the last answer again and again, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.answers: list[Any] = []
        self.seen: list[tuple[str, str, dict[str, str], str]] = []
        self.released = threading.Event()

    def answer(self, *answers: Any) -> None:
        self.answers = list(answers)

    @property
    def count(self) -> int:
        return len(self.seen)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep lost connections out of the test's output."""


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.server.seen.append((self.command, self.path, dict(self.headers), body))
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer == STALL:
            self.server.released.wait(5)
        if answer in (DROP, STALL):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, headers, text = answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(text)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    do_POST = do_PUT = do_GET  # noqa: N815

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def ok(text: str = '{"ok": 1}') -> tuple[int, dict[str, str], str]:
    return 200, {}, text


def status(code: int, text: str = "{}", **headers: str) -> tuple[int, dict[str, str], str]:
    return code, {name.replace("_", "-"): value for name, value in headers.items()}, text


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as one:
        yield one


@pytest.fixture
def elsewhere() -> Iterator[Server]:
    with serving() as one:
        one.answer(ok())
        yield one


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses between tries, none of which is really made; use no proxy."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    monkeypatch.setenv("NO_PROXY", "*")
    return pauses


def read(reply: Reply) -> Any:
    """Read as a vendor does whose "no" is a body with a key of that name."""
    if isinstance(reply.body, dict) and "no" in reply.body:
        code = reply.body.get("code")
        raise RefusalError(reply.body["no"], code, token_refused=code == 498, absent=code == 404)
    return reply.body


MakeClient = Callable[..., Client]


@pytest.fixture
def make(server: Server) -> Iterator[MakeClient]:
    clients = []

    def build(
        url: str = "", *, auth: Login | None = None, read_only: bool = False, retries: int = 2, **more: Any
    ) -> Client:
        connection = Connection(url or server.url, timeout=more.pop("timeout", 5.0), retries=retries)
        client = Client(connection, read, read_only=read_only, secrets=more.pop("secrets", Secrets()), **more)
        client.auth = auth or NoAuth()
        clients.append(client)
        return client

    yield build
    for client in clients:
        client.close()


def get(client: Client, path: str = "/x", **more: Any) -> Any:
    return client.send(Request("read it", "GET", client.connection.url + path, **more))


def post(client: Client, path: str = "/x", **more: Any) -> Any:
    return client.send(
        Request("write it", "POST", client.connection.url + path, form={"a": "1"}, writes=True, **more)
    )


def failure(call: Callable[..., Any], *args: Any, **more: Any) -> RequestError:
    with pytest.raises(RequestError) as caught:
        call(*args, **more)
    return caught.value


def test_the_user_agent_tells_the_collection_and_its_version(server: Server, make: MakeClient) -> None:
    server.answer(ok())
    assert get(make()) == {"ok": 1}
    assert server.seen[0][2]["User-Agent"].startswith(f"taskbridge.vendors/{_client.VERSION} python/3.")


@pytest.mark.parametrize("trouble", [status(500), status(502), status(503), status(504), status(429), DROP])
def test_a_get_is_repeated(server: Server, make: MakeClient, trouble: Any) -> None:
    server.answer(trouble, trouble, ok())
    assert get(make()) == {"ok": 1}
    assert server.count == 3


@pytest.mark.parametrize(
    ("trouble", "http_status"), [(status(503, "try later"), 503), (status(429), 429), (DROP, None)]
)
def test_a_get_is_given_up_after_the_retries(
    server: Server, make: MakeClient, trouble: Any, http_status: int | None
) -> None:
    server.answer(trouble)
    error = failure(get, make())
    assert server.count == 3
    assert error.http_status == http_status
    assert error.retryable
    assert "unclear" not in error.failure()["error"]
    assert str(error).startswith("Could not read it: ")


@pytest.mark.parametrize(
    ("more", "body", "media"),
    [
        ({"json": {"a": [1, None]}}, '{"a": [1, null]}', "application/json"),
        ({"content": b"plain", "headers": {"Content-Type": "text/x"}}, "plain", "text/x"),
        ({"form": {"a": "1"}}, "a=1", "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_of_each_kind(
    server: Server, make: MakeClient, more: dict[str, Any], body: str, media: str
) -> None:
    server.answer(ok())
    make().send(Request("write it", "PUT", f"{server.url}/x", writes=True, **more))
    _method, _path, headers, sent = server.seen[0]
    assert (sent, headers["Content-Type"]) == (body, media)


def test_the_whole_reply_can_be_asked_for(server: Server, make: MakeClient) -> None:
    server.answer(status(202, '{"id": 1}', Location="/x/1"))
    reply = make().answer(Request("write it", "POST", f"{server.url}/x", writes=True))
    assert (reply.status, reply.body, reply.location, reply.headers["location"]) == (
        202,
        {"id": 1},
        "/x/1",
        "/x/1",
    )


def test_an_empty_answer_is_good_only_where_it_may_be(server: Server, make: MakeClient) -> None:
    server.answer(status(202, ""))
    assert post(make(), may_be_empty=True) is None
    assert failure(post, make()).unclear
    server.answer(status(202, "half of a pa"))
    assert failure(post, make(), may_be_empty=True).unclear


def test_what_does_not_exist_has_an_error_of_its_own(server: Server, make: MakeClient) -> None:
    server.answer(status(404, '{"no": "unknown", "code": 404}'))
    with pytest.raises(AbsentError, match="unknown"):
        get(make())
    server.answer(status(404, "<html>no such page</html>"))
    assert not isinstance(failure(get, make()), AbsentError)


def test_a_refusal_with_a_server_error_leaves_a_write_unclear(server: Server, make: MakeClient) -> None:
    server.answer(status(500, '{"no": "sorry"}'))
    assert failure(post, make()).unclear
    assert not failure(get, make(retries=0)).unclear


def test_what_a_vendor_says_was_not_acted_upon_is_repeated(server: Server, make: MakeClient) -> None:
    busy = frozenset({("POST", 409)})
    server.answer(status(409), status(409), ok())
    assert post(make(unacted=busy)) == {"ok": 1}
    server.answer(status(409), ok())
    assert failure(post, make()).http_status == 409
    server.answer(status(409))
    assert failure(post, make(unacted=busy)).http_status == 409


@pytest.mark.parametrize("text", ['{"no": "in use"}', "in use"])
def test_a_request_may_know_what_to_do_about_a_status(server: Server, make: MakeClient, text: str) -> None:
    server.answer(status(409, text))
    assert str(failure(post, make(), remedies={409: "Stop it first."})).endswith(". Stop it first.")
    assert "Stop it first." not in str(failure(post, make(), remedies={404: "Stop it first."}))


def test_an_unreadable_answer_to_a_login_is_not_shown(server: Server, make: MakeClient) -> None:
    server.answer(ok('{"access_token": "t0ken", '))
    login = Request("log in", "POST", f"{server.url}/token", form={}, is_login=True)
    error = failure(make().send, login)
    assert "the answer is not JSON" in str(error)
    assert "t0ken" not in str(error)
    assert "t0ken" in str(failure(get, make()))


def test_a_login_whose_url_was_learnt_later_is_repeated(server: Server, make: MakeClient) -> None:
    server.answer(status(503), ok())
    client = make()
    client.repeat_login_at(f"{server.url}/token")
    login = Request("log in", "POST", f"{server.url}/token", form={}, is_login=True)
    assert client.send(login) == {"ok": 1}
    server.answer(status(503), ok())
    assert failure(post, client).http_status == 503


@pytest.mark.parametrize("known_before", [False, True])
def test_nothing_is_repeated_until_a_deadline(server: Server, make: MakeClient, known_before: bool) -> None:
    client = make(retries=2)
    login = Request("log in", "POST", f"{server.url}/token", form={}, is_login=True)
    if known_before:
        client.repeat_login_at(login.url)
    server.answer(status(503))
    with client.until(time.monotonic() + 30):
        client.repeat_login_at(login.url)
        for request in (login, Request("read", "GET", f"{server.url}/x")):
            with pytest.raises(RequestError):
                client.send(request)
    assert server.count == 2
    server.answer(status(503), ok())
    assert client.send(login) == {"ok": 1}
    assert server.count == 4


def test_name_and_password_travel_as_utf_8(server: Server, make: MakeClient) -> None:
    server.answer(ok())
    get(make(auth=Basic("zoë", "p:w")))
    assert server.seen[0][2]["Authorization"] == "Basic em/DqzpwOnc="
    server.answer(status(401, '{"no": "who?", "code": 498}'))
    with pytest.raises(TokenRefusedError):
        get(make(auth=Basic("zoë", "wrong")))
    assert server.count == 2


@pytest.mark.parametrize("retries", [0, 1])
def test_retries_are_counted(server: Server, make: MakeClient, retries: int) -> None:
    server.answer(status(503))
    failure(get, make(retries=retries))
    assert server.count == retries + 1


def test_a_get_that_is_wrong_is_not_repeated(server: Server, make: MakeClient) -> None:
    server.answer(status(404, "no such page"))
    error = failure(get, make())
    assert server.count == 1
    assert (error.http_status, error.retryable) == (404, False)
    assert "no such page" in str(error)


@pytest.mark.parametrize("trouble", [status(500), status(502), status(503), status(504), DROP, STALL])
def test_a_post_is_never_repeated_and_its_failure_is_unclear(
    server: Server, make: MakeClient, trouble: Any
) -> None:
    server.answer(trouble, ok())
    error = failure(post, make(timeout=0.3))
    assert server.count == 1
    assert error.failure()["error"]["unclear"] is True
    assert error.retryable is False
    assert "look there before you run this again" in str(error)


def test_a_post_that_is_refused_is_clear(server: Server, make: MakeClient) -> None:
    server.answer(status(200, '{"no": "Not you.", "code": 403}'))
    error = failure(post, make())
    assert error.failure()["error"] == {
        "vendor_code": 403,
        "http_status": 200,
        "request": f"POST {server.url}/x",
        "retryable": False,
    }
    assert "'Not you.' (code 403)" in str(error)


def test_a_post_whose_connection_was_never_made_is_clear_and_may_be_repeated(make: MakeClient) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = failure(post, make(f"http://127.0.0.1:{port}"))
    assert (error.unclear, error.retryable, error.http_status) == (False, True, None)


def test_a_post_is_repeated_after_429(server: Server, make: MakeClient, slept: list[float]) -> None:
    server.answer(status(429, Retry_After="7"), ok())
    assert post(make()) == {"ok": 1}
    assert [seen[3] for seen in server.seen] == ["a=1", "a=1"]
    assert slept == [7]


def test_a_429_makes_other_threads_wait_too(server: Server, make: MakeClient, slept: list[float]) -> None:
    server.answer(status(429, Retry_After="7"), ok(), ok(), ok())
    client = make()
    post(client)
    post(client)  # as another thread would, for which no time has passed
    post(client)
    assert slept[0] == 7
    assert slept[1:] == [pytest.approx(7, abs=0.5), pytest.approx(7, abs=0.5)]
    assert slept[2] > slept[1]


@pytest.mark.parametrize("code", [429, 503])
def test_retry_after_is_limited(server: Server, make: MakeClient, slept: list[float], code: int) -> None:
    server.answer(status(code, Retry_After="86400"), ok())
    get(make())
    assert slept == [_transport.MAX_RETRY_AFTER] == [60]


def test_a_login_by_post_is_repeated(server: Server, make: MakeClient) -> None:
    server.answer(status(503), ok())
    client = make(repeatable_logins=(f"{server.url}/login",))
    login = Request("log in", "POST", f"{server.url}/login", form={"u": "me"}, is_login=True)
    assert client.send(login) == {"ok": 1}
    assert server.count == 2


def test_a_get_is_redirected_within_its_origin(server: Server, make: MakeClient) -> None:
    server.answer(status(302, Location="/y"), ok())
    assert get(make(auth=HeaderToken("abc"))) == {"ok": 1}
    assert [seen[1] for seen in server.seen] == ["/x", "/y"]
    assert server.seen[1][2]["Authorization"] == "Bearer abc"


@pytest.mark.parametrize("target", ["http://[::1", "http://h:99999999/", "/\xff\xfe"])
def test_a_redirect_to_no_url_is_an_error(server: Server, make: MakeClient, target: str) -> None:
    server.answer(status(302, Location=target))
    assert failure(get, make()).http_status in (302, None)


@pytest.mark.parametrize("wait", ["soon", "9" * 5000, "Fri, 31 Dec 99999 23:59:59 GMT"])
def test_a_wait_that_is_none_is_passed_over(server: Server, make: MakeClient, wait: str) -> None:
    server.answer(status(429, Retry_After=wait), ok())
    assert post(make()) == {"ok": 1}


@pytest.mark.parametrize("auth", [HeaderToken("abc", header="X-Token"), ParameterToken("abc")])
def test_no_redirect_leads_to_another_origin(
    server: Server, elsewhere: Server, make: MakeClient, auth: Token
) -> None:
    server.answer(status(302, Location=f"{elsewhere.url}/y"))
    error = failure(get, make(auth=auth))
    assert elsewhere.seen == []
    assert error.http_status == 302
    assert f"redirects to {elsewhere.url}/y" in str(error)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_post_is_not_redirected(server: Server, make: MakeClient, code: int) -> None:
    server.answer(status(code, Location="/y"), ok())
    error = failure(post, make())
    assert server.count == 1
    assert error.http_status == code
    assert "set url to the final address" in str(error)


@pytest.mark.parametrize("token", ["t0ps3\ncret", "t0ps3\u202ecret"])
def test_a_token_that_no_header_can_hold_is_an_error(server: Server, make: MakeClient, token: str) -> None:
    """A file may end with a line break, and a server may answer anything to a login."""
    server.answer(ok())
    error = failure(get, make(auth=HeaderToken(token)))
    assert "a header cannot hold what is to be sent in it" in str(error)
    assert "t0ps3" not in str(error)
    assert server.seen == []


def test_check_mode_refuses_a_write_before_anything_is_sent(server: Server, make: MakeClient) -> None:
    server.answer(ok())

    def fetch() -> str:
        raise AssertionError("a login was begun for a refused request")

    with pytest.raises(CheckModeViolationError, match="must not write it"):
        post(make(read_only=True, auth=HeaderToken(fetch=fetch)))
    assert server.seen == []


def test_check_mode_lets_reads_and_logins_pass(server: Server, make: MakeClient) -> None:
    server.answer(ok())
    client = make(read_only=True)
    get(client)
    client.send(Request("log in", "POST", f"{server.url}/login", form={}, is_login=True))
    assert server.count == 2


def tokens(*texts: str) -> Callable[[], str]:
    rest = list(texts)
    return lambda: rest.pop(0)


@pytest.mark.parametrize("refusal", [status(401), ok('{"no": "Invalid token.", "code": 498}')])
def test_a_refused_token_is_renewed_once(server: Server, make: MakeClient, refusal: Any) -> None:
    server.answer(refusal, ok())
    assert get(make(auth=HeaderToken(fetch=tokens("old", "new")))) == {"ok": 1}
    assert [seen[2]["Authorization"] for seen in server.seen] == ["Bearer old", "Bearer new"]


@pytest.mark.parametrize(("auth", "count"), [(HeaderToken("given"), 1), (HeaderToken(fetch=lambda: "t"), 2)])
def test_a_token_that_stays_refused_is_an_error(
    server: Server, make: MakeClient, auth: Token, count: int
) -> None:
    server.answer(status(401))
    error = failure(get, make(auth=auth))
    assert isinstance(error, TokenRefusedError)
    assert server.count == count


@pytest.mark.parametrize("refusal", [status(401), status(403), ok('{"no": "Wrong.", "code": 498}')])
def test_a_refused_login_is_not_tried_again(server: Server, make: MakeClient, refusal: Any) -> None:
    server.answer(refusal)
    client = make(auth=HeaderToken(fetch=tokens("a", "b")))
    login = Request("log in", "POST", f"{server.url}/login", form={}, is_login=True)
    assert isinstance(failure(client.send, login), LoginError)
    assert server.count == 1
    assert "Authorization" not in server.seen[0][2]


def test_a_netrc_file_is_not_used(
    server: Server, make: MakeClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hidden\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.answer(ok())
    client = make()
    login = Request("log in", "GET", f"{server.url}/login", headers={"Authorization": "own"}, is_login=True)
    client.send(login)
    get(client)
    assert [seen[2].get("Authorization") for seen in server.seen] == ["own", None]


def test_secrets_are_masked_longest_first_and_reported() -> None:
    reported: list[str] = []
    secrets = Secrets(reported.append)
    for value in ("abc", "abcdef", "", None):
        secrets.add(value)
    assert secrets.mask("x abcdef y abc z") == "x ******** y ******** z"
    assert reported == ["abc", "abcdef"]


def with_secret(value: str) -> Secrets:
    secrets = Secrets()
    secrets.add(value)
    return secrets


@pytest.mark.parametrize(
    "answer", [status(404, "bad t0ps3cret"), ok('{"no": "bad t0ps3cret"}'), ok("bad t0ps3cret"), DROP, STALL]
)
def test_no_failure_shows_a_secret(server: Server, make: MakeClient, answer: Any) -> None:
    server.answer(answer)
    client = make(auth=ParameterToken("t0ps3cret"), secrets=with_secret("t0ps3cret"), timeout=0.3, retries=0)
    error = failure(get, client)
    assert "token=t0ps3cret" in server.seen[0][1]
    assert "t0ps3cret" not in str(error.failure())


@pytest.mark.parametrize("secret", ["t0p s3cret", 't0p"s3cret', "t0p'\"s3cret\\", "t0p\ns3cret"])
def test_a_server_may_echo_a_secret_in_any_form(server: Server, make: MakeClient, secret: str) -> None:
    """As it is, in JSON, quoted, over several lines, or where a long answer is cut."""
    body = json.dumps({"no": f"bad {secret}"})
    for answer in (status(404, body), ok(body), status(404, f"bad {secret}"), ok("." * 195 + secret)):
        server.answer(answer)
        error = failure(get, make(secrets=with_secret(secret), retries=0))
        assert not re.search("t0p|s3cr", str(error))
        assert MASK[:5] in str(error)


@pytest.mark.parametrize("shown", ["crét", "cr\\u00e9t", "cr%C3%A9t", "crét".encode().decode("latin-1")])
def test_a_secret_beyond_ascii_is_known_in_each_form(shown: str) -> None:
    assert with_secret("crét").mask(f"<{shown}>") == f"<{MASK}>"


def test_a_failed_connection_shows_no_token_of_the_url(make: MakeClient) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    token = "a b/c+ä="  # travels percent-encoded, so that masking alone would not find it
    client = make(url, auth=ParameterToken(token), secrets=with_secret(token), retries=0)
    shown = str(failure(get, client).failure())
    assert "token" not in shown
    assert "a+b" not in shown
    assert "refused" in shown


def test_a_redirect_shows_no_secret(server: Server, elsewhere: Server, make: MakeClient) -> None:
    server.answer(status(302, Location=f"{elsewhere.url}/?token=t0ps3cret"))
    client = make(auth=ParameterToken("t0ps3cret"), secrets=with_secret("t0ps3cret"))
    assert "t0ps3cret" not in str(failure(get, client).failure())


@pytest.mark.parametrize("writes", [False, True])
def test_an_answer_that_is_not_json(server: Server, make: MakeClient, writes: bool) -> None:
    server.answer(ok("<html>\n  Welcome </html>"))
    error = failure(post if writes else get, make())
    assert "is a web page and not JSON: '<html> Welcome </html>'" in str(error)
    assert (error.unclear, error.retryable) == (writes, not writes)


def test_a_long_answer_is_cut(server: Server, make: MakeClient) -> None:
    server.answer(status(404, "x" * 5000))
    assert len(str(failure(get, make()))) < 400


def test_a_failed_tls_connection_names_the_option(server: Server, make: MakeClient) -> None:
    server.answer(ok())
    error = failure(get, make(server.url.replace("http:", "https:"), retries=0))
    assert "TLS connection failed" in str(error)
    assert "correct the port of url" in str(error)
    assert not error.unclear


def test_an_unreadable_certificate_file_names_the_option(server: Server) -> None:
    connection = Connection(server.url.replace("http:", "https:"), cert="/no/such/file", retries=0)
    client = Client(connection, read, read_only=False, secrets=Secrets())
    assert "client_cert" in str(failure(get, client))
    client.close()


def test_pages_are_followed_until_the_last(server: Server, make: MakeClient) -> None:
    server.answer(ok('{"next": 3}'), ok('{"next": 5}'), ok('{"next": null}'))
    client = make()
    first = Request("list", "GET", f"{server.url}/x", query={"start": 1, "q": "a"})
    pages = list(client.pages(first, lambda page: {"start": page["next"]} if page["next"] else None))
    assert len(pages) == 3
    assert [seen[1] for seen in server.seen] == ["/x?start=1&q=a", "/x?start=3&q=a", "/x?start=5&q=a"]


@pytest.mark.parametrize(("following", "count"), [([1], 1), ([3, 1, 3], 2), ([3, 5, 4, 6], 3), ([3, 3], 2)])
def test_pages_that_lead_back_are_an_error(
    server: Server, make: MakeClient, following: list[int], count: int
) -> None:
    server.answer(*(ok(f'{{"next": {start}}}') for start in following))
    client = make()
    first = Request("list", "GET", f"{server.url}/x", query={"start": 1})
    with pytest.raises(RequestError, match="pages do not end"):
        list(client.pages(first, lambda page: {"start": page["next"]}))
    assert server.count == count


def test_an_offset_that_comes_with_the_second_page_must_grow_too(server: Server, make: MakeClient) -> None:
    server.answer(ok('{"next": 0}'))
    with pytest.raises(RequestError, match="pages do not end"):
        list(make().pages(Request("list", "GET", f"{server.url}/x"), lambda page: {"start": page["next"]}))
    assert server.count == 1


@pytest.mark.parametrize(
    ("url", "checked"),
    [
        ("https://gis.example.com/", "https://gis.example.com"),
        ("http://[::1]:8080/portal/", "http://[::1]:8080/portal"),
    ],
)
def test_a_url_loses_its_last_slash(url: str, checked: str) -> None:
    assert _client.checked_url(url) == checked


@pytest.mark.parametrize(
    "url", ["", "gis.example.com", "ftp://h/", "https://", "https://h:99999/", "https://[::1/"]
)
def test_an_unusable_url_is_refused(url: str) -> None:
    with pytest.raises(OptionError, match=r"url: .* is not a usable URL"):
        _client.checked_url(url)
    with pytest.raises(OptionError, match=r"^login_url: "):
        _client.checked_url(url, "login_url")


def test_an_unusable_url_is_refused_by_the_name_of_its_option() -> None:
    with pytest.raises(OptionError, match=r"login_url: .* is not a usable URL"):
        _client.checked_url("h/x", "login_url")


@pytest.mark.parametrize("url", ["https://me:hidden@h/x", "https://me:hid@den@h/x", "https://hidden@h/x"])
def test_credentials_in_a_url_are_refused_and_not_echoed(url: str) -> None:
    with pytest.raises(OptionError, match="credentials in it") as caught:
        _client.checked_url(url)
    assert "hid" not in str(caught.value)
    assert "https://h/x" in str(caught.value)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://h/a", "https://h:443/b", True),
        ("http://h", "https://h", False),
        ("https://h", "https://h:8443", False),
        ("https://h", "https://h.example", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(one: str, other: str, same: bool) -> None:
    assert (_transport.origin(one) == _transport.origin(other)) is same


def test_the_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_client, "MISSING_REQUESTS", "Traceback: no requests")
    with pytest.raises(MissingLibraryError) as caught:
        Client(Connection("https://h"), read, read_only=False, secrets=Secrets())
    assert (caught.value.library, caught.value.traceback) == ("requests", "Traceback: no requests")


def test_encoded_secrets_are_masked() -> None:
    """A server that echoes the URL shows the token percent-encoded."""
    secrets = _client.Secrets()
    secrets.add("a b/c")
    assert "a+b" not in secrets.mask("no page /x?token=a+b%2Fc")


def test_a_query_in_the_url_is_refused() -> None:
    """Paths are appended to the URL, so it must end before a query."""
    with pytest.raises(OptionError, match="query"):
        _client.checked_url("https://server.example.com/x?a=b")
