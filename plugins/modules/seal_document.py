# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep a document in the document store of SEAL Operator"""

from __future__ import annotations

DOCUMENTATION = r"""
module: seal_document
short_description: Keep a document in the document store of SEAL Operator
version_added: 0.1.0
author:
  - taskbridge.vendors contributors (@taskbridge)
description:
  - Uploads a document to the document store of SEAL Operator, replaces its content and metadata, and deletes it.
  - The document is found by O(name). Its content is compared by its SHA-256, which is kept in the metadata key
    C(taskbridge_sha256); a document without that key counts as one with other content. Another key, C(taskbridge_upload), tells
    a later run what was being uploaded when an upload was broken off.
  - The store may keep several documents of one name. Where that is so, the one with the declared content is taken; if that does not
    single out one, nothing is done and the ids are listed.
options:
  service:
    description:
      - The service that stores documents. It is not that of a task, so O(service) does not belong in C(module_defaults) of the
        group; set E(SEAL_OPERATOR_SERVICE) there, which this module does not read.
    type: str
    default: operator-fileupload
  state:
    description:
      - V(present) - the document exists with the declared content and metadata.
      - V(absent) - the document does not exist. One that a task uses is not deleted, unless O(force=true).
    type: str
    choices: [present, absent]
    default: present
  document_id:
    description:
      - The id of an existing document (C(uuid)), to choose among several of one name.
      - One of O(name), O(path) and O(document_id) is needed.
    type: str
  name:
    description:
      - The name of the document. If not set, the name of the file O(path).
    type: str
  path:
    description:
      - A file with the content, on the machine where the module runs. O(path) or O(content) is needed to create a document.
    type: path
  content:
    description:
      - The content itself, sent as UTF-8.
    type: str
  metadata:
    description:
      - Metadata of the document. Only the keys that are given are compared and changed, each with its whole value; others stay.
    type: dict
  collection:
    description:
      - The id of the collection that the document is in. If not set, the root of the store.
    type: str
  force:
    description:
      - Whether to delete a document without asking the server whether a task uses it.
    type: bool
    default: false
attributes:
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
notes:
  - The question whether a task uses a document is documented by its path alone (C(POST /repo/inactives)); what is sent and read rests
    on inference.
  - An upload that was broken off leaves a document without its checksum. The next run uploads the content to the same document.
seealso:
  - module: taskbridge.vendors.seal_task
extends_documentation_fragment:
  - taskbridge.vendors.seal
  - taskbridge.vendors.connection
  - taskbridge.vendors.raw
  - taskbridge.vendors.secret_keys
  - taskbridge.vendors.attributes
  - taskbridge.vendors.attributes.task
  - taskbridge.vendors.seal.actiongroup
"""

EXAMPLES = r"""
# The examples expect SEAL_OPERATOR_URL, SEAL_OPERATOR_USERNAME and SEAL_OPERATOR_PASSWORD in the environment, and
# SEAL_OPERATOR_CLIENT_SECRET where the OpenID Connect client has one.

- name: Keep a cover sheet
  taskbridge.vendors.seal_document:
    name: cover.txt
    content: |
      Documents of the night
    metadata:
      language: en

- name: Keep a file, under its own name
  taskbridge.vendors.seal_document:
    path: /etc/hosts

- name: Delete a document, if no task uses it
  taskbridge.vendors.seal_document:
    name: old.txt
    state: absent
"""

RETURN = r"""
action:
  description: What was done, or would be done in check mode. One of V(created), V(updated), V(deleted) and V(unchanged).
  type: str
  returned: success
  sample: created
document:
  description: The document as the server has it afterwards.
  type: dict
  returned: success, unless the document is absent
  contains:
    id:
      description: The server's id of the document (C(uuid)). Absent in check mode for a document that would be created.
      type: str
      returned: when known
    name:
      description: The name of the document.
      type: str
      returned: always
    vendor:
      description: The vendor's key.
      type: str
      returned: always
    href:
      description: What the option O(taskbridge.vendors.seal_task#module:documents[].href) takes.
      type: str
      returned: when known
    checksum:
      description: The SHA-256 of the content, where it was uploaded by this collection.
      type: str
      returned: when known
    metadata:
      description: The metadata of the document, without the checksum.
      type: dict
      returned: when known
    raw:
      description: The vendor's own object; what is named like a secret is masked.
      type: dict
      returned: when O(include_raw=true)
  sample:
    id: 3f0cb13c-2a5b-4f54-a2c6-0ad30a7c1b9b
    name: hello.txt
    vendor: seal
    href: /v1/services/operator-fileupload/repo/3f0cb13c-2a5b-4f54-a2c6-0ad30a7c1b9b
    checksum: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
    metadata:
      language: en
diff:
  description: Name, checksum and metadata before and after.
  type: dict
  returned: success
  contains:
    before:
      description: The values that the server had; empty for a new document.
      type: dict
      returned: always
    after:
      description: The values that were declared; empty for a deleted document.
      type: dict
      returned: always
  sample:
    before: {}
    after:
      name: hello.txt
      checksum: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
candidates:
  description: The ids of the documents that all fit the declaration.
  type: list
  elements: str
  returned: when several documents fit, which fails the module
  sample: [3f0cb13c-2a5b-4f54-a2c6-0ad30a7c1b9b, 9e0a4c0d-54ad-4c9c-9f52-7f6f0f1e1c55]
error:
  description: What a playbook can branch on after a failed request.
  type: dict
  returned: on failure of a request
  contains:
    vendor_code:
      description: The vendor's error code.
      type: raw
      returned: always
    http_status:
      description: The HTTP status of the answer.
      type: int
      returned: always
    request:
      description: Method and URL of the request, without secrets.
      type: str
      returned: always
    retryable:
      description: Whether the same call may succeed later, and repeating it is safe.
      type: bool
      returned: always
    unclear:
      description: That it cannot be known whether the server acted.
      type: bool
      returned: when it is so
  sample:
    vendor_code: ERR_CONFLICT
    http_status: 409
    request: PATCH https://operator.example.com:3008/v1/services/operator-p4/tasks/cf5bfb0d-7861-499e-ad29-704f3ba1943c
    retryable: false
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.taskbridge.vendors.plugins.module_utils._runner import task_module
from ansible_collections.taskbridge.vendors.plugins.module_utils._vendors.seal import DOCUMENTS

MODULE = task_module(DOCUMENTS)


def main() -> None:
    """Run the module."""
    MODULE.run(MODULE.program(AnsibleModule))


if __name__ == "__main__":
    main()
