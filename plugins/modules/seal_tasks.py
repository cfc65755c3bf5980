# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage many print and conversion tasks of SEAL Operator"""

from __future__ import annotations

DOCUMENTATION = r"""
module: seal_tasks
short_description: Manage many print and conversion tasks of SEAL Operator
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Creates, changes, starts and deletes tasks of a connector service of SEAL Operator, and uploads the local files they take.
  - Takes a list of what M(taskbridge.vendors.seal_task) takes one by one, and does the same for each, with one login and one reading
    of what there is. What is to be written is sent several requests at a time.
  - All entries are checked before anything is sent, and all are planned before anything is written. An entry that fails does not
    keep the others from being carried out; the module fails then, and RV(results) tells what became of each.
  - O(prune) deletes tasks of O(service) that a module of this collection made, which their marker tells. Earlier runs of a
    declared task stay.
options:
  service:
    description:
      - The connector service that has the task, for example V(operator-p4), V(operator-p5) or V(operator-dpf).
      - If not set, the environment variable E(SEAL_OPERATOR_SERVICE) is used.
    type: str
    required: true
  state_words:
    description:
      - The server's own words for states, by ours. No page of the vendor names a state, so the words known here are an
        inference; yours are added to them and go before them. Compared in any case of letters.
      - A task in a state whose word stands in no list is left as it is, and is never started.
    type: dict
    suboptions:
      idle:
        description: Words for a task that was never started. Known are V(created), V(new), V(initial) and V(idle).
        type: list
        elements: str
      running:
        description: Words for a task that was started and has not ended. Known are V(running), V(started) and V(processing).
        type: list
        elements: str
      completed:
        description: Words for a task that has ended well. Known are V(finished), V(completed), V(processed) and V(done).
        type: list
        elements: str
      failed:
        description: Words for a task that has ended with an error. Known are V(failed) and V(error).
        type: list
        elements: str
      stopped:
        description: Words for a task that was ended by a person. Known are V(stopped), V(cancelled), V(canceled) and V(aborted).
        type: list
        elements: str
attributes:
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: partial
    details: An entry with C(rerun) is started anew each time, or after each failure.
seealso:
  - module: taskbridge.vendors.seal_task
  - module: taskbridge.vendors.seal_task_info
extends_documentation_fragment:
  - taskbridge.vendors.seal
  - taskbridge.vendors.connection
  - taskbridge.vendors.bulk
  - taskbridge.vendors.seal.actiongroup
"""

EXAMPLES = r"""
# The examples expect SEAL_OPERATOR_URL, SEAL_OPERATOR_USERNAME, SEAL_OPERATOR_PASSWORD and SEAL_OPERATOR_SERVICE in the
# environment, and SEAL_OPERATOR_CLIENT_SECRET where the OpenID Connect client has one.

- name: Declare two tasks in one call
  taskbridge.vendors.seal_tasks:
    tasks:
      - name: Hosts for the night shift
        metadata:
          Printer: LocalPrinter
        documents:
          - path: /etc/hosts
      - name: Groups for the night shift
        metadata:
          Printer: LocalPrinter
        documents:
          - path: /etc/group

- name: Make these all the tasks there are, and delete at most two others
  taskbridge.vendors.seal_tasks:
    prune: true
    prune_limit: 2
    tasks:
      - name: Hosts for the night shift
        metadata:
          Printer: LocalPrinter
        documents:
          - path: /etc/hosts
      - name: Groups for the night shift
        metadata:
          Printer: LocalPrinter
        documents:
          - path: /etc/group
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
      description: What was done, or would be done in check mode, in the words of M(taskbridge.vendors.seal_task).
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
    - name: Hosts for the night shift
      action: created
      id: "5f1e"
    - name: Groups for the night shift
      action: unchanged
      id: "5f1f"
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
    - before_header: Hosts for the night shift
      before: {}
      after_header: Hosts for the night shift
      after:
        name: Hosts for the night shift
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
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.seal import VENDOR

MODULE = tasks_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
