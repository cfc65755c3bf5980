# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs, declared once, and the connection that is read out of them.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.errors import AnsibleFallbackNotFound

from ._client import Connection, checked_url
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


def filled_variable(*names: str) -> str:
    """Return the first of these environment variables that holds something.

    An automation controller sets those of a credential's fields that were left empty, too. Ansible's own
    ``env_fallback`` would take an empty token for one.
    """
    filled = next((value for name in names if (value := os.environ.get(name))), None)
    if filled is None:
        raise AnsibleFallbackNotFound
    return filled


def from_environment(option: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the option with the environment variables it falls back to."""
    return {**option, "fallback": (filled_variable, list(names))}


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

# The names are no secrets; what stands under them is.
SECRET_KEYS = ArgumentSpec(options={"secret_keys": {"type": "list", "elements": "str", "no_log": False}})

REUSE_LISTING = ArgumentSpec(options={"reuse_listing": {"type": "float", "default": 0.0}})

WAIT = ArgumentSpec(
    options={
        "wait": {"type": "bool", "default": False},
        "wait_timeout": {"type": "float", "default": 600.0},
        "wait_interval": {"type": "float", "default": 5.0},
    }
)


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
