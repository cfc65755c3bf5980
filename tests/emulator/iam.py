# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may ask: the IAM of Huawei Cloud and the API gateway, with the account of one start.

Grades and page names are those of docs/emulator.md.
"""

from __future__ import annotations

import hmac
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from . import sdk_hmac
from .clock import Clock
from .vendor import Call, Reply, random_text

HEX = "0123456789abcdef"
UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ"
REGION = "cn-north-4"
SKEW_SECONDS = 15 * 60  # [D] api-sign-0001
TOKEN_SECONDS = 24 * 3600  # [D] iam_30_0001


class Refused(Exception):
    """A refusal with its whole answer."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.reply = Reply(body, status, headers=headers or {})


@dataclass
class Token:
    """What an IAM token is good for."""

    project: str | None
    expires: float


class Iam:
    """One account: an IAM user, permanent and temporary keys, a project in each of two regions."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.switches: Mapping[str, Any] = {}
        self.domain, self.domain_id, self.user_id = "emulator", random_text(32, HEX), random_text(32, HEX)
        self.username, self.password = "perfuser", random_text(24)
        self.project_id, self.other_project = random_text(32, HEX), random_text(32, HEX)
        self.access_key, self.temporary_key = f"HWAK{random_text(16, UPPER)}", f"HST{random_text(17, UPPER)}"
        self.secret_keys = {name: random_text(40) for name in (self.access_key, self.temporary_key)}
        self.security_token, self.ready_token = random_text(96), random_text(120)

    def clear(self, switches: Mapping[str, Any]) -> None:
        """Forget every token but the ready one, and every project that was added."""
        self.switches = switches
        self.projects = {self.project_id: REGION, self.other_project: "cn-south-1"}
        self.tokens = {self.ready_token: Token(self.project_id, math.inf)}

    def account(self) -> dict[str, Any]:
        """Return every way to log in."""
        return {
            "region": REGION,
            "access_key": self.access_key,
            "secret_key": self.secret_keys[self.access_key],
            "project_id": self.project_id,
            "domain": self.domain,
            "username": self.username,
            "password": self.password,
            "token": self.ready_token,
            "temporary": {
                "access_key": self.temporary_key,
                "secret_key": self.secret_keys[self.temporary_key],
                "security_token": self.security_token,
            },
        }

    def refusal(self, status: int, code: str, text: str) -> Refused:
        """Return a refusal of the gateway, whose id stands in a header too [M] nodejs-v3#2."""
        request_id = random_text(32, HEX)
        body = {
            "error_msg": text,
            "error_code": f"{self.switches['gateway_prefix']}.{code}",
            "request_id": request_id,
        }
        return Refused(status, body, {"server": "api-gateway", "x-request-id": request_id})

    # Tokens and projects

    def login(self, call: Call) -> Reply:
        """Issue a token for an IAM user, for one project [D] iam_30_0001."""
        auth = _inner(call.json, "auth")
        identity = _inner(auth, "identity")
        user = _inner(_inner(identity, "password"), "user")
        if identity.get("methods") != ["password"] or not user:
            raise Refused(400, _error(400, "Bad Request", "Invalid input for field 'auth.identity'."))
        given = (user.get("name"), user.get("password"), _inner(user, "domain").get("name"))
        if given != (self.username, self.password, self.domain):
            raise Refused(401, _error(401, "Unauthorized", "The username or password is wrong."))
        scope = _inner(_inner(auth, "scope"), "project")
        project = self._scoped(scope)
        if scope and project is None:
            raise Refused(401, _error(401, "Unauthorized", "The project of the scope does not exist."))
        text, now = random_text(120), self.clock.now()
        self.tokens[text] = Token(project, now + TOKEN_SECONDS)
        return Reply({"token": self._token_body(call, project, now)}, 201, headers={"X-Subject-Token": text})

    def _scoped(self, scope: dict[str, Any]) -> str | None:
        for number, name in self.projects.items():
            if number == scope.get("id") or name == scope.get("name"):
                return number
        return None

    def _token_body(self, call: Call, project: str | None, now: float) -> dict[str, Any]:
        """Describe a token, with the addresses that clients of the catalog look for [W] keystoneauth1."""
        domain = {"id": self.domain_id, "name": self.domain}
        endpoint = {
            "id": random_text(32, HEX),
            "interface": "public",
            "region": REGION,
            "region_id": REGION,
            "url": call.origin,
        }
        body: dict[str, Any] = {
            "expires_at": _utc(now + TOKEN_SECONDS),
            "issued_at": _utc(now),
            "methods": ["password"],
            "user": {"id": self.user_id, "name": self.username, "domain": domain},
            "roles": [],
            "catalog": [
                {"type": kind, "name": kind, "id": random_text(32, HEX), "endpoints": [endpoint]}
                for kind in ("cpts", "iam")
            ],
        }
        if project:
            body["project"] = {"id": project, "name": self.projects[project], "domain": domain}
        return body

    def list_projects(self, call: Call) -> Reply:
        """List the account's projects; the SDK and Terraform look one up by the region's name [W]."""
        wanted = call.query.get("name")
        found = [
            {
                "id": number,
                "name": name,
                "domain_id": self.domain_id,
                "parent_id": self.domain_id,
                "is_domain": False,
                "enabled": True,
                "description": "",
                "links": {"self": f"{call.origin}/v3/projects/{number}"},
            }
            for number, name in self.projects.items()
            if wanted in (None, name)
        ]
        links = {"self": f"{call.origin}/v3/projects", "next": None, "previous": None}
        return Reply({"projects": found, "links": links})

    # Requests

    def check(self, call: Call) -> None:
        """Let a request pass that carries a token, or a signature over the client's own list of headers."""
        token = call.headers.get("x-auth-token")
        if token is not None:
            self._check_token(token, call)
        elif "authorization" in call.headers:
            self._check_signature(call)
            self._check_project(call, self.project_id)
        else:
            raise self.refusal(401, "0301", self.switches["text_no_authorization"])

    def void_token(self, call: Call) -> None:
        """Let the token of this request expire."""
        token = self.tokens.get(call.headers.get("x-auth-token", ""))
        if token is not None:
            token.expires = 0.0

    def _check_token(self, text: str, call: Call) -> None:
        token = self.tokens.get(text)
        if token is None:
            raise self._unauthenticated("decrypt token fail")
        if token.expires <= self.clock.now():
            raise self.refusal(401, "0307", "The token must be updated.")
        self._check_project(call, token.project)

    def _check_project(self, call: Call, project: str | None) -> None:
        """Refuse the project of another region or account [M] MCP; the code is own choice."""
        if call.params.get("pid", project) != project:
            raise self.refusal(
                403, "0302", "The project ID in the token is inconsistent with that in the URL."
            )

    def _check_signature(self, call: Call) -> None:
        signature = sdk_hmac.parse(call.headers["authorization"])
        if signature is None:
            raise self._unauthenticated("Unauthorized")
        secret = self.secret_keys.get(signature.access_key)
        if secret is None:
            raise self._unauthenticated(f"ak {signature.access_key} not exist")
        # Signed or not, the token of temporary keys has to be theirs [W]: Terraform adds it after signing.
        needed = self.security_token if signature.access_key == self.temporary_key else None
        if call.headers.get("x-security-token") != needed:
            raise self._unauthenticated("verify security token fail")
        date = call.headers.get("x-sdk-date", "")
        self._check_date(date, signature)
        canonical = sdk_hmac.canonical_request(
            call.method, call.path, call.raw_query, call.headers, signature.signed_headers, call.body
        )
        if not hmac.compare_digest(sdk_hmac.sign(canonical, date, secret), signature.value):
            shown = canonical.replace("\n", "|")
            raise self._unauthenticated(f"verify aksk signature fail, canonicalRequest:{shown}")

    def _check_date(self, date: str, signature: sdk_hmac.Signature) -> None:
        """Compare with the real time: moving the emulated clock must not lock every client out."""
        try:
            sent = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        except ValueError:
            sent = -math.inf
        here = time.time() + self.switches["clock_skew_seconds"]
        if "x-sdk-date" not in signature.signed_headers or abs(here - sent) > SKEW_SECONDS:
            raise self._unauthenticated("verify aksk signature fail, x-sdk-date is missing or out of range")

    def _unauthenticated(self, why: str) -> Refused:
        return self.refusal(401, "0301", f"Incorrect IAM authentication information: {why}")


def _error(code: int, title: str, text: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": text, "title": title}}


def _inner(value: Any, name: str) -> dict[str, Any]:
    """Return an object inside another, an empty one where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _utc(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
