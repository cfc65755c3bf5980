# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to an exchange before it is played, and to an answer before it is compared."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from unit.emulator.conformance.exchange import compare_answer, fill, known_values


def answer(body: str, media: str = "application/json", **headers: str) -> requests.Response:
    made = requests.Response()
    made.status_code = 200
    made._content = body.encode()
    made.headers.update({"Content-Type": media, **headers})
    return made


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{id}", 7),
        ("/tasks/{id}/", "/tasks/7/"),
        ({"{name}": ["{id}", 1, None, True]}, {"job": [7, 1, None, True]}),
        ('{"a": {"b": 1}}', '{"a": {"b": 1}}'),
        ("<string ~ [0-9]{32}>", "<string ~ [0-9]{32}>"),
    ],
)
def test_names_are_filled_in(template: Any, filled: Any) -> None:
    assert fill(template, {"id": 7, "name": "job"}) == filled


def test_an_unknown_name_is_a_mistake_of_the_data() -> None:
    with pytest.raises(KeyError, match="nobody"):
        fill("/tasks/{nobody}", {"id": 7})


def test_an_account_is_known_by_dotted_names_and_its_login() -> None:
    known = known_values({"username": "u", "password": "p", "items": {"one": 1}})
    assert known == {"username": "u", "password": "p", "items.one": 1, "basic": "dTpw"}


@pytest.mark.parametrize(
    ("wanted", "given", "difference"),
    [
        ({"status": 204}, answer(""), ".status is 200, not 204"),
        ({"status": 200, "headers": {"Location": "/a"}}, answer(""), ".headers.Location is None, not '/a'"),
        ({"status": 200, "text": ""}, answer("{}"), ".text is '{}', not ''"),
        ({"status": 200, "json": {}}, answer('{"a": 1}'), ".json.a is not documented"),
        ({"status": 200, "json": {}}, answer("{}", "text/html"), ".json is 'text/html: {}', not 'an object'"),
    ],
)
def test_what_differs(wanted: dict[str, Any], given: requests.Response, difference: str) -> None:
    assert compare_answer(wanted, given).differences == (difference,)


def test_what_is_right() -> None:
    wanted = {"status": 200, "headers": {"Location": "<string as place>"}, "json": {"id": "<integer as id>"}}
    found = compare_answer(wanted, answer('{"id": 7}', Location="/a"))
    assert (found.differences, found.kept) == ((), {"place": "/a", "id": 7})
