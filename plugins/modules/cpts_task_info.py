# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the load-test tasks of CodeArts PerfTest."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cpts_task_info
short_description: List the load-test tasks of CodeArts PerfTest
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Lists the tasks of Huawei Cloud CodeArts PerfTest, of one test suite or of all.
  - All filters that are given must fit. Each task that is returned takes two further requests, as the lists show neither
    the run status nor the cases.
options:
  test_suite:
    description:
      - Only the tasks of this test suite, given by its name or id. A text is taken for a name first, and for an id when no
        suite is called so. A suite that does not exist has no tasks.
    type: raw
  name:
    description:
      - Only the tasks of this name.
    type: str
  task_id:
    description:
      - Only the task with this id.
    type: str
seealso:
  - module: taskbridge.vendors.cpts_task
extends_documentation_fragment:
  - taskbridge.vendors.cpts
  - taskbridge.vendors.connection
  - taskbridge.vendors.raw
  - taskbridge.vendors.attributes
  - taskbridge.vendors.attributes.info
  - taskbridge.vendors.cpts.actiongroup
"""

EXAMPLES = r"""
# The examples expect HW_REGION_NAME, HW_ACCESS_KEY and HW_SECRET_KEY in the environment.

- name: List the tasks of a test suite
  taskbridge.vendors.cpts_task_info:
    test_suite: web-shop
  register: perftest

- name: Print the names of those that run
  ansible.builtin.debug:
    msg: "{{ perftest.tasks | selectattr('state', 'equalto', 'running') | map(attribute='name') | list }}"
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
      description:
        - What the task does, in our words V(idle) (was never started), V(scheduled) (waits to run), V(running), V(paused), V(stopping),
          V(completed), V(failed) (was aborted), V(stopped) or V(unknown).
        - The server's status is the same for a task that never ran and for one whose run has ended; the traces of a run that the
          task shows tell which it is.
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
      description: The id of the last run, which is the id of its report.
      type: str
      returned: when known
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
    - id: "184138"
      name: Nightly load
      vendor: cpts
      state: idle
      test_suite: 393862
      cases: [449269, 449270]
      case_names: [browse, search]
      parallel: false
      next_runs: []
candidates:
  description: The ids of the suites that all have the name.
  type: list
  elements: str
  returned: when several fit, which fails the module
  sample: ["393862", "393863"]
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
from ansible_collections.taskbridge.vendors.plugins.module_utils._runner import info_module
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.cpts import VENDOR

MODULE = info_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
