# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin clients of the emulated servers for these tests."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import requests
from emulator import sdk_hmac

NOTEBOOK_CRON = {"minute": "*/1", "hour": "*", "dayOfMonth": "?", "month": "*", "dayOfWeek": "*"}


class ArcGIS:
    """A thin client: adds f=json and the token, returns the parsed answer."""

    def __init__(self, info: dict[str, Any]) -> None:
        self.account = info["accounts"]["arcgis"]
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = info["ca"]
        self.rest = f"{self.account['url']}/sharing/rest"
        self.tasks = f"/community/users/{self.account['username']}/tasks"
        self.token = self.account["token"]

    def get(self, path: str, **query: Any) -> Any:
        """Send a GET."""
        query = {"f": "json", "token": self.token, **query}
        return self.session.get(self.rest + path, params=query, timeout=10).json()

    def post(self, path: str, **form: Any) -> Any:
        """Send a POST with a form."""
        form = {"f": "json", "token": self.token, **form}
        return self.session.post(self.rest + path, data=form, timeout=10).json()

    def create(self, **form: Any) -> Any:
        """Create a task that is right unless the caller says otherwise."""
        base = {"type": "ExecuteNotebook", "itemId": self.account["items"]["notebook"], **NOTEBOOK_CRON}
        return self.post(f"{self.tasks}/createTask", **{**base, **form})

    def login(self, who: dict[str, str], **form: Any) -> Any:
        """Ask for a token."""
        login = {"username": who["username"], "password": who["password"], "client": "requestip"}
        return self.post("/generateToken", **{**login, **form})


class TotalControl:
    """A thin client of the other vendor."""

    def __init__(self, info: dict[str, Any]) -> None:
        self.account = info["accounts"]["totalcontrol"]
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = info["ca"]
        self.url = self.account["https_url"]
        self.token = ""

    def login(self, prefix: str = "", password: str = "") -> requests.Response:
        """Log in as the pages say: without the word Basic."""
        pair = f"{self.account['username']}:{password or self.account['password']}"
        header = prefix + base64.b64encode(pair.encode()).decode()
        return self.session.get(f"{self.url}/login", headers={"Authorization": header}, timeout=10)

    def call(self, method: str, path: str, **query: Any) -> requests.Response:
        """Send a request with the token in the query."""
        query = {"token": self.token, **query}
        return self.session.request(method, self.url + path, params=query, timeout=10)

    def create(self, name: str = "job", script: str = "getname.js", iterations: Any = 1, **more: Any) -> Any:
        """Create a task."""
        query = {"task_name": name, "script_file": script, "total_iterations": iterations, **more}
        return self.call("POST", "/tasks", **query).json()

    def list(self) -> list[dict[str, Any]]:
        """List the tasks."""
        found: list[dict[str, Any]] = self.call("GET", "/tasks").json()["value"]
        return found


class PerfTest:
    """A thin client of CodeArts PerfTest: sends the ready token, or signs like the vendor's own client."""

    def __init__(self, info: dict[str, Any]) -> None:
        self.account = info["accounts"]["cpts"]
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = info["ca"]
        self.url = self.account["url"]
        self.project = self.account["project_id"]
        self.headers = {"X-Auth-Token": self.account["token"]}

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        """Send a request; ``{}`` in the path stands for the IAM project."""
        url = self.url + path.replace("{}", self.project)
        return self.session.request(
            method, url, params=query, json=body, headers=self.headers, timeout=10, allow_redirects=False
        )

    def ok(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Send a request that must succeed and return its answer."""
        answer = self.call(method, path, body, **query)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.text else None

    def refused(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, str]:
        """Send a request and return status and code of its refusal."""
        answer = self.call(method, path, body, **query)
        said = answer.json()
        return answer.status_code, said.get("code") or said["error_code"]

    def create(self, name: str = "job", cases: tuple[int, ...] = (449269, 449270), **more: Any) -> int:
        """Create a task of the new kind and return its id."""
        body = {"name": name, "parallel": False, "project_id": 393862, "operate_mode": 2}
        created = self.ok("POST", "/v3/{}/tasks", {**body, "case_id_list": list(cases), **more})
        number: int = created["task_id"]
        return number

    def info(self, number: int) -> dict[str, Any]:
        """Read a task."""
        found: dict[str, Any] = self.ok("GET", f"/v1/{{}}/tasks/{number}")["taskInfo"]
        return found

    def run(self, status: int, *numbers: int) -> Any:
        """Start (9) or stop (2) tasks."""
        body = {"type": 1, "project_id": 393862, "task_id_list": list(numbers), "cluster_id": 0}
        body = {**body, "cluster_type": "shared-cluster-internet", "status": status}
        return self.call("POST", "/v1/{}/test-suites/393862/tasks/batch-update-task-status", body)

    def signed(
        self, path: str, *, key: str = "", secret: str = "", method: str = "GET", **options: Any
    ) -> requests.Response:
        """Send a signed request. ``options``: ``date``, ``signed`` names, ``extra`` headers, ``body``."""
        body: bytes = options.get("body", b"")
        date = options.get("date") or datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        names: tuple[str, ...] = options.get("signed", ("host", "x-sdk-date"))
        path = path.replace("{}", self.project)
        plain, dummy, query = path.partition("?")
        headers = {"Host": self.url.partition("://")[2], "X-Sdk-Date": date, **options.get("extra", {})}
        lowered = {name.lower(): value for name, value in headers.items()}
        canonical = sdk_hmac.canonical_request(method, plain, query, lowered, names, body)
        value = sdk_hmac.sign(canonical, date, secret or self.account["secret_key"])
        access = f"Access={key or self.account['access_key']}, SignedHeaders={';'.join(sorted(names))}"
        headers["Authorization"] = f"{sdk_hmac.ALGORITHM} {access}, Signature={value}"
        return self.session.request(method, self.url + path, data=body, headers=headers, timeout=10)
