# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CONTRIBUTING.md says how a vendor is added. Here its list is followed, in a copy of the checkout.

``tests/sixth_vendor`` holds the files of a vendor that does not exist, and what it adds to others. No file is
touched that the page does not name.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.scenario import VENDORS
from tools.project import NAME, NAMESPACE, ROOT
from tools.stage import sources

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
KEY = "acme"
EXAMPLE = ROOT / "tests" / "sixth_vendor"
TREE = EXAMPLE / "tree"
ADDED = sorted(path.relative_to(TREE).as_posix() for path in TREE.rglob("*") if path.is_file())
EDITS = yaml.safe_load((EXAMPLE / "edits.yml").read_text(encoding="utf-8"))
MODULES = [Path(name).stem for name in ADDED if name.startswith("plugins/modules/")]
# What holds for every vendor, and the new vendor's own tests.
UNIT_TESTS = """
    tests/unit/test_house.py tests/unit/vendors/test_acme.py tests/unit/emulator/test_acme.py
    tests/unit/emulator/conformance/test_conformance.py tests/unit/emulator/conformance/test_mutants.py
""".split()
PLAYBOOK_TESTS = """
    tests/integration/test_documentation.py tests/integration/test_requests.py
    tests/integration/test_awx.py tests/integration/test_roles.py
""".split()
# The examples of its pages do no more than the one-liners, and the other test runs it both ways.
CHOSEN_PLAYBOOKS = """
    (acme and not test_examples or test_one_list or test_every_vendor_has_a_credential_type) and not as-module
"""
SHOW_OPTIONS = """
import json
from {} import MODULE
print(json.dumps(MODULE.arguments["argument_spec"], default=str))
"""


def listed(heading: str, key: str) -> list[str]:
    """Return the paths of the first column of a table of the page, for a vendor."""
    section = PAGE.partition(f"### {heading}\n")[2].partition("\n#")[0]
    return sorted(path.replace("KEY", key) for path in re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


def edited(text: str, edit: dict[str, str]) -> str:
    """Return a file's text with what an edit adds, behind the one place it names or at the end."""
    if "after" not in edit:
        return text + edit["add"]
    assert text.count(edit["after"]) == 1, f"{edit['file']} has another number of {edit['after']!r}"
    return text.replace(edit["after"], edit["after"] + edit["add"])


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, where Ansible finds it, with the sixth vendor in it."""
    copy = tmp_path_factory.mktemp("sixth") / "ansible_collections" / NAMESPACE / NAME
    for path in sources():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, copy / path)
    for name in ADDED:
        assert not (copy / name).exists()
        shutil.copy2(TREE / name, copy / name)
    for edit in EDITS:
        file = copy / edit["file"]
        file.write_text(edited(file.read_text(encoding="utf-8"), edit), encoding="utf-8")
    return copy


def run(checkout: Path, *command: str, **environment: str) -> str:
    """Run a command in the copy; it must succeed. Return what it prints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    root = checkout.parents[2]
    paths = {"PYTHONPATH": f"{root}{os.pathsep}{checkout / 'tests'}", "ANSIBLE_COLLECTIONS_PATH": str(root)}
    done = subprocess.run(
        command,
        cwd=checkout,
        env={**kept, **paths, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def run_tests(checkout: Path, *arguments: str, **environment: str) -> str:
    """Run tests in the copy; they must pass. Return what is printed."""
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments)
    return run(checkout, *command, **environment)


def relevant(option: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what page and module must agree on of an option."""
    wanted = {"type": "str", "default": None, "required": False, "choices": None, "elements": None}
    return tuple(option.get(key, default) for key, default in wanted.items())


def test_the_page_lists_what_the_example_adds() -> None:
    """Each file and each place, no more and no less."""
    assert listed("Files to add", KEY) == ADDED
    assert listed("Places to edit", KEY) == sorted({edit["file"] for edit in EDITS})


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_has_the_files_of_the_list(vendor: str) -> None:
    """What the page asks of a new vendor, those that are there have."""
    assert [name for name in listed("Files to add", vendor) if not (ROOT / name).is_file()] == []


def test_the_sixth_vendor_keeps_the_rules_of_the_house(checkout: Path) -> None:
    """The unit tests that go through all vendors, and its own, pass."""
    run_tests(checkout, *UNIT_TESTS, "-k", f"{KEY} or test_house or test_every")


def test_the_sixth_vendor_documents_its_options(checkout: Path) -> None:
    """Each module takes the options of its page, of the same types and with the same defaults."""
    names = [f"{NAMESPACE}.{NAME}.{module}" for module in MODULES]
    pages = json.loads(run(checkout, "ansible-doc", "-t", "module", "--json", *names))
    for name in names:
        path = f"ansible_collections.{NAMESPACE}.{NAME}.plugins.modules.{name.rpartition('.')[2]}"
        taken = json.loads(run(checkout, sys.executable, "-c", SHOW_OPTIONS.format(path)))
        told = {option: relevant(page) for option, page in pages[name]["doc"]["options"].items()}
        assert told == {option: relevant(spec) for option, spec in taken.items()}


def test_the_sixth_vendor_converges(checkout: Path) -> None:
    """Playbooks change its emulated server once, in the worker and as a module, with the same results."""
    told = run_tests(checkout, f"tests/integration/test_{KEY}.py", BOTH_WAYS="all")
    assert "both ways: " in told


def test_the_sixth_vendor_is_in_what_goes_through_all(checkout: Path) -> None:
    """Its pages and one-liners are right, and the role, the credentials and the tables have it."""
    run_tests(checkout, *PLAYBOOK_TESTS, "-k", CHOSEN_PLAYBOOKS.strip())
