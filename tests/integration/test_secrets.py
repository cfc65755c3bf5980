# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No password, no token and nothing made from them appears in what a run prints."""

from __future__ import annotations

from typing import Any

import pytest
from emulator.launch import RunningEmulator
from integration.controller import Controller
from integration.scenario import VENDORS, WRONG_PASSWORD, scenario, secrets_of

FAULTS: dict[str, dict[str, Any]] = {
    "none": {},
    "server error": {"kind": "status", "status": 500, "body": "html", "times": 20},
    "invalid answer": {"kind": "invalid_json", "times": 20},
    "no answer to a create": {"kind": "close_before_reading", "operation": "create_task", "times": 20},
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("vendor", VENDORS)
def test_nothing_leaks(controller: Controller, emulator: RunningEmulator, vendor: str, fault: str) -> None:
    """Every module, good and failing, at -vvv, with secrets as options and from the environment."""
    account = emulator.info["accounts"][vendor]
    wanted = scenario(vendor, account)
    if FAULTS[fault]:
        emulator.fault(vendor=vendor, **FAULTS[fault])
    module, options = wanted.task
    shown = {"include_raw": True}
    tasks = [
        wanted.task,
        (module, {**options, **wanted.wrong_login}),
        *((name, {**given, **shown}) for name, given in (*wanted.others, *wanted.refused)),
        (f"{vendor}_task_info", shown),
    ]
    run = controller.play(*tasks, arguments=["-vvv", "--diff"], module_defaults={"retries": 1})
    assert len(run.results) == len(tasks), run.output
    assert len([result for result in run.results if result["failed"]]) >= 1 + len(wanted.refused)
    secrets = secrets_of(vendor, account, emulator.log(vendor)) | {WRONG_PASSWORD}
    assert len(secrets) > 1
    everything = run.output + str(run.results)
    assert [secret for secret in secrets if secret in everything] == []
    assert "Traceback" not in everything
