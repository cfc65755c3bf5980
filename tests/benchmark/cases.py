# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured. Each case returns rows of a table, and figures that goals are held against."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from benchmark.bench import HERE, Bench
from benchmark.measure import Measured, ratio, seconds, side_by_side

OUTSIDE = {"ANSIBLE_TASKBRIDGE_IN_PROCESS": "0"}
DELAYS = (0.0, 0.02)


@dataclass
class Table:
    """A table of results, and the figures it gives."""

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)


def _milliseconds(value: float) -> str:
    return f"{value * 1000:.1f} ms"


def _uri_playbook(bench: Bench) -> list[dict[str, Any]]:
    """Return what people write today: log in once; for each task look for it, and create it when absent."""
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


def loop_items(bench: Bench, rounds: int) -> Table:
    """Measure what one item of a loop costs that changes nothing, each way to write it."""
    table = Table(
        "One item of a loop, no change",
        ("way", "per item", "against the empty action", "items measured"),
    )
    (bench.directory / "uri-item.yml").write_text(
        URI_ITEM % {"ca": bench.emulator.info["ca"]}, encoding="utf-8"
    )

    def looped(task: dict[str, Any]) -> list[dict[str, Any]]:
        return [{**task, "loop": "{{ wanted }}"}]

    options = {
        "ca_path": bench.emulator.info["ca"],
        "title": "{{ item.title }}",
        "type": "{{ item.type }}",
        "item_id": "{{ item.item_id }}",
        "schedule": "{{ item.schedule }}",
    }
    one = {"taskbridge.vendors.arcgis_task": options}
    reusing = {"taskbridge.vendors.arcgis_task": {**options, "reuse_listing": 60}}
    ways: dict[str, tuple[int, list[dict[str, Any]], dict[str, str]]] = {
        "empty action plugin": (200, looped({"floor": {}}), {}),
        "empty action plugin, given the same options": (200, looped({"floor": options}), {}),
        "arcgis_task, in-process": (200, looped(one), {}),
        "arcgis_task, in-process, reuse_listing: 60": (200, looped(reusing), {}),
        "minimal AnsibleModule": (30, looped({"nothing": {"item": "{{ item }}"}}), {}),
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
    floor, floor_with_options, inside, inside_reusing, minimal, outside, uri = per_item.values()
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
    }
    return table


def empty_process(bench: Bench, rounds: int) -> Table:
    """Compare a rerun of 1,000 tasks with playbooks that do nothing."""
    table = Table(
        "1,000 tasks, no change, whole process",
        ("playbook", "time", "peak memory", "requests"),
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


def thousand(bench: Bench, rounds: int) -> Table:
    """Measure the life of 1,000 tasks, near the wire and with latency."""
    table = Table(
        "The life of 1,000 tasks, whole processes",
        ("way", "latency", "create all", "rerun", "rerun, 1 % drifted", "prune half"),
    )
    tasks = [bench.task(number) for number in range(1000)]
    wanted = bench.write_tasks("life", tasks)
    drifted = bench.write_tasks(
        "drifted",
        [
            {**task, "schedule": {"cron": "7 7 7 * *"}} if place % 100 == 0 else task
            for place, task in enumerate(tasks)
        ],
    )
    half = bench.write_tasks("half", tasks[:500])
    prune = {"prune": True, "prune_limit": 500, "types": ["ExecuteNotebook"]}
    script = [sys.executable, str(HERE / "script.py"), str(wanted)]
    for delay in DELAYS:
        creates: dict[str, list[float]] = {}
        for concurrency in (1, 8, 16):
            steps = {
                "create all": bench.ours(src=str(wanted), concurrency=concurrency),
                "rerun": bench.ours(src=str(wanted), concurrency=concurrency),
                "rerun, 1 % drifted": bench.ours(src=str(drifted), concurrency=concurrency),
                "prune half": bench.ours(src=str(half), concurrency=concurrency, **prune),
            }
            commands = {
                name: bench.play(f"life-{number}", [step])
                for number, (name, step) in enumerate(steps.items())
            }
            runs: dict[str, list[Measured]] = {name: [] for name in steps}
            for _round in range(rounds):
                bench.reset(delay=delay)
                for name, command in commands.items():
                    runs[name].append(bench.run(command))
            creates[str(concurrency)] = [one.seconds for one in runs["create all"]]
            table.rows.append(
                (
                    f"arcgis_tasks, concurrency {concurrency}",
                    f"{delay * 1000:.0f} ms",
                    *(f"{seconds(runs[name]):.1f} s" for name in steps),
                )
            )
        by_hand = []
        for _round in range(rounds):
            bench.reset(delay=delay)
            by_hand.append([bench.run(script), bench.run(script)])
        table.rows.append(
            (
                "requests script, sequential",
                f"{delay * 1000:.0f} ms",
                *(f"{seconds([pair[step] for pair in by_hand]):.1f} s" for step in (0, 1)),
                "-",
                "-",
            )
        )
        if delay:
            table.figures["script / create with concurrency 16, at 20 ms"] = ratio(
                [pair[0].seconds for pair in by_hand], creates["16"]
            )
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
        share = sum(one.emulator_seconds for one in found["ours"]) / sum(one.seconds for one in found["ours"])
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
