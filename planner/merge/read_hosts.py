"""What a JSON report tells of hosts, their groups and registries. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from planner.hosts.globs import checked_glob
from planner.merge.form import AGAIN, HostForm, NotAReportError, RegistryForm
from planner.model.engine import InvalidVersionError, Software, Version, parse_software, parse_version
from planner.model.finding import HostGroup
from planner.model.host import Host, Registry
from planner.model.platform import Platform
from planner.model.route import Route


def read_platform(text: str) -> Platform:
    """The platform behind `os/architecture[/variant]`; some files name the architecture alone."""
    os, slash, rest = text.partition("/")
    architecture, _, variant = rest.partition("/")
    return Platform(os, architecture, variant) if slash else Platform("", text)


def _engine(name: str, version: str | None, text: str) -> tuple[Software, Version | None]:
    """The engine, and the oldest version it may have where the platform leaves it open: `26.1.3 to 26.1.5`."""
    if version is None:
        return Software(name, None, text or name), None
    since, _, last = version.rpartition(" to ")
    try:
        known = replace(parse_version(last), text=version)
        return Software(name, known, text or f"{name} {version}"), parse_version(since) if since else None
    except InvalidVersionError as error:
        raise NotAReportError(f"has a host with the version {version[:80]!r}: {error}; {AGAIN}") from error


def read_registry(form: RegistryForm) -> Registry:
    """A declared registry."""
    software, target = (parse_software(text) if text else None for text in (form.software, form.target))
    return Registry(form.host, software, target, form.insecure)


def read_hosts(forms: Sequence[HostForm]) -> tuple[Host, ...]:
    """The declared hosts, in their order. Raises NotAReportError."""
    hosts = {form.name: _host(form) for form in forms}
    if len(hosts) < len(forms):
        raise NotAReportError(f"has two hosts of one name; {AGAIN}")
    return tuple(hosts.values())


def _host(form: HostForm) -> Host:
    engine, since = _engine(form.engine, form.version, "" if form.version_origin else form.declared)
    target, target_since = _target(form)
    return Host(
        name=form.name,
        engine=engine,
        target=target,
        store=form.store or "",
        client=form.client or "",
        switches=frozenset(form.switches),
        platform=read_platform(form.platform),
        runs=_globs(form),
        source=form.source,
        declared=form.declared if form.version_origin else "",
        declared_target=(form.declared_target or "") if form.target_version_origin else "",
        engine_origin=form.version_origin or "",
        target_origin=form.target_version_origin or "",
        engine_since=since,
        target_since=target_since,
        registry_config=tuple(form.registry_config),
    )


def _globs(form: HostForm) -> tuple[str, ...]:
    try:
        return tuple(map(checked_glob, form.runs))
    except ValueError as error:
        raise NotAReportError(f"has a host {form.name[:80]!r} with bad `runs`: {error}; {AGAIN}") from error


def _target(form: HostForm) -> tuple[Software | None, Version | None]:
    if form.target_engine is None:
        return None, None
    return _engine(
        form.target_engine, form.target_version, "" if form.target_version_origin else form.declared_target or ""
    )


def read_groups(forms: Sequence[HostForm]) -> tuple[HostGroup, ...]:
    """The groups that the hosts name; those of an older report by all that JSON tells of them."""
    members: dict[object, list[HostForm]] = {}
    for form in forms:
        what = (form.engine, form.version, form.declared, form.target_engine, form.target_version, form.store)
        more = (form.target_store, form.client, tuple(sorted(form.switches)), form.platform)
        asks = tuple(form.registry_config)
        members.setdefault((*what, *more, asks) if form.group is None else form.group, []).append(form)
    return tuple(map(_group, members.values()))


def _group(forms: Sequence[HostForm]) -> HostGroup:
    host = _host(forms[0])
    return HostGroup(
        engine=host.engine,
        target=host.target,
        store=host.store,
        target_store=forms[0].target_store or "",
        client=host.client,
        switches=host.switches,
        platform=host.platform,
        hosts=tuple(form.name for form in forms),
        route=Route(host.registry_config) if host.registry_config else None,
    )
