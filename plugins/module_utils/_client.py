# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP for all vendors: session, TLS, time-outs, retries, masking, mapping of failures.

Knows no vendor: what a reply means is told by a *reader* that the vendor's file gives.
This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import ipaddress
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from ._answers import (
    CHUNK,
    UnboundedError,
    UnreadableError,
    decoded,
    legible,
    parsed,
    read_within,
)
from ._auth import Login, NoAuth
from ._errors import (
    AbsentError,
    CheckModeViolationError,
    LoginError,
    MissingLibraryError,
    OptionError,
    RequestError,
    TokenRefusedError,
)
from ._hiding import MASK, forms, hide, secret_keys
from ._memory import Memory
from ._transport import (
    MISSING_REQUESTS,
    Adapter,
    Hold,
    SafeRetry,
    Session,
    TransportError,
    Unacted,
    allow_unverified,
    explained,
    no_retry,
)

VERSION = "0.1.0"
USER_AGENT = f"taskbridge.vendors/{VERSION} python/{platform.python_version()}"

# What is shorter may be part of any word of a message.
_SHORTEST_SECRET = 4

_TRANSIENT_STATUS = (500, 502, 503, 504)
_MAX_PAGES = 10_000
_NOTHING = "holds nothing"  # for null, which is JSON all the same
_SHORTEST_TIMEOUT = 0.5


@dataclass(frozen=True)
class Connection:
    """Where a server is and how to reach it; times in seconds."""

    url: str
    verify: bool | str = True
    cert: str | tuple[str, str] | None = None
    timeout: float = 30.0
    retries: int = 3
    pool: int = 10  # connections kept, so the most requests that are in flight at a time


@dataclass(frozen=True)
class Request:
    """One request. ``attempt`` completes "Could not ...": a verb and what it acts on.

    The body is one of ``form``, ``json`` and ``content``. ``may_be_empty`` says that an answer
    without a body is as good as one with JSON. ``remedies`` tells for an HTTP status what to do about
    it, where the vendor's file knows more than "Correct what the server names."
    """

    attempt: str
    method: str
    url: str
    query: Mapping[str, Any] = field(default_factory=dict)
    form: Mapping[str, Any] | None = None
    json: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    writes: bool = False
    is_login: bool = False
    may_be_empty: bool = False
    remedies: Mapping[int, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """Method and URL as a user may see them; credentials are added later, in auth."""
        return f"{self.method} {self.url}"


@dataclass(frozen=True)
class Reply:
    """What came back: ``body`` is the parsed JSON, or None where there is none; ``problem`` tells why.

    The names of ``headers`` may be asked for in any case of letters.
    """

    status: int
    body: Any
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def location(self) -> str | None:
        """Where the server points to: the new object, or the target of a redirect."""
        return self.headers.get("Location")


class RefusalError(Exception):
    """A vendor's "no", as its reader finds it in a reply. Never leaves this file.

    Without a ``text`` the beginning of the reply is shown.
    ``transient`` says that the server itself is in trouble, and not the request, as HTTP 503 does.
    """

    def __init__(
        self,
        text: str,
        code: str | int | None = None,
        *,
        token_refused: bool = False,
        absent: bool = False,
        transient: bool = False,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.token_refused = token_refused
        self.absent = absent
        self.transient = transient


class Secrets:
    """The secrets of a run, so that no text leaves without being masked."""

    def __init__(self, report: Callable[[str], None] = lambda value: None) -> None:
        self._of_session: set[str] = set()
        self._of_call: set[str] = set()
        self.keys: set[str] = set()
        self._report = report

    def add(self, value: str | None, *, of_call: bool = False) -> None:
        """Remember a secret and tell Ansible, which masks it in all results.

        ``of_call`` says that it belongs to one declaration and not to the login.
        """
        if value:
            for text in forms(value):
                (self._of_call if of_call else self._of_session).add(text)
                self._report(text)

    def mark(self, options: Mapping[str, Any]) -> None:
        """Remember what options call secret, by its keys, and what they hold of it."""
        self.keys |= secret_keys(options)
        self.learn(*options.values())

    def learn(self, *values: Any) -> None:
        """Remember what stands under the secret keys in values."""
        hide(values, self.keys, self._add_found)

    def _add_found(self, text: str) -> None:
        if len(text) >= _SHORTEST_SECRET:
            self.add(text, of_call=True)

    def shown(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return options or return values with what stands under a secret key masked, and remember it."""
        return {name: hide(value, self.keys, self._add_found) for name, value in values.items()}

    def hand_over(self, next_call: Secrets) -> None:
        """Go on for another call: its Ansible is told the secrets of the login, others are forgotten."""
        self._report, self._of_call, self.keys = next_call._report, next_call._of_call, next_call.keys
        for text in self._of_session:
            self._report(text)

    def mask(self, text: str) -> str:
        """Return ``text`` without any known secret; longest first, as one may hold another."""
        for value in sorted(self._of_session | self._of_call, key=len, reverse=True):
            text = text.replace(value, MASK)
        return text


def checked_url(url: str, option: str = "url") -> str:
    """Return the base URL without a trailing slash, or refuse it by the name of its option."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise OptionError(option, url, "is not a usable URL", "Give it as https://host[:port][/path].")
    if parts.username or parts.password:
        shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        raise OptionError(
            option, shown, "was given with credentials in it", "Use the options username and password."
        )
    if parts.query or parts.fragment:
        raise OptionError(option, url, "has a query or a fragment", "Give it as https://host[:port][/path].")
    return url.rstrip("/")


def is_readable_by_others(url: str) -> bool:
    """Return whether what is sent there travels as plain text over a network."""
    parts = urlsplit(url)
    try:
        is_loopback = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        is_loopback = parts.hostname == "localhost"
    return parts.scheme == "http" and not is_loopback


def api_root(url: str, path: str) -> str:
    """Return where an API is: below a server's address, which may be given with the path or without."""
    return url if url.endswith(path) else f"{url}{path}"


def unexpected_from(server: str, remedy: str) -> Callable[[Request, str], RequestError]:
    """Return what makes the error for an answer that has not the shape which a vendor documents."""

    def unexpected(request: Request, problem: str) -> RequestError:
        return RequestError(
            request.attempt,
            f"the answer is not what {server} documents: {problem}",
            remedy,
            request=request.shown,
            unclear=request.writes,
        )

    return unexpected


class Client:
    """Sends requests to one server for one run."""

    def __init__(
        self,
        connection: Connection,
        reader: Callable[[Reply], Any],
        *,
        read_only: bool,
        secrets: Secrets,
        repeatable_logins: tuple[str, ...] = (),
        unacted: Unacted = frozenset(),
    ) -> None:
        """Set up the session; nothing is sent.

        ``reader`` turns a reply into its payload or raises RefusalError.
        ``repeatable_logins`` are URLs of logins by POST: they change nothing, so they may be repeated.
        ``unacted`` are answers, besides 429, after which the same request may be sent again.
        """
        if MISSING_REQUESTS is not None:
            raise MissingLibraryError("requests", MISSING_REQUESTS)
        self.connection = connection
        self.secrets = secrets
        self.auth: Login = NoAuth()
        # What stays as it is while the session lives, such as whose token it is.
        self.facts = Memory()
        self._reader = reader
        self._read_only = read_only
        self.has_written = False
        self.writes = 0  # requests of this call that wrote, as the server said
        self._unacted = unacted
        self._deadline: float | None = None
        self._hold = Hold()
        self._usual_retries: dict[Any, Any] = {}  # by adapter
        self._session = Session()
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json"})
        self._mount("http://", "https://", methods=("GET",))
        self._mount(*repeatable_logins, methods=("GET", "POST"))
        if connection.verify is False:
            allow_unverified()

    def _mount(self, *prefixes: str, methods: tuple[str, ...]) -> None:
        retry = SafeRetry(
            total=self.connection.retries,
            allowed_methods=frozenset(methods),
            status_forcelist=_TRANSIENT_STATUS,
            backoff_factor=0.5,
            redirect=False,
            raise_on_status=False,
            hold=self._hold,
            unacted=self._unacted,
        )
        adapter = Adapter(
            max_retries=retry if self._deadline is None else no_retry(), pool_maxsize=self.connection.pool
        )
        self._usual_retries[adapter] = retry
        for prefix in prefixes:
            self._session.mount(prefix, adapter)

    def repeat_login_at(self, url: str) -> None:
        """Let a login by POST be repeated whose URL was not known when the client was made."""
        if url not in self._session.adapters:
            self._mount(url, methods=("GET", "POST"))

    def serve_another(self, *, read_only: bool, secrets: Secrets) -> None:
        """Go on for another call: in its check mode or not, and with what this session keeps secret told."""
        self._read_only = read_only
        self.writes = 0
        self._session.ask_anew()
        self.secrets.hand_over(secrets)

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    @contextmanager
    def until(self, deadline: float) -> Iterator[None]:
        """Let no request last beyond ``deadline`` (of ``time.monotonic``), and repeat none of them."""
        for adapter in self._usual_retries:
            adapter.max_retries = no_retry()
        self._deadline = deadline
        try:
            yield
        finally:
            self._deadline = None
            for adapter, retry in self._usual_retries.items():
                adapter.max_retries = retry

    def _timeout(self) -> float:
        """Return how long to wait for a connection, and for each part of an answer."""
        if self._deadline is None:
            return self.connection.timeout
        return min(self.connection.timeout, max(self._deadline - time.monotonic(), _SHORTEST_TIMEOUT))

    def send(self, request: Request) -> Any:
        """Send one request and return its payload. Raises as ``answer`` does."""
        return self.answer(request).body

    def answer(self, request: Request) -> Reply:
        """Send one request and return the reply with its payload as body; a refused token is renewed once.

        Raises RequestError, or CheckModeViolationError for a writing request in check mode.
        """
        if self._read_only and request.writes:
            raise CheckModeViolationError(f"Check mode must not {request.attempt} ({request.shown}).")
        self.has_written |= request.writes
        try:
            reply = self._exchange(request)
        except TokenRefusedError:
            if not self.auth.renew():
                raise
            reply = self._exchange(request)
        self.writes += request.writes
        return reply

    def pages(self, first: Request, follow: Callable[[Any], Mapping[str, int] | None]) -> Iterator[Any]:
        """Yield the payload of each page; ``follow`` gives where the next one starts, or None."""
        request = first
        for dummy in range(_MAX_PAGES):
            payload = self.send(request)
            yield payload
            query = follow(payload)
            if query is None:
                return
            if any(start <= request.query.get(name, 0) for name, start in query.items()):
                break  # it leads back
            request = replace(request, query={**request.query, **query})
        raise self._error(request, "the server's pages do not end", "Report this to the server's operator.")

    def _exchange(self, request: Request) -> Reply:
        reply = self._transfer(request)
        try:
            payload = self._reader(reply)
        except RefusalError as refusal:
            raise self._refused(request, reply, refusal) from None
        if reply.status >= 300:
            raise self._bad_status(request, reply)
        if payload is None and not (request.may_be_empty and not reply.text.strip()):
            raise self._error(
                request,
                f"the answer {reply.problem or _NOTHING}{self._quoted(request, reply)}",
                "Check that url leads to the API and not to a proxy or a web page.",
                http_status=reply.status,
                retryable=not request.writes,
                unclear=request.writes,
            )
        return replace(reply, body=payload)

    def _transfer(self, request: Request) -> Reply:
        self._hold.wait()
        try:
            with self._session.request(
                request.method,
                request.url,
                params=request.query,
                data=request.form if request.content is None else request.content,
                json=request.json,
                headers=request.headers,
                auth=NoAuth() if request.is_login else self.auth,
                timeout=self._timeout(),
                verify=self.connection.verify,
                cert=self.connection.cert,
                stream=True,
            ) as response:
                content = read_within(response.iter_content(CHUNK), response.headers)
        except UnboundedError as error:
            raise self._error(
                request,
                f"the answer {error}",
                _look_first(request.writes) or "Check that url leads to the API and to no file.",
                http_status=response.status_code,
                unclear=request.writes,
            ) from None
        except TransportError as error:
            raise self._not_delivered(request, error) from None
        except OSError as error:  # requests reports unreadable certificate files so
            raise self._error(request, str(error), "Check ca_path, client_cert and client_key.") from None
        except ValueError:  # which would show the header
            raise self._error(
                request,
                "a header cannot hold what is to be sent in it",
                _look_first(request.writes) or "Check the token: it may hold a line break.",
                unclear=request.writes,
            ) from None
        return _reply(response, content)

    def _refused(self, request: Request, reply: Reply, refusal: RefusalError) -> RequestError:
        kind: type[RequestError] = RequestError
        remedy = "Correct what the server names."
        if request.is_login:
            kind, remedy = LoginError, "Check the credentials and the account."
        elif refusal.absent:
            kind, remedy = AbsentError, "Check the name or the id."
        elif refusal.token_refused:
            kind, remedy = TokenRefusedError, "Check the credentials, and that the account may do this."
        code = "" if refusal.code is None else f" (code {refusal.code})"
        text = refusal.text or self._excerpt(reply.text) or f"HTTP {reply.status}"
        in_trouble = refusal.transient or reply.status >= 500
        return self._error(
            request,
            f"the server answers {text!r}{code}",
            request.remedies.get(reply.status, remedy),
            kind=kind,
            http_status=reply.status,
            vendor_code=refusal.code,
            retryable=in_trouble and not request.writes,
            unclear=in_trouble and request.writes,
        )

    def _bad_status(self, request: Request, reply: Reply) -> RequestError:
        shown = f"the server answers HTTP {reply.status}: {self._excerpt(reply.text)!r}"
        if reply.status < 400:
            target = reply.location or "elsewhere"
            remedy = (
                "Redirects to another place are not followed with credentials: set url to the final address."
            )
            return self._error(request, f"the server redirects to {target}", remedy, http_status=reply.status)
        if reply.status in (401, 403):
            kind: type[RequestError] = TokenRefusedError if reply.status == 401 else RequestError
            kind = LoginError if request.is_login else kind
            return self._error(
                request,
                shown,
                "Check the credentials, and that the account may do this.",
                kind=kind,
                http_status=reply.status,
            )
        transient = reply.status == 429 or reply.status >= 500
        unclear = request.writes and reply.status >= 500
        return self._error(
            request,
            shown,
            _look_first(unclear)
            or request.remedies.get(reply.status)
            or ("Try again later." if transient else "Check url and options."),
            http_status=reply.status,
            retryable=transient and not unclear,
            unclear=unclear,
        )

    def _not_delivered(self, request: Request, error: Any) -> RequestError:
        """Map a failure of the transport; ``unclear`` unless the request was never sent."""
        failure = explained(error)
        unclear = request.writes and failure.may_have_arrived
        return self._error(
            request,
            failure.problem,
            _look_first(unclear) or failure.remedy,
            retryable=failure.may_pass and not unclear,
            unclear=unclear,
        )

    def _quoted(self, request: Request, reply: Reply) -> str:
        """Return how an answer begins; not that to a login, which may hold a token that is not known yet."""
        return f": {self._excerpt(reply.text)!r}" if reply.text.strip() and not request.is_login else ""

    def _excerpt(self, text: str) -> str:
        """Return how a text begins. It is masked whole: half a secret would not be known as one."""
        flat = " ".join(self.secrets.mask(text).split())
        return flat if len(flat) <= 200 else f"{flat[:200]}..."

    def _error(
        self,
        request: Request,
        problem: str,
        remedy: str,
        *,
        kind: type[RequestError] = RequestError,
        **facts: Any,
    ) -> RequestError:
        return kind(request.attempt, self.secrets.mask(problem), remedy, request=request.shown, **facts)


def _reply(response: Any, content: bytes) -> Reply:
    """Read the body, or tell why it cannot be read."""
    text, body, problem = legible(content), None, ""
    try:
        text = decoded(content, response.headers.get("Content-Type", ""))
        body = parsed(text)
    except UnreadableError as error:
        problem = str(error)
    return Reply(response.status_code, body, text, response.headers, problem)


def _look_first(unclear: bool) -> str:
    return "The server may have acted all the same: look there before you run this again." if unclear else ""
