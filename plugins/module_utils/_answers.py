# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what a server answers, within bounds that all code behind can bear, and says why it cannot be read.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

# The longest answer, unpacked; ten thousand tasks take about a tenth of it. In bytes, as is each part read.
MAX_ANSWER = 64 << 20
CHUNK = 64 << 10
# No vendor nests ten levels deep; what is read is gone through by functions that call themselves.
MAX_DEPTH = 64
NOT_JSON = "is not JSON"

_TOO_DEEP = f"is nested deeper than {MAX_DEPTH} levels"
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^\s;\"']+)", re.IGNORECASE)
_HALF_A_CHARACTER = ("\\ud", "\\uD")


class UnboundedError(Exception):
    """An answer may have no end; its text completes "the answer ..."."""


class UnreadableError(ValueError):
    """An answer cannot be read as JSON; its text completes "the answer ..."."""


def read_within(parts: Iterable[bytes], headers: Mapping[str, str]) -> bytes:
    """Join the parts of an answer, and read no further than memory can bear.

    It may be packed a thousandfold, and packed again a millionfold, within one part.
    """
    if "," in headers.get("Content-Encoding", ""):
        raise UnboundedError("is packed more than once")
    read = []
    left = MAX_ANSWER
    for part in parts:
        left -= len(part)
        if left < 0:
            raise UnboundedError(f"is longer than {MAX_ANSWER >> 20} MB")
        read.append(part)
    return b"".join(read)


def decoded(content: bytes, media: str = "") -> str:
    """Return the text of an answer in the encoding that its media type names, else in that of JSON."""
    named = _CHARSET.search(media)
    encoding = named.group(1) if named else json.detect_encoding(content)
    try:
        text = content.decode(encoding)
        text.encode()  # some encodings let halves of characters through
    except LookupError:
        raise UnreadableError(f"is in the encoding {encoding!r}, which nobody knows") from None
    except UnicodeError:
        raise UnreadableError(f"cannot be decoded as {encoding}") from None
    return text.removeprefix("\ufeff")


def legible(content: bytes) -> str:
    """Return what a person may make of an answer, whatever its encoding."""
    return content.decode("utf-8", "replace")


def parsed(text: str) -> Any:
    """Read JSON; raises UnreadableError for what is none, or holds what no code behind can bear."""
    try:
        value = json.loads(text, parse_constant=_refuse_number, parse_float=_finite)
    except json.JSONDecodeError:
        raise UnreadableError(_why_not_json(text)) from None
    except RecursionError:
        raise UnreadableError(_TOO_DEEP) from None
    except UnreadableError:
        raise
    except ValueError:  # Python's limit of digits
        raise UnreadableError("holds a number of too many digits") from None
    if _is_too_deep(value):
        raise UnreadableError(_TOO_DEEP)
    if any(half in text for half in _HALF_A_CHARACTER):
        _check_characters(value)
    return value


def _refuse_number(text: str) -> Any:
    raise UnreadableError(f"holds {text[:20]}, which is no finite number")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse_number(text)


def _why_not_json(text: str) -> str:
    start = text.lstrip()[:200].lower()
    if not start:
        return "is empty"
    if start.startswith("<") and "html" in start:
        return "is a web page and not JSON"
    return NOT_JSON


def _is_too_deep(value: Any) -> bool:
    level: list[Any] = [[value]]
    for dummy in range(MAX_DEPTH + 1):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, (dict, list))]
    return bool(level)


def _inside(outer: Any) -> Iterable[Any]:
    return outer.values() if isinstance(outer, dict) else outer


def _check_characters(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise UnreadableError("holds half a character, which no text can") from None
