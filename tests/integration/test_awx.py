# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What docs/awx has for an automation controller: AWX would take it, it builds, and its jobs run.

The rules are AWX's own, see awx_rules.py. A job is run by ansible-runner as the controller does: the accounts
are in what the credential types put into the environment, and nothing else is there.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from emulator.launch import RunningEmulator
from integration.awx_rules import (
    NATURAL_KEYS,
    injected,
    problems_of_answer,
    problems_of_survey,
    problems_of_type,
)

ROOT = Path(__file__).parents[2]
MODULES = "ansible_collections.taskbridge.vendors.plugins.modules"
AWX = ROOT / "docs" / "awx"
VENDOR_OF_TYPE = {
    "ArcGIS portal": "arcgis",
    "Aria Automation Orchestrator": "vro",
    "Huawei Cloud CodeArts PerfTest": "cpts",
    "SEAL Operator": "seal",
    "Sigma Total Control": "totalcontrol",
}


def read(name: str) -> dict[str, list[dict[str, Any]]]:
    """Return what a file of docs/awx says."""
    content: dict[str, list[dict[str, Any]]] = yaml.safe_load((AWX / name).read_text(encoding="utf-8"))
    return content


TYPES = {entry["name"]: entry for entry in read("credential_types.yml")["credential_types"]}
TEMPLATES = {entry["name"]: entry for entry in read("templates.yml")["job_templates"]}
WORKFLOWS = {entry["name"]: entry for entry in read("templates.yml")["workflow_job_templates"]}
ALL_TEMPLATES = {**TEMPLATES, **WORKFLOWS}


# An item that the example of a schedule takes to be there.
ITEM = "029b61ca770e428d9468a2a55f40b9fb"


def survey(template: str) -> list[dict[str, Any]]:
    """Return the questions of a template."""
    questions: list[dict[str, Any]] = ALL_TEMPLATES[template]["related"]["survey_spec"]["spec"]
    return questions


# Credential types


@pytest.mark.parametrize("name", TYPES)
def test_credential_type_is_accepted(name: str) -> None:
    """It keeps all rules, and asks only for what it has."""
    entry = TYPES[name]
    assert list(problems_of_type(entry)) == []
    assert entry["kind"] == "cloud"
    ids = {field["id"] for field in entry["inputs"]["fields"]}
    assert set(entry["inputs"]["required"]) <= ids
    assert all(field["type"] and field["label"] for field in entry["inputs"]["fields"])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda entry: entry["inputs"]["fields"][0].update(kind="string"),
        lambda entry: entry["inputs"]["fields"][0].update(id="tower"),
        lambda entry: entry["inputs"]["fields"][0].update(default=False),
        lambda entry: entry["inputs"]["fields"][-1].update(secret=True),
        lambda entry: entry["inputs"]["fields"].append(entry["inputs"]["fields"][0]),
        lambda entry: entry["injectors"]["env"].update(ANSIBLE_CONFIG="/tmp/x"),
        lambda entry: entry["injectors"]["env"].update(PATH="/tmp"),
        lambda entry: entry["injectors"]["env"].update(ARCGIS_URL="{{ address }}"),
        lambda entry: entry["injectors"]["env"].update(ARCGIS_URL="{{ url"),
    ],
)
def test_rules_notice_what_is_not_accepted(spoil: Callable[[dict[str, Any]], None]) -> None:
    """Each rule has something that breaks it."""
    entry = deepcopy(TYPES["ArcGIS portal"])
    spoil(entry)
    assert list(problems_of_type(entry))


def options_of_environment(vendor: str) -> dict[str, dict[str, Any]]:
    """Return the options of a vendor's modules that can come from the environment."""
    found = {}
    for path in (ROOT / "plugins" / "modules").glob(f"{vendor}_*.py"):
        module = importlib.import_module(
            f"ansible_collections.taskbridge.vendors.plugins.modules.{path.stem}"
        )
        options = module.MODULE.arguments["argument_spec"]
        found.update({name: option for name, option in options.items() if "fallback" in option})
    return found


@pytest.mark.parametrize(("name", "vendor"), VENDOR_OF_TYPE.items())
def test_credential_type_has_all_that_modules_read(name: str, vendor: str) -> None:
    """Each option that the environment can give has one field; what is secret in a module is secret there."""
    fields = {field["id"]: field for field in TYPES[name]["inputs"]["fields"]}
    variables = dict(TYPES[name]["injectors"]["env"])
    for option, spec in options_of_environment(vendor).items():
        (variable,) = set(spec["fallback"][1]) & set(variables)
        if option == "validate_certs":
            assert variables.pop(variable) == "{{ not insecure }}"
            continue
        assert variables.pop(variable) == f"{{{{ {option} }}}}"
        assert fields[option].get("secret", False) == spec.get("no_log", False)
    assert variables == {}


@pytest.mark.parametrize("entry", TYPES.values(), ids=lambda entry: entry["name"])
def test_certificates_are_checked_unless_told_otherwise(entry: dict[str, Any]) -> None:
    """A switch that nobody touched leaves the check on."""
    (variable,) = [name for name in entry["injectors"]["env"] if name.endswith("_VALIDATE_CERTS")]
    assert injected(entry, {})[variable] == "True"
    assert injected(entry, {"insecure": True})[variable] == "False"


# Templates


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield each mapping within a value."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def frozen(value: Any) -> str:
    """Return a natural key as a text that can be compared."""
    return json.dumps(value, sort_keys=True)


def test_import_finds_what_it_refers_to() -> None:
    """A name has the keys that an import goes by, and one of these files or the README has it."""
    files = [read("credential_types.yml"), read("templates.yml")]
    told = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", (AWX / "README.md").read_text("utf-8"), re.MULTILINE)
    default = {"name": "Default", "type": "organization"}
    known = {frozen(default)} | {frozen(one["natural_key"]) for one in objects(files) if "natural_key" in one}
    for name, kind in told:
        if kind in TYPES:
            key = TYPES[kind]["natural_key"]
            known.add(
                frozen({"organization": default, "name": name, "credential_type": key, "type": "credential"})
            )
    references = [one for one in objects(files) if one.get("type") in NATURAL_KEYS]
    assert {one["type"] for one in references} == set(NATURAL_KEYS)
    for one in references:
        assert set(one) == {"type", *NATURAL_KEYS[one["type"]]}
        assert frozen(one) in known
    for entries in (entries for file in files for entries in file.values()):
        assert all(entry["natural_key"]["name"] == entry["name"] for entry in entries)


@pytest.mark.parametrize("name", ALL_TEMPLATES)
def test_survey_is_accepted(name: str) -> None:
    """It keeps all rules, and is switched on."""
    assert list(problems_of_survey(ALL_TEMPLATES[name]["related"]["survey_spec"])) == []
    assert ALL_TEMPLATES[name]["survey_enabled"]


@pytest.mark.parametrize(
    "spoiled",
    [
        {"type": "list"},
        {"variable": None},
        {"required": "yes"},
        {"default": "sometimes"},
        {"min": "1"},
        {"type": "multiselect", "default": "never"},
        {"type": "integer", "default": "1"},
        {"type": "text", "default": "never", "max": 2},
        {"type": "text", "default": "never", "min": 9},
    ],
)
def test_rules_notice_what_a_survey_must_not_have(spoiled: dict[str, Any]) -> None:
    """Each rule has something that breaks it."""
    question = next(question for question in survey("Roll-out in waves") if question["variable"] == "rerun")
    assert list(problems_of_survey({"name": "", "description": "", "spec": [{**question, **spoiled}]}))


def test_workflow_gates_the_roll_out() -> None:
    """The roll-out follows success alone, and the survey asks for all that the two jobs need."""
    (workflow,) = WORKFLOWS.values()
    first, second = workflow["related"]["workflow_nodes"]
    assert first["unified_job_template"]["name"] == "Load test gate"
    assert first["related"] == {"success_nodes": [second["natural_key"]]}
    assert second["unified_job_template"]["name"] == "Roll-out in waves"
    assert "related" not in second
    asked = [*survey("Load test gate"), *survey("Roll-out in waves")]
    assert {frozen(question) for question in survey(workflow["name"])} == {frozen(one) for one in asked}


# The execution environment


def output_of(command: list[str]) -> str:
    """Return what a command prints when it succeeds."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_execution_environment_has_a_context(tmp_path: Path) -> None:
    """ansible-builder makes the context, with our collection to be installed."""
    definition, context = str(AWX / "execution-environment.yml"), tmp_path / "context"
    named = ["--output-filename", "Containerfile"]
    output_of(["ansible-builder", "create", "-f", definition, "-c", str(context), *named])
    assert "ansible-runner" in (context / "Containerfile").read_text(encoding="utf-8")
    wanted = yaml.safe_load((context / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    assert [one["name"] for one in wanted["collections"]] == ["taskbridge.vendors"]


def test_builder_finds_what_the_collection_needs() -> None:
    """Nobody has to name requests in the definition."""
    told = output_of(["ansible-builder", "introspect", os.environ["ANSIBLE_COLLECTIONS_PATH"]])
    needed = yaml.safe_load(told)["python"]
    assert [line.partition(" ")[0] for line in needed] == ["requests>=2.25"]


# Jobs


class _Unsafe(str):
    """A text that Ansible must not take for a template."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes extra variables as the controller does."""


_Dumper.add_representer(_Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", text))


class Job:
    """A job of a template, in a directory of its own, as the controller prepares it."""

    def __init__(self, emulator: RunningEmulator, directory: Path, template: str) -> None:
        emulator.seed({"arcgis": {"items": {ITEM: "Notebook"}}})
        self._emulator = emulator
        self._directory = directory
        self._template = TEMPLATES[template]
        self._runs = 0
        shutil.copytree(AWX / "playbooks", directory / "project")
        (directory / "env").mkdir()
        (directory / "home").mkdir()
        self.environment: dict[str, str] = {}
        for credential in self._template["related"]["credentials"]:
            self.environment.update(self._injected(credential))

    def _injected(self, credential: dict[str, Any]) -> dict[str, str]:
        """Return what a credential with the emulator's account puts into the environment."""
        name = credential["credential_type"]["name"]
        account = self._emulator.info["accounts"][VENDOR_OF_TYPE[name]]
        fields = TYPES[name]["injectors"]["env"]
        inputs = {fields[variable].strip("{} "): value for variable, value in account["environment"].items()}
        if credential["name"] == "ArcGIS administrator":
            inputs.update(account["admin"])
        assert set(TYPES[name]["inputs"]["required"]) <= {*inputs, "auth"}
        return injected(TYPES[name], inputs)

    def run(self, **given: Any) -> dict[str, Any]:
        """Run it with the survey's answers, and return its status, its output and how many tasks changed."""
        answers = {question["variable"]: question.get("default") for question in self._template_survey()}
        answers.update(given)
        for question in self._template_survey():
            assert list(problems_of_answer(question, answers[question["variable"]])) == []
        unsafe = {
            name: _Unsafe(value) if isinstance(value, str) else value for name, value in answers.items()
        }
        self._write("extravars", yaml.dump(unsafe, Dumper=_Dumper))
        self._write("envvars", yaml.safe_dump(self.environment))
        self._runs += 1
        command = ["ansible-runner", "run", str(self._directory), "-p", self._template["playbook"]]
        done = subprocess.run(
            [*command, "--ident", str(self._runs)],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self._directory / "home"),
                "LC_ALL": "C.UTF-8",
                "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
                "REQUESTS_CA_BUNDLE": self._emulator.info["ca"],
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        return {
            "status": done.returncode,
            "output": done.stdout + done.stderr,
            "changed": sum(self._stats()["changed"].values()),
        }

    def _template_survey(self) -> list[dict[str, Any]]:
        return survey(self._template["name"])

    def _write(self, name: str, content: str) -> None:
        (self._directory / "env" / name).write_text(content, encoding="utf-8")

    def _stats(self) -> dict[str, Any]:
        """Return what the recap of the last run says."""
        files = (self._directory / "artifacts" / str(self._runs) / "job_events").glob("*.json")
        events = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        (stats,) = [event["event_data"] for event in events if event["event"] == "playbook_on_stats"]
        found: dict[str, Any] = stats
        return found


def test_job_keeps_the_schedule(emulator: RunningEmulator, tmp_path: Path) -> None:
    """Each vendor's server has its task after the first job; the second one changes nothing."""
    job = Job(emulator, tmp_path, "Keep the whole schedule")
    first = job.run()
    assert first["status"] == 0, first["output"]
    assert first["changed"] == 5
    assert {vendor: len(emulator.tasks(vendor)) for vendor in VENDOR_OF_TYPE.values()} == dict.fromkeys(
        VENDOR_OF_TYPE.values(), 1
    )
    again = job.run()
    assert (again["status"], again["changed"]) == (0, 0), again["output"]


def test_job_gates_by_a_load_test(emulator: RunningEmulator, tmp_path: Path) -> None:
    """A version is tested once, a second job changes nothing, and a missed threshold fails the job."""
    emulator.switch("cpts", run_clock=[[9, 0.2], [0, 0.3]])
    job = Job(emulator, tmp_path, "Load test gate")
    first = job.run(version="1.4.2")
    assert first["status"] == 0, first["output"]
    assert first["changed"]
    again = job.run(version="1.4.2")
    assert (again["status"], again["changed"]) == (0, 0), again["output"]
    assert emulator.starts("cpts")["total"] == 1
    emulator.switch("cpts", report={"cases": {"pay": {"tp99": 1500}}})
    missed = job.run(version="1.4.3")
    assert missed["status"]
    assert "tp99 is 1500 ms" in missed["output"]


def test_job_rolls_out_in_waves(emulator: RunningEmulator, tmp_path: Path) -> None:
    """The waves of the survey follow each other; a second job starts none."""
    emulator.switch("totalcontrol", run_seconds=0)
    job = Job(emulator, tmp_path, "Roll-out in waves")
    first = job.run(version="1.4.2")
    assert (first["status"], first["changed"]) == (0, 3), first["output"]
    names = [task["task_name"] for task in emulator.tasks("totalcontrol")]
    assert names == ["1.4.2 trial", "1.4.2 first", "1.4.2 rest"]
    again = job.run(version="1.4.2")
    assert (again["status"], again["changed"]) == (0, 0), again["output"]


def test_job_lists_the_tasks_of_an_organisation(emulator: RunningEmulator, tmp_path: Path) -> None:
    """The administrator's job shows a task that another user owns."""
    schedule = Job(emulator, tmp_path / "schedule", "Keep the whole schedule")
    assert schedule.run()["status"] == 0
    job = Job(emulator, tmp_path / "list", "List the organisation's ArcGIS tasks")
    for state, shown in (("any", True), ("scheduled", True), ("failed", False)):
        listed = job.run(task_state=state)
        assert (listed["status"], listed["changed"]) == (0, 0), listed["output"]
        assert ("Nightly parcels" in listed["output"]) is shown


def test_job_without_a_credential_does_not_log_in(emulator: RunningEmulator, tmp_path: Path) -> None:
    """There is no account but that of the credential."""
    job = Job(emulator, tmp_path, "List the organisation's ArcGIS tasks")
    job.environment = {}
    failed = job.run()
    assert failed["status"]
    assert "missing required arguments: url" in failed["output"]
    assert emulator.log() == []
