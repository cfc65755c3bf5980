# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of Sphinx for the documentation site, see tools/docs.py."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

project = "taskbridge.vendors"
html_title = project
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
html_use_index = False
html_theme = "sphinx_ansible_theme"
html_theme_options = {
    "topbar_links": {},
    "show_extranav": False,
    "show_rtd_ethical_ads": False,
}
html_static_path = ["static"]
html_css_files = ["site.css"]
pygments_style = "ansible"
highlight_language = "YAML+Jinja"

extensions = ["sphinx_antsibull_ext"]
default_role = "any"
nitpicky = True
# It lists variables of plugins that have settings. Modules have none, and our own page lists theirs.
exclude_patterns = ["environment_variables.rst"]

# Pages of Ansible's own documentation that antsibull-docs refers to. An inventory of all its pages would have
# to be downloaded for each build.
ANSIBLE_PAGES = {
    "action_plugins": "plugins/action.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}


def link_to_ansible(app: Sphinx, env: Any, node: Any, text: Any) -> nodes.reference | None:
    """Return a link to a page of Ansible's own documentation."""
    page = ANSIBLE_PAGES.get(node["reftarget"])
    address = f"https://docs.ansible.com/projects/ansible/latest/{page}"
    return nodes.reference("", "", text, refuri=address, internal=False) if page else None


def name_the_start(_app: Sphinx, _name: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Let the top of each page link to the site's own start, not to the root of its server."""
    context["theme_documentation_home_url"] = context["pathto"](context["root_doc"])


def setup(app: Sphinx) -> None:
    """Register what is ours with Sphinx."""
    app.connect("html-page-context", name_the_start)
    app.connect("missing-reference", link_to_ansible)
