# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP for all vendors: session, TLS, time-outs, retries, masking, mapping of failures.

Knows no vendor: what a reply means is told by a *reader* that the vendor's file gives.
This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import ipaddress
import json
import platform
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

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

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from urllib3.util.retry import Retry
except ImportError:
    MISSING_REQUESTS: str | None = traceback.format_exc()
    _SessionBase: Any = object
    _RetryBase: Any = object
else:
    MISSING_REQUESTS = None
    _SessionBase = requests.Session
    _RetryBase = Retry

VERSION = "0.1.0"
USER_AGENT = f"taskbridge.vendors/{VERSION} python/{platform.python_version()}"

# What is shorter may be part of any word of a message.
_SHORTEST_SECRET = 4

# Longest wait between two tries, in seconds, whatever a server's Retry-After says.
MAX_RETRY_AFTER = 60
_TRANSIENT_STATUS = (500, 502, 503, 504)
_MAX_PAGES = 10_000
# The longest answer, unpacked; ten thousand tasks take about a tenth of it. In bytes, as is each part read.
MAX_ANSWER = 64 << 20
_CHUNK = 64 << 10
# What OpenSSL says of a certificate or a handshake, and what the user can do about it.
_TLS_REMEDY = "Set ca_path to the authority that signed the server's certificate, or correct url."
_TLS_REMEDIES = (
    (
        ("self-signed certificate", "self signed certificate", "unable to get local issuer"),
        "No authority that this machine trusts has signed the certificate: set ca_path to the one that did.",
    ),
    (
        ("ostname mismatch", "IP address mismatch", "doesn't match"),
        "The certificate is for another name: use in url the name that the certificate has.",
    ),
    (("has expired",), "Renew the server's certificate, and check the clock of this machine."),
    (("not yet valid",), "Check the clock of this machine, and from when the server's certificate is valid."),
    (
        ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"),
        "The server does not speak TLS on this port: correct the port of url.",
    ),
    (
        ("CERTIFICATE_REQUIRED", "certificate required", "HANDSHAKE_FAILURE"),
        "The server wants a certificate of ours: set client_cert and client_key.",
    ),
    (
        ("UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION"),
        "The server offers no TLS of version 1.2 or later: bring it up to date.",
    ),
)
_SHORTEST_TIMEOUT = 0.5
# After a 429: how long all threads wait at least, and how far apart they go on, in seconds.
_SHORTEST_HOLD = 0.5
_STAGGER = 0.05

# Pairs of method and HTTP status by which a server says that it did nothing yet.
Unacted = frozenset[tuple[str, int]]


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
    """What came back: ``body`` is the parsed JSON, or None where there is none.

    The names of ``headers`` may be asked for in any case of letters.
    """

    status: int
    body: Any
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)

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


class _Hold:
    """Makes all threads wait when the server tells one of them to, and lets them go on one by one."""

    def __init__(self) -> None:
        self._until = 0.0
        self._lock = Lock()

    def hold(self, seconds: float) -> None:
        """Let no request start for a time."""
        with self._lock:
            self._until = max(self._until, time.monotonic() + seconds)

    def wait(self) -> None:
        """Wait until a request may start."""
        with self._lock:
            left = self._until - time.monotonic()
            if left > 0:
                self._until += _STAGGER
        if left > 0:
            time.sleep(left)


class _SafeRetry(_RetryBase):
    """Repeats what is safe to repeat.

    urllib3 repeats a request of any method whose connection was never made, and the methods
    in ``allowed_methods`` after any failure. A 429 says that nothing was done, so it is safe
    for every method; so are the pairs of method and status in ``unacted``.
    """

    def __init__(self, *args: Any, hold: _Hold, unacted: Unacted = frozenset(), **options: Any) -> None:
        self.hold = hold
        self.unacted = unacted
        super().__init__(*args, **options)

    def new(self, **options: Any) -> Any:
        """Return what is left of the tries; urllib3 copies its own settings only."""
        return super().new(hold=self.hold, unacted=self.unacted, **options)

    def sleep(self, response: Any = None) -> None:
        """Wait for the next try, and hold all other threads too where the server has too much to do."""
        if response is not None and response.status == 429:
            wait = self.get_retry_after(response) or self.get_backoff_time() or _SHORTEST_HOLD
            self.hold.hold(wait)
        super().sleep(response)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        if status_code == 429 or (method, status_code) in self.unacted:
            return bool(self.total)
        return bool(super().is_retry(method, status_code, has_retry_after))

    def get_retry_after(self, response: Any) -> float | None:
        wait = super().get_retry_after(response)
        return None if wait is None else min(wait, MAX_RETRY_AFTER)


class _Session(_SessionBase):
    """A session that follows a redirect only for a GET and only within one origin."""

    def get_redirect_target(self, resp: Any) -> str | None:
        target = super().get_redirect_target(resp)
        if target is None or resp.request.method != "GET":
            return None
        absolute = requests.compat.urljoin(resp.url, target)
        return target if origin(absolute) == origin(resp.url) else None


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port of a URL, the port filled in."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


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
        self._hold = _Hold()
        self._usual_retries: dict[Any, Any] = {}  # by adapter
        self._session = _Session()
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json"})
        self._mount("http://", "https://", methods=("GET",))
        self._mount(*repeatable_logins, methods=("GET", "POST"))
        if connection.verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def _mount(self, *prefixes: str, methods: tuple[str, ...]) -> None:
        retry = _SafeRetry(
            total=self.connection.retries,
            allowed_methods=frozenset(methods),
            status_forcelist=_TRANSIENT_STATUS,
            backoff_factor=0.5,
            redirect=False,
            raise_on_status=False,
            hold=self._hold,
            unacted=self._unacted,
        )
        adapter = HTTPAdapter(
            max_retries=retry if self._deadline is None else _no_retry(), pool_maxsize=self.connection.pool
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
        self.secrets.hand_over(secrets)

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    @contextmanager
    def until(self, deadline: float) -> Iterator[None]:
        """Let no request last beyond ``deadline`` (of ``time.monotonic``), and repeat none of them."""
        for adapter in self._usual_retries:
            adapter.max_retries = _no_retry()
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

    def pages(self, first: Request, follow: Callable[[Any], Mapping[str, Any] | None]) -> Iterator[Any]:
        """Yield the payload of each page; ``follow`` gives the next page's query, or None."""
        request = first
        for dummy in range(_MAX_PAGES):
            payload = self.send(request)
            yield payload
            query = follow(payload)
            if query is None:
                return
            if {**request.query, **query} == request.query:
                break
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
                # What a login answers may hold a token, and one that cannot be read cannot be masked.
                "the answer is not JSON" + ("" if request.is_login else f": {self._excerpt(reply.text)!r}"),
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
                content = self._content(request, response)
        except requests.RequestException as error:
            raise self._not_delivered(request, error) from None
        except OSError as error:  # requests reports unreadable certificate files so
            raise self._error(request, str(error), "Check ca_path, client_cert and client_key.") from None
        return Reply(
            response.status_code, _parsed(content), _text(content, response.encoding), response.headers
        )

    def _content(self, request: Request, response: Any) -> bytes:
        """Read an answer to its end, and not beyond what memory can bear: it may be packed a thousandfold."""
        parts = []
        left = MAX_ANSWER
        for part in response.iter_content(_CHUNK):
            left -= len(part)
            if left < 0:
                raise self._error(
                    request,
                    f"the answer is longer than {MAX_ANSWER >> 20} MB",
                    _look_first(request.writes) or "Check that url leads to the API and to no file.",
                    http_status=response.status_code,
                    unclear=request.writes,
                )
            parts.append(part)
        return b"".join(parts)

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
        """Map a failure of the transport; ``unclear`` unless the connection was never made."""
        reason = _reason(error)
        if isinstance(error, requests.exceptions.SSLError):
            return self._error(
                request,
                f"the TLS connection failed: {reason}",
                _tls_remedy(reason),
            )
        unclear = request.writes and not _never_connected(error)
        return self._error(
            request,
            f"no answer from the server: {reason}",
            _look_first(unclear) or "Check url, timeout, proxy and network.",
            retryable=not unclear,
            unclear=unclear,
        )

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


def _parsed(content: bytes) -> Any:
    """Read JSON; None for what is none, or is nested beyond what can be read."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _text(content: bytes, encoding: str | None) -> str:
    try:
        return content.decode(encoding or "utf-8", "replace")
    except LookupError:  # the server names an encoding that nobody knows
        return content.decode("utf-8", "replace")


def _tls_remedy(reason: str) -> str:
    """Return what to do about a check of a certificate, or of TLS itself, that failed."""
    return next(
        (remedy for words, remedy in _TLS_REMEDIES if any(word in reason for word in words)), _TLS_REMEDY
    )


def _no_retry() -> Any:
    return Retry(0, read=False)


def _look_first(unclear: bool) -> str:
    return "The server may have acted all the same: look there before you run this again." if unclear else ""


def _never_connected(error: Any) -> bool:
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    inner = error.args[0] if error.args else None
    reason = getattr(inner, "reason", None)
    return isinstance(
        reason, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    ) or isinstance(error, requests.exceptions.ProxyError)


def _reason(error: Any) -> str:
    """Return the innermost text: the outer ones repeat the URL with its query."""
    inner = error.args[0] if error.args else error
    reason = getattr(inner, "reason", None) or inner
    text = str(reason)
    return text.split(": ", 1)[-1] if "object at 0x" in text else text
