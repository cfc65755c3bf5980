# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands under a secret key is found and masked wherever it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils._hiding import (
    MASK,
    forms,
    hide,
    password_in,
    secret_keys,
)
from hypothesis import given
from hypothesis import strategies as st

KEYS = {"pin", "code"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["pin", "name", "value", "other"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "hidden", "told"),
    [
        ({"pin": "1234", "other": 1}, {"pin": MASK, "other": 1}, ["1234"]),
        ({"a": [{"pin": 1234}]}, {"a": [{"pin": MASK}]}, ["1234"]),
        ([{"deep": ({"pin": "x"},)}], [{"deep": [{"pin": MASK}]}], ["x"]),
        ({"pin": {"a": "x", "b": ["y", None, True]}}, {"pin": MASK}, ["x", "y"]),
        ({"text": json.dumps({"pin": "1234"})}, {"text": json.dumps({"pin": MASK})}, ["1234"]),
        ({"text": '{"other":1}'}, {"text": '{"other":1}'}, []),
        ({"text": "{no JSON", "deep": "[" * 100_000}, {"text": "{no JSON", "deep": "[" * 100_000}, []),
        ([{"name": "pin", "type": "a", "value": "x"}], [{"name": "pin", "type": "a", "value": MASK}], ["x"]),
        (
            {"name": "pin", "value": {"string": {"value": "x"}}, "type": "string"},
            {"name": "pin", "value": MASK, "type": "string"},
            ["x"],
        ),
        ({"key": "pin", "value": "x"}, {"key": "pin", "value": MASK}, ["x"]),
        ({"name": ["pin"], "value": "shown"}, {"name": ["pin"], "value": "shown"}, []),
        ({"pin": MASK, "code": None}, {"pin": MASK, "code": MASK}, []),
        ({"Pin": "x"}, {"Pin": "x"}, []),
        ("pin", "pin", []),
    ],
)
def test_what_is_secret_is_hidden_and_told(value: Any, hidden: Any, told: list[str]) -> None:
    found: list[str] = []
    assert hide(value, KEYS, found.append) == hidden
    assert found == told


@given(JSON)
def test_without_keys_nothing_is_hidden(value: Any) -> None:
    assert hide(value, ()) is value


@given(JSON, st.text(min_size=12, max_size=12, alphabet="xyz"))
def test_a_canary_never_survives(value: Any, canary: str) -> None:
    planted = {"deep": [{"pin": {"in": [canary]}}, value], "text": json.dumps([{"code": canary}])}
    found: list[str] = []
    assert canary not in json.dumps(hide(planted, KEYS, found.append))
    assert found.count(canary) >= 2


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        ({}, set()),
        ({"secret_keys": None}, set()),
        ({"secret_keys": ["a", 1]}, {"a", "1"}),
        ({"secret_keys": "a, b"}, {"a", "b"}),
        ({"secret_keys": 7, "tasks": "x"}, set()),
        ({"secret_keys": ["a"], "tasks": [{"secret_keys": "b"}, "x", {}]}, {"a", "b"}),
    ],
)
def test_secret_keys_are_known_before_options_are_checked(options: dict[str, Any], keys: set[str]) -> None:
    assert secret_keys(options) == keys


@given(st.text(min_size=1))
def test_a_secret_is_known_in_each_form(secret: str) -> None:
    known = forms(secret)
    assert secret in known
    for ascii_only in (True, False):
        quoted = json.dumps(secret, ensure_ascii=ascii_only)
        assert quoted[1:-1] in known
        assert json.dumps({"a": secret}, ensure_ascii=ascii_only) == f'{{"a": {quoted}}}'
    assert any(form in repr([secret]) for form in known)


@pytest.mark.parametrize(
    ("value", "password"),
    [
        ("https://me:s3cret@host/path", "s3cret"),
        ("https://me@host", None),
        ("https://[me:s3cret@host", None),
        ("text", None),
        (7, None),
    ],
)
def test_a_password_in_a_url_is_found(value: Any, password: str | None) -> None:
    assert password_in(value) == password


def test_a_text_nested_beyond_reason_is_hidden_whole() -> None:
    """JSON in a text in JSON may go deeper than any of them."""
    text = '{"password": "s3cret"}'
    for dummy in range(10):
        text = "[" * 100 + json.dumps(text) + "]" * 100
    hidden = hide({"parameters": text}, ["password"])
    assert "s3cret" not in str(hidden)
