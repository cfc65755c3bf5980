# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run docs/examples/demo.yml twice against the emulator, over TLS, with the installed collection.

The first run creates what the example describes; the second has to find nothing to change. Addresses and
passwords reach the modules by the environment variables a user would set, the rest as extra variables.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator.launch import running_emulator

from tools.install_collection import install
from tools.project import ROOT, ansible_environment

PLAYBOOK = "docs/examples/demo.yml"
RECAP = re.compile(r"^(?P<host>\S+)\s+: (?P<counts>ok=\d+.*)$")


def extra_variables(info: Mapping[str, Any]) -> list[str]:
    """The options that hand the playbook what only the emulator knows: its CA, and the ids of its items."""
    variables = {"ca": info["ca"], **info["accounts"]["arcgis"].get("items", {})}
    return [word for name, value in variables.items() for word in ("-e", f"demo_{name}={value}")]


def play(options: list[str], environment: dict[str, str]) -> dict[str, dict[str, int]]:
    """Run the playbook, show its output, and return the recap of every host."""
    command = [str(Path(sys.executable).with_name("ansible-playbook")), PLAYBOOK, *options]
    recap: dict[str, dict[str, int]] = {}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if found := RECAP.match(line):
                counts = (pair.split("=") for pair in found["counts"].split())
                recap[found["host"]] = {name: int(count) for name, count in counts}
    if process.returncode:
        sys.exit(f"demo: {PLAYBOOK} failed")
    return recap


def main() -> None:
    install()
    environment = ansible_environment()
    environment.update(ANSIBLE_LOCALHOST_WARNING="false", ANSIBLE_INVENTORY_UNPARSED_WARNING="false")
    for name in ("NO_PROXY", "no_proxy"):  # the emulator is on loopback, which no proxy can reach
        environment[name] = ",".join(filter(None, [environment.get(name), "127.0.0.1", "localhost"]))
    with running_emulator() as emulator:
        for account in emulator.info["accounts"].values():
            environment.update(account["environment"])
        options = extra_variables(emulator.info)
        print("demo: first run, on empty servers", flush=True)
        first = play(options, environment)
        print("demo: second run, nothing left to change", flush=True)
        second = play(options, environment)
    wrong = ("changed", "failed", "unreachable")
    if not second or any(counts[name] for counts in second.values() for name in wrong):
        sys.exit("demo: the second run should have changed nothing")
    changed = sum(counts["changed"] for counts in first.values())
    if not changed:
        sys.exit("demo: the first run should have changed something")
    print(f"demo: the first run changed {changed} things, the second changed none")


if __name__ == "__main__":
    main()
