# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator answers as the vendors' pages and the sources on their servers say, key by key."""

from __future__ import annotations

import pytest
from emulator.launch import RunningEmulator
from unit.emulator.conformance.exchange import Story, play, stories

STORIES = list(stories())
EVIDENT = {"D", "C", "W", "M"}


@pytest.mark.parametrize(
    "story", [pytest.param(story, id=f"{story.vendor}: {story.name}") for story in STORIES]
)
def test_answers_are_as_documented(story: Story, emulator: RunningEmulator) -> None:
    for exchange, differences in play(story, emulator):
        assert not differences, f"{exchange.operation} ({exchange.grade}: {exchange.page}): {differences}"


def test_every_vendor_has_exchanges(emulator: RunningEmulator) -> None:
    assert {story.vendor for story in STORIES} == set(emulator.info["accounts"])


@pytest.mark.parametrize(
    "story", [pytest.param(story, id=f"{story.vendor}: {story.name}") for story in STORIES]
)
def test_what_is_fixed_is_evident_or_names_its_switch(story: Story) -> None:
    for one in story.exchanges:
        assert one.page
        assert one.grade in EVIDENT or (one.grade == "I" and one.switches), one.operation
