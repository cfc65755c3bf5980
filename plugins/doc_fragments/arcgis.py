# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options to reach an ArcGIS portal."""

from __future__ import annotations


class ModuleDocFragment:
    """Options to reach an ArcGIS portal."""

    DOCUMENTATION = r"""
options:
  url:
    description:
      - Base URL of the portal, for example V(https://gis.example.com/portal) or V(https://myorg.maps.arcgis.com).
      - A URL that ends with C(/sharing/rest) is taken as it is.
      - If not set, the environment variable E(ARCGIS_URL) is used.
    type: str
    required: true
  username:
    description:
      - Account to log in with; case-sensitive. The token is fetched with C(generateToken) and travels in a header.
      - If not set, the environment variable E(ARCGIS_USERNAME) is used.
    type: str
  password:
    description:
      - Password of O(username).
      - If not set, the environment variable E(ARCGIS_PASSWORD) is used.
    type: str
  token:
    description:
      - A ready token, which saves the login. When O(username) is given too, a new token is fetched once this one is refused.
      - If not set, the environment variable E(ARCGIS_TOKEN) is used.
    type: str
  client_id:
    description:
      - Id of an application to log in with, by OAuth 2.0 client credentials, where no O(username) is given.
      - An application is not a user, so O(owner) is needed. Whether a portal lets an application manage a user's tasks is not
        documented.
      - If not set, the environment variable E(ARCGIS_CLIENT_ID) is used.
    type: str
  client_secret:
    description:
      - Secret of O(client_id).
      - If not set, the environment variable E(ARCGIS_CLIENT_SECRET) is used.
    type: str
  referer:
    description:
      - The referer that the token is bound to. It is sent with each request.
      - If not set, the URL of the portal's REST root is used.
    type: str
  owner:
    description:
      - The user whose tasks are managed. If not set, the user that logs in.
      - That an administrator may manage the tasks of others rests on inference.
    type: str
  validate_certs:
    description:
      - Whether the server's certificate must be valid.
      - If not set, the environment variable E(ARCGIS_VALIDATE_CERTS) is used.
    type: bool
    default: true
seealso:
  - name: ArcGIS REST API, scheduled tasks of a user
    description: The vendor's description of the API that this module uses.
    link: https://developers.arcgis.com/rest/users-groups-and-items/create-new-scheduled-task
"""

    ACTIONGROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/taskbridge.vendors.arcgis) or C(group/taskbridge.vendors.all) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - taskbridge.vendors.arcgis
      - taskbridge.vendors.all
"""
