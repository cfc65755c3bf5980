# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the house, read off the files."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from ansible_collections.taskbridge.vendors.plugins.module_utils import _client
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendor import Vendor

ROOT = Path(__file__).parents[2]
UTILS = ROOT / "plugins" / "module_utils"
VENDOR_FILES = sorted(path.stem for path in (UTILS / "_vendors").glob("*.py"))
# A file whose name starts with an underscore is a part of the file of the vendor whose name follows.
VENDORS = [name for name in VENDOR_FILES if not name.startswith("_")]
# Each file may import from the layers after its own.
LAYERS = (
    ("action",),
    ("plugin_utils", "modules"),
    ("_bulk",),
    ("_runner",),
    ("_sessions",),
    ("_vendors", "_creating"),
    ("_confirming",),
    ("_vendor", "_waiting", "_entries"),
    ("_options",),
    ("_client",),
    ("_quartz", "_describe", "_memory"),
    ("_auth", "_schedule", "_convergence", "_transport"),
    ("_errors", "_hiding"),
    ("_answers",),
)
PLUGINS = ROOT / "plugins"
FILES = sorted(
    [
        *UTILS.rglob("*.py"),
        *(path for kind in LAYERS[0] + LAYERS[1] for path in (PLUGINS / kind).glob("*.py")),
    ]
)


def layer_of(name: str) -> int:
    """Return the place of a name in the order of layers."""
    return next(place for place, names in enumerate(LAYERS) if name in names)


def imports_of(path: Path) -> set[str]:
    """Return all dotted names that a file imports, relative ones by their last part."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.update(f"{node.module or ''}.{alias.name}".lstrip(".") for alias in node.names)
    return found


def own_layers(path: Path) -> set[str]:
    """Return the names of our own layers that a file imports."""
    return {
        part
        for name in imports_of(path)
        if not name.startswith("ansible.")
        for part in name.split(".")
        for names in LAYERS
        if part in names
    }


def vendor_of(name: str) -> str:
    """Return the key of the vendor that a file below _vendors belongs to."""
    return name.lstrip("_").partition("_")[0]


def vendor_called(name: str) -> Vendor:
    """Return what is known of a vendor."""
    package = "ansible_collections.taskbridge.vendors.plugins.module_utils._vendors"
    found: Vendor = import_module(f"{package}.{name}").VENDOR
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_imports_go_one_way(path: Path) -> None:
    """A layer imports only from those below it, and a vendor never another vendor."""
    mine = path.stem if path.parent == UTILS else path.parent.name
    allowed_below = layer_of(mine)
    for name in own_layers(path) - {mine}:
        assert layer_of(name) > allowed_below, f"{path.name} imports {name}"
    if mine == "_vendors":
        others = {name for name in VENDOR_FILES if vendor_of(name) != vendor_of(path.stem)}
        assert not others & {part for name in imports_of(path) for part in name.split(".")}


@pytest.mark.parametrize(
    "path", [path for path in FILES if UTILS in path.parents], ids=lambda path: path.stem
)
def test_only_modules_know_ansiblemodule(path: Path) -> None:
    """The core runs without AnsibleModule."""
    assert "ansible.module_utils.basic.AnsibleModule" not in imports_of(path)


@pytest.mark.parametrize("name", ["_convergence", "_schedule", "_quartz", "_describe", "_errors", "_answers"])
def test_pure_files_do_no_io(name: str) -> None:
    """What is pure imports nothing that reaches out."""
    roots = {imported.split(".")[0] for imported in imports_of(UTILS / f"{name}.py")}
    assert not roots & {"ansible", "requests", "urllib3", "socket", "subprocess", "os", "time"}


@pytest.mark.parametrize("path", sorted(UTILS.glob("*.py")), ids=lambda path: path.stem)
def test_shared_files_name_no_vendor(path: Path) -> None:
    """A vendor's oddity lives in that vendor's file alone."""
    text = path.read_text(encoding="utf-8").lower()
    assert [vendor for vendor in VENDORS if vendor in text] == []


def test_version_is_the_same_everywhere() -> None:
    """The User-Agent tells the version of galaxy.yml."""
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    assert galaxy["version"] == _client.VERSION


def test_action_groups_hold_every_module() -> None:
    """Each module is in the group of its vendor, and each group is in all."""
    groups = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    for vendor in VENDORS:
        assert set(groups[vendor]) == {name for name in modules if name.startswith(f"{vendor}_")}
    assert groups["all"][0]["metadata"]["extend_group"] == VENDORS


def test_every_module_has_an_action() -> None:
    """A module without one would always run as a program of its own."""
    modules, actions = (
        {path.stem for path in (PLUGINS / kind).glob("*.py")} for kind in ("modules", "action")
    )
    assert modules == actions


@pytest.mark.parametrize("name", VENDORS)
def test_what_can_be_deleted_is_pruned_within_a_scope(name: str) -> None:
    """No list of tasks says what to delete on a whole server."""
    vendor = vendor_called(name)
    options = vendor.connection_spec.merge(vendor.scope_spec).options
    assert vendor.capabilities.why_not_deletable or vendor.scope
    assert all(option in options and "default" not in options[option] for option in vendor.scope)


@pytest.mark.parametrize("name", VENDORS)
def test_every_address_among_the_options_is_watched_over_tls(name: str) -> None:
    """Where credentials are sent to another address than url, plain HTTP is warned of, too."""
    vendor = vendor_called(name)
    options = vendor.connection_spec.options
    addresses = {option for option in options if option.endswith("url") or option == "issuer"}
    assert set(vendor.tls_options) in (addresses, set())


@pytest.mark.parametrize("path", sorted((PLUGINS / "modules").glob("*.py")), ids=lambda path: path.stem)
def test_every_module_hides_options_that_ansible_refuses(path: Path) -> None:
    """An AnsibleModule of Ansible's own would repeat them as they are."""
    assert "    MODULE.run(MODULE.program(AnsibleModule))\n" in path.read_text(encoding="utf-8")
