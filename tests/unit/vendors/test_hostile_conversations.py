# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole operations whose answers are spoiled end with a result or with the collection's own error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fuzz.conversation import Stage
from hypothesis import given, settings
from hypothesis import strategies as st
from integration.scenario import VENDORS


@pytest.fixture(scope="module", params=VENDORS)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Return each vendor's stage."""
    made = Stage(request.param)
    yield made
    made.close()


@given(numbers=st.lists(st.integers(0, 9999), max_size=40))
@settings(max_examples=30, deadline=None)
def test_a_spoiled_answer_is_no_crash(stage: Stage, numbers: list[int]) -> None:
    """What is raised beyond the collection's own errors is raised here."""
    rest = iter(numbers)
    stage.attempt(lambda count: next(rest, 0) % count)
