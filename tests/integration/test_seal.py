# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""seal_task, seal_task_info and seal_document against the emulator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller, Run
from integration.meanwhile import Onlooker, meanwhile
from integration.vendors.seal import STORE, job, note

Task = tuple[str, dict[str, Any]]
PRINTER = {"Printer": "LocalPrinter"}


def info(**options: Any) -> Task:
    """Return a question for tasks."""
    return "seal_task_info", options


def actions(run: Run) -> list[str | None]:
    """Return the action of each task; None for a failed one."""
    return [None if result["failed"] else result.get("action", "listed") for result in run.results]


def converges(run: Run, *expected: str | None) -> None:
    """Check the actions and that changed agrees with them; a failure tells for itself what was done."""
    assert actions(run) == list(expected), run.output
    for result, action in zip(run.results, expected, strict=True):
        assert action is None or result["changed"] == (action not in ("unchanged", "listed"))
    assert "WARNING" not in run.output


def hrefs(emulator: RunningEmulator, number: int = 0) -> list[str]:
    """Return the input list of a task as the server has it."""
    listed = emulator.tasks("seal")[number]["lists"]["input"]["embedded"]["listItems"]
    return [item["href"] for item in listed]


def seed_documents(emulator: RunningEmulator, *names: str) -> list[str]:
    """Put documents into the store and return their hrefs."""
    emulator.seed({"seal": {"documents": [{"uuid": name, "name": name, "content": "x"} for name in names]}})
    return [f"{STORE}/{name}" for name in names]


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """Return a file that can be printed."""
    path = tmp_path / "plan.pdf"
    path.write_bytes(b"%PDF-1.7 \xff\x00 a plan")
    return path


def test_ladder(controller: Controller, emulator: RunningEmulator, plan: Path) -> None:
    """Absent, create, change, start, delete, each twice; what is not declared stays."""
    (cover,) = seed_documents(emulator, "cover")
    steps = [
        (job(state="absent"), "unchanged"),
        (job(state="absent"), "unchanged"),
        (job(str(plan), metadata={**PRINTER, "copies": 1}), "created"),
        (job(str(plan), metadata={**PRINTER, "copies": 1}), "unchanged"),
        (job(metadata={"copies": 2}), "updated"),
        (job(str(plan), metadata={**PRINTER, "copies": 2}), "unchanged"),
        (job(cover, str(plan)), "updated"),
        (job(cover, str(plan), metadata={"copies": 2}), "unchanged"),
        (job(state="started"), "started"),
        (job(cover, str(plan), metadata=PRINTER, state="started"), "unchanged"),
        (job(cover, str(plan), metadata=PRINTER), "unchanged"),
        (job(metadata={"copies": 3}), None),
        (job(cover, state="started"), None),
        (job(type="other"), None),
        (job(owner="opadmin"), None),
        (job(state="absent"), "deleted"),
        (job(state="absent"), "unchanged"),
    ]
    run = controller.play(*[task for task, action in steps])
    converges(run, *[action for task, action in steps])
    task = run.results[9]["task"]
    assert task["metadata"] == {**PRINTER, "copies": 2}
    assert task["documents"][0] == {"href": cover}
    assert (task["state"], task["state_word"], task["service"]) == ("running", "running", "operator-p4")
    for result in run.results[11:13]:
        assert "rerun: always" in result["msg"]
        assert result["error"]["http_status"] == 409
    for result, option in zip(run.results[13:15], ("type", "owner"), strict=True):
        assert result["msg"].startswith(f"{option}: ")
    assert emulator.starts("seal")["total"] == 1
    assert len(emulator.log("seal", "create_document")) == 1


def test_present_never_prints_and_started_prints_once(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """A new task is started only where that is declared, and not again when it has ended."""
    (cover,) = seed_documents(emulator, "cover")
    run = controller.play(
        job(cover), job(cover, name="now", state="started"), job(state="started", name="none")
    )
    converges(run, "created", "created", None)
    assert "empty" in run.results[2]["msg"]
    assert run.results[2]["changed"] is True  # the task was created, and the message says so
    assert "created" in run.results[2]["msg"]
    assert emulator.starts("seal")["total"] == 1
    emulator.advance(61)
    run = controller.play(
        job(cover, name="now", state="started"), job(cover, name="now"), job(cover, state="started")
    )
    converges(run, "unchanged", "unchanged", "started")
    assert run.results[0]["task"]["state"] == "completed"
    assert emulator.starts("seal")["total"] == 2


def test_check_mode_writes_nothing_and_predicts_the_diff(
    controller: Controller, emulator: RunningEmulator, plan: Path
) -> None:
    """Check mode reads, no more; the real run then differs in nothing it told."""
    tasks = [
        job(str(plan), metadata=PRINTER),
        note(),
        job(str(plan), "/etc/hosts", metadata={"copies": 2}),
        job(state="started"),
        note(content="another", metadata={"language": "en"}),
        note(state="absent"),
        job(state="absent"),
    ]
    both = [
        {"name": module, f"taskbridge.vendors.{module}": given, "check_mode": check}
        for module, given in tasks
        for check in (True, False)
    ]
    run = controller.play_written(both, arguments=["--diff"])
    assert run.status == 0, run.output
    writes = {entry["operation"] for entry in emulator.log("seal", writes=True)}
    for predicted, real, sent in zip(
        run.results[::2], run.results[1::2], run.requests(emulator.log("seal"))[::2], strict=True
    ):
        assert not writes & set(sent)
        assert predicted["action"] == real["action"] != "unchanged"
        assert predicted["diff"] == real["diff"]
        for noun in {"task", "document"} & set(real):
            unknown = {"id", "href", "state", "state_word", "created", "modified", "documents"}
            told = {key: value for key, value in predicted[noun].items() if key not in unknown}
            assert told.items() <= real[noun].items()
    assert [result["task"]["documents"] for result in run.results[:1]] == [[{"path": str(plan)}]]
    assert "id" not in run.results[2]["document"]
    assert emulator.starts("seal")["total"] == 1


def test_one_of_several(controller: Controller, emulator: RunningEmulator) -> None:
    """Several of one name are refused with their ids; ours wins; an id settles it."""
    emulator.seed({"seal": {"tasks": [{"tid": f"foreign-{n}", "name": "My Task"} for n in (1, 2)]}})
    change = {"metadata": PRINTER}
    run = controller.play(
        job(**change),
        job(state="absent"),
        job(state="started"),
        job(task_id="foreign-2", **change),
        ("seal_task", {"task_id": "foreign-2", **change}),
        job(task_id="foreign-2", name="Another"),
        job(task_id="nobody", **change),
        job(task_id="nobody", state="absent"),
    )
    converges(run, None, None, None, "updated", "unchanged", None, None, "unchanged")
    for result in run.results[:3]:
        assert result["candidates"] == ["foreign-1", "foreign-2"]
        assert "task_id" in result["msg"]
    assert run.results[5]["msg"].startswith("name: ")
    assert emulator.starts("seal")["total"] == 0
    ours = {"tid": "ours", "name": "My Task", "metadata": {"taskbridge": "My Task"}}
    emulator.seed({"seal": {"tasks": [ours]}})
    run = controller.play(
        job(metadata={"copies": 2}),
        job(state="absent"),
        job(task_id="ours", state="absent"),
        job(state="absent"),
    )
    converges(run, "updated", None, "deleted", None)
    assert run.results[0]["task"]["id"] == "ours"
    assert len(emulator.tasks("seal")) == 2


def test_marker(controller: Controller, emulator: RunningEmulator) -> None:
    """The marker is written at create, is shown to nobody, and can be left out."""
    run = controller.play(
        job(metadata=PRINTER),
        job(name="bare", marker=False),
        job(name="bare"),
        job(metadata={"taskbridge": "x"}),
    )
    converges(run, "created", "created", "unchanged", None)
    assert run.results[0]["task"]["metadata"] == PRINTER
    assert [task["metadata"] for task in emulator.tasks("seal")] == [{**PRINTER, "taskbridge": "My Task"}, {}]


def test_rerun(controller: Controller, emulator: RunningEmulator) -> None:
    """Each further run is a new task, the newest counts, and on_failure looks at that one."""
    (cover,) = seed_documents(emulator, "cover")
    again = job(cover, state="started", rerun="always")
    failed = job(cover, state="started", rerun="on_failure")
    run = controller.play(job(cover), again, again, again, failed, job(cover, state="started"))
    converges(run, "created", "started", "created", "created", "unchanged", "unchanged")
    assert run.results[5]["task"]["id"] == run.results[3]["task"]["id"]
    assert emulator.starts("seal")["total"] == 3
    assert [task["metadata"]["taskbridge"] for task in emulator.tasks("seal")] == [
        "My Task",
        "My Task#2",
        "My Task#3",
    ]
    emulator.switch("seal", run_outcome="failed")
    emulator.advance(61)
    run = controller.play(job(cover, state="started"), failed, failed, job(state="absent"))
    converges(run, "unchanged", "created", "unchanged", None)
    assert len(run.results[3]["candidates"]) == 4
    assert emulator.starts("seal")["total"] == 4


def test_words_for_states(controller: Controller, emulator: RunningEmulator) -> None:
    """A word in no list never starts a task, and the message says what to add; present does not mind."""
    (cover,) = seed_documents(emulator, "cover")
    emulator.switch("seal", task_states={"idle": "Neu", "running": "Druckt", "completed": "Fertig"})
    words = {"idle": ["neu"], "running": ["druckt"], "completed": ["fertig"]}
    run = controller.play(
        job(cover),
        job(cover, metadata=PRINTER),
        job(state="started"),
        job(state="started", rerun="always"),
        job(state="started", state_words={"running": ["x"]}),
        info(),
        job(state="started", state_words=words),
        job(state="started", state_words=words),
        job(state="started", state_words=words, wait=True, wait_timeout=0.5, wait_interval=0.1),
        info(state_words=words),
    )
    converges(run, "created", "updated", None, None, None, "listed", "started", "unchanged", None, "listed")
    for result in run.results[2:5]:
        for said in ("state_words.idle", "'Neu'", "It was not started"):
            assert said in result["msg"]
    assert (run.results[5]["tasks"][0]["state"], run.results[9]["tasks"][0]["state"]) == (
        "unknown",
        "running",
    )
    assert emulator.starts("seal")["total"] == 1
    emulator.switch("seal", task_states={"idle": "created", "running": "odd"})
    run = controller.play(job(cover, name="b", state="started", wait=True, wait_interval=0.1))
    assert "'odd'" in run.only["msg"]
    assert run.only["changed"] is True


def printing(emulator: RunningEmulator, seconds: float, look: str = "get_task") -> Any:
    """Return what lets a run go on until somebody has looked at it, and then the clock move."""

    def happens(onlooker: Onlooker) -> None:
        onlooker.started()
        onlooker.looks(2)
        emulator.advance(seconds)

    return meanwhile(emulator, "seal", look, happens)


WAIT: dict[str, Any] = {"state": "started", "wait": True, "wait_interval": 0.2, "wait_timeout": 60}


@pytest.mark.parametrize(
    ("switches", "told"),
    [
        ({}, True),
        ({"embed_param": "expand"}, True),
        ({"task_get": False}, True),
        ({"embed_param": "expand", "item_get": False}, False),
    ],
)
def test_what_a_conversion_made(
    controller: Controller, emulator: RunningEmulator, switches: dict[str, Any], told: bool
) -> None:
    """The output list is returned, by whichever call the server tells it, and left out where it does not."""
    (cover,) = seed_documents(emulator, "cover")
    at_work = {"service": "operator-dpf", "type": "convert"}
    controller.play(job(cover, **at_work))
    emulator.switch("seal", action_executor="DPF", **switches)
    look = "get_task" if switches.get("task_get", True) else "list_tasks"
    with printing(emulator, 61, look):
        run = controller.play(job(**at_work, **WAIT))
    again = controller.play(job(**at_work, **WAIT))
    converges(run, "started")
    converges(again, "unchanged")
    for result in (run.only, again.only):
        assert result["run"]["details"] == ({"outputs": [{"href": cover}]} if told else {})
    assert emulator.starts("seal")["total"] == 1


@pytest.mark.parametrize(
    ("switches", "said"),
    [
        ({}, "the server gives no reason"),
        ({"failure_reason": "object"}, "The printer is offline (code ERR_PRINT)"),
        (
            {"failure_reason": "text", "task_field_names": {"error": "errorMessage", "state": "status"}},
            "The printer is offline",
        ),
        (
            {"failure_reason": "text", "task_field_names": {"error": "elsewhere"}},
            "the server gives no reason",
        ),
    ],
)
def test_why_a_print_failed(
    controller: Controller, emulator: RunningEmulator, switches: dict[str, Any], said: str
) -> None:
    """Whether and where the server tells a reason is not known; it is shown where it is found."""
    (cover,) = seed_documents(emulator, "cover")
    emulator.switch("seal", run_outcome="failed", **switches)
    with printing(emulator, 61):
        failed = controller.play(job(cover, **WAIT)).only
    assert failed["msg"] == f"The run of 'My Task' failed: {said}"
    assert failed["run"]["vendor_status"] == "failed"
    assert failed["run"]["error"] in (said, "")


def test_a_start_that_takes_its_time(controller: Controller, emulator: RunningEmulator) -> None:
    """A task that is started and does not run yet is waited for."""
    (cover,) = seed_documents(emulator, "cover")
    emulator.switch("seal", start_seconds=300)
    late = controller.play(job(cover, **{**WAIT, "wait_timeout": 1})).only
    assert "last seen idle" in late["msg"]
    (cover,) = seed_documents(emulator, "other")
    with printing(emulator, 400):
        run = controller.play(job(cover, name="other", **WAIT))
    converges(run, "created")
    assert run.only["run"]["status"] == "completed"


def test_a_task_that_vanishes_while_it_is_waited_for(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """Whether it ended well cannot be known, and is not made up."""
    (cover,) = seed_documents(emulator, "cover")
    emulator.switch("seal", sweep_tasks=10)
    with printing(emulator, 100):
        gone = controller.play(job(cover, **WAIT)).only
    assert gone["failed"]
    assert "removed by the server after its end" in gone["msg"]
    assert "Before that it was created" in gone["msg"]


def test_a_given_token_that_ends_while_it_is_waited_for(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """Without a way to log in anew that is an error at once, which says what was started."""
    (cover,) = seed_documents(emulator, "cover")
    account = emulator.info["accounts"]["seal"]
    nobody = {"SEAL_OPERATOR_USERNAME": "", "SEAL_OPERATOR_PASSWORD": "", "SEAL_OPERATOR_CLIENT_SECRET": ""}

    def happens(onlooker: Onlooker) -> None:
        onlooker.started()
        onlooker.looks(2)
        emulator.fault("expire_token", vendor="seal", operation="get_task")

    with meanwhile(emulator, "seal", "get_task", happens):
        run = controller.play(job(cover, token=account["token"], **WAIT), environment=nobody)
    assert "No valid token" in run.only["msg"]
    assert "Before that it was created" in run.only["msg"]
    assert run.only["changed"] is True
    assert emulator.starts("seal")["total"] == 1


# Each switch in each of its other positions; those that do not meet share a run.
UNPROVEN: list[dict[str, Any]] = [
    {"task_get": False, "create_status": 200, "error_body": "text", "token_path": "/token"},
    {"task_get": False, "missing_verb": "405", "collection_shape": "embedded", "lists_panels": True},
    {"task_put": False, "embed_param": "expand", "insert_index": "body", "task_visibility": "all"},
    {"task_patch": False, "issuer_path": "/auth/realms/SEAL", "used_content": "409"},
    {"task_patch": False, "missing_verb": "405", "insert_index": "path", "inactives_shape": "object"},
    {"patch_nested": "merge", "item_get": False, "list_query": "odata", "action_executor": "P5"},
    {
        "item_update": True,
        "task_field_names": {"state": "status", "owner": "ownerId", "created": "createdAt"},
        "task_href_place": "href",
        "list_metadata_place": "lists.input.embedded.metadata",
        "delete_running": "409",
        "sweep_documents": 3600,
        "sweep_tasks": 3600,
    },
    {
        "error_codes": {"conflict": 400, "bad_request": 422},
        "task_actions": ["start", "abort"],
        "mutable_after_start": True,
        "restart_allowed": True,
        "start_empty_input": "204",
    },
]


@pytest.mark.parametrize("switches", UNPROVEN, ids="-".join)
def test_unproven_behaviour(
    controller: Controller, emulator: RunningEmulator, switches: dict[str, Any]
) -> None:
    """Whatever the server does where nothing is proven, the declarations converge and stay."""
    a, b, c = seed_documents(emulator, "a", "b", "c")
    emulator.switch("seal", **switches)
    nested = {"metadata": {"paper": {"size": "A4", "tray": 1}, **PRINTER}}
    smaller = {"metadata": {"paper": {"size": "A3"}}}
    run = controller.play(
        job(a, b, **nested),
        job(a, b, **nested),
        job(**smaller),
        job(a, b, **smaller),
        job(c, a, b),
        job(c, a, b, metadata=PRINTER),
        job(c, a, b, state="started"),
        job(c, a, b, state="started"),
        note(),
        note(content="x"),
        note(content="x"),
        note(state="absent"),
        info(),
    )
    expected = [
        "created",
        "unchanged",
        "updated",
        "unchanged",
        "updated",
        "unchanged",
        "started",
        "unchanged",
    ]
    converges(run, *expected, "created", "updated", "unchanged", "deleted", "listed")
    (task,) = run.results[-1]["tasks"]
    assert task["metadata"] == {"paper": {"size": "A3"}, **PRINTER}
    assert task["documents"] == [{"href": href} for href in (c, a, b)]
    assert task["state"] == "running"
    assert task["href"] == f"/v1/services/operator-p4/tasks/{task['id']}"
    assert emulator.starts("seal")["total"] == 1


@pytest.mark.parametrize("scope", ["own", "all"])
def test_service_account(controller: Controller, emulator: RunningEmulator, scope: str) -> None:
    """Client credentials log in as the client; what it sees of others' tasks is the server's affair."""
    emulator.switch("seal", service_account_scope=scope)
    controller.play(job())
    nobody = {"SEAL_OPERATOR_USERNAME": "", "SEAL_OPERATOR_PASSWORD": ""}
    run = controller.play(job(), job(), environment=nobody)
    converges(run, "created" if scope == "own" else "unchanged", "unchanged")
    assert emulator.log("seal", "login")[-1]["form"]["grant_type"] == "client_credentials"


def test_a_server_that_lacks_what_is_needed(controller: Controller, emulator: RunningEmulator) -> None:
    """No way to change, to delete or to read the list is an error that says so, and nothing is believed."""
    (cover,) = seed_documents(emulator, "cover")
    controller.play(job(cover))
    emulator.switch("seal", task_patch=False, task_put=False, task_delete=False)
    first = controller.play(job(metadata=PRINTER), job(state="absent"), job(state="absent", task_id="none"))
    converges(first, None, None, "unchanged")
    assert "neither PATCH nor PUT" in first.results[0]["msg"]
    assert "still lists the task" in first.results[1]["msg"]
    emulator.switch("seal", item_get=False, embed_param="expand")
    second = controller.play(job(cover), job())
    converges(second, None, "unchanged")
    assert "leave documents out" in second.results[0]["msg"]
    assert len(emulator.tasks("seal")) == 1


def test_changed_after_start(controller: Controller, emulator: RunningEmulator) -> None:
    """Where the server allows it, a started task is changed and not started again."""
    a, b = seed_documents(emulator, "a", "b")
    emulator.switch("seal", mutable_after_start=True)
    run = controller.play(
        job(a, state="started"), job(b, a, metadata=PRINTER, state="started"), job(b, a, state="started")
    )
    converges(run, "created", "updated", "unchanged")
    assert emulator.starts("seal")["total"] == 1


def test_vanished_task(controller: Controller, emulator: RunningEmulator) -> None:
    """A task that the server removed is absent, also by its id."""
    emulator.switch("seal", sweep_tasks=100)
    (cover,) = seed_documents(emulator, "cover")
    task_id = controller.play(job(cover, state="started")).only["task"]["id"]
    emulator.advance(200)
    emulator.advance(200)
    run = controller.play(job(state="absent"), job(state="absent", task_id=task_id))
    converges(run, "unchanged", "unchanged")


def test_wrong_access(controller: Controller, emulator: RunningEmulator) -> None:
    """Nothing is taken for absent, and a refused login is tried once for each task."""
    absent, by_id = {"state": "absent"}, {"state": "absent", "task_id": "x"}
    secret, service = {"client_secret": "not-the-secret"}, {"service": "operator-p9"}
    nobody = {"SEAL_OPERATOR_USERNAME": "", "SEAL_OPERATOR_PASSWORD": ""}
    run = controller.play(
        job(**absent, password="not-the-password"),
        job(**by_id, password="not-the-password"),
        job(**absent, **secret),
        job(**absent, **service),
        job(**by_id, **service),
        job(**service),
    )
    others = controller.play(
        job(**absent, **secret),
        job(**by_id, token="not-the-token", client_secret=None),
        environment={**nobody, "SEAL_OPERATOR_CLIENT_SECRET": ""},
    )
    converges(run, *[None] * 6)
    converges(others, None, None)
    words = [
        *["log in as 'printer'"] * 2,
        "Invalid client",
        *["Service operator-p9 not found"] * 3,
        "log in as client 'seal-opcli'",
        "No valid token",
    ]
    for result, said in zip([*run.results, *others.results], words, strict=True):
        assert said in result["msg"]
        assert "Check " in result["msg"]
    assert len(emulator.log("seal", "login")) == 7
    assert emulator.log("seal", writes=True) == []


def test_wrong_document_service(controller: Controller, emulator: RunningEmulator) -> None:
    """A store that is not there is an error, and not an absent document."""
    wrong = {"service": "operator-p4", "state": "absent"}
    run = controller.play(note(**wrong), note(**wrong, document_id="x"), job("/etc/hosts", input_service="x"))
    converges(run, None, None, None)
    assert emulator.log("seal", writes=True) == []


@pytest.mark.parametrize(
    ("mischief", "words"),
    [
        ("http_issuer", "not https"),
        ("http_token", "not https"),
        ("other_issuer", "login.example.com"),
    ],
)
def test_credentials_go_to_the_issuer_only(
    controller: Controller, emulator: RunningEmulator, mischief: str, words: str
) -> None:
    """A server or an issuer that leads elsewhere gets no credentials."""
    emulator.switch("seal", issuer_mischief=mischief)
    run = controller.play(job())
    assert run.only["failed"]
    assert words in run.only["msg"]
    assert "no credentials were sent" in run.only["msg"]
    assert emulator.log("seal", "login") == []


def test_each_way_to_log_in(controller: Controller, emulator: RunningEmulator) -> None:
    """Ready token, given issuer, environment of OP-CLI, a URL with /v1; a token that ran out is renewed."""
    account = emulator.info["accounts"]["seal"]
    nobody = {name: "" for name in account["environment"] if name != "SEAL_OPERATOR_URL"}
    issuer = f"{account['url']}/realms/SEAL"
    run = controller.play(
        job(service="operator-p4"),
        ("seal_task_info", {"service": "operator-p4", "url": f"{account['url']}/v1"}),
        environment={**nobody, "OPCLI_BEARER_TOKEN": account["token"]},
    )
    converges(run, "created", "listed")
    sent = {entry["operation"] for entry in emulator.log("seal")}
    assert sent == {"list_tasks", "create_task", "get_task"}
    emulator.clear_log()
    run = controller.play(
        job(service="operator-p5"),
        environment={
            **nobody,
            "SEAL_OPERATOR_ISSUER": issuer,
            "OPCLI_AUTH_CLIENT_ID": account["client_id"],
            "OPCLI_AUTH_CLIENT_SECRET": account["client_secret"],
        },
    )
    converges(run, "created")
    assert emulator.log("seal", "auth") == []
    emulator.clear_log()
    emulator.fault("expire_token", vendor="seal", operation="create_task")
    run = controller.play(job(name="renewed"))
    converges(run, "created")
    assert len(emulator.log("seal", "login")) == 2
    assert [task["name"] for task in emulator.tasks("seal")] == ["My Task", "My Task", "renewed"]


WRONG_INPUT: list[tuple[Task, list[str]]] = [
    (job(name=" "), ["name"]),
    (("seal_task", {}), ["name", "task_id"]),
    (job(state="running"), ["state", "running"]),
    (job(wait=True), ["wait", "state: started"]),
    (job(rerun="always"), ["rerun", "state: started"]),
    (job(rerun="always", state="started", marker=False), ["rerun", "marker"]),
    (job("/nowhere/plan.pdf"), ["documents[0].path", "/nowhere/plan.pdf"]),
    (job(documents=[{"href": "plan"}]), ["documents[0].href", "plan"]),
    (job(documents=[{"href": f"{STORE}/a", "path": "/etc/hosts"}]), ["href", "path"]),
    (job(documents=[{"href": f"{STORE}/a", "name": "x"}]), ["name", "path"]),
    (job(metadata={"taskbridge": "x"}), ["metadata", "taskbridge"]),
    (job(state_words={"ready": ["x"]}), ["state_words", "ready"]),
    (job(state_words={"idle": ["x"], "running": ["X"]}), ["state_words.running", "'X'"]),
    (job(issuer="http://127.0.0.1/realms/SEAL"), ["issuer", "https"]),
    (note(path="/etc/hosts"), ["path", "content"]),
    (("seal_document", {"path": "/nowhere/plan.pdf"}), ["path", "/nowhere/plan.pdf"]),
    (("seal_document", {}), ["name"]),
    (note(metadata={"taskbridge_sha256": "x"}), ["metadata", "taskbridge_sha256"]),
]


def test_wrong_input_is_refused_before_any_request(controller: Controller, emulator: RunningEmulator) -> None:
    """Each message names the option and the value; the server hears nothing."""
    run = controller.play(*[task for task, said in WRONG_INPUT])
    for result, (task, said) in zip(run.results, WRONG_INPUT, strict=True):
        assert result["failed"], task
        for text in said:
            assert text in result["msg"], task
    assert emulator.log("seal") == []


@pytest.mark.parametrize(
    ("fault", "operation", "outcome"),
    [
        ("act_then_drop", "create_task", "created"),
        ("close_before_reading", "create_task", "created"),
        ("act_then_drop", "task_action", "created"),
        ("close_before_reading", "task_action", None),
        ("act_then_drop", "add_item", "updated"),
        ("close_before_reading", "patch_task", None),
    ],
)
def test_lost_answers(
    controller: Controller, emulator: RunningEmulator, fault: str, operation: str, outcome: str | None
) -> None:
    """Nothing is sent twice; what was done is found, by this run or the next, which ends as declared."""
    a, b = seed_documents(emulator, "a", "b")
    first = job(a) if operation in ("add_item", "patch_task") else job(name="other")
    second = job(a, b, metadata=PRINTER, state="started")
    emulator.fault(fault, vendor="seal", operation=operation)
    if operation == "create_task":
        first = second
    run = controller.play(first, second, second)
    assert run.results[2].get("action") in ("unchanged", "updated", "started"), run.output
    disturbed = run.results[0 if operation == "create_task" else 1]
    assert disturbed.get("action") == outcome
    if outcome is None:
        assert disturbed["error"]["unclear"] is True
        assert "look there before you run this again" in disturbed["msg"]
    mine = [number for number, task in enumerate(emulator.tasks("seal")) if task["name"] == "My Task"]
    assert len(mine) == 1
    assert hrefs(emulator, mine[0]) == [a, b]
    assert emulator.starts("seal")["total"] == 1
    assert run.results[2]["task"]["metadata"] == PRINTER


def test_busy_server(controller: Controller, emulator: RunningEmulator) -> None:
    """A 429 and a failing read or login are waited out; a create is repeated once if it was not done."""
    for operation in ("login", "list_tasks", "get_task", "discovery", "auth"):
        emulator.fault("status", status=503, vendor="seal", operation=operation)
    emulator.fault("status", status=429, retry_after=0, vendor="seal", operation="create_task")
    run = controller.play(job())
    converges(run, "created")
    assert [entry["status"] for entry in emulator.log("seal", "create_task")] == [429, 201]
    emulator.fault("status", status=503, vendor="seal", operation="create_task", times=2)
    run = controller.play(job(name="b"))
    converges(run, None)
    assert run.only["error"]["unclear"] is True
    assert len(emulator.tasks("seal")) == 1


def test_info_round_trip(controller: Controller, emulator: RunningEmulator, plan: Path) -> None:
    """What info returns can be declared again and changes nothing."""
    documents = [{"path": str(plan), "metadata": {"copies": 2}}, {"path": "/etc/hosts", "name": "h"}]
    controller.play(
        job(documents=documents, metadata=PRINTER), job(name="dpf", service="operator-dpf", type="convert")
    )
    listed = controller.play(
        info(), info(service="operator-dpf"), info(name="none"), info(task_id="none"), info(name="My Task")
    )
    assert [len(result["tasks"]) for result in listed.results] == [1, 1, 0, 0, 1]
    options = ("name", "type", "owner", "metadata", "documents", "service")
    declared = [
        ("seal_task", {name: task[name] for name in options})
        for found in listed.results[:2]
        for task in found["tasks"]
    ]
    assert declared[0][1]["documents"][0]["metadata"] == {"copies": 2}
    emulator.clear_log()
    converges(controller.play(*declared), "unchanged", "unchanged")
    assert emulator.log("seal", writes=True) == []


def test_input_list_takes_the_fewest_calls(controller: Controller, emulator: RunningEmulator) -> None:
    """What stays in order is left alone; without an index that the server reads, appending does it."""
    a, b, c, d = seed_documents(emulator, "a", "b", "c", "d")
    copies = {"documents": [{"href": b}, {"href": d, "metadata": {"copies": 2}}]}
    steps: list[tuple[Task, str, int, int]] = [
        (job(a, b, c), "created", 0, 0),
        (job(d, a, b, c), "updated", 0, 1),
        (job(a, c, b), "updated", 2, 1),
        (job(b, a, c), "updated", 1, 1),
        (job(b, a, c, a), "updated", 0, 1),
        (job(b, d), "updated", 3, 1),
        (job(**copies), "updated", 1, 1),
        (job(**copies), "unchanged", 0, 0),
        (job(b, d), "unchanged", 0, 0),
        (job(documents=[]), "updated", 2, 0),
    ]
    run = controller.play(*[step[0] for step in steps])
    converges(run, *[step[1] for step in steps])
    sent = run.requests(emulator.log("seal"))
    assert [(one.count("delete_item"), one.count("add_item")) for one in sent] == [step[2:] for step in steps]
    for ignored in ("body", "path"):
        emulator.reset()
        a, b, c, d = seed_documents(emulator, "a", "b", "c", "d")
        emulator.switch("seal", insert_index=ignored)
        run = controller.play(job(a, b), job(c, a, b), job(a, b, d))
        converges(run, "created", "updated", "updated")
        assert hrefs(emulator) == [a, b, d]


def test_files_are_uploaded_once(controller: Controller, emulator: RunningEmulator, plan: Path) -> None:
    """The name and the content tell whether a file is there; an upload that was broken off is not used."""
    twin = plan.with_name("twin.pdf")
    twin.write_bytes(plan.read_bytes())
    run = controller.play(
        job(str(plan), str(plan)),
        job(str(plan), name="b"),
        job(str(twin), name="c"),
        job(documents=[{"path": str(twin), "name": "plan.pdf"}], name="d"),
    )
    converges(run, "created", "created", "created", "created")
    assert len(emulator.log("seal", "put_content")) == 2
    assert emulator.log("seal", "put_content")[0]["headers"]["content-type"] == "application/octet-stream"
    assert hrefs(emulator, 0) == hrefs(emulator, 1) * 2
    assert hrefs(emulator, 3) == hrefs(emulator, 1) != hrefs(emulator, 2)
    plan.write_bytes(b"another")
    converges(controller.play(job(str(plan), name="b"), job(str(plan), name="b")), "updated", "unchanged")
    for fault, operation in (
        ("act_then_drop", "create_document"),
        ("act_then_drop", "put_content"),
        ("close_before_reading", "patch_document"),
    ):
        plan.write_text(operation)
        emulator.fault(fault, vendor="seal", operation=operation)
        before = len(emulator.log("seal", "put_content"))
        run = controller.play(job(str(plan), name=operation), job(str(plan), name=operation))
        converges(run, "created", "unchanged")
        assert len(emulator.log("seal", "put_content")) > before
    assert len(emulator.tasks("seal")) == 7


def test_document_ladder(controller: Controller, emulator: RunningEmulator, plan: Path) -> None:
    """Create, change content and metadata, each alone; what a task uses stays unless forced."""
    steps = [
        (note(state="absent"), "unchanged"),
        (note(metadata={"language": "en", "kind": "cover"}), "created"),
        (note(), "unchanged"),
        (note(metadata={"language": "de"}), "updated"),
        (note(content="another"), "updated"),
        (note(content="another", metadata={"language": "de", "kind": "cover"}), "unchanged"),
        (("seal_document", {"path": str(plan)}), "created"),
        (("seal_document", {"path": str(plan), "name": "plan.pdf"}), "unchanged"),
        (("seal_document", {"name": "nothing"}), None),
        (job(str(plan)), "created"),
        (("seal_document", {"name": "plan.pdf", "state": "absent"}), None),
        (note(state="absent"), "deleted"),
        (note(state="absent"), "unchanged"),
        (("seal_document", {"name": "plan.pdf", "state": "absent", "force": True}), "deleted"),
    ]
    run = controller.play(*[task for task, action in steps])
    converges(run, *[action for task, action in steps])
    assert "Set path or content" in run.results[8]["msg"]
    assert "force: true" in run.results[10]["msg"]
    document = run.results[5]["document"]
    assert document["metadata"] == {"language": "de", "kind": "cover"}
    assert document["href"] == f"{STORE}/{document['id']}"
    assert len(emulator.log("seal", "put_content")) == 3
    by_id = {"document_id": document["id"]}
    run = controller.play(("seal_document", {**by_id, "state": "absent"}), ("seal_document", by_id))
    converges(run, "unchanged", None)
    assert "Remove document_id" in run.results[1]["msg"]


def test_documents_of_one_name(controller: Controller, emulator: RunningEmulator) -> None:
    """Several of one name are refused with their ids, unless one has the very content, or an id is given."""
    emulator.seed({"seal": {"documents": [{"uuid": f"d{n}", "name": "cover.txt"} for n in (1, 2)]}})
    run = controller.play(
        note(),
        note(state="absent"),
        note(document_id="d2"),
        note(document_id="d2", name="other"),
        note(),
        note(document_id="d1", state="absent"),
        note(),
    )
    converges(run, None, None, "updated", None, "unchanged", "deleted", "unchanged")
    for result in run.results[:2]:
        assert result["candidates"] == ["d1", "d2"]
        assert "document_id" in result["msg"]
    assert run.results[3]["msg"].startswith("name: ")


def test_document_in_a_collection(controller: Controller, emulator: RunningEmulator) -> None:
    """A collection holds documents of its own."""
    emulator.seed({"seal": {"documents": [{"uuid": "c1", "name": "folder", "type": "collection"}]}})
    run = controller.play(
        note(collection="c1"), note(collection="c1"), note(), note(collection="c1", state="absent"), note()
    )
    converges(run, "created", "unchanged", "created", "deleted", "unchanged")


def test_document_uploads_that_break_off(controller: Controller, emulator: RunningEmulator) -> None:
    """Wherever an upload breaks off, it is completed, by the next run at last, and is not begun twice."""
    for fault, operation in (
        ("act_then_drop", "create_document"),
        ("close_before_reading", "create_document"),
        ("act_then_drop", "put_content"),
        ("close_before_reading", "patch_document"),
    ):
        name = f"{fault}.{operation}"
        emulator.fault(fault, vendor="seal", operation=operation)
        run = controller.play(note(name=name), note(name=name))
        assert [result.get("action") for result in run.results] == ["created", "unchanged"], run.output
    emulator.fault("act_then_drop", vendor="seal", operation="put_content", times=2)
    run = controller.play(note(content="x", name=name), note(name=name), note(name=name))
    converges(run, None, "updated", "unchanged")


def test_content_in_use(controller: Controller, emulator: RunningEmulator) -> None:
    """Where the server keeps the content of what a task uses, that is said, and the checksum stays true."""
    emulator.switch("seal", used_content="409")
    document = controller.play(note()).only["document"]
    run = controller.play(job(document["href"]), note(content="x"), note())
    converges(run, "created", None, "unchanged")
    assert "another name" in run.results[1]["msg"]


def test_whether_a_document_is_used_cannot_be_asked(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """Then nothing is deleted, and the message names the way out."""
    emulator.fault("status", status=503, vendor="seal", operation="inactives", times=2)
    run = controller.play(note(), note(state="absent"), note(state="absent", force=True))
    converges(run, "created", None, "deleted")
