# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conversions of schedules for playbook authors; each is documented in the YAML file of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone, tzinfo
from functools import wraps
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.taskbridge.vendors.plugins.module_utils import _quartz, _schedule
from ansible_collections.taskbridge.vendors.plugins.module_utils._describe import describe
from ansible_collections.taskbridge.vendors.plugins.module_utils._errors import TaskbridgeError

Schedule = Mapping[str, Any]
_KNOWN = frozenset(("cron", "at", "timezone", "start", "end", "max_runs"))


def _as_filter(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a filter fail as filters do: with its name and what is wrong with its input."""

    @wraps(function)
    def wrapped(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except (TaskbridgeError, _quartz.InexpressibleError) as error:
            raise AnsibleFilterError(f"taskbridge.vendors.{function.__name__}: {error}") from None

    return wrapped


def _read(schedule: Any, zone: str | None) -> tuple[Schedule, tzinfo]:
    """Return a schedule as the option of that name, given so or as a crontab, and its zone."""
    if isinstance(schedule, str):
        schedule = {"cron": schedule}
    if not isinstance(schedule, Mapping) or ("cron" in schedule) == ("at" in schedule):
        raise AnsibleFilterError(
            f"taskbridge.vendors: {schedule!r} is no schedule. Give a crontab, or a dictionary "
            "with either cron or at."
        )
    if unknown := sorted(set(schedule) - _KNOWN):
        raise AnsibleFilterError(
            f"taskbridge.vendors: schedule.{unknown[0]} cannot be computed with. "
            f"Known: {', '.join(sorted(_KNOWN))}."
        )
    return schedule, _schedule.parse_zone(zone or schedule.get("timezone") or "UTC", "timezone")


def _instant(schedule: Schedule, name: str, zone: tzinfo) -> datetime | None:
    text = schedule.get(name)
    return None if text is None else _schedule.parse_instant(str(text), name, zone)


def _now(text: str | None, option: str, zone: tzinfo) -> datetime:
    return datetime.now(timezone.utc) if text is None else _schedule.parse_instant(text, option, zone)


@_as_filter
def next_runs(
    schedule: Any, count: int = 5, after: str | None = None, timezone: str | None = None
) -> list[str]:
    """Return the next times at which a schedule runs, in its zone."""
    given, zone = _read(schedule, timezone)
    now = _now(after, "after", zone)
    once = _instant(given, "at", zone)
    if once is not None:
        return [once.astimezone(zone).isoformat()] if once > now and count > 0 else []
    runs = _schedule.next_runs(
        _schedule.parse_crontab(given["cron"], "cron"),
        now,
        _instant(given, "start", zone),
        _instant(given, "end", zone),
        zone=zone,
        max_runs=given.get("max_runs"),
        limit=count,
    )
    return [run.isoformat() for run in runs]


@_as_filter
def cron_to_quartz(cron: str, timezone: str | None = None, at: str | None = None) -> list[str]:
    """Return the Quartz expressions in UTC that together fire as a crontab does in its zone."""
    zone = _schedule.parse_zone(timezone or "UTC", "timezone")
    moments = _schedule.parse_crontab(cron, "cron")
    return [part.text for part in _quartz.in_utc(moments, zone, _now(at, "at", zone)).parts]


@_as_filter
def quartz_to_cron(quartz: str, timezone: str | None = None, at: str | None = None) -> str:
    """Return the crontab of a zone that fires as a Quartz expression does in UTC."""
    zone = _schedule.parse_zone(timezone or "UTC", "timezone")
    moments = _quartz.from_utc(_quartz.parse_quartz(quartz, "quartz"), zone, _now(at, "at", zone))
    text = None if moments is None else _schedule.crontab(moments)
    if text is None:
        raise _quartz.InexpressibleError(f"{quartz!r} is no one crontab in {zone}")
    return text


@_as_filter
def describe_schedule(schedule: Any, timezone: str | None = None) -> str:
    """Return a schedule in one line of plain English."""
    given, zone = _read(schedule, timezone)
    if "at" in given:
        return f"once at {_shown(given, 'at', zone)}"
    parts = [
        describe(_schedule.parse_crontab(given["cron"], "cron")),
        f"{zone} time" if str(zone) != "UTC" else "UTC",
        f"from {_shown(given, 'start', zone)}" if given.get("start") else "",
        f"until {_shown(given, 'end', zone)}" if given.get("end") else "",
        f"{given['max_runs']} times at most" if given.get("max_runs") else "",
    ]
    return ", ".join(part for part in parts if part)


def _shown(schedule: Schedule, name: str, zone: tzinfo) -> str:
    instant = _instant(schedule, name, zone)
    return "" if instant is None else f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {
            function.__name__: function
            for function in (next_runs, cron_to_quartz, quartz_to_cron, describe_schedule)
        }
