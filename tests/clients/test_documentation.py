# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guide on migrating shows of the vendors' clients makes the same tasks as our modules."""

from __future__ import annotations

import pytest
import yaml
from emulator.launch import RunningEmulator
from integration.controller import Controller
from integration.scenario import SEEDS_OF_PAGES
from tools.blocks import blocks


def test_guide_moves_from_the_client_to_the_module(
    controller: Controller, emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client's program creates a task, once; the playbook beside it finds nothing to change."""
    emulator.seed(SEEDS_OF_PAGES)
    page = [block for block in blocks() if block.page.endswith("/migrating.rst")]
    (place,) = [place for place, block in enumerate(page) if block.language == "python"]
    for name, value in emulator.info["accounts"]["arcgis"]["environment"].items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", emulator.info["ca"])
    monkeypatch.setenv("SSL_CERT_FILE", emulator.info["ca"])
    for dummy in range(2):
        exec(compile(page[place].text, page[place].name, "exec"), {})
        assert len(emulator.tasks("arcgis")) == 1
    run = controller.play_written(yaml.safe_load(page[place + 1].text))
    assert run.only["action"] == "unchanged", run.output
