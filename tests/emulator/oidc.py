# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An OpenID Connect issuer in the manner of Keycloak: discovery, two grants, tokens that run out."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .vendor import Call, Reply, random_text

TOKEN_SECONDS = 300  # Keycloak's default
DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class User:
    """Somebody who may hold a token; a service account has no password."""

    name: str
    password: str | None = None
    is_admin: bool = False

    @property
    def is_service(self) -> bool:
        """Say whether this is the account of a client."""
        return self.password is None


class Denied(Exception):
    """A refusal in the words of Keycloak."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.reply = Reply({"error": error, "error_description": description}, status)


@dataclass
class Issuer:
    """One realm: its users, its one confidential client and the tokens given out."""

    now: Callable[[], float]
    users: tuple[User, ...]
    client_id: str
    client_secret: str
    tokens: dict[str, tuple[User, float]] = field(default_factory=dict)

    @property
    def service_account(self) -> User:
        """The account that client credentials log in as."""
        return User(f"service-account-{self.client_id}")

    def holder(self, token: str) -> User | None:
        """Return whose token this is, while it is good."""
        user, expires = self.tokens.get(token, (None, 0.0))
        return user if expires > self.now() else None

    def issue(self, issuer: str, user: User, seconds: float) -> str:
        """Give out a token that looks like a JWT; its signature is made up."""
        claims = {"iss": issuer, "azp": self.client_id, "preferred_username": user.name}
        token = ".".join((_segment({"alg": "RS256", "typ": "JWT"}), _segment(claims), random_text(86)))
        self.tokens[token] = (user, self.now() + seconds)
        return token

    def grant(self, call: Call, issuer: str, grants: list[str], seconds: int) -> Reply:
        """Answer the token endpoint."""
        try:
            self._check_client(call)
            user = self._user(call.form, grants)
        except Denied as denied:
            return denied.reply
        return Reply(
            {
                "access_token": self.issue(issuer, user, seconds),
                "expires_in": seconds,
                "refresh_expires_in": 0,
                "token_type": "Bearer",
                "not-before-policy": 0,
                "scope": "email profile",
            }
        )

    def _check_client(self, call: Call) -> None:
        """Take the client's secret from the form or from a Basic header."""
        sent = (call.form.get("client_id", ""), call.form.get("client_secret", ""))
        scheme, dummy, text = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                name, dummy, secret = base64.b64decode(text, validate=True).decode().partition(":")
            except ValueError:
                name, secret = "", ""
            sent = (name, secret)
        if sent != (self.client_id, self.client_secret):
            raise Denied(401, "unauthorized_client", "Invalid client or Invalid client credentials")

    def _user(self, form: dict[str, str], grants: list[str]) -> User:
        wanted = form.get("grant_type", "")
        if not wanted:
            raise Denied(400, "invalid_request", "Missing form parameter: grant_type")
        if wanted not in ("password", "client_credentials"):
            raise Denied(400, "unsupported_grant_type", "Unsupported grant_type")
        if wanted not in grants:
            way = "direct access grants" if wanted == "password" else "service account"
            raise Denied(400, "unauthorized_client", f"Client not allowed for {way}")
        if wanted == "client_credentials":
            return self.service_account
        for user in self.users:
            if (user.name, user.password) == (form.get("username"), form.get("password")):
                return user
        raise Denied(401, "invalid_grant", "Invalid user credentials")


def discovery(issuer: str, token_endpoint: str) -> dict[str, Any]:
    """Return the discovery document."""
    base = f"{issuer}/protocol/openid-connect"
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{base}/auth",
        "token_endpoint": token_endpoint,
        "jwks_uri": f"{base}/certs",
        "grant_types_supported": ["authorization_code", "password", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }


def _segment(value: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
