# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a secret could get out of a run: all these places are watched, and searched at the end.

What is printed and returned, the log file, the files of the controller, its temporary files and those of
the modules, the system's log, and the command lines of all processes.
"""

from __future__ import annotations

import contextlib
import stat
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from integration.controller import Controller

TRAPS = Path(__file__).parent / "traps"
# A process that lives shorter may be missed; Ansible prints its command line at -vvvv all the same.
PAUSE_SECONDS = 0.1
# The playbook is what the user wrote, with the secrets in it.
OWN = {"playbook.yml"}


@dataclass
class Canary:
    """Watches the runs of a controller."""

    controller: Controller
    command_lines: set[str] = field(default_factory=set)
    open_files: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        base = self.controller.directory
        self.temporary = [base / "remote", base / "local"]
        self.controller.environment.update(
            ANSIBLE_REMOTE_TMP=str(self.temporary[0]),
            ANSIBLE_LOCAL_TEMP=str(self.temporary[1]),
            ANSIBLE_LOG_PATH=str(base / "ansible.log"),
            ANSIBLE_CALLBACKS_ENABLED="record,arrange",
            EMULATOR_ADMIN=self.controller.emulator.info["http"],
            SYSLOG_FILE=str(base / "syslog"),
            PYTHONPATH=str(TRAPS),
        )

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch what is there for a moment only."""
        done = threading.Event()

        def watch() -> None:
            while not done.is_set():
                self.command_lines.update(_command_lines())
                self.open_files.update(map(str, _readable_by_others(self.temporary)))
                time.sleep(PAUSE_SECONDS)

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    @property
    def system_log(self) -> str:
        """What was written to the system's log."""
        kept = self.controller.directory / "syslog"
        return kept.read_text(encoding="utf-8") if kept.exists() else ""

    @property
    def left_over(self) -> list[Path]:
        """The temporary files that were not removed."""
        return [path for base in self.temporary for path in base.rglob("*") if path.is_file()]

    def leaks(self, secrets: Iterable[str], output: str) -> set[tuple[str, str]]:
        """Return each secret that got out, with the place where it was found."""
        places = {"output": output, "command lines": "\n".join(self.command_lines)}
        for path in self.controller.directory.rglob("*"):
            if path.is_file() and path.name not in OWN:
                places[path.name] = path.read_bytes().decode("latin-1")
        return {(secret, place) for secret in secrets for place, text in places.items() if secret in text}


def _command_lines() -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            yield path.read_bytes().replace(b"\0", b" ").decode("latin-1")


def _readable_by_others(bases: Iterable[Path]) -> Iterator[Path]:
    """Yield the files below that others can come to and read."""
    for base in bases:
        with contextlib.suppress(OSError):
            for path in base.iterdir():
                mode = path.stat().st_mode
                if stat.S_ISDIR(mode) and mode & stat.S_IXOTH:
                    yield from _readable_by_others([path])
                elif stat.S_ISREG(mode) and mode & stat.S_IROTH:
                    yield path
