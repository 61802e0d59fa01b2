"""How ./scripts/site makes the site of the Markdown files here, which read as well on a forge."""

import os
import re

from sphinx.application import Sphinx

import planner

project = "planner"
copyright = "the authors of planner"  # noqa: A001 - Sphinx's name
version = release = planner.__version__
extensions = ["myst_parser"]
exclude_patterns = ["conf.py"]
nitpicky = True
smartquotes = False  # --flag is no dash

myst_heading_anchors = 6  # the forge's anchors, which links between pages use
suppress_warnings = ["misc.highlighting_failure"]  # examples have … where something is left out

html_theme = "furo"
html_title = f"planner {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False

# Where the files of the repository are shown, as far as their folder; without it, links that leave docs/ are words.
REPOSITORY = os.environ.get("PLANNER_REPOSITORY", "").rstrip("/")
_LEAVING = re.compile(r"\[([^\][]+)\]\(((?:\.\./)+)([^)\s]+)\)")


def _links_out_of_docs(_app: Sphinx, page: str, source: list[str]) -> None:
    """Point what leaves docs/ to the repository, since a site has no such files."""

    def pointed(link: re.Match[str]) -> str:
        words, up, path = link.groups()
        if len(up) // 3 <= page.count("/"):  # still in docs/
            return link[0]
        return f"[{words}]({REPOSITORY}/{path})" if REPOSITORY else words

    source[0] = _LEAVING.sub(pointed, source[0])


def _contents(app: Sphinx, page: str, source: list[str]) -> None:
    """Make the lists of index.md, which a forge shows too, the contents of the site; what is in none comes last."""
    if page != "index":
        return
    sections = {
        section.partition("\n")[0]: re.findall(r"^- \[[^\]]+\]\(([^)]+)\.md\)", section, re.MULTILINE)
        for section in source[0].split("\n## ")[1:]
    }
    sections["More"] = sorted(app.env.found_docs - {"index"}.union(*sections.values()))
    for caption, files in sections.items():
        if files:
            source[0] += "\n".join(["\n```{toctree}", ":hidden:", f":caption: {caption}", "", *files, "```\n"])


def setup(app: Sphinx) -> None:
    app.connect("source-read", _links_out_of_docs)
    app.connect("source-read", _contents)
