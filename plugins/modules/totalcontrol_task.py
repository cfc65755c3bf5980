# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a script on a Total Control phone farm."""

from __future__ import annotations

DOCUMENTATION = r"""
module: totalcontrol_task
short_description: Run a script on a Total Control phone farm
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Creates a task of Sigma Total Control, which runs a script at once or at a given time, and pauses, resumes or stops it.
  - The task is found by its O(name). A task that has ended stays in the server's list, so a second run of the playbook changes
    nothing, unless O(rerun) says so.
  - The server can neither change nor delete a task. A declaration that differs from the task of that name is an error.
options:
  state:
    description:
      - V(present) - the task exists. A new task starts at once, or at O(schedule.at).
      - V(paused), V(resumed), V(stopped) - the task is in that state. The first two need an existing task that is active.
      - V(absent) - always an error, as the server has no call to delete a task. Use V(stopped).
    type: str
    choices: [present, paused, resumed, stopped, absent]
    default: present
  task_id:
    description:
      - The id of an existing task, to choose among several of one name.
      - The server may give a task another id when it is restarted.
    type: str
  name:
    description:
      - The name of the task.
      - When a name is used again, the server is taken to keep the new task as V(name(1\)), V(name(2\)) and so on; this rests on
        inference. Such tasks with the same O(script) are recognised as further runs of the task, and the newest one counts.
    type: str
    required: true
  script:
    description:
      - The script, relative to the server's folder C(Scripts), or as an absolute path. Needed to create a task.
      - Compared below the folder C(Scripts), with both kinds of slashes, in any case of letters.
    type: str
  iterations:
    description:
      - How often the script runs.
    type: int
    default: 1
  schedule:
    description:
      - When the task runs. Without it a new task runs at once.
    type: dict
    suboptions:
      at:
        description:
          - ISO 8601 time of the one run.
          - Without O(server_timezone) it is the server's own local time, without an offset. With it, the time may have an offset,
            or is read in O(schedule.timezone).
          - The form in which it is sent rests on inference.
        type: str
      timezone:
        description:
          - IANA name of the time zone in which O(schedule.at) is read and shown. It needs O(server_timezone), which is the default.
        type: str
  rerun:
    description:
      - Whether to run the script again when the task exists already.
      - V(never) - no.
      - V(always) - at each run of the playbook.
      - V(on_failure) - when the last run ended with an error, or the server did not find its script.
    type: str
    choices: [never, always, on_failure]
    default: never
  wait:
    description:
      - Whether to wait until the task has ended. A task that ended with an error, or was stopped by somebody, fails the module.
      - A task that another run of the playbook created is waited for as well. One with O(schedule.at) is waited for from now on.
      - A look that fails is made up for by the next one; five in a row fail the module.
    type: bool
    default: false
  wait_timeout:
    description:
      - After how many seconds to give up waiting, which fails the module. The task goes on.
    type: float
    default: 600
  wait_interval:
    description:
      - Seconds from the first look to the second. Each pause is a little longer than the one before, up to four times as long.
    type: float
    default: 5
attributes:
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: partial
    details: With O(rerun=always) each invocation runs the script, and with O(rerun=on_failure) the one after a failed run does.
notes:
  - That C(action=resume) resumes a paused task, and what the server answers to a token that it no longer knows, rest on
    inference.
  - If the server does not list tasks that have ended, or they were removed in the program's window, the next run of the playbook
    finds none and runs the script again.
seealso:
  - module: taskbridge.vendors.totalcontrol_task_info
extends_documentation_fragment:
  - taskbridge.vendors.totalcontrol
  - taskbridge.vendors.connection
  - taskbridge.vendors.raw
  - taskbridge.vendors.reuse_listing
  - taskbridge.vendors.attributes
  - taskbridge.vendors.attributes.task
  - taskbridge.vendors.totalcontrol.actiongroup
"""

EXAMPLES = r"""
# The examples expect TOTALCONTROL_URL, TOTALCONTROL_USERNAME and TOTALCONTROL_PASSWORD in the environment.

- name: Run a script once, and wait for it
  taskbridge.vendors.totalcontrol_task:
    name: task001
    script: getname.js
    wait: true
    wait_timeout: 900

- name: Run a script three times, tomorrow night by the server's clock
  taskbridge.vendors.totalcontrol_task:
    name: nightly-clean-up
    script: cleanup.js
    iterations: 3
    schedule:
      at: "2030-01-31T23:30:00"

- name: Run a script again if it failed the last time
  taskbridge.vendors.totalcontrol_task:
    name: roll-out
    script: install/rollout.js
    rerun: on_failure
    wait: true

- name: Stop a task
  taskbridge.vendors.totalcontrol_task:
    name: nightly-clean-up
    state: stopped
"""

RETURN = r"""
action:
  description: What was done, or would be done in check mode. One of V(created), V(paused), V(resumed), V(stopped) and V(unchanged).
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
      description: What the task does, in our words V(scheduled), V(running), V(paused), V(completed), V(failed), V(stopped) or V(unknown).
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
    id: "1550772621934"
    name: task001
    vendor: totalcontrol
    state: completed
    script: C:\Users\sigma\Documents\Scripts\getname.js
    iterations: 1
    current_iteration: 1
    next_runs: []
    started: "2030-01-01T15:26:10"
    ended: "2030-01-01T15:27:10"
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
      script: getname.js
      iterations: 1
run:
  description:
    - The run that was waited for.
    - One that failed, was stopped or did not end in time fails the module and is returned all the same, as it was last seen.
  type: dict
  returned: when O(wait=true) and not in check mode
  contains:
    id:
      description: The id of the run, which is the task's.
      type: str
      returned: always
    status:
      description:
        - What the run does, V(scheduled), V(running), V(paused) or V(unknown), or how it ended, V(completed), V(failed) or
          V(stopped).
      type: str
      returned: always
    vendor_status:
      description: The server's status code.
      type: str
      returned: always
    started:
      description: When it started, in the server's local time; with O(server_timezone) with an offset. Null when it has not.
      type: str
      returned: always
    ended:
      description: When it ended, in the same form. Null when it has not.
      type: str
      returned: always
    error:
      description: The script's error text (C(error_message)), or that the server does not find the script. Empty for no error.
      type: str
      returned: always
    details:
      description: How far it came.
      type: dict
      returned: always
      contains:
        current_iteration:
          description: The iteration that runs, or ran last. The server tells 1 before the first one, too.
          type: int
          returned: always
        iterations:
          description: How many iterations the task has.
          type: int
          returned: always
  sample:
    id: "1550772621934"
    status: completed
    vendor_status: "-2"
    started: "2030-01-01T15:26:10"
    ended: "2030-01-01T15:27:10"
    error: ""
    details:
      current_iteration: 3
      iterations: 3
candidates:
  description: The ids of the tasks that all fit the declaration.
  type: list
  elements: str
  returned: when several tasks fit, which fails the module
  sample: ["1550772621934 (task001)", "1550772621935 (task001)"]
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
from ansible_collections.taskbridge.vendors.plugins.module_utils._runner import task_module
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.totalcontrol import VENDOR

MODULE = task_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
