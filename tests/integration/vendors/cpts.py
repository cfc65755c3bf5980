# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArts PerfTest for the tests that hold for every vendor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from integration.scenario import WRONG_PASSWORD, Account, Declaration, Many, Scenario

SUITE = 393862


def load(**options: Any) -> Declaration:
    """Return a declaration of a load test, by names."""
    return "cpts_task", {
        "test_suite": "web-shop",
        "name": "Nightly load",
        "cases": ["browse", "pay"],
        **options,
    }


def scenario(account: Account) -> Scenario:
    """Return what the shared tests do with CodeArts PerfTest."""
    by_ids = {"test_suite": SUITE, "cases": [449269, 449271], "project_id": account["project_id"]}
    return Scenario(
        task=load(),
        operations={
            "create": load(),
            "no change": load(),
            "no change, by ids": load(**by_ids),
            "update": load(parallel=True),
            "start": load(state="started"),
            "already started": load(state="started"),
            "stop": load(state="stopped"),
            "list": ("cpts_task_info", {"test_suite": "web-shop"}),
            "delete": load(state="absent"),
        },
        many=Many(
            entry=lambda number: {
                "test_suite": "web-shop",
                "name": f"Load {number}",
                "cases": ["browse", "pay"],
            },
            change={"parallel": True},
            scope={"test_suite": "web-shop"},
        ),
        refused=(load(cases=["nowhere"]), load(name="n" * 43)),
        wrong_login={"secret_key": WRONG_PASSWORD},
        seed={"tasks": [{"name": "Release candidate", "case_id_list": [449269, 449271]}]},
    )


def secrets(account: Account, log: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what the account keeps secret, and the tokens and signatures of the requests."""
    yield from (account["password"], account["token"], account["secret_key"])
    for entry in log:
        yield entry["headers"].get("x-auth-token", "")
        yield entry["headers"].get("authorization", "").rpartition("Signature=")[2]
