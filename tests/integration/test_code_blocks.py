# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every code block of the documentation is run against the emulator, or at least parsed by what would run it.

`make lint` holds those that are playbooks against ansible-lint's rules.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import hcl2
import pytest
import yaml
from emulator.launch import RunningEmulator
from integration.controller import Controller
from integration.scenario import SEEDS_OF_PAGES, VENDORS
from lark.exceptions import UnexpectedInput  # of python-hcl2's parser
from tools.blocks import Block, blocks, blocks_of

pytestmark = pytest.mark.one_way("pages are the same whichever way a module runs")
ROOT = Path(__file__).parents[2]
BLOCKS = blocks()
PLAYBOOKS = [block for block in BLOCKS if block.playbook and not block.page.startswith("roles/")]
SCHEDULE = "schedule.yml"  # the caption of the one file that playbooks read
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
VARIABLES = set(
    yaml.safe_load((ROOT / "docs" / "docsite" / "config.yml").read_text(encoding="utf-8"))[
        "envvar_directives"
    ]
)

# Programs that need what no test has: a live controller, a registry of images, a cloud.
ELSEWHERE = {"ansible-builder", "awx", "podman", "terraform"}


def file_of(block: Block, name: str) -> Path:
    """Return a file that a command names, beside its page or from the root of the repository."""
    beside = (ROOT / block.page).parent / name
    return beside if beside.exists() else ROOT / name


def check_make(block: Block, words: list[str]) -> None:
    """A target is in the list that make prints, and its settings are known."""
    for word in words[1:]:
        setting, is_setting, value = word.partition("=")
        wanted = rf"^{setting} \?=" if is_setting else rf"^{word}: .*## "
        assert re.search(wanted, MAKEFILE, re.MULTILINE), word
        assert setting != "SCENE" or file_of(block, value).exists()


def check_galaxy(_block: Block, words: list[str]) -> None:
    """What is installed is what was built."""
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    artifact = f".cache/build/{galaxy['namespace']}-{galaxy['name']}-{galaxy['version']}.tar.gz"
    assert words[1:] == ["collection", "install", artifact]


def check_python(_block: Block, words: list[str]) -> None:
    """The emulator has the options that are named."""
    assert words[1:3] == ["-m", "emulator"]
    command = [sys.executable, "-m", "emulator", "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert {word for word in words if word.startswith("--")} <= set(re.findall(r"--[\w-]+", told))


def check_elsewhere(block: Block, words: list[str]) -> None:
    """What a program reads is there."""
    for flag, value in pairwise(words):
        if flag == "<" or value.endswith(".yml"):
            assert file_of(block, value.removeprefix("@")).exists() or value.startswith("@"), value


def check_shell(block: Block) -> None:
    """A shell can read it, and what it sets is what the modules read."""
    subprocess.run(["bash", "-n"], input=block.text, text=True, check=True)
    assert set(re.findall(r"\b([A-Z][A-Z_]+)=", block.text)) <= VARIABLES


COMMANDS: dict[str, Callable[[Block, list[str]], None]] = {
    "ansible": lambda _block, words: None,  # run by test_one_liner_runs and test_one_liners_run_as_written
    "ansible-galaxy": check_galaxy,
    "make": check_make,
    "python": check_python,
    **dict.fromkeys(ELSEWHERE, check_elsewhere),
}


def check_console(block: Block) -> None:
    """Each line is a command that we know."""
    if block.text.startswith("export "):
        check_shell(block)
        return
    for line in block.text.splitlines():
        words = [word for word in shlex.split(line) if not re.match(r"[A-Z]+=\S+$", word) or "make" in line]
        assert words[0] in COMMANDS, line
        COMMANDS[words[0]](block, words)


def check_yaml(block: Block) -> None:
    """It is a playbook, a list of tasks, the file that some of them read, or an account of a portal."""
    if not block.playbook and block.caption != SCHEDULE:
        fragment = (ROOT / "plugins" / "doc_fragments" / "arcgis.py").read_text(encoding="utf-8")
        assert set(block.data) <= set(re.findall(r"^  (\w+):$", fragment, re.MULTILINE))


def check_terraform(block: Block) -> None:
    """Terraform's language is parsed, and it holds resources."""
    assert hcl2.load(io.StringIO(block.text))["resource"]


def check_python_code(block: Block) -> None:
    """It compiles; what it does is tested by itself."""
    compile(block.text, block.name, "exec")


LANGUAGES: dict[str, Callable[[Block], None]] = {
    "console": check_console,
    "python": check_python_code,
    "sh": check_shell,
    "terraform": check_terraform,
    "yaml": check_yaml,
}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_block_is_right(block: Block) -> None:
    """It has a language that we know, and is right in it."""
    assert block.language in LANGUAGES, block.text
    LANGUAGES[block.language](block)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("a.md", "Text\n\n    make test\n\nText\n"),
        ("a.md", "```\nmake test\n```\n"),
        ("a.md", "```ruby\nputs 1\n```\n"),
        ("a.md", "```console\nmake no-such-target\n```\n"),
        ("a.md", "```console\nmake emulator SCENE=no-such-file.yml\n```\n"),
        ("a.md", "```console\nansible-galaxy collection install another\n```\n"),
        ("a.md", "```console\nPYTHONPATH=tests python -m emulator --no-such-option 1\n```\n"),
        ("a.md", "```console\nawx -f yaml import < no-such-file.yml\n```\n"),
        ("a.md", "```console\nno-such-program\n```\n"),
        ("a.md", "```sh\nNO_SUCH_VARIABLE=1\n```\n"),
        ("a.md", "```yaml\nno_such_option: 1\n```\n"),
        ("a.rst", "Text::\n\n  make test\n"),
        ("a.rst", ".. code-block:: terraform\n\n   resource {\n"),
        ("a.rst", ".. container:: x\n\n   .. code-block:: python\n\n      import\n"),
    ],
)
def test_wrong_block_is_noticed(page: str, text: str) -> None:
    """Each rule has something that breaks it."""
    (block,) = blocks_of(page, text)
    with pytest.raises((AssertionError, SyntaxError, UnexpectedInput)):
        test_block_is_right(block)


# Runs


@pytest.fixture
def site(controller: Controller, emulator: RunningEmulator) -> Controller:
    """A controller whose servers have what the pages name, and trust that needs no option."""
    emulator.seed(SEEDS_OF_PAGES)
    for vendor in VENDORS:
        if "run_seconds" in emulator.switches(vendor):
            emulator.switch(vendor, run_seconds=0)
    (schedule,) = [block.text for block in BLOCKS if block.caption == SCHEDULE]
    (controller.directory / SCHEDULE).write_text(schedule, encoding="utf-8")
    trust = dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), emulator.info["ca"])
    controller.environment.update(trust, ANSIBLE_NOCOLOR="1")
    return controller


def with_our_account(text: str, emulator: RunningEmulator) -> str:
    """Return a playbook with the emulator's account in place of the example's."""
    account = emulator.info["accounts"]["arcgis"]
    for example, ours in {
        "https://gis.example.com/portal": account["url"],
        "gis_admin": account["username"],
        "{{ vault_gis_password }}": account["password"],
        "/etc/pki/my-authorities.pem": emulator.info["ca"],
    }.items():
        text = text.replace(example, ours)
    return text


@pytest.mark.parametrize("block", PLAYBOOKS, ids=lambda block: block.name)
def test_playbook_runs_as_written(site: Controller, emulator: RunningEmulator, block: Block) -> None:
    """It succeeds, and a second run changes nothing, save a workflow's run and what is only foretold."""
    playbook = site.directory / "playbook.yml"
    playbook.write_text(with_our_account(block.playbook or "", emulator), encoding="utf-8")
    command = ["ansible-playbook", str(playbook), "-e", "vault_database_password=not-a-real-password"]
    first = site.execute(command)
    assert first.status == 0, first.output
    again = site.execute(command)
    assert again.status == 0, again.output
    changes = "vro_workflow_run:" in block.text or "check_mode: true" in block.text
    assert again.changed == changes, again.output


ONE_LINERS = [
    line
    for block in BLOCKS
    if block.page != "docs/adhoc.md"
    for line in block.text.splitlines()
    if line.startswith("ansible ")
]


@pytest.mark.parametrize("line", ONE_LINERS)
def test_one_liner_runs(site: Controller, line: str) -> None:
    """Those of other pages than docs/adhoc.md succeed too, and change something."""
    run = site.execute(shlex.split(line))
    assert run.status == 0, run.output
    assert "localhost | CHANGED" in run.output, run.output


def test_emulator_is_used_as_the_guide_says(site: Controller) -> None:
    """The guide's test runs a playbook twice against an emulator that it starts and ends."""
    (code,) = [
        block.text for block in BLOCKS if block.page.endswith("/emulator.rst") and block.language == "python"
    ]
    (playbook,) = [block for block in PLAYBOOKS if "Run the workflow every night" in block.text]
    (site.directory / "playbook.yml").write_text(playbook.playbook or "", encoding="utf-8")
    make = site.directory / "make"  # the emulator needs no virtual environment of its own here
    make.write_text(f'#!/bin/sh\ntest "$*" = "--silent emulator" && exec "{sys.executable}" -m emulator\n')
    make.chmod(0o755)
    path = f"{site.directory}{os.pathsep}{site.environment['PATH']}"
    run = site.execute([sys.executable, "-c", code], {"PATH": path, "PYTHONPATH": str(ROOT / "tests")})
    assert run.status == 0, run.output
    assert [result["changed"] for result in run.results] == [True, False]
