# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs and the connection read out of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.errors import AnsibleFallbackNotFound
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import Connection
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import OptionError
from ansible_collections.taskbridge.vendors.plugins.module_utils._options import (
    ArgumentSpec,
    check_wait,
    connection,
    connection_options,
    filled_variable,
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
    assert from_environment(option, "A", "B") == {"type": "str", "fallback": (filled_variable, ["A", "B"])}
    assert option == {"type": "str"}


@pytest.mark.parametrize(
    ("variables", "value"), [({"A": "a", "B": "b"}, "a"), ({"A": "", "B": "b"}, "b"), ({"B": "b"}, "b")]
)
def test_the_first_variable_that_holds_something_counts(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], value: str
) -> None:
    for name, content in variables.items():
        monkeypatch.setenv(name, content)
    assert filled_variable("A", "B") == value


@pytest.mark.parametrize("variables", [{}, {"A": ""}])
def test_an_empty_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, content in variables.items():
        monkeypatch.setenv(name, content)
    with pytest.raises(AnsibleFallbackNotFound):
        filled_variable("A")


@pytest.mark.parametrize("name", ["url", "username", "password", "token", "validate_certs"])
def test_each_connection_option_has_its_variable(name: str) -> None:
    assert connection_options("ACME").options[name]["fallback"] == (filled_variable, [f"ACME_{name.upper()}"])


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
