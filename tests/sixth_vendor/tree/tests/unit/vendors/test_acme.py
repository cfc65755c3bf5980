# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Acme Scheduler: the wire in all its shapes, and what is sent."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import responses
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import Request, Secrets
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import OptionError, RequestError
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.acme import VENDOR, Server, _task
from hypothesis import given
from hypothesis import strategies as st

URL = "https://acme.example.com"
JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)


def params(**given: Any) -> dict[str, Any]:
    """Return the options as AnsibleModule would, all others at their defaults."""
    options = {name: option.get("default") for name, option in VENDOR.task_spec.options.items()}
    return {**options, "url": URL, "username": "planner", "password": "p4ssword", "name": "Backup", **given}


def server() -> Server:
    """Return a server that has not been asked yet."""
    client = VENDOR.connect(params(), read_only=False, secrets=Secrets())
    service = VENDOR.serve(client, params())
    assert isinstance(service, Server)
    return service


@responses.activate
def test_logs_in_once_and_sends_the_token() -> None:
    """The token of the login travels in the header of each request."""
    responses.post(f"{URL}/acme/v1/login", json={"token": "t0k3n"})
    listed = responses.get(f"{URL}/acme/v1/tasks", json=[{"id": 7, "name": "Backup", "interval": 60}])
    service = server()
    for dummy in range(2):
        (task,) = service.matches(VENDOR.desired(params()))
        assert (task.id, VENDOR.show(task.fields)) == ("7", {"interval": 60})
    assert [call.request.headers["Authorization"] for call in listed.calls] == ["Bearer t0k3n"] * 2
    assert len(responses.calls) == 3


@responses.activate
@pytest.mark.parametrize("answer", [[], {}, {"token": 1}, {"token": ""}])
def test_a_login_without_a_token_is_refused(answer: Any) -> None:
    """What has no token in it is no login."""
    responses.post(f"{URL}/acme/v1/login", json=answer)
    with pytest.raises(RequestError, match="no token"):
        server().log_in()


def test_an_interval_below_one_is_refused() -> None:
    """By the option's name, before anything is sent."""
    with pytest.raises(OptionError, match="interval"):
        VENDOR.desired(params(interval=0))


@given(JSON | st.dictionaries(st.sampled_from(["id", "name", "interval"]), JSON))
def test_any_task_object_is_read_or_refused(wire: Any) -> None:
    """Only RequestError may come out, and what is read can be shown."""
    with suppress(RequestError):
        VENDOR.show(_task(Request("read a task", "GET", URL), wire).fields)
