# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate authority made at run time, so that no key is ever stored in the repository."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import trustme

NAMES = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Tls:
    """The server's context and the CA file a client has to trust."""

    context: ssl.SSLContext
    ca_path: Path


@contextmanager
def temporary_tls(host: str) -> Iterator[Tls]:
    """Give a TLS context whose CA file lives in a private directory for as long as the block."""
    authority = trustme.CA()
    names = NAMES if host in NAMES else (*NAMES, host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    with TemporaryDirectory(prefix="emulator-") as directory:
        ca_path = Path(directory) / "ca.pem"
        authority.cert_pem.write_to_path(str(ca_path))
        yield Tls(context, ca_path)
