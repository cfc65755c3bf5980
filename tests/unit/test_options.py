# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs and the connection read out of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.basic import env_fallback
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import MASK, Connection, Secrets
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import OptionError
from ansible_collections.taskbridge.vendors.plugins.module_utils._options import (
    ArgumentSpec,
    Veil,
    check_wait,
    connection,
    connection_options,
    from_environment,
)


@pytest.mark.parametrize("option", ["wait_timeout", "wait_interval"])
@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
def test_times_that_cannot_be_waited(option: str, seconds: float) -> None:
    with pytest.raises(OptionError, match=f"^{option}: {seconds}"):
        check_wait({"wait_timeout": 1.0, "wait_interval": 1.0, option: seconds})


@pytest.mark.parametrize("params", [{}, {"wait_timeout": 0.1, "wait_interval": float("inf")}])
def test_times_that_can_be_waited(params: dict[str, float]) -> None:
    check_wait(params)


def test_merging_keeps_all_options_and_rules() -> None:
    one = ArgumentSpec(
        options={"a": {"type": "str"}, "b": {"type": "str"}},
        mutually_exclusive=(("a", "b"),),
        required_together=(("a", "b"),),
        required_one_of=(("a", "b"),),
        required_if=(("a", "x", ("b",)),),
        required_by={"a": ("b",)},
    )
    two = ArgumentSpec(
        options={"b": {"type": "int"}, "c": {"type": "str"}},
        mutually_exclusive=(("b", "c"),),
        required_together=(("b", "c"),),
        required_one_of=(("b", "c"),),
        required_if=(("c", "x", ("b",)),),
        required_by={"c": ("b",)},
    )
    merged = one.merge(two)
    assert merged.options == {"a": {"type": "str"}, "b": {"type": "int"}, "c": {"type": "str"}}
    assert merged.module_arguments() == {
        "argument_spec": merged.options,
        "mutually_exclusive": [["a", "b"], ["b", "c"]],
        "required_together": [["a", "b"], ["b", "c"]],
        "required_one_of": [["a", "b"], ["b", "c"]],
        "required_if": [["a", "x", ("b",)], ["c", "x", ("b",)]],
        "required_by": {"a": ["b"], "c": ["b"]},
        "supports_check_mode": True,
    }
    assert one.options["b"] == {"type": "str"}
    assert one.merge() == one


def test_an_address_may_be_left_to_the_vendor() -> None:
    assert connection_options("ACME").options["url"]["required"] is True
    assert "required" not in connection_options("ACME", url_required=False).options["url"]
    given = {name: option.get("default") for name, option in connection_options("ACME").options.items()}
    assert connection(given, "https://derived.example.com/").url == "https://derived.example.com"


def test_an_option_falls_back_to_the_environment() -> None:
    option = {"type": "str"}
    assert from_environment(option, "A", "B") == {"type": "str", "fallback": (env_fallback, ["A", "B"])}
    assert option == {"type": "str"}


@pytest.mark.parametrize("name", ["url", "username", "password", "token", "validate_certs"])
def test_each_connection_option_has_its_variable(name: str) -> None:
    assert connection_options("ACME").options[name]["fallback"] == (env_fallback, [f"ACME_{name.upper()}"])


@pytest.mark.parametrize("name", ["password", "token"])
def test_secret_options_are_not_logged(name: str) -> None:
    assert connection_options("ACME").options[name]["no_log"] is True


def params(**given: Any) -> dict[str, Any]:
    options = connection_options("ACME").options
    return {**{name: option.get("default") for name, option in options.items()}, "url": "https://h/", **given}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Connection("https://h", verify=True, cert=None, timeout=30.0, retries=3)),
        ({"timeout": 0.5, "retries": 0}, Connection("https://h", timeout=0.5, retries=0)),
        ({"validate_certs": False}, Connection("https://h", verify=False)),
        ({"validate_certs": False, "ca_path": "/ca"}, Connection("https://h", verify=False)),
        ({"ca_path": "/ca"}, Connection("https://h", verify="/ca")),
        ({"client_cert": "/c"}, Connection("https://h", cert="/c")),
        ({"client_cert": "/c", "client_key": "/k"}, Connection("https://h", cert=("/c", "/k"))),
    ],
)
def test_a_connection_is_read(given: dict[str, Any], expected: Connection) -> None:
    assert connection(params(**given)) == expected


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"timeout": 0}, "timeout: 0 is not a positive"),
        ({"timeout": -1.5}, "timeout: -1.5 is not a positive"),
        ({"retries": -1}, "retries: -1 is negative"),
        ({"url": "h"}, "url: 'h' is not a usable URL"),
        ({"url": "https://me:hidden@h"}, "url: 'https://h' was given with credentials"),
    ],
)
def test_a_connection_option_is_refused_by_name(given: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError) as caught:
        connection(params(**given))
    assert str(caught.value).startswith(words)


HIDDEN = [
    ({"pin": "s3cret", "name": "x"}, {"pin": MASK, "name": "x"}),
    ({"pin": {"a": ["s3cret", True]}}, {"pin": MASK}),
    ([{"deep": ({"pin": "s3cret"},)}], [{"deep": [{"pin": MASK}]}]),
    (
        {"name": "pin", "value": {"string": {"value": "s3cret"}}, "type": "string"},
        {"name": "pin", "value": MASK, "type": "string"},
    ),
    ({"key": "pin", "value": "s3cret"}, {"key": "pin", "value": MASK}),
    ({"text": '{"pin": "s3cret", "a": 1}'}, {"text": f'{{"pin": "{MASK}", "a": 1}}'}),
    ({"pin": "s3cret", "text": "{no JSON"}, {"pin": MASK, "text": "{no JSON"}),
    ({"pin": None, "copy": "s3cret", "Pin": "s3cret"}, {"pin": MASK, "copy": "s3cret", "Pin": "s3cret"}),
    ({"name": ["pin"], "value": "shown"}, {"name": ["pin"], "value": "shown"}),
    ('{"a":   1}', '{"a":   1}'),
]


@pytest.mark.parametrize(("value", "hidden"), HIDDEN)
def test_what_stands_under_a_secret_key_is_hidden(value: Any, hidden: Any) -> None:
    assert Veil.of({"secret_keys": ["pin"]}, Secrets()).hide(value) == hidden


@pytest.mark.parametrize("value", [value for value, hidden in HIDDEN[:6]])
def test_what_was_hidden_is_masked_in_texts(value: Any) -> None:
    secrets = Secrets()
    Veil.of({"secret_keys": ["pin"]}, secrets).hide(value)
    assert secrets.mask("It has s3cret, and True.") == f"It has {MASK}, and True."


@pytest.mark.parametrize("given", [None, [], "", 7])
def test_without_secret_keys_nothing_is_hidden(given: Any) -> None:
    told: list[str] = []
    value = {"pin": "s3cret", "text": '{"pin": 1}'}
    assert Veil.of({"secret_keys": given}, Secrets(told.append)).hide(value) == value
    assert told == []


def test_numbers_are_secrets_and_masks_are_none() -> None:
    told: list[str] = []
    Veil.of({"secret_keys": ["pin"]}, Secrets(told.append)).hide(
        [{"pin": 4711}, {"pin": MASK}, {"pin": False}]
    )
    assert told == ["4711"]


def test_names_of_options_are_no_secret_keys() -> None:
    """A key may be called as an option is."""
    veil = Veil.of({"secret_keys": ["name"]}, Secrets())
    assert veil.over_each({"name": "x", "metadata": {"name": "y"}}) == {
        "name": "x",
        "metadata": {"name": MASK},
    }
