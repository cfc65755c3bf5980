# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The admin API, the faults, both listeners, and a clean stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from emulator.launch import PACKAGE_PARENT, RunningEmulator, running_emulator
from unit.emulator.clients import NOTEBOOK_CRON, ArcGIS, TotalControl


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Start an emulator that ends by itself, for something is wrong."""
    command = [sys.executable, "-m", "emulator", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE_PARENT)}
    return subprocess.run(command, capture_output=True, text=True, timeout=20, env=environment, check=False)


SCENE = """
clock: {set: "2030-06-03T05:00:00Z"}
switches: {arcgis: {run_outcome: failed}}
seed:
  arcgis:
    items: {12345678901234567890123456789012: Notebook}
    tasks:
    - title: Nightly
      itemId: "12345678901234567890123456789012"
      runs: [{runId: a, status: failed}]
  totalcontrol: {tasks: [{task_name: rollout-1, script_file: getname.js}]}
faults:
- {kind: status, status: 503, vendor: totalcontrol, operation: list_tasks}
"""


def test_a_scene_is_there_at_the_start_and_after_a_reset(tmp_path: Path) -> None:
    """A file brings clock, switches, tasks and faults, as often as the emulator is reset."""
    (tmp_path / "scene.yml").write_text(SCENE, encoding="utf-8")
    with running_emulator("--scene", str(tmp_path / "scene.yml")) as emulator:
        for dummy in range(2):
            assert emulator.now()["now"].startswith("2030-06-03T05:00")
            assert emulator.switches("arcgis")["run_outcome"]["value"] == "failed"
            (task,) = emulator.tasks("arcgis")
            assert (task["title"], len(task["runs"])) == ("Nightly", 1)
            assert [task["task_name"] for task in emulator.tasks("totalcontrol")] == ["rollout-1"]
            assert [fault["kind"] for fault in emulator.faults()] == ["status"]
            emulator.seed({"arcgis": {"tasks": [{"title": "More"}]}})
            emulator.advance(24 * 3600)
            emulator.clear_faults()
            emulator.reset()


def test_the_scene_of_the_documentation_can_be_played() -> None:
    """The example of the documentation starts."""
    scene = PACKAGE_PARENT.parent / "docs" / "examples" / "scene.yml"
    with running_emulator("--scene", str(scene)) as emulator:
        assert [task["title"] for task in emulator.tasks("arcgis")] == ["Nightly parcels"]
        assert [task["name"] for task in emulator.tasks("cpts")] == ["Release candidate"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- x", "mapping"),
        ("a: [", "no YAML"),
        ("tasks: {}", "unknown key tasks, known: clock, switches, seed, faults"),
        ("switches: {arcgis: {run_outcome: late}}", "succeeded"),
        ("seed: {nobody: {}}", "unknown vendor nobody"),
        ("seed: {totalcontrol: {tasks: [{}]}}", "task_name is missing"),
        ("faults: [{kind: delay, vendor: nobody}]", "unknown vendor nobody"),
        ("clock: {set: noon}", "noon"),
    ],
)
def test_a_wrong_scene_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """The emulator does not start with a wrong scene, and says what is wrong."""
    scene = tmp_path / "scene.yml"
    scene.write_text(text, encoding="utf-8")
    done = start("--scene", str(scene))
    assert done.returncode == 2
    assert f"--scene {scene}: " in done.stderr
    assert words in done.stderr


def test_a_missing_scene_is_refused(tmp_path: Path) -> None:
    """So is one that is not there."""
    assert "No such file" in start("--scene", str(tmp_path / "none.yml")).stderr


def test_first_line(emulator: RunningEmulator) -> None:
    """All a client needs is in the first line, and each start has its own secrets."""
    assert emulator.info["https"].startswith("https://127.0.0.1:")
    assert set(emulator.info["accounts"]) >= {"arcgis", "totalcontrol"}
    assert os.path.exists(emulator.info["ca"])
    with running_emulator() as other:
        assert other.info["accounts"]["arcgis"]["token"] != emulator.info["accounts"]["arcgis"]["token"]
        other.fault("delay", seconds=30)
        client = ArcGIS(other.info)
        with pytest.raises(requests.exceptions.ReadTimeout):
            client.session.get(client.rest + "/info", timeout=0.2)
        other.process.send_signal(signal.SIGINT)
        assert other.process.wait(timeout=5) == 0
        assert not os.path.exists(other.info["ca"])


@pytest.mark.parametrize(
    ("path", "document", "words"),
    [
        ("switches", {"arcgis": {"nonsense": 1}}, "page_default"),
        ("switches", {"arcgis": {"cron_day_rule": "x"}}, "normalise"),
        ("switches", {"arcgis": {"quota_enforced": 1}}, "True"),
        ("switches", {"nobody": {}}, "arcgis"),
        ("faults", {"kind": "earthquake"}, "redirect"),
        ("faults", {"kind": "redirect"}, "location"),
        ("faults", {"kind": "delay", "second": 1}, "seconds"),
        ("faults", {"kind": "status", "status": 418}, "503"),
        ("faults", {"kind": "delay", "vendor": "nobody"}, "arcgis"),
        ("faults", {"kind": "delay", "times": 0}, "times"),
        ("faults", {"kind": "delay", "skip": -1}, "skip"),
        ("faults", {"kind": "delay", "path": "("}, "path"),
        ("faults", {"kind": "delay", "paths": "x"}, "paths"),
        ("clock", {"jump": 1}, "advance"),
        ("clock", {"advance": 1e300}, ""),
        ("seed", {"arcgis": {"tasks": [{}, {"type": "x"}]}}, "ExecuteNotebook"),
        ("clock", {"set": "noon"}, "noon"),
        ("seed", {"arcgis": {"tasks": [{"type": "x"}]}}, "ExecuteNotebook"),
        ("seed", {"arcgis": {"tasks": [{"cronSchedule": {"minute": "x"}}]}}, "minute"),
    ],
)
def test_admin_mistakes(emulator: RunningEmulator, path: str, document: dict[str, Any], words: str) -> None:
    """A wrong word is refused and the answer names the right ones."""
    answer = requests.post(f"{emulator.info['http']}/__emulator__/{path}", json=document, timeout=10)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert emulator.tasks("arcgis") == []
    assert emulator.now()["offset"] == 0


@pytest.mark.parametrize("vendor", ["arcgis", "totalcontrol"])
def test_an_error_leaves_nothing(
    emulator: RunningEmulator, arcgis: ArcGIS, phones: TotalControl, vendor: str
) -> None:
    """A handler that breaks down after it stored something is undone (an absurd switch breaks both)."""
    emulator.switch("totalcontrol", run_seconds=10**400)
    emulator.switch("arcgis", error_map={"bad_cron": {"code": "x"}}, http_error_status="real")
    if vendor == "arcgis":
        form = {"f": "json", "token": arcgis.token, "type": "ExecuteNotebook", **NOTEBOOK_CRON, "minute": "x"}
        form["itemId"] = arcgis.account["items"]["notebook"]
        answer = arcgis.session.post(f"{arcgis.rest}{arcgis.tasks}/createTask", data=form, timeout=10)
    else:
        args = {"task_name": "a", "script_file": "getname.js", "total_iterations": 1}
        answer = phones.call("POST", "/tasks", **args)
    assert answer.status_code == 500
    assert emulator.tasks(vendor) == []
    assert emulator.starts(vendor)["total"] == 0


@pytest.mark.parametrize(("path", "hit"), [(r"/createTask$", True), (r"^/createTask", False)])
def test_fault_by_path(emulator: RunningEmulator, arcgis: ArcGIS, path: str, hit: bool) -> None:
    """The path is searched, not compared."""
    emulator.fault("redirect", location="/x", path=path)
    form = {"f": "json", "token": arcgis.token}
    url = f"{arcgis.rest}{arcgis.tasks}/createTask"
    answer = arcgis.session.post(url, data=form, timeout=10, allow_redirects=False)
    assert (answer.status_code == 302) == hit


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", ""])
def test_only_loopback(host: str) -> None:
    """The admin API has no login, so nobody else may reach it."""
    done = start("--host", host)
    assert done.returncode == 2
    assert "loopback" in done.stderr
    assert done.stderr.count("\n") == 1


def test_clock_log_reset(emulator: RunningEmulator, arcgis: ArcGIS) -> None:
    """The clock moves on both orders, the log remembers, reset forgets."""
    assert emulator.set_clock("2031-01-01T00:00:00")["now"].startswith("2031-01-01T00:00:00")
    assert emulator.advance(86400)["now"].startswith("2031-01-02")
    arcgis.create(title="x")
    arcgis.get(arcgis.tasks)
    entry = emulator.log("arcgis", "create_task", writes=True)[0]
    assert (entry["form"]["title"], entry["status"], entry["method"]) == ("x", 200, "POST")
    assert [entry["index"] for entry in emulator.log("arcgis", writes=False)] == [1]
    emulator.clear_log()
    assert emulator.log() == []
    assert len(emulator.tasks("arcgis")) == 1
    emulator.switch("arcgis", page_max=5)
    emulator.reset()
    assert emulator.tasks("arcgis") == []
    assert emulator.switches("arcgis")["page_max"]["value"] == 100
    assert abs(emulator.now()["offset"]) < 1
    assert all(
        switch["doc"] for key in ("arcgis", "totalcontrol") for switch in emulator.switches(key).values()
    )


@pytest.mark.parametrize(("kind", "acted"), [("close_before_reading", 0), ("act_then_drop", 1)])
def test_broken_connections(emulator: RunningEmulator, arcgis: ArcGIS, kind: str, acted: int) -> None:
    """The client cannot tell the two apart; the true state can."""
    emulator.fault(kind, vendor="arcgis", operation="create_task", method="post")
    assert arcgis.get(arcgis.tasks)["total"] == 0
    with pytest.raises(requests.ConnectionError):
        arcgis.create()
    assert len(emulator.tasks("arcgis")) == acted
    assert emulator.log("arcgis", "create_task")[0]["status"] == 0
    assert arcgis.create()["success"]


@pytest.mark.parametrize("match", [{}, {"operation": "list_tasks"}])
def test_refused_connections(emulator: RunningEmulator, arcgis: ArcGIS, match: dict[str, str]) -> None:
    """Both ports are shut for a while and come back with the same numbers."""
    emulator.fault("refuse_connection", seconds=0.3, **match)
    began = time.monotonic()
    refused = 0
    while time.monotonic() < began + 5:
        try:
            assert arcgis.get(arcgis.tasks)["total"] == 0
            if refused:
                break
        except requests.ConnectionError:
            refused += 1
            time.sleep(0.02)
    assert refused > 1
    assert emulator.tasks("arcgis") == []


@pytest.mark.parametrize(
    ("args", "status", "body", "acted"),
    [
        ({"kind": "status", "status": 503}, 503, "<html>", 0),
        ({"kind": "status", "status": 502, "body": "empty", "act": True}, 502, "", 1),
        ({"kind": "status", "status": 429, "retry_after": 2, "body": "json"}, 429, "{", 0),
        ({"kind": "truncated_json"}, 200, "{", 1),
        ({"kind": "invalid_json"}, 200, "{'not", 1),
        ({"kind": "redirect", "location": "https://example.org/"}, 302, "", 0),
        ({"kind": "delay", "seconds": 0.2}, 200, "{", 1),
    ],
)
def test_spoilt_answers(
    emulator: RunningEmulator, phones: TotalControl, args: dict[str, Any], status: int, body: str, acted: int
) -> None:
    """Gateway pages, broken JSON, redirects, slow answers."""
    emulator.fault(**args, vendor="totalcontrol", operation="create_task", times=2)
    query: dict[str, Any] = {
        "token": phones.token,
        "task_name": "a",
        "script_file": "getname.js",
        "total_iterations": 1,
    }
    for round_ in (1, 2):
        began = time.monotonic()
        answer = phones.session.post(f"{phones.url}/tasks", params=query, allow_redirects=False, timeout=10)
        assert (answer.status_code, answer.text[: len(body)]) == (status, body)
        assert time.monotonic() - began >= args.get("seconds", 0)
        assert len(emulator.tasks("totalcontrol")) == acted * round_
        if args["kind"].endswith("_json"):
            with pytest.raises(requests.exceptions.JSONDecodeError):
                answer.json()
    assert answer.headers.get("retry-after") == ("2" if "retry_after" in args else None)
    assert phones.create()["status"] is True


def test_expired_tokens(emulator: RunningEmulator, arcgis: ArcGIS, phones: TotalControl) -> None:
    """The token of that request is void from then on, in the vendor's own words."""
    emulator.fault("expire_token", times=2)
    assert arcgis.get(arcgis.tasks)["error"]["code"] == 498
    assert phones.call("GET", "/tasks").json()["status"] is False
    assert arcgis.get(arcgis.tasks)["error"]["code"] == 498
    emulator.fault("delay")
    emulator.clear_faults()
    phones.token = phones.login().json()["value"]["token"]
    assert phones.list() == []


def test_ten_thousand_tasks(emulator: RunningEmulator, arcgis: ArcGIS) -> None:
    """All are on its pages, each once. What a page costs is for `make bench` to say."""
    assert emulator.seed({"arcgis": {"tasks": [{"title": f"t{i}"} for i in range(10_000)]}}) == {
        "arcgis": 10_000
    }
    pages = [arcgis.get(arcgis.tasks, start=start, num=100) for start in range(1, 10_000, 100)]
    assert len({task["id"] for page in pages for task in page["tasks"]}) == 10_000
