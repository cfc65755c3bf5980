# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The code blocks of the documentation, for the linters and for the tests that run them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import yaml

from tools.project import ROOT

PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/**/*.md",
    "docs/docsite/rst/*.rst",
    "roles/*/README.md",
)

# What is "bare" has no language, which no test handles: an indented block of Markdown, and one after a
# paragraph that ends with two colons.
MARKDOWN = re.compile(
    r"^```(?P<language>\S*)\n(?P<text>.*?)^```$|(?<=\n\n)(?P<bare>    \S.*?\n)(?=\n|\Z)", re.M | re.S
)
DIRECTIVE = re.compile(
    r"^(?P<margin> *)\.\. code-block::(?P<language>.*)\n(?P<options>(?: +:.*\n)*)\n"
    r"(?P<text>(?:(?P=margin) +\S.*\n|\n)+)"
    r"|^(?! *\.\. ).*::\n\n(?P<bare>(?: +\S.*\n|\n)+)",
    re.M,
)

PLAY = """\
- name: Run the tasks of a page
  hosts: localhost
  connection: local
  gather_facts: false
  tasks:
"""


@dataclass(frozen=True)
class Block:
    """A code block: where it stands, its language, what it is called, and what it says."""

    page: str
    number: int
    language: str
    caption: str
    text: str

    @property
    def name(self) -> str:
        """The block's name, which can be that of a file."""
        return f"{re.sub(r'[^a-z]+', '_', self.page.lower().rpartition('.')[0])}_{self.number}"

    @cached_property
    def data(self) -> Any:
        """What a block of YAML says."""
        return yaml.safe_load(self.text)

    @property
    def playbook(self) -> str | None:
        """The block as a playbook, tasks within a play of their own; nothing where it is data."""
        entries = self.data if self.language == "yaml" and isinstance(self.data, list) else [{}]
        if "hosts" in entries[0]:
            return f"---\n{self.text}"
        is_task = "block" in entries[0] or any("." in key for key in entries[0])
        return f"---\n{PLAY}{indent(self.text, '    ')}" if is_task else None


def blocks_of(page: str, text: str) -> Iterator[Block]:
    """Yield the code blocks of a page."""
    pattern = DIRECTIVE if page.endswith(".rst") else MARKDOWN
    for number, found in enumerate(pattern.finditer(text), 1):
        part = {name: value or "" for name, value in found.groupdict().items()}
        caption = re.search(r":caption: (.+)", part.get("options", ""))
        yield Block(
            page,
            number,
            part["language"].strip().removesuffix("+jinja"),
            caption[1] if caption else "",
            dedent(part["text"] or part["bare"]).strip("\n") + "\n",
        )


def blocks() -> list[Block]:
    """Return all code blocks of the documentation."""
    paths = sorted({path for pattern in PAGES for path in ROOT.glob(pattern)})
    return [
        block for path in paths for block in blocks_of(str(path.relative_to(ROOT)), path.read_text("utf-8"))
    ]


def write_playbooks(directory: Path) -> None:
    """Write the blocks that are playbooks into a directory, each as a file."""
    directory.mkdir(parents=True, exist_ok=True)
    for block in blocks():
        if block.playbook:
            (directory / f"{block.name}.yml").write_text(block.playbook, encoding="utf-8")
