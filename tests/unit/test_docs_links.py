# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of the documentation site's links."""

from __future__ import annotations

import pytest
from tools.docs import Page, dead_links

REPOSITORY = "https://example.com/vendors/blob/main/"
PAGES = {
    "index.html": Page('<h1 id="top">Start</h1>'),
    "guides/start.html": Page('<h1 id="install it">Install</h1>'),
}
FILES = {"_static/site.css", f"{REPOSITORY}docs/emulator.md"}


@pytest.mark.parametrize(
    ("link", "is_dead"),
    [
        ("start.html", False),
        ("start.html#install%20it", False),
        ("#install%20it", False),
        ("../index.html#top", False),
        ("../_static/site.css?v=1", False),
        ("https://example.com/elsewhere", False),
        (f"{REPOSITORY}docs/emulator.md", False),
        ("index.html", True),
        ("../index.html#bottom", True),
        ("#top", True),
        ("../../index.html", True),
        ("../_static/other.css", True),
        (f"{REPOSITORY}docs/other.md", True),
    ],
)
def test_dead_links_are_told(link: str, is_dead: bool) -> None:
    """Links within the site and to the repository are followed, others are left alone."""
    page = Page(f'<h1 id="install it">Install</h1><a href="{link}">here</a>')
    told = list(dead_links({**PAGES, "guides/start.html": page}, FILES, REPOSITORY))
    assert told == ([f"guides/start.html: {link}"] if is_dead else [])
