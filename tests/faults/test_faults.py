# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing lost, nothing doubled, nothing leaked: whatever goes wrong while a module writes.

A test for each cell of the matrix: a request of an operation meets a fault. The faulted run succeeds, or
fails with ``error``; one clean rerun then succeeds; the true state is that of a run in which nothing went
wrong, tasks of others are as they were, and a further run changes nothing. How modules are run is told in
ways.py, what is in the matrix in matrix.py, and which cells break the promise in KNOWN.md.
"""

from __future__ import annotations

from collections.abc import Callable

from faults.conftest import References
from faults.matrix import Cell, operations, subject
from faults.stage import Stage, numbered, outcome
from faults.ways import WAYS, inside
from integration.scenario import scenario


def test_fault(cell: Cell, references: References, record_property: Callable[[str, object], None]) -> None:
    """A fault costs a rerun at most."""
    record_property("cell", [cell.row, cell.fault.column])
    reference = references.of(cell.vendor, cell.operation)
    record_property("outcome", outcome(references.stage(cell), cell, reference, WAYS[cell.way]))


def test_matrix_is_complete(vendor: str, references: References) -> None:
    """The requests in the matrix are all that write, and the first that looks after them."""
    known, account = subject(vendor), references.emulator.info["accounts"][vendor]
    assert set(operations(vendor, account)) == set(known.writes)
    for name, requests in known.writes.items():
        reference = references.of(vendor, name)
        if name in scenario(vendor, account).operations:
            assert numbered(reference.writes) == list(requests), name
            assert known.looks.get(name) == reference.look, name
        else:  # several tasks at a time, so the order differs from run to run
            assert set(reference.writes) == set(map(plain, requests)), name
            assert plain(known.looks.get(name, reference.reads[0])) in reference.reads, name


def plain(request: str) -> str:
    """Return the name of a request without its number."""
    return request.partition("#")[0]


def test_all_that_writes_is_in_the_matrix(vendor: str, references: References) -> None:
    """An operation of the scenario that is not in the matrix sends no request that writes."""
    known, account = subject(vendor), references.emulator.info["accounts"][vendor]
    stage = Stage(references.emulator, vendor)
    stage.prepare(next(iter(known.writes)))
    for name, declaration in scenario(vendor, account).operations.items():
        stage.emulator.clear_log()
        stage.run(inside, declaration)
        assert name in known.writes or not stage.emulator.log(vendor, writes=True), name
