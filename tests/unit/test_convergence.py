# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan: a table over states, and the properties every plan has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils import _convergence as convergence
from ansible_collections.taskbridge.vendors.plugins.module_utils._convergence import (
    Capabilities,
    Control,
    Desired,
    Field,
    Plan,
    Task,
    never,
    plan,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import UnreachableStateError
from hypothesis import given
from hypothesis import strategies as st

ABLE = Capabilities(
    fields=(
        Field("title", needed=lambda fields: True, remedy="Set title."),
        Field("kind", changeable=never, remedy="Take another name."),
        Field("end", changeable=lambda existing, wanted: wanted is not None, remedy="Set recreate."),
        Field("url", needed=lambda fields: fields.get("kind") == "remote", remedy="Set url."),
        Field("parameters", merge=lambda existing, wanted: {**(existing or {}), **wanted}),
        Field("path", same=lambda wanted, existing: wanted.lower() == (existing or "").lower()),
    ),
    controls={
        "paused": Control("pause", frozenset({"running"}), frozenset({"paused"})),
        "stopped": Control(
            "stop", frozenset({"running", "paused"}), frozenset({"stopped"}), satisfied_when_missing=True
        ),
        "started": Control(
            "start",
            frozenset({"idle"}),
            frozenset({"running", "completed", "failed"}),
            converges=True,
            again_in=frozenset({"completed", "failed"}),
        ),
        "printed": Control(
            "start",
            frozenset({"idle"}),
            frozenset({"running", "completed", "failed"}),
            converges=True,
            again_in=frozenset({"completed", "failed"}),
            again_creates=True,
        ),
    },
    carried_over=lambda existing, wanted: {**existing, **wanted},
)


def task(state: str = convergence.SCHEDULED, enabled: bool | None = True, **fields: Any) -> Task:
    return Task("7", "report", state, enabled, {"title": "report", "kind": "local", **fields}, {})


def desired(state: str = "present", fields: dict[str, Any] | None = None, **more: Any) -> Desired:
    return Desired("report", state, {"title": "report"} if fields is None else fields, **more)


@pytest.mark.parametrize(
    ("wanted", "existing", "steps", "action"),
    [
        (desired("absent"), None, (), "unchanged"),
        (desired("absent"), task(), ("delete",), "deleted"),
        (desired(), None, ("create",), "created"),
        (desired(enabled=True), None, ("create",), "created"),
        (desired(enabled=False), None, ("create", "disable"), "created"),
        (desired(), task(), (), "unchanged"),
        (desired(), task(enabled=False), (), "unchanged"),
        (desired(fields={"title": "new"}), task(), ("update",), "updated"),
        (desired(enabled=False), task(), ("disable",), "disabled"),
        (desired(enabled=True), task(enabled=False), ("enable",), "enabled"),
        (desired(enabled=True), task(), (), "unchanged"),
        (desired(fields={"title": "new"}, enabled=False), task(), ("update", "disable"), "updated"),
        (desired(enabled=True), task(convergence.COMPLETED, False), (), "unchanged"),
        (desired(enabled=False), task(convergence.COMPLETED, True), (), "unchanged"),
        (
            desired(fields={"title": "new"}, enabled=True),
            task(convergence.COMPLETED, False),
            ("update", "enable"),
            "updated",
        ),
        (desired(fields={"path": "A/B"}), task(path="a/b"), (), "unchanged"),
        (desired(rerun="always"), task(), ("create",), "created"),
        (desired(rerun="on_failure"), task(convergence.FAILED), ("create",), "created"),
        (desired(rerun="on_failure"), task(convergence.COMPLETED), (), "unchanged"),
        (desired(rerun="on_failure"), task(convergence.STOPPED), (), "unchanged"),
        (
            desired(rerun="on_failure", failed_in=frozenset({convergence.STOPPED})),
            task(convergence.STOPPED),
            ("create",),
            "created",
        ),
        (desired(rerun="never"), task(convergence.FAILED), (), "unchanged"),
        (desired("started"), None, ("create", "start"), "created"),
        (desired("started"), task("idle"), ("start",), "started"),
        (desired("started"), task("running"), (), "unchanged"),
        (desired("started"), task("completed"), (), "unchanged"),
        (desired("started", rerun="always"), task("completed"), ("start",), "started"),
        (desired("started", rerun="always"), task("running"), (), "unchanged"),
        (desired("started", rerun="on_failure"), task("completed"), (), "unchanged"),
        (desired("started", rerun="on_failure"), task("failed"), ("start",), "started"),
        (desired("started", fields={"title": "new"}), task("idle"), ("update", "start"), "updated"),
        (desired("started", fields={"title": "new"}), task("running"), ("update",), "updated"),
        (desired("printed", rerun="always"), task("completed"), ("create", "start"), "created"),
        (desired("printed", rerun="always"), task("idle"), ("start",), "started"),
        (desired("printed", rerun="on_failure"), task("failed"), ("create", "start"), "created"),
        (desired("printed"), task("completed"), (), "unchanged"),
        (desired(fields={"end": 1}), task(end=2), ("update",), "updated"),
        (desired(fields={"end": None}, recreate=True), task(), (), "unchanged"),
        (desired(fields={"end": None}, recreate=True), task(end=2), ("create", "delete"), "recreated"),
        (
            desired("started", fields={"kind": "x"}, recreate=True),
            task("completed"),
            ("create", "delete", "start"),
            "recreated",
        ),
        (
            desired(fields={"kind": "x"}, recreate=True),
            task(enabled=False),
            ("create", "disable", "delete"),
            "recreated",
        ),
        (desired("paused"), task("running"), ("pause",), "paused"),
        (desired("paused"), task("paused"), (), "unchanged"),
        (desired("stopped"), task("paused"), ("stop",), "stopped"),
        (desired("stopped"), task("stopped"), (), "unchanged"),
        (desired("stopped"), None, (), "unchanged"),
    ],
)
def test_plan(wanted: Desired, existing: Task | None, steps: tuple[str, ...], action: str) -> None:
    planned = plan(wanted, existing, ABLE)
    assert planned.steps == steps
    assert planned.action == action


@pytest.mark.parametrize(
    ("wanted", "existing", "words"),
    [
        (desired(fields={}), None, ("title", "needed", "'report'", "Set title.")),
        (desired(fields={"title": "x", "kind": "remote"}), None, ("url", "needed", "Set url.")),
        (desired(task_id="99"), None, ("task_id", "'99'", "Remove task_id")),
        (
            desired(fields={"kind": "remote"}),
            task(),
            ("kind", "remote", "local", "(id 7)", "Take another name."),
        ),
        (desired("paused"), None, ("state: paused", "'report'", "state: present")),
        (desired("paused"), task("stopped"), ("state: paused", "is stopped", "only running")),
        (desired("stopped"), task("failed"), ("state: stopped", "is failed", "paused and running")),
    ],
)
def test_the_unreachable_is_named(wanted: Desired, existing: Task | None, words: tuple[str, ...]) -> None:
    with pytest.raises(UnreachableStateError) as caught:
        plan(wanted, existing, ABLE)
    for word in words:
        assert word in str(caught.value)


def test_a_vendor_that_cannot_delete_says_why() -> None:
    with pytest.raises(UnreachableStateError, match="no call for that"):
        plan(desired("absent"), task(), replace(ABLE, why_not_deletable="There is no call for that."))


def test_a_vendor_that_cannot_delete_is_content_with_nothing() -> None:
    assert plan(desired("absent"), None, replace(ABLE, why_not_deletable="No.")) == Plan()


def test_an_update_holds_the_changed_field_alone() -> None:
    existing = task(url="u", parameters={"kept": 1, "new": 0})
    planned = plan(desired(fields={"title": "report", "parameters": {"new": 2}}), existing, ABLE)
    assert planned.fields == {"parameters": {"kept": 1, "new": 2}}
    assert planned.before == {"title": "report", "parameters": {"kept": 1, "new": 0}}
    assert planned.after == {"title": "report", "parameters": {"kept": 1, "new": 2}}


def test_the_diff_shows_enabled_only_when_it_changes() -> None:
    assert plan(desired(enabled=False), task(), ABLE).before["enabled"] is True
    assert plan(desired(enabled=False), task(), ABLE).after["enabled"] is False
    assert "enabled" not in plan(desired(enabled=True), task(), ABLE).after


def test_a_control_shows_the_states() -> None:
    planned = plan(desired("paused"), task("running"), ABLE)
    assert (planned.before, planned.after) == ({"state": "running"}, {"state": "paused"})


def test_a_field_without_an_existing_value_differs() -> None:
    assert plan(desired(fields={"url": "u"}), task(), ABLE).fields == {"url": "u"}


values = st.one_of(st.none(), st.integers(0, 2), st.sampled_from(["a", "A", "b"]))
field_values = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["report", "other"]),
        "url": values,
        "path": st.sampled_from(["a/b", "A/B", "c"]),
        "parameters": st.dictionaries(st.sampled_from("xyz"), st.integers(0, 2)),
    },
)
MERGING = Capabilities(
    fields=tuple(
        replace(
            item, same=lambda wanted, existing: all((existing or {}).get(k) == v for k, v in wanted.items())
        )
        if item.name == "parameters"
        else item
        for item in ABLE.fields
    )
)


@given(
    field_values,
    field_values,
    st.sampled_from([None, True, False]),
    st.booleans(),
    st.sampled_from([convergence.SCHEDULED, convergence.PAUSED, convergence.COMPLETED, convergence.FAILED]),
)
def test_planning_again_gives_nothing(
    wanted: dict[str, Any], has: dict[str, Any], enabled: bool | None, active: bool, state: str
) -> None:
    declared = desired(fields=wanted, enabled=enabled)
    existing = Task("7", "report", state, active, has, {})
    planned = plan(declared, existing, MERGING)
    assert ("update" in planned.steps) == bool(planned.fields)
    assert set(planned.fields) <= set(wanted)
    assert "create" not in planned.steps
    assert not planned.steps or planned.before != planned.after or "parameters" in planned.fields
    reached = replace(existing, fields={**has, **planned.fields}, enabled=planned.enabled)
    assert plan(declared, reached, MERGING).steps == ()


@given(field_values, st.sampled_from([None, True, False]))
def test_what_was_created_needs_nothing_more(wanted: dict[str, Any], enabled: bool | None) -> None:
    declared = desired(fields={"title": "report", **wanted}, enabled=enabled)
    planned = plan(declared, None, MERGING)
    assert planned.steps[0] == "create"
    assert planned.before == {}
    state = convergence.PAUSED if enabled is False else convergence.SCHEDULED
    made = Task("1", "report", state, enabled is not False, declared.fields, {})
    assert plan(declared, made, MERGING).steps == ()
