# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody writes by hand with ``requests``: log in, list, create what is not there, one by one.

Usage: script.py FILE, a JSON list of tasks in the words of arcgis_tasks; the account is in the environment.
"""

from __future__ import annotations

import json
import os
import sys

import requests

FIELDS = ("minute", "hour", "dayOfMonth", "month", "dayOfWeek")


def main() -> None:
    """Bring the portal to what the file says, as far as titles go."""
    with open(sys.argv[1], encoding="utf-8") as file:
        wanted = json.load(file)
    root = f"{os.environ['ARCGIS_URL']}/sharing/rest"
    user = os.environ["ARCGIS_USERNAME"]
    session = requests.Session()
    session.trust_env, session.verify = False, os.environ["BENCHMARK_CA"]
    login = {
        "username": user,
        "password": os.environ["ARCGIS_PASSWORD"],
        "client": "referer",
        "referer": root,
        "f": "json",
    }
    token = session.post(f"{root}/generateToken", data=login, timeout=30).json()["token"]
    session.headers.update({"X-Esri-Authorization": f"Bearer {token}", "Referer": root})
    tasks = f"{root}/community/users/{user}/tasks"
    titles: set[str] = set()
    start = 1
    while start > 0:
        page = session.get(f"{tasks}?f=json&start={start}&num=100", timeout=30).json()
        titles.update(task["title"] for task in page["tasks"])
        start = page["nextStart"]
    created = 0
    for task in wanted:
        if task["title"] in titles:
            continue
        form = {"f": "json", "title": task["title"], "type": task["type"], "itemId": task["item_id"]}
        form.update(zip(FIELDS, task["schedule"]["cron"].split(), strict=True), dayOfWeek="?")
        reply = session.post(f"{tasks}/createTask", data=form, timeout=30).json()
        if not reply.get("success"):
            raise SystemExit(f"{task['title']}: {reply}")
        created += 1
    print(json.dumps({"created": created, "total": len(wanted)}))


if __name__ == "__main__":
    main()
