# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin clients of the emulated servers for these tests."""

from __future__ import annotations

import base64
from typing import Any

import requests

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
