# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal's page to sign in at, as the vendor's Python client reads it with user and password.

Seen from the client arcgis 2.4.4 [W]: it asks for the page twice, takes ``oauth_state`` out of the JSON in
the second, posts it with the login, does not follow the answer's redirect and reads the token from there.
Instead of a redirect, a wrong login is a page that holds OAUTH_0015 and its messages.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from .vendor import Call, Reply, random_text

CLIENTS = ("pythonapi",)
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
PAGE = "text/html; charset=utf-8"


@dataclass
class SignIn:
    """The pages that were handed out and not used: where each leads, and the client's own state."""

    pending: dict[str, tuple[str, str]] = field(default_factory=dict)

    def page(self, call: Call) -> Reply:
        """Answer the page, or one that says what about the request is wrong."""
        redirect = call.query.get("redirect_uri", "")
        if call.query.get("client_id") not in CLIENTS:
            return _page("Error: Invalid client_id")
        if redirect not in (OUT_OF_BAND, f"https://{urlsplit(call.origin).netloc}"):
            return _page("Error: Invalid redirect_uri")
        if call.query.get("response_type") != "token":
            return _page("Error: Invalid response_type")
        ours = random_text(40)
        self.pending[ours] = (redirect, call.query.get("state", ""))
        return _page(f"<script>var oAuthInfo = {json.dumps({'oauth_state': ours})};</script>")

    def is_open(self, call: Call) -> bool:
        """Say whether a login comes from a page that was handed out."""
        return call.form.get("oauth_state", "") in self.pending

    def succeed(self, call: Call, token: str, seconds: int) -> Reply:
        """Send the browser on, with the token behind the ``#``; the page is used up."""
        redirect, state = self.pending.pop(call.form["oauth_state"])
        fragment = {
            "access_token": token,
            "expires_in": seconds,
            "username": call.form["username"],
            "ssl": "true",
            "state": state,
        }
        return Reply(status=302, headers={"location": f"{redirect}#{urlencode(fragment)}"})


def wrong_login() -> Reply:
    """Answer a login that is wrong: not JSON, for the client swaps the quotes itself [W]."""
    return _page("{'code': 'OAUTH_0015', 'messages': ['Invalid username or password.']}")


def stale_page() -> Reply:
    """Answer a login whose page is not known, or was used."""
    return _page("Error: Invalid oauth_state")


def _page(body: str) -> Reply:
    return Reply(f"<html><body>{body}</body></html>", media=PAGE)
