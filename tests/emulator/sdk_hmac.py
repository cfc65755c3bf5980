# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check a signature of the kind SDK-HMAC-SHA256, written apart from the collection's own signer.

The rules are those of the vendor's own client, and the list of signed headers is the client's: some sign
no Host, others sign what they like.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

ALGORITHM = "SDK-HMAC-SHA256"
_HEADER = re.compile(rf"{ALGORITHM} Access=(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{{64}})")


@dataclass(frozen=True)
class Signature:
    """The parts of an Authorization header."""

    access_key: str
    signed_headers: tuple[str, ...]
    value: str


def parse(header: str) -> Signature | None:
    """Read an Authorization header; None for one of another kind or form."""
    found = _HEADER.fullmatch(header.strip())
    return Signature(found[1], tuple(found[2].split(";")), found[3]) if found else None


def canonical_request(
    method: str, path: str, query: str, headers: Mapping[str, str], signed: tuple[str, ...], body: bytes
) -> str:
    """Return the text whose digest is signed; path and query as they came, header names in lower case."""
    digest = headers.get("x-sdk-content-sha256") if body else None
    return "\n".join(
        (
            method.upper(),
            _path(path),
            _query(query),
            "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in sorted(signed)),
            ";".join(sorted(signed)),
            digest or hashlib.sha256(body).hexdigest(),
        )
    )


def sign(canonical: str, date: str, secret_key: str) -> str:
    """Return the signature of a canonical request."""
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{ALGORITHM}\n{date}\n{digest}"
    return hmac.new(secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()


def _path(path: str) -> str:
    encoded = "/".join(_encode(unquote(segment)) for segment in path.split("/"))
    return encoded if encoded.endswith("/") else f"{encoded}/"


def _query(query: str) -> str:
    pairs = (part.partition("=") for part in query.split("&") if part)
    decoded = sorted((_decoded(name), _decoded(value)) for name, dummy, value in pairs)
    return "&".join(f"{_encode(name)}={_encode(value)}" for name, value in decoded)


def _decoded(text: str) -> str:
    return unquote(text.replace("+", " "))


def _encode(text: str) -> str:
    return quote(text, safe="-_.~")
