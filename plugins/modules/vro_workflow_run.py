# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a workflow of an orchestrator now."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vro_workflow_run
short_description: Run a workflow of VMware Aria Automation / VCF Operations Orchestrator
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Runs a workflow of VMware Aria Automation Orchestrator (vRealize Orchestrator) or VCF Operations Orchestrator now, with typed
    inputs, waits until it has ended and returns its outputs. A run that fails or is canceled fails the module.
  - Each call starts a run of its own, unless O(idempotency_key) is given. With a key, a run that was started with the same key
    is waited for, and not started again.
options:
  workflow:
    description:
      - The workflow, by its exact name, or by folders and name as in V(Folder/Sub/Name). Where several workflows fit, their ids
        and paths are listed and nothing is started. One whose name holds a slash needs O(workflow_id).
      - When O(workflow_id) is given too, the name must be that of the id.
    type: str
  workflow_id:
    description:
      - The id of the workflow. One of O(workflow) and O(workflow_id) is needed.
    type: str
  inputs:
    description:
      - The inputs of the workflow, by name. Their types are those that the workflow declares; an unknown name, and a value that
        does not fit, is refused. See O(taskbridge.vendors.vro_task#module:inputs) for how each type is written.
      - An input that is not given is not sent; what it is then is up to the workflow.
      - The results do not repeat this option, as only the server's answers tell what in it is secret.
    type: dict
  idempotency_key:
    description:
      - A text that names this run, such as the number of a change request. When the workflow has a run with the same key, no
        other one is started, whatever became of it; see O(rerun).
      - The orchestrator keeps nothing of a start but its inputs, so an input of the type C(string) has to keep the key - the one
        that O(idempotency_input) names, or else each one among O(inputs) whose value is the key. Without such an input the key
        is refused and nothing is started.
      - What is guaranteed - a run is not started when one of the newest O(idempotency_depth) runs of the same workflow has the key
        in that input, whoever started it. Two calls at the same time may both find none and start one each. A run that
        was deleted at the server is forgotten.
      - Other inputs are not compared; where they differ, a warning says so.
    type: str
  idempotency_input:
    description:
      - The name of the input that keeps O(idempotency_key). The module gives it that value, so it is left out of O(inputs). The
        workflow must declare it, with the type C(string); it need not use it.
    type: str
  idempotency_depth:
    description:
      - How many runs, from the newest on, are searched for O(idempotency_key). Each is read by itself until one has the key.
    type: int
    default: 100
  rerun:
    description:
      - Whether to start another run although one with the same O(idempotency_key) exists.
      - V(on_failure) does so when the newest one with the key has failed or was canceled, V(always) in any case.
    type: str
    choices: [never, on_failure, always]
    default: never
  wait:
    description:
      - Whether to wait until the run has ended. Without it, the module returns the run as it is after the start, mostly without
        outputs, and a later failure goes unnoticed.
    type: bool
    default: true
  wait_timeout:
    description:
      - After how many seconds to give up waiting, which fails the module. The run goes on unless O(cancel_on_timeout=true).
    type: float
    default: 600
  wait_interval:
    description:
      - Seconds before the first look. The pauses then grow slowly, up to four times as much.
    type: float
    default: 5
  cancel_on_timeout:
    description:
      - Whether to cancel a run that has not ended within O(wait_timeout). This holds for a run found by its
        O(idempotency_key) too.
    type: bool
    default: false
attributes:
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: partial
    details: With O(idempotency_key), and without O(rerun=always). Otherwise each invocation starts a run.
notes:
  - When the answer to a start is lost, the runs of the workflow are listed again. One new run with the same inputs, started by the
    same account where both names are known, is taken for the one that was asked for. Otherwise the module fails with
    RV(error.unclear=true); it never sends the start again. An equal run that someone else started in the same moment
    with the same account can be taken for it; an O(idempotency_key) of its own rules that out.
  - A run that waits for a person's answer has RV(run.status=waiting). The module goes on waiting, as the answer may come, and the
    message of a time-out says what is to be answered.
  - That a waiting run without a user interaction waits for a signal rests on inference.
seealso:
  - module: taskbridge.vendors.vro_task
extends_documentation_fragment:
  - taskbridge.vendors.vro
  - taskbridge.vendors.connection
  - taskbridge.vendors.raw
  - taskbridge.vendors.secret_keys
  - taskbridge.vendors.attributes
  - taskbridge.vendors.attributes.task
  - taskbridge.vendors.vro.actiongroup
"""

EXAMPLES = r"""
# The examples expect VRO_URL, VRO_USERNAME and VRO_PASSWORD in the environment, and on the server the
# workflows that are named.

- name: Run a workflow, and wait up to ten minutes for its outputs
  taskbridge.vendors.vro_workflow_run:
    workflow: Maintenance/Clean snapshots
    inputs:
      days: 7

- name: Run a workflow once for a change, however often this playbook runs
  taskbridge.vendors.vro_workflow_run:
    workflow: Rotate password
    inputs:
      password: "{{ vault_password | default('only-for-this-example') }}"
    idempotency_key: CHG0031337
    idempotency_input: account

- name: The same with a key that is an input anyway, and once more after a failure
  taskbridge.vendors.vro_workflow_run:
    workflow: Clean snapshots
    inputs:
      days: 14
      folder: vm/change-4711
    idempotency_key: vm/change-4711
    rerun: on_failure

- name: Cancel a run that takes longer than an hour
  taskbridge.vendors.vro_workflow_run:
    workflow: Say hello
    wait_timeout: 3600
    wait_interval: 30
    cancel_on_timeout: true

- name: Start a workflow and go on
  taskbridge.vendors.vro_workflow_run:
    workflow: Say hello
    wait: false
"""

RETURN = r"""
action:
  description: What was done, or would be done in check mode - V(started), or V(unchanged) where a run with the key exists.
  type: str
  returned: success
  sample: started
run:
  description: The run. A failed run, and one that does not end in time, fails the module, and is returned all the same.
  type: dict
  returned: success, unless check mode would start it; failure, once the run is known
  contains:
    id:
      description: The server's id of the run, which it calls an execution.
      type: str
      returned: always
    status:
      description:
        - Where the run is - V(running), V(waiting) for a person or a signal, V(paused), V(completed), V(failed), V(stopped)
          when it was canceled, or V(unknown).
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
      description: What else the server tells. What it does not tell is left out.
      type: dict
      returned: always
      contains:
        workflow_id:
          description: The id of the workflow.
          type: str
          returned: always
        started_by:
          description: The account that started the run.
          type: str
          returned: when known
        business_state:
          description: The state that the workflow gives itself.
          type: str
          returned: when known
        current_item:
          description: The item of the workflow that the run is at.
          type: str
          returned: when known
        waits_for:
          description: What a waiting run waits for, and where a person can answer.
          type: str
          returned: with RV(run.status=waiting)
        inputs:
          description: The inputs that the run was started with; secrets are masked.
          type: dict
          returned: always
        outputs:
          description: The outputs, as in RV(outputs).
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
      outputs:
        days: 7
        removed: [vm-42, vm-43]
outputs:
  description:
    - The outputs of the run by name, as plain data. Secrets are masked, a C(Date) is an ISO 8601 time, an object of a plug-in is a
      dictionary of C(id) and C(type), and a value of a type that this collection does not know is shown as the server has it.
    - Empty before the run has ended.
  type: dict
  returned: with RV(run)
  sample:
    days: 7
    removed: [vm-42, vm-43]
raw:
  description: The vendor's own object of the run, with secrets masked.
  type: dict
  returned: when O(include_raw=true), with RV(run)
diff:
  description: The workflow and the inputs of a run that is started, with secrets masked.
  type: dict
  returned: success
  contains:
    before:
      description: Those of the earlier run with the key; empty where there is none.
      type: dict
      returned: always
    after:
      description: Those that were declared.
      type: dict
      returned: always
  sample:
    before: {}
    after:
      workflow: Clean snapshots
      workflow_id: 2e1b7a57-3a4c-4c0b-8b8d-0f8a3d0a6c1e
      inputs:
        days: 7
candidates:
  description: The ids and paths of the workflows that all fit.
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
      description: That it cannot be known whether the server acted, so that a run may have been started.
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
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors._vro_runs import VENDOR

MODULE = task_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
