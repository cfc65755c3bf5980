# Copyright (c) 2026, taskbridge.vendors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation site into ``.cache/docs/html``, without a warning and without a dead internal link.

It has the guides of ``docs/docsite``, and a page for each module, filter and role of the collection.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import unquote, urlsplit

import yaml

from tools.install_collection import install
from tools.project import CACHE, NAME, NAMESPACE, ROOT, ansible_environment

SITE = CACHE / "docs"
RST, HTML = SITE / "rst", SITE / "html"
PAGES = "antsibull-docs collection --use-current --squash-hierarchy --fail-on-error --cleanup everything"
SPHINX = "sphinx-build --builder html --fail-on-warning --keep-going --fresh-env --quiet"


class Page(HTMLParser):
    """What a page links to, and what in it can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the links and the anchors of an element."""
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            elif name == "id" and value:
                self.anchors.add(value)


def dead_links(pages: Mapping[str, Page], files: set[str], repository: str) -> Iterator[str]:
    """Yield the links that lead nowhere: within the site, and to files of the repository.

    ``pages`` are those of the site by path; ``files`` are all others, those of the repository by address.
    """
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                if link.startswith(repository) and link not in files:
                    yield f"{name}: {link}"
                continue
            path = normpath(PurePosixPath(name).parent / unquote(parts.path)) if parts.path else name
            target = pages.get(path)
            if (target is None and path not in files) or (
                target is not None and parts.fragment and unquote(parts.fragment) not in target.anchors
            ):
                yield f"{name}: {link}"


def check_links() -> list[str]:
    """Return the dead links of the site."""
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    repository = f"{galaxy['repository']}/blob/main/"
    found = {path.relative_to(HTML).as_posix(): path for path in HTML.rglob("*") if path.is_file()}
    pages = {
        name: Page(path.read_text(encoding="utf-8")) for name, path in found.items() if path.suffix == ".html"
    }
    sources = subprocess.run(["git", "-C", ROOT, "ls-files"], check=True, capture_output=True, text=True)
    files = {*found, *(repository + name for name in sources.stdout.splitlines())} - set(pages)
    return list(dead_links(pages, files, repository))


def run(command: str, *arguments: str | Path) -> None:
    """Run a program of this virtual environment, and stop when it fails."""
    program, *options = command.split()
    path = Path(sys.executable).with_name(program)
    environment = ansible_environment()
    done = subprocess.run([path, *options, *arguments], cwd=SITE, env=environment, check=False)
    if done.returncode:
        sys.exit(f"docs: {program} failed")


def main() -> None:
    install()
    # antsibull-docs wants a directory that only we can write into.
    RST.mkdir(parents=True, exist_ok=True)
    RST.chmod(0o755)
    run(PAGES, "--dest-dir", RST, f"{NAMESPACE}.{NAME}")
    run(SPHINX, "--conf-dir", ROOT / "tests" / "docsite", "--doctree-dir", SITE / "doctrees", RST, HTML)
    dead = check_links()
    if dead:
        sys.exit("\n".join(["docs: dead links:", *dead]))
    print(f"docs: {(HTML / 'index.html').relative_to(ROOT)}, {len(list(HTML.rglob('*.html')))} pages")


if __name__ == "__main__":
    main()
