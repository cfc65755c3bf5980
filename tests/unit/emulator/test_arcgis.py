# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ArcGIS: what the pages promise, what they refuse, and every switch."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from emulator.launch import RunningEmulator
from unit.emulator.clients import NOTEBOOK_CRON, ArcGIS


def code(answer: dict[str, Any]) -> int:
    """Return the error code, 0 for success."""
    return int(answer.get("error", {}).get("code", 0))


def test_life_of_a_task(arcgis: ArcGIS, emulator: RunningEmulator) -> None:
    """Create, read, list, update, disable, enable, delete."""
    parameters = {"notebookParameters": {"a": 1}, "saveInjectedParameters": True}
    made = arcgis.create(title="t", parameters=json.dumps(parameters), maxOccurrences=5, startDate=1000)
    assert made["success"]
    assert len(made["taskId"]) == 32
    path = f"{arcgis.tasks}/{made['taskId']}"
    task = arcgis.get(path)
    assert task["cronSchedule"] == NOTEBOOK_CRON
    assert task["userId"] == arcgis.account["username"]
    assert task["parameters"] == {"notebookParameters": '{"a": 1}', "saveInjectedParameters": True}
    assert (task["runIntervalSeconds"], task["active"], task["taskState"]) == (60, True, "active")
    full = {"type": task["type"], "itemId": task["itemId"], **NOTEBOOK_CRON, "title": "u"}
    assert arcgis.post(f"{path}/update", **full) == made
    task = arcgis.get(path)
    assert (task["title"], task["maxOccurrences"], task["startDate"]) == ("u", 5, 1000)
    assert arcgis.post(f"{path}/disable") == made
    task = arcgis.get(path)
    assert (task["active"], task["taskState"], "nextStart" in task) == (False, "paused", False)
    assert arcgis.post(f"{path}/enable") == made
    assert arcgis.get(arcgis.tasks)["activeTasksAvailable"] == 19
    assert arcgis.post(f"{path}/delete") == made
    assert code(arcgis.get(path)) == 404
    names = [entry["operation"] for entry in emulator.log("arcgis", writes=True)]
    assert names == ["create_task", "update_task", "disable_task", "enable_task", "delete_task"]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        *[({name: ""}, 400) for name in (*NOTEBOOK_CRON, "type", "itemId")],
        ({"dayOfMonth": "*"}, 400),
        ({"dayOfWeek": "?"}, 400),
        ({"minute": "60"}, 400),
        ({"dayOfWeek": "MON"}, 400),
        ({"type": "Nonsense"}, 400),
        ({"itemId": "0" * 32}, 400),
        ({"type": "UpdateInsightsWorkbook"}, 400),
        ({"parameters": "{"}, 400),
        ({"parameters": "[]"}, 400),
        ({"startDate": "tomorrow"}, 400),
        ({"maxOccurrences": "many"}, 400),
        ({"maxOccurrences": "9" * 5000}, 400),
        ({"startDate": "9" * 17}, 400),
        ({"startDate": "253402300799999"}, 0),
        ({"startDate": "2000", "endDate": "1000"}, 400),
        ({"minute": "5" * 5000}, 400),
        ({"minute": "\uff15"}, 400),
        ({"parameters": '{"a":' + "[" * 50000 + "]" * 50000 + "}"}, 400),
        ({"parameters": '{"a":' + "[" * 200 + "]" * 200 + "}"}, 400),
        ({"parameters": '{"a": NaN}'}, 400),
        ({"parameters": '{"a": "\\ud800"}'}, 400),
        ({"endDate": "", "parameters": "", "maxOccurrences": "-1"}, 0),
    ],
)
def test_create_is_strict(arcgis: ArcGIS, form: dict[str, str], expected: int) -> None:
    """What the CREATE page requires is required, and what is refused is not stored."""
    assert code(arcgis.create(**form)) == expected
    assert arcgis.get(arcgis.tasks)["total"] == (0 if expected else 1)


@pytest.mark.parametrize(
    ("form", "expected"), [({"endDate": "1000"}, 400), ({"endDate": "1000", "startDate": ""}, 0)]
)
def test_update_checks_both_dates(arcgis: ArcGIS, form: dict[str, str], expected: int) -> None:
    """The date kept counts as well as the date sent."""
    path = f"{arcgis.tasks}/{arcgis.create(startDate=2000)['taskId']}"
    full = {"type": "ExecuteNotebook", "itemId": arcgis.account["items"]["notebook"], **NOTEBOOK_CRON}
    assert code(arcgis.post(f"{path}/update", **full, **form)) == expected
    assert ("endDate" in arcgis.get(path)) == (expected == 0)


@pytest.mark.parametrize("expiration", ["\u00b2", "9" * 5000, "-1"])
def test_expiration_is_checked(arcgis: ArcGIS, expiration: str) -> None:
    """Only plain digits are a number of minutes."""
    assert code(arcgis.login(arcgis.account, expiration=expiration)) == 400


@pytest.mark.parametrize(
    ("kind", "item", "good", "bad"),
    [
        (
            "ExecuteSceneCook",
            "scene",
            {"service_url": "u", "num_of_caching_service_instances": 2, "layer": "{}"}
            | {"update_mode": "RECREATE_ALL_NODES"},
            {"service_url": "u"},
        ),
        (
            "ExecuteReport",
            "",
            {"reportType": "org", "reportSubType": "activity", "timeDuration": "daily", "title": "x"},
            {},
        ),
        ("GPService", "gp", {"x": 1}, {}),
        ("UpdateInsightsWorkbook", "workbook", {}, None),
        ("ExecuteWorkflowManager", "workflow", {}, None),
        ("RunDataPipeline", "pipeline", {}, None),
    ],
)
def test_types(
    arcgis: ArcGIS, kind: str, item: str, good: dict[str, Any], bad: dict[str, Any] | None
) -> None:
    """Each type with its own item and parameters."""
    form = {"type": kind, "itemId": arcgis.account["items"].get(item, ""), "taskURL": "https://x/GPServer/T"}
    assert code(arcgis.create(**form, parameters=json.dumps(good))) == 0
    if bad is not None:
        assert code(arcgis.create(**form, parameters=json.dumps(bad))) == 400


def test_paging_filters_sorting(arcgis: ArcGIS, emulator: RunningEmulator) -> None:
    """Pages of 100, the last with nextStart -1; filters and sorting on the server."""
    tasks = [{"title": f"t{i:04}", "active": i % 2 == 0, "userId": "nbauthor"} for i in range(250)]
    emulator.seed({"arcgis": {"tasks": [*tasks, {"title": "x", "type": "ExecuteReport"}]}})
    starts, seen, start = [], 0, 1
    while start != -1:
        page = arcgis.get(arcgis.tasks, start=start, num=500)
        starts.append(start)
        seen, start = seen + len(page["tasks"]), page["nextStart"]
    assert (starts, seen, page["total"]) == ([1, 101, 201], 251, 251)
    assert len(arcgis.get(arcgis.tasks)["tasks"]) == 10
    assert arcgis.get(arcgis.tasks, active="false")["total"] == 125
    assert arcgis.get(arcgis.tasks, types="ExecuteReport,GPService")["total"] == 1
    assert arcgis.get(arcgis.tasks, sortField="title", sortOrder="desc")["tasks"][0]["title"] == "x"
    assert arcgis.get(arcgis.tasks, itemId="nope") | {"tasks": 0} == {
        "total": 0,
        "start": 1,
        "num": 0,
        "nextStart": -1,
        "activeTasksAvailable": 0,
        "tasks": 0,
    }
    for wrong in ({"start": 0}, {"num": "x"}, {"active": "yes"}, {"sortField": "id"}, {"sortOrder": "up"}):
        assert code(arcgis.get(arcgis.tasks, **wrong)) == 400


def test_sign_in_page(arcgis: ArcGIS) -> None:
    """The page for browsers hands out a state, takes it back with a login, and is used up by it [W]."""
    account, site = arcgis.account, arcgis.rest.removesuffix("/sharing/rest")
    host = site.removesuffix("/portal")

    def page(**query: str) -> requests.Response:
        usual = {"client_id": "pythonapi", "response_type": "token", "redirect_uri": host, "state": "mine"}
        return arcgis.session.get(f"{arcgis.rest}/oauth2/authorize", params={**usual, **query}, timeout=10)

    def sign_in(state: str, password: str = account["password"]) -> requests.Response:
        form = {"oauth_state": state, "username": account["username"], "password": password}
        url = f"{site}/sharing/oauth2/signin"
        return arcgis.session.post(url, data=form, timeout=10, allow_redirects=False)

    shown = page()
    assert shown.headers["content-type"].startswith("text/html")
    state = json.loads(shown.text[shown.text.index("{") : shown.text.index("}") + 1])["oauth_state"]
    assert sign_in(state, "wrong").text.count("OAUTH_0015") == 1
    done = sign_in(state)
    target, dummy, fragment = done.headers["location"].partition("#")
    token = dict(parse_qsl(fragment))
    assert (done.status_code, target) == (302, host)
    assert set(token) == {"access_token", "expires_in", "username", "ssl", "state"}
    assert (token["state"], token["expires_in"]) == ("mine", "3600")
    assert arcgis.get(arcgis.tasks, token=token["access_token"])["total"] == 0
    assert "Invalid oauth_state" in sign_in(state).text
    assert "Invalid client_id" in page(client_id="other").text
    assert "Invalid redirect_uri" in page(redirect_uri="https://elsewhere.example.com").text
    assert "Invalid response_type" in page(response_type="code").text


def test_what_clients_read_first(arcgis: ArcGIS) -> None:
    """Roots of the API and of the administrators' directory tell the version, the latter to admins [W]."""
    assert arcgis.get("/") == {"currentVersion": "2024.2"}
    admin = arcgis.login(arcgis.account["admin"])["token"]
    url = arcgis.rest.replace("/sharing/rest", "/portaladmin")
    answers = [
        arcgis.session.get(url, params={"f": "json", "token": token}, timeout=10).json()
        for token in (admin, arcgis.token)
    ]
    assert answers[0] == {"version": "2024.2"}
    assert answers[1]["error"]["code"] == 403


def test_tokens(arcgis: ArcGIS, emulator: RunningEmulator) -> None:
    """Three transports, referer binding, expiry, 498 and 499, no tokens over plain HTTP."""
    assert code(arcgis.get("/portals/self", token="x")) == 498
    assert code(arcgis.get(arcgis.tasks, token="")) == 499
    assert "user" not in arcgis.get("/portals/self", token="")
    for header in ("Authorization", "X-Esri-Authorization"):
        headers = {header: f"Bearer {arcgis.token}"}
        url = arcgis.rest + "/portals/self"
        answer = arcgis.session.get(url, params={"f": "json"}, headers=headers, timeout=10).json()
        assert answer["user"]["username"] == arcgis.account["username"]
    bound = arcgis.login(arcgis.account, client="referer", referer="http")
    assert bound["ssl"] is True
    assert code(arcgis.get(arcgis.tasks, token=bound["token"])) == 498
    arcgis.session.headers["Referer"] = "http"
    assert code(arcgis.get(arcgis.tasks, token=bound["token"])) == 0
    emulator.advance(3601)
    assert code(arcgis.get(arcgis.tasks, token=bound["token"])) == 498
    assert arcgis.login({"username": "nbauthor", "password": "x"})["error"]["details"]
    assert code(arcgis.login(arcgis.account, client="referer")) == 400
    plain = arcgis.rest.replace(emulator.info["https"], emulator.info["http"])
    query = {"f": "json", "token": arcgis.token}
    assert code(requests.get(plain + arcgis.tasks, params=query, timeout=10).json()) == 498
    assert code(requests.post(plain + "/generateToken", data={"f": "json"}, timeout=10).json()) == 403


def test_app_tokens_and_admin(arcgis: ArcGIS, emulator: RunningEmulator) -> None:
    """An app is not a user; an administrator sees and manages everyone's tasks."""
    app = {name: arcgis.account[name] for name in ("client_id", "client_secret")}
    granted = arcgis.post("/oauth2/token", grant_type="client_credentials", **app)
    assert code(arcgis.get(arcgis.tasks, token=granted["access_token"])) == 403
    emulator.switch("arcgis", app_token_allowed=True)
    assert code(arcgis.get(arcgis.tasks, token=granted["access_token"])) == 0
    made = arcgis.create(title="mine")
    assert code(arcgis.get("/portals/self/allScheduledTasks")) == 403
    emulator.switch("arcgis", all_tasks_for_members="own", active_tasks_shown=False)
    own = arcgis.get("/portals/self/allScheduledTasks", userFilter="nbadmin")
    assert [task["title"] for task in own["tasks"]] == ["mine"]
    assert "activeTasksAvailable" not in own
    assert code(arcgis.get("/community/users/nbadmin/tasks")) == 403
    arcgis.token = arcgis.login(arcgis.account["admin"])["token"]
    assert arcgis.get("/portals/self/allScheduledTasks", userFilter="nbauthor")["total"] == 1
    assert arcgis.post("/portals/self/allScheduledTasks", userFilter="nbadmin")["total"] == 0
    assert arcgis.get(f"{arcgis.tasks}/{made['taskId']}")["title"] == "mine"
    assert code(arcgis.get("/community/users/nobody/tasks")) == 404
    assert arcgis.get("/community/users/nbadmin")["privileges"]
    assert arcgis.create()["success"]
    emulator.switch("arcgis", admin_acts_for_user=False)
    assert code(arcgis.get(arcgis.tasks)) == 403


def test_formats(arcgis: ArcGIS) -> None:
    """Without f=json the answer is a page; pjson is indented; multipart is read; unknown paths are 404."""
    answer = arcgis.session.get(arcgis.rest + "/info", timeout=10)
    assert answer.headers["content-type"].startswith("text/html")
    assert "\n" in arcgis.session.get(arcgis.rest + "/info", params={"f": "pjson"}, timeout=10).text
    root = arcgis.rest.replace("/portal", "")
    files = {name: (None, value) for name, value in {**NOTEBOOK_CRON, "type": "ExecuteReport"}.items()}
    files |= {"f": (None, "json"), "token": (None, arcgis.token)}
    answer = arcgis.session.post(f"{root}{arcgis.tasks}/createTask", files=files, timeout=10)
    assert answer.json()["error"]["details"] == ["reportType", "reportSubType", "timeDuration", "title"]
    assert code(arcgis.get("/nonsense")) == 404
    item = arcgis.account["items"]["notebook"]
    assert arcgis.get(f"/content/items/{item}")["type"] == "Notebook"
    assert arcgis.get("/content/items/x")["error"]["messageCode"] == "CONT_0001"


def test_quota(arcgis: ArcGIS, emulator: RunningEmulator) -> None:
    """The 21st active notebook task is refused; a disabled one makes room."""
    ids = [arcgis.create()["taskId"] for dummy in range(20)]
    assert code(arcgis.create()) == 403
    arcgis.post(f"{arcgis.tasks}/{ids[0]}/disable")
    assert code(arcgis.create()) == 0
    assert code(arcgis.post(f"{arcgis.tasks}/{ids[0]}/enable")) == 403
    emulator.switch("arcgis", quota_enforced=False)
    assert code(arcgis.post(f"{arcgis.tasks}/{ids[0]}/enable")) == 0


def test_runs(arcgis: ArcGIS, emulator: RunningEmulator) -> None:
    """Schedules fire with the clock, 30 runs are kept, runs can be changed and deleted."""
    emulator.set_clock("2030-01-01T00:00:30Z")
    path = f"{arcgis.tasks}/{arcgis.create()['taskId']}"
    emulator.advance(35)
    run = arcgis.get(f"{path}/runs")["runs"][0]
    assert run["status"] == "executing"
    assert run["task"]["title" if "title" in run["task"] else "id"]
    emulator.advance(60)
    run_path = f"{path}/runs/{run['runId']}"
    assert arcgis.get(run_path)["status"] == "succeeded"
    assert arcgis.post(f"{run_path}/update", status="failed", result="why")["runId"] == run["runId"]
    assert arcgis.get(run_path)["result"] == "why"
    assert code(arcgis.post(f"{run_path}/update", status="odd")) == 400
    assert arcgis.post(f"{run_path}/delete")["success"]
    assert code(arcgis.get(run_path)) == 404
    emulator.advance(3600)
    assert len(arcgis.get(f"{path}/runs")["runs"]) == 30
    assert emulator.starts("arcgis")["total"] == 62  # minutes 00:01 to 01:02


def test_runs_as_the_switches_say(arcgis: ArcGIS, emulator: RunningEmulator) -> None:
    """A run waits, executes and fails with a text; dates as texts or not at all; either order."""
    emulator.set_clock("2030-01-01T00:00:30Z")
    emulator.switch("arcgis", run_queue_seconds=20, run_seconds=20, run_outcome="failed", run_dates="text")
    path = f"{arcgis.tasks}/{arcgis.create()['taskId']}/runs"
    emulator.set_clock("2030-01-01T00:01:05Z")
    assert arcgis.get(path)["runs"][0]["status"] == "scheduled"
    emulator.set_clock("2030-01-01T00:01:25Z")
    assert arcgis.get(path)["runs"][0]["status"] == "executing"
    emulator.set_clock("2030-01-01T13:01:45Z")
    first, *dummy, last = arcgis.get(path)["runs"]
    assert (first["status"], first["result"]) == ("failed", "KeyError: 'parcels' in cell 3")
    assert (first["created"], first["modified"]) == ("Jan 1, 2030, 12:01:00 AM", "Jan 1, 2030, 12:01:40 AM")
    emulator.switch("arcgis", run_order="newest_first", run_date_fields="none")
    newest = arcgis.get(path)["runs"]
    assert [newest[0]["runId"], newest[-1]["runId"]] == [last["runId"], first["runId"]]
    assert not {"created", "modified"} & set(newest[0])
    emulator.switch("arcgis", run_result="")
    other = f"{arcgis.tasks}/{arcgis.create()['taskId']}/runs"
    emulator.advance(120)
    assert "result" not in arcgis.get(other)["runs"][0]


@pytest.mark.parametrize(
    ("form", "switches", "state", "starts"),
    [
        ({"maxOccurrences": 3}, {}, "completed", 3),
        ({"endDate": 1893456300000}, {}, "completed", 5),
        ({"endDate": 1}, {}, "completed", 0),
        ({"startDate": 1893456180000}, {}, "active", 8),
        ({}, {"run_outcome": "failed"}, "failed", 5),
    ],
)
def test_ends(
    arcgis: ArcGIS,
    emulator: RunningEmulator,
    form: dict[str, Any],
    switches: dict[str, Any],
    state: str,
    starts: int,
) -> None:
    """maxOccurrences, endDate, startDate and five failures in a row."""
    emulator.set_clock("2030-01-01T00:00:00.5Z")
    emulator.switch("arcgis", **switches)
    made = arcgis.create(**form)
    emulator.advance(600.2)
    task = arcgis.get(f"{arcgis.tasks}/{made['taskId']}")
    assert (task["taskState"], task["active"]) == (state, state == "active")
    assert emulator.starts("arcgis")["total"] == starts
    assert arcgis.post(f"{arcgis.tasks}/{made['taskId']}/enable")["success"]


@pytest.mark.parametrize(
    ("switch", "form", "check"),
    [
        (
            {"cron_day_rule": "normalise"},
            {"dayOfMonth": "*"},
            lambda t: t["cronSchedule"]["dayOfWeek"] == "?",
        ),
        ({"cron_day_rule": "accept"}, {"dayOfMonth": "*"}, lambda t: t["cronSchedule"]["dayOfWeek"] == "*"),
        ({"cron_names": True}, {"dayOfWeek": "MON"}, lambda t: t["cronSchedule"]["dayOfWeek"] == "MON"),
        ({"cron_c": False}, {"dayOfWeek": "2C"}, lambda t: code(t) == 400),
        ({"max_occurrences_default": -1}, {}, lambda t: t["maxOccurrences"] == -1),
        ({"task_state_words": "ui"}, {}, lambda t: t["taskState"] == "Active"),
        (
            {"notebook_parameters_out": "as_sent"},
            {"parameters": '{"notebookParameters": {"a": 1}}'},
            lambda t: t["parameters"] == {"notebookParameters": {"a": 1}},
        ),
        ({"min_interval_minutes": 15}, {}, lambda t: code(t) == 400),
        ({"check_item_type": False}, {"type": "RunDataPipeline"}, lambda t: t["type"] == "RunDataPipeline"),
        ({"gp_needs_admin": True}, {"type": "GPService"}, lambda t: code(t) == 400),
        ({"error_map": {"bad_cron": {"code": 499}}}, {"minute": "x"}, lambda t: code(t) == 499),
        ({"api_key_allowed": False}, {"token": "KEY"}, lambda t: code(t) == 403),
    ],
)
def test_create_switches(
    arcgis: ArcGIS, emulator: RunningEmulator, switch: dict[str, Any], form: dict[str, Any], check: Any
) -> None:
    """Each switch that shows in a newly made task."""
    emulator.switch("arcgis", **switch)
    if form.get("token") == "KEY":
        form = {"token": arcgis.account["api_key"]}
    made = arcgis.create(**form)
    assert check(arcgis.get(f"{arcgis.tasks}/{made['taskId']}") if "taskId" in made else made)


@pytest.mark.parametrize(
    ("switch", "form", "check"),
    [
        ({}, {"title": ""}, lambda a, t: t["title"] == ""),
        ({}, {"maxOccurrences": ""}, lambda a, t: "maxOccurrences" not in t and t["title"] == "t"),
        ({}, {"isActive": "false"}, lambda a, t: t["active"] is False),
        ({}, {"minute": ""}, lambda a, t: code(a) == 400),
        ({}, {"isActive": "maybe"}, lambda a, t: code(a) == 400),
        ({"honour_is_active": False}, {"isActive": "false"}, lambda a, t: t["active"] is True),
        ({"update_omitted_fields": "clear"}, {}, lambda a, t: "title" not in t and "maxOccurrences" not in t),
        ({"update_omitted_fields": "reject"}, {}, lambda a, t: code(a) == 400),
        ({"update_reply": "success_only"}, {}, lambda a, t: a == {"success": True}),
    ],
)
def test_update(
    arcgis: ArcGIS, emulator: RunningEmulator, switch: dict[str, Any], form: dict[str, Any], check: Any
) -> None:
    """The full form, and the switches of update."""
    path = f"{arcgis.tasks}/{arcgis.create(title='t', maxOccurrences=9)['taskId']}"
    emulator.switch("arcgis", **switch)
    full = {"type": "ExecuteNotebook", "itemId": arcgis.account["items"]["notebook"], **NOTEBOOK_CRON}
    answer = arcgis.post(f"{path}/update", **{**full, **form})
    assert check(answer, arcgis.get(path))


@pytest.mark.parametrize("reactivates", [False, True])
def test_update_of_a_disabled_task(arcgis: ArcGIS, emulator: RunningEmulator, reactivates: bool) -> None:
    """Whether an update wakes a disabled task is unknown, so it is a switch."""
    emulator.switch(
        "arcgis", update_reactivates=reactivates, toggle_same_state="error", enable_expired="error"
    )
    path = f"{arcgis.tasks}/{arcgis.create()['taskId']}"
    assert code(arcgis.post(f"{path}/enable")) == 400
    arcgis.post(f"{path}/disable")
    assert code(arcgis.post(f"{path}/disable")) == 400
    full = {"type": "ExecuteNotebook", "itemId": arcgis.account["items"]["notebook"], **NOTEBOOK_CRON}
    arcgis.post(f"{path}/update", **full)
    assert arcgis.get(path)["active"] is reactivates


def test_list_switches(arcgis: ArcGIS, emulator: RunningEmulator) -> None:
    """Page sizes, the status filter, and real HTTP codes."""
    states = [{"active": False, "taskState": state} for state in ("paused", "completed", "paused")]
    emulator.seed({"arcgis": {"tasks": states}})
    emulator.switch(
        "arcgis", page_default=1, page_max=2, status_filter_param="status", http_error_status="real"
    )
    assert arcgis.get(arcgis.tasks)["nextStart"] == 2
    assert len(arcgis.get(arcgis.tasks, num=100)["tasks"]) == 2
    assert arcgis.get(arcgis.tasks, status="completed")["total"] == 1
    url = f"{arcgis.rest}{arcgis.tasks}/x"
    answer = arcgis.session.get(url, params={"f": "json", "token": arcgis.token}, timeout=10)
    assert answer.status_code == 404
