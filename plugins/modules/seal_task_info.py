# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the tasks of a SEAL Operator service"""

from __future__ import annotations

DOCUMENTATION = r"""
module: seal_task_info
short_description: List the tasks of a SEAL Operator service
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Lists the tasks of a connector service of SEAL Operator that the account sees, with those that have ended.
  - All filters that are given must fit.
options:
  service:
    description:
      - The connector service that has the tasks, for example V(operator-p4), V(operator-p5) or V(operator-dpf).
      - If not set, the environment variable E(SEAL_OPERATOR_SERVICE) is used.
    type: str
    required: true
  name:
    description:
      - Only the tasks of this name.
    type: str
  task_id:
    description:
      - Only the task with this id (C(tid)).
    type: str
  input_lists:
    description:
      - Whether to read the input list of each task that is returned, with one request a task.
    type: bool
    default: true
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
seealso:
  - module: taskbridge.vendors.seal_task
extends_documentation_fragment:
  - taskbridge.vendors.seal
  - taskbridge.vendors.connection
  - taskbridge.vendors.raw
  - taskbridge.vendors.secret_keys
  - taskbridge.vendors.attributes
  - taskbridge.vendors.attributes.info
  - taskbridge.vendors.seal.actiongroup
"""

EXAMPLES = r"""
# The examples expect SEAL_OPERATOR_URL, SEAL_OPERATOR_USERNAME, SEAL_OPERATOR_PASSWORD and SEAL_OPERATOR_SERVICE in the
# environment, and SEAL_OPERATOR_CLIENT_SECRET where the OpenID Connect client has one.

- name: List all tasks of a service, without their documents
  taskbridge.vendors.seal_task_info:
    service: operator-p4
    input_lists: false
  register: operator

- name: Print the words that the server has for states
  ansible.builtin.debug:
    msg: "{{ operator.tasks | map(attribute='state_word') | unique | list }}"
"""

RETURN = r"""
tasks:
  description: The tasks that pass the filters, each with the values of its options.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The server's id of the task (C(tid)).
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
      description: What the task does, in our words V(idle), V(running), V(completed), V(failed), V(stopped) or V(unknown).
      type: str
      returned: when known
    state_word:
      description: The server's own word for the state, for O(state_words).
      type: str
      returned: when known
    enabled:
      description: Whether the task is switched on.
      type: bool
      returned: where the vendor can switch tasks on and off
    schedule:
      description: The schedule of the task.
      type: dict
      returned: where the vendor has schedules, which this one has not
    next_runs:
      description: The next runs; always empty, as a task runs when it is started.
      type: list
      elements: str
      returned: always
    service:
      description: The connector service.
      type: str
      returned: always
    href:
      description: Where the task is, below the server's address.
      type: str
      returned: when known
    documents:
      description: The input list in its order, each with C(href), and C(metadata) where it has its own.
      type: list
      elements: dict
      returned: when O(input_lists=true) and the server tells it
    metadata:
      description: The metadata of the task, without the marker.
      type: dict
      returned: when the task has some
    created:
      description: When the task was created, as the server writes it.
      type: str
      returned: when known
    modified:
      description: When the task was changed last, as the server writes it.
      type: str
      returned: when known
    url:
      description: Where a person can look at the task.
      type: str
      returned: when known
    raw:
      description: The vendor's own object; what is named like a secret is masked.
      type: dict
      returned: when O(include_raw=true)
  sample:
    - id: cf5bfb0d-7861-499e-ad29-704f3ba1943c
      name: My Task
      vendor: seal
      state: idle
      state_word: created
      service: operator-p4
      type: print
      owner: printer
      metadata:
        Printer: LocalPrinter
        description: Print task
      documents:
        - href: /v1/services/operator-fileupload/repo/3f0cb13c-2a5b-4f54-a2c6-0ad30a7c1b9b
      href: /v1/services/operator-p4/tasks/cf5bfb0d-7861-499e-ad29-704f3ba1943c
      created: "2030-01-01T09:00:00.000Z"
      modified: "2030-01-01T09:00:00.000Z"
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
    vendor_code: ERR_CONFLICT
    http_status: 409
    request: PATCH https://operator.example.com:3008/v1/services/operator-p4/tasks/cf5bfb0d-7861-499e-ad29-704f3ba1943c
    retryable: false
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.taskbridge.vendors.plugins.module_utils._runner import info_module
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.seal import VENDOR

MODULE = info_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
