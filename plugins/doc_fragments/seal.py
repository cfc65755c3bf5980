# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options to reach a SEAL Operator."""

from __future__ import annotations


class ModuleDocFragment:
    """Options to reach a SEAL Operator."""

    DOCUMENTATION = r"""
options:
  url:
    description:
      - Base URL of the server, for example V(https://operator.example.com:3008). The path C(/v1) is added when it is missing.
      - If not set, the environment variable E(SEAL_OPERATOR_URL) is used.
    type: str
    required: true
  username:
    description:
      - Account to log in with at the issuer of tokens, by the password grant.
      - If not set, the environment variable E(SEAL_OPERATOR_USERNAME) is used.
    type: str
  password:
    description:
      - Password of O(username). It is sent to the issuer only.
      - If not set, the environment variable E(SEAL_OPERATOR_PASSWORD) is used.
    type: str
  token:
    description:
      - A ready bearer token, which is sent as it is and saves the login. When O(username) or O(client_secret) is given too, a new
        token is fetched once this one is refused.
      - If not set, the environment variable E(SEAL_OPERATOR_TOKEN) is used, then E(OPCLI_BEARER_TOKEN).
    type: str
  client_id:
    description:
      - Id of the OpenID Connect client to log in with.
      - If not set, the environment variable E(SEAL_OPERATOR_CLIENT_ID) is used, then E(OPCLI_AUTH_CLIENT_ID).
    type: str
    default: seal-opcli
  client_secret:
    description:
      - Secret of O(client_id). Without O(username) it is what is logged in with, by client credentials. Whether such a service
        account sees the tasks of others is not documented.
      - If not set, the environment variable E(SEAL_OPERATOR_CLIENT_SECRET) is used, then E(OPCLI_AUTH_CLIENT_SECRET).
    type: str
  issuer:
    description:
      - The issuer of tokens, for example V(https://operator.example.com:32769/realms/SEAL). Its discovery document must be about
        this very issuer, and nothing is sent to it by plain HTTP where O(url) is C(https).
      - If not set, the environment variable E(SEAL_OPERATOR_ISSUER) is used, and without it the server is asked (C(GET /v1/auth)).
    type: str
  validate_certs:
    description:
      - Whether the certificates of the server and of the issuer must be valid.
      - If not set, the environment variable E(SEAL_OPERATOR_VALIDATE_CERTS) is used.
    type: bool
    default: true
seealso:
  - name: SEAL Operator REST API
    description: The vendor's description of the API that this module uses.
    link: https://operator.docs.sealsystems.de/reference/api/introduction
"""

    ACTIONGROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/taskbridge.vendors.seal) or C(group/taskbridge.vendors.all) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - taskbridge.vendors.seal
      - taskbridge.vendors.all
"""
