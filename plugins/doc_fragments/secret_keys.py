# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option that tells what in free dictionaries is secret."""

from __future__ import annotations


class ModuleDocFragment:
    """The option that tells what in free dictionaries is secret."""

    DOCUMENTATION = r"""
options:
  secret_keys:
    description:
      - Keys whose values are secret, compared as they are written. What stands under one of them, at any depth of the options
        and of what the server answers, is masked in all that the module returns, in the C(diff) on both sides, and in messages.
        A change of it is a change all the same.
      - A text or a number under such a key is masked wherever else it occurs in a result, as with C(no_log), so a short one makes
        results hard to read.
    type: list
    elements: str
"""
