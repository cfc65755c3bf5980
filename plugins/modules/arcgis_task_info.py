# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the scheduled tasks of an ArcGIS user."""

from __future__ import annotations

DOCUMENTATION = r"""
module: arcgis_task_info
short_description: List the scheduled tasks of an ArcGIS user
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Lists the scheduled tasks of a user, or of the whole organization, on ArcGIS Online or ArcGIS Enterprise, however many there
    are, and how many more may be active.
  - All filters that are given must fit.
options:
  organization:
    description:
      - Whether to list the tasks of all users instead of those of one. With O(owner), those of that user are listed all the same,
        the administrators' way.
      - It is for administrators. What a portal answers to others is not documented - a refusal fails the module, and a portal may
        as well list their own tasks only.
    type: bool
    default: false
  task_id:
    description:
      - Only the task with this id.
    type: str
  title:
    description:
      - Only tasks with exactly this title.
    type: str
  type:
    description:
      - Only tasks of this type.
    type: str
    choices:
      - ExecuteNotebook
      - UpdateInsightsWorkbook
      - ExecuteSceneCook
      - ExecuteWorkflowManager
      - ExecuteReport
      - GPService
      - RunDataPipeline
  item_id:
    description:
      - Only tasks that run this item.
    type: str
  enabled:
    description:
      - Only tasks that are switched on, or off. The portal's own word for it is C(active).
    type: bool
  state:
    description:
      - Only tasks in this state. A task that failed five times in a row is V(failed), and is not switched on any more.
      - The portal's words beyond C(active), C(paused) and C(completed) rest on inference; one that is not known is V(unknown),
        unless the task is switched on.
    type: str
    choices:
      - scheduled
      - paused
      - completed
      - failed
      - unknown
  timezone:
    description:
      - IANA name of the time zone in which schedules and times are shown. A schedule that is no crontab there is shown as the
        portal has it.
    type: str
    default: UTC
seealso:
  - module: taskbridge.vendors.arcgis_task
  - module: taskbridge.vendors.arcgis_task_run_info
extends_documentation_fragment:
  - taskbridge.vendors.arcgis
  - taskbridge.vendors.connection
  - taskbridge.vendors.raw
  - taskbridge.vendors.secret_keys
  - taskbridge.vendors.attributes
  - taskbridge.vendors.attributes.info
  - taskbridge.vendors.arcgis.actiongroup
"""

EXAMPLES = r"""
# The examples expect ARCGIS_URL, ARCGIS_USERNAME and ARCGIS_PASSWORD in the environment.

- name: List all tasks
  taskbridge.vendors.arcgis_task_info:
  register: all_tasks

- name: Show the notebook tasks that are switched off
  taskbridge.vendors.arcgis_task_info:
    type: ExecuteNotebook
    enabled: false
  register: sleeping

- name: Print their titles
  ansible.builtin.debug:
    msg: "{{ sleeping.tasks | map(attribute='name') | list }}"

- name: Find the tasks that were switched off after five failed runs
  taskbridge.vendors.arcgis_task_info:
    state: failed
  register: broken

- name: Tell how many more tasks may be active
  ansible.builtin.debug:
    msg: "{{ all_tasks.active_tasks_available | default('The portal does not tell.') }}"
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
      description: What the task does, in our words V(scheduled), V(paused), V(completed), V(failed) or V(unknown).
      type: str
      returned: when known
    enabled:
      description: Whether the task is switched on.
      type: bool
      returned: where the vendor can switch tasks on and off
    schedule:
      description: The schedule in the words of the option O(taskbridge.vendors.arcgis_task#module:schedule).
      type: dict
      returned: when the task has one
    next_runs:
      description:
        - The next runs by the schedule that the portal has, at most five, as ISO 8601 times in O(timezone).
        - Only the server's own next one where the schedule uses V(W), V(C) or V(#).
      type: list
      elements: str
      returned: always
    quartz:
      description: The schedule as the portal has it, in UTC.
      type: str
      returned: when the schedule is shown in another time zone
    valid_until:
      description: When the clocks of the zone are next set such that the times in UTC are no longer the times shown.
      type: str
      returned: when the zone sets its clocks and the schedule is touched by it within a year
    url:
      description: Where a person can look at the task.
      type: str
      returned: when known
    raw:
      description: The vendor's own object; what is named like a secret is masked.
      type: dict
      returned: when O(include_raw=true)
  sample:
    - id: 0123456789abcdef0123456789abcdef
      name: Nightly parcels
      vendor: arcgis
      state: scheduled
      enabled: true
      title: Nightly parcels
      type: ExecuteNotebook
      item_id: 029b61ca770e428d9468a2a55f40b9fb
      owner: gis_admin
      parameters:
        notebookParameters: '{"region": "north"}'
        saveInjectedParameters: true
      schedule:
        cron: 30 2 * * 1-5
        max_runs: 20
      next_runs:
        - "2030-01-01T02:30:00+00:00"
        - "2030-01-02T02:30:00+00:00"
      url: https://gis.example.com/portal/home/item.html?id=029b61ca770e428d9468a2a55f40b9fb
active_tasks_available:
  description:
    - How many more tasks may be switched on. By default a portal lets a user have 20 active notebook tasks.
    - It is the portal's C(activeTasksAvailable), and that it means this is inferred from its name and from a sample. With
      O(organization=true) it is not documented whose it is.
  type: int
  returned: when the portal tells it
  sample: 18
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
    vendor_code: 400
    http_status: 200
    request: POST https://gis.example.com/portal/sharing/rest/generateToken
    retryable: false
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.taskbridge.vendors.plugins.module_utils._runner import info_module
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.arcgis import VENDOR

MODULE = info_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
