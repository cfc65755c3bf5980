# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison itself: it finds each kind of difference, and takes what is right."""

from __future__ import annotations

from typing import Any

import pytest
from unit.emulator.conformance.shape import compare

RIGHT: list[tuple[Any, Any]] = [
    ({"a": "<string>", "b": 1}, {"b": 1, "a": "text"}),
    ({"a?": "<string>"}, {}),
    ({"a?": "<string>"}, {"a": ""}),
    ("<integer|null>", None),
    ("<integer|null>", 3),
    ("<string ~ [0-9]{2}>", "12"),
    ({"<each>": {"a": "<boolean>"}}, [{"a": True}, {"a": False}]),
    (["<list>", "<object>", 1.5], [[1], {"any": 1}, 1.5]),
    ([], []),
]
WRONG: list[tuple[Any, Any, str]] = [
    ({"a": 1}, {"a": 1, "b": 2}, ".b is not documented"),
    ({"a": 1, "b": 2}, {"a": 1}, ".b is missing"),
    ({"a": "<string>"}, {"a": 1}, ".a is 1, not 'string'"),
    ({"a?": "<string>"}, {"a": None}, ".a is None, not 'string'"),
    ({"a": {"b": "<list>"}}, {"a": {"b": {}}}, ".a.b is {}, not 'list'"),
    ("<integer>", True, "the answer is True, not 'integer'"),
    ("<integer>", 1.0, "the answer is 1.0, not 'integer'"),
    ("<double>", 1, "the answer is 1, not 'double'"),
    ("<string ~ [0-9]{2}>", "123", "the answer is '123', not '[0-9]{2}'"),
    ("fixed", "other", "the answer is 'other', not 'fixed'"),
    (1, True, "the answer is True, not 1"),
    (None, "", "the answer is '', not None"),
    ({}, [], "the answer is [], not 'an object'"),
    ([], {}, "the answer is {}, not 'a list'"),
    ([1], [1, 2], "the answer is [1, 2], not 'a list of 1'"),
    ([1, {"a": 1}], [1, {"a": 2}], "[1].a is 2, not 1"),
    ({"<each>": 1}, [], "the answer is [], not 'a list with something in it'"),
    ({"<each>": 1}, {"0": 1}, "the answer is {'0': 1}, not 'a list with something in it'"),
    ({"<each>": "<string>"}, ["a", 1], "[1] is 1, not 'string'"),
]


@pytest.mark.parametrize(("shape", "value"), RIGHT)
def test_what_is_right(shape: Any, value: Any) -> None:
    assert compare(shape, value).differences == ()


@pytest.mark.parametrize(("shape", "value", "difference"), WRONG)
def test_what_differs(shape: Any, value: Any, difference: str) -> None:
    assert compare(shape, value).differences == (difference,)


def test_all_differences_are_told() -> None:
    found = compare({"a": 1, "b": {"c": "<string>"}}, {"b": {"c": 1}, "d": 2})
    assert found.differences == (".a is missing", ".d is not documented", ".b.c is 1, not 'string'")


def test_what_is_kept() -> None:
    found = compare({"a": ["<string as first>"], "b": "<integer as number>"}, {"a": ["x"], "b": 7})
    assert found.kept == {"first": "x", "number": 7}


def test_a_mark_of_an_unknown_type_is_a_mistake_of_the_shape() -> None:
    with pytest.raises(KeyError, match="text"):
        compare("<text>", "a")
