# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start the emulator: ``python -m emulator``."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import ipaddress
import json
import pkgutil
import signal
from pathlib import Path

from . import __path__ as package_path
from . import admin, scene
from .clock import Clock
from .server import Emulator, Listeners
from .tls import Tls, temporary_tls
from .vendor import Vendor

# Not vendor files, and not to be imported here: this file, and the launcher with its client library.
APART = ("__main__", "launch")


def load_vendors(clock: Clock) -> dict[str, Vendor]:
    """Find every vendor file of this package, so that a new vendor is one new file."""
    for module in pkgutil.iter_modules(package_path):
        if module.name not in APART:
            importlib.import_module(f"{__package__}.{module.name}")
    return {kind.key: kind(clock) for kind in Vendor.__subclasses__()}


def build(listeners: Listeners, scene_file: Path | None) -> Emulator:
    """Make the emulator and bring it to its start; ValueError says what about the scene is wrong."""
    clock = Clock()
    emulator = Emulator(load_vendors(clock), clock, listeners)
    emulator.admin = admin.application(emulator)
    if scene_file is None:
        return emulator
    try:
        emulator.scene = scene.read(scene_file)
        emulator.reset()
    except (OSError, *scene.MISTAKES) as mistake:
        raise ValueError(f"--scene {scene_file}: {scene.reason(mistake)}") from mistake
    return emulator


async def serve(emulator: Emulator, tls: Tls) -> None:
    """Serve until a signal comes; the first line of output says how to reach us."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await emulator.listeners.open(emulator)
    print(json.dumps(first_line(emulator, tls)), flush=True)
    await stop.wait()
    emulator.listeners.close()
    for task in list(emulator.background):
        task.cancel()


def first_line(emulator: Emulator, tls: Tls) -> dict[str, object]:
    """Collect all a client needs: where, what to trust, and how to log in."""
    http, https = emulator.listeners.url("http"), emulator.listeners.url("https")
    accounts = {key: vendor.account(http, https) for key, vendor in emulator.vendors.items()}
    return {"http": http, "https": https, "ca": str(tls.ca_path), "accounts": accounts}


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach the host; names other than localhost are not looked up."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="emulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--http-port", type=int, default=0)
    parser.add_argument("--https-port", type=int, default=0)
    parser.add_argument("--scene", type=Path, metavar="FILE", help="YAML: clock, switches, seed, faults")
    options = parser.parse_args()
    if not is_loopback(options.host):
        parser.exit(
            2, f"emulator: --host {options.host!r} is no loopback address; the admin API has no login\n"
        )
    with temporary_tls(options.host) as tls:
        listeners = Listeners(options.host, [options.http_port, options.https_port], tls.context)
        try:
            emulator = build(listeners, options.scene)
        except ValueError as error:
            parser.exit(2, f"emulator: {error}\n")
        asyncio.run(serve(emulator, tls))


if __name__ == "__main__":
    main()
