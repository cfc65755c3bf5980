# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options to reach an Acme Scheduler."""

from __future__ import annotations


class ModuleDocFragment:
    """Options to reach an Acme Scheduler."""

    DOCUMENTATION = r"""
options:
  url:
    description:
      - Base URL of the server, for example V(https://acme.example.com). The path C(/acme/v1) is added when it is missing.
      - If not set, the environment variable E(ACME_URL) is used.
    type: str
    required: true
  username:
    description:
      - Account to log in with.
      - If not set, the environment variable E(ACME_USERNAME) is used.
    type: str
  password:
    description:
      - Password of O(username).
      - If not set, the environment variable E(ACME_PASSWORD) is used.
    type: str
  token:
    description:
      - A ready token, which saves the login. When O(username) is given too, a new token is fetched once this one is refused.
      - If not set, the environment variable E(ACME_TOKEN) is used.
    type: str
  validate_certs:
    description:
      - Whether the server's certificate must be valid.
      - If not set, the environment variable E(ACME_VALIDATE_CERTS) is used.
    type: bool
    default: true
"""

    ACTIONGROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/taskbridge.vendors.acme) or C(group/taskbridge.vendors.all) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - taskbridge.vendors.acme
      - taskbridge.vendors.all
"""
