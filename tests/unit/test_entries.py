# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of a module for many tasks: read, checked, and told where it is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.taskbridge.vendors.plugins.module_utils import _entries
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import Secrets
from ansible_collections.taskbridge.vendors.plugins.module_utils._entries import (
    Entry,
    Source,
    read_each,
    read_entries,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import EntriesError, OptionError
from ansible_collections.taskbridge.vendors.plugins.module_utils._hiding import MASK
from ansible_collections.taskbridge.vendors.plugins.module_utils._options import ArgumentSpec

SPEC = ArgumentSpec(
    options={
        "name": {"type": "str"},
        "size": {"type": "int", "default": 1},
        "at": {"type": "str"},
        "kind": {"type": "str", "choices": ["a", "b"]},
    },
    required_one_of=(("name", "kind"),),
)


def read(tasks: Any = None, src: Path | None = None, **inherited: Any) -> list[dict[str, Any]]:
    """Return the options of each entry."""
    params = {"tasks": tasks, "src": None if src is None else str(src)}
    entries = read_entries(params, SPEC, lambda given: inherited, Secrets().mark)
    return [dict(entry.params) for entry in entries]


def test_secrets_are_known_before_an_entry_is_refused() -> None:
    """Whatever the message says of it."""
    secrets = Secrets()
    entries = [{"deep": {"pin": "of another"}}, {"secret_keys": "pin", "deep": [{"pin": "s3cret"}]}]
    with pytest.raises(EntriesError):
        read_entries({"tasks": entries, "src": None}, SPEC, lambda given: {}, secrets.mark)
    assert secrets.mask("s3cret of another") == f"{MASK} {MASK}"


def test_entries_get_types_and_defaults() -> None:
    assert read([{"name": "x", "size": "3"}, {"kind": "a"}]) == [
        {"name": "x", "size": 3, "at": None, "kind": None},
        {"name": None, "size": 1, "at": None, "kind": "a"},
    ]


def test_what_is_inherited_gives_way_to_the_entry() -> None:
    assert [entry["kind"] for entry in read([{"name": "x"}, {"kind": "b"}], kind="a")] == ["a", "b"]


@pytest.mark.parametrize(
    ("tasks", "words"),
    [
        ([{"name": "x"}, {"name": "y", "colour": "red"}], ["1 of 2", "tasks[1]", "colour"]),
        ([{"name": "x", "kind": "c"}], ["tasks[0]", "kind", "a, b"]),
        ([{}], ["tasks[0]", "name", "kind"]),
        (["x"], ["tasks[0]", "a str is no mapping"]),
        ([{"size": "many", "name": "x"}], ["tasks[0]", "size"]),
        ([{}] * 8, ["8 of 8", "tasks[4]", "And 3 more"]),
    ],
)
def test_wrong_entries_are_told_by_place(tasks: list[Any], words: list[str]) -> None:
    with pytest.raises(EntriesError) as caught:
        read(tasks)
    assert [word for word in words if word not in str(caught.value)] == []
    assert "nothing was changed" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "[{'name': x}, {'name': y}]",
        "- name: x\n- name: y\n",
        "tasks:\n  - name: x\n  - name: y\n",
        json.dumps([{"name": "x"}, {"name": "y"}]),
        json.dumps({"tasks": [{"name": "x"}, {"name": "y"}]}),
    ],
)
def test_a_file_is_yaml_or_json(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tasks"
    file.write_text(text, encoding="utf-8")
    assert [entry["name"] for entry in read(src=file)] == ["x", "y"]


def test_times_stay_as_they_are_written(tmp_path: Path) -> None:
    file = tmp_path / "tasks.yml"
    file.write_text("- name: x\n  at: 2030-01-31T02:00:00Z\n", encoding="utf-8")
    assert read(src=file)[0]["at"] == "2030-01-31T02:00:00Z"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# heading\n- name: x\n- name: y\n  colour: red\n", 3),
        ("tasks:\n  - name: x\n\n  - {name: y, colour: red}\n", 4),
        ('[\n {"name": "x"},\n {"name": "y", "colour": "red"}\n]', 3),
    ],
)
def test_the_line_is_told(tmp_path: Path, text: str, line: int) -> None:
    file = tmp_path / "tasks.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(EntriesError, match=rf"tasks\[1\] \(line {line} of "):
        read(src=file)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: x\n", "no list of tasks"),
        ("just text", "no list of tasks"),
        ("", "no list of tasks"),
        ("- [", "is not YAML"),
        ("$ANSIBLE_VAULT;1.1;AES256\n6162", "encrypted"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_an_unusable_file_is_told(tmp_path: Path, text: str | bytes, words: str) -> None:
    file = tmp_path / "tasks.yml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(OptionError, match=f"^src: .*{words}"):
        read(src=file)


def test_without_pyyaml_json_is_read_and_yaml_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_entries, "yaml", None)
    file = tmp_path / "tasks"
    file.write_text('[{"name": "x", "colour": "red"}]', encoding="utf-8")
    with pytest.raises(EntriesError, match=r"tasks\[0\]: .*colour"):
        read(src=file)
    file.write_text("- name: x\n", encoding="utf-8")
    with pytest.raises(OptionError, match="Install PyYAML"):
        read(src=file)


def test_a_line_that_is_not_yaml_is_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loader in Python, which PyYAML falls back to, would show it."""
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    file = tmp_path / "tasks.yml"
    file.write_text("- pin: 1\n- pin: s3cret: 2\n", encoding="utf-8")
    with pytest.raises(OptionError, match=r"is not YAML \(mapping values .* in line 2\)") as caught:
        read(src=file)
    assert "s3cret" not in str(caught.value)


def test_what_a_reader_refuses_is_told_by_place() -> None:
    source = Source([{}, {}])
    entries = [Entry(source, number, {"number": number}) for number in range(2)]

    def refuse_odd(entry: Entry) -> int:
        if entry.number % 2:
            raise OptionError("number", entry.number, "is odd", "Use another.")
        return entry.number

    assert read_each(entries[:1], refuse_odd) == [0]
    with pytest.raises(EntriesError, match=r"1 of 2 .*tasks\[1\]: number: 1 is odd"):
        read_each(entries, refuse_odd)
