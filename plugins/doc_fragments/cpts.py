# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options to reach CodeArts PerfTest."""

from __future__ import annotations


class ModuleDocFragment:
    """Options to reach CodeArts PerfTest."""

    DOCUMENTATION = r"""
options:
  region:
    description:
      - Region of Huawei Cloud, for example V(cn-north-4).
      - Needed unless O(url) and O(project_id) are set, and for a login O(identity_url) too.
      - If not set, the environment variable E(HW_REGION_NAME) is used.
    type: str
  url:
    description:
      - Base URL of the service.
      - If not set, the environment variable E(CPTS_URL) is used, or else the address of the O(region),
        C(https://cpts.REGION.myhuaweicloud.com).
    type: str
  identity_url:
    description:
      - Base URL of IAM, which is asked for tokens and for the O(project_id). A C(/v3) at its end is left out.
      - If not set, the environment variables E(HW_AUTH_URL) and E(HUAWEICLOUD_SDK_IAM_ENDPOINT) are used, or else the address
        of the O(region), C(https://iam.REGION.myhuaweicloud.com).
    type: str
  project_id:
    description:
      - Id of the account's IAM project in the region, as the console shows it under C(My Credentials). It has nothing to do
        with the test suites, which the vendor calls projects too.
      - Without it the project is looked up by the name of the O(region), which costs a request and the right to read IAM.
      - If not set, the environment variables E(HW_PROJECT_ID) and E(HUAWEICLOUD_SDK_PROJECT_ID) are used.
    type: str
  access_key:
    description:
      - Access key id (AK). Each request is signed with O(secret_key), which itself is never sent.
      - If not set, the environment variables E(HW_ACCESS_KEY) and E(HUAWEICLOUD_SDK_AK) are used.
    type: str
  secret_key:
    description:
      - Secret access key (SK) of O(access_key).
      - If not set, the environment variables E(HW_SECRET_KEY) and E(HUAWEICLOUD_SDK_SK) are used.
    type: str
  security_token:
    description:
      - Security token of a temporary O(access_key).
      - If not set, the environment variables E(HW_SECURITY_TOKEN) and E(HUAWEICLOUD_SDK_SECURITY_TOKEN) are used.
    type: str
  domain:
    description:
      - Name of the account that O(username) belongs to. Needed to log in with O(username).
      - If not set, the environment variable E(HW_DOMAIN_NAME) is used.
    type: str
  username:
    description:
      - IAM user to log in with. A HUAWEI ID account cannot log in this way.
      - If not set, the environment variables E(CPTS_USERNAME) and E(HW_USER_NAME) are used.
    type: str
  password:
    description:
      - Password of O(username).
      - If not set, the environment variables E(CPTS_PASSWORD) and E(HW_USER_PASSWORD) are used.
    type: str
  token:
    description:
      - A ready IAM token of the project, which saves the login. When O(username) and O(domain) are given too, a new token is
        fetched once this one is refused.
      - If not set, the environment variables E(CPTS_TOKEN) and E(HW_AUTH_TOKEN) are used.
    type: str
  validate_certs:
    description:
      - Whether the server's certificate must be valid.
      - If not set, the environment variable E(CPTS_VALIDATE_CERTS) is used.
    type: bool
    default: true
notes:
  - When several ways to log in are given, O(token) comes before O(access_key), and O(access_key) before O(username), as in
    Terraform.
  - The service must have been activated for the account in the console; an error says so when it is not.
  - A signature is good for 15 minutes, so the clock of the machine that runs the module has to be right.
seealso:
  - name: CodeArts PerfTest API, creating a task
    description: The vendor's description of the API that this module uses.
    link: https://support.huaweicloud.com/intl/en-us/api-cpts/CreateNewTask.html
"""

    ACTIONGROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/taskbridge.vendors.cpts) or C(group/taskbridge.vendors.all) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - taskbridge.vendors.cpts
      - taskbridge.vendors.all
"""
