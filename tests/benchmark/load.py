# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the emulator itself keeps up: vendors with many tasks, read over 16 connections at once."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from typing import Any

import requests

from benchmark.bench import Bench
from benchmark.measure import processor_seconds
from benchmark.table import Table

FEW, MANY, PAGE = 100, 10_000, 100
CONNECTIONS, READS = 16, 25


@dataclass(frozen=True)
class Listing:
    """How one vendor lists its tasks: where, with which headers, and with which query from the n-th on.

    ``wire`` makes a task to seed. Without ``page`` the vendor knows no pages and answers all tasks at once.
    """

    url: str
    headers: Mapping[str, str]
    wire: Callable[[int], dict[str, Any]]
    query: Mapping[str, Any]
    page: Callable[[int], dict[str, Any]] | None = None


def _basic(account: Mapping[str, Any]) -> str:
    return base64.b64encode(f"{account['username']}:{account['password']}".encode()).decode()


def _phones_token(account: Mapping[str, Any]) -> str:
    """Log in once; the other accounts come with a token, or need none."""
    answer = requests.get(f"{account['url']}/login", headers={"Authorization": _basic(account)}, timeout=10)
    token: str = answer.json()["value"]["token"]
    return token


def _listings(accounts: Mapping[str, Any]) -> dict[str, Listing]:
    arcgis, cpts, seal, vro = (accounts[key] for key in ("arcgis", "cpts", "seal", "vro"))
    phones = accounts["totalcontrol"]
    return {
        "arcgis": Listing(
            f"{arcgis['url']}/sharing/rest/community/users/{arcgis['username']}/tasks",
            {"X-Esri-Authorization": f"Bearer {arcgis['token']}"},
            lambda number: {"title": f"Task {number}"},
            {"f": "json"},
            lambda first: {"start": first + 1, "num": PAGE},
        ),
        "cpts": Listing(
            f"{cpts['url']}/v1/{cpts['project_id']}/all-tasks/393862",
            {"X-Auth-Token": cpts["token"]},
            lambda number: {"name": f"Task {number}"},
            {},
            lambda first: {"offset": first, "limit": PAGE},
        ),
        "seal": Listing(
            f"{seal['url']}/v1/services/{seal['services'][0]}/tasks",
            {"Authorization": f"Bearer {seal['token']}"},
            lambda number: {"name": f"Task {number}"},
            {},
        ),
        "totalcontrol": Listing(
            f"{phones['https_url']}/tasks",
            {},
            lambda number: {"task_name": f"task{number}"},
            {"token": _phones_token(phones)},
        ),
        "vro": Listing(
            f"{vro['url']}/vco/api/tasks",
            {"Authorization": f"Basic {_basic(vro)}", "Accept": "application/json"},
            lambda number: {"name": f"Task {number}"},
            {},
        ),
    }


def emulator_load(bench: Bench, rounds: int) -> Table:
    """Measure the emulator's processor time for a listing, of few tasks and of many."""
    table = Table(
        f"The emulator under load: {CONNECTIONS} connections, its processor time for each request",
        ("vendor", "listed", f"{FEW} tasks", f"{MANY:,} tasks, first page", "last page", "last / first"),
    )
    ratios = []
    for vendor in _listings(bench.emulator.info["accounts"]):
        few = _prepared(bench, vendor, FEW)
        among_few = _per_request(bench, few, 0, rounds)
        many = _prepared(bench, vendor, MANY)
        first = _per_request(bench, many, 0, rounds)
        if many.page is None:
            table.rows.append((vendor, "all at once", _millis(among_few), _millis(first), "-", "-"))
            continue
        last = _per_request(bench, many, MANY - PAGE, rounds)
        ratios.append(max(first, last) / among_few)
        cells = (_millis(among_few), _millis(first), _millis(last), f"{last / first:.2f} x")
        table.rows.append((vendor, f"a page of {PAGE}", *cells))
    table.figures["a page of 10,000 tasks / a page of 100 tasks"] = max(ratios)
    return table


def _prepared(bench: Bench, vendor: str, number: int) -> Listing:
    bench.emulator.reset()
    bench.emulator.switch("cpts", rate_limit=0)
    listing = _listings(bench.emulator.info["accounts"])[vendor]
    bench.emulator.seed({vendor: {"tasks": [listing.wire(place) for place in range(number)]}})
    return listing


def _per_request(bench: Bench, listing: Listing, first: int, rounds: int) -> float:
    """Return the emulator's processor time for one of many requests, in seconds."""
    query = {**listing.query, **(listing.page(first) if listing.page else {})}
    reads = READS if listing.page else 1

    def reader(_number: int) -> None:
        with requests.Session() as session:
            session.trust_env, session.verify = False, bench.emulator.info["ca"]
            for _read in range(reads):
                answer = session.get(listing.url, params=query, headers=dict(listing.headers), timeout=120)
                answer.raise_for_status()

    spent = []
    for _round in range(rounds):
        before = processor_seconds(bench.emulator.process.pid)
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            list(pool.map(reader, range(CONNECTIONS)))
        used = processor_seconds(bench.emulator.process.pid) - before
        spent.append(used / (CONNECTIONS * reads))
    return median(spent)


def _millis(value: float) -> str:
    return f"{value * 1000:.1f} ms"
