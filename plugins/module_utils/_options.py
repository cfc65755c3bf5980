# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs, declared once, and the connection that is read out of them.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.basic import env_fallback

from ._client import MASK, Connection, Secrets, checked_url
from ._errors import OptionError

Options = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class ArgumentSpec:
    """Options with their rules, which AnsibleModule would keep apart."""

    options: Options = field(default_factory=dict)
    mutually_exclusive: tuple[tuple[str, ...], ...] = ()
    required_together: tuple[tuple[str, ...], ...] = ()
    required_one_of: tuple[tuple[str, ...], ...] = ()
    required_if: tuple[tuple[Any, ...], ...] = ()
    required_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def merge(self, *others: ArgumentSpec) -> ArgumentSpec:
        """Return this spec with the options and rules of the others added."""
        specs = (self, *others)
        return ArgumentSpec(
            options={name: option for spec in specs for name, option in spec.options.items()},
            mutually_exclusive=tuple(rule for spec in specs for rule in spec.mutually_exclusive),
            required_together=tuple(rule for spec in specs for rule in spec.required_together),
            required_one_of=tuple(rule for spec in specs for rule in spec.required_one_of),
            required_if=tuple(rule for spec in specs for rule in spec.required_if),
            required_by={name: rule for spec in specs for name, rule in spec.required_by.items()},
        )

    def module_arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of AnsibleModule."""
        return {
            "argument_spec": self.options,
            "mutually_exclusive": [list(rule) for rule in self.mutually_exclusive],
            "required_together": [list(rule) for rule in self.required_together],
            "required_one_of": [list(rule) for rule in self.required_one_of],
            "required_if": [list(rule) for rule in self.required_if],
            "required_by": {name: list(rule) for name, rule in self.required_by.items()},
            "supports_check_mode": True,
        }


def from_environment(option: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the option with the environment variables it falls back to."""
    return {**option, "fallback": (env_fallback, list(names))}


def connection_options(prefix: str, *, url_required: bool = True) -> ArgumentSpec:
    """Return the options to reach a server; ``prefix`` starts its environment variables."""
    url = {"type": "str", "required": True} if url_required else {"type": "str"}
    return ArgumentSpec(
        options={
            "url": from_environment(url, f"{prefix}_URL"),
            "username": from_environment({"type": "str"}, f"{prefix}_USERNAME"),
            "password": from_environment({"type": "str", "no_log": True}, f"{prefix}_PASSWORD"),
            "token": from_environment({"type": "str", "no_log": True}, f"{prefix}_TOKEN"),
            "validate_certs": from_environment({"type": "bool", "default": True}, f"{prefix}_VALIDATE_CERTS"),
            "ca_path": {"type": "path"},
            "client_cert": {"type": "path"},
            "client_key": {"type": "path"},
            "timeout": {"type": "float", "default": 30.0},
            "retries": {"type": "int", "default": 3},
        },
        required_by={"client_key": ("client_cert",)},
    )


INCLUDE_RAW = ArgumentSpec(options={"include_raw": {"type": "bool", "default": False}})

REUSE_LISTING = ArgumentSpec(options={"reuse_listing": {"type": "float", "default": 0.0}})

# The names are no secrets; what stands under them is.
SECRET_KEYS = ArgumentSpec(options={"secret_keys": {"type": "list", "elements": "str", "no_log": False}})

WAIT = ArgumentSpec(
    options={
        "wait": {"type": "bool", "default": False},
        "wait_timeout": {"type": "float", "default": 600.0},
        "wait_interval": {"type": "float", "default": 5.0},
    }
)


@dataclass(frozen=True)
class Veil:
    """Hides what stands under the keys that a declaration calls secret, at any depth.

    What it hides is remembered as a secret, so that it is masked in every text too.
    """

    keys: frozenset[str]
    secrets: Secrets

    @classmethod
    def of(cls, declaration: Mapping[str, Any], secrets: Secrets) -> Veil:
        """Return the veil of a declaration; its options may not have been checked yet."""
        given = declaration.get("secret_keys")
        keys = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else ()
        return cls(frozenset(str(key).strip() for key in keys), secrets)

    def over_each(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values with each one hidden inside; their own names are options or return values."""
        return {name: self.hide(value) for name, value in values.items()}

    def remember(self, declaration: Mapping[str, Any]) -> None:
        """Keep secret what a declaration gives under the keys."""
        self.over_each(declaration)

    def hide(self, value: Any) -> Any:
        """Return a value with a mask in place of each secret."""
        if not self.keys:
            return value
        if isinstance(value, Mapping):
            # Servers also write a name and its value as a pair of keys.
            named = not self.keys.isdisjoint(
                value[key] for key in ("name", "key") if _is_text(value.get(key))
            )
            return {
                key: self._mask(item) if key in self.keys or (named and key == "value") else self.hide(item)
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.hide(item) for item in value]
        return self._hide_inside(value) if isinstance(value, str) else value

    def _hide_inside(self, text: str) -> str:
        """Return a text that is JSON with its secrets masked, any other text as it is."""
        if text.strip()[:1] not in ("{", "["):
            return text
        try:
            parsed = json.loads(text)
        except ValueError:
            return text
        hidden = self.hide(parsed)
        return text if hidden == parsed else json.dumps(hidden)

    def _mask(self, value: Any) -> str:
        for text in _texts(value):
            self.secrets.add(text, of_call=True)
        return MASK


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts and numbers in a value; what is masked already is no secret."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != MASK:
        yield str(value)


def check_wait(params: Mapping[str, Any]) -> None:
    """Refuse times that cannot be waited."""
    for option in ("wait_timeout", "wait_interval"):
        seconds = params.get(option)
        if seconds is not None and not seconds > 0:  # not a number is no time either
            raise OptionError(option, seconds, "is no time to wait", "Give seconds, more than 0.")


def connection(params: Mapping[str, Any], url: str | None = None) -> Connection:
    """Read the connection out of a module's parameters, or refuse an option by name.

    ``url`` is the address where the vendor's file derives it from other options.
    """
    if params["timeout"] <= 0:
        raise OptionError(
            "timeout", params["timeout"], "is not a positive number of seconds", "Use 30, for example."
        )
    if params["retries"] < 0:
        raise OptionError("retries", params["retries"], "is negative", "Use 0 to never repeat a request.")
    cert = params["client_cert"]
    key = params["client_key"]
    return Connection(
        url=checked_url(params["url"] if url is None else url),
        verify=(params["ca_path"] or True) if params["validate_certs"] else False,
        cert=(cert, key) if cert and key else cert,
        timeout=params["timeout"],
        retries=params["retries"],
        pool=params.get("concurrency", 10),
    )
