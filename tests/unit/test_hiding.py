# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands under a secret key is found and masked wherever it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils._hiding import MASK, found_under, hide
from hypothesis import given
from hypothesis import strategies as st

KEYS = {"pin", "key"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["pin", "name", "value", "other"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "hidden", "found"),
    [
        ({"pin": "1234", "other": 1}, {"pin": MASK, "other": 1}, ["1234"]),
        ({"a": [{"pin": 1234}]}, {"a": [{"pin": MASK}]}, ["1234"]),
        ({"pin": {"a": "x", "b": ["y", None, True]}}, {"pin": MASK}, ["x", "y"]),
        ({"text": json.dumps({"pin": "1234"})}, {"text": json.dumps({"pin": MASK})}, ["1234"]),
        ({"text": '{"other":1}'}, {"text": '{"other":1}'}, []),
        ({"text": "{no JSON"}, {"text": "{no JSON"}, []),
        (
            [{"name": "pin", "type": "string", "value": "x"}],
            [{"name": "pin", "type": "string", "value": MASK}],
            [],
        ),
        ("pin", "pin", []),
    ],
)
def test_what_is_secret_is_hidden_and_found(value: Any, hidden: Any, found: list[str]) -> None:
    assert hide(value, KEYS) == hidden
    assert list(found_under(value, KEYS)) == found


@given(JSON)
def test_without_keys_nothing_is_hidden(value: Any) -> None:
    assert hide(value, ()) is value


@given(JSON, st.text(min_size=12, max_size=12, alphabet="xyz"))
def test_a_canary_never_survives(value: Any, canary: str) -> None:
    planted = {"deep": [{"pin": {"in": [canary]}}, value], "text": json.dumps([{"key": canary}])}
    assert canary not in json.dumps(hide(planted, KEYS))


def test_a_text_nested_beyond_reason_is_hidden_whole() -> None:
    """JSON in a text in JSON may go deeper than any of them."""
    text = '{"password": "s3cret"}'
    for dummy in range(10):
        text = "[" * 100 + json.dumps(text) + "]" * 100
    hidden = hide({"parameters": text}, ["password"])
    assert "s3cret" not in str(hidden)
