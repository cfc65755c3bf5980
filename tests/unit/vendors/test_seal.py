# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SEAL Operator: the wire in all its shapes, what is sent, and the plan of an input list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import responses
from ansible_collections.taskbridge.vendors.plugins.module_utils import _convergence as convergence
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import Request, Secrets
from ansible_collections.taskbridge.vendors.plugins.module_utils._convergence import Plan, Task
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import (
    AbsentError,
    AmbiguousMatchError,
    LoginError,
    OptionError,
    RequestError,
    RunFailedError,
    TaskbridgeError,
    TokenRefusedError,
    UnreachableStateError,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors import _seal_lists, _seal_wire, seal
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors._seal_lists import (
    ListPlan,
    appending_plan,
    shortest_plan,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.seal import (
    DOCUMENTS,
    VENDOR,
    Connector,
    Documents,
)
from hypothesis import given
from hypothesis import strategies as st

URL = "https://operator.example.com:3008"
ROOT = f"{URL}/v1"
TASKS = f"{ROOT}/services/operator-p4/tasks"
REPO = f"{ROOT}/services/operator-fileupload/repo"
STORE = "/v1/services/operator-fileupload/repo"
ISSUER = "https://operator.example.com:32769/realms/SEAL"
TOKEN_URL = f"{ISSUER}/protocol/openid-connect/token"
READ = Request("read it", "GET", URL)


def wire(name: str = "job", **changes: Any) -> dict[str, Any]:
    """Return a task of the wire; None takes a property away."""
    task = {
        "tid": "t1",
        "name": name,
        "type": "print",
        "metadata": {"Printer": "LocalPrinter"},
        "state": "created",
        "owner": "printer",
        "links": {"self": {"href": "/v1/services/operator-p4/tasks/t1"}},
        **changes,
    }
    return {key: value for key, value in task.items() if value is not None}


def embedded(*items: Any) -> dict[str, Any]:
    """Return the lists of a task with its input list embedded."""
    return {"lists": {"input": {"embedded": {"listItems": list(items)}}}}


def entry(uuid: str = "d1", name: str = "a.txt", checksum: str = "", **changes: Any) -> dict[str, Any]:
    """Return an entry of the document store."""
    metadata = {"taskbridge_sha256": checksum} if checksum else {}
    href = {"self": {"href": f"{STORE}/{uuid}"}}
    return {"uuid": uuid, "name": name, "type": "document", "metadata": metadata, "links": href, **changes}


def sha(text: str) -> str:
    """Return the checksum of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def options(spec: Any, **given: Any) -> dict[str, Any]:
    """Return the options as AnsibleModule would, all others at their defaults."""
    defaults = {name: option.get("default") for name, option in spec.options.items()}
    return {**defaults, "url": URL, "token": "t0ken-t0ken", **given}


def params(**given: Any) -> dict[str, Any]:
    """Return the options of seal_task."""
    for item in given.get("documents") or ():
        item.update({name: item.get(name) for name in ("href", "path", "name", "metadata")})
    return options(VENDOR.task_spec, service="operator-p4", **{"name": "job", **given})


def note(**given: Any) -> dict[str, Any]:
    """Return the options of seal_document."""
    return options(DOCUMENTS.task_spec, **{"name": "a.txt", **given})


def connector(**given: Any) -> Connector:
    """Return the tasks of a service."""
    options = params(**given)
    return VENDOR.serve(VENDOR.connect(options, read_only=False, secrets=Secrets()), options)


def store(**given: Any) -> Documents:
    """Return the document store."""
    options = note(**given)
    return DOCUMENTS.serve(DOCUMENTS.connect(options, read_only=False, secrets=Secrets()), options)


def read(*wires: dict[str, Any]) -> list[Task]:
    """Return tasks of the wire in normal form, as a listing would."""
    return [_seal_wire.read_task(READ, one) for one in wires]


@pytest.fixture
def server() -> Iterator[responses.RequestsMock]:
    """A server that refuses what it was not told about, and complains of answers nobody asked for."""
    with responses.RequestsMock() as mock:
        yield mock


def body_of(request: Any) -> Any:
    """Return the JSON of a request."""
    return json.loads(request.body or "null")


def sent(server: responses.RequestsMock, number: int = -1) -> Any:
    """Return the JSON body of a request."""
    return body_of(server.calls[number].request)


def asked(server: responses.RequestsMock) -> list[str]:
    """Return methods and paths of all requests, below the base URL."""
    return [f"{call.request.method} {str(call.request.url).removeprefix(ROOT)}" for call in server.calls]


# Reading


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("created", convergence.IDLE),
        ("Created", convergence.IDLE),
        ("RUNNING", convergence.RUNNING),
        ("finished", convergence.COMPLETED),
        ("error", convergence.FAILED),
        ("canceled", convergence.STOPPED),
        ("pending", convergence.UNKNOWN),
        ("", convergence.UNKNOWN),
        (None, convergence.UNKNOWN),
        (7, convergence.UNKNOWN),
    ],
)
@pytest.mark.parametrize("key", ["state", "status"])
def test_a_wire_task_in_normal_form(word: Any, state: str, key: str) -> None:
    (task,) = read(wire(**{"state": None, key: word}))
    assert (task.id, task.name, task.state, task.enabled) == ("t1", "job", state, None)
    assert VENDOR.show(task.fields) == {
        "name": "job",
        "type": "print",
        "owner": "printer",
        "metadata": {"Printer": "LocalPrinter"},
    }


def test_ambiguous_words_are_left_to_the_user() -> None:
    known = {word for words in _seal_wire.STATE_WORDS.values() for word in words}
    assert not known & {"ready", "pending", "queued", "waiting", "open", "active"}
    assert len(known) == sum(map(len, _seal_wire.STATE_WORDS.values()))


def test_words_of_the_user_go_first() -> None:
    given = {
        "idle": ["Bereit", "PROCESSED"],
        "running": None,
        "completed": [],
        "failed": None,
        "stopped": None,
    }
    words = _seal_wire.state_words(given)
    assert (words["bereit"], words["processed"], words["created"]) == ("idle", "idle", "idle")


def test_lists_href_and_marker_of_a_task() -> None:
    items = [{"href": f"{URL}{STORE}/d1", "metadata": {"copies": 2}}, {"href": f"{STORE}/d2", "index": 1}]
    (task,) = read(wire(metadata={"taskbridge": "job", "a": 1}, links=None, href="/v1/x", **embedded(*items)))
    assert task.fields["documents"] == [
        {"href": f"{STORE}/d1", "metadata": {"copies": 2}},
        {"href": f"{STORE}/d2"},
    ]
    assert task.fields["metadata"] == {"a": 1}
    described = VENDOR.describe(task, connector())
    assert (described["href"], described["service"]) == ("/v1/x", "operator-p4")


@pytest.mark.parametrize(
    "payload", [[1, 2], {"embedded": {"tasks": [1, 2]}}, {"results": [1, 2], "totalCount": 2}]
)
def test_shapes_of_a_collection(payload: Any) -> None:
    assert _seal_wire.members(READ, payload) == [1, 2]


@pytest.mark.parametrize("payload", [None, "x", {}, {"a": [], "b": []}, {"embedded": []}, 5])
def test_what_is_no_collection(payload: Any) -> None:
    with pytest.raises(RequestError, match="no list in it"):
        _seal_wire.members(READ, payload)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(["tid", "uuid", "name", "metadata", "state", "links", "lists", "owner", "type"])


@given(st.dictionaries(KEYS, JSON | st.text(max_size=5)), JSON)
def test_anything_is_read_or_refused(found: dict[str, Any], inner: Any) -> None:
    lists = embedded(inner)["lists"]
    whole = {**found, "tid": "x", "uuid": "x", "name": "x"}
    for value in (inner, found, whole, {**whole, "lists": lists}, {**whole, "lists": {"input": inner}}):
        with suppress(RequestError):
            task = _seal_wire.read_task(READ, value)
            VENDOR.show(task.fields)
            VENDOR.describe(task, connector())
            VENDOR.run(replace(task, wire=_seal_wire.with_outputs(task.wire, [inner])), connector())
            _seal_wire.run_number(task)
        with suppress(RequestError):
            DOCUMENTS.describe(_seal_wire.read_document(READ, value), store())


# Identity


@pytest.mark.parametrize(
    ("markers", "chosen"),
    [
        ([], None),
        ([None], 0),
        (["job"], 0),
        ([None, None], None),
        ([None, "job"], 1),
        (["job", "job"], None),
        (["job", "job#2"], 1),
        (["job#10", "job#9", None], 0),
        (["job#2", "job#2", "job"], None),
        (["other", None], None),
        (["job#0", "job#x", "job#02", "job#2x", "jobs", "job"], 5),
    ],
)
def test_the_task_that_counts(markers: list[str | None], chosen: int | None) -> None:
    tasks = read(
        *(
            wire(tid=str(number), metadata={"taskbridge": marker} if marker else {})
            for number, marker in enumerate(markers)
        )
    )
    found = seal._chosen(tasks)
    assert (found.id if found else None) == (None if chosen is None else str(chosen))
    declared = VENDOR.desired(params())
    if found is None and tasks:
        with pytest.raises(AmbiguousMatchError):
            VENDOR.choose(declared, tasks)
    else:
        assert VENDOR.choose(declared, tasks) is found
    if len(tasks) > 1:
        with pytest.raises(AmbiguousMatchError):
            VENDOR.choose(VENDOR.desired(params(state="absent")), tasks)


@given(st.text(min_size=1), st.integers(1, 10**9 - 1))
def test_a_marker_is_read_back(name: str, run: int) -> None:
    (task,) = read(wire(name, metadata={"taskbridge": _seal_wire.marker_of(name, run)}))
    assert _seal_wire.run_number(task) == run


@pytest.mark.parametrize(
    ("checksums", "declared", "chosen"),
    [
        ([], "x", None),
        ([""], "x", 0),
        (["", "x"], "x", 1),
        (["x", "x"], "x", AmbiguousMatchError),
        (["", ""], "x", AmbiguousMatchError),
        (["x", ""], None, AmbiguousMatchError),
    ],
)
def test_the_document_that_counts(checksums: list[str], declared: str | None, chosen: Any) -> None:
    entries = [
        _seal_wire.read_document(READ, entry(str(n), checksum=sha(text) if text else ""))
        for n, text in enumerate(checksums)
    ]
    wanted = DOCUMENTS.desired(note(content=declared))
    if chosen is AmbiguousMatchError:
        with pytest.raises(AmbiguousMatchError, match="document_id"):
            DOCUMENTS.choose(wanted, entries)
        return
    found = DOCUMENTS.choose(wanted, entries)
    assert (found.id if found else None) == (None if chosen is None else str(chosen))


@pytest.mark.parametrize(
    ("state", "rerun", "word", "steps"),
    [
        ("started", "never", "created", ("start",)),
        ("started", "never", "running", ()),
        ("started", "never", "finished", ()),
        ("started", "never", "failed", ()),
        ("started", "always", "created", ("start",)),
        ("started", "always", "running", ("create", "start")),
        ("started", "always", "finished", ("create", "start")),
        ("started", "on_failure", "finished", ()),
        ("started", "on_failure", "failed", ("create", "start")),
        ("started", "always", "odd", None),
        ("started", "never", "odd", None),
        ("present", "never", "odd", ()),
        ("present", "never", "created", ()),
    ],
)
def test_a_task_is_started_once(state: str, rerun: str, word: str, steps: tuple[str, ...] | None) -> None:
    declared = VENDOR.desired(params(state=state, rerun=rerun))
    tasks = read(wire(state=word))
    if steps is None:
        with pytest.raises(UnreachableStateError, match=r"'odd'.*state_words\.idle.*was not started"):
            VENDOR.choose(declared, tasks)
        return
    chosen = VENDOR.choose(declared, tasks)
    assert convergence.plan(declared, chosen, VENDOR.capabilities).steps == steps


def test_a_task_without_a_state_is_not_started() -> None:
    with pytest.raises(UnreachableStateError, match="none of the properties state and status"):
        VENDOR.choose(VENDOR.desired(params(state="started")), read(wire(state=None)))


@pytest.mark.parametrize(
    ("given", "field"),
    [({"type": "convert"}, "type"), ({"owner": "boss"}, "owner"), ({"task_id": "t1", "name": "b"}, "name")],
)
def test_what_cannot_be_changed(given: dict[str, Any], field: str) -> None:
    declared = VENDOR.desired(params(**given))
    with pytest.raises(UnreachableStateError, match=f"^{field}: "):
        convergence.plan(declared, read(wire())[0], VENDOR.capabilities)


def test_an_owner_that_is_not_shown_counts_as_the_same() -> None:
    declared = VENDOR.desired(params(owner="boss"))
    assert convergence.plan(declared, read(wire(owner=None))[0], VENDOR.capabilities).steps == ()


# The plan of a list


def same(wanted: str, existing: str) -> bool:
    return wanted == existing


def carried_out(existing: list[str], plan: ListPlan) -> list[str]:
    """Carry a plan out as a server would that reads the index."""
    result = list(existing)
    for index in plan.deletions:
        del result[index]
    for insertion in plan.insertions:
        assert insertion.at_end == (insertion.index == len(result))
        result.insert(insertion.index, insertion.item)
    return result


def longest_common(one: list[str], other: list[str]) -> int:
    """Return the length of a longest common subsequence, by the definition."""
    if not one or not other:
        return 0
    if one[0] == other[0]:
        return 1 + longest_common(one[1:], other[1:])
    return max(longest_common(one[1:], other), longest_common(one, other[1:]))


LISTS = st.lists(st.sampled_from("abc"), max_size=6)


@given(LISTS, LISTS)
def test_the_shortest_plan_leads_there_with_the_fewest_calls(existing: list[str], wanted: list[str]) -> None:
    plan = shortest_plan(existing, wanted, same)
    assert carried_out(existing, plan) == wanted
    kept = longest_common(existing, wanted)
    assert len(plan.deletions) == len(existing) - kept
    assert len(plan.insertions) == len(wanted) - kept
    assert list(plan.deletions) == sorted(plan.deletions, reverse=True)


@given(LISTS, LISTS)
def test_the_appending_plan_leads_there_without_an_index(existing: list[str], wanted: list[str]) -> None:
    plan = appending_plan(existing, wanted, same)
    assert carried_out(existing, plan) == wanted
    assert all(insertion.at_end for insertion in plan.insertions)
    assert list(plan.deletions) == sorted(plan.deletions, reverse=True)
    shortest = shortest_plan(existing, wanted, same)
    assert len(plan.insertions) >= len(shortest.insertions)


@given(LISTS, LISTS)
def test_appending_mends_what_an_ignored_index_left(existing: list[str], wanted: list[str]) -> None:
    """A server that appends whatever it is told, and a client that stops at the first item put elsewhere."""
    result = list(existing)
    plan = shortest_plan(existing, wanted, same)
    for index in plan.deletions:
        del result[index]
    for insertion in plan.insertions:
        result.append(insertion.item)
        if not insertion.at_end:
            break
    assert carried_out(result, appending_plan(result, wanted, same)) == wanted


@given(LISTS)
def test_a_list_as_wanted_needs_nothing(items: list[str]) -> None:
    assert shortest_plan(items, items, same) == appending_plan(items, items, same) == ListPlan((), ())


ITEMS = st.lists(
    st.fixed_dictionaries(
        {"href": st.sampled_from(["/a", "/b"])},
        optional={"metadata": st.dictionaries(st.sampled_from("xy"), st.integers(0, 1), max_size=2)},
    ),
    max_size=4,
)


@given(ITEMS, ITEMS)
def test_items_with_metadata_converge(existing: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    """Metadata that is not given is of no matter; the list then counts as the same."""
    result = list(existing)
    plan = shortest_plan(existing, wanted, _seal_lists.same_item)
    for index in plan.deletions:
        del result[index]
    for insertion in plan.insertions:
        result.insert(insertion.index, insertion.item)
    assert _seal_lists.same_documents(wanted, result)
    assert shortest_plan(result, wanted, _seal_lists.same_item) == ListPlan((), ())


# Sending


def test_a_create_sends_what_is_declared(server: responses.RequestsMock) -> None:
    server.get(TASKS, json=[])
    server.post(TASKS, json=wire(), status=201)
    documents = [{"href": f"{URL}{STORE}/d1"}, {"href": f"{STORE}/d2", "metadata": {"copies": 2}}]
    given = {"type": "print", "owner": "boss", "metadata": {"a": {"b": 1}}, "documents": documents}
    service, declared = connector(**given), VENDOR.desired(params(**given))
    assert service.matches(declared) == []
    assert service.create(declared) == "t1"
    assert sent(server) == {
        "name": "job",
        "type": "print",
        "owner": "boss",
        "metadata": {"a": {"b": 1}, "taskbridge": "job"},
        "lists": {
            "input": {
                "embedded": {
                    "listItems": [
                        {"href": f"{STORE}/d1"},
                        {"href": f"{STORE}/d2", "metadata": {"copies": 2}},
                    ]
                }
            }
        },
    }
    assert server.calls[0].request.headers["Authorization"] == "Bearer t0ken-t0ken"


@pytest.mark.parametrize(
    ("given", "body"),
    [
        ({}, {"name": "job", "metadata": {"taskbridge": "job"}}),
        ({"marker": False}, {"name": "job", "metadata": {}}),
        (
            {"documents": []},
            {
                "name": "job",
                "metadata": {"taskbridge": "job"},
                "lists": {"input": {"embedded": {"listItems": []}}},
            },
        ),
    ],
)
def test_a_create_sends_nothing_else(
    server: responses.RequestsMock, given: dict[str, Any], body: dict[str, Any]
) -> None:
    server.post(TASKS, json={"name": "no id in it"})
    assert connector(**given).create(VENDOR.desired(params(**given))) is None
    assert sent(server) == body


def test_a_further_run_has_the_next_number(server: responses.RequestsMock) -> None:
    tasks = [wire(tid=str(n), metadata={"taskbridge": f"job#{n}"}) for n in (2, 7, 3)]
    server.get(TASKS, json=tasks)
    server.get(f"{TASKS}/7", json=wire(tid="7", **embedded()))
    server.post(TASKS, json=wire())
    service, declared = connector(), VENDOR.desired(params())
    assert [task.id for task in service.matches(declared)] == ["2", "7", "3"]
    service.create(declared)
    assert sent(server)["metadata"] == {"taskbridge": "job#8"}


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_task_is_read_from_the_list_where_it_cannot_be_read_alone(
    server: responses.RequestsMock, status: int
) -> None:
    server.get(f"{TASKS}/t1", status=status, body="Cannot GET")
    server.get(TASKS, json={"embedded": {"tasks": [wire("other", tid="t2"), wire()]}})
    server.get(f"{TASKS}/t1/input", json=[{"href": f"{STORE}/d1"}])
    (task,) = connector().matches(VENDOR.desired(params(task_id="t1")))
    assert (task.name, task.fields["documents"]) == ("job", [{"href": f"{STORE}/d1"}])


def test_absent_is_what_can_be_neither_read_nor_listed(server: responses.RequestsMock) -> None:
    server.get(f"{TASKS}/t9", status=404, json={"code": "ERR_NOT_FOUND", "message": "no t9"})
    server.get(TASKS, json=[wire()])
    assert connector().matches(VENDOR.desired(params(task_id="t9"))) == []
    with pytest.raises(AbsentError, match="no longer has the id t9"):
        connector().get(Task("t9", "job", "", None, {}, {}))
    server.replace("GET", TASKS, status=404, json={"message": "no such service"})
    with pytest.raises(RequestError, match=r"no such service.*Check url and service"):
        connector().matches(VENDOR.desired(params(task_id="t9")))


def test_an_input_list_that_cannot_be_read(server: responses.RequestsMock) -> None:
    server.get(f"{TASKS}/t1", json=wire())
    server.get(f"{TASKS}/t1/input", status=404)
    (task,) = connector().matches(VENDOR.desired(params(task_id="t1")))
    assert "documents" not in task.fields
    given = {"task_id": "t1", "documents": []}
    with pytest.raises(RequestError, match="leave documents out"):
        connector(**given).matches(VENDOR.desired(params(**given)))


def update(service: Connector, has: dict[str, Any], fields: dict[str, Any]) -> None:
    """Let a service change a task."""
    service.update(read(has)[0], Plan(fields=fields))


def test_only_differing_metadata_is_patched(server: responses.RequestsMock) -> None:
    server.patch(f"{TASKS}/t1", status=204)
    server.get(f"{TASKS}/t1", json=wire(metadata={"b": 2, "c": 3}, **embedded()))
    update(connector(), wire(metadata={"a": 1, "b": 1}), {"metadata": {"a": 1, "b": 2, "c": 3}})
    assert sent(server, 0) == {"metadata": {"b": 2, "c": 3}}


@pytest.mark.parametrize("patch", [{"status": 404}, {"status": 405}, {"json": {}}])
def test_put_takes_the_place_of_a_patch_that_does_not_do(
    server: responses.RequestsMock, patch: dict[str, Any]
) -> None:
    has = {"taskbridge": "job", "a": {"x": 1}}
    server.patch(f"{TASKS}/t1", **patch)
    if "json" in patch:
        server.get(f"{TASKS}/t1", json=wire(metadata={**has, "a": {"x": 1, "y": 1}}, **embedded()))
    server.put(f"{TASKS}/t1", json={})
    server.get(f"{TASKS}/t1", json=wire(metadata={**has, "a": {"y": 1}}, **embedded()))
    update(connector(), wire(metadata=has), {"metadata": {"a": {"y": 1}}})
    body = next(body_of(call.request) for call in server.calls if call.request.method == "PUT")
    assert body == {"name": "job", "metadata": {"taskbridge": "job", "a": {"y": 1}}}


def test_metadata_that_stay_as_they_were_are_an_error(server: responses.RequestsMock) -> None:
    server.patch(f"{TASKS}/t1", json={})
    server.put(f"{TASKS}/t1", json={})
    server.get(f"{TASKS}/t1", json=wire(**embedded()))
    with pytest.raises(RequestError, match="neither PATCH nor PUT gave it the wanted a"):
        update(connector(), wire(), {"metadata": {"a": 1}})


@pytest.mark.parametrize("field", [{"metadata": {"a": 1}}, {"documents": [{"href": f"{STORE}/d1"}]}])
def test_a_started_task_tells_the_way_out(server: responses.RequestsMock, field: dict[str, Any]) -> None:
    for method, path in (("PATCH", ""), ("POST", "/input")):
        if (method == "PATCH") == ("metadata" in field):
            server.add(method, f"{TASKS}/t1{path}", status=409, json={"code": "E", "message": "was started"})
    with pytest.raises(
        RequestError, match=r"'was started' \(code E\)\. A task that was started .* rerun: always"
    ) as error:
        update(connector(), wire(), field)
    assert error.value.http_status == 409


def test_items_are_inserted_by_index_and_appended_without(server: responses.RequestsMock) -> None:
    a, b, c = ({"href": f"{STORE}/{name}"} for name in "abc")
    server.delete(f"{TASKS}/t1/input/1", status=204)
    server.post(f"{TASKS}/t1/input", json={**c, "index": 0})
    server.post(f"{TASKS}/t1/input", json={**a, "index": 2})
    server.get(f"{TASKS}/t1", json=wire(**embedded(c, a, a)))
    update(connector(), wire(**embedded(a, b)), {"documents": [c, a, a]})
    assert asked(server)[:3] == [
        "DELETE /services/operator-p4/tasks/t1/input/1",
        "POST /services/operator-p4/tasks/t1/input?index=0",
        "POST /services/operator-p4/tasks/t1/input",
    ]
    assert sent(server, 1) == c


def test_a_list_that_does_not_become_as_wanted_is_an_error(server: responses.RequestsMock) -> None:
    a = {"href": f"{STORE}/a"}
    server.post(f"{TASKS}/t1/input", json={**a, "index": 0})
    server.get(f"{TASKS}/t1", json=wire(**embedded()))
    with pytest.raises(RequestError, match="its list is not as wanted"):
        update(connector(), wire(**embedded()), {"documents": [a]})
    assert len([line for line in asked(server) if line.startswith("POST")]) == 2


def test_a_new_task_must_hold_what_was_declared(server: responses.RequestsMock) -> None:
    given = {"documents": [{"href": f"{STORE}/d1"}]}
    server.get(f"{TASKS}/t1", json=wire(**embedded()))
    with pytest.raises(RunFailedError, match="input list is not as declared") as error:
        connector(**given).created(VENDOR.desired(params(**given)), "t1")
    assert error.value.failure()["changed"] is True


@pytest.mark.parametrize(("listed", "gone"), [([], True), ([wire()], False)])
def test_a_delete_that_finds_nothing(server: responses.RequestsMock, listed: list[Any], gone: bool) -> None:
    server.delete(f"{TASKS}/t1", status=404)
    server.get(TASKS, json=listed)
    (task,) = read(wire())
    if gone:
        connector().act("delete", task)
        return
    with pytest.raises(RequestError, match="still lists the task"):
        connector().act("delete", task)


def test_a_start(server: responses.RequestsMock) -> None:
    server.post(f"{TASKS}/t1/action", status=204)
    connector().act("start", read(wire())[0])
    assert sent(server) == {"action": "start"}


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"error": "No paper"}, "No paper"),
        ({"errorMessage": "No paper"}, "No paper"),
        ({"error": {"code": "ERR_PAPER", "message": "No paper"}}, "No paper (code ERR_PAPER)"),
        ({"error": {"message": "No paper"}}, "No paper"),
        ({"error": None, "reason": "No paper"}, "No paper"),
        ({"error": {}, "message": 7}, ""),
        ({}, ""),
    ],
)
def test_why_a_task_failed(told: dict[str, Any], reason: str) -> None:
    failed, finished = read({**wire(state="failed"), **told}, {**wire(state="finished"), **told})
    assert (failed.error, finished.error) == (reason, "")
    run = VENDOR.run(failed, connector())
    assert run.form == {
        "id": "t1",
        "status": "failed",
        "vendor_status": "failed",
        "started": None,
        "ended": None,
        "error": reason,
        "details": {},
    }
    assert VENDOR.verdict(run, params()) == (reason or "the server gives no reason")


NONE_EMBEDDED = wire(state="finished", **embedded())
MADE = {"href": f"{STORE}/made"}


@pytest.mark.parametrize(
    ("whole", "alone", "details"),
    [
        ({"lists": {"output": {"embedded": {"listItems": [MADE]}}}}, None, {"outputs": [MADE]}),
        (NONE_EMBEDDED, (200, [MADE]), {"outputs": [MADE]}),
        (NONE_EMBEDDED, (200, []), {"outputs": []}),
        (NONE_EMBEDDED, (200, [7, {"href": None}, MADE]), {"outputs": [MADE]}),
        (NONE_EMBEDDED, (200, "x"), {}),
        (NONE_EMBEDDED, (404, "x"), {}),
        ([], (405, "x"), {}),
    ],
)
def test_what_a_run_made(
    server: responses.RequestsMock, whole: Any, alone: tuple[int, Any] | None, details: dict[str, Any]
) -> None:
    with_query = responses.matchers.query_param_matcher
    server.get(f"{TASKS}/t1", json=NONE_EMBEDDED, match=[with_query({"embed": "input"})])
    server.get(f"{TASKS}/t1", json=whole, match=[with_query({"embed": "output"})])
    if alone is not None:
        server.get(f"{TASKS}/t1/output", status=alone[0], json=alone[1])
    service = connector(wait=True, state="started")
    assert VENDOR.run(service.watch(read(wire())[0]), service).details == details


def test_what_a_run_made_is_asked_again_after_a_broken_answer(server: responses.RequestsMock) -> None:
    server.get(f"{TASKS}/t1", json=NONE_EMBEDDED)
    server.get(f"{TASKS}/t1/output", body="[")
    with pytest.raises(RequestError) as caught:
        connector(wait=True, state="started").watch(read(wire())[0])
    assert caught.value.retryable


def test_nobody_asks_what_a_run_made_unless_it_is_waited_for(server: responses.RequestsMock) -> None:
    server.get(f"{TASKS}/t1", json=NONE_EMBEDDED)
    connector(state="started").get(read(wire())[0])
    assert len(server.calls) == 1


def test_waiting_does_not_go_on_in_an_unknown_state(server: responses.RequestsMock) -> None:
    server.get(f"{TASKS}/t1", json=wire(state="odd", **embedded()))
    assert connector().get(read(wire())[0]).state == convergence.UNKNOWN
    with pytest.raises(RequestError, match=r"'odd'.*state_words"):
        connector(wait=True).get(read(wire())[0])


# Documents


def test_a_file_is_looked_for_and_then_uploaded(server: responses.RequestsMock, tmp_path: Path) -> None:
    for name in ("there", "new"):
        (tmp_path / name).write_text(name)
    server.get(
        REPO,
        json=[
            entry("d1", "there", "0" * 64),
            entry("d2", "there", sha("there"), links={}),
            entry("d3", "there", sha("there")),
            entry("d4", "new"),
            entry("d5", "new", sha("new"), type="collection"),
        ],
    )
    given = {"documents": [{"path": str(tmp_path / name)} for name in ("new", "there", "new")]}
    service, declared = connector(**given), VENDOR.desired(params(**given))
    resolved = service.resolve(declared)
    shown = VENDOR.show(resolved.fields)["documents"]
    assert shown == [
        {"path": str(tmp_path / "new")},
        {"href": f"{STORE}/d2"},
        {"path": str(tmp_path / "new")},
    ]
    server.post(REPO, json=entry("d6", "new"), status=201)
    server.put(f"{REPO}/d6/content", status=204)
    server.patch(f"{REPO}/d6", json={})
    server.post(TASKS, json=wire())
    service.create(resolved)
    items = sent(server)["lists"]["input"]["embedded"]["listItems"]
    assert items == [{"href": f"{STORE}/{uuid}"} for uuid in ("d6", "d2", "d6")]
    posted, put, patched = (server.calls[number].request for number in (1, 2, 3))
    begun = {"taskbridge_upload": sha("new")}
    assert body_of(posted) == {"name": "new", "type": "document", "metadata": begun}
    assert (put.body, put.headers["Content-Type"]) == (b"new", "application/octet-stream")
    assert body_of(patched) == {"metadata": {"taskbridge_sha256": sha("new")}}


def test_no_file_asks_for_no_documents(server: responses.RequestsMock) -> None:
    declared = VENDOR.desired(params(documents=[{"href": f"{STORE}/d1"}]))
    assert connector().resolve(declared) is declared
    assert len(server.calls) == 0


@pytest.mark.parametrize(
    ("status", "patches"),
    [(204, ["", sha("new")]), (409, ["", sha("old")]), (500, [""])],
)
def test_no_checksum_stands_that_may_be_wrong(
    server: responses.RequestsMock, status: int, patches: list[str]
) -> None:
    has = entry(checksum=sha("old"))
    server.patch(f"{REPO}/d1", json={})
    server.put(f"{REPO}/d1/content", status=status)
    planned = Plan(fields={"checksum": sha("new")})
    with suppress(RequestError):
        store(content="new").update(_seal_wire.read_document(READ, has), planned)
    bodies = [body_of(call.request) for call in server.calls if call.request.method == "PATCH"]
    assert [body["metadata"]["taskbridge_sha256"] for body in bodies] == patches


def test_a_document_without_a_checksum_is_a_problem() -> None:
    assert DOCUMENTS.problem(_seal_wire.read_document(READ, entry(checksum=sha("x")))) == ""
    assert "Run this again" in DOCUMENTS.problem(_seal_wire.read_document(READ, entry()))


@pytest.mark.parametrize(
    ("answers", "used"),
    [
        ([{"json": [f"{STORE}/d1"]}], False),
        ([{"json": [{"href": f"{URL}{STORE}/d1"}]}], False),
        ([{"json": []}], True),
        ([{"json": [f"{STORE}/d2"]}], True),
        ([{"status": 400}, {"json": {"hrefs": [f"{STORE}/d1"]}}], False),
        ([{"status": 400}, {"json": {"hrefs": []}}], True),
        ([{"status": 400}, {"status": 400}], None),
        ([{"status": 404}], None),
        ([{"json": {}}], None),
    ],
)
def test_whether_a_document_is_used(
    server: responses.RequestsMock, answers: list[dict[str, Any]], used: bool | None
) -> None:
    server.get(REPO, json=[entry()])
    for answer in answers:
        server.post(f"{ROOT}/repo/inactives", **answer)
    declared = DOCUMENTS.desired(note(state="absent"))
    if used is None:
        with pytest.raises(RequestError, match="find out whether a task uses"):
            store(state="absent").matches(declared)
        return
    (document,) = store(state="absent").matches(declared)
    assert document.state == ("in_use" if used else "unused")
    if used:
        with pytest.raises(UnreachableStateError, match="force: true"):
            DOCUMENTS.choose(declared, [document])


def test_force_does_not_ask(server: responses.RequestsMock) -> None:
    server.get(REPO, json=[entry()])
    given = {"state": "absent", "force": True}
    (document,) = store(**given).matches(DOCUMENTS.desired(note(**given)))
    assert document.state == ""


def test_a_document_deleted_by_somebody_else_is_gone(server: responses.RequestsMock) -> None:
    server.delete(f"{REPO}/d1", status=404)
    store().act("delete", _seal_wire.read_document(READ, entry()))


def test_documents_are_listed_in_a_collection(server: responses.RequestsMock) -> None:
    server.get(f"{REPO}/c1/children", json=[entry(), entry("d2", "b.txt")])
    given = {"collection": "c1"}
    assert [one.id for one in store(**given).listing(note(**given))] == ["d1", "d2"]


# Declarations


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"name": "  "}, "name"),
        ({"wait": True}, "wait"),
        ({"rerun": "on_failure"}, "rerun"),
        ({"state": "started", "rerun": "always", "marker": False}, "rerun"),
        ({"state": "started", "rerun": "always", "task_id": "t1"}, "rerun"),
        ({"metadata": {"taskbridge": 1}}, "metadata"),
        ({"documents": [{"href": "d1"}]}, r"documents\[0\].href"),
        ({"documents": [{"href": "/v1/repo/x/"}]}, r"documents\[0\].href"),
        ({"documents": [{"path": "/no/file"}]}, r"documents\[0\].path"),
        ({"documents": [{"path": "/etc/hosts", "name": " "}]}, "name"),
        ({"state_words": {"idle": ["x"], "failed": ["X"]}}, "state_words.failed"),
    ],
)
def test_a_declaration_is_refused(given: dict[str, Any], word: str) -> None:
    with pytest.raises(OptionError, match=f"^{word}: "):
        VENDOR.desired(params(**given))


def test_an_absent_task_needs_no_files() -> None:
    declared = VENDOR.desired(params(state="absent", documents=[{"path": "/no/file"}]))
    assert "documents" not in declared.fields


@pytest.mark.parametrize(
    ("given", "error", "word"),
    [
        ({"url": "operator"}, OptionError, "url"),
        ({"issuer": "SEAL"}, OptionError, "issuer"),
        ({"issuer": "http://issuer.example.com"}, OptionError, "issuer"),
        ({"issuer": ISSUER}, None, ""),
        ({"url": "http://localhost:3008", "issuer": "http://localhost/realms/SEAL"}, None, ""),
    ],
)
def test_a_connection(given: dict[str, Any], error: type[TaskbridgeError] | None, word: str) -> None:
    if error is None:
        connector(**given)
        return
    with pytest.raises(error, match=f"^{word}: "):
        connector(**given)


# Login

SECRETS = {"token": None, "client_secret": "s3cret-s3cret"}
USER = {**SECRETS, "username": "zoë", "password": "p4ssw0rd"}


def issuing(server: responses.RequestsMock, **changes: Any) -> None:
    """Let the server tell its issuer, and the issuer where its tokens are."""
    server.get(f"{ROOT}/auth", json={"url": f"{ISSUER}/"})
    document = {"issuer": ISSUER, "token_endpoint": TOKEN_URL, **changes}
    server.get(f"{ISSUER}/.well-known/openid-configuration", json=document)


@pytest.mark.parametrize(
    ("given", "form"),
    [
        (USER, {"grant_type": "password", "username": "zoë", "password": "p4ssw0rd"}),
        (SECRETS, {"grant_type": "client_credentials"}),
    ],
)
def test_each_grant(server: responses.RequestsMock, given: dict[str, Any], form: dict[str, str]) -> None:
    issuing(server)
    server.post(TOKEN_URL, json={"access_token": "fresh-token"})
    server.get(TASKS, json=[])
    secrets = Secrets()
    options = params(**given)
    service = VENDOR.serve(VENDOR.connect(options, read_only=True, secrets=secrets), options)
    assert service.matches(VENDOR.desired(params())) == []
    fields = {name: [value] for name, value in form.items()}
    whole = {**fields, "client_id": ["seal-opcli"], "client_secret": ["s3cret-s3cret"]}
    assert parse_qs(str(server.calls[2].request.body)) == whole
    assert [call.request.headers.get("Authorization") for call in server.calls] == [
        None,
        None,
        None,
        "Bearer fresh-token",
    ]
    assert secrets.mask("fresh-token s3cret-s3cret") == "******** ********"


def test_a_refused_token_is_renewed_once(server: responses.RequestsMock) -> None:
    server.get(
        f"{ISSUER}/.well-known/openid-configuration", json={"issuer": ISSUER, "token_endpoint": TOKEN_URL}
    )
    server.post(TOKEN_URL, json={"access_token": "fresh-token"})
    server.get(TASKS, status=401, json={"message": "expired"})
    given = {**USER, "token": "old-token-old", "issuer": f"{ISSUER}/"}
    with pytest.raises(TokenRefusedError, match="expired"):
        connector(**given).matches(VENDOR.desired(params()))
    tokens = [call.request.headers.get("Authorization") for call in server.calls]
    assert tokens == ["Bearer old-token-old", None, None, "Bearer fresh-token"]


@pytest.mark.parametrize(
    ("auth", "document", "words"),
    [
        ({"url": "http://issuer.example.com"}, None, "not https"),
        ({"url": "issuer"}, None, "not a usable URL"),
        ({}, None, "not a usable URL"),
        ([], None, "not a usable URL"),
        (None, {"issuer": "https://other.example.com"}, "is about 'https://other"),
        (None, {"issuer": None}, "is about ''"),
        (None, {"token_endpoint": "http://issuer.example.com/token"}, "not https"),
        (None, {"token_endpoint": None}, "not a usable URL"),
    ],
)
def test_credentials_go_to_nobody_else(
    server: responses.RequestsMock, auth: Any, document: dict[str, Any] | None, words: str
) -> None:
    if auth is None:
        issuing(server, **(document or {}))
    else:
        server.get(f"{ROOT}/auth", json=auth)
    with pytest.raises(LoginError, match=words) as error:
        connector(**USER).matches(VENDOR.desired(params()))
    assert "no credentials were sent" in str(error.value)
    assert all(call.request.method == "GET" for call in server.calls)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            {"status": 401, "json": {"error": "invalid_grant", "error_description": "Invalid user"}},
            "'Invalid user'",
        ),
        ({"status": 400, "body": "no"}, "'no'"),
        ({"status": 401}, "'HTTP 401'"),
        ({"json": {}}, "no access_token"),
        ({"json": {"access_token": 5}}, "no access_token"),
    ],
)
def test_a_login_that_fails_says_so(
    server: responses.RequestsMock, answer: dict[str, Any], words: str
) -> None:
    issuing(server)
    server.post(TOKEN_URL, **answer)
    with pytest.raises(RequestError, match=f"Could not log in as 'zoë'.*{words}"):
        connector(**USER).matches(VENDOR.desired(params()))


@pytest.mark.parametrize(
    ("answer", "words", "code"),
    [
        ({"json": {"code": "ERR_X", "message": "not so"}}, "'not so' (code ERR_X)", "ERR_X"),
        ({"body": "plain text"}, "'plain text'", None),
        ({"body": ""}, "'HTTP 400'", None),
        ({"json": ["x"]}, '["x"]', None),
        ({"json": {"message": {"deep": 1}}}, "deep", None),
    ],
)
def test_an_error_is_read_in_any_form(
    server: responses.RequestsMock, answer: dict[str, Any], words: str, code: str | None
) -> None:
    server.get(TASKS, status=400, **answer)
    with pytest.raises(RequestError) as error:
        connector().matches(VENDOR.desired(params()))
    assert words in str(error.value)
    assert (error.value.vendor_code, error.value.http_status) == (code, 400)


def test_the_given_fields_alone_are_declared() -> None:
    declared = VENDOR.desired(params(task_id="t1", name=None))
    assert (declared.fields, declared.name, declared.label) == ({}, "", "task_id t1")
    assert replace(declared, name="x").label == "x"
