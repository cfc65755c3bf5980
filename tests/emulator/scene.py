# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the servers hold and how they behave at the start: a YAML file in the words of the admin API."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml

from .clock import Clock
from .faults import Fault, Faults, parse
from .vendor import Vendor

Vendors = Mapping[str, Vendor]
PARTS = ("clock", "switches", "seed", "faults")
# What a wrong document raises somewhere in the vendor files, with a text that says what is wrong.
MISTAKES = (KeyError, ValueError, TypeError, AttributeError, OverflowError)


def read(path: Path) -> dict[str, Any]:
    """Read a file into what the same would be as JSON; ValueError says what about it is wrong."""
    try:
        scene = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"no YAML: {error}") from error
    if not isinstance(scene, dict):
        raise ValueError(f"it must hold a mapping with {', '.join(PARTS)}")
    if unknown := sorted(str(name) for name in scene if name not in PARTS):
        raise ValueError(f"unknown key {', '.join(unknown)}, known: {', '.join(PARTS)}")
    # YAML makes numbers of ids that are all digits, and dates of texts that look like one.
    plain: dict[str, Any] = json.loads(json.dumps(scene, default=lambda date: date.isoformat()))
    return plain


def play(scene: Mapping[str, Any], vendors: Vendors, clock: Clock, faults: Faults) -> None:
    """Bring the servers to what the scene says, which is left as it is."""
    scene = copy.deepcopy(dict(scene))
    if "clock" in scene:
        move(clock, scene["clock"])
    set_switches(vendors, scene.get("switches", {}))
    seed(vendors, scene.get("seed", {}))
    faults.armed += [fault(vendors, spec) for spec in scene.get("faults", [])]


def move(clock: Clock, wanted: Mapping[str, Any]) -> None:
    """Move the clock by seconds, or to an instant."""
    if set(wanted) == {"advance"}:
        clock.advance(float(wanted["advance"]))
    elif set(wanted) == {"set"}:
        clock.set(str(wanted["set"]))
    else:
        raise ValueError("the clock takes either advance (seconds) or set (ISO 8601)")


def set_switches(vendors: Vendors, wanted: Mapping[str, Any]) -> None:
    """Set switches by vendor; nothing is set if one of them is wrong."""
    checked = {key: find(vendors, key).check_switches(values) for key, values in wanted.items()}
    for key, values in checked.items():
        vendors[key].values.update(values)


def seed(vendors: Vendors, wanted: Mapping[str, Any]) -> dict[str, int]:
    """Load tasks by vendor, past every rule of its own create; all of it or nothing. Return how many."""
    counts = {}
    with ExitStack() as stack:
        for key, data in wanted.items():
            vendor = find(vendors, key)
            stack.enter_context(vendor.whole_or_nothing())
            counts[key] = vendor.seed(data)
    return counts


def fault(vendors: Vendors, spec: Mapping[str, Any]) -> Fault:
    """Read a fault; the vendor it names must exist."""
    made = parse(dict(spec))
    if "vendor" in made.match:
        find(vendors, made.match["vendor"])
    return made


def find(vendors: Vendors, key: str) -> Vendor:
    """Return a vendor as it is by now."""
    if key not in vendors:
        raise ValueError(f"unknown vendor {key}, known: {', '.join(vendors)}")
    vendors[key].tick()
    return vendors[key]


def reason(mistake: Exception) -> str:
    """Return the text of a mistake; of a KeyError it is no more than the key."""
    return f"{mistake.args[0]} is missing" if isinstance(mistake, KeyError) else str(mistake)
