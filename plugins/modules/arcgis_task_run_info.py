# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the runs of a scheduled task of an ArcGIS user."""

from __future__ import annotations

DOCUMENTATION = r"""
module: arcgis_task_run_info
short_description: List the runs of a scheduled task of an ArcGIS user
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Lists the runs that the portal keeps of one scheduled task, newest first. A portal keeps the last 30 by default.
  - The task is found by O(task_id), or else by those of O(title), O(type) and O(item_id) that are given, among the tasks of
    O(owner). When none fits, or several, the module fails.
options:
  task_id:
    description:
      - The server's id of the task.
    type: str
  title:
    description:
      - The title of the task. Needed unless O(task_id) is given.
    type: str
  type:
    description:
      - What the task runs, where several tasks have the title.
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
      - The id of the item that the task runs, where several tasks have the title.
    type: str
  status:
    description:
      - Only runs with one of these statuses. The portal's own words C(failed) and C(submitfailed) are both V(failed), and a word
        that is not known is V(unknown).
    type: list
    elements: str
    choices:
      - scheduled
      - running
      - completed
      - skipped
      - failed
      - unknown
  limit:
    description:
      - Return at most so many runs, the newest of those that pass O(status).
    type: int
  timezone:
    description:
      - IANA name of the time zone in which times are shown.
    type: str
    default: UTC
notes:
  - The dates of a run rest on inference, as the vendor documents them for a sister API only, where they are a number or a text
    without a time zone; the text is read as UTC. Where a portal shows no dates, its list is taken to be oldest first.
seealso:
  - module: taskbridge.vendors.arcgis_task
  - module: taskbridge.vendors.arcgis_task_info
extends_documentation_fragment:
  - taskbridge.vendors.arcgis
  - taskbridge.vendors.connection
  - taskbridge.vendors.raw
  - taskbridge.vendors.attributes
  - taskbridge.vendors.attributes.info
  - taskbridge.vendors.arcgis.actiongroup
"""

EXAMPLES = r"""
# The examples expect ARCGIS_URL, ARCGIS_USERNAME and ARCGIS_PASSWORD in the environment.

- name: List the failed runs of a task
  taskbridge.vendors.arcgis_task_run_info:
    title: Nightly parcels
    type: ExecuteNotebook
    item_id: 029b61ca770e428d9468a2a55f40b9fb
    status: [failed]
  register: failed

- name: Tell why they failed
  ansible.builtin.debug:
    msg: "{{ item.started | default('at an unknown time') }}: {{ item.error | default('no reason given') }}"
  loop: "{{ failed.runs }}"
  loop_control:
    label: "{{ item.id }}"

- name: Show the last run in local time
  taskbridge.vendors.arcgis_task_run_info:
    task_id: 0123456789abcdef0123456789abcdef
    limit: 1
    timezone: Europe/Zurich
"""

RETURN = r"""
runs:
  description: The runs that pass the filters, newest first.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The server's id of the run.
      type: str
      returned: always
    task_id:
      description: The server's id of the task.
      type: str
      returned: always
    name:
      description: The title of the task, as the run shows it.
      type: str
      returned: when known
    vendor:
      description: The vendor's key.
      type: str
      returned: always
    status:
      description: Where the run is, in our words V(scheduled), V(running), V(completed), V(skipped), V(failed) or V(unknown).
      type: str
      returned: always
    vendor_status:
      description: The same in the portal's word.
      type: str
      returned: when the portal tells it
    started:
      description: When the run was made, as an ISO 8601 time in O(timezone).
      type: str
      returned: when known
    ended:
      description: When a run that has ended was last changed, as an ISO 8601 time in O(timezone).
      type: str
      returned: when known
    error:
      description: The result text of a run that failed or was skipped.
      type: str
      returned: when there is one
    result:
      description: The result text.
      type: str
      returned: when there is one
    raw:
      description: The vendor's own object; what is named like a secret is masked.
      type: dict
      returned: when O(include_raw=true)
  sample:
    - id: 8b8c7778ec2d4d8886cd2aa0aaf77ed9
      task_id: 0123456789abcdef0123456789abcdef
      name: Nightly parcels
      vendor: arcgis
      status: failed
      vendor_status: failed
      started: "2030-01-01T02:30:00+00:00"
      ended: "2030-01-01T02:31:10+00:00"
      error: "KeyError: 'parcels' in cell 3"
      result: "KeyError: 'parcels' in cell 3"
candidates:
  description: The ids of the tasks that all fit.
  type: list
  elements: str
  returned: when several tasks fit, which fails the module
  sample: ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"]
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
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.arcgis import RUNS

MODULE = info_module(RUNS)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
