# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option that names what is secret in free data."""

from __future__ import annotations


class ModuleDocFragment:
    """The option that names what is secret in free data."""

    DOCUMENTATION = r"""
options:
  secret_keys:
    description:
      - Keys whose values no result, diff, message or warning shows, at whatever depth of the options and of the server's answer they
        stand, also within a text that is JSON. They are compared and sent as any other.
      - What stands under such a key is masked as a whole. A text or a number of four characters or more in it is masked wherever else
        it occurs, too; a shorter one is not, as it may be part of any word.
    type: list
    elements: str
    version_added: 0.1.0
"""
