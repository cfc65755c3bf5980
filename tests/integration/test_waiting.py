# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What waiting for a run means, for every vendor whose runs can be waited for.

The emulator's clock decides when a run ends; it is moved while the playbook waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller
from integration.meanwhile import Onlooker, meanwhile
from integration.scenario import WAITING, Waiting, waiting
from integration.test_documentation import documentation

Waited = tuple[str, dict[str, Any]]
OPTIONS = {"wait": True, "wait_interval": 0.2, "wait_timeout": 60}


class Site:
    """One vendor's server, a playbook that waits for a run there, and what happens meanwhile."""

    def __init__(self, controller: Controller, emulator: RunningEmulator, vendor: str) -> None:
        self.controller = controller
        self.emulator = emulator
        self.vendor = vendor
        self.how: Waiting = waiting(vendor)
        emulator.switch(vendor, **self.how.lasting)

    def declared(self, **options: Any) -> Waited:
        """Return the declaration of a task that is waited for."""
        module, given = self.how.task
        return module, {**given, **OPTIONS, **options}

    def play(self, happens: Callable[[Onlooker], None], **options: Any) -> dict[str, Any]:
        """Start a run, let things happen, and return the result."""
        with meanwhile(self.emulator, self.vendor, self.how.look, happens):
            return self.controller.play(self.declared(**options)).only

    def again(self, **options: Any) -> dict[str, Any]:
        """Run the playbook once more while nothing happens."""
        return self.controller.play(self.declared(**options)).only

    def ends(self, onlooker: Onlooker) -> None:
        """Let the next run end after a first look at it."""
        onlooker.started()
        onlooker.looks()
        self.emulator.advance(600)

    def looked(self) -> list[int]:
        """Return the status of the answer to each look since the start of the run."""
        log = self.emulator.log(self.vendor)
        start = max(number for number, entry in enumerate(log) if entry["writes"])
        return [entry["status"] for entry in log[start:] if entry["operation"] == self.how.look]

    @property
    def starts(self) -> int:
        """How often anything was started."""
        total: int = self.emulator.starts(self.vendor)["total"]
        return total


@pytest.fixture(params=WAITING)
def site(request: pytest.FixtureRequest, controller: Controller, emulator: RunningEmulator) -> Site:
    """Each vendor in turn."""
    return Site(controller, emulator, request.param)


def test_a_run_that_ends_well(site: Site) -> None:
    """The run is returned as documented; the finished playbook starts nothing again unless told."""
    result = site.play(site.ends)
    assert not result["failed"], result
    assert result["changed"] is True
    run = result["run"]
    assert (run["status"], run["error"]) == ("completed", "")
    assert run["vendor_status"]
    assert run["id"] == result["task"]["id"]
    assert result["task"]["state"] == "completed"
    page = documentation(site.controller, site.how.task[0])["return"]["run"]
    assert set(run) == set(page["contains"]) == set(page["sample"])
    assert set(run["details"]) <= set(page["contains"]["details"]["contains"])

    again = site.again()
    assert (again["failed"], again["changed"], again["action"]) == (False, False, "unchanged")
    assert again["run"] == run
    assert site.starts == 1

    anew = site.play(site.ends, rerun="always")
    assert (anew["failed"], anew["action"]) == (False, "created")
    assert anew["run"]["id"] != run["id"]
    assert site.starts == 2


def test_a_run_that_fails(site: Site) -> None:
    """The failure tells the vendor's own text, every time, and is run again only where that is declared."""
    site.emulator.switch(site.vendor, **site.how.failing)
    first = site.play(site.ends)
    again = site.again()
    for result, changed in ((first, True), (again, False)):
        assert result["failed"]
        assert f"failed: {site.how.reason}" in result["msg"]
        assert (result["run"]["status"], result["run"]["error"]) == ("failed", site.how.reason)
        assert result["changed"] is changed
    assert site.starts == 1
    site.emulator.switch(site.vendor, run_outcome="completed")
    mended = site.play(site.ends, rerun="on_failure")
    assert (mended["failed"], mended["action"], mended["run"]["status"]) == (False, "created", "completed")
    assert site.again(rerun="on_failure")["action"] == "unchanged"
    assert site.starts == 2


def test_a_run_that_somebody_ends(site: Site) -> None:
    """An abort is no success."""
    site.emulator.switch(site.vendor, **site.how.stopping)
    result = site.play(site.ends)
    assert result["failed"]
    assert "it was stopped" in result["msg"]
    assert result["run"]["status"] == "stopped"
    assert site.again(rerun="on_failure")["action"] == "unchanged"
    assert site.starts == 1


@pytest.mark.parametrize("stalled", [False, True])
def test_a_run_that_lasts_too_long(site: Site, stalled: bool) -> None:
    """The time-out is kept, even by a look that gets no answer, and the next run waits for the same run."""

    def happens(onlooker: Onlooker) -> None:
        onlooker.started()
        onlooker.looks()
        if stalled:
            site.emulator.fault("delay", seconds=8, vendor=site.vendor, operation=site.how.look, times=9)

    late = site.play(happens, wait_timeout=2)
    site.emulator.clear_faults()
    assert late["failed"]
    assert (
        "did not end within wait_timeout (2 s); it was last seen running. It was not stopped." in late["msg"]
    )
    assert (late["run"]["status"], late["changed"]) == ("running", True)
    started = max(entry["at"] for entry in site.emulator.log(site.vendor, writes=True))
    assert 2 <= late["_ended"] - started < 3.5

    def ends(onlooker: Onlooker) -> None:
        onlooker.looks(3)
        site.emulator.advance(600)

    then = site.play(ends)
    assert (then["failed"], then["action"], then["run"]["status"]) == (False, "unchanged", "completed")
    assert site.starts == 1


@pytest.mark.parametrize(
    "fault",
    [{"kind": "status", "status": 503}, {"kind": "close_before_reading"}, {"kind": "truncated_json"}],
    ids=lambda fault: fault["kind"],
)
def test_looks_that_fail_twice(site: Site, fault: dict[str, Any]) -> None:
    """A server that is away for a while changes nothing of what is waited for."""

    def happens(onlooker: Onlooker) -> None:
        onlooker.started()
        onlooker.looks()
        site.emulator.fault(**fault, vendor=site.vendor, operation=site.how.look, times=2)
        onlooker.looks(3)
        assert site.emulator.faults() == []
        site.emulator.advance(600)

    result = site.play(happens)
    assert (result["failed"], result["run"]["status"]) == (False, "completed")
    assert site.starts == 1


def test_looks_that_go_on_failing(site: Site) -> None:
    """A server that stays away is an error that says what was started; it is not started again."""

    def happens(onlooker: Onlooker) -> None:
        onlooker.started()
        onlooker.looks()
        site.emulator.fault("status", status=503, vendor=site.vendor, operation=site.how.look, times=99)

    result = site.play(happens)
    assert result["failed"]
    assert "Before that it was created" in result["msg"]
    assert (result["changed"], result["error"]["http_status"], result["error"]["retryable"]) == (
        True,
        503,
        True,
    )
    assert site.looked().count(503) == 5
    site.emulator.clear_faults()
    site.emulator.advance(600)
    assert site.again()["action"] == "unchanged"
    assert site.starts == 1


@pytest.mark.parametrize("login_fails", [0, 2])
def test_a_token_that_expires(site: Site, login_fails: int) -> None:
    """A token that ran out is renewed, also when the login needs several tries."""

    def happens(onlooker: Onlooker) -> None:
        onlooker.started()
        onlooker.looks()
        if login_fails:
            site.emulator.fault(
                "status", status=503, vendor=site.vendor, operation="login", times=login_fails
            )
        site.emulator.advance(301)
        onlooker.looks(3 + login_fails)
        site.emulator.advance(300)

    result = site.play(happens)
    assert (result["failed"], result["run"]["status"]) == (False, "completed"), result
    assert len(site.emulator.log(site.vendor, "login")) >= 2 + login_fails
    assert site.starts == 1


def test_check_mode(site: Site) -> None:
    """Nothing is started and nothing waited for, be the task new, running or to be run again."""
    check = {"arguments": ["--check"]}
    predicted = site.controller.play(site.declared(), **check).only
    assert (predicted["failed"], predicted["changed"], predicted["action"]) == (False, True, "created")
    assert "run" not in predicted
    assert site.starts == 0
    site.again(wait=False)
    site.emulator.clear_log()
    run = site.controller.play(site.declared(), site.declared(rerun="always"), **check)
    assert [result["action"] for result in run.results] == ["unchanged", "created"]
    assert site.emulator.log(site.vendor, writes=True) == []
    assert site.starts == 1


@pytest.mark.parametrize(
    ("option", "value"),
    [("wait_timeout", 0), ("wait_interval", 0), ("wait_interval", -1), ("wait_timeout", "nan")],
)
def test_times_that_cannot_be_waited(site: Site, option: str, value: Any) -> None:
    """They are refused by name before any request."""
    result = site.again(**{option: value})
    assert result["failed"]
    assert result["msg"].startswith(f"{option}: {float(value)!r} is no time to wait")
    assert site.emulator.log(site.vendor) == []
