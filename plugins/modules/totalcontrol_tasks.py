#!/usr/bin/python
# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.taskbridge.vendors.plugins.module_utils._bulk import tasks_module
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.totalcontrol import VENDOR

MODULE = tasks_module(VENDOR)


def main() -> None:
    """Run the module."""
    MODULE.run(AnsibleModule(**MODULE.arguments))


if __name__ == "__main__":
    main()
