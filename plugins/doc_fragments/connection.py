# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that all vendors share to reach a server."""

from __future__ import annotations


class ModuleDocFragment:
    """Options that all vendors share to reach a server."""

    DOCUMENTATION = r"""
options:
  ca_path:
    description:
      - Path of a PEM file with the authorities that may sign the server's certificate.
      - Without it, the authorities known to the Python library C(requests) are used.
    type: path
  client_cert:
    description:
      - Path of a PEM file with a client certificate. It may hold the private key too.
    type: path
  client_key:
    description:
      - Path of a PEM file with the private key of O(client_cert).
    type: path
  timeout:
    description:
      - Seconds to wait for one request, for the connection and for each part of the answer.
    type: float
    default: 30
  retries:
    description:
      - How often a request is repeated, with growing pauses, where this is safe.
      - A request that only reads is repeated after a lost connection and after HTTP 500, 502, 503 and 504.
      - Any request is repeated when its connection was never made, and after HTTP 429, whose C(Retry-After) is
        honoured up to 60 seconds.
      - A request that creates, changes or deletes is never repeated when the server may have acted.
    type: int
    default: 3
requirements:
  - Python 3.9 or newer
  - requests 2.25 or newer
notes:
  - The module runs where the task runs. For a server that the controller can reach, run it with C(connection=local) or
    C(delegate_to=localhost); environment variables are read on that same machine, and one that is empty counts as not set.
"""
