# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The orchestrator: typed inputs, patterns, the wire in all its shapes, and what is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import responses
from ansible_collections.taskbridge.vendors.plugins.module_utils import _convergence as convergence
from ansible_collections.taskbridge.vendors.plugins.module_utils import _schedule as schedule
from ansible_collections.taskbridge.vendors.plugins.module_utils._client import Secrets
from ansible_collections.taskbridge.vendors.plugins.module_utils._convergence import Desired, Task
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import (
    AbsentError,
    AmbiguousMatchError,
    LoginError,
    OptionError,
    RequestError,
    UnreachableStateError,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._hiding import MASK
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors import (
    _vro_inputs as inputs,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors import (
    _vro_recurrence as recurrence,
)
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.vro import VENDOR, Orchestrator
from emulator import vro_pattern
from hypothesis import given
from hypothesis import strategies as st
from unit.test_schedule_oracles import Crontabs

SITE = "https://vro.example.com"
ROOT = f"{SITE}/vco/api"


def params(**given: Any) -> dict[str, Any]:
    """Return a module's parameters, as AnsibleModule completes them."""
    options = {**VENDOR.info_spec.options, **VENDOR.task_spec.options}
    defaults = {name: option.get("default") for name, option in options.items()}
    return {**defaults, "url": SITE, "token": "t0k", "name": "nightly", "retries": 0, **given}


@pytest.fixture
def server() -> Iterator[responses.RequestsMock]:
    """A server that answers what a test tells it to."""
    with responses.RequestsMock() as mock:
        yield mock


def orchestrator(**given: Any) -> Orchestrator:
    """Return the session of an orchestrator."""
    options = params(**given)
    return VENDOR.serve(VENDOR.connect(options, read_only=False, secrets=Secrets()), options)


def wire(**fields: Any) -> dict[str, Any]:
    """Return a task of the wire."""
    return {
        "id": "t1",
        "name": "nightly",
        "description": "",
        "workflow": {"id": "w1", "name": "Clean"},
        "recurrence-cycle": "every-days",
        "recurrence-pattern": "(Europe/Zurich) 02:00:00,",
        "recurrence-start-date": "2030-01-01T00:00:00.000+00:00",
        "start-mode": "normal",
        "state": "pending",
        "user": "me",
        **fields,
    }


def parameter(name: str, kind: str, value: Any = None) -> dict[str, Any]:
    """Return a parameter of the wire."""
    return {"name": name, "type": kind, "scope": "local", **({} if value is None else {"value": value})}


def read(server: responses.RequestsMock, **fields: Any) -> Task:
    """Return a task as it is read."""
    server.get(f"{ROOT}/tasks/t1", json=wire(**fields))
    (task,) = orchestrator().matches(Desired("", "present", {}, task_id="t1"))
    return task


# Inputs

TEXTS = st.text(max_size=6).filter(lambda text: text != MASK)
NUMBERS = st.integers(-(10**12), 10**12) | st.floats(-1e9, 1e9)
MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000).isoformat()
)
ANYTHING = st.recursive(
    TEXTS | st.booleans() | NUMBERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXTS,
    "number": NUMBERS,
    "boolean": st.booleans(),
    "Date": MOMENTS,
    "Properties": st.dictionaries(TEXTS, ANYTHING, max_size=3),
    "Any": ANYTHING,
    "Array/string": st.lists(TEXTS, max_size=3),
    "Array/number": st.lists(NUMBERS, max_size=3),
    "VC:VirtualMachine": st.fixed_dictionaries(
        {"type": st.just("VC:VirtualMachine"), "id": TEXTS.filter(bool)}
    ),
}


@given(data=st.data(), kind=st.sampled_from(sorted(VALUES)))
def test_an_input_comes_back_as_it_was_sent(data: st.DataObject, kind: str) -> None:
    """To the wire, through JSON, and back: the same input, shown as it was declared."""
    value = data.draw(VALUES[kind])
    sent = inputs.typed_input("x", kind, value)
    back = inputs.read_input(json.loads(json.dumps(inputs.wire_input("x", sent))))
    assert sent.same(back)
    assert inputs.typed_input("x", kind, inputs.shown_value(back)).same(back)
    if kind not in ("Date", "number", "Array/number"):
        assert inputs.shown_value(sent) == value


@given(st.data(), st.sampled_from(sorted(VALUES)))
def test_another_value_is_another_input(data: st.DataObject, kind: str) -> None:
    """Two values are the same input only when they are equal; a truth value is no number."""
    one, other = data.draw(VALUES[kind]), data.draw(VALUES[kind])
    same = inputs.typed_input("x", kind, one).same(inputs.typed_input("x", kind, other))
    assert same == (_strict(one) == _strict(other))


def _strict(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _strict(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_strict(item) for item in value]
    return (isinstance(value, bool), value)


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        ("number", "42", {"number": {"value": 42}}),
        ("number", " -1.5 ", {"number": {"value": -1.5}}),
        ("number", 42.0, {"number": {"value": 42}}),
        ("boolean", "True", {"boolean": {"value": True}}),
        ("Date", "2030-01-01T01:00:00+01:00", {"date": {"value": "2030-01-01T00:00:00.000+00:00"}}),
        ("SecureString", "s", {"secure-string": {"value": "s"}}),
        ("EncryptedString", "s", {"encrypted-string": {"value": "s"}}),
        ("Array/SecureString", ["s"], {"array": {"elements": [{"secure-string": {"value": "s"}}]}}),
        ("VC:VirtualMachine", {"id": "v"}, {"sdk-object": {"type": "VC:VirtualMachine", "id": "v"}}),
        (
            "Array/VC:Host",
            [{"id": "v"}],
            {"array": {"elements": [{"sdk-object": {"type": "VC:Host", "id": "v"}}]}},
        ),
        ("Path", {"type": "Other", "id": "v"}, {"sdk-object": {"type": "Other", "id": "v"}}),
        (
            "Properties",
            {"b": 1, "a": [True]},
            {
                "properties": {
                    "property": [
                        {"key": "a", "value": {"array": {"elements": [{"boolean": {"value": True}}]}}},
                        {"key": "b", "value": {"number": {"value": 1}}},
                    ]
                }
            },
        ),
    ],
)
def test_wire_form_of_an_input(kind: str, value: Any, wanted: dict[str, Any]) -> None:
    assert inputs.wire_input("x", inputs.typed_input("x", kind, value)) == parameter("x", kind, wanted)


@pytest.mark.parametrize("kind", [*VALUES, "SecureString"])
def test_an_input_without_a_value(kind: str) -> None:
    assert inputs.wire_input("x", inputs.typed_input("x", kind, None)) == parameter("x", kind)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", 7),
        ("string", MASK),
        ("number", "seven"),
        ("number", True),
        ("number", float("nan")),
        ("number", float("inf")),
        ("boolean", 1),
        ("boolean", "yes"),
        ("Date", "soon"),
        ("Array/string", "a"),
        ("Array/string", [None]),
        ("Properties", []),
        ("Properties", {"a": {"b": None}}),
        ("Properties", {"password": MASK}),
        ("Any", {"a": [MASK]}),
        ("VC:Host", "v"),
        ("VC:Host", {"id": ""}),
        ("VC:Host", {"type": "VC:Host"}),
        ("VC:Host", {"id": 1}),
    ],
)
def test_a_value_that_does_not_fit(kind: str, value: Any) -> None:
    with pytest.raises(OptionError, match=r"inputs\.x: .* does not fit the type") as caught:
        inputs.typed_input("x", kind, value)
    assert kind in str(caught.value)


def test_a_secret_that_does_not_fit_is_not_shown() -> None:
    for kind, value in (("SecureString", 12345), ("Array/SecureString", "hidden")):
        with pytest.raises(OptionError, match=r"inputs\.x") as caught:
            inputs.typed_input("x", kind, value)
        assert str(value) not in str(caught.value)


@pytest.mark.parametrize(
    "kind", ["MimeAttachment", "Regexp", "CompositeType(a:string):B", "Array/CompositeType(a:string):B"]
)
def test_a_type_that_cannot_be_sent(kind: str) -> None:
    with pytest.raises(UnreachableStateError, match=r"inputs\.x"):
        inputs.typed_input("x", kind, {})


@pytest.mark.parametrize(
    "envelope",
    [
        {"composite": {"type": "B", "property": [{"id": "a", "value": {"string": {"value": "x"}}}]}},
        {"mime-attachment": {"name": "a", "mime-type": "text/plain", "mime-content": "eA=="}},
        {"number": {"value": "42"}},
        {"date": {"value": "soon"}},
        {"string": "x"},
        {"a": {}, "b": {}},
    ],
)
def test_what_cannot_be_written_is_sent_back_as_it_was_read(envelope: dict[str, Any]) -> None:
    read_back = inputs.read_input(parameter("x", "Any", envelope))
    assert inputs.wire_input("x", read_back) == parameter("x", "Any", envelope)
    assert read_back.same(inputs.read_input(parameter("x", "Any", envelope)))


@pytest.mark.parametrize("key", ["property", "properties"])
def test_both_keys_of_properties_are_read(key: str) -> None:
    entries = [{"key": "a", "value": {"string": {"value": "b"}}}, "hostile"]
    assert inputs.decode({"properties": {key: entries}}) == {"a": "b"}


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"secure-string": {"value": "pssst"}},
        {"secure-string": {"value": "***"}},
        {"string": {"value": "pssst"}},
    ],
)
def test_a_secret_that_was_read_is_unknown(value: Any) -> None:
    """Whatever the server shows: it is compared with nothing, shown to nobody and not sent back."""
    has = inputs.read_input(parameter("x", "SecureString", value))
    wanted = inputs.typed_input("x", "SecureString", "new")
    assert has.is_unknown
    assert not wanted.is_unknown
    assert wanted.same(has)
    assert inputs.shown_value(has) == MASK
    assert "pssst" not in str(inputs.without_secrets({"list": [parameter("x", "SecureString", value)]}))


def test_a_secret_within_other_values_is_unknown() -> None:
    value = {"properties": {"property": [{"key": "p", "value": {"secure-string": {"value": "pssst"}}}]}}
    has = inputs.read_input(parameter("x", "Properties", value))
    assert has.is_unknown
    assert inputs.shown_value(has) == {"p": MASK}
    assert "pssst" not in str(inputs.without_secrets(parameter("x", "Properties", value)))


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2030-01-01T00:00:00.000+00:00", datetime(2030, 1, 1, tzinfo=UTC)),
        ("2030-01-01T02:00:00+02:00", datetime(2030, 1, 1, tzinfo=UTC)),
        ("2030-01-01T02:00:00.000+0200", datetime(2030, 1, 1, tzinfo=UTC)),
        ("2030-01-01T00:00:00Z", datetime(2030, 1, 1, tzinfo=UTC)),
        (1893456000000, datetime(2030, 1, 1, tzinfo=UTC)),
        ("", None),
        (True, None),
        (None, None),
        (10**30, None),
        ([], None),
    ],
)
def test_dates_of_the_wire(value: Any, moment: datetime | None) -> None:
    assert inputs.moment(value) == moment


# Patterns

SAMPLES = [
    ("every-minutes", "(Europe/Zurich) 30,", "(Europe/Zurich)30"),
    ("every-hours", "(Europe/Zurich) 10:00,30:05,", "(Europe/Zurich) 30:5, 10:00"),
    ("every-days", "(UTC) 01:00:00,19:30:00,", "(UTC) 19:30:00,1:00:00"),
    ("every-weeks", "(UTC) Monday 02:00:00,Friday 22:00:00,", "(UTC) fri 22:00:00, MON  2:00:00"),
    ("every-months", "(UTC) 01 00:00:00,12 00:00:00,", "(UTC) 12 00:00:00, 1 0:0:0"),
    ("one-time", "(Europe/Zurich) ", "(UTC) "),
    ("every-days", "12:00:00, 19:30:00", "19:30:00,12:00:00,"),
]


@pytest.mark.parametrize(("cycle", "one", "other"), SAMPLES)
def test_patterns_are_compared_by_zone_and_times(cycle: str, one: str, other: str) -> None:
    """Order, commas, spaces, padding and the length of weekdays do not count; zone and times do."""
    same_cycle, pattern = recurrence.checked(cycle.upper().replace("-", "_"), one)
    assert same_cycle == cycle
    assert pattern.text == one
    assert pattern.same(recurrence.read_pattern(cycle, other))
    if cycle != "one-time":
        assert not pattern.same(recurrence.read_pattern(cycle, one.replace("0", "1")))
        assert not pattern.same(recurrence.read_pattern(cycle, f"(Asia/Tokyo) {one.rpartition(')')[2]}"))
    assert not pattern.same(None)


@pytest.mark.parametrize(
    ("cycle", "pattern", "option"),
    [
        ("hourly", "30", "schedule.cycle"),
        ("every-minutes", None, "schedule.pattern"),
        ("every-minutes", "(UTC) ,", "schedule.pattern"),
        ("every-minutes", "60", "schedule.pattern"),
        ("every-hours", "10", "schedule.pattern"),
        ("every-days", "24:00:00", "schedule.pattern"),
        ("every-weeks", "Moonday 02:00:00", "schedule.pattern"),
        ("every-weeks", "02:00:00", "schedule.pattern"),
        ("every-months", "32 00:00:00", "schedule.pattern"),
        ("one-time", "(UTC) 02:00:00", "schedule.pattern"),
    ],
)
def test_patterns_are_refused(cycle: str, pattern: str | None, option: str) -> None:
    with pytest.raises(OptionError, match=rf"^{option}: "):
        recurrence.checked(cycle, pattern)


def runs(cycle: str, text: str, start: str, end: str | None = None, now: str = "2029-01-01") -> list[str]:
    """Return the next runs as texts."""
    instants = [
        None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)
        for text in (start, end, now)
    ]
    first, last, present = instants
    assert first is not None
    assert present is not None
    pattern = recurrence.read_pattern(cycle, text)
    return [run.isoformat() for run in recurrence.next_runs(cycle, pattern, first, last, present)]


def test_next_runs() -> None:
    assert runs("every-minutes", "(UTC) 30,", "2030-01-01")[:2] == [
        "2030-01-01T00:00:30+00:00",
        "2030-01-01T00:01:30+00:00",
    ]
    assert runs("every-hours", "(Asia/Kolkata) 10:00,", "2030-01-01")[0] == "2030-01-01T06:10:00+05:30"
    assert runs("every-weeks", "(UTC) Monday 02:00:00,", "2030-01-01")[0] == "2030-01-07T02:00:00+00:00"
    months = runs("every-months", "(UTC) 31 00:00:00,", "2030-01-31T01:00:00")
    assert months[:2] == ["2030-03-31T00:00:00+00:00", "2030-05-31T00:00:00+00:00"]
    # half past two does not exist in Zurich on 31 March 2030, and runs right after the gap, as with cron
    skipped = runs("every-days", "(Europe/Zurich) 02:30:00,", "2030-03-30T00:00:00")
    assert skipped[:2] == ["2030-03-30T02:30:00+01:00", "2030-03-31T03:00:00+02:00"]
    assert runs("every-days", "(UTC) 02:00:00,", "2030-01-01", end="2030-01-02T02:00:00") == [
        "2030-01-01T02:00:00+00:00",
        "2030-01-02T02:00:00+00:00",
    ]
    assert runs("one-time", "(Europe/Zurich) ", "2030-01-01") == ["2030-01-01T01:00:00+01:00"]
    assert runs("one-time", "(Europe/Zurich) ", "2030-01-01", now="2030-01-01") == []
    assert runs("every-days", "02:00:00", "2030-01-01") == []
    assert runs("every-days", "(No/Where) 02:00:00", "2030-01-01") == []
    assert runs("every-days", "(UTC) 02:00:30", "9500-01-01") == []
    assert runs("never-heard-of", "(UTC) 02:00:00", "2030-01-01") == []


@pytest.mark.parametrize(
    ("text", "cycle", "pattern", "again"),
    [
        ("* * * * *", "every-minutes", "00,", "* * * * *"),
        ("*/20 * * * *", "every-hours", "00:00,20:00,40:00,", "*/20 * * * *"),
        ("@hourly", "every-hours", "00:00,", "0 * * * *"),
        ("30 2,14 * * *", "every-days", "02:30:00,14:30:00,", "30 2,14 * * *"),
        ("0 22 * * mon,sun", "every-weeks", "Monday 22:00:00,Sunday 22:00:00,", "0 22 * * 0,1"),
        ("0 3 1,15 * *", "every-months", "01 03:00:00,15 03:00:00,", "0 3 1,15 * *"),
        ("0 3 1-31 * mon", "every-days", "03:00:00,", "0 3 * * *"),
    ],
)
def test_a_crontab_as_cycle_and_pattern_and_back(text: str, cycle: str, pattern: str, again: str) -> None:
    found = recurrence.from_crontab(text, "Europe/Zurich")
    assert (found[0], found[1].text) == (cycle, f"(Europe/Zurich) {pattern}")
    moments = recurrence.to_moments(*found)
    assert moments is not None
    assert schedule.crontab(moments) == again


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0 3 * jun *", "some months"),
        ("0 3 1 * mon", "both the day of month and the day of week"),
        ("0 3 31 * *", "a month without a day 31"),
        ("61 3 * * *", "'61'"),
    ],
)
def test_a_crontab_that_no_cycle_says(text: str, why: str) -> None:
    with pytest.raises(OptionError, match=why):
        recurrence.from_crontab(text, "UTC")


@pytest.mark.parametrize(
    ("cycle", "pattern"),
    [
        ("every-days", "(UTC) 02:00:00,14:30:00,"),
        ("every-days", "(UTC) 02:00:30,"),
        ("every-minutes", "(UTC) 00,30,"),
        ("every-months", "(UTC) 31 00:00:00,"),
        ("one-time", "(UTC) "),
        ("every-days", "(UTC) soon,"),
        ("never-heard-of", "(UTC) 02:00:00,"),
    ],
)
def test_a_pattern_that_no_crontab_says(cycle: str, pattern: str) -> None:
    assert recurrence.to_moments(cycle, recurrence.read_pattern(cycle, pattern)) is None


def test_a_pattern_fires_when_its_crontab_does() -> None:
    """By the emulator's own reading of patterns, away from the settings of the clocks."""
    crontabs, zone, asked = Crontabs("patterns"), ZoneInfo("Europe/Zurich"), 0
    now = datetime(2030, 6, 1, tzinfo=UTC)
    while asked < 200:
        text = crontabs.draw()
        try:
            cycle, pattern = recurrence.from_crontab(text, "Europe/Zurich")
        except OptionError:
            continue
        moments = schedule.parse_crontab(text, "cron")
        runs_of_it = schedule.fire_times(moments, zone, now, now + timedelta(days=90))
        wanted = list(islice(runs_of_it, 30))
        apart = vro_pattern.parse(cycle, pattern.text, classic=False, comma_required=True)
        found: list[datetime] = []
        moment = now.timestamp()
        while len(found) < len(wanted) and (following := vro_pattern.next_after(apart, moment)) is not None:
            found.append(datetime.fromtimestamp(following, UTC))
            moment = following
        assert found == wanted, text
        asked += 1


CLOCKS = st.times().map(lambda time: time.replace(microsecond=0).isoformat())


@given(st.lists(CLOCKS, min_size=1, max_size=4), st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)))
def test_next_runs_are_later_ordered_and_at_the_pattern_s_times(clocks: list[str], now: datetime) -> None:
    pattern = recurrence.read_pattern("every-days", f"(Europe/Zurich) {','.join(clocks)},")
    present = now.replace(tzinfo=UTC)
    found = recurrence.next_runs("every-days", pattern, present - timedelta(days=9), None, present)
    assert len(found) == 5
    assert found == sorted(found)
    assert present <= found[0]
    assert {run.time().isoformat() for run in found} <= set(clocks)


# The wire


@pytest.mark.parametrize(
    ("state", "word", "enabled"),
    [
        ("pending", convergence.SCHEDULED, True),
        ("running", convergence.RUNNING, True),
        ("suspended", convergence.PAUSED, False),
        ("finished", convergence.COMPLETED, True),
        ("canceled", convergence.STOPPED, True),
        ("error", convergence.FAILED, True),
        ("unknown", convergence.UNKNOWN, True),
        (None, convergence.UNKNOWN, True),
    ],
)
def test_states(server: responses.RequestsMock, state: str | None, word: str, enabled: bool) -> None:
    task = read(server, state=state)
    assert (task.state, task.enabled) == (word, enabled)


def test_a_task_is_shown_in_the_words_of_the_options(server: responses.RequestsMock) -> None:
    given = [parameter("days", "number", {"number": {"value": 7.0}}), parameter("p", "SecureString")]
    task = read(server, **{"input-parameters": given, "recurrence-end-date": "2031-01-01T00:00:00.000+00:00"})
    assert VENDOR.show(task.fields) == {
        "name": "nightly",
        "description": "",
        "workflow": "Clean",
        "workflow_id": "w1",
        "inputs": {"days": 7, "p": MASK},
        "schedule": {
            "cron": "0 2 * * *",
            "timezone": "Europe/Zurich",
            "start": "2030-01-01T01:00:00+01:00",
            "end": "2031-01-01T01:00:00+01:00",
        },
        "recurrence": "every-days: (Europe/Zurich) 02:00:00,",
        "start_mode": "normal",
    }
    once = read(server, **{"recurrence-cycle": "one-time", "recurrence-pattern": "12:00:00"})
    assert VENDOR.show(once.fields)["schedule"] == {"at": "2030-01-01T00:00:00+00:00"}


def test_form_inputs_are_hidden_where_an_input_is_secret(server: responses.RequestsMock) -> None:
    form = {"formInputs": [{"key": "p", "value": "pssst"}]}
    assert read(server, **form).wire["formInputs"] == form["formInputs"]
    secret = {"input-parameters": [parameter("p", "SecureString")]}
    assert read(server, **form, **secret).wire["formInputs"] == MASK


def test_the_workflow_of_a_task_may_be_a_link(server: responses.RequestsMock) -> None:
    task = read(server, workflow={"href": f"{ROOT}/workflows/w1/", "name": "Clean"})
    assert task.fields["workflow"].id == "w1"


# Lists


def links(*entries: Any, total: int | None = None, nested: bool = True) -> dict[str, Any]:
    """Return a list of the wire."""
    envelope = {"link": list(entries), "total": len(entries) if total is None else total, "start": 0}
    return {"href": "x", "relations": envelope} if nested else envelope


def link(task_id: str, kind: str = "tasks", **attributes: str) -> dict[str, Any]:
    """Return an entry of a list."""
    given = [{"name": name, "value": value} for name, value in attributes.items()]
    return {"rel": "down", "href": f"{ROOT}/{kind}/{task_id}/", **({"attributes": given} if given else {})}


UP = {"rel": "up", "href": f"{ROOT}/"}


@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize("attributes", [{"name": "nightly", "state": "pending"}, {"id": "t1"}, {}])
def test_tasks_are_found_in_both_envelopes(
    server: responses.RequestsMock, nested: bool, attributes: dict[str, str]
) -> None:
    """Links may tell little, and those that lead elsewhere are skipped."""
    answer = links(link("t1", **attributes), link("t2", name="another"), UP, total=2, nested=nested)
    server.get(f"{ROOT}/tasks", json=answer)
    server.get(f"{ROOT}/tasks/t1", json=wire())
    assert [task.id for task in orchestrator().matches(VENDOR.desired(params()))] == ["t1"]


def test_a_task_that_is_gone_since_it_was_listed_is_not_there(server: responses.RequestsMock) -> None:
    server.get(f"{ROOT}/tasks", json=links(link("t1")))
    server.get(f"{ROOT}/tasks/t1", status=404)
    assert orchestrator().matches(VENDOR.desired(params())) == []


def test_a_list_that_says_it_is_longer_is_an_error_when_it_does_not_go_on(
    server: responses.RequestsMock,
) -> None:
    """A task that is not shown must not be taken for absent."""
    server.get(f"{ROOT}/tasks", json=links(link("t1", name="x"), total=2))
    with pytest.raises(RequestError, match="pages do not end"):
        orchestrator().matches(VENDOR.desired(params()))


@pytest.mark.parametrize("answer", [{}, [], {"relations": []}, {"link": None}, "x"])
def test_a_list_without_links_is_refused(server: responses.RequestsMock, answer: Any) -> None:
    server.get(f"{ROOT}/tasks", json=answer)
    with pytest.raises(RequestError, match="not what the orchestrator documents"):
        orchestrator().matches(VENDOR.desired(params()))


def test_an_empty_list_may_have_no_links(server: responses.RequestsMock) -> None:
    server.get(f"{ROOT}/tasks", json={"total": 0, "start": 0})
    assert orchestrator().matches(VENDOR.desired(params())) == []


@pytest.mark.parametrize(
    ("answer", "absent"),
    [
        ({"json": {"message": "not found"}}, True),
        ({"body": ""}, True),
        ({"body": "<html>404</html>", "content_type": "text/html"}, False),
    ],
)
def test_what_counts_as_absent(server: responses.RequestsMock, answer: dict[str, Any], absent: bool) -> None:
    """The orchestrator's own words do; a page of something in between does not."""
    server.get(f"{ROOT}/tasks/t1", status=404, **answer)
    wanted = Desired("", "present", {}, task_id="t1")
    if absent:
        assert orchestrator().matches(wanted) == []
        return
    with pytest.raises(RequestError, match="HTTP 404") as caught:
        orchestrator().matches(wanted)
    assert not isinstance(caught.value, AbsentError)


# Workflows


def workflows(server: responses.RequestsMock, *entries: dict[str, Any]) -> None:
    """Let the server list workflows."""
    server.get(f"{ROOT}/workflows", json=links(*entries, nested=False))


def found(name: str, **given: Any) -> Any:
    """Return the workflow that a name leads to."""
    declared = VENDOR.desired(params(workflow=name, **given))
    return orchestrator(**given).resolve(declared).fields["workflow"]


def test_the_server_s_filter_is_not_trusted(server: responses.RequestsMock) -> None:
    workflows(server, link("w1", "workflows", name="clean"), link("w2", "workflows", name="Clean"))
    assert found("Clean").id == "w2"
    assert "conditions=name%3DClean" in str(server.calls[0].request.url)


def test_a_name_with_a_comma_is_not_filtered_for(server: responses.RequestsMock) -> None:
    workflows(server, link("w1", "workflows", name="a, b"))
    assert found("a, b").id == "w1"
    assert "conditions" not in str(server.calls[0].request.url)


@pytest.mark.parametrize("form", ["Top/Sub", "/Top/Sub/", "Top"])
def test_a_path_chooses_among_workflows_of_one_name(server: responses.RequestsMock, form: str) -> None:
    """The path of a folder may end with its own name or not, and start with a slash or not."""
    workflows(
        server,
        link("w1", "workflows", name="Clean", categoryHref=f"{ROOT}/categories/c1/"),
        link("w2", "workflows", name="Clean"),
    )
    server.get(f"{ROOT}/workflows/w2", json={"id": "w2", "name": "Clean", "category-id": "c2"})
    server.get(f"{ROOT}/categories/c1", json={"id": "c1", "name": "Other", "path": "Other"})
    server.get(f"{ROOT}/categories/c2", json={"id": "c2", "name": "Sub", "path": form})
    assert found("Top/Sub/Clean").id == "w2"
    with pytest.raises(AmbiguousMatchError) as caught:
        found("Clean")
    assert caught.value.ids == ["w1 (Other/Clean)", "w2 (Top/Sub/Clean)"]
    with pytest.raises(UnreachableStateError, match="no workflow 'Clean/Clean'"):
        found("Clean/Clean")


# Requests


@pytest.mark.parametrize(
    ("answer", "task_id"),
    [
        ({"json": {"id": "t9"}, "headers": {"Location": f"{ROOT}/tasks/other/"}}, "t9"),
        ({"body": "", "headers": {"Location": f"{ROOT}/tasks/t9/"}}, "t9"),
        ({"body": "", "headers": {"Location": f"{ROOT}/tasks/t9?x=1"}}, "t9"),
        ({"json": {"id": ""}}, None),
        ({"body": ""}, None),
    ],
)
def test_the_id_of_a_new_task(
    server: responses.RequestsMock, answer: dict[str, Any], task_id: str | None
) -> None:
    """From the body, else from Location, else nobody tells it."""
    server.post(f"{ROOT}/tasks", status=202, **answer)
    workflows(server, link("w1", "workflows", name="Clean"))
    service = orchestrator()
    schedule = {"cycle": "EVERY_DAYS", "pattern": "02:00:00", "end": "never"}
    wanted = service.resolve(VENDOR.desired(params(workflow="Clean", schedule=schedule)))
    assert service.create(wanted) == task_id
    body = json.loads(server.calls[-1].request.body or "")
    sent = datetime.fromisoformat(body.pop("recurrence-start-date").replace("Z", "+00:00"))
    assert abs(sent - datetime.now(UTC)) < timedelta(minutes=1)
    assert body == {
        "name": "nightly",
        "workflow": {"id": "w1", "name": "Clean"},
        "recurrence-cycle": "every-days",
        "recurrence-pattern": "02:00:00",
    }


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ([parameter("days", "number", {"number": {"value": 7}})], True),
        ([parameter("days", "number", {"number": {"value": 7}}), parameter("p", "SecureString")], False),
        ([], False),
    ],
)
@pytest.mark.parametrize("reply", [True, False])
def test_an_update_sends_the_whole_task(
    server: responses.RequestsMock, given: list[dict[str, Any]], sent: bool, reply: bool
) -> None:
    """Inputs go along unless that would lose a secret; no state, so none changes."""
    task = read(server, **{"input-parameters": given})
    answer = {"json": wire(**{"input-parameters": given})} if reply else {"body": ""}
    server.post(f"{ROOT}/tasks/t1", **answer)
    orchestrator().update(task, convergence.Plan(fields={"description": "new"}))
    body = json.loads(next(call.request.body for call in server.calls if call.request.method == "POST") or "")
    assert body["description"] == "new"
    assert body["recurrence-start-date"] == "2030-01-01T00:00:00Z"
    assert ("input-parameters" in body) == sent
    assert "state" not in body


def test_a_refused_transition_is_looked_at(server: responses.RequestsMock) -> None:
    """A 409 is no failure when the task is as wanted, and is one otherwise."""
    task = read(server)
    server.post(f"{ROOT}/tasks/t1", status=409, json={"message": "Cannot resume task"})
    orchestrator().act("enable", task)
    with pytest.raises(RequestError, match="Cannot resume task"):
        orchestrator().act("disable", task)


# Declarations


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({}, {}),
        ({"at": "2030-01-01T00:00:00"}, {"cycle": "one-time", "start": datetime(2030, 1, 1, tzinfo=UTC)}),
        (
            {"at": "2030-01-01T00:00:00", "timezone": "Europe/Zurich"},
            {"cycle": "one-time", "start": datetime(2029, 12, 31, 23, tzinfo=UTC)},
        ),
        ({"end": "never"}, {"end": None}),
        ({"start": "2030-01-01T00:00:00.9Z"}, {"start": datetime(2030, 1, 1, tzinfo=UTC)}),
        ({"cycle": "one_time"}, {"cycle": "one-time"}),
    ],
)
def test_schedules(given: dict[str, Any], fields: dict[str, Any]) -> None:
    declared = VENDOR.desired(params(schedule=given)).fields
    found = {name.partition(".")[2]: value for name, value in declared.items() if "." in name}
    pattern = found.pop("pattern", None)
    assert found == fields
    if "at" in given:
        assert pattern.text == f"({given.get('timezone', 'UTC')}) "


@pytest.mark.parametrize("name", ["password", "token", "api_token"])
def test_credentials_are_secrets(name: str) -> None:
    secrets = Secrets()
    VENDOR.connect(
        params(**{"username": "me", "password": "pass-w0rd", "auth": "basic", name: "hid-den"}),
        read_only=True,
        secrets=secrets,
    )
    assert secrets.mask("a hid-den b") == "a ******** b"


@pytest.mark.parametrize(
    ("login", "key"),
    [
        ({"auth": "vra", "username": "me", "password": "p", "token": None}, "refresh_token"),
        ({"auth": "vcf", "api_token": "a", "token": None}, "access_token"),
    ],
)
def test_a_login_without_a_token_is_refused(
    server: responses.RequestsMock, login: dict[str, Any], key: str
) -> None:
    server.post(
        f"{SITE}/csp/gateway/am/api/login" if key == "refresh_token" else f"{SITE}/oauth/provider/token",
        json={},
    )
    with pytest.raises(RequestError, match=f"no {key} in it"):
        orchestrator(**login).matches(VENDOR.desired(params()))


def test_a_refused_login_says_so(server: responses.RequestsMock) -> None:
    server.post(f"{SITE}/tm/oauth/tenant/a%2Fb/token", status=400, json={"error": "invalid_grant"})
    with pytest.raises(LoginError, match=r"log in with the API token of tenant 'a/b'.*invalid_grant"):
        orchestrator(token=None, api_token="hid-den", tenant="a/b").matches(VENDOR.desired(params()))
