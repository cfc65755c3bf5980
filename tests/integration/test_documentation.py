# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation promises: pages without warnings, examples that run, answers as described."""

from __future__ import annotations

import importlib
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from emulator.launch import RunningEmulator
from integration.controller import Controller
from integration.scenario import SEEDS_OF_PAGES, VENDORS, scenario

pytestmark = pytest.mark.one_way("pages and examples are the same whichever way a module runs")
ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT)
    for pattern in ("*.md", "docs/**/*.md", "roles/*/README.md")
    for path in ROOT.glob(pattern)
    if path.name != "CHANGELOG.md"
)
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))


def documentation(controller: Controller, module: str) -> dict[str, Any]:
    """Return a module's documentation as ansible-doc reads it from the installed collection."""
    run = controller.execute(["ansible-doc", "-t", "module", "--json", f"taskbridge.vendors.{module}"])
    assert run.status == 0, run.output
    page: dict[str, Any] = json.loads(run.output)[f"taskbridge.vendors.{module}"]
    return page


@pytest.mark.parametrize("module", MODULES)
def test_page_renders_without_warning(controller: Controller, module: str) -> None:
    """The page is there, says what the module does, and nothing warns or stays unrendered."""
    run = controller.execute(["ansible-doc", "-t", "module", f"taskbridge.vendors.{module}"])
    assert run.status == 0
    assert "EXAMPLES" in run.output
    assert not re.search(r"WARNING|ERROR|DEPRECATION|[OVEC]\([a-z]", run.output)


@pytest.mark.parametrize("module", MODULES)
def test_examples_run_as_they_stand(controller: Controller, emulator: RunningEmulator, module: str) -> None:
    """Every example runs in check mode without a failure."""
    vendor = module.partition("_")[0]
    seed = scenario(vendor, emulator.info["accounts"][vendor]).seed
    emulator.seed({vendor: seed})
    tasks = yaml.safe_load(documentation(controller, module)["examples"])
    run = controller.play_written(tasks, arguments=["--check"])
    assert run.status == 0, run.output
    assert len(run.results) == len(tasks)


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_return_value_is_documented(
    controller: Controller, emulator: RunningEmulator, vendor: str
) -> None:
    """What a module answers is described, save the options that a task is shown with."""
    wanted = scenario(vendor, emulator.info["accounts"][vendor])
    for module, declared in (wanted.task, *wanted.others):
        page = documentation(controller, module)
        result = controller.play((module, {**declared, "include_raw": True})).only
        assert not result["failed"], result["msg"]
        told_by_ansible = {"changed", "failed", "invocation"}
        answered = {name for name in result if not name.startswith("_")} - told_by_ansible
        assert answered <= set(page["return"])
        for name in answered & {"task", "document"}:
            described = page["return"][name]
            shown = {*described["contains"], *described["sample"], *page["doc"]["options"]}
            assert set(result[name]) <= shown


def test_readme_names_the_two_commands_first() -> None:
    """A reader's first two commands are make demo and make test."""
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert [block.strip() for block in blocks[:2]] == ["make demo", "make test"]


ONE_LINERS = (ROOT / "docs" / "adhoc.md").read_text(encoding="utf-8")
# How quick the servers have to be for the one-liners.
SWITCHES: dict[str, dict[str, Any]] = {
    "cpts": {"run_clock": [[9, 0.2], [0, 0.3]]},
    "seal": {"run_seconds": 0},
    "totalcontrol": {"run_seconds": 0},
    "vro": {"run_seconds": 0},
}


def one_liners(vendor: str) -> list[list[str]]:
    """Return a vendor's commands of docs/adhoc.md, in their order."""
    blocks = re.findall(r"```console\n(.*?)```", ONE_LINERS, re.DOTALL)
    commands = [shlex.split(line) for block in blocks for line in block.splitlines()]
    return [command for command in commands if command[3].startswith(f"taskbridge.vendors.{vendor}_")]


@pytest.mark.parametrize("vendor", VENDORS)
def test_one_liners_run_as_written(controller: Controller, emulator: RunningEmulator, vendor: str) -> None:
    """Each succeeds, and changes nothing when it is given again; one with -C writes nothing."""
    emulator.seed(SEEDS_OF_PAGES)
    emulator.switch(vendor, **SWITCHES.get(vendor, {}))
    environment = {"REQUESTS_CA_BUNDLE": emulator.info["ca"], "ANSIBLE_NOCOLOR": "1"}
    changed = 0
    for command in one_liners(vendor):
        written = len(emulator.log(vendor, writes=True))
        first = controller.execute(command, environment)
        assert first.status == 0, first.output
        assert re.search(r"^localhost \| (SUCCESS|CHANGED) => ", first.output, re.MULTILINE), first.output
        changed += "localhost | CHANGED" in first.output
        if "-C" in command:
            assert len(emulator.log(vendor, writes=True)) == written
        else:
            again = controller.execute(command, environment)
            assert again.status == 0, again.output
            assert "localhost | SUCCESS" in again.output, again.output
    assert changed > len(one_liners(vendor)) / 2


def test_one_liners_are_all_of_known_vendors() -> None:
    """No command of the page is left out, and its accounts are those that the modules read."""
    commands = re.findall(r"^ansible localhost -m ", ONE_LINERS, re.MULTILINE)
    assert sum(len(one_liners(vendor)) for vendor in VENDORS) == len(commands)
    assert set(re.findall(r"-m taskbridge\.vendors\.(\w+)", ONE_LINERS)) <= set(MODULES)


def test_one_liners_name_the_variables_that_log_in(emulator: RunningEmulator) -> None:
    """Where the emulator's accounts need more, that is an address of its own or a secret client."""
    told = set(re.findall(r"^([A-Z_]+)=", ONE_LINERS, re.MULTILINE))
    accounts = emulator.info["accounts"].values()
    needed = {name for account in accounts for name in account["environment"]}
    assert told < needed
    assert needed - told == {"CPTS_URL", "HW_AUTH_URL", "SEAL_OPERATOR_CLIENT_SECRET"}


def test_environment_page_has_every_variable() -> None:
    """The guide describes all that the modules read, and the site links to it wherever one is named."""
    site = ROOT / "docs" / "docsite"
    page = (site / "rst" / "environment.rst").read_text(encoding="utf-8")
    described = re.findall(r"^\.\. envvar:: (\w+)$", page, re.MULTILINE)
    assert yaml.safe_load((site / "config.yml").read_text(encoding="utf-8"))["envvar_directives"] == described
    read = {"ANSIBLE_TASKBRIDGE_IN_PROCESS"}
    for name in MODULES:
        module = importlib.import_module(f"ansible_collections.taskbridge.vendors.plugins.modules.{name}")
        options = module.MODULE.arguments["argument_spec"].values()
        read.update(variable for option in options for variable in option.get("fallback", ("", []))[1])
    assert set(described) == read


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A link to a file of the repository has that file, and the heading where one is named."""
    text = re.sub(
        r"^```.*?^```$", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        name, dummy, anchor = link.partition("#")
        if "://" in name:
            continue
        target = ((ROOT / page).parent / name) if name else ROOT / page
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings}, link
