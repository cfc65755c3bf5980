# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the scheduled workflows of an orchestrator."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vro_task_info
short_description: List the scheduled workflows of VMware Aria Automation / VCF Operations Orchestrator
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Lists the scheduled tasks that the account may see, with those that have run their course.
  - All filters that are given must fit.
options:
  task_id:
    description:
      - Only the task with this id.
    type: str
  name:
    description:
      - Only tasks of this name.
    type: str
  workflow:
    description:
      - Only tasks of this workflow, by its exact name, or by folders and name as in V(Folder/Sub/Name). A workflow that the
        server does not show is an error.
    type: str
  workflow_id:
    description:
      - Only tasks of the workflow with this id.
    type: str
  enabled:
    description:
      - Only tasks that are not suspended, V(true), or that are, V(false).
    type: bool
notes:
  - The server's lists tell little, so each task is read by a request of its own.
seealso:
  - module: taskbridge.vendors.vro_task
extends_documentation_fragment:
  - taskbridge.vendors.vro
  - taskbridge.vendors.connection
  - taskbridge.vendors.raw
  - taskbridge.vendors.secret_keys
  - taskbridge.vendors.attributes
  - taskbridge.vendors.attributes.info
  - taskbridge.vendors.vro.actiongroup
"""

EXAMPLES = r"""
# The examples expect VRO_URL, VRO_USERNAME and VRO_PASSWORD in the environment.

- name: List all tasks
  taskbridge.vendors.vro_task_info:
  register: orchestrator

- name: Print the tasks whose last run failed
  ansible.builtin.debug:
    msg: "{{ orchestrator.tasks | selectattr('state', 'equalto', 'failed') | map(attribute='name') | list }}"

- name: List the tasks of one workflow that are suspended
  taskbridge.vendors.vro_task_info:
    workflow: Maintenance/Clean snapshots
    enabled: false
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
      description: What the task does, in our words V(scheduled), V(running), V(paused), V(completed), V(stopped), V(failed) or V(unknown).
      type: str
      returned: when known
    enabled:
      description: Whether the task is not suspended.
      type: bool
      returned: always
    owner:
      description: The account with whose rights the workflow runs.
      type: str
      returned: when known
    inputs:
      description: The inputs of the task, with secrets masked. A type that this module cannot send is shown as the server has it.
      type: dict
      returned: when the task has some
    schedule:
      description:
        - The schedule in the words of the option O(taskbridge.vendors.vro_task#module:schedule), as a crontab where one says the same.
        - There is no C(end) where the task never ends.
      type: dict
      returned: always
    recurrence:
      description: Cycle and pattern as the server has them.
      type: str
      returned: when C(schedule) is shown as a crontab
    next_runs:
      description:
        - The next runs, at most five, as ISO 8601 times in the time zone of the pattern.
        - Empty where the pattern names no zone, as the server's own is not asked for.
        - Times that a clock change skips or repeats are taken as cron on Linux takes them; what the server does then is not known.
      type: list
      elements: str
      returned: always
    url:
      description: Where a person can look at the task.
      type: str
      returned: when known
    raw:
      description: The vendor's own object, with secrets masked.
      type: dict
      returned: when O(include_raw=true)
  sample:
    - id: 1f6f3b0c-7a51-4a0e-9d0c-3f1f5a0c2b11
      name: Nightly clean-up
      vendor: vro
      state: scheduled
      enabled: true
      description: ""
      workflow: Clean snapshots
      workflow_id: 2e1b7a57-3a4c-4c0b-8b8d-0f8a3d0a6c1e
      owner: orchestrator@vsphere.local
      inputs:
        days: 7
      schedule:
        cron: 0 2 * * *
        timezone: Europe/Zurich
        start: "2030-01-01T01:00:00+01:00"
      recurrence: "every-days: (Europe/Zurich) 02:00:00,"
      start_mode: normal
      next_runs:
        - "2030-01-01T02:00:00+01:00"
        - "2030-01-02T02:00:00+01:00"
error:
  description: What a playbook can branch on after a failed request.
  type: dict
  returned: on failure of a request
  contains:
    vendor_code:
      description: The vendor's error code; the orchestrator has none.
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
    request: GET https://vro.example.com/vco/api/workflows
    retryable: false
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.taskbridge.vendors.plugins.module_utils._runner import info_module
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.vro import VENDOR

MODULE = info_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
