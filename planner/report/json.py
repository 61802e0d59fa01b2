"""JSON, schema_version 1: the lossless form, for programs. Texts are as found, escaped as JSON and ASCII only."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from planner.model.engine import Software
from planner.model.finding import Finding, HostGroup, Verdict
from planner.model.host import Host, Registry
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.reference import Reference
from planner.model.report import Report, asked
from planner.model.resolution import Resolution
from planner.model.since import Since
from planner.model.source import Problem
from planner.model.suppression import Suppression
from planner.report.format import Format, Options, register, register_plan
from planner.report.order import by_finding, by_place, by_problem, pulls
from planner.report.plan.json import plan_object
from planner.report.since.json import since_text
from planner.report.words import pinned, platforms, summary_line, unchecked, unrun

SCHEMA_VERSION = 1
Object = dict[str, Any]


def render(report: Report, options: Options) -> str:
    """The report as JSON, one record a line, so that two reports can be compared with diff."""
    findings = [*report.every_finding, *(pulls(report) if options.show_all else ())]
    document: Object = {
        "schema_version": SCHEMA_VERSION,
        "summary": _summary(report),
        "occurrences": [_occurrence(o) for o in sorted(report.occurrences, key=by_place)],
        "resolutions": [_resolution(r, report.resolutions[r]) for r in sorted(report.resolutions, key=str)],
        "hosts": _hosts(report),
        "registries": [_registry(r) for r in report.registries],
        "findings": [_finding(f) for f in sorted(findings, key=by_finding)],
        "windows": [asdict(w) for w in sorted(report.windows, key=lambda w: w.digest)],
        "plan": plan_object(report.plan) if report.plan else None,
        "since": report.since,
        "problems": [_problem(p) for p in sorted(report.problems, key=by_problem)],
        "causes": {id_: {"title": c.title, "explanation": c.explanation} for id_, c in sorted(_met(report))},
        "provenance": asdict(report.provenance),
    }
    return "{\n" + ",\n".join(_member(name, value) for name, value in document.items()) + "\n}\n"


def _member(name: str, value: object) -> str:
    if isinstance(value, list) and value:
        return f'"{name}": [\n' + ",\n".join(map(json.dumps, value)) + "\n]"
    return f'"{name}": {since_text(value, {}) if isinstance(value, Since) else json.dumps(value)}'


def _summary(report: Report) -> Object:
    return {
        "text": summary_line(report),
        "root": report.root,
        "references": pinned(report),
        "occurrences": len(report.occurrences),
        "hosts": len(report.hosts),
        "findings": len(report.findings),
        "suppressed": len(report.suppressed),
        "unchecked": len(unchecked(report)),
        "run_by_no_host": len(unrun(report)),
        "problems": len(report.problems),
    } | {moment.value: _counts(report, moment) for moment in Moment}


def _counts(report: Report, moment: Moment) -> dict[str, int | None]:
    """Occurrences by their worst verdict. Without hosts nobody knows how many pull: null. A list knows no verdict."""
    if report.is_list:
        return {v.value: None for v in Verdict}
    counts = report.counts(moment)
    return {v.value: counts[v] if report.hosts or v is not Verdict.PULLS else None for v in Verdict}


def _occurrence(o: Occurrence) -> Object:
    return {
        "id": o.id,
        "file": o.file,
        "line": o.line,
        "column": o.column,
        "format": o.format,
        "role": o.role,
        "name": o.name,
        "raw": o.raw,
        "excerpt": o.excerpt,
        "registry": o.reference.registry,
        "repository": o.reference.repository,
        "tag": o.reference.tag,
        "digest": o.reference.digest,
        "platform": str(o.platform) if o.platform else None,
        "used_in": o.used_in,
        "used_at": o.used_at,
        "confidence": o.confidence,
        "reference": asked(o.reference).pinned,
    }


def _resolution(reference: Reference, r: Resolution) -> Object:
    return {
        "reference": reference.pinned,
        "state": r.state.value,
        "media_type": r.media_type or None,
        "platforms": platforms(r),
        "source": r.source,
        "fetched_at": r.fetched_at or None,
        "digest": r.digest or None,
        "content_type": r.content_type,
        "detail": r.detail,
    }


def _hosts(report: Report) -> list[Object]:
    position = {name: n for n, group in enumerate(report.groups) for name in group.hosts}
    return [_host(host, report.groups, position.get(host.name)) for host in report.hosts]


def _host(host: Host, groups: Sequence[HostGroup], position: int | None) -> Object:
    group = None if position is None else groups[position]
    return {
        "name": host.name,
        "engine": host.engine.name,
        "version": _version(host.engine),
        "target_version": _version(host.target),
        "store": (group.store if group else host.store) or None,
        "platform": str(host.platform),
        "declared": host.declared or host.engine.text,
        "declared_target": host.declared_target or (host.target.text if host.target else None),
        "target_engine": host.target.name if host.target else None,
        "target_store": group.target_store or None if group else None,
        "client": (group.client if group else host.client) or None,
        "switches": sorted(host.switches),
        "runs": list(host.runs),
        "registry_config": list(host.registry_config),
        "source": host.source,
        "version_origin": host.engine_origin or None,
        "target_version_origin": host.target_origin or None,
        "group": position,
        "ring": host.ring,
    }


def _registry(registry: Registry) -> Object:
    return {
        "host": registry.host,
        "software": registry.software.text if registry.software else None,
        "target": registry.target.text if registry.target else None,
        "insecure": registry.insecure,
    }


def _version(software: Software | None) -> str | None:
    return str(software.version) if software and software.version else None


def _finding(f: Finding) -> Object:
    return {
        "id": f.id,
        "occurrence": f.occurrence.id,
        "hosts": f.hosts,
        "moment": f.moment.value,
        "verdict": f.verdict.value,
        "cause": f.outcome.cause or None,
        "message": f.outcome.message,
        "evidence": f.outcome.evidence,
        "remedies": f.remedies,
        "suppression": _suppression(f.suppression) if f.suppression else None,
    }


def _suppression(s: Suppression) -> Object:
    return {
        "file": s.file,
        "line": s.line or None,
        "reason": s.reason,
        "owner": s.owner,
        "expires": s.expires.isoformat() if s.expires else None,
    }


def _problem(p: Problem) -> Object:
    place = {"line": p.line, "column": p.column} if p.line else {}
    return {p.about: p.subject, "kind": p.kind, "text": p.text} | place


def _met(report: Report) -> Iterable[tuple[str, Any]]:
    causes = {f.outcome.cause for f in report.every_finding}
    return ((id_, cause) for id_, cause in report.causes.items() if id_ in causes)


FORMAT = Format("json", "JSON, for programs", (".json",), render, render)
register(FORMAT)
register_plan(FORMAT)
