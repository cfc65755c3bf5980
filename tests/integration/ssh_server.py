# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An SSH server on the loopback interface: the host on which modules run that are not on the controller."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import Queue
from subprocess import PIPE
from threading import Thread
from typing import Any

import asyncssh


@dataclass
class SSHHost:
    """The server, and what a client needs to know. ``commands`` are those that were asked for."""

    port: int
    user_key: Path
    commands: list[str] = field(default_factory=list)

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of this host in an inventory."""
        unknown = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes"
        return {
            "ansible_connection": "ssh",
            "ansible_host": "127.0.0.1",
            "ansible_port": self.port,
            "ansible_user": "operator",
            "ansible_ssh_private_key_file": str(self.user_key),
            "ansible_ssh_common_args": f"{unknown} -F /dev/null",
        }


@contextmanager
def ssh_host(directory: Path, environment: dict[str, str]) -> Iterator[SSHHost]:
    """Serve until the context ends. Commands run with the given environment, in the directory."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    user_key = directory / "user_key"
    user_key.touch(mode=0o600)
    user_key.write_bytes(key.export_private_key())
    accepted = directory / "authorized_keys"
    accepted.write_bytes(key.export_public_key())
    host = SSHHost(0, user_key)

    async def carry_out(process: Any) -> None:
        """Run what the client asks for in a shell, as a login does."""
        command = process.command or "true"
        host.commands.append(command)
        child = await asyncio.create_subprocess_shell(
            command, cwd=directory, env=environment, stdin=PIPE, stdout=PIPE, stderr=PIPE
        )
        assert child.stdout is not None
        assert child.stderr is not None
        feeding = asyncio.create_task(_feed(process.stdin, child.stdin))
        output, errors, status = await asyncio.gather(child.stdout.read(), child.stderr.read(), child.wait())
        feeding.cancel()
        process.stdout.write(output)
        process.stderr.write(errors)
        process.exit(status)

    async def serve() -> None:
        """Serve until told to stop; what is still open then is cancelled with this loop."""
        server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            authorized_client_keys=str(accepted),
            process_factory=carry_out,
            sftp_factory=True,
            encoding=None,
        )
        host.port = server.get_port()
        stop = asyncio.Event()
        ready.put(partial(asyncio.get_running_loop().call_soon_threadsafe, stop.set))
        await stop.wait()
        server.close()

    ready: Queue[Callable[[], object]] = Queue()
    thread = Thread(target=asyncio.run, args=[serve()], daemon=True)
    thread.start()
    stop = ready.get(timeout=30)
    try:
        yield host
    finally:
        stop()
        thread.join(30)


async def _feed(source: Any, target: Any) -> None:
    """Give a command what the client sends; a client with a terminal never comes to an end."""
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    target.close()


def plain_environment() -> dict[str, str]:
    """Return the environment of a host that knows no account."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
