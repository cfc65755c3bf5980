# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage many tasks of Acme Scheduler."""

from __future__ import annotations

DOCUMENTATION = r"""
module: acme_tasks
short_description: Manage many tasks of Acme Scheduler
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Creates, changes and deletes tasks of Acme Scheduler, a vendor that does not exist.
  - Takes a list of what M(taskbridge.vendors.acme_task) takes one by one, and does the same for each, with one login and one
    reading of what there is. What is to be written is sent several requests at a time.
  - All entries are checked before anything is sent, and all are planned before anything is written. An entry that fails does not
    keep the others from being carried out; the module fails then, and RV(results) tells what became of each.
  - O(prune) deletes tasks that are not declared and whose names begin with O(prefix), and no others.
options:
  prefix:
    description:
      - The tasks that O(prune) may delete, by how their names begin.
      - Required with O(prune).
    type: str
attributes:
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
seealso:
  - module: taskbridge.vendors.acme_task
  - module: taskbridge.vendors.acme_task_info
extends_documentation_fragment:
  - taskbridge.vendors.acme
  - taskbridge.vendors.connection
  - taskbridge.vendors.bulk
  - taskbridge.vendors.acme.actiongroup
"""

EXAMPLES = r"""
# The examples expect ACME_URL, ACME_USERNAME and ACME_PASSWORD in the environment.

- name: Declare two tasks in one call
  taskbridge.vendors.acme_tasks:
    tasks:
      - name: Backup
        interval: 60
      - name: Clean-up
        interval: 1440

- name: Declare all back-ups, and delete those that are not declared
  taskbridge.vendors.acme_tasks:
    tasks:
      - name: Backup of the wiki
        interval: 60
    prefix: "Backup of "
    prune: true
"""

RETURN = r"""
results:
  description:
    - What became of each entry, in the order of the list. Tasks that prune is about follow, by name.
  type: list
  elements: dict
  returned: unless the entries cannot be used, or what there is cannot be read
  contains:
    name:
      description: The name of the task.
      type: str
      returned: always
    action:
      description: What was done, or would be done in check mode, in the words of M(taskbridge.vendors.acme_task).
      type: str
      returned: always
    id:
      description: The id of the task.
      type: str
      returned: when known, which in check mode the id of a new task is not
    pruned:
      description: Whether the task was deleted, as it is not declared.
      type: bool
      returned: for a task that O(prune) is about
    error:
      description: Why the entry failed. It has C(msg), and after a failed request what C(error) of the module for one task has.
      type: dict
      returned: when it failed
  sample:
    - name: wave-1
      action: created
      id: "101"
    - name: wave-2
      action: unchanged
      id: "102"
summary:
  description:
    - How many entries had which action, with C(failed) and C(total). Actions that did not occur are left out, save the most
      usual ones.
  type: dict
  returned: with RV(results)
  sample:
    created: 1
    updated: 0
    deleted: 0
    unchanged: 1
    failed: 0
    total: 2
diff:
  description:
    - For each task that is changed, its managed options before and after.
  type: list
  elements: dict
  returned: in diff mode
  sample:
    - before_header: wave-1
      before: {}
      after_header: wave-1
      after:
        name: wave-1
error:
  description: What a playbook can branch on after a request failed that all entries need.
  type: dict
  returned: on failure of such a request
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
      description: Method and URL, without credentials.
      type: str
      returned: always
    retryable:
      description: Whether the same call may succeed later, and repeating it is safe.
      type: bool
      returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.taskbridge.vendors.plugins.module_utils._bulk import tasks_module
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.acme import VENDOR

MODULE = tasks_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
