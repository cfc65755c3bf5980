# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option of the modules for one task that spares the items of a loop a listing each."""

from __future__ import annotations


class ModuleDocFragment:
    """The option of the modules for one task that spares the items of a loop a listing each."""

    DOCUMENTATION = r"""
options:
  reuse_listing:
    description:
      - For how many seconds the items of one loop may go by what an earlier item has read of the server. What an item writes
        makes the next one read anew.
      - Others may change the server in the meantime, which is not seen then. So it is off unless it is set.
      - It counts where the module runs inside Ansible's own worker, which keeps its login over the items of a loop in any case.
        A module that runs as a program of its own reads each time.
      - Many tasks are declared faster in one call of the module that takes a list.
    type: float
    default: 0.0
"""
