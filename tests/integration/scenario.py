# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests that hold for every vendor need to know of one; a file for each in ``vendors/``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

Account = Mapping[str, Any]
# A module's short name and its options.
Declaration = tuple[str, dict[str, Any]]

WRONG_PASSWORD = "a-wrong-password-nobody-has"
VENDORS = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent / "vendors")]))

# What the pages of the documentation take to be on the servers, besides what the emulator has at its start.
SEEDS_OF_PAGES = {"arcgis": {"items": {"029b61ca770e428d9468a2a55f40b9fb": "Notebook"}}}


@dataclass(frozen=True)
class Many:
    """Declarations for the module that takes many tasks.

    ``entry`` makes the n-th; ``change`` changes any in place, where the vendor can. ``scope`` is what prune
    needs, where it has to be told; ``outside`` is a task beyond it.
    ``switches`` are those of the emulator that so many tasks need.
    """

    entry: Callable[[int], dict[str, Any]]
    change: Mapping[str, Any] = field(default_factory=dict)
    scope: Mapping[str, Any] = field(default_factory=dict)
    outside: Declaration | None = None
    switches: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    """Declarations for one vendor's emulated server.

    ``task`` is complete and can be created; ``others`` are those of the vendor's further modules.
    ``operations`` are carried out one after the other, each under the name it has in docs/requests.md.
    ``refused`` fail at the server, and so does ``task`` with ``wrong_login``. ``seed`` is what the
    examples of the documentation expect to find.
    """

    task: Declaration
    operations: Mapping[str, Declaration]
    refused: tuple[Declaration, ...]
    many: Many
    others: tuple[Declaration, ...] = ()
    wrong_login: Mapping[str, Any] = field(default_factory=lambda: {"password": WRONG_PASSWORD})
    seed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Waiting:
    """How runs of one vendor's emulated server are waited for, where they can be.

    ``task`` starts a run, which the operation ``look`` then looks at. ``lasting`` are the switches with
    which it goes on for 600 s of the emulator's clock and a token ends after 300 s, ``failing`` those
    with which it fails and tells ``reason``, ``stopping`` those with which somebody ends it.
    """

    task: Declaration
    look: str
    lasting: Mapping[str, Any]
    failing: Mapping[str, Any]
    stopping: Mapping[str, Any]
    reason: str


def _of(vendor: str) -> ModuleType:
    return importlib.import_module(f"integration.vendors.{vendor}")


def scenario(vendor: str, account: Account) -> Scenario:
    """Return the scenario of a vendor for the account that the emulator gives."""
    made: Scenario = _of(vendor).scenario(account)
    return made


WAITING = [vendor for vendor in VENDORS if hasattr(_of(vendor), "waiting")]


def waiting(vendor: str) -> Waiting:
    """Return how a vendor's runs are waited for."""
    made: Waiting = _of(vendor).waiting()
    return made


def secrets_of(vendor: str, account: Account, log: list[dict[str, Any]]) -> set[str]:
    """Collect every secret of an account and all that travelled on the wire."""
    found = _of(vendor).secrets(account, log)
    return {secret for secret in found if secret}
