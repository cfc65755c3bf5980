# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ArcGIS: runs off the wire, their order, and which one is waited for."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils._convergence import Run, Task
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors._arcgis_runs import (
    newest_first,
    no_run,
    past_of,
    read_instant,
    read_run,
    watched,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.arcgis import VENDOR
from hypothesis import given
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def task(state: str = "scheduled", enabled: bool = True, **wire: Any) -> Task:
    return Task("t", "Nightly", state, enabled, {}, wire)


def runs(*statuses: str) -> list[Run]:
    """Return runs, newest first, whose ids count from the oldest."""
    return [Run(str(len(statuses) - place), status) for place, status in enumerate(statuses)]


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        (1619060431000, "2021-04-22T03:00:31+00:00"),
        ("Apr 22, 2021, 3:00:31 AM", "2021-04-22T03:00:31+00:00"),
        ("Apr 22, 2021, 3:00:31\u202fPM", "2021-04-22T15:00:31+00:00"),
        ("Dec 1, 2030 12:00:00 AM", "2030-12-01T00:00:00+00:00"),
        ("Dec 1, 2030, 12:00:00 PM", "2030-12-01T12:00:00+00:00"),
        *[
            (value, None)
            for value in (None, True, 0, -1, 10**18, 1.5, "", "soon", "Feb 30, 2021, 1:00:00 AM")
        ],
        ("Mai 1, 2021, 1:00:00 AM", None),
    ],
)
def test_dates_in_both_forms(value: Any, instant: str | None) -> None:
    found = read_instant(value)
    assert (found.isoformat() if found else None) == instant


@pytest.mark.parametrize(
    ("word", "status", "ended", "error"),
    [
        ("scheduled", "scheduled", False, ""),
        ("executing", "running", False, ""),
        ("succeeded", "completed", True, ""),
        ("skipped", "skipped", True, "text"),
        ("failed", "failed", True, "text"),
        ("submitfailed", "failed", True, "text"),
        ("Failed", "failed", True, "text"),
        ("new word", "unknown", False, ""),
    ],
)
def test_a_wire_run_in_normal_form(word: str, status: str, ended: bool, error: str) -> None:
    wire = {"runId": "r", "status": word, "result": "text", "created": 1000, "modified": 61000}
    run = read_run(wire, ZoneInfo("Asia/Kolkata"))
    assert (run.id, run.status, run.word, run.error) == ("r", status, word, error)
    assert run.started == "1970-01-01T05:30:01+05:30"
    assert run.ended == ("1970-01-01T05:31:01+05:30" if ended else None)
    assert run.details == {"result": "text"}


@given(st.dictionaries(st.sampled_from(["runId", "status", "result", "created", "modified", "task"]), JSON))
def test_any_run_object_is_read(wire: dict[str, Any]) -> None:
    assert read_run(wire).status in ("scheduled", "running", "completed", "skipped", "failed", "unknown")
    assert newest_first([wire, wire]) == [wire, wire]


def test_order_by_date_and_without_dates() -> None:
    """Dates decide; of two alike, and where one is missing, the later in the list is the newer."""
    old, new, twin, bare = {"created": 1000}, {"created": 3000}, {"created": 3000, "x": 1}, {"created": None}
    assert newest_first([new, twin, old]) == [twin, new, old]
    assert newest_first([new, old, bare]) == [bare, old, new]


@pytest.mark.parametrize(
    ("existing", "statuses", "is_new", "is_changed", "past"),
    [
        (task(), ("completed", "completed"), True, False, ""),
        (task(), ("running", "completed"), False, True, "21"),
        (task(), ("running", "completed"), False, False, "1"),
        (task(), ("completed", "failed"), False, False, "21"),
        (task("completed", False), ("completed", "failed"), False, False, "1"),
        (task("failed", False), ("failed", "completed"), False, False, "1"),
        (task("completed", False), ("running", "completed"), False, False, "1"),
        (task("completed", False), ("completed",), False, True, "1"),
        (task("paused", False), ("completed", "failed"), False, False, "21"),
        (task(), ("unknown", "scheduled"), False, False, ""),
        (task(), (), False, False, ""),
    ],
)
def test_which_runs_are_past(
    existing: Task, statuses: tuple[str, ...], is_new: bool, is_changed: bool, past: str
) -> None:
    found = past_of(existing, runs(*statuses), is_new=is_new, is_changed=is_changed)
    assert sorted(found) == sorted(past)


@pytest.mark.parametrize(
    ("existing", "statuses", "past", "run_id", "status"),
    [
        (task(), ("running", "completed"), "1", "2", "running"),
        (task(), ("running", "completed"), "", "1", "completed"),
        (task(), ("completed", "skipped"), "", "2", "completed"),
        (task(), ("skipped", "skipped"), "", "", "scheduled"),
        (task("completed", False), ("skipped", "skipped"), "", "2", "skipped"),
        (task("completed", False), ("completed",), "1", "", "completed"),
        (task("paused", False), (), "", "", "paused"),
        (task("unknown", False), (), "", "", "paused"),
        (task(), (), "", "", "scheduled"),
    ],
)
def test_which_run_is_waited_for(
    existing: Task, statuses: tuple[str, ...], past: str, run_id: str, status: str
) -> None:
    seen = watched(existing, runs(*statuses), past)
    assert seen.run is not None
    assert (seen.run.id, seen.run.status) == (run_id, status)
    assert seen.past == frozenset(past)
    assert (seen.id, seen.name, seen.state) == (existing.id, existing.name, existing.state)


def test_a_run_to_come_tells_when() -> None:
    assert no_run(task(nextStart=1893456000000)).details == {"next_start": "2030-01-01T00:00:00+00:00"}
    assert no_run(task(nextStart="soon")).details == {}


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (Run("1", "completed"), ""),
        (Run("1", "failed", error="why"), "why"),
        (Run("1", "failed"), "the server gives no reason"),
        (Run("1", "skipped"), "the portal skipped it"),
        (Run("1", "skipped", error="too busy"), "too busy"),
        (Run("", "paused"), "Set enabled: true"),
        (Run("", "completed"), "Change its schedule"),
    ],
)
def test_verdict(run: Run, said: str) -> None:
    verdict = VENDOR.verdict(run, {})
    assert said in verdict
    assert bool(verdict) == bool(said)
