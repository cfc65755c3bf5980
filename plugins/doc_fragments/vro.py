# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options to reach an orchestrator."""

from __future__ import annotations


class ModuleDocFragment:
    """Options to reach an orchestrator."""

    DOCUMENTATION = r"""
options:
  url:
    description:
      - Base URL of the orchestrator, for example V(https://vro.example.com), or V(https://vro.example.com:8281) for a standalone
        server up to 7.x. The path C(/vco/api) is added when it is missing.
      - If not set, the environment variable E(VRO_URL) is used.
    type: str
    required: true
  auth:
    description:
      - How to log in.
      - V(basic) - O(username) and O(password) in each request. A server with vSphere SSO must allow it.
      - V(vra) - O(username) and O(password) are exchanged for a token at the automation host, as Aria Automation (vRealize
        Automation) 8.0.1 and later wants it.
      - V(vcf) - O(api_token) is exchanged for a token, as VCF Automation 9 wants it.
      - V(token) - O(token) is sent as it is.
      - If not set, the environment variable E(VRO_AUTH) is used. Without both, V(token) where O(token) is given, else V(vcf) where
        O(api_token) is given, else V(basic).
    type: str
    choices: [basic, vra, vcf, token]
  auth_url:
    description:
      - Base URL of the automation host that gives the tokens, where it is not the host of O(url). For O(auth=vra) and
        O(auth=vcf).
      - If not set, the environment variable E(VRO_AUTH_URL) is used.
    type: str
  username:
    description:
      - Account to log in with.
      - If not set, the environment variable E(VRO_USERNAME) is used.
    type: str
  password:
    description:
      - Password of O(username).
      - If not set, the environment variable E(VRO_PASSWORD) is used.
    type: str
  domain:
    description:
      - Domain of O(username). With O(auth=basic) it is appended, as in C(user@domain), to a name that has none.
      - If not set, the environment variable E(VRO_DOMAIN) is used.
    type: str
  token:
    description:
      - A ready bearer token. With O(auth=vra) and O(auth=vcf) it saves the login, and a new one is fetched once this one is
        refused.
      - If not set, the environment variable E(VRO_TOKEN) is used.
    type: str
  api_token:
    description:
      - An API token of VCF Automation, for O(auth=vcf).
      - If not set, the environment variable E(VRO_API_TOKEN) is used.
    type: str
  tenant:
    description:
      - The organisation that O(api_token) belongs to. Without it, the token is taken to be the provider's, and exchanged at
        C(/oauth/provider/token); that address rests on inference.
      - If not set, the environment variable E(VRO_TENANT) is used.
    type: str
  validate_certs:
    description:
      - Whether the server's certificate must be valid.
      - If not set, the environment variable E(VRO_VALIDATE_CERTS) is used.
    type: bool
    default: true
seealso:
  - name: Orchestrator REST API, scheduled tasks
    description: The vendor's description of the API that this module uses.
    link: https://developer.broadcom.com/xapis/vrealize-orchestrator-api/latest/
"""

    ACTIONGROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/taskbridge.vendors.vro) or C(group/taskbridge.vendors.all) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - taskbridge.vendors.vro
      - taskbridge.vendors.all
"""
