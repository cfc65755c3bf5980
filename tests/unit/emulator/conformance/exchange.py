# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the documented exchanges of a vendor, and play them against a running emulator.

A data file holds stories, a story exchanges that are played in their order from the emulator's start. An
exchange says what is asked for, the page or source it comes from, how good the evidence is, and where nobody
knows what a server does: the switches that the answer rests on, which are set before. ``{name}`` stands for a
value of the account, or for one kept from an earlier answer.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import yaml
from emulator.launch import RunningEmulator
from unit.emulator.clients import PerfTest
from unit.emulator.conformance.shape import Comparison, compare

DATA = Path(__file__).parent
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # much faster where there is libyaml
NOON = "2027-01-04T12:00:30Z"  # every story begins here, so that what fires in it is known
NAME = re.compile(r"\{([A-Za-z_][^{}\"]*)\}")


@dataclass(frozen=True)
class Exchange:
    """A request, the answer it must have, and how we know."""

    operation: str
    page: str
    grade: str
    request: dict[str, Any]
    answer: dict[str, Any]
    switches: dict[str, Any] = field(default_factory=dict)
    advance: int = 0  # seconds by which the clock moves before


@dataclass(frozen=True)
class Story:
    """Exchanges that build upon each other."""

    vendor: str
    name: str
    headers: dict[str, str]
    exchanges: tuple[Exchange, ...]


def stories() -> Iterator[Story]:
    """Read every data file."""
    for path in sorted(DATA.glob("*.yml")):
        data = yaml.load(path.read_text(encoding="utf-8"), LOADER)
        for story in data["stories"]:
            exchanges = tuple(Exchange(**exchange) for exchange in story["exchanges"])
            yield Story(path.stem, story["name"], story.get("headers", data.get("headers", {})), exchanges)


def play(story: Story, emulator: RunningEmulator) -> Iterator[tuple[Exchange, tuple[str, ...]]]:
    """Play a story; yield each exchange with what differs from the documentation."""
    known = known_values(emulator.info["accounts"][story.vendor])
    emulator.set_clock(NOON)
    with requests.Session() as session:
        session.trust_env = False
        session.verify = emulator.info["ca"]
        for exchange in story.exchanges:
            if exchange.switches:
                emulator.switch(story.vendor, **exchange.switches)
            if exchange.advance:
                emulator.advance(exchange.advance)
            request = fill({"headers": story.headers, **exchange.request}, known)
            answer = _signed(request, emulator) if "signed" in request else _sent(request, session)
            found = compare_answer(fill(exchange.answer, known), answer)
            known.update(found.kept)
            yield exchange, found.differences


def known_values(account: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the values of an account by dotted names, and its login as Basic has it."""
    known: dict[str, Any] = {}
    for name, value in account.items():
        inner = known_values(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
        known.update(inner)
    if "password" in account:
        pair = f"{account['username']}:{account['password']}"
        known[f"{prefix}basic"] = base64.b64encode(pair.encode()).decode()
    return known


def fill(template: Any, known: dict[str, Any]) -> Any:
    """Put values in the place of their names; one that stands alone keeps its type."""
    if isinstance(template, dict):
        return {fill(name, known): fill(value, known) for name, value in template.items()}
    if isinstance(template, list):
        return [fill(item, known) for item in template]
    if not isinstance(template, str):
        return template
    if alone := NAME.fullmatch(template):
        return known[alone[1]]
    return NAME.sub(lambda found: str(known[found[1]]), template)


def _sent(request: dict[str, Any], session: requests.Session) -> requests.Response:
    body = {"data": request.get("form", request.get("text")), "json": request.get("json")}
    return session.request(
        request["method"],
        request["url"],
        params=request.get("query"),
        headers=request["headers"],
        timeout=10,
        allow_redirects=False,
        **body,
    )


def _signed(request: dict[str, Any], emulator: RunningEmulator) -> requests.Response:
    """Sign a request over the headers that the recorded client signed."""
    client = PerfTest(emulator.info)
    body = request.get("text", "").encode()
    return client.signed(
        request["url"].removeprefix(client.url),
        method=request["method"],
        body=body,
        extra=request["headers"],
        signed=tuple(request["signed"].split(";")),
        key=request.get("access_key", ""),
        secret=request.get("secret_key", ""),
    )


def compare_answer(wanted: dict[str, Any], answer: requests.Response) -> Comparison:
    """Compare status, the headers that are named, and the body as JSON or as text where one is told."""
    shape = {"status": wanted["status"], "headers": wanted.get("headers", {})}
    value = {
        "status": answer.status_code,
        "headers": {name: answer.headers.get(name) for name in shape["headers"]},
    }
    if "json" in wanted:
        shape["json"], value["json"] = wanted["json"], _json(answer)
    if "text" in wanted:
        shape["text"], value["text"] = wanted["text"], answer.text
    return compare(shape, value)


def _json(answer: requests.Response) -> Any:
    """Return the body of an answer that is JSON and says so; text otherwise, which no shape has."""
    media = answer.headers.get("Content-Type", "")
    return answer.json() if media.startswith("application/json") else f"{media}: {answer.text}"
