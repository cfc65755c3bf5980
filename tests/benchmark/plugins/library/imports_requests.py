# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The least that a module which speaks HTTP by requests can be."""

from __future__ import annotations

from typing import Any

import requests
from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    """Run the module."""
    module: Any = AnsibleModule(  # type: ignore[no-untyped-call]
        {}
    )
    module.exit_json(changed=False, requests=requests.__version__)


if __name__ == "__main__":
    main()
