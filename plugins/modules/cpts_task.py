# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage a load-test task of CodeArts PerfTest."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cpts_task
short_description: Manage a load-test task of CodeArts PerfTest
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Creates, changes and deletes a task of Huawei Cloud CodeArts PerfTest, and starts and stops its run.
  - The task is found by O(test_suite) and O(name), or by O(task_id). When several tasks fit, nothing is changed and the error
    lists their ids.
  - Only what is given is compared, and an option that is left out keeps its value.
options:
  state:
    description:
      - V(present) - the task exists as declared. It is not started.
      - V(absent) - the task does not exist.
      - V(started) - the task exists as declared and has been started. A task that waits or runs is left alone, and one whose
        run is over is started again only if O(rerun) says so.
      - V(stopped) - the task does not run. A task that does not exist does not run either.
    type: str
    choices: [present, absent, started, stopped]
    default: present
  task_id:
    description:
      - The id of an existing task, to rename it, or to choose among several of one name.
    type: str
  name:
    description:
      - The name of the task. The vendor's older pages allow 42 characters.
    type: str
  test_suite:
    description:
      - Name or id of the test suite, which the vendor calls a project too. A text is taken for a name first, and for an id
        when no suite is called so.
      - Needed unless O(task_id) is given. It cannot be changed.
      - With O(state=absent), a suite that does not exist has no task either. Otherwise it is an error.
    type: raw
  cases:
    description:
      - Names or ids of the test cases of the suite, in the order in which they run. A text is taken for a name first, and
        for an id when no case is called so.
      - The order counts unless the task runs its cases in parallel.
      - A new task has none if this is left out, and an empty list takes away all of them.
    type: list
    elements: raw
  parallel:
    description:
      - Whether the cases run all at once, instead of one after the other.
      - A new task is serial if this is left out.
    type: bool
  full_link:
    description:
      - Whether the task is for full-link pressure tests.
      - Counts when the task is created. No documented answer shows it, so for a task that exists already there is a warning
        instead of a comparison.
    type: bool
  cluster:
    description:
      - Where a run takes place. Counts when it is started.
    type: dict
    suboptions:
      type:
        description:
          - The kind of resource group.
        type: str
        choices: [shared-cluster-internet, private-cluster]
        default: shared-cluster-internet
      id:
        description:
          - The id of the resource group. Needed for a private one, V(0) for the shared one.
        type: int
  rerun:
    description:
      - With O(state=started), whether to start a task whose run is over.
      - V(never) - no.
      - V(always) - at each run of the playbook, unless the task waits or runs.
      - V(on_failure) - when the last run was aborted.
    type: str
    choices: [never, always, on_failure]
    default: never
  wait:
    description:
      - With O(state=started) or O(state=stopped), whether to wait until the run is over. A run that was aborted fails the module.
    type: bool
    default: false
  wait_timeout:
    description:
      - After how many seconds to give up waiting. The run goes on.
    type: float
    default: 600
  wait_interval:
    description:
      - Seconds between two looks.
    type: float
    default: 5
  thresholds:
    description:
      - With O(state=started) and O(wait=true), what the figures of the run's report must keep to. A run that misses one fails the
        module with each figure that misses, so a playbook can gate a release.
      - A figure that the report does not give counts as missed. It is looked for a few times, as a report may be late.
      - A run that has ended is judged anew at each run of the playbook, and not started again.
      - That the server's times are in milliseconds and its rates in percent rests on inference; no page of the vendor names a
        unit.
    type: dict
    suboptions:
      success_rate:
        description: The least percentage of requests that succeed.
        type: float
      error_rate:
        description: The greatest percentage of requests that fail.
        type: float
      average_response_time:
        description: The longest average response time, in milliseconds.
        type: float
      max_response_time:
        description: The longest response time of any request, in milliseconds.
        type: float
      tp50:
        description: In how many milliseconds half of the requests must be answered.
        type: float
      tp90:
        description: In how many milliseconds 90 percent of the requests must be answered.
        type: float
      tp95:
        description: In how many milliseconds 95 percent of the requests must be answered, in the slowest case.
        type: float
      tp99:
        description: In how many milliseconds 99 percent of the requests must be answered, in the slowest case.
        type: float
      rps:
        description: The least number of requests in a second.
        type: float
      tps:
        description: The least number of transactions in a second.
        type: float
      request_count:
        description: The least number of requests, so that a run that loaded nothing does not pass.
        type: float
attributes:
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: partial
    details:
      - With O(rerun=always) each invocation starts a task that does not run, and with O(rerun=on_failure) the one after an
        aborted run does.
      - That the server lists the cases in the order they were given rests on inference. If it does not, a serial task whose
        cases are declared in another order is set again each time.
notes:
  - Tasks are created and changed with the vendor's API v3. A task of the old kind is found, started, stopped and deleted as
    well, and whether the server lets it be changed is not known.
  - That the server shows the run status of a task that API v3 created rests on inference. Where it does not, the state is
    V(unknown), and such a task can be changed and deleted, but not started or stopped.
  - What a task costs is decided by its runs. Creating one is free of charge.
seealso:
  - module: taskbridge.vendors.cpts_task_info
extends_documentation_fragment:
  - taskbridge.vendors.cpts
  - taskbridge.vendors.connection
  - taskbridge.vendors.raw
  - taskbridge.vendors.reuse_listing
  - taskbridge.vendors.attributes
  - taskbridge.vendors.attributes.task
  - taskbridge.vendors.cpts.actiongroup
"""

EXAMPLES = r"""
# The examples expect HW_REGION_NAME, HW_ACCESS_KEY and HW_SECRET_KEY in the environment,
# and a test suite "web-shop" with the cases "browse", "search" and "pay".

- name: Declare a load test that runs three cases one after the other
  taskbridge.vendors.cpts_task:
    test_suite: web-shop
    name: Nightly load
    cases:
      - browse
      - search
      - pay

- name: Run all cases at once instead, and leave everything else as it is
  taskbridge.vendors.cpts_task:
    test_suite: web-shop
    name: Nightly load
    parallel: true

- name: Run a load test once, and wait for its end
  taskbridge.vendors.cpts_task:
    test_suite: web-shop
    name: Release candidate
    cases: [browse, pay]
    state: started
    wait: true
    wait_timeout: 3600

- name: Go on with the release only if the run was good enough
  taskbridge.vendors.cpts_task:
    test_suite: web-shop
    name: Release candidate
    cases: [browse, pay]
    state: started
    wait: true
    wait_timeout: 3600
    thresholds:
      success_rate: 99.5
      average_response_time: 200
      tp99: 1000

- name: Run it again if the last run was aborted, on machines of our own
  taskbridge.vendors.cpts_task:
    test_suite: web-shop
    name: Release candidate
    cases: [browse, pay]
    state: started
    rerun: on_failure
    cluster:
      type: private-cluster
      id: 1207

- name: Stop a load test
  taskbridge.vendors.cpts_task:
    test_suite: web-shop
    name: Release candidate
    state: stopped

- name: Delete a load test
  taskbridge.vendors.cpts_task:
    test_suite: web-shop
    name: Nightly load
    state: absent
"""

RETURN = r"""
action:
  description: What was done first, or would be done in check mode. One of V(created), V(updated), V(deleted), V(started), V(stopped) and V(unchanged).
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
      description:
        - What the task does, in our words V(idle) (was never started), V(scheduled) (waits to run), V(running), V(paused), V(stopping),
          V(completed), V(failed) (was aborted), V(stopped) or V(unknown).
        - The server's status is the same for a task that never ran and for one whose run has ended. With O(state=started) the list of
          runs tells which it is; otherwise the traces of a run that the task shows do.
      type: str
      returned: when known
    enabled:
      description: Whether the task is switched on.
      type: bool
      returned: where the vendor can switch tasks on and off
    case_names:
      description: The names of the cases, in the order of their ids in C(cases).
      type: list
      elements: str
      returned: always
    run_id:
      description: The id of the run that was started, or else of the last one, which is the id of its report.
      type: str
      returned: when known
    started:
      description: When that run started, as the server writes it.
      type: str
      returned: with O(state=started), once it is over
    ended:
      description: When that run ended, as the server writes it.
      type: str
      returned: with O(state=started), once it is over
    next_runs:
      description: Always empty, as the vendor has no schedules.
      type: list
      elements: str
      returned: always
    url:
      description: Where a person can look at the task.
      type: str
      returned: when known
    raw:
      description: The vendor's own objects, put together; what is named like a secret is masked.
      type: dict
      returned: when O(include_raw=true)
  sample:
    id: "184138"
    name: Nightly load
    vendor: cpts
    state: idle
    test_suite: 393862
    cases: [449269, 449270]
    case_names: [browse, search]
    parallel: false
    next_runs: []
diff:
  description: The managed options before and after, with suite and cases as ids.
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
      name: Nightly load
      test_suite: 393862
      parallel: false
    after:
      name: Nightly load
      test_suite: 393862
      parallel: true
run:
  description:
    - The run that was waited for.
    - One that was aborted or stopped, that missed one of the O(thresholds) or that did not end in time fails the module and is
      returned all the same, as it was last seen.
  type: dict
  returned: when O(wait=true) and not in check mode
  contains:
    id:
      description: The id of the run, which is that of its report, or the id of the task when no run is known.
      type: str
      returned: always
    status:
      description:
        - What the run does, V(scheduled), V(running), V(paused) or V(stopping), or how it ended, V(completed), V(failed) when it
          was aborted, or V(stopped).
        - V(reporting) when it has ended and its report lacks figures that are to be judged, and V(idle) when there was none.
      type: str
      returned: always
    vendor_status:
      description: The server's number for it (C(run_status)).
      type: str
      returned: always
    started:
      description: When it started.
      type: str
      returned: always
    ended:
      description: When it ended.
      type: str
      returned: always
    error:
      description: Why it was aborted, as far as the server and the report's cases say.
      type: str
      returned: always
    details:
      description: What the report says; empty unless the run of O(state=started) is over.
      type: dict
      returned: always
      contains:
        figures:
          description:
            - The figures of the run, those of O(thresholds) and C(success_count), C(error_count), C(max_rps), C(max_users) and
              C(min_response_time). What the report does not give is left out.
          type: dict
          returned: when the run is over
        cases:
          description: For each case its C(name), its figures, and C(failed_reason), which is empty where none is given.
          type: list
          elements: dict
          returned: when the run is over
        thresholds:
          description: For each threshold the C(figure), what was C(wanted) and C(measured), its C(kind), and whether it is C(met).
          type: list
          elements: dict
          returned: when the run is over
        report_error:
          description: Why the report could not be read; empty where it could.
          type: str
          returned: when the run is over
  sample:
    id: "48105"
    status: completed
    vendor_status: "2"
    started: "2030-01-01T15:26:10+08:00"
    ended: "2030-01-01T15:56:10+08:00"
    error: ""
    details:
      figures:
        request_count: 12000
        success_rate: 99.9
        error_rate: 0.1
        average_response_time: 143.5
        tp99: 780
      cases:
        - name: browse
          failed_reason: ""
          success_rate: 99.9
          tp99: 780
      thresholds:
        - figure: success_rate
          kind: at_least
          wanted: 99.5
          measured: 99.9
          met: true
      report_error: ""
candidates:
  description: The ids of the tasks, suites or cases that all fit the declaration.
  type: list
  elements: str
  returned: when several fit, which fails the module
  sample: ["184138", "184139"]
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
    vendor_code: SVCSTG.CPTS.4031009
    http_status: 403
    request: GET https://cpts.cn-north-4.myhuaweicloud.com/v1/0123456789abcdef0123456789abcdef/test-suites
    retryable: false
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.taskbridge.vendors.plugins.module_utils._runner import task_module
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.cpts import VENDOR

MODULE = task_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
