# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options to reach a Total Control server."""

from __future__ import annotations


class ModuleDocFragment:
    """Options to reach a Total Control server."""

    DOCUMENTATION = r"""
options:
  url:
    description:
      - Base URL of the server, for example V(http://farm.example.com:8090). The path C(/TotalControl/v1) is added when it is missing.
      - If not set, the environment variable E(TOTALCONTROL_URL) is used.
    type: str
    required: true
  username:
    description:
      - Account to log in with.
      - If not set, the environment variable E(TOTALCONTROL_USERNAME) is used.
    type: str
  password:
    description:
      - Password of O(username), as the program's system settings show it.
      - If not set, the environment variable E(TOTALCONTROL_PASSWORD) is used.
    type: str
  token:
    description:
      - A ready token, which saves the login. When O(username) is given too, a new token is fetched once this one is refused.
      - If not set, the environment variable E(TOTALCONTROL_TOKEN) is used.
    type: str
  server_timezone:
    description:
      - IANA name of the time zone of the server's clock. The server gives and takes times without an offset; with this option
        they are shown with one, and a time of any zone can be asked for.
      - If not set, the environment variable E(TOTALCONTROL_SERVER_TIMEZONE) is used.
    type: str
  validate_certs:
    description:
      - Whether the server's certificate must be valid, where the server is reached through a TLS proxy.
      - If not set, the environment variable E(TOTALCONTROL_VALIDATE_CERTS) is used.
    type: bool
    default: true
notes:
  - Total Control itself speaks plain HTTP only, so the password and the token can be read on the way. Keep the server in a
    network of its own, or put a TLS proxy before it.
  - The API knows no token in a header. A request that writes carries the token in its body, a request that reads has to
    carry it in its URL.
seealso:
  - name: Total Control REST API v1, create a task
    description: The vendor's description of the API that this module uses.
    link: http://www.sigma-rt.com/tc/script/rest-api-v1.php?v=v1&u=task.create.html
"""

    ACTIONGROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/taskbridge.vendors.totalcontrol) or C(group/taskbridge.vendors.all) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - taskbridge.vendors.totalcontrol
      - taskbridge.vendors.all
"""
