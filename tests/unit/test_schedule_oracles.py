# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Crontab parsing and next runs against two libraries that nobody here wrote: cronsim and croniter.

What the oracles are not asked, and why:

- cronsim repeats an instant when several fixed times fall into one gap of the clocks; here it comes once.
- cronsim moves what falls into a gap of any length to its end; cron takes a gap of three hours or more for
  a correction of the clock (Pacific/Apia skipped 30 December 2011), and what lies in it does not run.
- cronsim, started in the second pass of a repeated hour, answers with an instant of the first pass, which is
  over; here every run is later than the start.
- cronsim loses its way with open times next to a setting of the clocks: it takes a midnight in the gap for
  real (Africa/Casablanca), misses the hour after the gap (America/Santiago), keeps a half-hour off after
  one (Australia/Lord_Howe) and loops for ever where the clocks go back at 00:01 (America/St_Johns). There
  croniter is asked instead, minute by minute, whether the time on the wall fits.
- cronsim refuses days that no month has (31 sep); here they have no runs.
- croniter's own search knows no fixed times, so it is asked away from the settings of the clocks only.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.taskbridge.vendors.plugins.module_utils._schedule import (
    crontab,
    fire_times,
    next_runs,
    next_transition,
    parse_crontab,
)
from croniter import croniter
from cronsim import CronSim

ZONES = (
    "Africa/Casablanca",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Europe/Zurich",
    "Pacific/Apia",
    "Pacific/Chatham",
)
CASES_PER_ZONE = 1050  # with ten zones and two oracles, 21,000 in all
NOW = datetime(2030, 1, 1, tzinfo=UTC)
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DAYS = "sun mon tue wed thu fri sat".split()
RUNS = 4


class Crontabs:
    """Draws crontab fields in all their forms."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def draw(self) -> str:
        """Return an expression that is open in most of its day fields, as people write them."""
        days = self._open(0.6, lambda: self._field(1, 28, 31))
        weekdays = self._open(0.6, lambda: self._field(0, 6, 7, DAYS))
        months = self._open(0.8, lambda: self._field(1, 12, 12, MONTHS))
        return f"{self._field(0, 59, 59)} {self._field(0, 23, 23)} {days} {months} {weekdays}"

    def _open(self, chance: float, otherwise: Callable[[], str]) -> str:
        return "*" if self.random.random() < chance else otherwise()

    def _field(self, low: int, usual: int, high: int, names: list[str] | None = None) -> str:
        kind = self.random.choice(
            ("number", "number", "number", "list", "range", "step", "stepped range", "*")
        )
        first, last = sorted(self.random.sample(range(low, usual + 1), 2))
        step = self.random.randint(1, max(2, (usual - low) // 2))
        return {
            "number": self._named(self.random.choice((first, self.random.randint(low, high))), low, names),
            "list": f"{first},{last}",
            "range": f"{self._named(first, low, names)}-{self._named(last, low, names)}",
            "step": f"*/{step}",
            "stepped range": f"{first}-{last}/{step}",
            "*": "*",
        }[kind]

    def _named(self, number: int, low: int, names: list[str] | None) -> str:
        if names and number - low < len(names) and self.random.random() < 0.5:
            return names[number - low]
        return str(number)

    def instant(self, zone: ZoneInfo, *, at_transitions: bool) -> datetime:
        """Return an instant between 2005 and 2036, half of the time close to a setting of the clocks."""
        begin = datetime(2005, 1, 1, tzinfo=UTC)
        instant = begin + timedelta(minutes=self.random.randrange(31 * 365 * 24 * 60))
        transition = next_transition(zone, instant) if at_transitions else None
        if transition is None:
            return instant
        return transition + timedelta(minutes=self.random.randrange(-26 * 60, 6 * 60))


def upcoming(text: str, zone: ZoneInfo, now: datetime) -> list[datetime]:
    """Return our next runs, in UTC."""
    runs = next_runs(parse_crontab(text, "cron"), now, zone=zone, limit=RUNS)
    assert all(run.tzinfo is zone for run in runs)
    return [run.astimezone(UTC) for run in runs]


def by_cronsim(text: str, zone: ZoneInfo, now: datetime) -> list[datetime]:
    """Return cronsim's next runs in UTC, each once and none that is over."""
    found: list[datetime] = []
    for run in islice(CronSim(text, now.astimezone(zone)), RUNS * 20):
        instant = run.astimezone(UTC)
        if instant > now and instant not in found[-1:]:
            found.append(instant)
        if len(found) == RUNS:
            break
    return found


def near_a_transition(zone: ZoneInfo, instants: list[datetime]) -> bool:
    """Say whether the clocks are set within a day of one of the instants."""
    day = timedelta(days=1)
    for instant in instants:
        transition = next_transition(zone, instant - day)
        if transition is not None and transition < instant + day:
            return True
    return False


def leaps_a_day(zone: ZoneInfo, instants: list[datetime]) -> bool:
    """Say whether an instant comes near the day that Samoa skipped."""
    skipped = datetime(2011, 12, 30, tzinfo=UTC)
    return zone.key == "Pacific/Apia" and any(abs(one - skipped) < timedelta(days=3) for one in instants)


@pytest.mark.parametrize("name", ZONES)
def test_next_runs_are_those_of_cronsim(name: str) -> None:
    """Half of the starts are close to a setting of the clocks, which fixed times are asked about too."""
    zone, crontabs, asked = ZoneInfo(name), Crontabs(name), 0
    while asked < CASES_PER_ZONE:
        text = crontabs.draw()
        now = crontabs.instant(zone, at_transitions=asked % 2 == 0)
        ours = upcoming(text, zone, now)
        is_open = not parse_crontab(text, "cron").fixed
        if not ours or leaps_a_day(zone, [now, *ours]) or (is_open and near_a_transition(zone, [now, *ours])):
            continue
        assert ours == by_cronsim(text, zone, now), f"{text!r} in {name} after {now}"
        asked += 1


@pytest.mark.parametrize("name", ZONES)
def test_next_runs_are_those_of_croniter(name: str) -> None:
    zone, crontabs, asked = ZoneInfo(name), Crontabs(f"{name} again"), 0
    while asked < CASES_PER_ZONE:
        text = crontabs.draw()
        now = crontabs.instant(zone, at_transitions=False)
        ours = upcoming(text, zone, now)
        if not ours or near_a_transition(zone, [now, *ours]):
            continue
        theirs = croniter(text, now.astimezone(zone), implement_cron_bug=True)
        found = [theirs.get_next(datetime).astimezone(UTC) for run in ours]
        assert ours == found, f"{text!r} in {name} after {now}"
        asked += 1


@pytest.mark.parametrize("name", [zone for zone in ZONES if next_transition(ZoneInfo(zone), NOW)])
def test_open_times_follow_the_clock_on_the_wall(name: str) -> None:
    """Around a setting of the clocks every minute is looked at by itself."""
    zone, crontabs, asked, some = ZoneInfo(name), Crontabs(f"{name} on the wall"), 0, 0
    while asked < 25:
        text = crontabs.draw()
        moments = parse_crontab(text, "cron")
        now = crontabs.instant(zone, at_transitions=True)
        transition = next_transition(zone, now)
        both_days = "*" not in (text.split()[2], text.split()[4])  # match takes no word on what that means
        if moments.fixed or both_days or transition is None or transition - now > timedelta(hours=5):
            continue
        minutes = [now + timedelta(minutes=number) for number in range(1, 8 * 60)]
        on_the_wall = [minute.astimezone(zone).replace(tzinfo=None) for minute in minutes]
        fits = [croniter.match(text, moment) for moment in on_the_wall]
        wanted = [minute for minute, fit in zip(minutes, fits, strict=True) if fit]
        assert list(fire_times(moments, zone, now, minutes[-1])) == wanted, f"{text!r} in {name} after {now}"
        asked += 1
        some += bool(wanted)
    assert some > 5


def test_a_crontab_written_again_fires_at_the_same_minutes() -> None:
    crontabs = Crontabs("written")
    for dummy in range(2000):
        moments = parse_crontab(crontabs.draw(), "cron")
        text = crontab(moments)
        assert text is not None
        again = parse_crontab(text, "cron")
        assert (again, again.fixed) == (moments, moments.fixed), text


def test_the_day_that_samoa_skipped() -> None:
    """What was due on 30 December 2011 did not run, neither at its time nor after the gap."""
    runs = upcoming("0 9 * * *", ZoneInfo("Pacific/Apia"), datetime(2011, 12, 29, 12, tzinfo=UTC))
    local = [run.astimezone(ZoneInfo("Pacific/Apia")).isoformat() for run in runs[:2]]
    assert local == ["2011-12-29T09:00:00-10:00", "2011-12-31T09:00:00+14:00"]
