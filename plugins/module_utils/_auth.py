# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to authenticate, as ``requests`` auth classes. None of them knows a vendor.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from threading import RLock, local
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

try:
    from requests.auth import AuthBase
except ImportError:  # _client reports the missing library
    AuthBase = object  # type: ignore[assignment,misc]


def raw_base64(username: str, password: str) -> str:
    """Return base64 of ``username:password``, without the scheme word ``Basic``."""
    return base64.b64encode(f"{username}:{password}".encode()).decode("ascii")


class Login(AuthBase):
    """A way to authenticate each request of a run."""

    def renew(self) -> bool:
        """Forget what the server refused; return whether something new can be had."""
        return False


class NoAuth(Login):
    """Sends no credentials, and keeps ``requests`` from taking some out of a .netrc file."""

    def __call__(self, request: Any) -> Any:
        """Return the request as it is."""
        return request


class Basic(Login):
    """User name and password travel in the header of each request (RFC 7617), as UTF-8."""

    def __init__(self, username: str, password: str) -> None:
        self._credentials = raw_base64(username, password)

    def __call__(self, request: Any) -> Any:
        """Add the header."""
        request.headers["Authorization"] = f"Basic {self._credentials}"
        return request


class Token(Login):
    """A token: given by the user, or fetched at its first use and kept for the run.

    Threads that need one at a time wait for one login.
    """

    def __init__(self, token: str | None = None, fetch: Callable[[], str] | None = None) -> None:
        self._token = token
        self._fetch = fetch
        self._lock = RLock()
        self._used = local()

    @property
    def token(self) -> str:
        """The token; logs in when there is none yet."""
        with self._lock:
            if self._token is None:
                if self._fetch is None:
                    raise ValueError("neither a token nor a way to fetch one")
                self._token = self._fetch()
            self._used.token = self._token
            return self._token

    def renew(self) -> bool:
        """Forget the token, unless another thread has done so; return whether a new one can be had."""
        if self._fetch is None:
            return False
        with self._lock:
            if getattr(self._used, "token", self._token) == self._token:
                self._token = None
        return True


class HeaderToken(Token):
    """The token travels in a header, so it shows in no URL and no access log."""

    def __init__(
        self,
        token: str | None = None,
        fetch: Callable[[], str] | None = None,
        *,
        header: str = "Authorization",
        scheme: str = "Bearer",
        extra: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(token, fetch)
        self._header = header
        self._scheme = scheme
        self._extra = dict(extra or {})

    def __call__(self, request: Any) -> Any:
        """Add the header, and the extra ones that the token is bound to."""
        request.headers[self._header] = f"{self._scheme} {self.token}".strip()
        request.headers.update(self._extra)
        return request


class ParameterToken(Token):
    """The token travels as a parameter: in the form of a POST, else in the query."""

    def __init__(
        self, token: str | None = None, fetch: Callable[[], str] | None = None, *, name: str = "token"
    ) -> None:
        super().__init__(token, fetch)
        self._name = name

    def __call__(self, request: Any) -> Any:
        """Add the parameter; a form keeps it out of access logs, so it is preferred."""
        parameter = {self._name: self.token}
        if request.method == "POST":
            request.headers["Content-Type"] = "application/x-www-form-urlencoded"
            request.body = "&".join(part for part in (request.body, urlencode(parameter)) if part)
        else:
            request.prepare_url(request.url, parameter)
        return request


class SignedRequest(Login):
    """Signs each request with a secret key, which itself never travels (SDK-HMAC-SHA256).

    What is signed is what is sent: method, path, query, the body's bytes, and the headers Host,
    Content-Type and all that begin with X-. ``requests`` calls this once for each request it prepares;
    when urllib3 repeats one, the same signature goes out again, which servers take for 15 minutes.
    """

    def __init__(
        self,
        access_key: str,
        secret_key: str,
        *,
        extra: Mapping[str, str] | None = None,
        report: Callable[[str], None] = lambda signature: None,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        """``extra`` headers go with each request; ``report`` learns each signature before it is sent."""
        self._access_key = access_key
        self._secret_key = secret_key
        self._extra = dict(extra or {})
        self._report = report
        self._now = now

    def __call__(self, request: Any) -> Any:
        """Bring the query to its canonical form and add date and signature."""
        parts = urlsplit(request.url)
        query = _canonical_query(parts.query)
        request.url = parts._replace(query=query).geturl()
        date = self._now().strftime("%Y%m%dT%H%M%SZ")
        request.headers.update({**self._extra, "Host": parts.netloc, "X-Sdk-Date": date})
        signed = {
            name.lower(): str(value).strip()
            for name, value in request.headers.items()
            if name.lower() in ("host", "content-type") or name.lower().startswith("x-")
        }
        names = ";".join(sorted(signed))
        canonical = "\n".join(
            (
                request.method.upper(),
                _canonical_path(parts.path),
                query,
                "".join(f"{name}:{signed[name]}\n" for name in sorted(signed)),
                names,
                hashlib.sha256(_bytes(request.body)).hexdigest(),
            )
        )
        signature = self._sign(canonical, date)
        self._report(signature)
        request.headers["Authorization"] = (
            f"SDK-HMAC-SHA256 Access={self._access_key}, SignedHeaders={names}, Signature={signature}"
        )
        return request

    def _sign(self, canonical: str, date: str) -> str:
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"SDK-HMAC-SHA256\n{date}\n{digest}"
        return hmac.new(self._secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()


def _canonical_path(path: str) -> str:
    """Return the path with each segment encoded anew and a slash at its end, which is not sent."""
    encoded = "/".join(_percent_encoded(unquote(segment)) for segment in path.split("/"))
    return encoded if encoded.endswith("/") else f"{encoded}/"


def _canonical_query(query: str) -> str:
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{_percent_encoded(name)}={_percent_encoded(value)}" for name, value in pairs)


def _percent_encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _bytes(body: str | bytes | None) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""
