"""`planner explain`, `engines`, `formats`: what planner knows, for people."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from planner import complete
from planner.errors import UsageError
from planner.options import AskBy, Authfile, NoCache, Offline, OwnKnowledge, ResolverName, Timeout

app = typer.Typer(rich_markup_mode=None)


@app.command(
    help="""What each version of each engine does with one image, or what an engine's message means.

\b
  planner explain docker.io/library/alpine@sha256:...
  planner explain registry.corp.example:5000/app:1.4 --platform linux/arm64 --engine docker
  planner explain "no matching manifest for linux/arm64 in the manifest list entries"
  journalctl -u kubelet | planner explain --log -

A reference by tag is explained both by its present digest and by tag. A message is anything that has spaces in it.
""",
    epilog="Exit codes: 0 explained; 1 no engine can pull it; 2 the command line is wrong; 3 not known, or not "
    "everything could be checked; 4 the log is empty.",
)
def explain(  # noqa: PLR0913, PLR0917 - one parameter for each flag
    what: Annotated[
        list[str] | None, typer.Argument(metavar="[REFERENCE | MESSAGE]", help="An image reference, or a message.")
    ] = None,
    message: Annotated[str | None, typer.Option(metavar="TEXT", help="A message, whatever it looks like.")] = None,
    log: Annotated[Path | None, typer.Option(metavar="FILE", help="A file of log lines; - is stdin.")] = None,
    engine: Annotated[
        str | None, typer.Option(metavar="NAME", help="This engine only.", autocompletion=complete.engines)
    ] = None,
    platform: Annotated[str, typer.Option(metavar="OS/ARCH", help="The platform of the host.")] = "linux/amd64",
    offline: Offline = None,
    authfile: Authfile = None,
    no_cache: NoCache = False,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="The registry is plain HTTP or has an unknown CA.")
    ] = False,
    config: OwnKnowledge = None,
    resolver: AskBy = ResolverName.SKOPEO,
    timeout: Timeout = 60.0,
) -> None:
    from planner.explain.image import Question, explain_image
    from planner.explain.messages import explain_log, explain_message
    from planner.output import print_text
    from planner.resolve.opening import Opening
    from planner.settings import own_knowledge

    words = " ".join(what or ()).strip()
    if sum(each is not None for each in (words or None, message, log)) != 1:
        raise UsageError("give one of: a REFERENCE, a message in quotes, --message TEXT, --log FILE")
    own = own_knowledge(config)
    if log is not None:
        text, code = explain_log(log, sys.stdin.buffer, engine, own)
    elif message is not None or " " in words:
        text, code = explain_message(message or words, engine, own)
    else:
        question = Question(words, platform, engine, insecure, own)
        text, code = explain_image(
            question,
            Opening(offline, authfile, not no_cache, http=resolver is ResolverName.HTTP, timeout=timeout),
        )
    print_text(text)
    raise typer.Exit(code)


@app.command(
    help="""What planner knows of engines and registries, and from where.

\b
  planner engines            the engines, registries and the versions known
  planner engines docker     its eras: what pulls in which releases; then every boundary, with sources
""",
    epilog="Exit codes: 0 printed; 2 there is no such engine, or the configuration is wrong.",
)
def engines(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="An engine or a registry software.", autocompletion=complete.software),
    ] = None,
    config: OwnKnowledge = None,
) -> None:
    from planner.explain.engines import engine_text
    from planner.output import print_text
    from planner.settings import own_knowledge

    print_text(engine_text(name, own_knowledge(config)))


@app.command(
    help="""Which kinds of files are read, and where in them images are found.

\b
  planner formats            all of them
  planner formats compose    what is read in one, with an example
""",
    epilog="Exit codes: 0 printed; 2 there is no such format.",
)
def formats(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A file format.", autocompletion=complete.file_formats)
    ] = None,
) -> None:
    from planner.explain.formats import format_text
    from planner.output import print_text

    print_text(format_text(name))
