"""PowerShell scripts: what container tools are told to pull, with the variables that the script sets.

Read as a shell script would be, after what PowerShell writes otherwise is put as a shell writes it.
"""

import re
from collections.abc import Iterator

from planner.extract import scripts
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.shell_script import occurrences
from planner.extract.syntax.comments import blanked
from planner.extract.written import written
from planner.model.source import SourceFile

_COMMENTS = re.compile(
    r"""@"\r?\n.*?(?:\n"@|\Z)|@'\r?\n.*?(?:\n'@|\Z)|"(?:[^"`]|`.)*"?|'[^']*'?|(?P<comment><\#.*?(?:\#>|\Z)|(?<![^\s;{(])\#[^\n]*)""",
    re.DOTALL,
)
_CONTINUED = re.compile(r"`(?=[ \t]*\r?\n)")
_ENVIRONMENT = re.compile(r"(?i:\$(\{?)(env|script|global|local|private):)(?=\w)")
_VARIABLE = re.compile(r"\$\{?\w+")
_SEPARATOR = re.compile(r"""(?<=["'])([ \t]*),""")
_SETTING = re.compile(r"""(?:\[\w+(?:\[\])?\][ \t]*)?\$(\w+)([ \t]*=[ \t]*@?)(?=["'(])""")


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    clean = SourceFile(source.path, _as_shell(blanked(source, _COMMENTS).text))
    return occurrences(clean, scripts.pulls(written(clean, 0, len(clean.text)), tags=tags), "powershell", tags)


def _as_shell(text: str) -> str:
    """The script with continuations, names and assignments as a shell writes them; every character keeps its place."""
    text = _CONTINUED.sub(r"\\", text)
    text = _ENVIRONMENT.sub(lambda found: f"${found[1]}{found[2].lower()}_", text)
    text = _VARIABLE.sub(lambda found: found[0].lower(), text)  # names in PowerShell have no case
    text = _SEPARATOR.sub(r"\1 ", text)
    return _SETTING.sub(lambda found: f"{found[1]}=".rjust(len(found[0])), text)


register(
    Format(
        name="powershell",
        title="PowerShell",
        claims=lambda source: source.path.lower().endswith((".ps1", ".psm1")),
        extract=_extract,
        files="*.ps1, *.psm1",
        example=Example("up.ps1", "docker run --rm `\n  registry.example/app:1@sha256:… serve\n"),
    )
)
