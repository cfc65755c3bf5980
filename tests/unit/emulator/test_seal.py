# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SEAL Operator: login, tasks, lists, documents, and every switch."""

from __future__ import annotations

import copy
import uuid
from typing import Any

import pytest
import requests
from emulator.launch import RunningEmulator
from emulator.seal import merged
from hypothesis import given
from hypothesis import strategies as st

P4, DPF = "/services/operator-p4/tasks", "/services/operator-dpf/tasks"
REPO = "/services/operator-fileupload/repo"
GRANT = "/protocol/openid-connect/token"


class Operator:
    """A thin client: adds the token, returns the response."""

    def __init__(self, info: dict[str, Any]) -> None:
        self.account = info["accounts"]["seal"]
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = info["ca"]
        self.token = self.account["token"]

    def call(self, method: str, path: str, json: Any = None, **more: Any) -> requests.Response:
        """Send a request below /v1."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        url = f"{self.account['url']}/v1{path}"
        return self.session.request(method, url, json=json, headers=headers, timeout=10, **more)

    def grant(self, issuer: str, path: str = GRANT, **form: str) -> requests.Response:
        """Ask for a token by password unless the form says otherwise."""
        base = {
            "grant_type": "password",
            **{name: self.account[name] for name in ("client_id", "client_secret", "username", "password")},
        }
        sent = {name: value for name, value in {**base, **form}.items() if value}
        return self.session.post(issuer + path, data=sent, timeout=10)

    def create(self, *hrefs: str, path: str = P4, **body: Any) -> Any:
        """Create a task and return what the server answers."""
        items = {"input": {"embedded": {"listItems": [{"href": href} for href in hrefs]}}}
        answer = self.call("POST", path, {"name": "job", **({"lists": items} if hrefs else {}), **body})
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def upload(self, name: str = "a.txt", content: bytes | None = b"x", path: str = REPO) -> str:
        """Create a document and return its href."""
        entry = self.call("POST", path, {"name": name, "type": "document"}).json()
        if content is not None:
            answer = self.put(f"{REPO}/{entry['uuid']}/content", content)
            assert (answer.status_code, answer.content) == (204, b"")
        href: str = entry["links"]["self"]["href"]
        return href

    def put(self, path: str, content: bytes, media: str = "application/octet-stream") -> requests.Response:
        """Put content."""
        return self.call("PUT", path, data=content, headers={"Content-Type": media})

    def items(self, tid: str) -> list[str]:
        """Return the hrefs of a task's input list."""
        wire = self.call("GET", f"{P4}/{tid}?embed=input").json()
        return [item["href"] for item in wire["lists"]["input"]["embedded"]["listItems"]]

    def start(self, tid: str) -> int:
        """Start a task and return the status of the answer."""
        return self.call("POST", f"{P4}/{tid}/action", {"action": "start"}).status_code


@pytest.fixture
def operator(emulator: RunningEmulator) -> Operator:
    """Return a client that holds the lasting token."""
    return Operator(emulator.info)


def test_login(operator: Operator, emulator: RunningEmulator) -> None:
    """Issuer, discovery, both grants, in both paths of the issuer; tokens run out."""
    for path in ("/realms/SEAL", "/auth/realms/SEAL"):
        emulator.switch("seal", issuer_path=path)
        operator.token = ""
        issuer = operator.call("GET", "/auth").json()["url"]
        assert issuer == f"{operator.account['url']}{path}"
        found = operator.session.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
        assert (found["issuer"], found["token_endpoint"]) == (issuer, issuer + GRANT)
        for form in ({}, {"grant_type": "client_credentials", "username": "", "password": ""}):
            answer = operator.grant(issuer, **form).json()
            assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 300)
            operator.token = answer["access_token"]
            assert operator.call("GET", P4).json() == []
    assert operator.grant(issuer.replace("/auth", "")).status_code == 404
    assert {"discovery", "login", "auth"} <= {entry["operation"] for entry in emulator.log("seal")}
    assert emulator.log("seal", "login", writes=True) == []
    emulator.advance(301)
    assert operator.call("GET", P4).status_code == 401
    emulator.switch("seal", token_path="/token", grants=["client_credentials"])
    issuer = operator.call("GET", "/auth").json()["url"]
    assert operator.grant(issuer).status_code == 404
    assert operator.grant(issuer, "/token").json()["error"] == "unauthorized_client"
    assert operator.grant(issuer, "/token", grant_type="client_credentials").status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"password": "x"}, 401, "invalid_grant"),
        ({"username": ""}, 401, "invalid_grant"),
        ({"client_secret": "x"}, 401, "unauthorized_client"),
        ({"client_id": "x"}, 401, "unauthorized_client"),
        ({"grant_type": "code"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
    ],
)
def test_refused_logins(operator: Operator, form: dict[str, str], status: int, error: str) -> None:
    """Keycloak's own words."""
    answer = operator.grant(operator.call("GET", "/auth").json()["url"], **form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_client_secret_in_a_header(operator: Operator) -> None:
    """The client may also be named by Basic authentication."""
    pair = (operator.account["client_id"], operator.account["client_secret"])
    url = operator.call("GET", "/auth").json()["url"] + GRANT
    for secret, status in ((pair[1], 200), ("x", 401)):
        form = {"grant_type": "client_credentials"}
        answer = operator.session.post(url, data=form, auth=(pair[0], secret), timeout=10)
        assert answer.status_code == status
    headers = {"Authorization": "Basic %%%"}
    assert operator.session.post(url, data=form, headers=headers, timeout=10).status_code == 401


@pytest.mark.parametrize("mischief", ["http_issuer", "http_token", "other_issuer"])
def test_issuer_mischief(operator: Operator, emulator: RunningEmulator, mischief: str) -> None:
    """Each trick changes one thing only."""
    plain = operator.call("GET", "/auth").json()["url"]
    good = operator.session.get(f"{plain}/.well-known/openid-configuration", timeout=10).json()
    emulator.switch("seal", issuer_mischief=mischief)
    issuer = operator.call("GET", "/auth").json()["url"]
    assert issuer.startswith("http:") == (mischief == "http_issuer")
    if mischief == "http_issuer":
        return
    found = operator.session.get(f"{plain}/.well-known/openid-configuration", timeout=10).json()
    different = "issuer" if mischief == "other_issuer" else "token_endpoint"
    assert [name for name in good if good[name] != found[name] and name[:5] in different] == [different]


def test_tls_only_and_expired_token(operator: Operator, emulator: RunningEmulator) -> None:
    """Plain HTTP gets nowhere, and neither does a token that was made void."""
    operator.account = {**operator.account, "url": emulator.info["http"]}
    assert operator.call("GET", P4).status_code == 400
    operator.account = emulator.info["accounts"]["seal"]
    emulator.fault("expire_token", vendor="seal")
    assert operator.call("GET", P4).status_code == 401
    assert operator.call("GET", "/services").status_code == 401


def test_services(operator: Operator) -> None:
    """Connectors and the store; tasks and documents only where they belong."""
    assert [service["sid"] for service in operator.call("GET", "/services").json()] == [
        "operator-p4",
        "operator-p5",
        "operator-dpf",
        "operator-fileupload",
    ]
    assert operator.call("GET", "/services/operator-dpf").json()["types"] == ["convert", "merge"]
    assert operator.call("GET", "/services/operator-p9/tasks").status_code == 404
    assert operator.call("GET", "/services/operator-fileupload/tasks").status_code == 404
    assert operator.call("GET", "/services/operator-p4/repo").status_code == 404
    assert operator.call("GET", "/nothing").status_code == 404


def test_ladder_of_a_task(operator: Operator, emulator: RunningEmulator) -> None:
    """Create, read, patch, replace, start, run, delete."""
    href = operator.upload()
    task = operator.create(href, metadata={"Printer": "LocalPrinter", "copies": 1})
    assert str(uuid.UUID(task["tid"])) == task["tid"]
    assert task["links"]["self"]["href"] == f"/v1{P4}/{task['tid']}"
    assert (task["state"], task["owner"], task["type"]) == ("created", "printer", "print")
    assert "embedded" not in task["lists"]["input"]
    path = f"{P4}/{task['tid']}"
    assert operator.call("GET", P4).json() == operator.call("GET", "/tasks").json() == [task]
    patched = operator.call("PATCH", path, {"metadata": {"copies": 2}}).json()
    assert patched["metadata"] == {"Printer": "LocalPrinter", "copies": 2}
    assert operator.call("PUT", path, {"metadata": {"a": 1}}).json()["metadata"] == {"a": 1}
    assert operator.start(task["tid"]) == 204
    assert operator.call("GET", path).json()["state"] == "running"
    assert operator.start(task["tid"]) == 409
    emulator.advance(61)
    assert operator.call("GET", path).json()["state"] == "finished"
    assert operator.start(task["tid"]) == 409
    for method, where, body in (
        ("PATCH", path, {"metadata": {}}),
        ("PUT", path, {"metadata": {}}),
        ("POST", f"{path}/input?href={href}", None),
        ("DELETE", f"{path}/input/0", None),
    ):
        assert operator.call(method, where, body).status_code == 409
    assert operator.call("GET", f"{path}/output").json() == []
    assert emulator.starts("seal")["total"] == 1
    assert operator.call("DELETE", path).status_code == 204
    assert operator.call("DELETE", path).status_code == 404
    assert operator.call("GET", path).json()["code"] == "ERR_NOT_FOUND"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": " "},
        {"name": 1},
        {"name": "a", "colour": "red"},
        {"name": "a", "metadata": []},
        {"name": "a", "type": "convert"},
        {"name": "a", "owner": ""},
        {"name": "a", "lists": []},
        {"name": "a", "lists": {"output": {}}},
        {"name": "a", "lists": {"input": {"embedded": {"listItems": {}}}}},
        {"name": "a", "lists": {"input": {"embedded": {"listItems": [{"href": "/v1/x"}]}}}},
        {"name": "a", "lists": {"input": {"embedded": {"listItems": [{"metadata": {}}]}}}},
        [],
        "text",
    ],
)
def test_bad_tasks(operator: Operator, body: Any) -> None:
    """What the pages do not allow makes no task."""
    assert operator.call("POST", P4, body).status_code == 400
    assert operator.call("GET", P4).json() == []


def test_type_among_several(operator: Operator) -> None:
    """A connector with several types wants one of them."""
    assert operator.call("POST", DPF, {"name": "a"}).status_code == 400
    assert operator.create(path=DPF, type="convert")["type"] == "convert"


def test_owner_and_visibility(operator: Operator, emulator: RunningEmulator) -> None:
    """A user sees the own tasks, an administrator and the switches all; another's is forbidden."""
    assert operator.call("POST", P4, {"name": "a", "owner": "opadmin"}).status_code == 403
    issuer = operator.call("GET", "/auth").json()["url"]
    user, admin = operator.token, operator.grant(issuer, **operator.account["admin"]).json()["access_token"]
    client = operator.grant(issuer, grant_type="client_credentials").json()["access_token"]
    operator.create()
    operator.token = admin
    other = operator.create(owner="opadmin")
    assert len(operator.call("GET", P4).json()) == 2
    for token, switch, value in (
        (user, "task_visibility", 1),
        (client, "service_account_scope", 0),
    ):
        operator.token = token
        assert len(operator.call("GET", P4).json()) == value
        assert operator.call("GET", f"{P4}/{other['tid']}").status_code == 403
        assert operator.call("DELETE", f"{P4}/{other['tid']}").status_code == 403
        emulator.switch("seal", **{switch: "all"})
        assert len(operator.call("GET", P4).json()) == 2


def test_input_list(operator: Operator) -> None:
    """Append in both ways, insert, delete by index; the indexes shift."""
    a, b, c = (operator.upload(name) for name in "abc")
    tid = operator.create(a)["tid"]
    path = f"{P4}/{tid}/input"
    assert operator.call("POST", f"{path}?href={b}").json() == {"href": b, "index": 1}
    body = {"href": c, "metadata": {"copies": 2}}
    assert operator.call("POST", f"{path}?index=0", body).json() == {**body, "index": 0}
    assert operator.items(tid) == [c, a, b]
    assert operator.call("GET", f"{path}/0").json() == body
    for method, query, document, status in (
        ("POST", f"?href={a}", {"href": a}, 400),
        ("POST", "", None, 400),
        ("POST", f"?href={a}", {"metadata": {}}, 400),
        ("POST", "", {"href": a, "index": 0}, 400),
        ("POST", f"?href={a}&index=9", None, 404),
        ("POST", f"?href={a}&index=x", None, 400),
        ("POST", f"/0?href={a}", None, 404),
        ("PATCH", "/0", {"metadata": {}}, 404),
        ("DELETE", "/3", None, 404),
        ("DELETE", "/x", None, 400),
    ):
        assert operator.call(method, path + query, document).status_code == status
    deleted = operator.call("DELETE", f"{path}/1")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert operator.items(tid) == [c, b]
    assert operator.call("GET", f"{P4}/{tid}/children").status_code == 404


def test_documents(operator: Operator, emulator: RunningEmulator) -> None:
    """Entry, content, metadata, collections, and who uses what."""
    href = operator.upload(content=None)
    path = href.removeprefix("/v1")
    assert operator.call("GET", f"{path}/content").status_code == 404
    assert operator.put(f"{path}/content", b"x", "text/plain").status_code == 415
    assert operator.put(f"{path}/content", b"\xff\x00").status_code == 204
    answer = operator.call("GET", f"{path}/content")
    assert (answer.content, answer.headers["content-type"]) == (b"\xff\x00", "application/octet-stream")
    assert operator.call("PATCH", path, {"metadata": {"a": 1}}).json()["metadata"] == {"a": 1}
    assert operator.call("PUT", path, {"metadata": {"b": 1}}).json()["metadata"] == {"b": 1}
    collection = operator.call("POST", REPO, {"name": "c", "type": "collection"}).json()
    inside = operator.upload(path=f"{REPO}/{collection['uuid']}")
    assert [entry["name"] for entry in operator.call("GET", REPO).json()] == ["a.txt", "c"]
    children = operator.call("GET", f"{REPO}/{collection['uuid']}/children").json()
    assert [entry["links"]["self"]["href"] for entry in children] == [inside]
    operator.create(href)
    assert operator.call("POST", "/repo/inactives", [href, inside]).json() == [inside]
    emulator.switch("seal", used_content="409", inactives_shape="object")
    assert operator.put(f"{path}/content", b"y").status_code == 409
    assert operator.call("POST", "/repo/inactives", {"hrefs": [inside]}).json() == {"hrefs": [inside]}
    assert operator.call("DELETE", f"{path}/content").status_code == 204
    for method, where, body, status in (
        ("POST", "/repo/inactives", [inside], 400),
        ("POST", path, {"name": "x", "type": "document"}, 400),
        ("POST", REPO, {"name": "x"}, 400),
        ("POST", REPO, {"name": "x", "type": "document", "owner": "opadmin"}, 403),
        ("PATCH", path, {"type": "collection"}, 400),
        ("GET", f"{REPO}/{collection['uuid']}/content", None, 400),
        ("DELETE", f"{REPO}/{'0' * 8}", None, 404),
    ):
        assert operator.call(method, where, body).status_code == status
    assert operator.call("DELETE", path).status_code == 204
    assert operator.call("GET", path).status_code == 404


@pytest.mark.parametrize("verb", ["get", "put", "patch", "delete"])
def test_verbs_off(operator: Operator, emulator: RunningEmulator, verb: str) -> None:
    """A verb that the server lacks is answered with 404 or 405."""
    path = f"{P4}/{operator.create()['tid']}"
    emulator.switch("seal", **{f"task_{verb}": False})
    assert operator.call(verb.upper(), path, {"metadata": {}}).status_code == 404
    emulator.switch("seal", missing_verb="405")
    assert operator.call(verb.upper(), path, {"metadata": {}}).status_code == 405
    assert operator.call("GET", "/services/operator-p4/none").status_code == 404
    assert len(emulator.tasks("seal")) == 1


def test_places_and_shapes(operator: Operator, emulator: RunningEmulator) -> None:
    """Switches that show in one answer."""
    a, b = operator.upload("a"), operator.upload("b")
    emulator.switch("seal", create_status=200, task_href_place="href", item_get=False, embed_param="expand")
    answer = operator.call("POST", P4, {"name": "job"})
    assert answer.status_code == 200
    task = answer.json()
    assert (task["href"], "links" in task) == (f"/v1{P4}/{task['tid']}", False)
    path = f"{P4}/{task['tid']}"
    assert operator.call("GET", f"{path}/input").status_code == 404
    assert "embedded" not in operator.call("GET", f"{path}?embed=input").json()["lists"]["input"]
    lists = operator.call("GET", f"{path}?expand=input,output").json()["lists"]
    assert [lists[kind]["embedded"] for kind in ("input", "output")] == [{"listItems": []}] * 2
    emulator.switch("seal", collection_shape="embedded", task_states={"idle": "neu"}, error_body="text")
    emulator.switch("seal", task_field_names={"state": "status"}, error_codes={"bad_request": 422})
    (listed,) = operator.call("GET", P4).json()["embedded"]["tasks"]
    assert (listed["status"], "state" in listed) == ("neu", False)
    bad = operator.call("POST", P4, {})
    assert (bad.status_code, bad.text) == (422, "name is mandatory")
    emulator.switch("seal", insert_index="body", item_update=True)
    assert operator.call("POST", f"{path}/input", {"href": a, "index": 0}).json()["index"] == 0
    assert operator.call("POST", f"{path}/input?index=0", {"href": b}).json()["index"] == 1
    assert operator.call("PATCH", f"{path}/input/1", {"metadata": {"x": 1}}).json()["metadata"] == {"x": 1}
    assert operator.call("PUT", f"{path}/input/1", {"metadata": {"y": 1}}).json()["metadata"] == {"y": 1}
    emulator.switch("seal", insert_index="path")
    assert operator.call("POST", f"{path}/input/0?href={b}").json() == {"href": b, "index": 0}


@pytest.mark.parametrize("place", ["lists.input.metadata", "lists.input.embedded.metadata"])
def test_list_metadata(operator: Operator, emulator: RunningEmulator, place: str) -> None:
    """The list's own metadata is taken and shown in one place."""
    emulator.switch("seal", list_metadata_place=place)
    given = {"metadata": {"a": 1}, "embedded": {"metadata": {"b": 1}}}
    tid = operator.create(lists={"input": given})["tid"]
    shown = operator.call("GET", f"{P4}/{tid}?embed=input").json()["lists"]["input"]
    assert shown.get("metadata") == ({"a": 1} if place == "lists.input.metadata" else None)
    assert shown["embedded"].get("metadata") == (None if place == "lists.input.metadata" else {"b": 1})


def test_odata(operator: Operator, emulator: RunningEmulator) -> None:
    """Without the switch a query is ignored; with it, it filters, pages, counts and is checked."""
    for name in ("a", "b", "o'b"):
        operator.create(name=name)
    assert len(operator.call("GET", f"{P4}?$top=1").json()) == 3
    emulator.switch("seal", list_query="odata")
    for query, names in (
        ("", ["a", "b", "o'b"]),
        ("?$top=1", ["a"]),
        ("?$skip=1&$top=1", ["b"]),
        ("?$filter=name eq 'o''b'", ["o'b"]),
    ):
        assert [task["name"] for task in operator.call("GET", P4 + query).json()] == names
    counted = operator.call("GET", f"{P4}?$inlinecount=allpages&$top=1").json()
    assert (counted["totalCount"], len(counted["results"])) == (3, 1)
    assert operator.call("GET", f"{P4}?$filter=name like 'x'").status_code == 400
    assert operator.call("GET", f"{REPO}?$top=x").status_code == 400
    assert operator.call("GET", f"{REPO}?$inlinecount=allpages").json()["totalCount"] == 0


def test_starting(operator: Operator, emulator: RunningEmulator) -> None:
    """Empty lists, changes after the start, another start, other actions, deleting while it runs."""
    href = operator.upload()
    empty, full = operator.create()["tid"], operator.create(href)["tid"]
    assert operator.start(empty) == 400
    assert operator.call("POST", f"{P4}/{full}/action", {"action": "abort"}).status_code == 400
    emulator.switch(
        "seal",
        start_empty_input="204",
        mutable_after_start=True,
        restart_allowed=True,
        delete_running="409",
        action_executor="P4",
        task_actions=["start", "abort"],
        start_seconds=5,
    )
    assert operator.call("POST", f"{P4}/{full}/action", {"action": "abort"}).status_code == 204
    assert operator.start(empty) == operator.start(full) == 204
    path = f"{P4}/{full}"
    assert operator.call("GET", path).json()["state"] == "created"
    emulator.advance(6)
    assert operator.call("GET", path).json()["state"] == "running"
    assert operator.start(full) == 409
    assert operator.call("DELETE", path).status_code == 409
    assert operator.call("PATCH", path, {"metadata": {"a": 1}}).status_code == 200
    emulator.switch("seal", run_outcome="failed")
    emulator.advance(61)
    assert operator.call("GET", path).json()["state"] == "failed"
    assert operator.start(full) == 204
    emulator.switch("seal", run_outcome="completed")
    emulator.advance(66)
    assert operator.call("GET", f"{path}/output").json() == [{"href": href}]
    assert emulator.starts("seal")["tasks"] == {full: 2, empty: 1}


def test_sweeping(operator: Operator, emulator: RunningEmulator) -> None:
    """Ended tasks and unused documents go when their time is over; others stay."""
    used, unused = operator.upload("used"), operator.upload("unused")
    done, waiting = operator.create(used)["tid"], operator.create(used)["tid"]
    operator.start(done)
    emulator.advance(61)
    emulator.switch("seal", sweep_tasks=100, sweep_documents=100)
    assert {task["tid"] for task in operator.call("GET", P4).json()} == {done, waiting}
    emulator.advance(101)
    assert [task["tid"] for task in operator.call("GET", P4).json()] == [waiting]
    assert operator.call("GET", used.removeprefix("/v1")).status_code == 200
    assert operator.call("GET", unused.removeprefix("/v1")).status_code == 404


@pytest.mark.parametrize("mode", ["replace", "merge"])
def test_patch_of_nested_metadata(operator: Operator, emulator: RunningEmulator, mode: str) -> None:
    """Top-level values are replaced, or objects in them merged."""
    emulator.switch("seal", patch_nested=mode)
    path = f"{P4}/{operator.create(metadata={'a': {'b': {'c': 1}}})['tid']}"
    found = operator.call("PATCH", path, {"metadata": {"a": {"b": {"d": 1}}}}).json()["metadata"]
    assert found == {"a": {"b": {"d": 1} if mode == "replace" else {"c": 1, "d": 1}}}


@pytest.mark.parametrize(("kind", "key"), [("lists", "uuid"), ("panels", "pid")])
def test_lists_and_panels(operator: Operator, emulator: RunningEmulator, kind: str, key: str) -> None:
    """Off unless switched on."""
    assert operator.call("POST", f"/{kind}", {"name": "x"}).status_code == 404
    emulator.switch("seal", lists_panels=True)
    made = operator.call("POST", f"/{kind}", {"name": "x"}).json()
    assert operator.call("GET", f"/{kind}/{made[key]}").json() == made
    assert operator.call("GET", f"/{kind}/none").status_code == 404


def test_seed(operator: Operator, emulator: RunningEmulator) -> None:
    """Seeded tasks and documents look as if they had always been there."""
    document = {"uuid": "d1", "name": "a", "content": "x", "metadata": {"k": 1}}
    href = f"/v1{REPO}/d1"
    task = {
        "tid": "t1",
        "name": "old",
        "state": "completed",
        "lists": {"input": {"embedded": {"listItems": [{"href": href}]}}},
    }
    assert emulator.seed({"seal": {"documents": [document], "tasks": [task]}}) == {"seal": 1}
    assert operator.call("GET", f"{REPO}/d1/content").content == b"x"
    assert operator.call("GET", f"{P4}/t1").json()["state"] == "finished"
    assert operator.start("t1") == 409
    for wrong in (
        {"tasks": [{"name": "x", "state": "odd"}]},
        {"tasks": [{"name": "x", "service": "operator-fileupload"}]},
        {"documents": [{"name": ""}]},
    ):
        with pytest.raises(ValueError, match="seed"):
            emulator.seed({"seal": wrong})
    assert len(emulator.tasks("seal")) == 1


def test_an_error_leaves_nothing(operator: Operator, emulator: RunningEmulator) -> None:
    """A handler that breaks down after it stored something is undone."""
    emulator.switch("seal", task_states={"idle": "x"}, task_field_names={"state": []})
    assert operator.call("POST", P4, {"name": "a"}).status_code == 500
    emulator.switch("seal", task_field_names={})
    assert emulator.tasks("seal") == []


DEEP = st.recursive(
    st.integers(0, 2), lambda inner: st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), DEEP, max_size=3)


@given(OBJECTS, OBJECTS)
def test_merging_is_done_once(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Merging again changes nothing, the new leaves are there, and the inputs stay as they are."""
    kept = copy.deepcopy((old, new))
    once = merged(old, new)
    assert merged(once, new) == once
    assert set(once) == {*old, *new}
    assert (old, new) == kept
