"""`planner init`: a first planner.toml, from the tree and from files that declare hosts."""

import os
from pathlib import Path
from typing import Annotated

import typer

from planner.errors import ExitCode, UsageError
from planner.options import HostFiles
from planner.say import say
from planner.shell import typed_path

app = typer.Typer()


@app.command(
    help="""Look at the tree and at your hosts, and write a commented planner.toml. It never replaces one.

\b
  planner init ./infra
  kubectl get nodes -o json > infra/nodes.json && planner init ./infra --hosts infra/nodes.json
  planner init ./infra --hosts infra/inventory.ini --stdout

The file names the --hosts, so that each run reads them anew; they may be what docs/hosts.md lists.
""",
    epilog="Exit codes: 0 written; 2 the command line is wrong, or there is a planner.toml; 3 written, but not every "
    "host could be read.",
)
def init(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The folder to scan later.")] = Path(),
    hosts: HostFiles = None,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print it instead of writing the file.")] = False,
) -> None:
    from planner.inventory import take_inventory
    from planner.knowledge import load_knowledge
    from planner.outline import outline
    from planner.output import print_text

    folder = path if path.is_dir() else path.parent
    target = folder / "planner.toml"
    if not stdout:
        _refuse_existing(path, target)
    named = [Path(os.path.relpath(file, folder)).as_posix() for file in hosts or ()]
    # Settings that are there already are not those that are outlined.
    inventory = take_inventory(path, Path(os.devnull), hosts or (), [target], include_tags=True)
    text = outline(inventory, load_knowledge(), named)
    files = {file.name for file in hosts or ()}
    unread = [each for each in inventory.problems if each.about == "host" or each.subject in files]
    for problem in unread:
        say(f"{problem.subject}{f', line {problem.line}' if problem.line else ''}: {problem.text}")
    if stdout:
        print_text(text)
    else:
        _write(target, text)
        say(f"wrote {target}; read it, complete what is a suggestion, then: planner scan {typed_path(str(path))}")
    raise typer.Exit(ExitCode.INCOMPLETE if unread else ExitCode.CLEAN)


def _refuse_existing(path: Path, target: Path) -> None:
    from planner.settings import load_settings

    known = load_settings(path).path
    if known or target.exists():
        raise UsageError(f"{known or target} is there and stays as it is; --stdout prints what init would write")


def _write(target: Path, text: str) -> None:
    """Write a new file; UsageError where it cannot be, or where something has come there meanwhile."""
    from planner.files import write_file

    try:
        write_file(target, text, only_new=True)
    except FileExistsError as error:
        raise UsageError(f"{target} is there and stays as it is") from error
    except UnicodeEncodeError as error:
        raise UsageError(f"cannot write to {target}: a name in it is not in UTF-8") from error
