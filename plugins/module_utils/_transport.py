# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How requests travel: what is repeated, where redirects may lead, and what is known after a failure.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
import traceback
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPSConnection
    from urllib3.util.retry import Retry
except ImportError:
    MISSING_REQUESTS: str | None = traceback.format_exc()
    TransportError: Any = OSError
    _SessionBase: Any = object
    _RetryBase: Any = object
    _AdapterBase: Any = object
    _ConnectionBase: Any = object
    _PoolBase: Any = object
else:
    MISSING_REQUESTS = None
    TransportError = requests.RequestException
    _SessionBase = requests.Session
    _RetryBase = Retry
    _AdapterBase = HTTPAdapter
    _ConnectionBase = HTTPSConnection
    _PoolBase = urllib3.HTTPSConnectionPool

# Longest wait between two tries, in seconds, whatever a server's Retry-After says.
MAX_RETRY_AFTER = 60
# After a 429: how long all threads wait at least, and how far apart they go on, in seconds.
_SHORTEST_HOLD = 0.5
_STAGGER = 0.05
# A certificate may have any number of names; as many characters of them are told.
_LONGEST_NAMES = 300
# What OpenSSL says of a certificate or a handshake, and what the user can do about it.
_TLS_REMEDY = "Set ca_path to the authority that signed the server's certificate, or correct url."
_TLS_REMEDIES = (
    (
        ("self-signed certificate", "self signed certificate", "unable to get local issuer"),
        "No authority that this machine trusts has signed the certificate: set ca_path to the one that did.",
    ),
    (
        ("ostname mismatch", "IP address mismatch", "doesn't match"),
        "The certificate is for another name: use in url a name that the certificate has.",
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
# How messages of urllib3 name a connection and a pool of them.
_OBJECT = re.compile(r"<[^<>]* at 0x[0-9a-f]+>:? ?|_?\w*Pool\(.*?\): ")
_MISMATCH = re.compile("(?:ost ?name|IP address) mismatch")
# With TLS 1.3 the server looks at our certificate when the request may be sent; then it reads none of it.
_OUR_CERTIFICATE_REFUSED = re.compile("ALERT_(?:[A-Z]+_)*(?:CERTIFICATE|UNKNOWN_CA)")

# Pairs of method and HTTP status by which a server says that it did nothing yet.
Unacted = frozenset[tuple[str, int]]


class HandshakeError(ssl.SSLError):
    """A TLS connection was not made, so nothing was sent on it."""


@dataclass(frozen=True)
class Failure:
    """What is known when no answer came. ``may_have_arrived`` says that the server may have acted."""

    problem: str
    remedy: str
    may_have_arrived: bool
    may_pass: bool


def explained(error: Any) -> Failure:
    """Tell what a TransportError means."""
    reason = _reason(error)
    if isinstance(error, requests.exceptions.SSLError):
        never_made = _is_handshake(error) or _OUR_CERTIFICATE_REFUSED.search(reason) is not None
        return Failure(
            f"the TLS connection {'failed' if never_made else 'broke'}: {reason}",
            _tls_remedy(reason),
            may_have_arrived=not never_made,
            may_pass=not never_made,
        )
    return Failure(
        f"no answer from the server: {reason}",
        "Check url, timeout, proxy and network.",
        may_have_arrived=not _never_connected(error),
        may_pass=True,
    )


class Hold:
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


class SafeRetry(_RetryBase):
    """Repeats what is safe to repeat.

    urllib3 repeats a request of any method whose connection was never made, and the methods
    in ``allowed_methods`` after any failure. A 429 says that nothing was done, so it is safe
    for every method; so are the pairs of method and status in ``unacted``.
    """

    def __init__(self, *args: Any, hold: Hold, unacted: Unacted = frozenset(), **options: Any) -> None:
        self.hold = hold
        self.unacted = unacted
        super().__init__(*args, **options)

    def new(self, **options: Any) -> Any:
        """Return what is left of the tries; urllib3 copies its own settings only."""
        return super().new(hold=self.hold, unacted=self.unacted, **options)

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: Any = None,
        error: Exception | None = None,
        *args: Any,
        **options: Any,
    ) -> Any:
        """Count a try, if there may be another one.

        urllib3 repeats any method after TLS broke, as if it always did so before the request was sent.
        """
        if isinstance(error, urllib3.exceptions.SSLError) and method not in self.allowed_methods:
            raise urllib3.exceptions.MaxRetryError(options["_pool"], url or "", error) from error
        left = super().increment(method, url, response, error, *args, **options)
        if response is not None:
            response.close()  # urllib3 would read the body to its end, wherever that is
        return left

    def sleep(self, response: Any = None) -> None:
        """Wait for the next try, and hold all other threads too where the server has too much to do."""
        if response is not None and response.status == 429:
            wait = self.get_retry_after(response) or self.get_backoff_time() or _SHORTEST_HOLD
            self.hold.hold(wait)
        super().sleep(response)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        """Say whether an answer is a reason to send the request again."""
        if status_code == 429 or (method, status_code) in self.unacted:
            return bool(self.total)
        return bool(super().is_retry(method, status_code, has_retry_after))

    def get_retry_after(self, response: Any) -> float | None:
        """Return how long the server wants us to wait, within reason."""
        try:
            wait = super().get_retry_after(response)
        except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
            return None
        return None if wait is None else min(wait, MAX_RETRY_AFTER)


def no_retry() -> Any:
    """Return what repeats nothing."""
    return Retry(0, read=False)


class Session(_SessionBase):
    """A session that follows a redirect only for a GET and only within one origin."""

    def __init__(self) -> None:
        super().__init__()
        self._settings: dict[Any, dict[str, Any]] = {}

    def merge_environment_settings(
        self, url: str, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> dict[str, Any]:
        """Return what the environment says of proxies and authorities: it is asked once for each origin.

        requests would ask for each request, which takes a tenth of its time.
        """
        key = (origin(url), stream, verify, cert)
        if key not in self._settings:
            self._settings[key] = super().merge_environment_settings(url, proxies, stream, verify, cert)
        return dict(self._settings[key])

    def ask_anew(self) -> None:
        """Forget what the environment said: it may be another one for the next call."""
        self._settings.clear()

    def get_redirect_target(self, resp: Any) -> str | None:
        """Return where to go on; the body on the way is left unread, for requests reads it without limit."""
        try:
            target = super().get_redirect_target(resp)
            if target is None or resp.request.method != "GET":
                return None
            if origin(requests.compat.urljoin(resp.url, target)) != origin(resp.url):
                return None
        except ValueError:  # it is no URL
            return None
        resp.close()
        return str(target)


class _Connection(_ConnectionBase):
    """A TLS connection that tells a failure to make it from one that comes later."""

    def connect(self) -> None:
        """Connect, or raise what tells that nothing was sent."""
        try:
            super().connect()
        except ssl.SSLError as error:
            names = f"; {self._told_names()}" if _MISMATCH.search(str(error)) else ""
            raise HandshakeError(error.errno, f"{error}{names}") from error
        except socket.timeout as error:
            raise urllib3.exceptions.ConnectTimeoutError(self, "The handshake timed out") from error

    def _told_names(self) -> str:
        """Return what names the certificate has: OpenSSL's check does not tell, that of urllib3 does."""
        if self.sock is not None:
            self.sock.close()
        self.assert_hostname = getattr(self, "_tunnel_host", None) or self.host
        try:
            super().connect()
        except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
            return str(error)[:_LONGEST_NAMES]
        return "its names are not known"


class _Pool(_PoolBase):
    ConnectionCls = _Connection


class Adapter(_AdapterBase):
    """Connects with our own kind of connections."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _pools()

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Return the pools of connections through a proxy; SOCKS has pools of its own kind."""
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _pools()
        return manager


def _pools() -> dict[str, Any]:
    return {"http": urllib3.HTTPConnectionPool, "https": _Pool}


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port of a URL, the port filled in."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def allow_unverified() -> None:
    """Let urllib3 not warn of each request whose server is not verified, where the user wants it so."""
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)


def _tls_remedy(reason: str) -> str:
    """Return what to do about a check of a certificate, or of TLS itself, that failed."""
    return next(
        (remedy for words, remedy in _TLS_REMEDIES if any(word in reason for word in words)), _TLS_REMEDY
    )


def _innermost(error: Any) -> Any:
    """Return what urllib3 found; the errors around it repeat the URL with its query."""
    inner = error.args[0] if error.args else error
    return getattr(inner, "reason", None) or inner


def _reason(error: Any) -> str:
    innermost = _innermost(error)
    texts = [str(arg) for arg in getattr(innermost, "args", ()) if isinstance(arg, (str, Exception))]
    return " ".join(_OBJECT.sub("", text) for text in texts) or str(innermost)


def _is_handshake(error: Any) -> bool:
    return any(isinstance(cause, HandshakeError) for cause in getattr(_innermost(error), "args", ()))


def _never_connected(error: Any) -> bool:
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    return isinstance(
        _innermost(error), (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    ) or isinstance(error, requests.exceptions.ProxyError)
