"""The commands that may follow a run, with the flags that the user gave to it."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import typer

from planner.shell import typed_path

# Where the hosts, the settings and the answers of registries come from: the next command needs the same.
_KEPT = ("hosts", "config", "offline", "resolver", "authfile", "include_tags", "to")
# A recorded registry has nothing to copy from.
_REFUSED = {("convert", "offline")}


def commands(context: typer.Context, path: str) -> Mapping[str, str]:
    """What can be typed next, by the command's name; `path` is what was scanned, empty for what was piped in."""
    below = ("scan", "plan", "convert", "init", "repin") if path else ()
    ways = {name: f"planner {name} {typed_path(path)}{again(context, name)}" for name in below}
    return {**ways, "explain": f"planner explain{again(context, 'explain')}"}


def again(context: typer.Context, command: str) -> str:
    """The flags of this run that `command` takes as well, as they are typed behind it; empty if there is none.

    Without them it would be about something else.
    """
    return "".join(f" {word}" for word in _words(context, command))


def _words(context: typer.Context, command: str) -> Iterator[str]:
    other = getattr(context.find_root().command, "commands", {}).get(command)
    taken = {each.name for each in other.params} if other else set()
    for option in context.command.params:
        name, value = option.name or "", context.params.get(option.name or "")
        source = context.get_parameter_source(name)
        if name not in _KEPT or name not in taken or (command, name) in _REFUSED:
            continue
        if source is None or source.name != "COMMANDLINE":
            continue
        flag = max(option.opts, key=len)
        if isinstance(value, bool):
            yield flag
        else:
            for each in value if isinstance(value, (list, tuple)) else [value]:
                yield from (flag, typed_path(str(each)) if isinstance(each, Path) else shlex.quote(str(each)))
