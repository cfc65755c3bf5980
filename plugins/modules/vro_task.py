# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage a scheduled workflow of an orchestrator."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vro_task
short_description: Manage a scheduled workflow of VMware Aria Automation / VCF Operations Orchestrator
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Creates, changes, suspends and resumes, and deletes a scheduled task of VMware Aria Automation Orchestrator (vRealize
    Orchestrator) or VCF Operations Orchestrator. A task runs one workflow, once or on a recurrence.
  - The task is found by O(task_id), or else by O(name) among the tasks of O(workflow) or O(workflow_id), or by O(name) alone
    where no workflow is given. Names are not unique - when several tasks fit, nothing is changed and their ids are listed.
  - Only the options that are given are compared and changed. All others keep the values that the server has.
options:
  state:
    description:
      - Whether the task shall exist.
      - With V(absent), the task must be declared by O(task_id), or by O(name) and one of O(workflow) and O(workflow_id).
    type: str
    choices: [present, absent]
    default: present
  task_id:
    description:
      - The server's id of an existing task. With it, O(name) can be changed too.
    type: str
  name:
    description:
      - The name of the task. Needed unless O(task_id) is given.
    type: str
  description:
    description:
      - A text about the task.
    type: str
  workflow:
    description:
      - The workflow that the task runs, by its exact name, or by folders and name as in V(Folder/Sub/Name). Where several
        workflows fit, their ids and paths are listed and nothing is changed. One whose name holds a slash needs O(workflow_id).
      - This or O(workflow_id) is needed to create a task. When both are given, the name must be that of the id.
      - The workflow of an existing task cannot be changed, see O(recreate).
    type: str
  workflow_id:
    description:
      - The id of the workflow.
    type: str
  inputs:
    description:
      - The inputs of the workflow, by name. Their types are those that the workflow declares; an unknown name, and a value that
        does not fit, is refused.
      - Only the inputs that are given are compared and changed.
      - C(string), C(number), C(boolean) and C(Properties) take the values of YAML. C(Date) takes an ISO 8601 time, which is UTC
        without an offset. C(Array/X) takes a list. C(Any) takes a value by its own kind. C(SecureString) and C(EncryptedString)
        take a text. Every other type is taken to be an object of a plug-in, as C(VC:VirtualMachine), and takes a dictionary of
        C(id) and, if it differs from the declared one, C(type).
      - C(MimeAttachment), C(Regexp) and C(CompositeType) cannot be sent.
      - V(null) declares an input without a value.
      - A secret that was shown masked by this collection and is declared again counts as not given.
      - The results do not repeat this option, as only the server's answers tell what in it is secret.
    type: dict
  schedule:
    description:
      - When the task runs. Its keys are compared and changed one by one.
      - O(schedule.cron) or O(schedule.at), or O(schedule.cycle) with O(schedule.pattern), is needed to create a task.
    type: dict
    suboptions:
      cron:
        description:
          - A crontab expression of five fields as C(cron(5\)) on Linux has it, or V(@hourly), V(@daily), V(@weekly), V(@monthly).
            It is read in O(schedule.timezone), whose clock the server follows.
          - It is translated to the shortest of the vendor's cycles that says the same. What none says is refused with the
            reason - months, day of month together with day of week, and the days 29 to 31 of the month, as it is not known
            what the server does in a month without such a day.
        type: str
      at:
        description:
          - ISO 8601 time of the one run.
        type: str
      cycle:
        description:
          - How often the task runs - V(one-time), V(every-minutes), V(every-hours), V(every-days), V(every-weeks) or
            V(every-months). The spelling of the vendor's programs, V(EVERY_DAYS), is understood too.
          - V(one-time) runs at O(schedule.start); better use O(schedule.at).
        type: str
      pattern:
        description:
          - At which times of each cycle the task runs, in the vendor's own form and sent as it is - a time zone in parentheses,
            and a list of times, each with a comma after it. There is no step; every time is listed.
          - For example V((Europe/Zurich\) 30,) for V(every-minutes), which means the second; V((Europe/Zurich\) 10:00,) for
            V(every-hours); V((Europe/Zurich\) 01:00:00,19:30:00,) for V(every-days);
            V((Europe/Zurich\) Monday 02:00:00,Friday 22:00:00,) for V(every-weeks); V((Europe/Zurich\) 01 00:00:00,) for
            V(every-months).
          - Compared by zone and by times in any order. Without a time zone, the server is taken to use its own; give one.
          - Needs O(schedule.cycle), and is needed with every cycle but V(one-time).
        type: str
      start:
        description:
          - ISO 8601 time before which the task does not run. If not set, a new task starts at once, and an existing one keeps
            its start.
        type: str
      end:
        description:
          - ISO 8601 time after which the task does not run, or V(never).
          - An end can be moved, and not removed, see O(recreate).
        type: str
      timezone:
        description:
          - IANA name of the time zone in which O(schedule.cron) is read, and O(schedule.at), O(schedule.start) and
            O(schedule.end) when they have no offset. It says nothing about O(schedule.pattern), which names its own.
        type: str
        default: UTC
  start_mode:
    description:
      - What happens to a start that was missed, because it is in the past or the server was down.
      - V(normal) waits for the next one; V(start-in-the-past) runs as soon as possible. This reading rests on inference.
    type: str
    choices: [normal, start-in-the-past]
  enabled:
    description:
      - Whether the task runs, V(true), or is suspended, V(false). If not set, a new task runs and an existing one stays as it
        is.
      - A new task cannot be created suspended. It is suspended right after, and may run once in between when its time comes
        just then.
      - A task that has run its course is left as it is unless another option changes.
    type: bool
  update_secrets:
    description:
      - What to do with the secrets among O(inputs), the C(SecureString) and C(EncryptedString), which cannot be compared.
      - V(on_create) sends them when the task is created, and along with any other change.
      - V(always) sends them each time, so that each run of the playbook changes the task.
    type: str
    choices: [on_create, always]
    default: on_create
  recreate:
    description:
      - Whether the task may be created anew and the old one deleted where the server cannot change it - when its workflow changes,
        or when its end is removed. Without it, such a change is an error.
      - The old task goes last, so for a moment there are two. A run that was interrupted between is finished by the next one.
      - The new task has another id, keeps the options that are not given, and stays suspended if the old one was. Inputs that
        are not given are kept only where the workflow stays the same; a secret must be given then.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait until a run of the task has ended. A run that fails or is canceled fails the module.
      - The newest run of the task counts - one that goes on is waited for, and one that has ended is the answer at once, so that
        a second call with nothing to change returns the same run. A task that has not run yet is waited for.
      - A task that this call creates or changes is to run as it is declared now, so only a run that starts thereafter counts.
      - For a task that runs once, by O(schedule.at), that is its only run. For one that recurs, it is the next run after a change;
        set O(wait_timeout) to reach that far.
      - A task that has no run and will have none, because it is suspended or over, fails at once. So O(wait) cannot be used with
        O(enabled=false) and with O(state=absent).
    type: bool
    default: false
  wait_timeout:
    description:
      - After how many seconds to give up waiting, which fails the module. Nothing is stopped.
    type: float
    default: 600
  wait_interval:
    description:
      - Seconds before the first look. The pauses then grow slowly, up to four times as much.
    type: float
    default: 5
attributes:
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: partial
    details: With O(update_secrets=always) and a secret in O(inputs), each invocation changes the task.
notes:
  - A change of one input sends all of them, so a secret that the task has must be given too. Any other change leaves the list
    of inputs out when a secret is not given. That the server then keeps them rests on inference; it is looked at, and an error
    says when they are gone.
  - Orchestrator 7.x takes no inputs in an update; the module notices it and says so.
  - A task runs with the rights of the account that created it. Without an end, and for an account that is no administrator, its
    token is documented to expire after 8 hours, or 90 days, whatever the schedule says.
  - The vendor documents a limit of 50 tasks.
  - That C(state=pending) resumes a suspended task rests on inference.
seealso:
  - module: taskbridge.vendors.vro_task_info
  - module: taskbridge.vendors.vro_workflow_run
extends_documentation_fragment:
  - taskbridge.vendors.vro
  - taskbridge.vendors.connection
  - taskbridge.vendors.raw
  - taskbridge.vendors.secret_keys
  - taskbridge.vendors.reuse_listing
  - taskbridge.vendors.attributes
  - taskbridge.vendors.attributes.task
  - taskbridge.vendors.vro.actiongroup
"""

EXAMPLES = r"""
# The examples expect VRO_URL, VRO_USERNAME and VRO_PASSWORD in the environment, and on the server the
# workflows that are named.

- name: Run a workflow every night at two, by the clocks of Zurich
  taskbridge.vendors.vro_task:
    name: Nightly clean-up
    workflow: Clean snapshots
    inputs:
      days: 7
    schedule:
      cron: 0 2 * * *
      timezone: Europe/Zurich
      start: "2030-01-01T00:00:00Z"

- name: Suspend the task and leave all else as it is
  taskbridge.vendors.vro_task:
    name: Nightly clean-up
    workflow: Clean snapshots
    enabled: false

- name: Run a workflow once, chosen by its folder, as several have its name
  taskbridge.vendors.vro_task:
    name: Patch on Saturday
    workflow: Maintenance/Linux/Patch hosts
    inputs:
      hosts: [web1, web2]
    schedule:
      at: "2030-02-02T22:00:00"
      timezone: Europe/Zurich

- name: Rotate a password each month, and set it anew at each run of this playbook
  taskbridge.vendors.vro_task:
    name: Monthly rotation
    workflow: Rotate password
    inputs:
      account: svc-backup
      password: "{{ vault_password | default('only-for-this-example') }}"
    update_secrets: always
    schedule:
      cycle: every-months
      pattern: (UTC) 01 03:00:00,

- name: Run a workflow at a time, and wait up to two hours for the end of that run
  taskbridge.vendors.vro_task:
    name: Patch tonight
    workflow: Maintenance/Linux/Patch hosts
    inputs:
      hosts: [web1]
    schedule:
      at: "2030-02-02T22:00:00Z"
    wait: true
    wait_timeout: 7200

- name: Let the same task run another workflow, in place of the old one
  taskbridge.vendors.vro_task:
    task_id: 7d0c2f0e-0000-4000-8000-000000000001
    workflow: Say hello
    recreate: true

- name: Delete a task
  taskbridge.vendors.vro_task:
    name: Nightly clean-up
    workflow: Clean snapshots
    state: absent
"""

RETURN = r"""
action:
  description: What was done, or would be done in check mode. One of V(created), V(updated), V(deleted), V(recreated), V(enabled), V(disabled) and V(unchanged).
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
      description: The schedule in the words of the option O(schedule), as a crontab where one says the same. There is no C(end) where the task never ends.
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
    id: 1f6f3b0c-7a51-4a0e-9d0c-3f1f5a0c2b11
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
diff:
  description: The managed options before and after, with secrets masked.
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
    after_header:
      description: Which options cannot be changed in place, so that the task is replaced.
      type: str
      returned: with RV(action=recreated)
  sample:
    before:
      inputs:
        days: 7
    after:
      inputs:
        days: 14
run:
  description: The run that was waited for. A failed run, and one that does not end in time, fails the module, and is returned all the same.
  type: dict
  returned: when O(wait=true) and not in check mode
  contains:
    id:
      description: The server's id of the run; empty where the task has not started one.
      type: str
      returned: always
    status:
      description:
        - Where the run is - V(running), V(waiting) for a person or a signal, V(paused), V(completed), V(failed), V(stopped)
          when it was canceled, or V(unknown). Where there is none, V(scheduled), or V(idle) when none will start by itself.
      type: str
      returned: always
    vendor_status:
      description: The vendor's own word for that.
      type: str
      returned: always
    started:
      description: When it started, as ISO 8601 time in UTC.
      type: str
      returned: always
    ended:
      description: When it ended.
      type: str
      returned: always
    error:
      description: Why it failed, in the vendor's words; empty otherwise.
      type: str
      returned: always
    details:
      description: What else the server tells, with C(inputs) and C(outputs), as M(taskbridge.vendors.vro_workflow_run) returns it.
      type: dict
      returned: always
  sample:
    id: 0a1f6c77-52f8-4c1c-8c39-0c9a6a3a7f10
    status: completed
    vendor_status: completed
    started: "2030-01-01T02:00:00+00:00"
    ended: "2030-01-01T02:01:00+00:00"
    error: ""
    details:
      workflow_id: 2e1b7a57-3a4c-4c0b-8b8d-0f8a3d0a6c1e
      started_by: orchestrator@vsphere.local
      inputs:
        days: 7
      outputs: {}
candidates:
  description: The ids of the tasks, or the ids and paths of the workflows, that all fit the declaration.
  type: list
  elements: str
  returned: when several fit, which fails the module
  sample:
    - 2e1b7a57-3a4c-4c0b-8b8d-0f8a3d0a6c1e (Maintenance/Linux/Patch hosts)
    - 8a40d3b9-5f0d-4b8a-9a59-6d3c0c1f7e22 (Maintenance/Windows/Patch hosts)
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
from ansible_collections.taskbridge.vendors.plugins.module_utils._runner import task_module
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.vro import VENDOR

MODULE = task_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
