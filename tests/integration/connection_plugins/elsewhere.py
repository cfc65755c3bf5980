# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection that is not the local one, as far as Ansible can tell, for hosts that are elsewhere."""

from __future__ import annotations

from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = """
name: elsewhere
short_description: Another host that happens to be this one
description: Runs commands here under another name than C(local).
extends_documentation_fragment:
  - connection_pipelining
"""


class Connection(LocalConnection):
    """Runs commands on this machine."""

    transport = "elsewhere"
