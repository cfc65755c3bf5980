# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the orchestrator: the wire in all its shapes, and what is told of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses
from ansible_collections.taskbridge.vendors.plugins.module_utils import _convergence as convergence
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import Secrets
from ansible_collections.taskbridge.vendors.plugins.module_utils._convergence import Desired
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import OptionError, RequestError
from ansible_collections.taskbridge.vendors.plugins.module_utils._hiding import MASK
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors import (
    _vro_executions as executions,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors import _vro_inputs as inputs
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors._vro_runs import VENDOR, Runner
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.vro import Workflow

SITE = "https://vro.example.com"
RUNS = f"{SITE}/vco/api/workflows/w1/executions"
CLEAN = Workflow("w1", "Clean")
FOLDER = inputs.Parameter("string", "CHG1")


def params(**given: Any) -> dict[str, Any]:
    """Return the module's parameters, as AnsibleModule completes them."""
    defaults = {name: option.get("default") for name, option in VENDOR.task_spec.options.items()}
    return {**defaults, "url": SITE, "token": "t0k", "workflow": "Clean", "retries": 0, **given}


def runner(secrets: Secrets | None = None, **given: Any) -> Runner:
    """Return a session of an orchestrator."""
    options = params(**given)
    served = VENDOR.serve(VENDOR.connect(options, read_only=False, secrets=secrets or Secrets()), options)
    assert isinstance(served, Runner)
    return served


@pytest.fixture
def server() -> Iterator[responses.RequestsMock]:
    """A server that answers what a test tells it to."""
    with responses.RequestsMock() as mock:
        yield mock


def text(name: str, value: str) -> dict[str, Any]:
    """Return a parameter of the wire."""
    return {"name": name, "type": "string", "value": {"string": {"value": value}}}


def execution(run_id: str = "e1", /, **fields: Any) -> dict[str, Any]:
    """Return a run of the wire."""
    return {
        "id": run_id,
        "name": "Clean",
        "state": "running",
        "start-date": "2030-01-01T00:00:00.000+00:00",
        "input-parameters": [text("folder", "CHG1")],
        **fields,
    }


def links(*runs: dict[str, Any]) -> dict[str, Any]:
    """Return a list of links to runs that tells nothing but where they are."""
    found = [{"rel": "down", "href": f"{RUNS}/{run['id']}/"} for run in runs]
    return {"relations": {"link": [*found, {"rel": "up", "href": SITE}], "total": len(runs)}}


def desired(**given: inputs.Parameter) -> Desired:
    """Return a declaration that is resolved."""
    return Desired("Clean", "present", {"workflow": CLEAN, "inputs": given})


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("initializing", convergence.RUNNING),
        ("running", convergence.RUNNING),
        ("waiting", convergence.WAITING),
        ("waiting-signal", convergence.WAITING),
        ("suspended", convergence.PAUSED),
        ("completed", convergence.COMPLETED),
        ("failed", convergence.FAILED),
        ("canceled", convergence.STOPPED),
        ("a new word", convergence.UNKNOWN),
        (None, convergence.UNKNOWN),
    ],
)
def test_states(word: str | None, status: str) -> None:
    run = executions.read_run(execution(state=word), "w1")
    assert (run.status, run.word) == (status, word or "")
    assert (run.status in VENDOR.ended_states) == (word in ("completed", "failed", "canceled"))


@pytest.mark.parametrize("answer", [{"value": "failed"}, {"state": "failed"}])
def test_both_keys_of_the_state_are_read(answer: dict[str, Any]) -> None:
    assert executions.read_state(answer) == "failed"


@pytest.mark.parametrize("answer", [None, [], {}, {"value": None}, {"value": ["failed"]}])
def test_a_state_that_cannot_be_read(server: responses.RequestsMock, answer: Any) -> None:
    """The run is then read whole."""
    server.get(f"{RUNS}/e1", json=execution())
    server.get(f"{RUNS}/e1/state", json=answer if answer is not None else [])
    server.get(f"{RUNS}/e1", json=execution(state="failed", **{"content-exception": "line 7"}))
    session = runner()
    seen = session.watch(session.created(desired(), "e1"))
    assert (seen.state, seen.error) == (convergence.FAILED, "line 7")


@pytest.mark.parametrize(
    "fields",
    [
        {"start-date": "soon", "end-date": [], "content-exception": {}, "output-parameters": "x"},
        {"input-parameters": None, "output-parameters": [7, {}, {"type": "string"}]},
        {"current-item-display-name": 7, "business-state": []},
    ],
)
def test_a_strange_run_is_read_as_far_as_it_goes(fields: dict[str, Any]) -> None:
    run = executions.read_run(execution(**fields), "w1")
    assert (run.status, run.error, run.details["outputs"]) == (convergence.RUNNING, "", {})


def test_dates_of_5x() -> None:
    run = executions.read_run(execution(**{"start-date": 1893456000000}), "w1")
    assert run.started == "2030-01-01T00:00:00+00:00"


def test_a_run_without_an_id_is_refused(server: responses.RequestsMock) -> None:
    server.get(f"{RUNS}/e1", json={"state": "running"})
    with pytest.raises(RequestError, match="a run without an id"):
        runner().created(desired(), "e1")


def test_the_item_of_a_run() -> None:
    known = {"current-item-display-name": "Ask", "business-state": "asking", "started-by": "me"}
    details = executions.read_run(execution(**known), "w1").details
    assert [details[name] for name in ("current_item", "business_state", "started_by")] == [
        "Ask",
        "asking",
        "me",
    ]
    none = executions.read_run(execution(**{"current-item-display-name": "__item-undefined__"}), "w1")
    assert "current_item" not in none.details


SECRET_OUTPUTS = [
    {"name": "a", "type": "SecureString", "value": {"secure-string": {"value": "hidden-1"}}},
    {"name": "b", "type": "SecureString", "value": {"string": {"value": "hidden-2"}}},
    {
        "name": "c",
        "type": "CompositeType(x:SecureString):C",
        "value": {
            "composite": {"property": [{"id": "x", "value": {"secure-string": {"value": "hidden-3"}}}]}
        },
    },
    {"name": "d", "type": "SecureString", "value": {"secure-string": {"value": "*****"}}},
]


def test_secrets_of_a_run(server: responses.RequestsMock) -> None:
    """They are not in the outputs and not in the vendor's object, and are masked in any other text."""
    error = "it cannot log in with hidden-1"
    server.get(
        f"{RUNS}/e1",
        json=execution(state="failed", **{"output-parameters": SECRET_OUTPUTS, "content-exception": error}),
    )
    told: list[str] = []
    task = runner(Secrets(told.append)).created(desired(), "e1")
    assert task.run is not None
    assert task.run.details["outputs"] == {
        "a": MASK,
        "b": MASK,
        "c": {"composite": {"property": [{"id": "x", "value": {"secure-string": MASK}}]}},
        "d": MASK,
    }
    shown = json.dumps([task.run.details, {**task.wire, "content-exception": ""}])
    assert "hidden" not in shown
    assert {"hidden-1", "hidden-2", "hidden-3"} <= set(told)
    assert "*****" not in told


def test_the_newest_run_with_the_key(server: responses.RequestsMock) -> None:
    """Links without dates: all are read; a run that is gone by then is none."""
    runs = [
        execution("e1", **{"start-date": "2030-01-01T00:00:00Z"}),
        execution("e2", **{"start-date": "2030-01-03T00:00:00Z"}),
        execution("e3", **{"start-date": "2030-01-02T00:00:00Z"}),
        execution("e4", **{"start-date": "2030-01-04T00:00:00Z", "input-parameters": []}),
        execution("e5"),
    ]
    server.get(RUNS, json=links(*runs))
    for run in runs[:4]:
        server.get(f"{RUNS}/{run['id']}", json=run)
    server.get(f"{RUNS}/e5", status=404)
    session = runner(idempotency_key="CHG1", idempotency_input="folder")
    assert [task.id for task in session.matches(desired(folder=FOLDER))] == ["e2"]


def test_no_key_no_run(server: responses.RequestsMock) -> None:
    """Without a key no run is read: an equal one may be another's."""
    server.get(RUNS, json=links(execution()))
    assert runner().matches(desired(folder=FOLDER)) == []


@pytest.mark.parametrize(
    ("username", "new", "found"),
    [
        (None, [execution("e2")], ["e2"]),
        (None, [execution("e2", **{"input-parameters": [text("folder", "x")]})], []),
        (None, [execution("e2"), execution("e3")], ["e2", "e3"]),
        ("ME@here", [execution("e2", **{"started-by": "me@there"})], ["e2"]),
        ("me", [execution("e2", **{"started-by": "you"})], []),
        ("me", [execution("e2")], ["e2"]),
    ],
)
def test_which_new_run_is_ours(
    server: responses.RequestsMock, username: str | None, new: list[dict[str, Any]], found: list[str]
) -> None:
    """One that was not there before, with the same inputs and, where it is known, the same account."""
    server.get(RUNS, json=links(execution()))
    server.get(RUNS, json=links(execution(), *new))
    for run in new:
        server.get(f"{RUNS}/{run['id']}", json=run)
    session = runner(username=username)
    before = session.matches(desired(folder=FOLDER))
    assert [task.id for task in session.newcomers(desired(folder=FOLDER), before)] == found


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 200, "json": {}}, "a person, who is to answer the user interaction at 'Ask'"),
        ({"status": 204}, "a person"),
        ({"status": 404}, "a signal"),
        ({"status": 404, "json": {"message": "none"}}, "a signal"),
        ({"status": 404, "body": "<html>"}, "a person or a signal"),
        ({"status": 403, "json": {"message": "no"}}, "a person or a signal"),
    ],
)
def test_what_a_run_waits_for(server: responses.RequestsMock, answer: dict[str, Any], said: str) -> None:
    waiting = execution(state="waiting", **{"current-item-display-name": "Ask"})
    server.get(f"{RUNS}/e1", json=waiting)
    server.get(f"{RUNS}/e1/interaction", **answer)
    run = runner().created(desired(), "e1").run
    assert run is not None
    assert run.details["waits_for"].startswith(said)
    assert executions.hint(run).startswith(f"It waits for {said}")


def test_a_look_for_the_interaction_that_fails_is_repeated(server: responses.RequestsMock) -> None:
    """It is part of a look, and a failed look is made up for by the next."""
    server.get(f"{RUNS}/e1", json=execution(state="waiting"))
    server.get(f"{RUNS}/e1/interaction", status=503)
    with pytest.raises(RequestError) as caught:
        runner().created(desired(), "e1")
    assert caught.value.retryable


@pytest.mark.parametrize(
    "reply",
    [
        {"json": {"id": "e1", "state": "running"}},
        {"headers": {"Location": f"{RUNS}/e1/"}},
        {"headers": {"Location": f"{RUNS}/e1"}},
    ],
)
def test_the_id_of_a_new_run(server: responses.RequestsMock, reply: dict[str, Any]) -> None:
    """8.x tells it in the body, 7.x by the Location alone."""
    started = server.post(RUNS, status=202, **reply)
    assert runner().create(desired(folder=FOLDER)) == "e1"
    body = json.loads(started.calls[0].request.body)
    assert body == {"parameters": [{**text("folder", "CHG1"), "scope": "local"}]}


@pytest.mark.parametrize("task", [convergence.SCHEDULED, convergence.RUNNING, convergence.UNKNOWN])
def test_a_task_whose_run_may_still_come(task: str) -> None:
    assert executions.no_run("pending", task).status == convergence.SCHEDULED


@pytest.mark.parametrize("option", ["workflow", "workflow_id", "idempotency_key", "idempotency_input"])
def test_an_empty_option_is_refused(option: str) -> None:
    with pytest.raises(OptionError, match=rf"^{option}: ' '"):
        VENDOR.desired(params(**{option: " "}))


def test_what_a_run_keeps_secret_is_masked_for_its_own_call_only(server: responses.RequestsMock) -> None:
    """A session may serve another call, whose results must not be masked by what this one has read."""
    hidden = {"name": "p", "type": "SecureString", "value": {"string": {"value": "hid-den"}}}
    server.get(f"{RUNS}/e1", json=execution(**{"output-parameters": [hidden]}))
    session = runner()
    session.created(desired(), "e1")
    secrets = session.client.secrets
    assert secrets.mask("hid-den") == "********"
    told: list[str] = []
    secrets.hand_over(Secrets(told.append))
    assert "t0k" in told
    assert "hid-den" not in told
    assert secrets.mask("hid-den") == "hid-den"
