# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the tasks of Acme Scheduler."""

from __future__ import annotations

DOCUMENTATION = r"""
module: acme_task_info
short_description: List the tasks of Acme Scheduler
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Lists the tasks of Acme Scheduler, a vendor that does not exist. All filters that are given must fit.
options:
  name:
    description:
      - Only the tasks of this name.
    type: str
  task_id:
    description:
      - Only the task with this id.
    type: str
seealso:
  - module: taskbridge.vendors.acme_task
extends_documentation_fragment:
  - taskbridge.vendors.acme
  - taskbridge.vendors.connection
  - taskbridge.vendors.raw
  - taskbridge.vendors.attributes
  - taskbridge.vendors.attributes.info
  - taskbridge.vendors.acme.actiongroup
"""

EXAMPLES = r"""
# The examples expect ACME_URL, ACME_USERNAME and ACME_PASSWORD in the environment.

- name: List all tasks
  taskbridge.vendors.acme_task_info:
"""

RETURN = r"""
tasks:
  description: The tasks that pass the filters, each with the values of its options.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The server's id of the task. Absent in check mode for a task that would be created.
      type: str
      returned: when known
    name:
      description: The name of the task.
      type: str
      returned: always
    vendor:
      description: The vendor's key.
      type: str
      returned: always
    state:
      description: V(scheduled), as the server runs each task that it has.
      type: str
      returned: when known
    next_runs:
      description: Always empty, as the server does not tell when a task runs.
      type: list
      elements: str
      returned: always
    raw:
      description: The vendor's own object; what is named like a secret is masked.
      type: dict
      returned: when O(include_raw=true)
  sample:
    - id: "7"
      name: Backup
      vendor: acme
      state: scheduled
      interval: 60
      next_runs: []
error:
  description: What a playbook can branch on after a failed request.
  type: dict
  returned: on failure of a request
  contains:
    vendor_code:
      description: The vendor's error code.
      type: raw
      returned: always
    http_status:
      description: The HTTP status of the answer.
      type: int
      returned: always
    request:
      description: Method and URL of the request, without secrets.
      type: str
      returned: always
    retryable:
      description: Whether the same call may succeed later, and repeating it is safe.
      type: bool
      returned: always
    unclear:
      description: That it cannot be known whether the server acted.
      type: bool
      returned: when it is so
  sample:
    vendor_code: null
    http_status: 401
    request: POST https://acme.example.com/acme/v1/login
    retryable: false
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.taskbridge.vendors.plugins.module_utils._runner import info_module
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.acme import VENDOR

MODULE = info_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
