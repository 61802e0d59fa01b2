"""After an edit, the files are read again: what was to move has moved, and all else is as it was."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from planner.model.occurrence import Occurrence
from planner.model.plan import Move
from planner.model.reference import Reference
from planner.model.source import Problem
from planner.plan.pins.edits import Edit
from planner.plan.pins.repin import Repin, reader, repin

Found = Occurrence | Problem
# Everything that some files name, each place once; of edited files (by their real paths) the given text is read.
Read = Callable[[Collection[str], Mapping[str, str]], Sequence[Found]]

_NOT_AS_MEANT = (
    "planner read the edited file again and did not find exactly what was to be there, so that nothing was edited: "
    "write it by hand"
)
_NOT_THERE = "its text is not where it was read: it is put together in a way that planner cannot edit; write it by hand"


@dataclass(frozen=True, slots=True)
class Files:
    """The texts of files by their real paths, and the real paths of all names that lead to them."""

    texts: Mapping[str, str]
    real: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """What must be the same before and after, but for a move. Of equal ones at a place, one user may stand for all."""

    reader: str = field(compare=False)
    file: str
    line: int
    column: int
    what: tuple[object, ...]
    reference: Reference | None = None


def proven(
    occurrences: Sequence[Occurrence], moves: Sequence[Move], closed: Mapping[str, str], files: Files, read: Read
) -> Repin:
    """As `repin`, but only changes after which `read` sees what was to move at its new pin and all else as before.

    The spans of `occurrences` name files by their real paths. What is not proven is refused, with all that it shares
    a file with if need be: each round trusts less, until nothing is edited that is read wrongly.
    """
    closed, distrusted = dict(closed), dict[Occurrence, str]()
    while True:
        done = repin(occurrences, moves, closed, distrusted)
        by_file = done.edits
        displaced = {file for file in by_file if any(_is_displaced(files.texts[file], each) for each in by_file[file])}
        if displaced:
            closed |= dict.fromkeys(displaced, _NOT_THERE)
            continue
        wrong = mistaken(occurrences, done, files, read)
        if not wrong:
            return done
        _trust_less(occurrences, done, wrong, closed, distrusted)


def _trust_less(
    occurrences: Iterable[Occurrence],
    done: Repin,
    wrong: Collection[Seen],
    closed: dict[str, str],
    distrusted: dict[Occurrence, str],
) -> None:
    """Distrust as little as may do, and always more than before: the places that are wrong, or else their files."""
    lines = {(seen.reader, seen.file, seen.line) for seen in wrong}
    readers = {seen.reader for seen in wrong}
    moved = [change.occurrence for change in done.changes]
    by_place = [each for each in moved if (reader(each), each.file, each.line) in lines]
    by_reader = [each for each in moved if reader(each) in readers]
    if by_place or by_reader:
        distrusted |= dict.fromkeys(by_place or by_reader, _NOT_AS_MEANT)
        return
    # They read wrongly for the sake of what others have in the files that they use.
    near = {span.file for each in occurrences if reader(each) in readers for span in each.all_spans}
    shut = (near & done.edits.keys()) or done.edits.keys()
    closed |= dict.fromkeys(shut, _NOT_AS_MEANT)


def _is_displaced(text: str, edit: Edit) -> bool:
    return text[edit.start : edit.stop] != edit.old


def edited(text: str, edits: Iterable[Edit]) -> str:
    """A text with edits that do not overlap."""
    parts, position = [], 0
    for edit in sorted(edits):
        parts += [text[position : edit.start], edit.text]
        position = edit.stop
    return "".join([*parts, text[position:]])


def mistaken(occurrences: Iterable[Occurrence], done: Repin, files: Files, read: Read) -> set[Seen]:
    """What is not as it must be after the edits, there or missing; nothing if all is well."""
    by_file = done.edits
    if not by_file:
        return set()
    touched = {name for name, real in files.real.items() if real in by_file}
    touched |= {reader(each) for each in occurrences if any(span.file in by_file for span in each.all_spans)}
    shifts = {file: _shifts(files.texts[file], edits) for file, edits in by_file.items()}
    moved = {_place(each.occurrence): each.new for each in done.changes}

    def wanted(found: Found) -> Seen:
        seen = _seen(found)
        shift = sum(
            length
            for column, length in shifts.get(files.real.get(seen.file, ""), {}).get(seen.line, ())
            if column < seen.column
        )
        new = moved.get(_place(found)) if isinstance(found, Occurrence) else None
        reference = seen.reference
        if new and reference:
            reference = replace(reference, registry=new.registry, repository=new.repository, digest=new.digest)
        return replace(seen, column=seen.column + shift, reference=reference)

    # Two that differed may have become one, so how many there are does not count.
    before = set(map(wanted, read(touched, {})))
    after = set(map(_seen, read(touched, {file: edited(files.texts[file], by_file[file]) for file in by_file})))
    return before ^ after


def _place(occurrence: Occurrence) -> tuple[str, int, int, str]:
    return (occurrence.file, occurrence.line, occurrence.column, occurrence.raw)


def _seen(found: Found) -> Seen:
    if isinstance(found, Problem):
        return Seen(found.subject, found.subject, found.line, 0, (found.kind,))
    what = (found.format, found.role, found.platform, found.confidence)
    return Seen(reader(found), found.file, found.line, found.column, what, found.reference)


def _shifts(text: str, edits: Iterable[Edit]) -> dict[int, list[tuple[int, int]]]:
    """By line, the columns of edits that change its length, and by how much."""
    found = defaultdict(list)
    for edit in edits:
        if len(edit.text) != edit.stop - edit.start:
            line = text.count("\n", 0, edit.start) + 1
            column = edit.start - text.rfind("\n", 0, edit.start)
            found[line].append((column, len(edit.text) - (edit.stop - edit.start)))
    return dict(found)
