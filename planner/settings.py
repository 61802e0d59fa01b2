"""planner.toml as frozen Settings. What is wrong in it is the user's to mend: it ends the run with exit 2."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from shlex import quote

from planner.errors import UsageError
from planner.model.host import Host, HostRule, Registry
from planner.model.suppression import Rule

FILE_NAME = "planner.toml"
_MAX_MIB = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """What planner.toml declares. `path` is None where there is none; `knowledge` are the user's own files.

    `include_tags`: references by tag are checked too. `ignores` are the findings that somebody accepts, and
    `ignore_must_expire` says that nobody may do so for ever. `host_files` declare more hosts, as those of --hosts do,
    and `host_rules` add to what such files say.
    """

    path: Path | None = None
    hosts: tuple[Host, ...] = ()
    registries: tuple[Registry, ...] = ()
    knowledge: tuple[Path, ...] = ()
    include_tags: bool = False
    ignores: tuple[Rule, ...] = ()
    ignore_must_expire: bool = False
    host_files: tuple[Path, ...] = ()
    host_rules: tuple[HostRule, ...] = ()


def load_settings(root: Path, config: Path | None = None) -> Settings:
    """Read `config`, or planner.toml (else pyproject.toml) at the scan root. Raises UsageError with file and place."""
    path = config or settings_beside(root)
    if path is None:
        return Settings()
    from planner.declared import settings_of

    return settings_of(path)


def own_knowledge(config: Path | None) -> tuple[Path, ...]:
    """The user's knowledge files, named by `config`, else by the current folder's settings. As load_settings."""
    return load_settings(Path(), config).knowledge


def read_declaration(path: Path, most: int = _MAX_MIB) -> str:
    """The text of a file that the user wrote for planner; UsageError if it is none, or larger than `most` MiB."""
    try:
        with path.open("rb") as file:
            data = file.read((most << 20) + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    if len(data) > most << 20:
        raise UsageError(f"{path} is larger than {most} MiB, too large for what it declares; split it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read {path}: it is not in UTF-8; save it as UTF-8 and run again") from error


def settings_beside(root: Path) -> Path | None:
    """The planner.toml, else pyproject.toml with a table for planner, at the scan root; None if there is neither."""
    folder = root if root.is_dir() else root.parent
    if (folder / FILE_NAME).is_file():
        return folder / FILE_NAME
    project = folder / "pyproject.toml"
    return project if project.is_file() and _has_table(project) else None


def settings_unread(root: Path, used: Path | None, files: Iterable[str], has_hosts: bool) -> Iterator[str]:
    """What to say of a planner.toml that is not `used`: its globs are for its folder, so that it does not count.

    Where no host is declared, one up to three folders above the scan root; always, those in folders of `files`.
    """
    if not has_hosts:
        for above in [p / FILE_NAME for p in root.resolve().parents[:3] if (p / FILE_NAME).is_file()][:1]:
            yield f"no hosts declared at {root}, but {above} is there; to use it: --config {above}"
    below = _settings_below(root, used, files)
    if below:
        more = f" and {len(below) - 1} more like it" if len(below) > 1 else ""
        what = "hosts and exceptions in it do" if not more else "hosts and exceptions in them do"
        folder, file = quote(str(below[0].parent)), quote(str(below[0]))
        yield f"not read: {below[0]}{more}; {what} not count here; scan {folder} by itself, or take it: --config {file}"


def _settings_below(root: Path, used: Path | None, files: Iterable[str]) -> list[Path]:
    """Each planner.toml, but for `used`, in a folder below the scan root that is on the way to one of the files."""
    base = root if root.is_dir() else root.parent
    folders = {folder for file in set(files) for folder in list(PurePath(file).parents)[:-1]}
    found = [base / folder / FILE_NAME for folder in sorted(folders) if (base / folder / FILE_NAME).is_file()]
    return [each for each in found if used is None or not used.exists() or not each.samefile(used)]


def _has_table(project: Path) -> bool:
    """Whether a pyproject.toml, which is not ours and may be anything, speaks of planner."""
    try:
        with project.open("rb") as file:
            return b"[tool.planner" in file.read(_MAX_MIB << 20)
    except OSError:
        return False
