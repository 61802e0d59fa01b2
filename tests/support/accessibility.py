"""axe-core on an open page: what it finds against WCAG 2.2 AA and its own best practices."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_OPTIONS = {
    "runOnly": {"type": "tag", "values": _TAGS},
    "rules": {"target-size": {"enabled": True}},  # the one rule of WCAG 2.2, off unless it is asked for
    "resultTypes": ["violations", "incomplete"],
}
# Contrast of what a sticky head or column covers in part cannot be seen from there; it is the same as that of the rest.
# Nor can axe see what is behind the text of an SVG.
_UNSEEN = {"elmPartiallyObscured", "elmPartiallyObscuring", "bgOverlap", "imgNode"}
# Symbols are text here, with colours that must be seen. Options that are given replace all that there are.
_SEE_SYMBOLS = """
const options = {...axe._audit.checks['color-contrast'].options, ignoreUnicode: false};
axe.configure({checks: [{id: 'color-contrast', options}]});
"""


def violations(page: Page) -> list[str]:
    """What is wrong, or could not be decided, a line for each element; what is folded is unfolded first."""
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_axe())
        page.evaluate(_SEE_SYMBOLS)
    found = page.evaluate(f"axe.run(document, {json.dumps(_OPTIONS)})")
    assert found["passes"]
    wrong = [_told(rule, node) for rule in found["violations"] for node in rule["nodes"]]
    undecided = [_told(rule, rule["nodes"][0]) for rule in found["incomplete"] if not _is_unseen(rule)]
    return wrong + [f"undecided: {told}" for told in undecided]


def _told(rule: Any, node: Any) -> str:
    return f"{rule['id']}: {node['html']}: {rule['help']}"


def _is_unseen(rule: Any) -> bool:
    if rule["id"] == "th-has-data-cells":  # axe does not look for the cells of a header with scope=rowgroup
        return all('scope="rowgroup"' in node["html"] or "<table" in node["html"] for node in rule["nodes"])
    checks = [check for node in rule["nodes"] for check in node["any"]]
    keys = {(check["data"] or {}).get("messageKey") for check in checks}
    return rule["id"] == "color-contrast" and keys <= _UNSEEN


@cache
def _axe() -> str:
    """The library, from the Python package that keeps a copy of it; planner's policy lets no page load a script."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
