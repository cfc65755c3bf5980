# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways a run can fail; each exception carries its own failure payload.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

from typing import Any


class TaskbridgeError(Exception):
    """Base of all errors that a user may see."""

    def failure(self) -> dict[str, Any]:
        """Return what the module hands to the user: at least ``msg``."""
        return {"msg": str(self)}


class MissingLibraryError(TaskbridgeError):
    """A Python library that the collection needs cannot be imported."""

    def __init__(self, library: str, traceback: str) -> None:
        super().__init__(f"The Python library {library} is missing.")
        self.library = library
        self.traceback = traceback


class OptionError(TaskbridgeError):
    """An option's value cannot be used; found before any request was sent."""

    def __init__(self, option: str, value: Any, problem: str, remedy: str) -> None:
        super().__init__(f"{option}: {value!r} {problem}. {remedy}")


class AmbiguousMatchError(TaskbridgeError):
    """Several things of the server fit one name; ``option`` takes the id of the one that is meant."""

    def __init__(
        self, vendor: str, name: str, ids: list[str], *, noun: str = "task", option: str = "task_id"
    ) -> None:
        super().__init__(
            f"{vendor}: {len(ids)} {noun}s fit the declaration of {name!r}: {', '.join(ids)}. "
            f"Nothing was changed. Set {option} to the one that is meant."
        )
        self.ids = ids

    def failure(self) -> dict[str, Any]:
        """Add the ids of the candidates."""
        return {**super().failure(), "candidates": self.ids}


class UnreachableStateError(TaskbridgeError):
    """The declared state cannot be reached from the present one."""


class CheckModeViolationError(TaskbridgeError):
    """A writing request was about to be sent in check mode: a fault of this collection."""


class RequestError(TaskbridgeError):
    """A request failed, or its answer refuses, or its answer cannot be read.

    ``unclear`` says that the server may have acted all the same; ``done`` what this run had done
    before, in the words of the return value ``action``; ``has_changed`` that it had written something.
    """

    def __init__(
        self,
        attempted: str,
        problem: str,
        remedy: str,
        *,
        request: str,
        http_status: int | None = None,
        vendor_code: str | int | None = None,
        retryable: bool = False,
        unclear: bool = False,
    ) -> None:
        super().__init__(f"Could not {attempted}: {problem}. {remedy}")
        self.request = request
        self.http_status = http_status
        self.vendor_code = vendor_code
        self.retryable = retryable
        self.unclear = unclear
        self.done: tuple[str, ...] = ()
        self.has_changed = False

    def failure(self) -> dict[str, Any]:
        """Add ``error``: what a playbook can branch on, and whether something was changed before."""
        error: dict[str, Any] = {
            "vendor_code": self.vendor_code,
            "http_status": self.http_status,
            "request": self.request,
            "retryable": self.retryable,
        }
        if self.unclear:
            error["unclear"] = True
        failure = {**super().failure(), "error": error}
        if self.done:
            failure["msg"] += f" Before that it was {' and '.join(self.done)}."
        elif self.has_changed:
            failure["msg"] += " Part of it was done before."
        if self.done or self.has_changed:
            failure["changed"] = True
        return failure


class AbsentError(RequestError):
    """The server says that what a request is about does not exist."""


class LoginError(RequestError):
    """The server refused the credentials."""


class TokenRefusedError(RequestError):
    """The server refused the token of an authenticated request; a new one may help."""


class OutcomeError(TaskbridgeError):
    """A failure that comes with what was reached all the same."""

    def __init__(self, message: str, outcome: dict[str, Any]) -> None:
        super().__init__(message)
        self.outcome = outcome

    def failure(self) -> dict[str, Any]:
        """Add what was reached, in the words of the return values."""
        return {**super().failure(), **self.outcome}


class RunFailedError(OutcomeError):
    """The task exists, but its run failed or was not seen to end in time."""


class BulkFailedError(OutcomeError):
    """Some of many tasks failed; the outcome tells of each task what was done."""


class EntriesError(TaskbridgeError):
    """Entries of a list of tasks cannot be used; nothing was written."""


class NotAttemptedError(TaskbridgeError):
    """A task was left alone because of what happened to others."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Nothing was sent for this task: {reason}.")
