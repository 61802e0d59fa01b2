"""Pages from templates: every text in them is escaped, and everything that does not print is spelled out."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import planner
from planner.model.occurrence import Occurrence
from planner.report.escape import visible

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

_JOINTS = re.compile(r"(?<=/)(?=[^/])|(?=@)")


def template(name: str, words: Mapping[str, object]) -> "Template":
    """One of our templates, with what it may call."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def finalize(value: object) -> object:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=FileSystemLoader(_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= words
    return environment.get_template(name)


def own_files(folder: str, names: Iterable[str]) -> "Markup":
    """Styles or scripts that lie in a folder beside the templates, to be put into a page as they are."""
    from markupsafe import Markup

    suffix = {"style": ".css", "script": ".js"}[folder]
    texts = ((_folder() / folder / f"{name}{suffix}").read_text("utf-8") for name in names)
    return Markup("".join(texts))  # noqa: S704 - our own files


def commands(text: str) -> "Markup":
    """The text with what stands in backticks as code; what has blanks in it, a command, in a line of its own.

    What ends a clause after such a line would be copied with it or stand alone, so it goes, and a sentence begins.
    """
    from markupsafe import Markup

    parts = text.split("`")
    if len(parts) % 2 == 0:
        return Markup("{}").format(visible(text))
    line, word, plain = Markup('<code class="command">{}</code>'), Markup("<code>{}</code>"), Markup("{}")
    html = Markup()
    for n, part in enumerate(map(visible, parts)):
        is_after_line = n % 2 == 0 and n > 0 and " " in parts[n - 1]
        kind = plain if n % 2 == 0 else line if " " in part else word
        html += kind.format(_sentence(part) if is_after_line else part)
    return html


def _sentence(rest: str) -> str:
    text = rest.lstrip(".;, ")
    return text[:1].upper() + text[1:]


def prose(text: str) -> "Markup":
    """The text with what stands in backticks as code within the line."""
    from markupsafe import Markup

    parts = text.split("`")
    if len(parts) % 2 == 0:
        return Markup("{}").format(visible(text))
    kinds = (Markup("{}"), Markup("<code>{}</code>"))
    return Markup().join(kinds[n % 2].format(visible(part)) for n, part in enumerate(parts))


def marked(place: Occurrence) -> "Markup":
    """The line of the file with the digest, or the whole reference, marked; the reference where no line is known."""
    from markupsafe import Markup

    shown = place.excerpt or place.raw
    wanted = next((text for text in (place.reference.digest, place.raw) if text and text in shown), "")
    before, found, after = shown.partition(wanted) if wanted else (shown, "", "")
    return breakable(before) + (Markup("<mark>{}</mark>").format(visible(found)) if found else "") + breakable(after)


def breakable(text: str) -> "Markup":
    """A name or path that lines break where its parts meet, not within them."""
    from markupsafe import Markup

    return Markup("<wbr>").join(_JOINTS.split(visible(text)))


def _folder() -> Path:
    """In the wheel the templates are in the package, in the source tree beside it."""
    package = Path(planner.__file__).parent
    return package / "templates" if (package / "templates").is_dir() else package.parent / "templates"
