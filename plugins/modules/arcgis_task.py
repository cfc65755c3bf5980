# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage a scheduled task of an ArcGIS user."""

from __future__ import annotations

DOCUMENTATION = r"""
module: arcgis_task
short_description: Manage a scheduled task of an ArcGIS user
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Creates, changes, switches on and off, and deletes a scheduled task of a user on ArcGIS Online or ArcGIS Enterprise.
  - The task is found by O(task_id), or else by those of O(title), O(type) and O(item_id) that are given, among the tasks of
    O(owner). Titles are not unique in ArcGIS - when several tasks fit, nothing is changed and their ids are listed.
  - Only the options that are given are compared and changed. All others keep the values that the server has.
options:
  state:
    description:
      - Whether the task shall exist.
      - With V(absent), the task must be declared by O(task_id), or by all of O(title), O(type) and O(item_id). The last is not
        needed with O(type=ExecuteReport).
    type: str
    choices: [present, absent]
    default: present
  task_id:
    description:
      - The server's id of an existing task. With it, O(title), O(type) and O(item_id) can be changed too.
    type: str
  title:
    description:
      - The title of the task. Needed unless O(task_id) is given.
    type: str
  type:
    description:
      - What the task runs, in the vendor's own names.
      - Needed to create a task.
      - V(RunDataPipeline) is known from the vendor's Python client only.
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
      - The id of the item that the task runs. Needed to create a task, except with O(type=ExecuteReport).
    type: str
  task_url:
    description:
      - The URL of the geoprocessing task. Needed to create a task with O(type=GPService).
      - No documented answer shows this value. Where the server does not show it, it is not compared.
    type: str
  parameters:
    description:
      - The parameters of the run, for example C(notebookParameters) of a notebook.
      - Compared as data, key by key; keys that are not given are left as they are. A value that the server holds as a JSON
        text compares equal to the same data.
      - Needed to create a task of O(type=ExecuteSceneCook), O(type=ExecuteReport) and O(type=GPService).
    type: dict
  schedule:
    description:
      - When the task runs. Its keys are compared and changed one by one.
      - One of O(schedule.cron) and O(schedule.quartz) is needed to create a task.
    type: dict
    suboptions:
      cron:
        description:
          - A crontab expression of five fields as C(cron(5\)) on Linux has it, or V(@hourly), V(@daily), V(@weekly), V(@monthly),
            V(@yearly). It is read in O(schedule.timezone).
          - It is translated to the vendor's form in UTC, where the days of the week count from 1 for Sunday. A schedule that one
            such form cannot say is refused with the reason and the ways out; see O(schedule.split).
          - Day of month and day of week cannot both be restricted.
        type: str
      timezone:
        description:
          - IANA name of the time zone in which O(schedule.cron), and O(schedule.start) and O(schedule.end) without an offset, are
            read, and in which times are returned.
          - ArcGIS itself keeps schedules in UTC and does not follow daylight saving time. The module computes with the offset
            that is in force at the next run, returns until when that is right as RV(task.valid_until), and warns. When it runs
            again after the clocks were set, it changes the task to the new offset.
        type: str
        default: UTC
      split:
        description:
          - Whether a O(schedule.cron) that takes several of the vendor's expressions is kept as several tasks, whose titles are
            O(title), then V(title (2\)), V(title (3\)) and so on. Tasks that are left over from another schedule are deleted.
          - Set it with O(state=absent) too, to delete all of them.
        type: bool
        default: false
      quartz:
        description:
          - The vendor's five fields C(minute hour dayOfMonth month dayOfWeek) in UTC, sent as they are.
        type: str
      start:
        description:
          - ISO 8601 time before which the task does not run; without an offset it is read in O(schedule.timezone).
        type: str
      end:
        description:
          - ISO 8601 time after which the task does not run; without an offset it is read in O(schedule.timezone).
        type: str
      max_runs:
        description:
          - After how many runs the task is completed.
        type: int
  enabled:
    description:
      - Whether the task is switched on. If not set, a new task is on and an existing one stays as it is.
      - A task that has run its course, V(completed), is not switched on again unless another option changes.
    type: bool
  wait:
    description:
      - Whether to wait until a run of the task has ended. A run that failed fails the module with the run's result text.
      - Of a new task, it is the first run. Of a task that this call changes, it is the first run that begins after the change. Of a
        task that is as declared, it is the run under way, or else the next one.
      - A task that has run its course, such as one with O(schedule.max_runs=1), has no next run. Its last run counts, so that the
        same playbook waits for nothing and fails again if that run failed. A task that the portal switched off after five failed
        runs is taken alike.
      - Without any run to wait for, as the task is switched off, the module fails at once. A run that the portal skips does not
        count, unless it was the last one.
      - Runs begin by the schedule only, so O(wait_timeout) must reach to the end of the next run.
      - Cannot go with O(enabled=false) and O(schedule.split=true). Has no effect with O(state=absent).
    type: bool
    default: false
  wait_timeout:
    description:
      - After how many seconds to give up waiting. The task and its run go on.
    type: float
    default: 600
  wait_interval:
    description:
      - Seconds between two looks.
    type: float
    default: 5
attributes:
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
notes:
  - What an update does to values that its form leaves out is not documented, so the full form is sent each time. Whether it
    switches a disabled task on is not documented either, so the task is read again and switched back.
  - A portal lets a user have 20 active notebook tasks by default, and switches a task off after five failed runs.
  - There is no documented call to run a task now.
  - The dates of a run rest on inference; see M(taskbridge.vendors.arcgis_task_run_info).
seealso:
  - module: taskbridge.vendors.arcgis_task_info
  - module: taskbridge.vendors.arcgis_task_run_info
extends_documentation_fragment:
  - taskbridge.vendors.arcgis
  - taskbridge.vendors.connection
  - taskbridge.vendors.raw
  - taskbridge.vendors.secret_keys
  - taskbridge.vendors.reuse_listing
  - taskbridge.vendors.attributes
  - taskbridge.vendors.attributes.task
  - taskbridge.vendors.arcgis.actiongroup
"""

EXAMPLES = r"""
# The examples expect ARCGIS_URL, ARCGIS_USERNAME and ARCGIS_PASSWORD in the environment.

- name: Run a notebook at half past two UTC from Monday to Friday
  taskbridge.vendors.arcgis_task:
    title: Nightly parcels
    type: ExecuteNotebook
    item_id: 029b61ca770e428d9468a2a55f40b9fb
    parameters:
      notebookParameters:
        region: north
      saveInjectedParameters: true
    schedule:
      cron: 30 2 * * mon-fri
      max_runs: 20

- name: Switch the task off and leave all else as it is
  taskbridge.vendors.arcgis_task:
    title: Nightly parcels
    type: ExecuteNotebook
    item_id: 029b61ca770e428d9468a2a55f40b9fb
    enabled: false

- name: Cook a scene cache on the last day of each month
  taskbridge.vendors.arcgis_task:
    title: Scene cache
    type: ExecuteSceneCook
    item_id: 5f0ec4fd3ac34efb8e2d6d0c5b1f6a77
    parameters:
      service_url: https://gis.example.com/server/rest/services/Hosted/City/SceneServer
      num_of_caching_service_instances: 2
      layer: "{}"
      update_mode: PARTIAL_UPDATE_NODES
    schedule:
      quartz: 0 3 L * ?
      start: "2030-01-01T00:00:00Z"

- name: Run a notebook once, at three in the morning of a day, and wait until that has ended
  taskbridge.vendors.arcgis_task:
    title: New year parcels
    type: ExecuteNotebook
    item_id: 029b61ca770e428d9468a2a55f40b9fb
    schedule:
      cron: 0 3 1 1 *
      max_runs: 1
    wait: true
    wait_timeout: 28800
    wait_interval: 60

- name: Delete a task
  taskbridge.vendors.arcgis_task:
    title: Nightly parcels
    type: ExecuteNotebook
    item_id: 029b61ca770e428d9468a2a55f40b9fb
    state: absent
"""

RETURN = r"""
action:
  description: What was done, or would be done in check mode. One of V(created), V(updated), V(deleted), V(enabled), V(disabled) and V(unchanged).
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
      description: What the task does, in our words V(scheduled), V(paused), V(completed), V(failed) or V(unknown).
      type: str
      returned: when known
    enabled:
      description: Whether the task is switched on.
      type: bool
      returned: where the vendor can switch tasks on and off
    schedule:
      description: The schedule in the words of the option O(schedule).
      type: dict
      returned: when the task has one
    next_runs:
      description:
        - The next runs by the schedule that the portal has, at most five, as ISO 8601 times in O(schedule.timezone).
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
    parts:
      description: All tasks of a schedule that is split, each in this form; the first one stands for all.
      type: list
      elements: dict
      returned: when O(schedule.split=true) and the schedule takes several tasks
    url:
      description: Where a person can look at the task.
      type: str
      returned: when known
    raw:
      description: The vendor's own object; what is named like a secret is masked.
      type: dict
      returned: when O(include_raw=true)
  sample:
    id: 0123456789abcdef0123456789abcdef
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
    before:
      schedule:
        cron: 0 1 * * *
    after:
      schedule:
        cron: 30 2 * * 1-5
run:
  description: The run that was waited for. A failed run, and one that does not end in time, fails the module.
  type: dict
  returned: when O(wait=true) and not in check mode, unless the task is absent
  contains:
    id:
      description: The server's id of the run; empty as long as it has not begun.
      type: str
      returned: always
    status:
      description:
        - How the run ended, V(completed), V(failed) or V(skipped), or where it was last seen, V(scheduled), V(running) or
          V(unknown).
        - Where there is no run to wait for, the state of the task.
      type: str
      returned: always
    vendor_status:
      description: The status in the portal's word.
      type: str
      returned: always
    started:
      description: When the run was made, as an ISO 8601 time in O(schedule.timezone), where the portal tells it.
      type: str
      returned: always
    ended:
      description: When a run that has ended was last changed, as an ISO 8601 time in O(schedule.timezone), where the portal tells it.
      type: str
      returned: always
    error:
      description: The result text of a run that failed.
      type: str
      returned: always
    details:
      description: The C(result) text of a run, and the C(next_start) of a task whose run has not begun, where the portal tells them.
      type: dict
      returned: always
  sample:
    id: 8b8c7778ec2d4d8886cd2aa0aaf77ed9
    status: completed
    vendor_status: succeeded
    started: "2030-01-01T03:00:00+00:00"
    ended: "2030-01-01T03:01:10+00:00"
    error: ""
    details: {}
candidates:
  description: The ids of the tasks that all fit the declaration.
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
from ansible_collections.taskbridge.vendors.plugins.module_utils._runner import task_module
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.arcgis import VENDOR

MODULE = task_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
