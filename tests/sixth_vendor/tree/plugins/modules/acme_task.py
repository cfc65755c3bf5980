# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command of Acme Scheduler at an interval."""

from __future__ import annotations

DOCUMENTATION = r"""
module: acme_task
short_description: Run a command of Acme Scheduler at an interval
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Creates, changes and deletes tasks of Acme Scheduler, a vendor that does not exist.
  - The task is found by its O(name).
options:
  state:
    description:
      - V(present) - the task exists as declared.
      - V(absent) - there is no such task.
    type: str
    choices: [present, absent]
    default: present
  task_id:
    description:
      - The id of an existing task, to choose among several of one name.
    type: str
  name:
    description:
      - The name of the task.
    type: str
    required: true
  interval:
    description:
      - Minutes between two runs. Needed to create a task.
    type: int
attributes:
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
seealso:
  - module: taskbridge.vendors.acme_tasks
  - module: taskbridge.vendors.acme_task_info
extends_documentation_fragment:
  - taskbridge.vendors.acme
  - taskbridge.vendors.connection
  - taskbridge.vendors.reuse_listing
  - taskbridge.vendors.raw
  - taskbridge.vendors.attributes
  - taskbridge.vendors.attributes.task
  - taskbridge.vendors.acme.actiongroup
"""

EXAMPLES = r"""
# The examples expect ACME_URL, ACME_USERNAME and ACME_PASSWORD in the environment.

- name: Back up each hour
  taskbridge.vendors.acme_task:
    name: Backup
    interval: 60

- name: Back up no more
  taskbridge.vendors.acme_task:
    name: Backup
    state: absent
"""

RETURN = r"""
action:
  description: What was done, or would be done in check mode. One of V(created), V(updated), V(deleted) and V(unchanged).
  type: str
  returned: success
  sample: created
task:
  description: The task as the server has it afterwards, and the values of its options.
  type: dict
  returned: success, unless the task is absent
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
    id: "7"
    name: Backup
    vendor: acme
    state: scheduled
    interval: 60
    next_runs: []
diff:
  description: The managed options before and after.
  type: dict
  returned: success
  contains:
    before:
      description: The values that the server had; empty for a new task.
      type: dict
      returned: always
    after:
      description: The values that were declared; empty for a deleted task.
      type: dict
      returned: always
  sample:
    before: {}
    after:
      interval: 60
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
from ansible_collections.taskbridge.vendors.plugins.module_utils._runner import task_module
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.acme import VENDOR

MODULE = task_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
