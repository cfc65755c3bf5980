# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules that take many tasks in one call, for every vendor."""

from __future__ import annotations

import importlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from ansible_collections.taskbridge.vendors.plugins.module_utils._convergence import never
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendor import Vendor
from emulator.launch import RunningEmulator
from integration.controller import Controller
from integration.scenario import VENDORS, Many, scenario

NUMBER = 24
COLLECTION = "ansible_collections.taskbridge.vendors.plugins.module_utils._vendors"
KNOWN: dict[str, Vendor] = {
    vendor: importlib.import_module(f"{COLLECTION}.{vendor}").VENDOR for vendor in VENDORS
}
# What each vendor can do, as its own file says.
CHANGING = [
    vendor
    for vendor, known in KNOWN.items()
    if any(field.changeable is not never for field in known.capabilities.fields)
]
PRUNING = [vendor for vendor, known in KNOWN.items() if known.capabilities.why_not_deletable is None]
# Where the scope of prune is an option of its own; elsewhere each call has it.
SCOPED = [vendor for vendor, known in KNOWN.items() if known.scope_spec.options]


@dataclass
class Fleet:
    """Many tasks of one vendor."""

    vendor: str
    many: Many
    controller: Controller
    emulator: RunningEmulator

    def declare(self, entries: list[dict[str, Any]], *arguments: str, **options: Any) -> dict[str, Any]:
        """Run the module once and return its result."""
        task = (f"{self.vendor}_tasks", {"tasks": entries, **options})
        return self.controller.play(task, arguments=list(arguments)).only

    def entries(self, number: int = NUMBER) -> list[dict[str, Any]]:
        """Return so many declarations."""
        return [self.many.entry(place) for place in range(number)]

    def names(self) -> Counter[str]:
        """Return the names of the tasks that the server has."""
        return Counter(
            next(str(task[key]) for key in ("title", "name", "task_name") if key in task)
            for task in self.emulator.tasks(self.vendor)
        )

    def written(self) -> list[str]:
        """Return the operations that wrote something since the last look."""
        found = [entry["operation"] for entry in self.emulator.log(self.vendor, writes=True)]
        self.emulator.clear_log()
        return [name for name in found if "login" not in name and "token" not in name]


@pytest.fixture(params=VENDORS)
def fleet(request: pytest.FixtureRequest, controller: Controller, emulator: RunningEmulator) -> Fleet:
    """The tasks of each vendor in turn."""
    vendor: str = request.param
    many = scenario(vendor, emulator.info["accounts"][vendor]).many
    if many.switches:
        emulator.switch(vendor, **many.switches)
    return Fleet(vendor, many, controller, emulator)


def words(result: dict[str, Any]) -> list[str]:
    """Return the action of each entry."""
    return [entry["action"] for entry in result["results"]]


def name_of(entry: dict[str, Any]) -> str:
    """Return what results call an entry."""
    return str(entry.get("name") or entry["title"])


def test_many_tasks_converge_in_order(fleet: Fleet) -> None:
    """Check mode predicts and writes nothing, one run creates each once, another changes nothing."""
    entries = fleet.entries()
    predicted = fleet.declare(entries, "--check")
    assert not predicted["failed"], predicted["msg"]
    assert words(predicted) == ["created"] * NUMBER
    assert not any("id" in entry for entry in predicted["results"])
    assert not fleet.names()
    assert not fleet.written()

    made = fleet.declare(entries)
    assert not made["failed"], made["msg"]
    assert made["changed"]
    assert made["summary"]["created"] == made["summary"]["total"] == NUMBER
    assert [entry["name"] for entry in made["results"]] == [name_of(entry) for entry in entries]
    assert fleet.names() == Counter(name_of(entry) for entry in entries)
    assert fleet.written().count("create_task") == NUMBER

    again = fleet.declare(entries[::-1])
    assert not again["failed"], again["msg"]
    assert not again["changed"]
    assert words(again) == ["unchanged"] * NUMBER
    assert [entry["id"] for entry in again["results"]] == [entry["id"] for entry in made["results"]][::-1]
    assert fleet.written() == []


def test_a_list_and_single_tasks_mean_the_same(fleet: Fleet) -> None:
    """What the one kind of module made, the other finds as declared."""
    entries = fleet.entries(3)
    single = [(f"{fleet.vendor}_task", entry) for entry in entries]
    many = (f"{fleet.vendor}_tasks", {"tasks": entries})
    run = fleet.controller.play(single[0], many, *single)
    assert [result["changed"] for result in run.results] == [True, True, False, False, False], run.output
    assert words(run.results[1]) == ["unchanged", "created", "created"]


@pytest.mark.parametrize("fleet", CHANGING, indirect=True)
def test_only_what_drifted_is_written(fleet: Fleet) -> None:
    """Two of many differ: two are changed, and the diff shows these two."""
    entries = fleet.entries()
    fleet.declare(entries)
    drifted = [
        {**entry, **(fleet.many.change if place in (2, 9) else {})} for place, entry in enumerate(entries)
    ]
    for arguments in (["--check", "--diff"], ["--diff"]):
        result = fleet.declare(drifted, *arguments)
        assert not result["failed"], result["msg"]
        assert result["summary"]["updated"] == 2
        assert result["summary"]["unchanged"] == NUMBER - 2
        assert [words(result).index("updated"), NUMBER - 1 - words(result)[::-1].index("updated")] == [2, 9]
        assert [diff["after_header"] for diff in result["diff"]] == [name_of(entries[2]), name_of(entries[9])]
        assert all(diff["before"] != diff["after"] for diff in result["diff"])
    assert not fleet.declare(drifted)["changed"]


@pytest.mark.parametrize("fleet", PRUNING, indirect=True)
def test_prune_keeps_to_its_scope_and_limit(fleet: Fleet) -> None:
    """Undeclared tasks of the scope go, never more than allowed, and an empty list does not mean all."""
    entries = fleet.entries(6)
    setup = [(f"{fleet.vendor}_tasks", {"tasks": entries})]
    setup += [fleet.many.outside] if fleet.many.outside else []
    assert not any(result["failed"] for result in fleet.controller.play(*setup).results)
    before = fleet.names()
    fleet.written()
    prune = {"prune": True, **fleet.many.scope}

    for refused, told in (
        (fleet.declare(entries[:2], **prune, prune_limit=3), "prune_limit"),
        (fleet.declare([], **prune), "prune_when_empty"),
    ):
        assert refused["failed"]
        assert told in refused["msg"]
        assert fleet.names() == before
        assert not fleet.written()

    for arguments in (["--check"], []):
        pruned = fleet.declare(entries[:2], *arguments, **prune)
        assert not pruned["failed"], pruned["msg"]
        assert words(pruned) == ["unchanged"] * 2 + ["deleted"] * 4
        assert sorted(entry["name"] for entry in pruned["results"] if entry.get("pruned")) == sorted(
            name_of(entry) for entry in entries[2:]
        )
    assert fleet.names() == before - Counter(name_of(entry) for entry in entries[2:])
    assert fleet.written() == ["delete_task"] * 4
    assert not fleet.declare(entries[:2], **prune)["changed"]

    emptied = fleet.declare([], **prune, prune_when_empty=True)
    assert emptied["summary"]["deleted"] == 2
    assert fleet.names() == before - Counter(name_of(entry) for entry in entries)


@pytest.mark.parametrize("fleet", sorted(set(VENDORS) - set(PRUNING)), indirect=True)
def test_prune_is_refused_where_nothing_can_be_deleted(fleet: Fleet) -> None:
    """The reason is told before anything is sent."""
    refused = fleet.declare(fleet.entries(1), prune=True)
    assert refused["failed"]
    assert "no call that deletes" in refused["msg"]
    assert fleet.emulator.log(fleet.vendor) == []


@pytest.mark.parametrize("fleet", SCOPED, indirect=True)
def test_prune_needs_a_scope(fleet: Fleet) -> None:
    """Where a scope is an option, prune does nothing without it."""
    refused = fleet.declare(fleet.entries(1), prune=True)
    assert refused["failed"]
    assert next(iter(fleet.many.scope)) in refused["msg"]
    assert not fleet.written()


@pytest.mark.parametrize("suffix", ["yml", "json"])
def test_a_file_is_read(fleet: Fleet, suffix: str) -> None:
    """The list may stand in a file, alone or under tasks; a relative path counts from the playbook."""
    entries = fleet.entries(2)
    file = fleet.controller.directory / f"tasks.{suffix}"
    text = json.dumps(entries) if suffix == "json" else yaml.safe_dump({"tasks": entries})
    file.write_text(text, encoding="utf-8")
    run = fleet.controller.play(
        (f"{fleet.vendor}_tasks", {"src": file.name}), (f"{fleet.vendor}_tasks", {"src": str(file)})
    )
    assert [result["changed"] for result in run.results] == [True, False], run.output


def test_wrong_entries_are_told_before_anything_is_sent(fleet: Fleet) -> None:
    """An unknown option, an entry that is none and doubles are refused by their places."""
    good = fleet.entries(3)
    file = fleet.controller.directory / "tasks.yml"
    text = yaml.safe_dump([good[0], {**good[1], "colour": "red"}, good[2]])
    file.write_text(text, encoding="utf-8")
    line = [number for number, row in enumerate(text.splitlines(), 1) if row.startswith("- ")][1]
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"src": str(file)}, ["tasks[1]", f"line {line} of", "colour"]),
        ({"tasks": [good[0], "nonsense"]}, ["tasks[1]", "a str is no mapping"]),
        ({"tasks": [good[0], good[1], good[0]]}, ["tasks[0] and tasks[2]", name_of(good[0])]),
        ({"tasks": [good[0], {**good[1], "state": "on"}]}, ["tasks[1]", "state", "present"]),
        ({"src": "nowhere.yml"}, ["src", "nowhere.yml", "cannot be read"]),
        ({"tasks": good, "concurrency": 0}, ["concurrency", "1 or more"]),
    ]
    run = fleet.controller.play(*((f"{fleet.vendor}_tasks", options) for options, told in cases))
    for result, (_options, told) in zip(run.results, cases, strict=True):
        assert result["failed"]
        assert [word for word in told if word not in result["msg"]] == [], result["msg"]
    assert fleet.emulator.log(fleet.vendor) == []


def test_one_failure_leaves_the_others_alone(fleet: Fleet) -> None:
    """A create that the server does not take, twice, fails by itself; the next run does the rest."""
    entries = fleet.entries(8)
    for skip in (0, 7):
        fleet.emulator.fault("status", vendor=fleet.vendor, operation="create_task", status=503, skip=skip)
    broken = fleet.declare(entries, concurrency=1)
    assert broken["failed"]
    assert broken["changed"]
    assert "1 of 8 tasks failed" in broken["msg"]
    assert "tasks[0]" in broken["msg"]
    assert words(broken) == ["unchanged"] + ["created"] * 7
    assert broken["results"][0]["error"]["unclear"] is True
    assert broken["summary"]["failed"] == 1
    assert broken["summary"]["created"] == 7
    fleet.emulator.clear_faults()
    mended = fleet.declare(entries)
    assert words(mended) == ["created"] + ["unchanged"] * 7
    assert fleet.names() == Counter(name_of(entry) for entry in entries)


@pytest.mark.parametrize("fleet", PRUNING, indirect=True)
def test_a_task_that_cannot_be_pruned_is_told(fleet: Fleet) -> None:
    """One delete that fails keeps no other from being done, and the next run does the rest."""
    entries = fleet.entries(5)
    fleet.declare(entries)
    fleet.emulator.fault("status", vendor=fleet.vendor, operation="delete_task", status=503)
    prune = {"prune": True, **fleet.many.scope}
    broken = fleet.declare(entries[:2], **prune, concurrency=1)
    assert broken["failed"]
    assert broken["msg"].startswith("1 of 5 tasks failed, see results. prune: Could not delete task ")
    assert words(broken) == ["unchanged", "unchanged", "unchanged", "deleted", "deleted"]
    assert broken["results"][2]["error"]["http_status"] == 503
    mended = fleet.declare(entries[:2], **prune)
    assert mended["summary"]["deleted"] == 1
    assert fleet.names() == Counter(name_of(entry) for entry in entries[:2])


@pytest.mark.parametrize("fleet", PRUNING, indirect=True)
def test_nothing_is_pruned_where_an_entry_fails(fleet: Fleet) -> None:
    """What failed may be what seems not to be declared."""
    entries = fleet.entries(3)
    fleet.declare(entries[:2])
    fleet.emulator.fault("status", vendor=fleet.vendor, operation="create_task", status=503, times=2)
    broken = fleet.declare([entries[0], entries[2]], prune=True, **fleet.many.scope)
    assert broken["failed"]
    assert broken["msg"].endswith("Nothing was pruned.")
    assert fleet.names() == Counter(name_of(entry) for entry in entries[:2])


@pytest.mark.one_way("chance decides which creates lose their answer, and warnings tell of them")
def test_creates_without_an_answer_are_found(fleet: Fleet) -> None:
    """What was created and whose answer was lost is not created again."""
    entries = fleet.entries(8)
    fleet.emulator.fault("act_then_drop", vendor=fleet.vendor, operation="create_task", times=3)
    made = fleet.declare(entries)
    assert not made["failed"], made["msg"]
    assert words(made) == ["created"] * 8
    assert all(entry["id"] for entry in made["results"])
    assert fleet.names() == Counter(name_of(entry) for entry in entries)
    assert fleet.written().count("create_task") == 8


def test_a_server_that_slows_down_and_forgets_the_token(fleet: Fleet) -> None:
    """All threads wait when one is told to, and one login serves all after the token expired."""
    entries = fleet.entries(NUMBER)
    fleet.declare(entries[:1])
    fleet.emulator.clear_log()
    fleet.emulator.fault(
        "status", vendor=fleet.vendor, operation="create_task", status=429, retry_after="1", times=4
    )
    fleet.emulator.fault("expire_token", vendor=fleet.vendor, operation="create_task", times=1)
    made = fleet.declare(entries)
    assert not made["failed"], made["msg"]
    assert fleet.names() == Counter(name_of(entry) for entry in entries)
    refused = [entry for entry in fleet.emulator.log(fleet.vendor) if entry["status"] == 429]
    assert len(refused) == 4
