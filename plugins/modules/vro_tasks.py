# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage many scheduled workflows of VMware Aria Automation / VCF Operations Orchestrator"""

from __future__ import annotations

DOCUMENTATION = r"""
module: vro_tasks
short_description: Manage many scheduled workflows of VMware Aria Automation / VCF Operations Orchestrator
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Creates, changes, suspends and resumes, and deletes scheduled tasks of VMware Aria Automation Orchestrator (vRealize
    Orchestrator) or VCF Operations Orchestrator.
  - Takes a list of what M(taskbridge.vendors.vro_task) takes one by one, and does the same for each, with one login and one reading
    of what there is. What is to be written is sent several requests at a time.
  - All entries are checked before anything is sent, and all are planned before anything is written. An entry that fails does not
    keep the others from being carried out; the module fails then, and RV(results) tells what became of each.
  - O(prune) deletes tasks of the workflow that O(workflow) or O(workflow_id) names.
options:
  workflow:
    description:
      - The workflow of the tasks that name none themselves, by its name or as C(Folder/Sub/Name).
      - With O(prune), the workflow whose tasks it may delete. One of O(workflow) and O(workflow_id) is needed then.
    type: str
  workflow_id:
    description:
      - The same by the id of the workflow.
    type: str
attributes:
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
seealso:
  - module: taskbridge.vendors.vro_task
  - module: taskbridge.vendors.vro_task_info
extends_documentation_fragment:
  - taskbridge.vendors.vro
  - taskbridge.vendors.connection
  - taskbridge.vendors.bulk
  - taskbridge.vendors.vro.actiongroup
"""

EXAMPLES = r"""
# The examples expect VRO_URL, VRO_USERNAME and VRO_PASSWORD in the environment, and on the server the
# workflow that is named.

- name: Declare two tasks in one call
  taskbridge.vendors.vro_tasks:
    workflow: Clean snapshots
    tasks:
      - name: Nightly clean-up
        inputs:
          days: 7
        schedule:
          cron: 0 2 * * *
      - name: Weekly clean-up
        inputs:
          days: 30
        schedule:
          cron: 0 4 * * sun

- name: Make these all the tasks there are, and delete at most two others
  taskbridge.vendors.vro_tasks:
    workflow: Clean snapshots
    prune: true
    prune_limit: 2
    tasks:
      - name: Nightly clean-up
        inputs:
          days: 7
        schedule:
          cron: 0 2 * * *
      - name: Weekly clean-up
        inputs:
          days: 30
        schedule:
          cron: 0 4 * * sun
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
      description: What was done, or would be done in check mode, in the words of M(taskbridge.vendors.vro_task).
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
    - name: Nightly clean-up
      action: created
      id: "7d0c2f0e-0000-4000-8000-000000000001"
    - name: Weekly clean-up
      action: unchanged
      id: "7d0c2f0e-0000-4000-8000-000000000002"
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
    - before_header: Nightly clean-up
      before: {}
      after_header: Nightly clean-up
      after:
        name: Nightly clean-up
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
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.vro import VENDOR

MODULE = tasks_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
