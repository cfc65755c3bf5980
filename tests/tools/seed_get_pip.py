# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Give ansible-test a get-pip it does not have to download.

ansible-test makes virtual environments without pip and then fetches get-pip from a server of its own, which
is not reachable from everywhere. It looks into its cache first, so a stand-in put there saves the download:
every Python that can make a virtual environment carries a pip.
"""

from __future__ import annotations

from pathlib import Path

STAND_IN = '''\
"""A stand-in for get-pip: the pip this Python carries, then the packages asked for."""
import subprocess
import sys

# In a child process, because ensurepip turns off pip's configuration files in its own.
subprocess.check_call([sys.executable, "-m", "ensurepip", "--default-pip"])
packages = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install"] + packages))
'''

# The names under which ansible-core 2.16 and 2.17, 2.18 and 2.19, 2.20 and 2.21 look for it.
VERSIONS = ("23_1_2", "24_2", "25_2")


def seed(home: Path) -> None:
    """Put the stand-in where ansible-test looks, below this home directory, unless something is there."""
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in VERSIONS:
        path = cache / f"get_pip_{version}.py"
        if not path.exists():
            path.write_text(STAND_IN, encoding="utf-8")
