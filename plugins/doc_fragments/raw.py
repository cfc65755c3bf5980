# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option that shows the vendor's own object."""

from __future__ import annotations


class ModuleDocFragment:
    """The option that shows the vendor's own object."""

    DOCUMENTATION = r"""
options:
  include_raw:
    description:
      - Whether to return the vendor's own object too, as C(raw), with what is named like a secret masked.
    type: bool
    default: false
"""
