# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every role: its page, its README and its options; and the role over all vendors."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from emulator.launch import RunningEmulator
from integration.controller import Controller
from integration.scenario import VENDORS, scenario
from integration.vendors.vro import SECRET, rotation

ROOT = Path(__file__).parents[2]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
one_way = pytest.mark.one_way("pages and examples are the same whichever way a module runs")


def readme(role: str) -> str:
    """Return what a role's README says."""
    return (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")


def page(controller: Controller, role: str, *options: str) -> str:
    """Return what ansible-doc prints of a role."""
    run = controller.execute(["ansible-doc", "-t", "role", *options, f"taskbridge.vendors.{role}"])
    assert run.status == 0, run.output
    # With -t role, ansible-core 2.21 warns of a collection of its own.
    return re.sub(r"(?m)^\[WARNING\]: Collection at '\S+/ansible/_protomatter' .*\n", "", run.output)


@one_way
@pytest.mark.parametrize("role", ROLES)
def test_page_renders_without_warning(controller: Controller, role: str) -> None:
    """The page is there, says what the role does, and nothing warns or stays unrendered."""
    text = page(controller, role)
    assert f"{role}_" in text
    assert not re.search(r"WARNING|ERROR|DEPRECATION|[OVECM]\([a-z]", text)


@one_way
@pytest.mark.parametrize("role", ROLES)
def test_options_are_told_everywhere(controller: Controller, role: str) -> None:
    """Specification, defaults and README have the same variables, and the same defaults."""
    told = json.loads(page(controller, role, "--json"))
    options = told[f"taskbridge.vendors.{role}"]["entry_points"]["main"]["options"]
    defaults = yaml.safe_load((ROOT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8"))
    optional = {name: option["default"] for name, option in options.items() if "default" in option}
    assert optional == defaults
    assert set(re.findall(rf"^\| `({role}_\w+)`", readme(role), re.MULTILINE)) == set(options)


@one_way
@pytest.mark.parametrize("role", ROLES)
def test_readme_playbook_runs_as_written(
    controller: Controller, emulator: RunningEmulator, role: str
) -> None:
    """Each playbook of the README predicts its changes against a server that has what it names."""
    for vendor in VENDORS:
        emulator.seed({vendor: scenario(vendor, emulator.info["accounts"][vendor]).seed})
    blocks = re.findall(r"```yaml\n(.*?)```", readme(role), re.DOTALL)
    assert blocks
    for block in blocks:
        playbook = controller.directory / "readme.yml"
        playbook.write_text(block, encoding="utf-8")
        run = controller.execute(
            ["ansible-playbook", "--check", str(playbook)], {"REQUESTS_CA_BUNDLE": emulator.info["ca"]}
        )
        assert run.status == 0, run.output
        assert run.changed


# The role over all vendors


def schedule_of_all(emulator: RunningEmulator, number: int = 2) -> list[dict[str, Any]]:
    """Return so many declarations for each vendor."""
    accounts = emulator.info["accounts"]
    return [
        {"vendor": vendor, **scenario(vendor, accounts[vendor]).many.entry(place)}
        for place in range(number)
        for vendor in VENDORS
    ]


def counts(emulator: RunningEmulator) -> dict[str, int]:
    """Return how many tasks each vendor's server has."""
    return {vendor: len(emulator.tasks(vendor)) for vendor in VENDORS}


def test_one_list_over_all_vendors(controller: Controller, emulator: RunningEmulator) -> None:
    """Check mode predicts and writes nothing, the first run creates, the second one changes nothing."""
    declared = {"scheduled_tasks_list": schedule_of_all(emulator)}
    before = counts(emulator)
    predicted = controller.play_role("scheduled_tasks", declared, arguments=["--check"])
    assert (predicted.status, predicted.changed) == (0, len(VENDORS)), predicted.output
    assert counts(emulator) == before
    made = controller.play_role("scheduled_tasks", declared)
    assert (made.status, made.changed) == (0, len(VENDORS)), made.output
    assert counts(emulator) == {vendor: before[vendor] + 2 for vendor in VENDORS}
    again = controller.play_role("scheduled_tasks", declared)
    assert (again.status, again.changed) == (0, 0), again.output


def test_undeclared_tasks_are_pruned_vendor_by_vendor(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """What left the list goes where the scope says so, in each of several scopes, and nowhere else."""
    entries = schedule_of_all(emulator)
    hello = {"vendor": "vro", "name": "Hello", "workflow": "Say hello", "schedule": {"at": "2038-01-01"}}
    controller.play_role("scheduled_tasks", {"scheduled_tasks_list": [*entries, hello]})
    before = counts(emulator)
    variables = {
        "scheduled_tasks_list": [
            entry for entry in entries[len(VENDORS) :] if entry["vendor"] not in ("totalcontrol", "cpts")
        ],
        "scheduled_tasks_prune": {
            "arcgis": {"types": ["ExecuteNotebook"]},
            "vro": {"workflows": ["Clean snapshots", "Say hello"], "limit": 1},
            "seal": {},
        },
    }
    pruned = controller.play_role("scheduled_tasks", variables)
    assert (pruned.status, pruned.changed) == (0, 3), pruned.output
    gone = {"arcgis": 1, "vro": 2, "seal": 1}
    assert counts(emulator) == {vendor: number - gone.get(vendor, 0) for vendor, number in before.items()}
    again = controller.play_role("scheduled_tasks", variables)
    assert (again.status, again.changed) == (0, 0), again.output


def test_limit_and_empty_list_protect_a_server(controller: Controller, emulator: RunningEmulator) -> None:
    """More than the limit is refused, and so is a list without a task of the vendor, unless it is meant."""
    controller.play_role("scheduled_tasks", {"scheduled_tasks_list": schedule_of_all(emulator)})
    before = counts(emulator)
    for prune, told in (
        ({"seal": {}}, "prune_when_empty"),
        ({"cpts": {"test_suites": ["web-shop"], "when_empty": True, "limit": 1}}, "prune_limit"),
    ):
        refused = controller.play_role(
            "scheduled_tasks", {"scheduled_tasks_list": [], "scheduled_tasks_prune": prune}
        )
        assert refused.status
        assert told in refused.results[-1]["msg"]
    assert counts(emulator) == before
    meant = {"cpts": {"test_suites": ["web-shop"], "when_empty": True}}
    emptied = controller.play_role(
        "scheduled_tasks", {"scheduled_tasks_list": [], "scheduled_tasks_prune": meant}
    )
    assert emptied.status == 0, emptied.output
    assert counts(emulator) == {**before, "cpts": 0}


def test_a_vendor_that_fails_keeps_no_other_from_its_turn(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """All servers that can be reached are converged, and the end tells of the one that was not."""
    emulator.fault("status", vendor="arcgis", operation="create_task", status=503, times=4)
    declared = {"scheduled_tasks_list": schedule_of_all(emulator)}
    before = counts(emulator)
    broken = controller.play_role("scheduled_tasks", declared)
    assert broken.status
    message = broken.results[-1]["msg"]
    assert message.startswith("Not all is as declared. ")
    assert "arcgis: 2 of 2 tasks failed" in message
    assert "vro:" not in message
    assert counts(emulator) == {
        vendor: number + (0 if vendor == "arcgis" else 2) for vendor, number in before.items()
    }
    mended = controller.play_role("scheduled_tasks", declared)
    assert (mended.status, mended.changed) == (0, 1), mended.output


def test_entries_that_belong_nowhere_are_refused_by_name(
    controller: Controller, emulator: RunningEmulator
) -> None:
    """Nothing is sent when an entry says no known vendor, or not where its task is."""
    known = schedule_of_all(emulator)
    for wrong, told in (
        ({"vendor": "oracle", "name": "Nightly"}, "Nightly (oracle)"),
        ({"title": "Nobody's"}, "Nobody's (none)"),
        ({"vendor": "vro", "name": "Homeless", "schedule": {"cron": "0 2 * * *"}}, "missing in: Homeless"),
        ({"vendor": "cpts", "name": "Load"}, "missing in: Load"),
    ):
        refused = controller.play_role("scheduled_tasks", {"scheduled_tasks_list": [*known, wrong]})
        assert refused.status
        assert told in refused.results[-1]["msg"]
        assert "Nothing was changed" in refused.results[-1]["msg"]
    assert emulator.log() == []


def test_a_secret_input_is_not_shown(controller: Controller, emulator: RunningEmulator) -> None:
    """Neither when all goes well, nor when another entry is refused or a server fails."""
    secret = {"vendor": "vro", **rotation()[1]}
    refused = controller.play_role(
        "scheduled_tasks", {"scheduled_tasks_list": [secret, {"vendor": "oracle"}]}, arguments=["-vvv"]
    )
    emulator.fault("status", vendor="vro", operation="create_task", status=503, times=2)
    declared = {"scheduled_tasks_list": [secret]}
    broken = controller.play_role("scheduled_tasks", declared, arguments=["-vvv"])
    made = controller.play_role("scheduled_tasks", declared, arguments=["-vvv", "--diff"])
    assert [run.status != 0 for run in (refused, broken, made)] == [True, True, False]
    for run in (refused, broken, made):
        assert SECRET not in run.output
        assert SECRET not in str(run.results)
