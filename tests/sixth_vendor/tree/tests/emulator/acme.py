# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Acme Scheduler, a vendor that does not exist. A real one's facts name their page and grade here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from .vendor import Call, Operation, Reply, SeedError, Switch, Vendor, random_text


@dataclass
class Task:
    """A task as the server holds it."""

    id: int
    name: str
    interval: int


def refused(status: int, text: str) -> Reply:
    """Answer with an error."""
    return Reply({"error": text}, status)


class Acme(Vendor):
    """The REST service."""

    key = "acme"
    prefixes = ("/acme/",)
    switches = (Switch("longest_interval", 1440, int, "own choice; minutes"),)

    def setup(self) -> None:
        """Make the account and enter the routes."""
        self.username = "planner"
        self.password = random_text(12)
        self.token = random_text(24)
        for path, name, method, handler, writes in (
            ("login", "login", "POST", self._login, False),
            ("tasks", "list_tasks", "GET", self._list, False),
            ("tasks", "create_task", "POST", self._create, True),
            ("tasks/{id}", "get_task", "GET", self._get, False),
            ("tasks/{id}", "update_task", "PATCH", self._update, True),
            ("tasks/{id}", "delete_task", "DELETE", self._delete, True),
        ):
            guarded = handler if name == "login" else self._guard(handler)
            self.routes.add(f"/acme/v1/{path}", Operation(name, (method,), guarded, writes))

    def account(self, http: str, https: str) -> dict[str, Any]:
        """Return the default account."""
        return {
            "url": https,
            "username": self.username,
            "password": self.password,
            "token": self.token,
            "environment": {
                "ACME_URL": https,
                "ACME_USERNAME": self.username,
                "ACME_PASSWORD": self.password,
            },
        }

    def clear(self) -> None:
        """Forget all tasks, and all tokens but the one of the account."""
        self.book: list[Task] = []
        self.tokens = {self.token}
        self._last_id = 0

    def seed(self, data: dict[str, Any]) -> int:
        """Take wire tasks; ids are given here."""
        for wire in data.get("tasks", []):
            if not isinstance(wire.get("interval"), int):
                raise SeedError("a task needs name and interval")
            self._add(wire["name"], wire["interval"])
        return len(data.get("tasks", []))

    def tasks(self) -> list[dict[str, Any]]:
        """Return every task."""
        return [asdict(task) for task in self.book]

    def void_token(self, call: Call) -> None:
        """Forget the token of this request."""
        self.tokens.discard(self._token_of(call))

    def subject(self, call: Call) -> Task | None:
        """Return the task that the path names."""
        return next((task for task in self.book if str(task.id) == call.params.get("id")), None)

    def not_found(self, call: Call, methods: set[str]) -> Reply:
        """Answer what the server does not have."""
        return refused(405 if methods else 404, "no such call")

    def _token_of(self, call: Call) -> str:
        return call.headers.get("authorization", "").removeprefix("Bearer ")

    def _guard(self, handler: Any) -> Any:
        def guarded(call: Call) -> Reply:
            if self._token_of(call) not in self.tokens:
                return refused(401, "the token is not valid")
            if "id" in call.params and self.subject(call) is None:
                return refused(404, "no such task")
            reply: Reply = handler(call)
            return reply

        return guarded

    def _login(self, call: Call) -> Reply:
        if call.json != {"username": self.username, "password": self.password}:
            return refused(401, "wrong name or password")
        token = random_text(24)
        self.tokens.add(token)
        return Reply({"token": token})

    def _list(self, call: Call) -> Reply:
        return Reply(self.tasks())

    def _create(self, call: Call) -> Reply:
        name, problem = self._field(call, "name"), self._problem(self._field(call, "interval"))
        if not isinstance(name, str) or problem:
            return refused(400, problem or "name is missing")
        return Reply(asdict(self._add(name, call.json["interval"])), 201)

    def _get(self, call: Call) -> Reply:
        return Reply(asdict(self._named(call)))

    def _update(self, call: Call) -> Reply:
        interval = self._field(call, "interval")
        if problem := self._problem(interval):
            return refused(400, problem)
        task = self._named(call)
        task.interval = interval
        return Reply(asdict(task))

    def _delete(self, call: Call) -> Reply:
        self.book.remove(self._named(call))
        return Reply("", 204)

    def _named(self, call: Call) -> Task:
        task = self.subject(call)
        assert task is not None, "the guard has looked"
        return task

    def _field(self, call: Call, name: str) -> Any:
        return call.json.get(name) if isinstance(call.json, dict) else None

    def _problem(self, interval: Any) -> str:
        """Return what is wrong with an interval, or an empty text."""
        if not isinstance(interval, int) or isinstance(interval, bool):
            return "interval is no number"
        longest = self.values["longest_interval"]
        return "" if 0 < interval <= longest else f"interval is not from 1 to {longest}"

    def _add(self, name: str, interval: int) -> Task:
        self._last_id += 1
        task = Task(self._last_id, name, interval)
        self.book.append(task)
        return task
