# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SEAL Operator: print and conversion tasks of a connector service, and the documents they take.

Source of each fact: https://operator.docs.sealsystems.de/reference/api/ with the pages introduction,
resource_types and use_cases/{start_task,modify_task_input,create_document,traverse_repo}; the page
use_cases/create_task of version-1-6-0, resources/swagger of version-1-6-1.operator.docs.sealsystems.cloud,
and for the command-line client https://seal-opcli.docs.sealsystems.de/use_cases/{manage_tasks,call_opcli}.

What rests on inference: the calls to read, change and delete one task, ``?embed=input`` and the call
that reads the input list, the place of ``index`` when an item is inserted, the shape of a listing, the
names of the fields for state and owner, every word for a state, where a task tells why it failed, the
calls that read the output list, body and answer of ``/repo/inactives``, and that a started task is neither
changed nor started again. Where a call may be missing or a shape may differ, the other way is tried; what a
task looks like after a change is read, not believed.

What the server sends is read in _seal_wire.py, how input lists are compared and changed is in _seal_lists.py.
This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from .. import _convergence as convergence
from .._auth import HeaderToken
from .._client import Client, Request, Secrets, api_root, checked_url
from .._convergence import Capabilities, Control, Desired, Field, Plan, Run, Task, never
from .._errors import (
    AbsentError,
    AmbiguousMatchError,
    LoginError,
    OptionError,
    RequestError,
    RunFailedError,
    UnreachableStateError,
)
from .._memory import Listing
from .._options import (
    INCLUDE_RAW,
    REUSE_LISTING,
    SECRET_KEYS,
    WAIT,
    ArgumentSpec,
    connection,
    connection_options,
    from_environment,
)
from .._vendor import Service, Vendor
from ._seal_lists import ListPlan, appending_plan, same_documents, same_item, same_metadata, shortest_plan
from ._seal_wire import (
    CHECKSUM,
    MARKER,
    STATE_WORDS,
    UPLOAD,
    embedded_list,
    href_of,
    marker_of,
    member,
    members,
    metadata_of,
    path_of,
    read_document,
    read_items,
    read_reply,
    read_task,
    readable_items,
    run_number,
    sent_item,
    state_word,
    state_words,
    text_of,
    unexpected,
    unknown_state,
    with_outputs,
)

_API = "/v1"
_STORE = "operator-fileupload"
_CLIENT_ID = "seal-opcli"
# How a server may say that it has no such call; a Node server says so with 404.
_NO_SUCH_CALL = (404, 405, 501)
_STARTED = frozenset((convergence.RUNNING, convergence.COMPLETED, convergence.FAILED, convergence.STOPPED))
_ENDED = _STARTED - {convergence.RUNNING}
_IN_USE, _UNUSED = "in_use", "unused"

_ANOTHER_TASK = "Give the new task another name."
_IF_STARTED = (
    "A task that was started is not changed by the server: give the new task another name, or use "
    "state: started with rerun: always."
)
_USE_FORCE = "Set force: true to delete the document all the same."

_CONNECTION = connection_options("SEAL_OPERATOR").merge(
    ArgumentSpec(
        options={
            "token": from_environment(
                {"type": "str", "no_log": True}, "SEAL_OPERATOR_TOKEN", "OPCLI_BEARER_TOKEN"
            ),
            "client_id": from_environment(
                {"type": "str", "default": _CLIENT_ID}, "SEAL_OPERATOR_CLIENT_ID", "OPCLI_AUTH_CLIENT_ID"
            ),
            "client_secret": from_environment(
                {"type": "str", "no_log": True}, "SEAL_OPERATOR_CLIENT_SECRET", "OPCLI_AUTH_CLIENT_SECRET"
            ),
            "issuer": from_environment({"type": "str"}, "SEAL_OPERATOR_ISSUER"),
        },
        required_together=(("username", "password"),),
        required_one_of=(("username", "token", "client_secret"),),
    )
)

_SERVICE = ArgumentSpec(
    options={
        "service": from_environment({"type": "str", "required": True}, "SEAL_OPERATOR_SERVICE"),
        "state_words": {
            "type": "dict",
            "options": {name: {"type": "list", "elements": "str"} for name in STATE_WORDS},
        },
    }
)

_TASK = ArgumentSpec(
    options={
        "state": {"type": "str", "choices": ["present", "started", "absent"], "default": "present"},
        "task_id": {"type": "str"},
        "name": {"type": "str"},
        "type": {"type": "str"},
        "metadata": {"type": "dict"},
        "owner": {"type": "str"},
        "documents": {
            "type": "list",
            "elements": "dict",
            "options": {
                "href": {"type": "str"},
                "path": {"type": "path"},
                "name": {"type": "str"},
                "metadata": {"type": "dict"},
            },
            "mutually_exclusive": [["href", "path"]],
            "required_one_of": [["href", "path"]],
            "required_by": {"name": ["path"]},
        },
        "rerun": {"type": "str", "choices": ["never", "always", "on_failure"], "default": "never"},
        "marker": {"type": "bool", "default": True},
        "input_service": {"type": "str", "default": _STORE},
    },
    required_one_of=(("name", "task_id"),),
)

_FILTERS = ArgumentSpec(
    options={
        "task_id": {"type": "str"},
        "name": {"type": "str"},
        "input_lists": {"type": "bool", "default": True},
    }
)

_DOCUMENT = ArgumentSpec(
    options={
        "service": {"type": "str", "default": _STORE},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "document_id": {"type": "str"},
        "name": {"type": "str"},
        "path": {"type": "path"},
        "content": {"type": "str"},
        "metadata": {"type": "dict"},
        "collection": {"type": "str"},
        "force": {"type": "bool", "default": False},
    },
    mutually_exclusive=(("path", "content"),),
    required_one_of=(("name", "path", "document_id"),),
)


class Seal(Vendor):
    """What is known of SEAL Operator's tasks without asking a server."""

    key = "seal"
    label = "SEAL Operator"
    connection_spec = _CONNECTION.merge(_SERVICE)
    tls_options = ("url", "issuer")
    scope = ("service",)
    entry_spec = _TASK.merge(SECRET_KEYS)
    task_spec = _CONNECTION.merge(_SERVICE, _TASK, WAIT, REUSE_LISTING, INCLUDE_RAW, SECRET_KEYS)
    info_spec = _CONNECTION.merge(_SERVICE, _FILTERS, INCLUDE_RAW, SECRET_KEYS)
    ended_states = _ENDED

    def __init__(self) -> None:
        self.capabilities = Capabilities(
            fields=(
                Field("name", changeable=never, remedy="Leave name out, or declare a new task by its name."),
                Field("type", same=_same_if_shown, changeable=never, remedy=_ANOTHER_TASK),
                Field("owner", same=_same_if_shown, changeable=never, remedy=_ANOTHER_TASK),
                Field("metadata", same=same_metadata, merge=_with),
                Field("documents", same=same_documents),
            ),
            controls={
                "started": Control(
                    "start",
                    possible_in=frozenset((convergence.IDLE,)),
                    satisfied_in=_STARTED,
                    converges=True,
                    again_in=_STARTED,
                    again_creates=True,
                )
            },
        )

    def desired(self, params: Mapping[str, Any]) -> Desired:
        """Read the declaration, and the files it names."""
        _check_named(params, "name", "task_id", "service", "input_service")
        _check_runs(params)
        _check_metadata(params["metadata"], MARKER)
        state_words(params["state_words"])
        fields = {
            name: params[name] for name in ("name", "type", "metadata", "owner") if params[name] is not None
        }
        if params["documents"] is not None and params["state"] != "absent":
            fields["documents"] = [
                _declared_item(item, f"documents[{number}]")
                for number, item in enumerate(params["documents"])
            ]
        return Desired(
            name=params["name"] or "",
            state=params["state"],
            fields=fields,
            task_id=params["task_id"],
            rerun=params["rerun"],
        )

    def connect(self, params: Mapping[str, Any], *, read_only: bool, secrets: Secrets) -> Client:
        """Return a client that logs in at the issuer."""
        return _connected(params, read_only, secrets)

    def serve(self, client: Client, params: Mapping[str, Any]) -> Connector:
        """Return the connector service for one declaration."""
        return Connector(client, params)

    def choose(self, desired: Desired, matches: list[Task]) -> Task | None:
        """Choose among the tasks of one name; refuse to start one whose state says nothing to us."""
        chosen = _chosen(matches)
        # One of several must not be deleted by name: the next run would take the next one.
        if len(matches) > 1 and (chosen is None or desired.state == "absent"):
            raise AmbiguousMatchError(self.label, desired.label, [task.id for task in matches])
        if chosen is not None and desired.state == "started" and chosen.state == convergence.UNKNOWN:
            raise UnreachableStateError(
                f"state: started cannot be reached. {unknown_state(chosen)} It was not started."
            )
        return chosen

    def show(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Write fields in the words of the options."""
        shown = dict(fields)
        if shown.get("documents") is not None:
            shown["documents"] = [sent_item(item) for item in shown["documents"]]
        return shown

    def describe(self, task: Task, service: Service) -> dict[str, Any]:
        """Add the service, the server's own word for the state, and when the task was made."""
        return {
            "service": service.sid if isinstance(service, Connector) else None,
            "href": href_of(task.wire),
            "state_word": state_word(task.wire),
            "created": text_of(task.wire.get("created")),
            "modified": text_of(task.wire.get("modified")),
            "next_runs": [],
            "enabled": None,  # a task has no such switch, not even one that is only predicted
        }

    def run(self, task: Task, service: Service) -> Run:
        """Add the server's own word for the state, and the documents that the run made."""
        outputs = embedded_list(task.wire, "output")
        return replace(
            super().run(task, service),
            word=state_word(task.wire) or "",
            details={} if outputs is None else {"outputs": readable_items(outputs)},
        )


class SealDocuments(Vendor):
    """What is known of the documents of SEAL Operator without asking a server."""

    key = "seal"
    label = "SEAL Operator"
    noun = "document"
    connection_spec = _CONNECTION
    tls_options = ("url", "issuer")
    task_spec = _CONNECTION.merge(_DOCUMENT, INCLUDE_RAW, SECRET_KEYS)

    def __init__(self) -> None:
        self.capabilities = Capabilities(
            fields=(
                Field("name", changeable=never, remedy="Leave name out, or leave document_id out."),
                Field("checksum", needed=lambda fields: True, remedy="Set path or content."),
                Field("metadata", same=same_metadata, merge=_with),
            )
        )

    def desired(self, params: Mapping[str, Any]) -> Desired:
        """Read the declaration, and the file it names."""
        _check_named(params, "name", "document_id", "service", "collection")
        _check_metadata(params["metadata"], CHECKSUM)
        _check_metadata(params["metadata"], UPLOAD)
        name = params["name"]
        if name is None and params["document_id"] is None:
            name = os.path.basename(params["path"])
        fields = {"name": name, "metadata": params["metadata"]}
        if params["state"] == "present" and (params["path"], params["content"]) != (None, None):
            fields["checksum"] = _checksum(_content(params))
        return Desired(
            name=name or "",
            state=params["state"],
            fields={name: value for name, value in fields.items() if value is not None},
            task_id=params["document_id"],
        )

    def connect(self, params: Mapping[str, Any], *, read_only: bool, secrets: Secrets) -> Client:
        """Return a client that logs in at the issuer."""
        return _connected(params, read_only, secrets)

    def serve(self, client: Client, params: Mapping[str, Any]) -> Documents:
        """Return the document store for one declaration."""
        return Documents(client, params, params["service"])

    def choose(self, desired: Desired, matches: list[Task]) -> Task | None:
        """Choose the one with the declared content among several of one name; spare one in use."""
        same = [task for task in matches if task.fields.get("checksum") == desired.fields.get("checksum")]
        candidates = same if len(same) == 1 and "checksum" in desired.fields else matches
        chosen = super().choose(desired, candidates)
        if chosen is not None and chosen.state == _IN_USE:
            raise UnreachableStateError(
                f"state: absent was not carried out: a task uses the document {chosen.name!r} "
                f"(id {chosen.id}). Delete the task first. {_USE_FORCE}"
            )
        return chosen

    def show(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Write fields as they are returned."""
        return dict(fields)

    def describe(self, task: Task, service: Service) -> dict[str, Any]:
        """Add what a task's list of documents takes."""
        return {"href": href_of(task.wire), "enabled": None}

    def problem(self, task: Task) -> str:
        """Say it when the content of a new document may be missing."""
        if "checksum" in task.fields:
            return ""
        return (
            f"content: the document {task.name!r} (id {task.id}) was created, but the server did not "
            "confirm its content. Run this again: the content is then uploaded to the same document."
        )


class OpenIdLogin:
    """The way to a token: the server names the issuer, and the issuer its endpoint."""

    def __init__(self, client: Client, params: Mapping[str, Any]) -> None:
        self.client = client
        self._params = params
        self._root = api_root(client.connection.url, _API)

    def log_in(self) -> str:
        """Fetch a token from the issuer: as a user, or as the client where no user is given."""
        endpoint = self._token_endpoint(self._issuer())
        user, client_id = self._params["username"], self._params["client_id"]
        form = {"client_id": client_id, "client_secret": self._params["client_secret"]}
        if user is not None:
            form.update(grant_type="password", username=user, password=self._params["password"])
        else:
            form.update(grant_type="client_credentials")
        self.client.repeat_login_at(endpoint)
        request = Request(
            f"log in as {user!r}" if user is not None else f"log in as client {client_id!r}",
            "POST",
            endpoint,
            form={name: value for name, value in form.items() if value is not None},
            is_login=True,
        )
        token = member(self.client.send(request), "access_token")
        if not token:
            raise unexpected(request, "no access_token in it")
        self.client.secrets.add(token)
        return token

    def _issuer(self) -> str:
        """Return who gives out tokens: given, or as the server's one open call tells."""
        if self._params["issuer"] is not None:
            return str(self._params["issuer"]).rstrip("/")
        request = Request(
            "ask the server who gives out its tokens",
            "GET",
            f"{self._root}/auth",
            is_login=True,
            remedies={404: "Check url, or set issuer."},
        )
        issuer = member(self.client.send(request), "url")
        return self._kept_secret(request, "issuer", issuer).rstrip("/")

    def _token_endpoint(self, issuer: str) -> str:
        """Read the issuer's discovery document; it must be about that issuer (OpenID Connect Discovery)."""
        request = Request(
            "read how to log in",
            "GET",
            f"{issuer}/.well-known/openid-configuration",
            is_login=True,
            remedies={404: "Check issuer."},
        )
        found = self.client.send(request)
        if member(found, "issuer").rstrip("/") != issuer:
            raise _distrusted(request, f"the discovery document is about {member(found, 'issuer')!r}")
        return self._kept_secret(request, "token_endpoint", member(found, "token_endpoint"))

    def _kept_secret(self, request: Request, what: str, url: str) -> str:
        """Return a URL that credentials may be sent to, or refuse it."""
        try:
            checked_url(url)
        except OptionError:
            raise _distrusted(request, f"the {what} {url!r} is not a usable URL") from None
        if _goes_plain(self.client.connection.url, url):
            raise _distrusted(request, f"the {what} {url!r} is not https, as url is")
        return url


class Operator(Service):
    """A server and its document store."""

    def __init__(self, client: Client, params: Mapping[str, Any], store: str | None) -> None:
        super().__init__(client)
        self._root = api_root(client.connection.url, _API)
        self._params = params
        self._repo = f"{self._root}/services/{quote(store or _STORE, safe='')}/repo"
        # Uploads broken off, by name and checksum; all that use the client go on with them.
        self._begun: dict[tuple[str, str], Task] = client.facts.recall(("begun", self._repo), dict)

    def _entries(self, collection: str | None = None) -> Iterator[Task]:
        """Yield the documents of the store's root or of a collection."""
        path = "" if collection is None else f"/{quote(collection, safe='')}/children"
        request = Request("list the documents", "GET", f"{self._repo}{path}")
        for wire in members(request, self.client.send(request)):
            if isinstance(wire, Mapping) and wire.get("type", "document") == "document":
                yield read_document(request, wire)

    def _upload(
        self, name: str, content: bytes, metadata: Mapping[str, Any], collection: str | None = None
    ) -> Task:
        """Create an entry and its content. The checksum goes last: an upload broken off has none.

        It is taken up again by the next one of the same name and content, so that no entry is left over.
        """
        checksum = _checksum(content)
        entry = self._begun.get((name, checksum))
        if entry is None:
            entry = self._new_entry(name, {**metadata, UPLOAD: checksum}, collection)
            self._begun[name, checksum] = entry
        try:
            self._put_content(entry, content)
        except RequestError as error:
            if error.http_status != 409 or not self._is_complete(entry, checksum):
                raise  # a task uses it that another run made, which had begun the upload, and ended it
        else:
            self._patch_checksum(entry, checksum)
        del self._begun[name, checksum]
        return entry

    def _is_complete(self, entry: Task, checksum: str) -> bool:
        request = Request(f"read document {entry.name!r}", "GET", self._entry_url(entry))
        return read_document(request, self.client.send(request)).fields.get("checksum") == checksum

    def _new_entry(self, name: str, metadata: Mapping[str, Any], collection: str | None) -> Task:
        path = "" if collection is None else f"/{quote(collection, safe='')}"
        body = {"name": name, "type": "document", "metadata": metadata}
        request = Request(f"create document {name!r}", "POST", f"{self._repo}{path}", json=body, writes=True)
        try:
            return read_document(request, self.client.send(request))
        except RequestError as error:
            if not error.unclear:
                raise
            entries = (entry for entry in self._entries(collection) if entry.name == name)
            begun = [entry for entry in entries if _begun_for(entry) == metadata[UPLOAD]]
            if len(begun) != 1:
                raise
            return begun[0]

    def _note_begun(self, entries: Iterable[Task]) -> None:
        """Note the uploads that were broken off."""
        for entry in entries:
            begun = _begun_for(entry)
            if begun is not None:
                self._begun.setdefault((entry.name, begun), entry)

    def _repeated(self, request: Request) -> None:
        """Send what may be done twice; once more, when it is not clear that it was done."""
        try:
            self.client.send(request)
        except RequestError as error:
            if not error.unclear:
                raise
            self.client.send(request)

    def _put_content(self, entry: Task, content: bytes) -> None:
        self._repeated(
            Request(
                f"upload the content of document {entry.name!r}",
                "PUT",
                f"{self._entry_url(entry)}/content",
                content=content,
                headers={"Content-Type": "application/octet-stream"},
                writes=True,
                may_be_empty=True,
                remedies={409: "Where a task uses the document, give the new content another name."},
            )
        )

    def _patch_checksum(self, entry: Task, checksum: str) -> None:
        self._repeated(
            Request(
                f"write the checksum of document {entry.name!r}",
                "PATCH",
                self._entry_url(entry),
                json={"metadata": {CHECKSUM: checksum}},
                writes=True,
                may_be_empty=True,
            )
        )

    def _entry_url(self, entry: Task) -> str:
        return f"{self._repo}/{quote(entry.id, safe='')}"

    def _set_metadata(self, url: str, task: Task, wanted: Mapping[str, Any], get: Callable[[], Task]) -> None:
        """Send the differing keys with PATCH; where they are not there then, all keys with PUT.

        Whether PATCH merges nested objects is not known, so what came of it is read.
        """
        before = metadata_of(task.wire)
        changed = {key: value for key, value in wanted.items() if key not in before or before[key] != value}
        what = f"change the metadata of {task.name!r}"
        bodies = {
            "PATCH": {"metadata": changed},
            "PUT": {"name": task.name, "metadata": {**before, **changed}},
        }
        for method, body in bodies.items():
            request = Request(
                what, method, url, json=body, writes=True, may_be_empty=True, remedies={409: _IF_STARTED}
            )
            if self._has_call(request) and same_metadata(changed, get().wire.get("metadata")):
                return
        raise RequestError(
            what,
            f"neither PATCH nor PUT gave it the wanted {', '.join(sorted(changed))}",
            "Look at the server what it has, and whether the account may change it.",
            request=f"PATCH {url}",
        )

    def _has_call(self, request: Request) -> bool:
        """Send a request; return whether the server has such a call."""
        try:
            self.client.send(request)
        except RequestError as error:
            if error.http_status not in _NO_SUCH_CALL:
                raise
            return False
        return True


class Connector(Operator):
    """A connector service and its tasks."""

    def __init__(self, client: Client, params: Mapping[str, Any]) -> None:
        super().__init__(client, params, params.get("input_service"))
        self.sid: str = params["service"]
        self._tasks = f"{self._root}/services/{quote(self.sid, safe='')}/tasks"
        self._known_words = state_words(params["state_words"])
        # Where the documents of a name and a checksum are that were found or uploaded.
        self._documents: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self._run = 1  # the number of the task that a create makes, among those of its name

    def resolve(self, desired: Desired) -> Desired:
        """Look for the files in the store: one whose name and checksum are there is not uploaded."""
        items = desired.fields.get("documents") or []
        if not any("path" in item for item in items):
            return desired
        entries = self.memory.recall(("entries", self._repo), lambda: list(self._entries()))
        self._note_begun(entries)
        for entry in entries:
            known = self._documents[entry.name, entry.fields.get("checksum", "")]
            href = href_of(entry.wire) or self._entry_path(entry)
            known += [href] if href not in known else []
        found = [self._with_href(item) for item in items]
        return replace(desired, fields={**desired.fields, "documents": found})

    def refreshed(self, desired: Desired) -> Desired:
        """Look for the files again: another run may have uploaded the same."""
        return self.resolve(desired)

    def matches(self, desired: Desired) -> list[Task]:
        """List the tasks of the name; the one that counts is read with its input list."""
        if desired.task_id is not None:
            task = self._find(desired.task_id, desired.label)
            return [] if task is None else [task]
        tasks = self._listing().called(desired.name)
        self._run = 1 + max((run_number(task) for task in tasks), default=0)
        if desired.state == "absent":
            return tasks
        chosen = _chosen(tasks)
        return [self.get(task) if task is chosen else task for task in tasks]

    def listing(self, params: Mapping[str, Any]) -> list[Task]:
        """List the tasks that pass the filters, with their input lists where these are wanted."""
        return [
            self._with_documents(self._read(task.id, task.name) or task) if params["input_lists"] else task
            for task in self._list()
            if params["task_id"] in (None, task.id) and params["name"] in (None, task.name)
        ]

    def fitting_ids(self, desired: Desired) -> set[str]:
        """Return the ids of the tasks of the name; they need not be read one by one."""
        if desired.task_id is not None:
            return {desired.task_id}
        return {task.id for task in self._listing().called(desired.name)}

    def prunable(self, params: Mapping[str, Any]) -> list[Task]:
        """Return the tasks of the service that carry this collection's marker."""
        return [task for task in self._listing().tasks if run_number(task)]

    def is_confirmed(self, desired: Desired) -> bool:
        """The input list of a new task is looked at, as it is what will be printed."""
        return "documents" not in desired.fields

    def get(self, task: Task) -> Task:
        """Read a task with its input list."""
        found = self._find(task.id, task.name)
        if found is None:
            raise AbsentError(
                f"read task {task.name!r}",
                f"the server no longer has the id {task.id}",
                "It may have been deleted meanwhile, or removed by the server after its end.",
                request=f"GET {self._url(task)}",
            )
        if found.state == convergence.UNKNOWN and self._params.get("wait"):
            raise RequestError(
                f"wait for task {task.name!r}",
                unknown_state(found).rstrip("."),
                "It was not stopped.",
                request=f"GET {self._url(task)}",
            )
        return found

    def create(self, desired: Desired) -> str | None:
        """Create the task with its input list in one call; this does not start it."""
        metadata = dict(desired.fields.get("metadata") or {})
        if self._params["marker"]:
            metadata[MARKER] = marker_of(desired.name, self._run)
        body = {
            "name": desired.name,
            "metadata": metadata,
            **{name: desired.fields[name] for name in ("type", "owner") if name in desired.fields},
        }
        if "documents" in desired.fields:
            items = [sent_item(item) for item in self._uploaded(desired.fields["documents"])]
            body["lists"] = {"input": {"embedded": {"listItems": items}}}
        request = Request(
            f"create task {desired.name!r}",
            "POST",
            self._tasks,
            json=body,
            writes=True,
            remedies={404: "Check service."},
        )
        return member(self.client.send(request), "tid") or None

    def created(self, desired: Desired, task_id: str) -> Task:
        """Read a new task, and make sure that it would print what was declared."""
        task = self.get(Task(task_id, desired.name, "", None, {}, {}))
        wanted = desired.fields.get("documents")
        if wanted is not None and not same_documents(self._uploaded(wanted), task.fields.get("documents")):
            raise RunFailedError(
                f"documents: the task {task.name!r} (id {task.id}) was created, but its input list is not "
                "as declared. Look at the server whether the documents exist and the account may use them.",
                {"changed": True, "action": "created"},
            )
        return task

    def update(self, task: Task, planned: Plan) -> None:
        """Change metadata and input list, each only where it differs."""
        if "metadata" in planned.fields:
            wanted = planned.fields["metadata"]
            self._set_metadata(self._url(task), task, wanted, lambda: self.get(task))
        if "documents" in planned.fields:
            self._set_documents(task, self._uploaded(planned.fields["documents"]))

    def act(self, verb: str, task: Task) -> None:
        """Start or delete a task."""
        if verb == "delete":
            remedies = {409: "Delete it when its run has ended."}
            request = self._request(f"delete task {task.name!r}", "DELETE", task, remedies=remedies)
            if not self._has_call(request) and any(task.id == other.id for other in self._list()):
                raise RequestError(
                    request.attempt,
                    "the server answers as if it had no such call, and still lists the task",
                    "Delete it in the server's own user interface.",
                    request=request.shown,
                )
            return
        remedies = {409: "Somebody may have started it meanwhile: look at the server."}
        path, body = "/action", {"action": verb}
        self.client.send(self._request(f"{verb} task {task.name!r}", "POST", task, path, body, remedies))

    def _listing(self) -> Listing:
        return self.memory.recall("tasks", lambda: Listing(self._list()))

    def _list(self) -> list[Task]:
        request = Request(
            f"list the tasks of {self.sid!r}", "GET", self._tasks, remedies={404: "Check url and service."}
        )
        wires = members(request, self.client.send(request))
        return [read_task(request, wire, self._known_words) for wire in wires]

    def _find(self, task_id: str, name: str) -> Task | None:
        """Return a task with its input list; the list of tasks decides whether it exists."""
        task = self._read(task_id, name) or next((one for one in self._list() if one.id == task_id), None)
        return None if task is None else self._with_outputs(self._with_documents(task))

    def _read(self, task_id: str, name: str) -> Task | None:
        """Read a task by its id; None where the server has not the call, or not the task."""
        wanted = Task(task_id, name, "", None, {}, {})
        request = replace(self._request(f"read task {name!r}", "GET", wanted), query={"embed": "input"})
        try:
            return read_task(request, self.client.send(request), self._known_words)
        except RequestError as error:
            if error.http_status not in _NO_SUCH_CALL:
                raise
        return None

    def _with_documents(self, task: Task) -> Task:
        """Add the input list where it did not come embedded."""
        if "documents" in task.fields:
            return task
        request = self._request(
            f"read the input list of task {task.name!r}",
            "GET",
            task,
            "/input",
            remedies=dict.fromkeys(_NO_SUCH_CALL, "This server does not tell it: leave documents out."),
        )
        try:
            items = read_items(request, members(request, self.client.send(request)))
        except RequestError as error:
            declared = isinstance(self._params.get("documents"), list)
            if error.http_status not in _NO_SUCH_CALL or declared:
                raise
            return task
        return replace(task, fields={**task.fields, "documents": items})

    def _with_outputs(self, task: Task) -> Task:
        """Add the output list of a task that has ended, for the one who waits for it."""
        if not self._params.get("wait") or task.state not in _ENDED:
            return task
        outputs = self._outputs(task)
        return task if outputs is None else replace(task, wire=with_outputs(task.wire, outputs))

    def _outputs(self, task: Task) -> list[Any] | None:
        """Read the output list, embedded or by itself; None where the server does not tell it."""
        whole = self._request(f"read the output list of task {task.name!r}", "GET", task)
        alone = replace(whole, url=f"{whole.url}/output")
        ways: tuple[tuple[Request, Callable[[Any], list[Any] | None]], ...] = (
            (replace(whole, query={"embed": "output"}), lambda wire: embedded_list(wire, "output")),
            (alone, lambda wires: members(alone, wires)),
        )
        for request, read in ways:
            try:
                found = read(self.client.send(request))
            except RequestError as error:
                # The run has ended; what it made is told where it can be.
                if error.retryable:
                    raise
                continue
            if found is not None:
                return found
        return None

    # Input list

    def _with_href(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add where the document is; it may be there more than once, and any of these will do."""
        known = self._documents.get((item.get("name", ""), item.get("checksum", "")))
        return {**item, "href": known[0], "equal": tuple(known)} if "path" in item and known else item

    def _uploaded(self, items: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Return the items with the hrefs of their documents, after uploading those that are not there."""
        for item in items:
            if "href" not in self._with_href(item):
                key = (item["name"], item["checksum"])
                href = self.memory.recall(("upload", self._repo, *key), partial(self._href_of_upload, item))
                self._documents[key].append(href)
        return [self._with_href(item) for item in items]

    def _href_of_upload(self, item: Mapping[str, Any]) -> str:
        entry = self._upload(item["name"], _read(item["path"], "documents"), {})
        return href_of(entry.wire) or self._entry_path(entry)

    def _entry_path(self, entry: Task) -> str:
        return urlsplit(self._entry_url(entry)).path

    def _set_documents(self, task: Task, wanted: list[Mapping[str, Any]]) -> None:
        """Bring the input list to the wanted order with the fewest calls.

        Where an item is to be inserted is told in the query, which is inference: the list is read
        afterwards, and what is not in its place then is deleted and appended in the right order.
        """
        for make_plan in (shortest_plan, appending_plan):
            self._carry_out(task, make_plan(task.fields.get("documents") or [], wanted, same_item))
            task = self.get(task)
            if same_documents(wanted, task.fields.get("documents")):
                return
        raise RequestError(
            f"change the documents of task {task.name!r}",
            "the server accepted the changes, and its list is not as wanted",
            "Look at the server whether somebody else changes the list at the same time.",
            request=f"POST {self._url(task)}/input",
        )

    def _carry_out(self, task: Task, planned: ListPlan) -> None:
        """Delete and insert; stop where an item was put elsewhere, as the next indexes would be wrong."""
        for index in planned.deletions:
            request = self._request(
                f"remove document {index} from task {task.name!r}", "DELETE", task, f"/input/{index}"
            )
            self.client.send(request)
        for insertion in planned.insertions:
            request = self._request(
                f"add document {insertion.index} to task {task.name!r}",
                "POST",
                task,
                "/input",
                sent_item(insertion.item),
            )
            place = {} if insertion.at_end else {"index": insertion.index}
            reply = self.client.send(replace(request, query=place))
            put_at = reply.get("index") if isinstance(reply, Mapping) else None
            if place and put_at not in (None, insertion.index):
                return

    def _request(
        self,
        attempt: str,
        method: str,
        task: Task,
        path: str = "",
        json: Mapping[str, Any] | None = None,
        remedies: Mapping[int, str] | None = None,
    ) -> Request:
        reads = method == "GET"
        return Request(
            attempt,
            method,
            f"{self._url(task)}{path}",
            json=json,
            writes=not reads,
            may_be_empty=not reads,
            remedies={409: _IF_STARTED} if remedies is None else remedies,
        )

    def _url(self, task: Task) -> str:
        return f"{self._tasks}/{quote(task.id, safe='')}"


class Documents(Operator):
    """The document store of a server."""

    def matches(self, desired: Desired) -> list[Task]:
        """Return the documents of the name, or the one with the id."""
        if desired.task_id is not None:
            found = self._with_id(desired)
        else:
            found = [
                entry for entry in self._entries(self._params["collection"]) if entry.name == desired.name
            ]
        if desired.state == "absent" and not self._params["force"] and len(found) == 1:
            return [replace(found[0], state=_IN_USE if self._is_used(found[0]) else _UNUSED)]
        return found

    def listing(self, params: Mapping[str, Any]) -> list[Task]:
        """List the documents of the root or of a collection."""
        return list(self._entries(params["collection"]))

    def get(self, task: Task) -> Task:
        """Read a document's entry."""
        request = Request(f"read document {task.name!r}", "GET", self._entry_url(task))
        return read_document(request, self.client.send(request))

    def create(self, desired: Desired) -> str | None:
        """Create the entry and upload its content."""
        metadata = desired.fields.get("metadata") or {}
        return self._upload(desired.name, _content(self._params), metadata, self._params["collection"]).id

    def created(self, desired: Desired, task_id: str) -> Task:
        """Read a new document."""
        return self.get(Task(task_id, desired.name, "", None, {}, {}))

    def update(self, task: Task, planned: Plan) -> None:
        """Replace the content and change the metadata, each only where it differs."""
        if "checksum" in planned.fields:
            self._replace_content(task, planned.fields["checksum"])
        if "metadata" in planned.fields:
            self._set_metadata(
                self._entry_url(task), self.get(task), planned.fields["metadata"], lambda: self.get(task)
            )

    def act(self, verb: str, task: Task) -> None:
        """Delete a document."""
        request = Request(
            f"{verb} document {task.name!r}",
            "DELETE",
            self._entry_url(task),
            writes=True,
            may_be_empty=True,
            remedies={409: "Delete the tasks first that use it."},
        )
        try:
            self.client.send(request)
        except AbsentError:
            return  # somebody else deleted it since it was read

    def _with_id(self, desired: Desired) -> list[Task]:
        try:
            return [self.get(Task(desired.task_id or "", desired.label, "", None, {}, {}))]
        except AbsentError:
            list(self._entries())  # a wrong url or service is an error here, and no absence
        if desired.state == "present":
            raise UnreachableStateError(
                f"document_id: no document has the id {desired.task_id!r}, and ids are given by the server. "
                "Remove document_id to create the document."
            )
        return []

    def _replace_content(self, entry: Task, checksum: str) -> None:
        """Put other content; meanwhile no checksum stands there that might be wrong afterwards."""
        old = entry.fields.get("checksum", "")
        if old:
            self._patch_checksum(entry, "")
        try:
            self._put_content(entry, _content(self._params))
        except RequestError as error:
            if old and not error.unclear:
                self._patch_checksum(entry, old)
            raise
        self._patch_checksum(entry, checksum)

    def _is_used(self, entry: Task) -> bool:
        """Ask whether a task uses the document; two forms of the question are known to none."""
        href = href_of(entry.wire) or urlsplit(self._entry_url(entry)).path
        try:
            return href not in self._inactive([href])
        except RequestError as error:
            if error.http_status != 400:
                raise
        return href not in self._inactive({"hrefs": [href]})

    def _inactive(self, question: Any) -> set[str]:
        request = Request(
            "find out whether a task uses the document",
            "POST",
            f"{self._root}/repo/inactives",
            json=question,
            remedies=dict.fromkeys((400, *_NO_SUCH_CALL), _USE_FORCE),
        )
        answers = members(request, self.client.send(request))
        hrefs = [item.get("href") if isinstance(item, Mapping) else item for item in answers]
        return {path_of(href) for href in hrefs if isinstance(href, str)}


def _begun_for(entry: Task) -> str | None:
    """Return the checksum of the content whose upload was begun, where it was not ended."""
    begun = metadata_of(entry.wire).get(UPLOAD)
    return begun if isinstance(begun, str) and "checksum" not in entry.fields else None


def _connected(params: Mapping[str, Any], read_only: bool, secrets: Secrets) -> Client:
    """Return a client with the way to log in that the options call for."""
    conn = connection(params)
    if params["issuer"] is not None:
        _check_issuer(params["issuer"], conn.url)
    for name in ("password", "token", "client_secret"):
        secrets.add(params[name])
    client = Client(conn, read_reply, read_only=read_only, secrets=secrets)
    can_log_in = params["username"] is not None or params["client_secret"] is not None
    client.auth = HeaderToken(params["token"], OpenIdLogin(client, params).log_in if can_log_in else None)
    return client


def _check_issuer(issuer: str, url: str) -> None:
    try:
        checked_url(issuer)
    except OptionError:
        raise OptionError(
            "issuer", issuer, "is not a usable URL", "Give it as https://host[:port]/realms/SEAL."
        ) from None
    if _goes_plain(url, issuer):
        raise OptionError(
            "issuer", issuer, "is not https, as url is", "Credentials are sent there: give an https URL."
        )


def _goes_plain(url: str, other: str) -> bool:
    return urlsplit(url).scheme == "https" and urlsplit(other).scheme != "https"


def _check_named(params: Mapping[str, Any], *options: str) -> None:
    for option in options:
        if params[option] is not None and not params[option].strip():
            raise OptionError(option, params[option], "is empty", f"Leave {option} out, or fill it.")


def _check_runs(params: Mapping[str, Any]) -> None:
    """Refuse what has no meaning without a start, and reruns that could not be told apart."""
    if params["state"] != "started":
        for option, off in (("wait", False), ("rerun", "never")):
            if params[option] != off:
                raise OptionError(
                    option,
                    params[option],
                    f"has no meaning with state: {params['state']}",
                    f"Set state: started, or leave {option} out.",
                )
    if params["rerun"] != "never" and (params["task_id"] is not None or not params["marker"]):
        raise OptionError(
            "rerun",
            params["rerun"],
            "makes a new task of the same name, which needs name and marker: true to be found again",
            "Give name instead of task_id, and leave marker out.",
        )


def _check_metadata(metadata: Mapping[str, Any] | None, ours: str) -> None:
    if metadata is not None and ours in metadata:
        raise OptionError("metadata", ours, "is a key that these modules use themselves", "Use another key.")


def _declared_item(item: Mapping[str, Any], option: str) -> dict[str, Any]:
    """Read one entry of ``documents``; a file is known by its name and its content."""
    _check_named(item, "name")
    metadata = {} if item["metadata"] is None else {"metadata": item["metadata"]}
    if item["path"] is not None:
        name = item["name"] or os.path.basename(item["path"])
        content = _read(item["path"], f"{option}.path")
        return {"path": item["path"], "name": name, "checksum": _checksum(content), **metadata}
    href = path_of(item["href"])
    if not re.search(r"^/.*/repo/[^/]+$", href):
        raise OptionError(
            f"{option}.href",
            item["href"],
            "does not lead to a document",
            "Give it as seal_document returns it: /v1/services/operator-fileupload/repo/<id>.",
        )
    return {"href": href, **metadata}


def _content(params: Mapping[str, Any]) -> bytes:
    if params["content"] is not None:
        return str(params["content"]).encode()
    return _read(params["path"], "path")


def _read(path: str, option: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise OptionError(
            option,
            path,
            f"cannot be read ({error.strerror})",
            "Give the path of a file on the machine where the module runs.",
        ) from None


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _distrusted(request: Request, problem: str) -> LoginError:
    return LoginError(
        request.attempt,
        f"{problem}, so no credentials were sent",
        "Set issuer to the issuer that you trust, and have the server's configuration corrected.",
        request=request.shown,
    )


def _chosen(tasks: Sequence[Task]) -> Task | None:
    """Return the task that counts among those of one name: the newest of ours, or the only one."""
    newest = max(map(run_number, tasks), default=0)
    candidates = [task for task in tasks if run_number(task) == newest]
    return candidates[0] if len(candidates) == 1 else None


def _same_if_shown(wanted: Any, existing: Any) -> bool:
    """Compare a property whose name in answers is not certain: unseen, it counts as the same."""
    return existing is None or bool(wanted == existing)


def _with(existing: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {**(existing or {}), **wanted}


VENDOR = Seal()
DOCUMENTS = SealDocuments()
