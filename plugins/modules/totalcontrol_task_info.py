# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the tasks of a Total Control server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: totalcontrol_task_info
short_description: List the tasks of a Total Control server
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Lists the tasks of a Sigma Total Control server, with those that have ended.
  - All filters that are given must fit.
options:
  name:
    description:
      - Only the task of this name and its further runs V(name(1\)), V(name(2\)) and so on.
    type: str
  task_id:
    description:
      - Only the task with this id.
    type: str
seealso:
  - module: taskbridge.vendors.totalcontrol_task
extends_documentation_fragment:
  - taskbridge.vendors.totalcontrol
  - taskbridge.vendors.connection
  - taskbridge.vendors.raw
  - taskbridge.vendors.attributes
  - taskbridge.vendors.attributes.info
  - taskbridge.vendors.totalcontrol.actiongroup
"""

EXAMPLES = r"""
# The examples expect TOTALCONTROL_URL, TOTALCONTROL_USERNAME and TOTALCONTROL_PASSWORD in the environment.

- name: List all tasks
  taskbridge.vendors.totalcontrol_task_info:
  register: farm

- name: Print the scripts that failed
  ansible.builtin.debug:
    msg: "{{ farm.tasks | selectattr('state', 'equalto', 'failed') | map(attribute='script') | list }}"
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
      description: What the task does, in our words V(scheduled), V(running), V(paused), V(completed), V(failed), V(stopped) or V(unknown).
      type: str
      returned: when known
    enabled:
      description: Whether the task is switched on.
      type: bool
      returned: where the vendor can switch tasks on and off
    schedule:
      description: The schedule in the words of the option O(taskbridge.vendors.totalcontrol_task#module:schedule).
      type: dict
      returned: when the task has one
    next_runs:
      description: The next run of a waiting task, as ISO 8601 time; empty where O(server_timezone) is not given.
      type: list
      elements: str
      returned: always
    url:
      description: Where a person can look at the task.
      type: str
      returned: when known
    raw:
      description: The vendor's own object; what is named like a secret is masked.
      type: dict
      returned: when O(include_raw=true)
  sample:
    - id: "1550772621934"
      name: task001
      vendor: totalcontrol
      state: completed
      script: C:\Users\sigma\Documents\Scripts\getname.js
      iterations: 1
      current_iteration: 1
      next_runs: []
      started: "2030-01-01T15:26:10"
      ended: "2030-01-01T15:27:10"
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
    http_status: 200
    request: GET http://farm.example.com:8090/TotalControl/v1/login
    retryable: false
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.taskbridge.vendors.plugins.module_utils._runner import info_module
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.totalcontrol import VENDOR

MODULE = info_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
