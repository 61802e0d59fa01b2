"""A JSON report read back: text to Report. Pure.

What JSON does not tell of a resolution (layers, descriptors, children) is not there; no output shows it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from pydantic import ValidationError

from planner.assess.groups import runners
from planner.merge.form import (
    AGAIN,
    FindingForm,
    NotAReportError,
    OccurrenceForm,
    ProblemForm,
    ProvenanceForm,
    ReportForm,
    ResolutionForm,
    SuppressionForm,
    WindowForm,
)
from planner.merge.provenance import moment_of
from planner.merge.read_hosts import read_groups, read_hosts, read_platform, read_registry
from planner.model.engine import InvalidVersionError, Range, parse_range
from planner.model.finding import Finding, HostGroup, Outcome, Verdict
from planner.model.manifest import Descriptor, Manifest
from planner.model.occurrence import Occurrence, number
from planner.model.reference import InvalidReferenceError, Reference, parse_reference
from planner.model.report import Cause, Part, Provenance, Report, Window, asked
from planner.model.resolution import ImageConfig, Resolution, State
from planner.model.source import Problem, Subject
from planner.model.suppression import Suppression
from planner.report.order import by_place

# At some 100 bytes each, in memory.
_MOST_VALUES = 16_000_000
# Half a character; two halves may stand for one, so that only UTF-8 tells.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def read_report(text: bytes) -> Report:
    """The report that was written as `text`. Raises NotAReportError."""
    try:
        form = ReportForm.model_validate(_document(text))
    except ValidationError as error:
        raise NotAReportError(_why(error)) from None
    return _report(form)


def _document(text: bytes) -> object:
    """The JSON, unless it would fill the memory: text of a report has 35 bytes for each value, a bomb has two."""
    values = text.count(b",") + text.count(b"[") + text.count(b"{")
    if values > _MOST_VALUES:
        raise NotAReportError(f"has more than {_MOST_VALUES:,} values, too many for a report; scan less at a time")
    try:
        document = json.loads(text.decode("utf-8-sig"))
        if _SURROGATE.search(text):
            json.dumps(document, ensure_ascii=False).encode()
    except RecursionError:
        raise NotAReportError(f"is no report of planner: it is nested too deep; {AGAIN}") from None
    except ValueError as error:
        # The words of some errors have the text in them.
        where = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else "not in UTF-8"
        raise NotAReportError(f"is no JSON ({where}), or not all of it; {AGAIN}") from None
    return document


def _why(error: ValidationError) -> str:
    # The input may be as large as the file, so it stays out of the errors.
    found = error.errors(include_url=False, include_input=False, include_context=False)
    first = next((each for each in found if each["loc"][:1] == ("schema_version",)), found[0])
    place, words = first["loc"], first["msg"].removeprefix("Input ")
    match first["type"], place[:1]:
        case "literal_error", ("schema_version",):
            return f"has a schema_version other than 1, which this planner does not read; {AGAIN}"
        case _, () | ("schema_version",):
            return f"is JSON, but no report of planner; {AGAIN}"
        case _:
            parts = (f"number {part + 1}" if isinstance(part, int) else part[:80] for part in place)
            return f"is no report as planner writes it ({', '.join(parts)}: {words}); {AGAIN}"


def _report(form: ReportForm) -> Report:
    occurrences = _occurrences(form.occurrences)
    groups, hosts = read_groups(form.hosts), read_hosts(form.hosts)
    placed = list(occurrences.values())
    found = list(_findings(form.findings, occurrences, groups))
    return Report(
        root=form.summary.root,
        occurrences=tuple(placed),
        resolutions=_resolutions(form.resolutions, placed),
        hosts=hosts,
        groups=groups,
        registries=tuple(map(read_registry, form.registries)),
        findings=tuple(finding for finding in found if not finding.suppression),
        suppressed=tuple(finding for finding in found if finding.suppression),
        windows=_windows(form.windows, placed),
        problems=tuple(map(_problem, form.problems)),
        causes={id_: Cause(id_, cause.title, cause.explanation, ()) for id_, cause in form.causes.items()},
        provenance=_provenance(form.provenance),
        runners=runners(placed, hosts, groups),
    )


def _occurrences(forms: Iterable[OccurrenceForm]) -> Mapping[str, Occurrence]:
    """The occurrences in order, by the id that the document gives them."""
    read = sorted(((_occurrence(form), form.id) for form in forms), key=lambda pair: by_place(pair[0]))
    found = {id_: each for each, (_, id_) in zip(number(o for o, _ in read), read, strict=True)}
    if len(found) < len(read):
        raise NotAReportError(f"has two occurrences of one id; {AGAIN}")
    return found


def _occurrence(form: OccurrenceForm) -> Occurrence:
    return Occurrence(
        file=form.file,
        line=form.line,
        column=form.column,
        format=form.format,
        role=form.role,
        name=form.name,
        raw=form.raw,
        reference=Reference(form.registry, form.repository, form.tag, form.digest),
        platform=read_platform(form.platform) if form.platform else None,
        used_in=form.used_in,
        confidence=form.confidence,
        used_at=tuple(form.used_at),
        excerpt=form.excerpt,
    )


def _resolutions(forms: Iterable[ResolutionForm], occurrences: Iterable[Occurrence]) -> dict[Reference, Resolution]:
    questions = {question.pinned: question for question in (asked(o.reference) for o in occurrences)}
    found = {}
    for form in forms:
        try:
            reference = questions.get(form.reference) or asked(parse_reference(form.reference))
        except InvalidReferenceError as error:
            raise NotAReportError(f"has a resolution of {form.reference[:200]!r}: {error}; {AGAIN}") from error
        found[reference] = _resolution(reference, form)
    return found


def _resolution(reference: Reference, form: ResolutionForm) -> Resolution:
    known = form.state in set(State)
    if form.state != State.TYPE_ONLY and (form.state == State.RESOLVED) is (form.media_type is None):
        raise NotAReportError(f"tells of {form.reference[:200]!r} both that it was resolved and not; {AGAIN}")
    if form.fetched_at is not None:
        _check_time(form.fetched_at, f"was told of {form.reference[:200]!r}")
    return Resolution(
        reference,
        State(form.state) if known else State.FAILED,
        _manifest(form),
        digest=form.digest or "",
        content_type=form.content_type,
        config=_config(form),
        detail=form.detail if known else f"{form.state}: {form.detail}",
        source=form.source,
        fetched_at=form.fetched_at or "",
    )


def _manifest(form: ResolutionForm) -> Manifest | None:
    if form.media_type is None or form.state == State.TYPE_ONLY:
        return None
    manifest = Manifest(form.media_type, 0)
    entries = tuple(Descriptor("", "", platform=read_platform(text)) for text in form.platforms)
    return replace(manifest, entries=entries) if manifest.is_index else manifest


def _config(form: ResolutionForm) -> ImageConfig | None:
    """A single image has its platform from its config."""
    is_index = form.media_type is None or Manifest(form.media_type, 0).is_index
    return None if is_index or not form.platforms else ImageConfig(read_platform(form.platforms[0]), None)


def _findings(
    forms: Iterable[FindingForm], occurrences: Mapping[str, Occurrence], groups: Iterable[HostGroup]
) -> Iterable[Finding]:
    """What is listed but `pulls`, which follows from the rest (`--all` lists it too)."""
    group_of = {name: group for group in groups for name in group.hosts}
    for form in forms:
        if form.verdict is Verdict.PULLS:
            continue
        if form.occurrence not in occurrences or not group_of.keys() >= set(form.hosts):
            raise NotAReportError(f"has a finding for an occurrence or a host that it does not list; {AGAIN}")
        outcome = Outcome(form.verdict, form.cause or "", form.message, tuple(form.evidence))
        group = group_of[form.hosts[0]] if form.hosts else None
        place, hosts, remedies = occurrences[form.occurrence], tuple(form.hosts), tuple(form.remedies)
        yield Finding(place, form.moment, outcome, group, hosts, remedies, _suppression(form.suppression))


def _suppression(form: SuppressionForm | None) -> Suppression | None:
    return Suppression(form.file, form.line or 0, form.reason, form.owner, form.expires) if form else None


def _windows(forms: Iterable[WindowForm], occurrences: Iterable[Occurrence]) -> tuple[Window, ...]:
    """The windows in the order of the images, as assess has them."""
    turn = {digest: n for n, digest in enumerate(dict.fromkeys(o.reference.digest for o in occurrences))}
    found = [Window(form.digest, form.engine, form.store, tuple(map(_range, form.pulls))) for form in forms]
    return tuple(sorted(found, key=lambda window: turn.get(window.digest, len(turn))))


def _range(text: str) -> str:
    try:
        parse_range("*" if text == str(Range()) else text)
    except InvalidVersionError as error:
        raise NotAReportError(f"has a window {text[:80]!r}: {error}; {AGAIN}") from error
    return text


def _problem(form: ProblemForm) -> Problem:
    subjects: list[tuple[Subject, str | None]] = [
        ("file", form.file),
        ("reference", form.reference),
        ("host", form.host),
        ("registry", form.registry),
    ]
    told = [(about, subject) for about, subject in subjects if subject is not None]
    if len(told) != 1:
        raise NotAReportError(f"has a problem that is not about one thing; {AGAIN}")
    about, subject = told[0]
    return Problem(about, subject, form.kind, form.text, form.line, form.column)


def _provenance(form: ProvenanceForm) -> Provenance:
    for started in (form.started, *(part.started for part in form.reports)):
        _check_time(started, "was started")
    parts = tuple(Part(p.name, p.root, p.version, p.started, p.resolver, p.files_seen) for p in form.reports)
    return Provenance(
        form.version,
        form.started,
        form.resolver,
        form.files_seen,
        knowledge=tuple(form.knowledge),
        accept=tuple(form.accept),
        reports=parts,
    )


def _check_time(text: str, what: str) -> None:
    try:
        moment_of(text)
    except ValueError as error:
        raise NotAReportError(f"{what} at {text[:80]!r}, which is no time; {AGAIN}") from error
