# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of a module for many tasks: given as an option or read from a file, and checked entry by entry.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ._errors import EntriesError, OptionError, TaskbridgeError
from ._options import ArgumentSpec

try:
    import yaml
except ImportError:  # told when a file needs it
    yaml = None  # type: ignore[assignment]

_VAULT = "$ANSIBLE_VAULT"
_SHOWN_PROBLEMS = 5

_Read = TypeVar("_Read")


class Source:
    """Where a list of tasks comes from; tells where in it an entry stands."""

    def __init__(self, tasks: list[Any]) -> None:
        self.tasks = tasks

    def place(self, number: int) -> str:
        """Return what messages call the place of an entry: its index, as Ansible counts."""
        return f"tasks[{number}]"


class FileSource(Source):
    """The list in a YAML or JSON file: the document itself, or what stands under ``tasks`` in it.

    Raises OptionError where the file cannot be used.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._text = _text(path)
        self._lines: list[int] | None = None
        document = _document(path, self._text)
        tasks = document.get("tasks") if isinstance(document, Mapping) else document
        if not isinstance(tasks, list):
            raise OptionError(
                "src", path, "holds no list of tasks", "Write a list, or a mapping with the list under tasks."
            )
        super().__init__(tasks)

    def place(self, number: int) -> str:
        """Add the line; it is looked for when it is asked for, as that takes as long as reading the file."""
        if self._lines is None:
            self._lines = _lines(self._text) if yaml is not None else []
        line = f" (line {self._lines[number]} of {self._path})" if number < len(self._lines) else ""
        return super().place(number) + line


@dataclass(frozen=True)
class Entry:
    """One declaration of the list, with its options checked and their defaults filled in."""

    source: Source
    number: int
    params: Mapping[str, Any]

    @property
    def place(self) -> str:
        """What messages call it."""
        return self.source.place(self.number)


def read_entries(
    params: Mapping[str, Any],
    spec: ArgumentSpec,
    inherited: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    mark: Callable[[Mapping[str, Any]], None],
) -> list[Entry]:
    """Return the entries of ``tasks`` or of the file ``src``, checked against the options of one task.

    ``inherited`` says what an entry takes over from the module's own options. ``mark`` learns what is
    secret in them, before a message may repeat it.
    Raises OptionError for an unusable file, EntriesError for unusable entries.
    """
    source = Source(params["tasks"]) if params["src"] is None else FileSource(params["src"])
    mark({"tasks": source.tasks})
    arguments = spec.module_arguments()
    arguments.pop("supports_check_mode")
    validator = ArgumentSpecValidator(**arguments)
    entries, problems = [], []
    for number, given in enumerate(source.tasks):
        if not isinstance(given, Mapping):
            problems.append(
                f"{source.place(number)}: a {type(given).__name__} is no mapping of a task's options."
            )
            continue
        checked = validator.validate({**inherited(given), **given})
        if checked.error_messages:
            problems.append(f"{source.place(number)}: {checked.error_messages[0].rstrip('.')}.")
        entries.append(Entry(source, number, checked.validated_parameters))
    _refuse(problems, len(source.tasks))
    return entries


def read_each(entries: list[Entry], read: Callable[[Entry], _Read]) -> list[_Read]:
    """Return what ``read`` makes of each entry. Raises EntriesError, which tells where the problems are."""
    found, problems = [], []
    for entry in entries:
        try:
            found.append(read(entry))
        except TaskbridgeError as error:
            problems.append(f"{entry.place}: {error}")
    _refuse(problems, len(entries))
    return found


def _refuse(problems: list[str], total: int) -> None:
    if not problems:
        return
    more = len(problems) - _SHOWN_PROBLEMS
    told = " ".join([*problems[:_SHOWN_PROBLEMS], *([f"And {more} more."] if more > 0 else [])])
    raise EntriesError(f"{len(problems)} of {total} tasks cannot be used, and nothing was changed. {told}")


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(
            "src", path, f"cannot be read ({error})", "Give the path of a YAML or JSON file."
        ) from None
    if text.startswith(_VAULT):
        raise OptionError(
            "src",
            path,
            "is encrypted, and only Ansible itself decrypts",
            "Load it with ansible.builtin.include_vars and give the list as tasks.",
        )
    return text


def _document(path: str, text: str) -> Any:
    """Parse a file, as JSON where it can be: that needs nothing but Python, and is fast."""
    if text.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except ValueError:
            pass  # YAML may begin so too
    if yaml is None:
        raise OptionError(
            "src", path, "is not JSON, and PyYAML is missing", "Install PyYAML, or write the file as JSON."
        )
    try:
        return yaml.load(text, Loader=_loader())
    except yaml.YAMLError as error:
        raise OptionError("src", path, f"is not YAML ({_problem(error)})", "Correct the file.") from None


def _problem(error: Any) -> str:
    """Return what YAML does not understand, and where; the line itself may hold a secret."""
    mark = getattr(error, "problem_mark", None)
    place = "" if mark is None else f" in line {mark.line + 1}"
    return f"{getattr(error, 'problem', None) or 'it cannot be read'}{place}"


def _loader() -> Any:
    """Return a loader that leaves times as they are written: the options take texts."""
    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    timestamps = "tag:yaml.org,2002:timestamp"
    resolvers = {
        first: [(tag, pattern) for tag, pattern in found if tag != timestamps]
        for first, found in base.yaml_implicit_resolvers.items()
    }
    return type("Loader", (base,), {"yaml_implicit_resolvers": resolvers})


def _lines(text: str) -> list[int]:
    """Return the line of each entry; JSON is YAML in this respect."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if isinstance(root, yaml.MappingNode):
        root = next((value for key, value in root.value if key.value == "tasks"), None)
    return [node.start_mark.line + 1 for node in getattr(root, "value", ())]
