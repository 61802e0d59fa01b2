"""The files below share/, which the wheel brings: the man page, and completion for bash, zsh and fish."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap

from _commands import ENVIRONMENT, FILES, Command, commands

from planner import __version__
from planner.errors import EXIT_MEANINGS
from planner.knowledge import load_knowledge

# compinit loads the file as the body of _planner, at the first completion, which is then still to be done.
_ZSH_FIRST = '\nif [[ ${funcstack[1]} == _planner ]]; then _planner_completion "$@"; fi\n'
# `--format=ht`: bash makes three words of it, the middle one without a meaning; zsh completes what is after `=`.
_BASH_EQUALS = (
    """    COMPREPLY=( $( env COMP_WORDS="${COMP_WORDS[*]}" \\
                   COMP_CWORD=$COMP_CWORD \\
""",
    """    local words=() cword=$COMP_CWORD i
    for i in "${!COMP_WORDS[@]}"; do
        if [[ ${COMP_WORDS[i]} == "=" && $i -lt $COMP_CWORD ]]; then
            ((cword -= 1))
        else
            words+=("${COMP_WORDS[i]}")
        fi
    done
    COMPREPLY=( $( env COMP_WORDS="${words[*]}" \\
                   COMP_CWORD=$cword \\
""",
)
_ZSH_EQUALS = (
    "_planner_completion() {\n",
    "_planner_completion() {\n  [[ ${words[CURRENT]} == --*=* ]] && compset -P '*='\n",
)
_ROFF = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "^": "\\(ha", "~": "\\(ti", "`": ""}


def files() -> dict[str, str]:
    """Each file with its text."""
    return {
        "share/man/man1/planner.1": "\n".join(_page(commands())) + "\n",
        "share/bash-completion/completions/planner": _with(_completion("bash"), *_BASH_EQUALS),
        "share/zsh/site-functions/_planner": _with(_completion("zsh"), *_ZSH_EQUALS) + _ZSH_FIRST,
        "share/fish/vendor_completions.d/planner.fish": _completion("fish"),
    }


def _completion(shell: str) -> str:
    """What Typer has for a shell."""
    planner = Path(sys.executable).with_name("planner")
    asked = os.environ | {"_PLANNER_COMPLETE": f"source_{shell}"}
    return subprocess.run([planner], env=asked, capture_output=True, text=True, check=True).stdout.strip() + "\n"


def _with(script: str, theirs: str, ours: str) -> str:
    """A script with a part of Typer's changed; fails where Typer has another."""
    before, between, after = script.partition(theirs)
    assert between, script
    return before + ours + after


def _page(every: list[Command]) -> Iterator[str]:
    whole, *rest = every
    # The page says what planner knows; that has a date, and the page none of its own.
    known = max(each.checked for each in load_knowledge().engines.values())
    yield f'.TH PLANNER 1 "{known}" "planner {__version__}" "User Commands"'
    yield from (".SH NAME", "planner \\- finds the image pulls, pinned by digest, that an upgrade will break")
    yield from (".SH SYNOPSIS", f".B {_roff(whole.usage)}")
    yield from (".SH DESCRIPTION", *_prose(whole.summary))
    yield from _examples(whole)
    for paragraph in whole.paragraphs:
        yield from (".PP", *_prose(paragraph))
    yield from _parameters(whole)
    yield ".SH COMMANDS"
    for command in rest:
        yield from (f".SS {_roff(command.name)}", *_prose(command.summary))
        yield from _examples(command)
        for paragraph in command.paragraphs:
            yield from (".PP", *_prose(paragraph))
        yield from (".PP", f".B {_roff(command.usage)}")
        yield from _parameters(command)
    yield ".SH EXIT STATUS"
    yield "Of planner scan; where a command has others, it says so above."
    yield from _list({str(code.value): meaning for code, meaning in EXIT_MEANINGS.items()})
    yield from (".SH FILES", *_list(FILES))
    yield from (".SH ENVIRONMENT", *_list(ENVIRONMENT))
    yield from (".SH SEE ALSO", ".BR skopeo (1)")


def _examples(command: Command) -> Iterator[str]:
    if command.examples:
        yield from (".PP", ".nf", *map(_roff, command.examples), ".fi")


def _parameters(command: Command) -> Iterator[str]:
    yield from _list({each.names: each.means for each in command.parameters})


def _list(entries: Mapping[str, str]) -> Iterator[str]:
    for name, means in entries.items():
        yield from (".TP", f".B {_roff(name)}", *_prose(means))


def _prose(text: str) -> Iterator[str]:
    """A paragraph, in lines of the length that linters of man pages want."""
    yield from map(_roff, wrap(text, 70, break_long_words=False, break_on_hyphens=False))


def _roff(text: str) -> str:
    """Text as it shall be read: nothing in it is a request, and what is copied from the page is ASCII."""
    plain = "".join(_ROFF.get(each, each if each.isascii() else f"\\[u{ord(each):04X}]") for each in text)
    return re.sub(r"^(?=\.)", r"\\&", plain)
