# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcomes of the cells as a table, and the cells that are known to break the promise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from faults.matrix import COLUMNS

PAGE = Path(__file__).parent / "KNOWN.md"
LEGEND = (
    "recovered: a request was sent again, and the run succeeded",
    "adopted: the answer was of no use, the server was asked, and the run succeeded",
    "unharmed: the requests that follow anyway were enough, and the run succeeded",
    "rerun: the run failed and had done nothing, or told what; one rerun brought what is declared",
    "unclear: the run failed and said that it cannot know; one rerun brought what is declared",
    "KNOWN: the promise is broken, as told in tests/faults/KNOWN.md",
    "BROKEN: the promise is broken",
)


@cache
def _known() -> dict[str, str]:
    return dict(re.findall(r"(?m)^- `([^`]+)`: (.+)$", PAGE.read_text(encoding="utf-8")))


def known(cell: str) -> str | None:
    """Return why a cell is known to break the promise."""
    return next((reason for pattern, reason in _known().items() if re.fullmatch(pattern, cell)), None)


def _words(stats: Mapping[str, list[Any]]) -> Iterator[tuple[str, str, str]]:
    """Yield row, column and outcome of each cell that ran, as pytest reports it."""
    for kind, word in (("passed", ""), ("xfailed", "KNOWN"), ("failed", "BROKEN")):
        for report in stats.get(kind, []):
            properties = dict(getattr(report, "user_properties", ()))
            if "cell" in properties:
                row, column = properties["cell"]
                yield row, column, word or properties["outcome"]


def table(stats: Mapping[str, list[Any]]) -> Iterator[str]:
    """Yield the table, whose rows are operations with the request that met the fault, and the numbers."""
    found: dict[str, dict[str, set[str]]] = {}
    words = []
    for row, column, word in _words(stats):
        found.setdefault(row, {}).setdefault(column, set()).add(word)
        words.append(word)
    if not words:
        return
    lines = [["operation and request", *COLUMNS]]
    for row, outcomes in sorted(found.items()):
        lines.append([row, *("/".join(sorted(outcomes.get(column, "-"))) for column in COLUMNS)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        yield "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
    yield from LEGEND
    bad = sum(word in ("KNOWN", "BROKEN") for word in words)
    yield f"{len(words)} cells, {len(words) - bad} as promised, {bad} not"
