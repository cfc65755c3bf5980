# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured. Each case returns rows of a table, and figures that goals are held against."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from benchmark.bench import HERE, Bench
from benchmark.measure import Measured, ratio, seconds, side_by_side
from benchmark.table import Table

OUTSIDE = {"ANSIBLE_TASKBRIDGE_IN_PROCESS": "0"}
DELAYS = (0.0, 0.02)


def _milliseconds(value: float) -> str:
    return f"{value * 1000:.1f} ms"


def _uri_playbook(bench: Bench) -> list[dict[str, Any]]:
    """Return what people write today: log in once; for each task look for it, and create it when absent."""
    (bench.directory / "uri-item.yml").write_text(
        URI_ITEM % {"ca": bench.emulator.info["ca"]}, encoding="utf-8"
    )
    root = f"{bench.account['url']}/sharing/rest"
    tasks = f"{root}/community/users/{bench.account['username']}/tasks"
    common = {"ca_path": bench.emulator.info["ca"], "return_content": True}
    return [
        {
            "ansible.builtin.uri": {
                **common,
                "url": f"{root}/generateToken",
                "method": "POST",
                "body_format": "form-urlencoded",
                "body": {
                    "username": bench.account["username"],
                    "password": bench.account["password"],
                    "client": "referer",
                    "referer": root,
                    "f": "json",
                },
            },
            "register": "login",
        },
        {
            "ansible.builtin.include_tasks": str(bench.directory / "uri-item.yml"),
            "loop": "{{ wanted }}",
            "vars": {
                "root": root,
                "tasks_url": tasks,
                "headers": {"X-Esri-Authorization": "Bearer {{ login.json.token }}", "Referer": root},
            },
        },
    ]


URI_ITEM = """
- ansible.builtin.uri:
    url: "{{ tasks_url }}?f=json&num=100&itemId={{ item.item_id }}"
    headers: "{{ headers }}"
    ca_path: "%(ca)s"
  register: listed
- ansible.builtin.uri:
    url: "{{ tasks_url }}/createTask"
    method: POST
    headers: "{{ headers }}"
    body_format: form-urlencoded
    body:
      f: json
      title: "{{ item.title }}"
      type: "{{ item.type }}"
      itemId: "{{ item.item_id }}"
      minute: "{{ item.schedule.cron.split()[0] }}"
      hour: "{{ item.schedule.cron.split()[1] }}"
      dayOfMonth: "*"
      month: "*"
      dayOfWeek: "?"
    ca_path: "%(ca)s"
  when: item.title not in (listed.json.tasks | map(attribute='title'))
"""


def one_by_one(bench: Bench, **more: Any) -> dict[str, Any]:
    """Return the task of a loop that declares one task at a time."""
    options = {name: f"{{{{ item.{name} }}}}" for name in ("title", "type", "item_id", "schedule")}
    return {"taskbridge.vendors.arcgis_task": {"ca_path": bench.emulator.info["ca"], **options, **more}}


def loop_items(bench: Bench, rounds: int) -> Table:
    """Measure what one item of a loop costs that changes nothing, each way to write it."""
    table = Table(
        "One item of a loop, no change",
        ("way", "per item", "against the empty action", "items measured"),
    )

    def looped(task: dict[str, Any]) -> list[dict[str, Any]]:
        return [{**task, "loop": "{{ wanted }}"}]

    one, reusing = one_by_one(bench), one_by_one(bench, reuse_listing=60)
    options = one["taskbridge.vendors.arcgis_task"]
    ways: dict[str, tuple[int, list[dict[str, Any]], dict[str, str]]] = {
        "empty action plugin": (200, looped({"floor": {}}), {}),
        "empty action plugin, given the same options": (200, looped({"floor": options}), {}),
        "arcgis_task, in-process": (200, looped(one), {}),
        "arcgis_task, in-process, reuse_listing: 60": (200, looped(reusing), {}),
        "minimal AnsibleModule": (30, looped({"nothing": {"item": "{{ item }}"}}), {}),
        "minimal AnsibleModule that imports requests": (30, looped({"imports_requests": {}}), {}),
        "arcgis_task, as a module": (30, looped(one), OUTSIDE),
        "ansible.builtin.uri: list, create when absent": (10, _uri_playbook(bench), {}),
    }
    commands: dict[str, Callable[[], Measured]] = {}
    for name, (number, tasks, environment) in ways.items():
        slug = f"loop-{list(ways).index(name)}"
        for suffix, count in (("", number), ("-none", 0)):
            wanted = [bench.task(place) for place in range(count)]
            command = bench.play(slug + suffix, tasks, vars={"wanted": wanted})
            commands[name + suffix] = partial(bench.run, command, environment)
    bench.reset(tasks=200)
    found = side_by_side(rounds, commands)
    per_item = {
        name: [
            (full.seconds - none.seconds) / number
            for full, none in zip(found[name], found[f"{name}-none"], strict=True)
        ]
        for name, (number, _tasks, _environment) in ways.items()
    }
    floor, floor_with_options, inside, inside_reusing, minimal, importing, outside, uri = per_item.values()
    for name, values in per_item.items():
        table.rows.append(
            (
                name,
                _milliseconds(sorted(values)[len(values) // 2]),
                f"{ratio(values, floor):.1f} x",
                str(ways[name][0]),
            )
        )
    table.figures = {
        "uri item / in-process item": ratio(uri, inside),
        "uri item / in-process item with reuse_listing": ratio(uri, inside_reusing),
        "in-process item / empty action": ratio(inside, floor),
        "in-process item with reuse_listing / empty action": ratio(inside_reusing, floor),
        "in-process item / empty action with options": ratio(inside, floor_with_options),
        "in-process item with reuse_listing / empty action with options": ratio(
            inside_reusing, floor_with_options
        ),
        "module item / minimal module": ratio(outside, minimal),
        "module item / minimal module that imports requests": ratio(outside, importing),
    }
    return table


def empty_process(bench: Bench, rounds: int) -> Table:
    """Compare a rerun of 1,000 tasks with playbooks that do nothing."""
    table = Table(
        "1,000 tasks, no change, whole process",
        ("playbook", "time", "peak memory", "requests", "emulator's share"),
    )
    wanted = bench.write_tasks("thousand", [bench.task(number) for number in range(1000)])
    variables = {"vars_files": [str(bench.directory / "thousand-variables.json")]}
    subjects = {
        "empty playbook": bench.play("empty", []),
        "arcgis_tasks, src": bench.play("src", [bench.ours(src=str(wanted))]),
        "a variable of 1,000 tasks, given to a module that does nothing": bench.play(
            "nothing", [{"nothing": {"tasks": "{{ wanted }}"}}], **variables
        ),
        "a variable of 1,000 tasks, given to an empty action": bench.play(
            "nothing-action", [{"floor": {"tasks": "{{ wanted }}"}}], **variables
        ),
        "arcgis_tasks, tasks": bench.play("variable", [bench.ours(tasks="{{ wanted }}")], **variables),
        "requests script": [sys.executable, str(HERE / "script.py"), str(wanted)],
    }
    bench.reset(tasks=1000)
    found = side_by_side(
        rounds,
        {name: partial(bench.run, command) for name, command in subjects.items()},
    )
    for name, measured in found.items():
        table.rows.append(
            (
                name,
                f"{seconds(measured):.2f} s",
                f"{max(one.megabytes for one in measured):.0f} MB",
                str(measured[0].requests),
                f"{median(one.emulator_share for one in measured):.0%} of a processor",
            )
        )
    times = {name: [one.seconds for one in measured] for name, measured in found.items()}
    table.figures = {
        "rerun from src / empty playbook": ratio(times["arcgis_tasks, src"], times["empty playbook"]),
        "rerun from a variable / a module that does nothing": ratio(
            times["arcgis_tasks, tasks"],
            times["a variable of 1,000 tasks, given to a module that does nothing"],
        ),
    }
    return table


@dataclass(frozen=True)
class Way:
    """A way to keep tasks: the command of each step of their life, on so many tasks."""

    name: str
    steps: dict[str, list[str]]
    number: int = 1000


def _bulk_way(bench: Bench, files: dict[str, str], concurrency: int) -> Way:
    prune = {"prune": True, "prune_limit": 500, "types": ["ExecuteNotebook"]}
    options: dict[str, dict[str, Any]] = {
        "create all": {"src": files["all"]},
        "rerun": {"src": files["all"]},
        "rerun, 1 % drifted": {"src": files["drifted"]},
        "prune half": {"src": files["half"], **prune},
    }
    return Way(
        f"arcgis_tasks, concurrency {concurrency}",
        {
            step: bench.play(f"life-{concurrency}-{number}", [bench.ours(concurrency=concurrency, **given)])
            for number, (step, given) in enumerate(options.items())
        },
    )


def _ways(bench: Bench) -> list[Way]:
    tasks = [bench.task(number) for number in range(1000)]
    other = {"schedule": {"cron": "7 7 7 * *"}}
    lists = {
        "all": tasks,
        "drifted": [{**task, **other} if number % 100 == 0 else task for number, task in enumerate(tasks)],
        "half": tasks[:500],
    }
    files = {name: str(bench.write_tasks(f"life-{name}", found)) for name, found in lists.items()}
    loop = bench.play(
        "life-loop", [{**one_by_one(bench), "loop": "{{ wanted }}"}], vars={"wanted": tasks[:200]}
    )
    uri = bench.play("life-uri", _uri_playbook(bench), vars={"wanted": tasks[:50]})
    script = [sys.executable, str(HERE / "script.py"), files["all"]]
    return [
        *(_bulk_way(bench, files, concurrency) for concurrency in (1, 8, 16)),
        Way("loop over arcgis_task, 200 measured and scaled", {"create all": loop, "rerun": loop}, 200),
        Way("ansible.builtin.uri, 50 measured and scaled", {"create all": uri, "rerun": uri}, 50),
        Way("requests script, sequential", {"create all": script, "rerun": script}),
    ]


def thousand(bench: Bench, rounds: int) -> Table:
    """Measure the life of 1,000 tasks, near the wire and with latency."""
    steps = ("create all", "rerun", "rerun, 1 % drifted", "prune half")
    share = "emulator's share of create all"
    table = Table("The life of 1,000 tasks, whole processes", ("way", "latency", *steps, share))
    ways, empty = _ways(bench), bench.play("empty", [])
    for delay in DELAYS:
        found: dict[str, dict[str, list[float]]] = {way.name: {} for way in ways}
        shares: dict[str, list[float]] = {way.name: [] for way in ways}
        for _round in range(rounds):
            idle = bench.run(empty).seconds
            for way in ways:
                bench.reset(delay=delay)
                for step, command in way.steps.items():
                    measured = bench.run(command)
                    above = max(measured.seconds - idle, 0.0)
                    found[way.name].setdefault(step, []).append(idle + above * 1000 / way.number)
                    if step == "create all":
                        shares[way.name].append(measured.emulator_share)
        table.rows += [
            (
                way.name,
                f"{delay * 1000:.0f} ms",
                *(f"{median(found[way.name][step]):.1f} s" if step in way.steps else "-" for step in steps),
                f"{median(shares[way.name]):.0%} of a processor",
            )
            for way in ways
        ]
    table.figures["script / create with concurrency 16, at 20 ms"] = ratio(
        found["requests script, sequential"]["create all"],
        found["arcgis_tasks, concurrency 16"]["create all"],
    )
    return table


def payload(bench: Bench, rounds: int) -> Table:
    """Measure what a module takes along when it runs as a program of its own."""
    table = Table("What travels with a module that runs as a program of its own", ("module", "payload"))
    kept = bench.directory / "payloads"
    options = {"ca_path": bench.emulator.info["ca"]}
    declared = {
        "nothing": {},
        "taskbridge.vendors.arcgis_task_info": options,
        "taskbridge.vendors.arcgis_task": {**options, **bench.task(0)},
        "taskbridge.vendors.arcgis_tasks": {**options, "tasks": [bench.task(0)]},
    }
    bench.reset()
    for number, (module, given) in enumerate(declared.items()):
        place = kept / str(number)
        bench.run(
            bench.play(f"payload-{number}", [{module: given}]),
            {**OUTSIDE, "ANSIBLE_KEEP_REMOTE_FILES": "1", "ANSIBLE_REMOTE_TMP": str(place)},
        )
        (file,) = place.rglob("AnsiballZ_*.py")
        table.rows.append((module.rpartition(".")[2], f"{file.stat().st_size / 1024:.0f} kB"))
    return table


def growth(bench: Bench, rounds: int) -> Table:
    """Measure how a rerun grows with the number of tasks."""
    table = Table(
        "Growth of a rerun without change, from src",
        (
            "tasks",
            "time",
            "above an empty playbook",
            "requests",
            "peak memory above an empty playbook",
            "emulator's share",
        ),
    )
    empty = bench.play("empty", [])
    above: dict[int, list[float]] = {}
    memory: dict[int, float] = {}
    for number in (100, 1000, 10_000):
        wanted = bench.write_tasks(f"growth-{number}", [bench.task(place) for place in range(number)])
        ours = bench.play(f"growth-{number}", [bench.ours(src=str(wanted))])
        bench.reset(tasks=number)
        found = side_by_side(rounds, {"empty": partial(bench.run, empty), "ours": partial(bench.run, ours)})
        above[number] = [
            one.seconds - none.seconds for one, none in zip(found["ours"], found["empty"], strict=True)
        ]
        memory[number] = max(one.megabytes for one in found["ours"]) - max(
            one.megabytes for one in found["empty"]
        )
        share = median(one.emulator_share for one in found["ours"])
        table.rows.append(
            (
                f"{number:,}",
                f"{seconds(found['ours']):.2f} s",
                f"{sorted(above[number])[rounds // 2]:.2f} s",
                str(found["ours"][0].requests),
                f"{memory[number]:.0f} MB",
                f"{share:.0%} of a processor",
            )
        )
    table.figures = {
        "10,000 tasks / 1,000 tasks": ratio(above[10_000], above[1000]),
        "memory with 10,000 tasks, MB above an empty playbook": memory[10_000],
    }
    return table
