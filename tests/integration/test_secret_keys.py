# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands under a key of ``secret_keys`` reaches the server, and nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils._hiding import MASK
from emulator.launch import RunningEmulator
from integration.controller import Controller
from integration.scenario import Account, Declaration
from integration.vendors import arcgis, seal, vro
from integration.ways import WAYS

pytestmark = pytest.mark.one_way("each test sets the way itself")

OLD, NEW = 'the-"old"-pin', "the-new-pin-é"
Declare = Callable[[Account, str], Declaration]


def notebook(account: Account, pin: str) -> Declaration:
    """Return a notebook task whose parameters the portal shows as a text."""
    return arcgis.notebook(
        account,
        title=f"Nightly, {pin}",  # which a warning about the time zone names
        parameters={"notebookParameters": {"deep": [{"pin": pin}]}},
        schedule={"cron": "0 2 * * *", "timezone": "Europe/Zurich"},
        secret_keys=["pin"],
    )


def scheduled(account: Account, pin: str) -> Declaration:
    """Return a scheduled workflow with an input whose type does not tell that it is secret."""
    return vro.nightly(inputs={"days": 7, "folder": pin}, secret_keys=["folder"])


def printed(account: Account, pin: str) -> Declaration:
    """Return a print task."""
    return seal.job(metadata={"Printer": "LocalPrinter", "pin": pin}, secret_keys=["pin"])


def stored(account: Account, pin: str) -> Declaration:
    """Return a document."""
    return seal.note(metadata={"language": "en", "pin": pin}, secret_keys=["pin"])


CASES: dict[str, list[Declare]] = {"arcgis": [notebook], "vro": [scheduled], "seal": [printed, stored]}


def many(declaration: Declaration) -> Declaration:
    """Return a declaration as the one entry of the module for many tasks, under another name."""
    module, options = declaration
    name = "title" if "title" in options else "name"
    return f"{module}s", {"tasks": [{**options, name: "One of many"}]}


def shown_of(*secrets: str) -> set[str]:
    """Return the forms in which a text may show a secret."""
    return {form for secret in secrets for form in (secret, json.dumps(secret)[1:-1], repr(secret)[1:-1])}


def assert_unseen(text: str) -> None:
    """Fail where a secret is in a text, as it is or as JSON in it."""
    assert [form for form in shown_of(OLD, NEW) if form in text or json.dumps(form)[1:-1] in text] == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("vendor", CASES)
def test_a_secret_is_compared_and_not_shown(
    controller: Controller, emulator: RunningEmulator, vendor: str, way: str
) -> None:
    """A change is seen as one; neither the old value nor the new one is, in either way."""
    account = emulator.info["accounts"][vendor]
    wanted: list[Declaration] = []
    for declare in CASES[vendor]:
        declared = [declare(account, pin) for pin in (OLD, NEW, NEW)]
        wanted += [(module, {**options, "include_raw": True}) for module, options in declared]
        wanted += [many(one) for one in declared if one[0].endswith("_task")]
    keys = wanted[0][1]["secret_keys"]
    listed = (f"{vendor}_task_info", {"secret_keys": keys, "include_raw": True})
    run = controller.play(*wanted, listed, arguments=["-vvvv", "--diff"], environment=WAYS[way])
    assert run.status == 0, run.output
    assert [result["changed"] for result in run.results[:-1]] == [True, True, False] * (len(wanted) // 3)
    assert run.results[-1]["tasks"]
    told = run.output + json.dumps(run.results)
    assert_unseen(told)
    assert MASK in told
    assert "the-new-pin-" in str(emulator.log(vendor, writes=True))


@pytest.mark.parametrize("way", WAYS)
def test_a_run_shows_no_secret_input(controller: Controller, emulator: RunningEmulator, way: str) -> None:
    """A workflow that is run at once takes secret inputs too, and its key finds it again."""
    types = [["days", "number"], ["folder", "string"], ["note", "string"]]
    workflow = {"name": "Count folders", "folder": "Maintenance", "inputs": types}
    emulator.seed({"vro": {"workflows": [workflow]}})
    declared = vro.run_of(
        "Count folders",
        inputs={"days": 1, "folder": NEW},
        secret_keys=["folder"],
        include_raw=True,
        idempotency_key="CHG1",
        idempotency_input="note",
        wait=False,
    )
    run = controller.play(declared, declared, arguments=["-vvvv", "--diff"], environment=WAYS[way])
    assert run.status == 0, run.output
    assert [result["changed"] for result in run.results] == [True, False]
    assert_unseen(run.output + json.dumps(run.results))


@pytest.mark.parametrize("way", WAYS)
def test_a_refusal_shows_no_secret(
    controller: Controller, emulator: RunningEmulator, tmp_path: Path, way: str
) -> None:
    """Options that are refused before anything is sent, by Ansible or by us, in the foreground or not."""
    source = tmp_path / "tasks.json"
    entry: dict[str, Any] = {"name": "x", "metadata": {"pin": NEW}, "secret_keys": ["pin"]}
    source.write_text(
        json.dumps({"tasks": [entry, {**entry, "documents": [{"name": NEW}]}]}), encoding="utf-8"
    )
    module, options = printed(emulator.info["accounts"]["seal"], NEW)
    refused: list[dict[str, Any]] = [
        {f"taskbridge.vendors.{module}": {**options, "timeout": "soon"}},
        {f"taskbridge.vendors.{module}": {**options, "timeout": "soon"}, "async": 20, "poll": 1},
        {f"taskbridge.vendors.{module}": {**options, "colour": NEW}},
        {f"taskbridge.vendors.{module}": {**options, "wait_timeout": -1}},
        {"taskbridge.vendors.seal_tasks": {"tasks": [options, {**entry, "type": [NEW], "colour": NEW}]}},
        {"taskbridge.vendors.seal_tasks": {"tasks": [options], "concurrency": "many"}},
        {"taskbridge.vendors.seal_tasks": {"src": str(source)}},
        {"taskbridge.vendors.vro_task": {**scheduled({}, NEW)[1], "inputs": {"days": "many", "folder": NEW}}},
    ]
    run = controller.play_written(
        [{**task, "ignore_errors": True} for task in refused], arguments=["-vvvv"], environment=WAYS[way]
    )
    assert [
        result["failed"] for result in run.results if "ansible_job_id" not in result or "msg" in result
    ] == [True] * len(refused), run.output
    assert_unseen(run.output + json.dumps(run.results))
    assert emulator.log("seal", writes=True) == []
