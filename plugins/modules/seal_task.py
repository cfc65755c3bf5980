# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print or convert documents with a task of SEAL Operator"""

from __future__ import annotations

DOCUMENTATION = r"""
module: seal_task
short_description: Print or convert documents with a task of SEAL Operator
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Creates, changes, starts and deletes a task of a connector service of SEAL Operator, and uploads the local files it takes.
  - The task is found by O(service) and O(name). The server keeps several tasks of one name; where that is so, the newest of those
    that this module made counts, which is told by O(marker). If that does not single out one task, nothing is done and the ids
    are listed.
  - Nothing is printed without O(state=started), and with it each task is started once.
options:
  service:
    description:
      - The connector service that has the task, for example V(operator-p4), V(operator-p5) or V(operator-dpf).
      - If not set, the environment variable E(SEAL_OPERATOR_SERVICE) is used.
    type: str
    required: true
  state:
    description:
      - V(present) - the task exists as declared. It is not started.
      - V(started) - the task exists as declared and was started, by this run or before. A task that runs or has ended is not
        started again, unless O(rerun) says so.
      - V(absent) - the task does not exist. Where several have the name, set O(task_id).
    type: str
    choices: [present, started, absent]
    default: present
  task_id:
    description:
      - The id of an existing task (C(tid)), to choose among several of one name.
      - One of O(name) and O(task_id) is needed.
    type: str
  name:
    description:
      - The name of the task.
    type: str
  type:
    description:
      - The type of the task, for example V(convert). Needed to create a task in a service with several types, such as
        V(operator-dpf).
      - It cannot be changed.
    type: str
  metadata:
    description:
      - Metadata of the task, such as V(Printer). What a service understands is set up at the site, so it is passed on unchecked.
      - Only the keys that are given are compared and changed, each with its whole value; others stay.
    type: dict
  owner:
    description:
      - The account that owns the task. If not set, the one that creates it.
      - It cannot be changed.
    type: str
  documents:
    description:
      - The documents of the task, in their order. An empty list takes all away; without the option they stay as they are.
      - Where a list is changed, the documents that stay in order are left alone.
    type: list
    elements: dict
    suboptions:
      href:
        description:
          - A document that the server has, as C(/v1/services/operator-fileupload/repo/<id>). M(taskbridge.vendors.seal_document)
            returns it.
          - One of O(documents[].href) and O(documents[].path) is needed.
        type: str
      path:
        description:
          - A file on the machine where the module runs. It is uploaded to O(input_service), unless a document of its name and
            content (SHA-256) was uploaded there before.
        type: path
      name:
        description:
          - The name of the document that is made of O(documents[].path). If not set, the file's own name.
        type: str
      metadata:
        description:
          - Metadata for this document in this task, which go before those of the task. Only the keys that are given are compared.
          - Where they differ, the list item is deleted and inserted anew with the given ones.
        type: dict
  rerun:
    description:
      - Whether to run a task again that was started before, with O(state=started). As far as is known the server starts no task
        twice, so a new one of the same name is created from the declaration, and started.
      - V(never) - no.
      - V(always) - at each run of the playbook.
      - V(on_failure) - when the newest task of the name has failed.
    type: str
    choices: [never, always, on_failure]
    default: never
  marker:
    description:
      - Whether a task that is created gets the metadata key C(taskbridge) with the task's name as its value, from the second
        task of O(rerun) on with V(#2), V(#3) and so on after it. It tells the tasks of this module from others of the same name.
      - The metadata of a task are merged into the print ticket, where an unknown key is taken to do no harm.
    type: bool
    default: true
  input_service:
    description:
      - The service that stores documents.
    type: str
    default: operator-fileupload
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
  wait:
    description:
      - Whether to wait until the task has ended, with O(state=started). A task that failed, or was stopped by somebody, fails the
        module.
      - A task that another run of the playbook started is waited for as well, and not started again.
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
    details: With O(rerun=always) each invocation starts a new task, and with O(rerun=on_failure) the one after a failure does.
notes:
  - The calls that read, change and delete a single task, the place of an inserted document, the shape of listings, the names of
    states, and where a task tells why it failed rest on inference. The module tries the known alternatives, and reads what came of
    a change.
  - If the server removes tasks after their end, the next run with O(state=started) finds none and prints again.
  - A stock connector has the back end C(MOCK), which accepts tasks and prints nothing.
seealso:
  - module: taskbridge.vendors.seal_task_info
  - module: taskbridge.vendors.seal_document
extends_documentation_fragment:
  - taskbridge.vendors.seal
  - taskbridge.vendors.connection
  - taskbridge.vendors.raw
  - taskbridge.vendors.secret_keys
  - taskbridge.vendors.reuse_listing
  - taskbridge.vendors.attributes
  - taskbridge.vendors.attributes.task
  - taskbridge.vendors.seal.actiongroup
"""

EXAMPLES = r"""
# The examples expect SEAL_OPERATOR_URL, SEAL_OPERATOR_USERNAME, SEAL_OPERATOR_PASSWORD and SEAL_OPERATOR_SERVICE in the
# environment, and SEAL_OPERATOR_CLIENT_SECRET where the OpenID Connect client has one.

- name: Have a task ready, and print nothing
  taskbridge.vendors.seal_task:
    name: My Task
    metadata:
      description: Print task
      Printer: LocalPrinter
    documents:
      - path: /etc/hosts

- name: Print two copies of a file once, and wait for it
  taskbridge.vendors.seal_task:
    name: Printed once
    state: started
    metadata:
      Printer: LocalPrinter
    documents:
      - path: /etc/hosts
        name: hosts.txt
        metadata:
          copies: 2
    wait: true
    wait_timeout: 900

- name: Convert a file at each run of the playbook, and wait for what comes out
  taskbridge.vendors.seal_task:
    service: operator-dpf
    name: Nightly conversion
    type: convert
    state: started
    rerun: always
    documents:
      - path: /etc/hosts
    wait: true
  register: conversion  # what came out is in conversion.run.details.outputs

- name: Print once more only if the last time failed
  taskbridge.vendors.seal_task:
    name: Delivery notes
    state: started
    rerun: on_failure
    documents:
      - path: /etc/hosts
    wait: true

- name: Delete a task
  taskbridge.vendors.seal_task:
    name: Old task
    state: absent
"""

RETURN = r"""
action:
  description:
    - What was done, or would be done in check mode. One of V(created), V(updated), V(started), V(deleted) and V(unchanged).
    - With O(state=started) a new task is V(created) and then started, and one that differs V(updated) and then started.
  type: str
  returned: success
  sample: created
task:
  description: The task as the server has it afterwards, and the values of its options.
  type: dict
  returned: success, unless the task is absent
  contains:
    id:
      description: The server's id of the task (C(tid)). Absent in check mode for a task that would be created.
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
      description:
        - The input list in its order, each with C(href), and C(metadata) where it has its own.
        - In check mode a file that would be uploaded is told by its C(path).
      type: list
      elements: dict
      returned: when the server tells it
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
    id: cf5bfb0d-7861-499e-ad29-704f3ba1943c
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
      name: My Task
      documents:
        - path: /srv/plans/a.pdf
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
      description: What the run does, V(idle) or V(running), or how it ended, V(completed), V(failed) or V(stopped).
      type: str
      returned: always
    vendor_status:
      description: The server's own word for it.
      type: str
      returned: always
    started:
      description: Always null, as the server is not known to tell when a task was started.
      type: str
      returned: always
    ended:
      description: Always null, as the server is not known to tell when a task ended.
      type: str
      returned: always
    error:
      description:
        - Why it failed. The server is not known to tell; one of the properties C(error), C(errorMessage), C(message) and C(reason)
          of the task is shown, as a text or as an object with C(message) and C(code).
        - Empty where it did not fail, or none of them is there.
      type: str
      returned: always
    details:
      description: What the run made.
      type: dict
      returned: always
      contains:
        outputs:
          description: The output list of the task that has ended, each with C(href), and C(metadata) where it has its own.
          type: list
          elements: dict
          returned: when the run has ended and the server tells it
  sample:
    id: cf5bfb0d-7861-499e-ad29-704f3ba1943c
    status: completed
    vendor_status: finished
    started: null
    ended: null
    error: ""
    details:
      outputs:
        - href: /v1/services/operator-fileupload/repo/7d5cb0e2-52c4-4a0c-a7b1-6a0a4f6f6f0e
candidates:
  description: The ids of the tasks that all fit the declaration.
  type: list
  elements: str
  returned: when several tasks fit, which fails the module
  sample: [cf5bfb0d-7861-499e-ad29-704f3ba1943c, 0c3f2b50-6d0e-4f3e-8d43-3f5a1f0d8b11]
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
from ansible_collections.taskbridge.vendors.plugins.module_utils._runner import task_module
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.seal import VENDOR

MODULE = task_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
