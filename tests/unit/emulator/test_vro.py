# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The orchestrator: logins, lists, tasks and their life, workflows, runs, and every switch."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from emulator import vro_pattern, vro_values
from emulator.launch import RunningEmulator

START = "2030-01-01T00:00:00Z"


class Client:
    """A thin client that speaks JSON with Basic authentication."""

    def __init__(self, info: dict[str, Any]) -> None:
        self.account = info["accounts"]["vro"]
        self.workflows = self.account["workflows"]
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = info["ca"]
        self.session.auth = (self.account["username"], self.account["password"])
        self.session.headers["Accept"] = "application/json"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request to the orchestrator's API."""
        return self.session.request(method, f"{self.account['url']}/vco/api{path}", timeout=10, **options)

    def body(self, **fields: Any) -> dict[str, Any]:
        """Return a right body of a task, with fields replaced, or left out where None."""
        base = {
            "name": "nightly",
            "workflow": {"id": self.workflows["Maintenance/Clean snapshots"]},
            "recurrence-cycle": "every-days",
            "recurrence-pattern": "(Europe/Zurich) 02:00:00,",
            "recurrence-start-date": START,
            **fields,
        }
        return {name: value for name, value in base.items() if value is not None}

    def create(self, **fields: Any) -> requests.Response:
        """Create a task that is right unless the caller says otherwise."""
        return self.call("POST", "/tasks", json=self.body(**fields))

    def update(self, task_id: str, **fields: Any) -> requests.Response:
        """Send a whole task."""
        return self.call("POST", f"/tasks/{task_id}", json=self.body(**fields))

    def state(self, task_id: str) -> str:
        """Return the state of a task."""
        found: str = self.call("GET", f"/tasks/{task_id}").json()["state"]
        return found


@pytest.fixture
def client(emulator: RunningEmulator) -> Client:
    """Return a client of the orchestrator as it is right after its start."""
    return Client(emulator.info)


def parameter(name: str, kind: str, value: Any) -> dict[str, Any]:
    """Return a parameter of the wire."""
    return {"name": name, "type": kind, "value": value}


def test_basic_and_reader(client: Client, emulator: RunningEmulator) -> None:
    """Basic logs in by the full name only; a reader sees no workflow and cannot write."""
    assert client.call("GET", "/about").json()["version"].startswith("8.18.1")
    assert client.call("GET", "/users").json()["name"] == client.account["username"]
    client.session.auth = ("orchestrator", client.account["password"])
    refused = client.call("GET", "/tasks")
    assert (refused.status_code, refused.text) == (401, "")
    assert client.call("GET", "/about").status_code == 200
    reader = client.account["reader"]
    client.session.auth = (reader["username"], reader["password"])
    assert client.call("GET", "/workflows").json()["link"] == []
    refused = client.create()
    assert (refused.status_code, refused.json()["message"][-13:]) == (403, "(Edit, false)")
    emulator.switch("vro", basic_auth=False)
    assert client.call("GET", "/users").status_code == 401


def test_token_logins(client: Client, emulator: RunningEmulator) -> None:
    """vRA in two steps, its API token, and VCF's tenant and provider; tokens expire."""
    account, url = client.account, client.account["url"]
    client.session.auth = None
    login = {"username": "orchestrator", "password": account["password"], "domain": account["domain"]}
    post = client.session.post
    assert post(f"{url}/csp/gateway/am/api/login", json=login, timeout=10).status_code == 400
    refresh = post(f"{url}/csp/gateway/am/api/login?access_token", json=login, timeout=10).json()
    first = refresh["refresh_token"]
    token = post(f"{url}/iaas/api/login", json={"refreshToken": first}, timeout=10).json()["token"]
    assert post(f"{url}/iaas/api/login", json={"refreshToken": "x"}, timeout=10).status_code == 403
    form = {"grant_type": "refresh_token", "refresh_token": account["api_token"]}
    for path in ("/tm/oauth/tenant/acme/token", "/oauth/tenant/acme/token", "/oauth/provider/token"):
        answer = post(f"{url}{path}", data=form, timeout=10).json()
        assert answer["expires_in"] == 3600
    assert post(f"{url}/tm/oauth/tenant/other/token", data=form, timeout=10).status_code == 400
    exchange = f"{url}/csp/gateway/am/api/auth/api-tokens/authorize"
    assert post(exchange, data={"api_token": account["api_token"]}, timeout=10).json()["access_token"]
    assert post(exchange, data={"api_token": "x"}, timeout=10).status_code == 400
    for secret, status in (
        (first, 401),
        (answer["access_token"], 200),
        (token, 200),
        (account["token"], 200),
    ):
        client.session.headers["Authorization"] = f"Bearer {secret}"
        assert client.call("GET", "/tasks").status_code == status
    client.session.headers["Authorization"] = f"Bearer {answer['access_token']}"
    emulator.advance(3601)
    assert client.call("GET", "/tasks").status_code == 401


def test_create_answers_by_generation(client: Client, emulator: RunningEmulator) -> None:
    """8.x answers the task, 7.x an empty body; the id is in Location, with or without a slash."""
    created = client.create()
    assert created.status_code == 202
    assert created.headers["Location"].endswith(f"/vco/api/tasks/{created.json()['id']}/")
    task = client.call("GET", created.headers["Location"].partition("/vco/api")[2]).json()
    assert task == created.json()
    assert task["recurrence-start-date"] == "2030-01-01T00:00:00.000+00:00"
    assert task["recurrence-pattern"] == "(Europe/Zurich) 02:00:00,"
    assert (task["state"], task["start-mode"], task["user"]) == (
        "pending",
        "normal",
        client.account["username"],
    )
    assert "running-instance-id" not in task
    emulator.switch("vro", profile=7)
    old = client.create()
    assert (old.status_code, old.text, old.headers["Location"][-1]) == (202, "", "/")
    emulator.switch("vro", profile=9, location_trailing_slash=False)
    assert client.create().headers["Location"][-1] != "/"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": None}, 400),
        ({"workflow": None}, 400),
        ({"workflow": {"id": "none"}}, 404),
        ({"workflow": "none"}, 400),
        ({"recurrence-start-date": None}, 400),
        ({"recurrence-start-date": "2030-01-01"}, 400),
        ({"recurrence-start-date": "2030-01-01T00:00:00"}, 400),
        ({"recurrence-start-date": 1893456000000}, 400),
        ({"recurrence-end-date": "2029-01-01T00:00:00Z"}, 400),
        ({"recurrence-cycle": "EVERY_DAYS"}, 400),
        ({"recurrence-cycle": "hourly"}, 400),
        ({"start-mode": "START_IN_THE_PAST"}, 400),
        ({"recurrence-pattern": ""}, 400),
        ({"recurrence-pattern": "25:00:00"}, 400),
        ({"recurrence-pattern": "(Mars/Base) 02:00:00,"}, 400),
        ({"recurrence-cycle": "every-weeks", "recurrence-pattern": "Moonday 01:00:00"}, 400),
        ({"recurrence-cycle": "every-months", "recurrence-pattern": "32 01:00:00"}, 400),
        ({"state": "scheduled"}, 400),
        ({"state": "running"}, 400),
        ({"state": "SUSPENDED"}, 400),
        ({"id": "mine"}, 400),
        ({"parameter": []}, 400),
    ],
)
def test_strict_create(client: Client, fields: dict[str, Any], status: int) -> None:
    """What the pages do not allow is refused, and no task is made."""
    assert client.create(**fields).status_code == status
    assert client.call("GET", "/catalog/System/Task?maxResult=0").json() == {
        "link": [],
        "total": 0,
        "start": 0,
    }


def test_strict_requests(client: Client) -> None:
    """Representation, methods, bodies and unknown tasks."""
    assert client.call("PUT", "/tasks/x").status_code == 405
    assert client.call("GET", "/nothing").status_code == 404
    assert client.call("GET", "/tasks", headers={"Accept": "application/xml"}).status_code == 406
    assert client.call("POST", "/tasks", data="{}").status_code == 415
    answer = client.call("POST", "/tasks", data="[", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
    for method in ("GET", "DELETE"):
        answer = client.call(method, "/tasks/none")
        assert (answer.status_code, answer.text) == (404, "")


def test_updates(client: Client, emulator: RunningEmulator) -> None:
    """A whole body changes what it names; workflow and end date stay; states are transitions."""
    task_id = client.create(**{"recurrence-end-date": "2031-01-01T00:00:00Z"}).json()["id"]
    changed = client.update(task_id, name="weekly", description="d").json()
    assert (changed["name"], changed["description"], changed["state"]) == ("weekly", "d", "pending")
    assert (
        client.update(task_id, **{"recurrence-end-date": ""}).json()["recurrence-end-date"].startswith("2031")
    )
    assert client.update(task_id, workflow=None).status_code == 400
    other = {"id": client.workflows["Examples/Say hello"]}
    assert client.update(task_id, workflow=other).status_code == 400
    assert client.update(task_id, state="suspended").json()["state"] == "suspended"
    again = client.update(task_id, state="suspended", name="never")
    assert (again.status_code, again.json()) == (409, {"message": "Cannot resume task"})
    assert client.update(task_id, name="kept").json()["state"] == "suspended"
    assert client.update(task_id, state="scheduled").status_code == 400
    assert client.update(task_id, state="pending").json()["state"] == "pending"
    emulator.switch("vro", resuspend_409=False, end_date_clearable=True, update_requires="nothing")
    assert client.update(task_id, state="pending").status_code == 200
    assert "recurrence-end-date" not in client.update(task_id, **{"recurrence-end-date": ""}).json()
    assert client.call("POST", f"/tasks/{task_id}", json={"description": "e"}).json()["description"] == "e"
    assert client.call("DELETE", f"/tasks/{task_id}").status_code == 204
    assert emulator.tasks("vro") == []


def test_parameters_are_replaced_as_a_whole(client: Client, emulator: RunningEmulator) -> None:
    """Two entries after one; left out they stay, by the switch they go; 7.x takes none in an update."""
    days = parameter("days", "number", {"number": {"value": 7}})
    folder = parameter("folder", "string", {"string": {"value": "x"}})
    task_id = client.create(**{"input-parameters": [{**days, "description": "d"}]}).json()["id"]
    shown = client.call("GET", f"/tasks/{task_id}").json()["input-parameters"]
    assert shown == [{**days, "scope": "local", "description": ""}]
    assert isinstance(shown[0]["value"]["number"]["value"], float)
    assert len(client.update(task_id, **{"input-parameters": [days, folder]}).json()["input-parameters"]) == 2
    assert len(client.update(task_id).json()["input-parameters"]) == 2
    emulator.switch("vro", number_readback="as_sent", parameter_description_blanked=False)
    kept = client.update(task_id, **{"input-parameters": [{**days, "description": "d"}]}).json()
    assert kept["input-parameters"][0]["description"] == "d"
    emulator.switch("vro", profile=7)
    assert len(client.update(task_id, **{"input-parameters": [days, folder]}).json()["input-parameters"]) == 1
    emulator.switch("vro", profile=8, update_omitted_parameters="clear")
    assert client.update(task_id).json()["input-parameters"] == []


GOOD_VALUES = [
    ("string", {"string": {"value": "x"}}),
    ("number", {"number": {"value": 4.5}}),
    ("boolean", {"boolean": {"value": True}}),
    ("Date", {"date": {"value": "2026-09-11T10:00:00.000+00:00"}}),
    ("SecureString", {"secure-string": {"value": "s"}}),
    ("EncryptedString", {"encrypted-string": {"value": "s"}}),
    ("Array/string", {"array": {"elements": [{"string": {"value": "a"}}]}}),
    ("VC:VirtualMachine", {"sdk-object": {"type": "VC:VirtualMachine", "id": "vm-1"}}),
    ("Properties", {"properties": {"property": [{"key": "k", "value": {"string": {"value": "v"}}}]}}),
    ("Any", {"boolean": {"value": False}}),
    ("string", None),
    ("SecureString", None),
]


@pytest.mark.parametrize(("kind", "value"), GOOD_VALUES)
def test_values_are_taken(client: Client, kind: str, value: Any) -> None:
    """Each type takes its own key, and no value at all."""
    assert client.create(**{"input-parameters": [parameter("p", kind, value)]}).status_code == 202


@pytest.mark.parametrize(
    ("parameters", "html"),
    [
        ([parameter("p", "string", {"SecureString": {"value": "x"}})], True),
        ([parameter("p", "string", {"string": {}, "number": {}})], True),
        ([parameter("p", "string", "x")], True),
        ([{**parameter("p", "string", None), "colour": 1}], True),
        ({}, False),
        ([parameter("p", "SecureString", {"string": {"value": "x"}})], False),
        ([parameter("p", "number", {"number": {"value": "42"}})], False),
        ([parameter("p", "boolean", {"boolean": {"value": "true"}})], False),
        ([parameter("p", "Date", {"date": {"value": "soon"}})], False),
        ([parameter("p", "Array/number", {"array": {"elements": [{"string": {"value": "a"}}]}})], False),
        ([parameter("p", "Properties", {"properties": {"properties": []}})], False),
        ([parameter("1p", "string", None)], False),
        ([parameter("p", "", None)], False),
        ([parameter("p", "string", None), parameter("p", "string", None)], False),
    ],
)
def test_wrong_values(client: Client, emulator: RunningEmulator, parameters: Any, html: bool) -> None:
    """An unknown key of a value is answered with a page, a wrong value with a message."""
    answer = client.create(**{"input-parameters": parameters})
    if parameters == {}:
        assert answer.status_code == 202  # nothing given
        return
    assert answer.status_code == 400
    assert ("html" in answer.headers["content-type"]) == html
    emulator.switch("vro", html_400_unknown_value_key=False)
    assert client.create(**{"input-parameters": parameters}).json()["message"]


def test_secrets_read_back(client: Client, emulator: RunningEmulator) -> None:
    """Left out, masked or plain; 7.x also took a string."""
    secret = parameter("password", "SecureString", {"secure-string": {"value": "pssst"}})
    task_id = client.create(**{"input-parameters": [secret]}).json()["id"]

    def shown() -> Any:
        return client.call("GET", f"/tasks/{task_id}").json()["input-parameters"][0].get("value")

    assert shown() is None
    emulator.switch("vro", secure_readback="masked")
    assert shown() == {"secure-string": {"value": vro_values.MASKED}}
    emulator.switch("vro", secure_readback="plain")
    assert shown() == secret["value"]
    assert emulator.tasks("vro")[0]["input-parameters"][0]["value"] == secret["value"]
    emulator.switch("vro", profile=7, secure_readback="omit")
    old = parameter("password", "SecureString", {"string": {"value": "pssst"}})
    assert client.create(**{"input-parameters": [old]}).status_code == 202


def test_lists(client: Client, emulator: RunningEmulator) -> None:
    """Nested and flat; links without attributes; three sets of attributes; pages only by a switch."""
    ids = [client.create(name=name).json()["id"] for name in ("a", "b", "c")]
    answer = client.call("GET", "/tasks?maxResult=1&startIndex=2").json()["relations"]
    assert (answer["total"], [link["rel"] for link in answer["link"]]) == (3, ["down"] * 3 + ["up"])
    assert answer["link"][0]["attributes"] == [
        {"name": "name", "value": "a"},
        {"name": "state", "value": "pending"},
    ]
    assert "attributes" not in answer["link"][-1]
    emulator.switch("vro", list_shape="flat", task_link_attributes="none", tasks_paging=2)
    flat = client.call("GET", "/tasks", params={"startIndex": 2}).json()
    assert [link["href"].rstrip("/").rpartition("/")[2] for link in flat["link"][:-1]] == ids[2:]
    assert "attributes" not in flat["link"][0]
    workflow = client.workflows["Maintenance/Clean snapshots"]
    assert client.call("GET", f"/workflows/{workflow}/tasks").json()["total"] == 3
    assert (
        client.call("GET", f"/workflows/{client.workflows['Examples/Say hello']}/tasks").json()["total"] == 0
    )
    assert client.call("GET", "/workflows/none/tasks").status_code == 404
    assert client.call("GET", "/catalog/System/Task").json()["total"] == 3


def attributes(link: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a link as a dictionary."""
    return {item["name"]: item["value"] for item in link.get("attributes", [])}


def test_workflows_and_folders(client: Client, emulator: RunningEmulator) -> None:
    """8.18 ignores conditions, 9.1 honours them in any case and refuses queryCount."""
    total = len(client.workflows)
    path = "/workflows?conditions=name=patch hosts"
    assert client.call("GET", path).json()["total"] == total
    emulator.switch("vro", profile=9)
    found = client.call("GET", path).json()["link"]
    assert [attributes(link)["categoryName"] for link in found] == ["Linux", "Windows"]
    assert client.call("GET", "/workflows?queryCount=true").json() == {
        "message": "isQueryCount is not implemented for the type."
    }
    assert len(client.call("GET", "/workflows?maxResult=1&startIndex=1").json()["link"]) == 1
    emulator.switch("vro", profile=7)
    assert client.call("GET", path).json()["total"] == 0
    assert attributes(client.call("GET", "/workflows?conditions=name~Patch").json()["link"][0])["@name"]
    roots = client.call("GET", "/categories?categoryType=WorkflowCategory&isRoot=true").json()["link"]
    assert [attributes(link)["name"] for link in roots] == ["Examples", "Maintenance"]
    folder = client.call("GET", attributes(found[0])["categoryHref"].partition("/vco/api")[2]).json()
    assert (folder["path"], len(folder["path-ids"])) == ("Maintenance/Linux", 2)
    inside = client.call("GET", f"/catalog/System/WorkflowCategory/{folder['id']}/workflows").json()
    assert inside["total"] == 1
    workflow = client.call("GET", f"/workflows/{client.workflows['Maintenance/Rotate password']}").json()
    assert [item["type"] for item in workflow["input-parameters"]] == ["string", "SecureString"]
    assert client.call("GET", "/categories/none").status_code == 404


def at(text: str) -> float:
    """Return an instant as seconds."""
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


@pytest.mark.parametrize(
    ("cycle", "pattern", "after", "expected"),
    [
        ("every-minutes", "(UTC) 30,", "2030-01-01T00:00:31+00:00", "2030-01-01T00:01:30+00:00"),
        ("every-hours", "(Asia/Kolkata) 10:00,", "2030-01-01T00:00:00+00:00", "2030-01-01T00:40:00+00:00"),
        ("every-days", "(Europe/Zurich) 02:00:00,", "2030-07-01T00:00:01+00:00", "2030-07-02T00:00:00+00:00"),
        ("every-days", "12:00:00, 19:30:00", "2030-01-01T12:00:00+00:00", "2030-01-01T19:30:00+00:00"),
        ("every-weeks", "(UTC) Monday 02:00:00,", "2030-01-01T00:00:00+00:00", "2030-01-07T02:00:00+00:00"),
        (
            "every-weeks",
            "Mon 00:00:00, Wed 18:00:00",
            "2030-01-01T00:00:00+00:00",
            "2030-01-02T18:00:00+00:00",
        ),
        ("every-months", "(UTC) 31 00:00:00,", "2030-01-31T00:00:00+00:00", "2030-03-31T00:00:00+00:00"),
    ],
)
def test_patterns(cycle: str, pattern: str, after: str, expected: str) -> None:
    """Each cycle fires where its pattern says, in its own zone."""
    recurrence = vro_pattern.parse(cycle, pattern, classic=True, comma_required=False)
    assert vro_pattern.next_after(recurrence, at(after)) == at(expected)


@pytest.mark.parametrize(
    ("text", "classic", "comma"),
    [("02:00:00,", False, False), ("(UTC) 02:00:00", True, True), ("(UTC) ,", True, False)],
)
def test_patterns_are_refused(text: str, classic: bool, comma: bool) -> None:
    """The classic form and a missing comma are refused where the switches say so."""
    with pytest.raises(vro_pattern.PatternError):
        vro_pattern.parse("every-days", text, classic=classic, comma_required=comma)


def test_recurring_life(client: Client, emulator: RunningEmulator) -> None:
    """A task fires, runs, waits again, is suspended, resumed, and finished after its end date."""
    emulator.set_clock("2030-01-01T00:00:00Z")
    fields = {"recurrence-pattern": "(UTC) 02:00:00,", "recurrence-end-date": "2030-01-04T00:00:00Z"}
    task_id = client.create(**fields).json()["id"]
    emulator.set_clock("2030-01-01T02:00:10Z")
    task = client.call("GET", f"/tasks/{task_id}").json()
    runs = client.call("GET", f"/tasks/{task_id}/executions").json()["relations"]["link"]
    assert (task["state"], task["running-instance-id"]) == ("running", attributes(runs[0])["id"])
    emulator.advance(60)
    assert client.state(task_id) == "pending"
    client.update(task_id, **fields, state="suspended")
    emulator.set_clock("2030-01-02T03:00:00Z")
    assert emulator.starts("vro")["total"] == 1
    client.update(task_id, **fields, state="pending")
    emulator.set_clock("2030-01-03T23:00:00Z")
    assert (client.state(task_id), emulator.starts("vro")["total"]) == ("pending", 2)
    emulator.set_clock("2030-01-04T00:00:01Z")
    assert client.state(task_id) == "finished"
    assert client.update(task_id, **fields, state="suspended").status_code == 409


ONE_TIME = {"recurrence-cycle": "one-time", "recurrence-pattern": "(UTC) "}
PAST = {**ONE_TIME, "recurrence-start-date": "2020-01-01T00:00:00Z"}


def test_one_time_life(client: Client, emulator: RunningEmulator) -> None:
    """Finished or in error after its run; a new date revives it."""
    emulator.set_clock("2029-12-31T23:00:00Z")
    task_id = client.create(**ONE_TIME).json()["id"]
    failing = {"id": client.workflows["Examples/Always fails"]}
    failed_id = client.create(**ONE_TIME, workflow=failing).json()["id"]
    emulator.set_clock("2030-01-01T00:02:00Z")
    assert (client.state(task_id), client.state(failed_id)) == ("finished", "error")
    later = {**ONE_TIME, "recurrence-start-date": "2031-01-01T00:00:00Z"}
    assert client.update(task_id, **later).json()["state"] == "pending"


@pytest.mark.parametrize(
    ("switches", "mode", "runs"),
    [
        ({}, "normal", 0),
        ({}, "start-in-the-past", 1),
        ({"start_mode_rule": "ignored"}, "start-in-the-past", 0),
        ({"past_one_time_normal": "fire"}, "normal", 1),
        ({"past_one_time_normal": "reject"}, "normal", None),
    ],
)
def test_a_start_in_the_past(
    client: Client, emulator: RunningEmulator, switches: dict[str, Any], mode: str, runs: int | None
) -> None:
    """What a missed start does is not proven."""
    emulator.switch("vro", **switches)
    answer = client.create(**PAST, **{"start-mode": mode})
    assert answer.status_code == (400 if runs is None else 202)
    emulator.advance(120)
    assert emulator.starts("vro")["total"] == (runs or 0)
    if runs is not None:
        assert client.state(answer.json()["id"]) == ("finished" if runs else "pending")


@pytest.mark.parametrize(
    ("switches", "fields", "status", "state"),
    [
        ({}, {"state": "suspended"}, 202, "pending"),
        ({"create_suspended_becomes_pending": False}, {"state": "suspended"}, 202, "suspended"),
        ({"state_request_other": "ignore"}, {"state": "running"}, 202, "pending"),
        ({"state_request_other": "ignore"}, {"state": "scheduled"}, 400, None),
        ({"enum_case_strict": False}, {"recurrence-cycle": "EVERY_DAYS"}, 202, "pending"),
        ({"pattern_classic_form": False}, {"recurrence-pattern": "02:00:00"}, 400, None),
        ({"pattern_trailing_comma_required": True}, {"recurrence-pattern": "(UTC) 02:00:00"}, 400, None),
        ({"task_limit": 0}, {}, 400, None),
        (
            {"properties_list_key": "properties"},
            {"input-parameters": [parameter("p", "Properties", {"properties": {"properties": []}})]},
            202,
            "pending",
        ),
    ],
)
def test_switches_of_create(
    client: Client,
    emulator: RunningEmulator,
    switches: dict[str, Any],
    fields: dict[str, Any],
    status: int,
    state: str | None,
) -> None:
    """Switches that show in one create."""
    emulator.switch("vro", **switches)
    answer = client.create(**fields)
    assert answer.status_code == status
    assert answer.json().get("state") == state


def test_other_switches(client: Client, emulator: RunningEmulator) -> None:
    """Dates, names, ids of runs, conflicts of a delete, credentials, error texts, resume."""
    task_id = client.create().json()["id"]
    forms = {"z": START, "zone_offset": "2030-01-01T02:00:00.000+02:00", "epoch_millis": 1893456000000}
    for form, expected in forms.items():
        emulator.switch("vro", date_form=form)
        assert client.call("GET", f"/tasks/{task_id}").json()["recurrence-start-date"] == expected
    emulator.switch("vro", duplicate_names=False, running_instance_id="always", pattern_error_text="Nope")
    assert client.create().status_code == 400
    assert client.create(name="b", **{"recurrence-pattern": "x"}).json()["message"].startswith("Nope")
    assert client.call("GET", f"/tasks/{task_id}").json()["running-instance-id"] == ""
    assert client.call("PATCH", f"/tasks/credentials/{task_id}").json()["id"] == task_id
    emulator.switch("vro", credentials_patch=False, resume_via_pending=False, delete_conflicts=1)
    assert client.call("PATCH", f"/tasks/credentials/{task_id}").status_code == 404
    client.update(task_id, state="suspended")
    assert client.update(task_id, state="pending").status_code == 409
    assert [client.call("DELETE", f"/tasks/{task_id}").status_code for dummy in range(3)] == [409, 204, 404]


def test_run_now(client: Client, emulator: RunningEmulator) -> None:
    """Start, poll, fail, cancel, answer, delete."""
    base = "/workflows/{}/executions"
    failing = base.format(client.workflows["Examples/Always fails"])
    started = client.call("POST", failing, json={})
    run = f"{failing}/{started.json()['id']}"
    assert started.status_code == 202
    assert started.headers["Location"].endswith(f"{run}/")
    assert client.call("GET", f"{run}/state").json() == {"value": "running"}
    emulator.advance(61)
    emulator.switch("vro", execution_state_key="state")
    assert client.call("GET", f"{run}/state").json() == {"state": "failed"}
    assert client.call("GET", run).json()["content-exception"]
    assert client.call("GET", f"{run}/logs").json()["logs"][0]["entry"]["severity"] == "error"
    person = base.format(client.workflows["Examples/Ask a person"])
    asked = f"{person}/{client.call('POST', person, json={}).json()['id']}"
    assert client.call("GET", f"{asked}/state").json() == {"state": "waiting-signal"}
    assert client.call("POST", f"{asked}/interaction", json={}).status_code == 204
    assert client.call("GET", f"{asked}/interaction").status_code == 404
    halted = f"{failing}/{client.call('POST', failing, json={}).json()['id']}"
    assert client.call("DELETE", f"{halted}/state").status_code == 204
    assert client.call("GET", halted).json()["state"] == "canceled"
    assert client.call("DELETE", halted).status_code == 204
    assert client.call("GET", halted).status_code == 404
    assert client.call("GET", failing).json()["relations"]["total"] == 1
    assert client.call("GET", f"{person}/none").status_code == 404


def test_the_course_of_a_run(client: Client, emulator: RunningEmulator) -> None:
    """It initializes, runs and ends with the clock, with the outputs that its workflow declares."""
    emulator.switch("vro", initializing_seconds=10, run_link_attributes=False)
    workflow = client.workflows["Maintenance/Clean snapshots"]
    base = f"/workflows/{workflow}/executions"
    days = {"name": "days", "type": "number", "value": {"number": {"value": 7}}}
    run = f"{base}/{client.call('POST', base, json={'parameters': [days]}).json()['id']}"
    states = []
    for seconds in (0, 11, 50):
        emulator.advance(seconds)
        states.append(client.call("GET", f"{run}/state").json()["value"])
    assert states == ["initializing", "running", "completed"]
    days_out, removed = client.call("GET", run).json()["output-parameters"]
    assert (days_out["value"], removed["type"]) == ({"number": {"value": 7.0}}, "Array/string")
    assert "value" not in removed
    declared = client.call("GET", f"/workflows/{workflow}").json()["output-parameters"]
    assert [item["name"] for item in declared] == ["days", "removed"]
    assert "attributes" not in client.call("GET", base).json()["relations"]["link"][0]


@pytest.mark.parametrize("stop", ["waiting", "waiting-signal", "suspended"])
def test_a_run_that_halts(client: Client, emulator: RunningEmulator, stop: str) -> None:
    """It stays where it is, and the task with it, until it is answered or canceled."""
    emulator.set_clock("2029-12-31T23:59:59Z")
    emulator.switch("vro", run_stops_in=stop, cancel_seconds=5)
    task_id = client.create(**ONE_TIME).json()["id"]
    emulator.advance(3600)
    assert client.state(task_id) == "running"
    link = client.call("GET", f"/tasks/{task_id}/executions").json()["relations"]["link"][0]
    run = link["href"].partition("/vco/api")[2].rstrip("/")
    assert client.call("GET", f"{run}/state").json() == {"value": stop}
    answered = client.call("POST", f"{run}/interaction", json={}).status_code
    assert answered == (404 if stop == "suspended" else 204)
    if stop == "suspended":
        assert client.call("DELETE", f"{run}/state").status_code == 204
        assert client.call("GET", f"{run}/state").json() == {"value": stop}
        emulator.advance(6)
    ended = client.call("GET", run).json()["state"]
    assert (ended, client.state(task_id)) == ("canceled" if stop == "suspended" else "completed", "finished")


def test_switches_of_runs(client: Client, emulator: RunningEmulator) -> None:
    """How a run ends by itself, and a waiting one without a person."""
    base = f"/workflows/{client.workflows['Examples/Say hello']}/executions"
    emulator.switch("vro", run_seconds=1, run_ends="failed")
    failing = f"{base}/{client.call('POST', base, json={}).json()['id']}"
    emulator.advance(2)
    assert "Say hello" in client.call("GET", failing).json()["content-exception"]
    emulator.switch("vro", run_stops_in="waiting", waits_for_person=False)
    waiting = f"{base}/{client.call('POST', base, json={}).json()['id']}"
    assert client.call("GET", f"{waiting}/interaction").status_code == 404
    assert client.call("GET", f"{waiting}/state").json() == {"value": "waiting"}


def test_seed(client: Client, emulator: RunningEmulator) -> None:
    """Seeded workflows and tasks look as if they had always been there; what is wrong is refused."""
    workflow = {"id": "w1", "name": "New", "folder": "Top/Sub", "inputs": [["x", "number"]]}
    wire = client.body(id="t1", state="suspended", workflow={"id": "w1"}, user="someone")
    emulator.seed({"vro": {"workflows": [workflow], "tasks": [wire]}})
    task = client.call("GET", "/tasks/t1").json()
    assert (task["state"], task["user"], task["workflow"]["name"]) == ("suspended", "someone", "New")
    assert client.call("GET", "/workflows/w1").json()["input-parameters"][0]["type"] == "number"
    with pytest.raises(ValueError, match="not found"):
        emulator.seed({"vro": {"tasks": [client.body(workflow={"id": "none"})]}})
    assert len(emulator.tasks("vro")) == 1
