# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one flow, with a sixth vendor that lives in memory: nothing but this file is needed for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils import _client
from ansible_collections.taskbridge.vendors.plugins.module_utils import _convergence as convergence
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import Client, Connection, Secrets
from ansible_collections.taskbridge.vendors.plugins.module_utils._convergence import (
    Capabilities,
    Control,
    Desired,
    Field,
    Plan,
    Task,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import (
    AbsentError,
    OptionError,
    RequestError,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._hiding import MASK
from ansible_collections.taskbridge.vendors.plugins.module_utils._options import ArgumentSpec
from ansible_collections.taskbridge.vendors.plugins.module_utils._runner import (
    info_module,
    task_module,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendor import Service, Vendor


class Acme(Vendor):
    """A vendor whose server is a list. ``hook`` runs at each create and may fail it."""

    key = "acme"
    label = "Acme"
    task_spec = info_spec = ArgumentSpec()
    capabilities = Capabilities(
        fields=(
            Field("script", needed=lambda fields: True, remedy="Set script."),
            Field("size"),
            Field("kind", changeable=convergence.never, remedy="Set recreate."),
        ),
        controls={
            "stopped": Control("stop", frozenset({"running"}), frozenset({"stopped"})),
            "started": Control(
                "start", frozenset({convergence.SCHEDULED}), frozenset({"running"}), converges=True
            ),
        },
        carried_over=lambda existing, wanted: {**existing, **wanted},
    )
    ended_states = frozenset({convergence.COMPLETED, convergence.FAILED})

    def __init__(self, *tasks: Task, tells_id: bool = True) -> None:
        self.tasks = list(tasks)
        self.tells_id = tells_id
        self.calls: list[str] = []
        self.closed = 0
        self.hook: Callable[[Acme, Desired], object] = lambda vendor, desired: vendor.add(desired)
        self.bad = ""
        self.next_states: list[str] = []
        self.revives = False
        self.given_id: str | None = None
        self.read_only = False

    def add(self, desired: Desired) -> Task:
        task = Task(
            str(len(self.tasks) + 1),
            desired.name,
            convergence.SCHEDULED,
            True,
            dict(desired.fields),
            {"status": "done"},
        )
        self.tasks.append(task)
        return task

    def put(self, task: Task) -> None:
        self.tasks = [task if task.id == old.id else old for old in self.tasks]

    def desired(self, params: Mapping[str, Any]) -> Desired:
        if params["name"] == "bad":
            raise OptionError("name", "bad", "is bad", "Take another.")
        return Desired(
            params["name"],
            params["state"],
            params["fields"],
            task_id=params.get("task_id", self.given_id),
            enabled=params["enabled"],
            recreate=params["recreate"],
        )

    def connect(self, params: Mapping[str, Any], *, read_only: bool, secrets: Secrets) -> Client:
        secrets.add("s3cret")
        self.read_only = read_only
        client = Client(Connection("https://acme"), lambda reply: None, read_only=True, secrets=secrets)
        close = client.close

        def counted() -> None:
            self.closed += 1
            close()

        client.close = counted  # type: ignore[method-assign]
        return client

    def serve(self, client: Client, params: Mapping[str, Any]) -> Service:
        return Shelf(self, client)

    def show(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return dict(fields)

    def describe(self, task: Task, service: Service) -> dict[str, Any]:
        return {"next_runs": [], "started": "noon", "error": task.error}

    def problem(self, task: Task) -> str:
        return self.bad

    def warnings(self, desired: Desired, existing: Task | None) -> list[str]:
        return ["size is not shown"] if existing and desired.fields.get("size") == 0 else []


class Shelf(Service):
    """The list as a service; writing in check mode is an error, as the real client has it."""

    def __init__(self, vendor: Acme, client: Client) -> None:
        super().__init__(client)
        self.vendor = vendor

    def _writes(self, verb: str) -> None:
        assert not self.vendor.read_only, f"{verb} in check mode"
        self.vendor.calls.append(verb)

    def resolve(self, desired: Desired) -> Desired:
        if desired.fields.get("script") != "ex":
            return desired
        return replace(desired, fields={**desired.fields, "script": "x"})

    def matches(self, desired: Desired) -> list[Task]:
        if desired.task_id is not None:
            return [task for task in self.vendor.tasks if task.id == desired.task_id]
        return [task for task in self.vendor.tasks if task.name == desired.name]

    def listing(self, params: Mapping[str, Any]) -> list[Task]:
        return self.vendor.tasks

    def get(self, task: Task) -> Task:
        found = next((one for one in self.vendor.tasks if one.id == task.id), None)
        if found is None:
            raise AbsentError("read it", "it is gone", "Look.", request="GET https://acme")
        if self.vendor.next_states:
            found = replace(found, state=self.vendor.next_states.pop(0))
        return found

    def create(self, desired: Desired) -> str | None:
        self._writes("create")
        self.vendor.hook(self.vendor, desired)
        return self.vendor.tasks[-1].id if self.vendor.tells_id else None

    def created(self, desired: Desired, task_id: str) -> Task:
        return next(task for task in self.vendor.tasks if task.id == task_id)

    def update(self, task: Task, planned: Plan) -> None:
        self._writes("update")
        enabled = True if self.vendor.revives else task.enabled
        self.vendor.put(replace(task, fields={**task.fields, **planned.fields}, enabled=enabled))

    def act(self, verb: str, task: Task) -> None:
        self._writes(verb)
        if verb == "delete":
            self.vendor.tasks.remove(task)
        elif verb in ("stop", "start"):
            self.vendor.put(replace(task, state={"stop": "stopped", "start": "running"}[verb]))
        else:
            state = convergence.SCHEDULED if verb == "enable" else convergence.PAUSED
            self.vendor.put(replace(task, enabled=verb == "enable", state=state))


class Exit(Exception):
    """How the fake module leaves."""


class Module:
    """What the runner uses of AnsibleModule."""

    def __init__(self, *, check_mode: bool = False, **params: Any) -> None:
        defaults = {
            "name": "job",
            "state": "present",
            "fields": {"script": "x"},
            "enabled": None,
            "recreate": False,
        }
        waiting = {"wait": False, "wait_timeout": 10.0, "wait_interval": 3.0, "include_raw": False}
        self.params = {**defaults, **waiting, **params}
        self.check_mode = check_mode
        self._diff = False
        self.no_log_values: set[str] = set()
        self.result: dict[str, Any] = {}
        self.failed = False
        self.warnings: list[str] = []
        self.reports: list[str] = []

    def report(self, text: str) -> None:
        self.reports.append(text)

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def exit_json(self, **result: Any) -> None:
        self.result = result
        raise Exit

    def fail_json(self, **result: Any) -> None:
        self.failed = True
        self.exit_json(**result)


def run(vendor: Acme, *, info: bool = False, **given: Any) -> Module:
    module = Module(**given)
    with pytest.raises(Exit):
        (info_module if info else task_module)(vendor).run(module)
    return module


def task(state: str = convergence.SCHEDULED, *, enabled: bool = True, **more: Any) -> Task:
    return Task("1", "job", state, enabled, {"script": "x", "size": 1}, more.pop("wire", {}), **more)


CASES = [
    (None, {}, ["create"], "created", {}, {"script": "x"}),
    (None, {"enabled": False}, ["create", "disable"], "created", {}, {"script": "x", "enabled": False}),
    (task(), {}, [], "unchanged", {"script": "x"}, {"script": "x"}),
    (task(), {"fields": {"size": 2}}, ["update"], "updated", {"size": 1}, {"size": 2}),
    (
        task(),
        {"enabled": False},
        ["disable"],
        "disabled",
        {"script": "x", "enabled": True},
        {"script": "x", "enabled": False},
    ),
    (task("running"), {"state": "stopped"}, ["stop"], "stopped", {"state": "running"}, {"state": "stopped"}),
    (task(), {"state": "absent"}, ["delete"], "deleted", {"script": "x", "size": 1}, {}),
    (None, {"state": "absent"}, [], "unchanged", {}, {}),
    (
        task(),
        {"fields": {"kind": "b"}, "recreate": True, "enabled": False},
        ["create", "disable", "delete"],
        "recreated",
        {"script": "x", "size": 1, "enabled": True},
        {"script": "x", "size": 1, "kind": "b", "enabled": False},
    ),
    (
        task(enabled=False),
        {"fields": {"kind": "b"}, "recreate": True},
        ["create", "disable", "delete"],
        "recreated",
        {"script": "x", "size": 1},
        {"script": "x", "size": 1, "kind": "b"},
    ),
    (
        task(),
        {"state": "started", "fields": {"size": 2}},
        ["update", "start"],
        "updated",
        {"size": 1, "state": "scheduled"},
        {"size": 2, "state": "started"},
    ),
    (None, {"state": "started"}, ["create", "start"], "created", {}, {"script": "x", "state": "started"}),
    (task("running"), {"state": "started"}, [], "unchanged", {"script": "x"}, {"script": "x"}),
    (task(), {"fields": {"script": "ex"}}, [], "unchanged", {"script": "x"}, {"script": "x"}),
]


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(("existing", "given", "calls", "action", "before", "after"), CASES)
def test_check_mode_tells_what_a_run_does_and_does_none_of_it(
    existing: Task | None,
    given: dict[str, Any],
    calls: list[str],
    action: str,
    before: dict[str, Any],
    after: dict[str, Any],
    check_mode: bool,
) -> None:
    vendor = Acme(*([existing] if existing else []))
    tasks = list(vendor.tasks)
    module = run(vendor, check_mode=check_mode, **given)
    assert not module.failed
    assert module.result["changed"] is bool(calls)
    assert module.result["action"] == action
    assert module.warnings == []
    header = {"after_header": "a new task, as kind cannot be changed in place"}
    shown = {"before": before, "after": after, **(header if action == "recreated" else {})}
    assert module.result["diff"] == shown
    assert vendor.calls == ([] if check_mode else calls)
    assert (vendor.tasks == tasks) is (check_mode or not calls)
    assert vendor.closed == 1


@pytest.mark.parametrize(("existing", "given"), [(case[0], case[1]) for case in CASES])
def test_check_mode_predicts_the_task(existing: Task | None, given: dict[str, Any]) -> None:
    predicted = run(Acme(*([existing] if existing else [])), check_mode=True, **given).result.get("task")
    reached = run(Acme(*([existing] if existing else [])), **given).result.get("task")
    if reached is not None and (existing is None or given.get("recreate")):
        del reached["id"], reached["state"]  # a new task has them from the server
    assert predicted == reached


def test_what_cannot_be_changed_needs_leave_to_be_made_anew() -> None:
    vendor = Acme(task())
    module = run(vendor, fields={"kind": "b"})
    assert module.failed
    assert "kind: the task 'job' (id 1) has None, wanted is b" in module.result["msg"]
    assert "Set recreate." in module.result["msg"]
    assert vendor.calls == []


def test_a_failure_tells_what_was_done_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Any, verb: str, task: Task) -> None:
        raise RequestError(f"{verb} it", "no", "Wait.", request="POST https://acme")

    vendor = Acme(task())
    monkeypatch.setattr(Shelf, "act", refuse)
    module = run(vendor, fields={"kind": "b"}, recreate=True)
    assert module.failed
    assert vendor.calls == ["create"]
    assert module.result["changed"] is True
    assert module.result["msg"].endswith("Before that it was created.")


@pytest.mark.parametrize("by_id", [True, False])
def test_a_recreate_that_was_interrupted_is_finished(by_id: bool) -> None:
    """The new task is there and the old one too: the new one is kept, whatever it is found by."""
    old = task(enabled=False)
    new = replace(old, id="2", enabled=True, fields={**old.fields, "kind": "b"})
    vendor = Acme(old, new)
    vendor.given_id = "1" if by_id else None
    module = run(vendor, fields={"kind": "b"}, recreate=True)
    assert not module.failed
    assert vendor.calls == ["disable", "delete"]
    assert [(left.id, left.enabled) for left in vendor.tasks] == [("2", False)]


def test_a_second_task_that_is_no_heir_is_never_deleted() -> None:
    """Two tasks of a name that differ in more than what is replaced are left to the user."""
    vendor = Acme(task(), replace(task(), id="2", fields={"script": "x", "size": 7, "kind": "b"}))
    module = run(vendor, fields={"kind": "b"}, recreate=True)
    assert module.failed
    assert module.result["candidates"] == ["1", "2"]
    assert vendor.calls == []


def test_a_task_in_place_of_another_is_found_by_its_identity() -> None:
    """The declared task_id is the old one's, so a lost answer must not make the runner look for that."""
    seen: list[str | None] = []

    def note(vendor: Acme, desired: Desired) -> None:
        seen.append(desired.task_id)
        vendor.add(desired)

    vendor = Acme(task())
    vendor.hook = note
    vendor.given_id = "1"
    assert run(vendor, fields={"kind": "b"}, recreate=True).result["action"] == "recreated"
    assert seen == [None]


def test_a_replaced_task_keeps_its_name_in_check_mode() -> None:
    module = run(Acme(task()), name="", task_id="1", fields={"kind": "b"}, recreate=True, check_mode=True)
    assert module.result["task"]["name"] == "job"


@pytest.mark.parametrize(
    ("name", "fields"), [("bad", {"kind": "b"}), ("job", {"kind": "b"}), ("job", {"size": 2})]
)
def test_no_result_repeats_an_option_that_may_hold_secrets(name: str, fields: dict[str, Any]) -> None:
    """Ansible adds the options to each result, and only the server's answers tell what is secret in them."""
    vendor = Acme(task())
    vendor.unshown = ("fields", "unset")
    module = run(vendor, name=name, fields=fields)
    assert module.failed is ("kind" in fields)
    assert module.params["fields"] == MASK
    assert "unset" not in module.params


def with_pin(pin: object) -> Task:
    """Return a task that holds a PIN, in its fields and in the vendor's object."""
    old = task(wire={"size": '{"pin": "old-pin"}', "note": "of old-pin"})
    return replace(old, fields={"script": "x", "size": {"pin": pin}})


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_change_of_a_secret_is_a_change_and_not_shown(check_mode: bool) -> None:
    vendor = Acme(with_pin("old-pin"))
    fields = {"size": {"pin": "new-pin"}}
    given: dict[str, Any] = {"fields": fields, "secret_keys": ["pin"], "include_raw": True}
    module = run(vendor, check_mode=check_mode, **given)
    hidden = {"size": {"pin": MASK}}
    assert module.result["changed"] is True
    assert vendor.calls == ([] if check_mode else ["update"])
    assert module.result["diff"] == {"before": hidden, "after": hidden}
    assert module.result["task"]["size"] == hidden["size"]
    assert module.result["task"]["raw"]["size"] == f'{{"pin": "{MASK}"}}'
    assert module.params["fields"] == hidden
    assert {"old-pin", "new-pin"} <= module.no_log_values
    if not check_mode:
        assert vendor.tasks[0].fields["size"] == {"pin": "new-pin"}
        assert run(vendor, **given).result["changed"] is False


def test_a_message_may_tell_what_the_server_has() -> None:
    """So Ansible knows it before a plan fails, and masks it."""
    old = replace(task(), fields={"script": "x", "kind": {"pin": "old-pin"}})
    module = run(Acme(old), fields={"kind": {"pin": "new-pin"}}, secret_keys=["pin"])
    assert module.failed
    assert {"old-pin", "new-pin"} <= module.no_log_values


def test_a_failure_hides_what_it_shows(clock: list[float]) -> None:
    vendor = Acme(with_pin("old-pin"))
    vendor.tasks = [replace(vendor.tasks[0], state=convergence.FAILED)]
    module = run(vendor, fields={"size": {"pin": "old-pin"}}, secret_keys=["pin"], wait=True)
    assert module.failed
    assert module.result["task"]["size"] == {"pin": MASK}


def test_a_client_that_is_kept_masks_the_secrets_of_the_next_call() -> None:
    kept, following, told = Secrets(), Secrets(), set[str]()
    kept.add("login")
    kept.add("first", of_call=True)
    following.add("second", of_call=True)
    following._report = told.add
    kept.hand_over(following)
    assert kept.mask("login first second") == f"{MASK} first {MASK}"
    assert told == {"login"}


class Refusing:
    """What Program uses of AnsibleModule, refusing its options as that does: before it is complete."""

    def __init__(self, **arguments: Any) -> None:
        self.no_log_values: set[str] = set()
        self.params = {
            "fields": {"pin": "s3cret"},
            "secret_keys": ["pin"],
            "kind": 7,
            "unset": None,
            "url": "https://me:pa55word@host",
        }
        self.fail_json(msg="no")

    def fail_json(self, msg: str, **result: Any) -> None:
        assert msg == "no"


def test_options_that_are_refused_are_not_repeated_either() -> None:
    vendor = Acme()
    vendor.unshown = ("kind", "unset")
    refused = task_module(vendor).program(Refusing)
    assert refused.params["fields"] == {"pin": MASK}
    assert (refused.params["kind"], refused.params["unset"]) == (MASK, None)
    assert refused.no_log_values == {"s3cret", "pa55word"}


def test_a_mistake_of_ours_is_told_where_ansible_masks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(self: Any, task: Task, planned: Plan) -> None:
        raise ValueError("of s3cret")

    monkeypatch.setattr(Shelf, "update", wrong)
    module = run(Acme(task()), fields={"size": 2})
    assert module.failed
    assert module.result["msg"].endswith("ValueError('of s3cret')")
    assert module.result["exception"].startswith("Traceback")


def test_a_new_task_that_cannot_be_read_was_created(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(self: Any, desired: Desired, task_id: str) -> Task:
        raise RequestError("read", "no answer", "Wait.", request="GET https://acme")

    monkeypatch.setattr(Shelf, "created", gone)
    module = run(Acme())
    assert module.failed
    assert module.result["changed"] is True
    assert module.result["msg"].endswith("Before that it was created.")


def test_a_vendor_may_warn() -> None:
    assert run(Acme(task()), fields={"script": "x"}).warnings == []
    assert run(Acme(task()), fields={"size": 0}).warnings == ["size is not shown"]


def test_what_the_modules_manage_has_the_name_the_vendor_gives_it() -> None:
    vendor = Acme(task())
    vendor.noun = "document"
    assert "document" in run(vendor).result
    assert "documents" in run(vendor, info=True).result


def test_a_second_run_is_unchanged() -> None:
    vendor = Acme()
    assert run(vendor, fields={"script": "x", "size": 3}, enabled=False).result["changed"] is True
    assert run(vendor, fields={"script": "x", "size": 3}, enabled=False).result["changed"] is False


def test_a_task_that_an_update_revives_is_switched_off_again() -> None:
    vendor = Acme(task(enabled=False))
    vendor.revives = True
    result = run(vendor, fields={"size": 2}).result
    assert vendor.calls == ["update", "disable"]
    assert result["task"]["enabled"] is False


def lost(*, acted: bool, unclear: bool = True) -> Callable[[Acme, Desired], None]:
    def hook(vendor: Acme, desired: Desired) -> None:
        if acted:
            vendor.add(desired)
        raise RequestError("create it", "no answer", "Look.", request="POST https://acme", unclear=unclear)

    return hook


@pytest.mark.parametrize("given", [{}, {"enabled": False}])
def test_a_create_without_an_answer_is_found_and_not_sent_again(given: dict[str, Any]) -> None:
    vendor = Acme()
    vendor.hook = lost(acted=True)
    module = run(vendor, **given)
    assert not module.failed
    assert vendor.calls.count("create") == 1
    assert module.result["task"]["id"] == "1"
    assert module.result["task"]["enabled"] is not (given.get("enabled") is False)


def test_a_create_without_an_answer_and_without_a_task_is_sent_once_more(clock: list[float]) -> None:
    vendor = Acme()
    vendor.hook = lost(acted=False)
    module = run(vendor)
    assert module.failed
    assert vendor.calls == ["create", "create"]
    assert clock == [0.5, 1.0, 2.0] * 2
    assert module.result["error"]["unclear"] is True
    assert vendor.closed == 1


def test_what_cannot_be_undone_is_never_sent_again(clock: list[float]) -> None:
    vendor = Acme()
    vendor.capabilities = replace(vendor.capabilities, why_not_deletable="It has run.")
    vendor.hook = lost(acted=False)
    module = run(vendor)
    assert module.failed
    assert vendor.calls == ["create"]
    assert module.result["error"]["unclear"] is True


def test_a_look_that_fails_leaves_the_create_unclear(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    def gone(self: Any, desired: Desired) -> list[Task]:
        if vendor.calls:
            raise RequestError("list", "no answer", "Wait.", request="GET https://acme", retryable=True)
        return []

    vendor = Acme()
    vendor.hook = lost(acted=True)
    monkeypatch.setattr(Shelf, "matches", gone)
    module = run(vendor)
    assert module.failed
    assert module.result["error"]["unclear"] is True
    assert module.result["error"]["request"] == "POST https://acme"


def test_a_create_that_is_clearly_refused_is_not_looked_for() -> None:
    vendor = Acme()
    vendor.hook = lost(acted=True, unclear=False)
    module = run(vendor)
    assert module.failed
    assert "unclear" not in module.result["error"]


ONE_STEP = [
    (task(), {"fields": {"size": 2}}, "updated"),
    (task(), {"enabled": False}, "disabled"),
    (task("running"), {"state": "stopped"}, "stopped"),
    (task(), {"state": "started"}, "started"),
    (task(), {"state": "absent"}, "deleted"),
]


def lose_answers(monkeypatch: pytest.MonkeyPatch, *, acted: bool) -> None:
    """Let the answers to all that changes a task be lost."""

    def losing(carry_out: Callable[..., None]) -> Callable[..., None]:
        def lose(shelf: Shelf, *given: Any) -> None:
            if acted:
                carry_out(shelf, *given)
            else:
                shelf.vendor.calls.append("nothing")
            raise RequestError("do it", "no answer", "Look.", request="POST https://acme", unclear=True)

        return lose

    for name in ("update", "act"):
        monkeypatch.setattr(Shelf, name, losing(getattr(Shelf, name)))


@pytest.mark.parametrize(("existing", "given", "action"), ONE_STEP)
def test_a_change_without_an_answer_is_looked_for(
    existing: Task, given: dict[str, Any], action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_answers(monkeypatch, acted=True)
    vendor = Acme(existing)
    module = run(vendor, **given)
    assert not module.failed
    assert (module.result["changed"], module.result["action"]) == (True, action)
    assert len(vendor.calls) == 1
    (warning,) = module.warnings
    assert "of 'job', id 1, was lost. The server shows that it was done." in warning


@pytest.mark.parametrize(("existing", "given", "action"), ONE_STEP)
def test_a_change_that_the_server_does_not_show_is_unclear_and_not_sent_again(
    existing: Task, given: dict[str, Any], action: str, monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    lose_answers(monkeypatch, acted=False)
    vendor = Acme(existing)
    module = run(vendor, **given)
    assert module.failed
    assert module.result["error"]["unclear"] is True
    assert vendor.calls == ["nothing"]
    assert clock == [0.0, 0.5, 1.0, 2.0]
    assert vendor.tasks == [existing]


def test_a_switch_that_is_taken_over_is_looked_for_too(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    lose_answers(monkeypatch, acted=False)
    vendor = Acme(task(enabled=False))  # whose successor is to be switched off, which nobody declared
    module = run(vendor, fields={"kind": "b"}, recreate=True)
    assert module.failed
    assert vendor.calls == ["create", "nothing"]


def test_a_change_that_the_server_makes_late_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    lose_answers(monkeypatch, acted=False)
    vendor = Acme(task())
    passed: list[float] = []

    def sleep(seconds: float) -> None:
        passed.append(seconds)
        if sum(passed) > 1:
            vendor.put(task("running"))

    monkeypatch.setattr(time, "sleep", sleep)
    module = run(vendor, state="started")
    assert not module.failed
    assert passed == [0.0, 0.5, 1.0]
    assert vendor.calls == ["nothing"]


def test_a_look_that_fails_leaves_a_change_unclear(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(shelf: Shelf, task: Task) -> Task:
        raise RequestError("read it", "no answer", "Wait.", request="GET https://acme", retryable=True)

    lose_answers(monkeypatch, acted=True)
    monkeypatch.setattr(Shelf, "get", fail)
    module = run(Acme(task()), state="absent")
    assert module.failed
    assert module.result["error"]["request"] == "POST https://acme"
    assert module.result["error"]["unclear"] is True


def test_a_replaced_task_whose_delete_has_no_answer_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    lose_answers(monkeypatch, acted=True)
    vendor = Acme(task())
    module = run(vendor, fields={"kind": "b"}, recreate=True)
    assert not module.failed
    assert vendor.calls == ["create", "delete"]
    assert [left.id for left in vendor.tasks] == ["2"]


def test_two_newcomers_after_an_unclear_create_are_not_guessed_among() -> None:
    vendor = Acme()

    def hook(vendor: Acme, desired: Desired) -> None:
        vendor.add(desired)
        lost(acted=True)(vendor, desired)

    vendor.hook = hook
    module = run(vendor)
    assert module.failed
    assert module.result["error"]["unclear"] is True


def test_a_create_that_tells_no_id_is_found_in_the_list() -> None:
    vendor = Acme(tells_id=False)
    assert run(vendor).result["task"]["id"] == "1"


def test_a_create_that_is_accepted_and_not_listed_fails_unclear(clock: list[float]) -> None:
    vendor = Acme(tells_id=False)
    vendor.hook = lambda vendor, desired: None
    module = run(vendor)
    assert module.failed
    assert "accepted it and does not list it" in module.result["msg"]
    assert module.result["error"]["unclear"] is True


def test_a_new_task_that_is_no_good_fails_as_created() -> None:
    vendor = Acme()
    vendor.bad = "its script is missing"
    module = run(vendor)
    assert module.failed
    assert module.result["msg"] == "its script is missing"
    assert (module.result["changed"], module.result["action"]) == (True, "created")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let time pass by sleeping alone; return the pauses."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    monkeypatch.setattr(time, "monotonic", lambda: sum(pauses))
    return pauses


def test_waiting_ends_with_the_run(clock: list[float]) -> None:
    vendor = Acme()
    vendor.next_states = ["running", convergence.COMPLETED]
    module = run(vendor, wait=True)
    assert not module.failed
    assert clock == pytest.approx([3, 3.3])
    assert module.result["run"] == {
        "id": "1",
        "status": "completed",
        "vendor_status": "done",
        "started": "noon",
        "ended": None,
        "error": "",
        "details": {},
    }
    assert module.reports == [
        "The run of 'job' is scheduled.",
        "The run of 'job' is running.",
        "The run of 'job' is completed.",
    ]
    assert (module.result["changed"], module.result["task"]["state"]) == (True, "completed")


def test_a_run_may_have_an_id_of_its_own() -> None:
    vendor = Acme(task(convergence.COMPLETED))
    describe = vendor.describe
    vendor.describe = lambda *seen: {**describe(*seen), "run_id": "r7"}  # type: ignore[method-assign]
    assert run(vendor, wait=True).result["run"]["id"] == "r7"


def test_a_run_that_failed_fails_the_module() -> None:
    module = run(Acme(task(convergence.FAILED, error="line 7")), wait=True)
    assert module.failed
    assert module.result["msg"] == "The run of 'job' failed: line 7"
    assert module.result["run"]["error"] == "line 7"
    assert module.result["changed"] is False


def test_waiting_has_an_end(clock: list[float]) -> None:
    module = run(Acme(task("running")), wait=True)
    assert module.failed
    assert clock == pytest.approx([3, 3.3, 3.63, 0.07])
    assert "wait_timeout (10 s); it was last seen running. It was not stopped." in module.result["msg"]
    assert module.result["run"]["status"] == "running"


def test_a_run_that_is_late_may_be_dealt_with(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what was last seen and what became of it; the result shows it as it then is."""
    monkeypatch.setattr(
        Shelf, "give_up", lambda self, seen: (replace(seen, state="stopped"), "It was canceled.")
    )
    module = run(Acme(task("running")), wait=True)
    assert module.result["msg"].endswith("it was last seen running. It was canceled.")
    assert module.result["run"]["status"] == module.result["task"]["state"] == "stopped"


def test_a_vendor_may_call_a_create_otherwise() -> None:
    """In the result, in check mode, and where a failure tells what was done before it."""
    vendor = Acme()
    vendor.created_word = "started"
    assert run(vendor, check_mode=True).result["action"] == "started"
    assert run(vendor).result["action"] == "started"
    assert run(vendor).result["action"] == "unchanged"
    failing = Acme()
    failing.created_word, failing.bad = "started", "it is no good"
    assert run(failing).result["action"] == "started"


def test_a_vendor_may_return_other_values() -> None:
    vendor = Acme(task())
    vendor.returned = lambda task, service, form: {"job": form["id"]}  # type: ignore[method-assign]
    result = run(vendor).result
    assert result["job"] == "1"
    assert "task" not in result


@pytest.mark.parametrize("given", [{"wait": False}, {"wait": True, "check_mode": True}])
def test_nobody_waits_unless_told_and_in_check_mode_never(clock: list[float], given: dict[str, Any]) -> None:
    module = run(Acme(task("running")), **given)
    assert not module.failed
    assert clock == []
    assert "run" not in module.result


def test_secrets_are_told_to_ansible() -> None:
    assert run(Acme()).no_log_values == {"s3cret"}


WIRE = {"a": 1, "Password": "x", "deep": [{"accessToken": "y", "b": "c"}], "clientSecret": {"d": "z"}}


def test_the_raw_object_is_shown_on_demand_and_masked() -> None:
    vendor = Acme(task(wire=WIRE))
    assert "raw" not in run(vendor).result["task"]
    mask = MASK
    raw = {"a": 1, "Password": mask, "deep": [{"accessToken": mask, "b": "c"}], "clientSecret": mask}
    assert run(vendor, include_raw=True).result["task"]["raw"] == raw
    assert run(vendor, info=True, include_raw=True).result["tasks"][0]["raw"] == raw


def test_an_info_module_lists_and_changes_nothing() -> None:
    vendor = Acme(task(), replace(task("running"), id="2"))
    module = run(vendor, info=True)
    assert module.result["changed"] is False
    assert [(one["id"], one["vendor"], one["state"]) for one in module.result["tasks"]] == [
        ("1", "acme", "scheduled"),
        ("2", "acme", "running"),
    ]
    assert (vendor.calls, vendor.closed) == ([], 1)


def test_what_is_not_known_is_left_out_and_falsehood_is_not() -> None:
    form = run(Acme(task(enabled=False))).result["task"]
    assert form["enabled"] is False
    assert form["next_runs"] == []
    assert "error" not in form


def test_several_candidates_are_handed_over() -> None:
    module = run(Acme(task(), replace(task(), id="2")))
    assert module.failed
    assert module.result["candidates"] == ["1", "2"]
    assert "Acme: 2 tasks fit the declaration of 'job': 1, 2." in module.result["msg"]


@pytest.mark.parametrize(
    ("given", "words"),
    [({"name": "bad"}, "name: 'bad' is bad. Take another."), ({"fields": {}}, "script is needed")],
)
def test_a_failure_is_handed_over_before_anything_is_written(given: dict[str, Any], words: str) -> None:
    vendor = Acme()
    module = run(vendor, **given)
    assert module.failed
    assert words in module.result["msg"]
    assert vendor.calls == []


def test_a_missing_library_is_told_as_ansible_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_client, "MISSING_REQUESTS", "Traceback: no requests")
    module = run(Acme())
    assert module.failed
    assert "requests" in module.result["msg"]
    assert module.result["exception"] == "Traceback: no requests"


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"url": "https://a.example.com", "login_url": "http://b.example.com"}, ["login_url"]),
        ({"url": "http://a.example.com", "login_url": "http://b.example.com"}, ["url", "login_url"]),
        ({"url": "http://a.example.com", "login_url": None}, ["url"]),
        ({"url": "http://a.example.com"}, ["url"]),
        ({"url": None, "login_url": "http://localhost"}, []),
    ],
)
def test_each_address_that_others_can_read_is_warned_of(options: dict[str, Any], named: list[str]) -> None:
    """Credentials go to the server, and to where it is logged in."""
    vendor = Acme(task())
    vendor.tls_options = ("url", "login_url")
    warnings = run(vendor, **options).warnings
    assert [text.partition(" begins with http://")[0] for text in warnings] == named


def test_a_vendor_without_tls_is_not_warned_of() -> None:
    """Nothing could be done about it."""
    vendor = Acme(task())
    vendor.tls_options = ()
    assert run(vendor, url="http://a.example.com").warnings == []
