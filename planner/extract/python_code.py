"""Python: images in calls (Airflow's pod and docker operators, Prefect, Kubeflow, clients) and in other strings.

Literals beside each other, f-strings, `+`, `%` and `format` are put together with names that the file sets once.
Not read: comments, docstrings, what is compared, printed or logged.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from planner.extract import plain_text
from planner.extract.format import DIGEST, Example, Format, Found, Lookup, occurrence, register
from planner.extract.syntax.python_text import Python
from planner.extract.written import Written
from planner.model.source import Problem, SourceFile

_IMAGE = re.compile(r"(?:\w+_)?image(?:_name|_uri|_ref)?")
_WORDS = frozenset(
    {"description", "help", "doc", "doc_md", "doc_rst", "match", "msg", "message", "reason", "labels", "annotations"}
)
_RUNS = re.compile(r"\w*(?:Pod|Docker|Swarm|Kubernetes|Container)\w*(?:Operator|Job|Task)|V1Container|DockerContainer")
_PULLS = frozenset({"run", "pull", "create", "DockerContainer", "from_"})
_SAYS = re.compile(r"print|warn|debug|info|warning|error|exception|critical|log|skip|xfail|fail|echo|secho|assert\w*")
_NAMES = ("task_id", "name", "step_name", "container_name")
_WHOLE = re.compile(r"(?:docker://)?[^\s\"'=,;|&<>]+@sha\d{3}:\w+")


@dataclass(frozen=True, slots=True)
class _Text:
    """A string expression, and what it is for: a keyword, a key of a dictionary or a name; `call` is around it."""

    node: ast.AST
    label: str = ""
    call: ast.Call | None = None
    is_first: bool = False


def _claims(source: SourceFile) -> bool:
    return source.path.endswith((".py", ".pyi"))


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    try:
        python = Python(source)
    except SyntaxError as error:
        if DIGEST.search(source.text):
            yield _unparsable(source, error)
        return
    texts = list(_texts(python.tree))
    seen = set()
    for is_certain in (True, False):
        for text in texts:
            if _is_image(text) == is_certain:
                for found in _found(python, text, is_certain, tags):
                    place = (found.line, found.column)
                    if place not in seen:
                        yield found
                    seen.add(place)


def _unparsable(source: SourceFile, error: SyntaxError) -> Problem:
    where = f"line {error.lineno}: " if error.lineno else ""
    text = (
        f"the file is no Python 3 that can be read ({where}{error.msg}); references in it were found by their spelling "
        "only, some may be missed; correct the file, or check it by hand"
    )
    return Problem("file", source.path, "unparsable", text)


def _texts(tree: ast.Module) -> Iterator[_Text]:
    """The outermost string expressions, in the file's order, but those that nothing reads."""
    waiting: list[_Text] = [_Text(tree)]
    while waiting:
        text = waiting.pop()
        match text.node:
            case ast.Expr(value=ast.Constant() | ast.JoinedStr()) | ast.Compare() | ast.Assert() | ast.Raise():
                continue
            case ast.Constant(value=str()) | ast.JoinedStr() | ast.BinOp(op=ast.Add() | ast.Mod()):
                yield text
                continue
        if _is_format(text.node) or (text.call and text.label and isinstance(text.node, ast.Name | ast.Attribute)):
            yield text
        else:
            waiting += reversed(list(_below(text)))


def _is_format(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="format")):
            return True
    return False


def _below(text: _Text) -> Iterator[_Text]:
    match text.node:
        case ast.Call(func=func, args=args, keywords=keywords) as call:
            if _SAYS.fullmatch(_function(func)):
                return
            yield _Text(func)
            yield from (_Text(each, call=call, is_first=not at) for at, each in enumerate(args))
            yield from (_Text(each.value, each.arg or "", call) for each in keywords if each.arg not in _WORDS)
        case ast.Dict(keys=keys, values=values):
            for key, each in zip(keys, values, strict=True):
                label = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
                yield from [_Text(each, label)] if label not in _WORDS else []
        case ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name)], value=each):
            yield _Text(each, name)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as each):
            yield _Text(each, name)
        case node:
            label = text.label if isinstance(node, ast.List | ast.Tuple | ast.IfExp | ast.BoolOp) else ""
            yield from (_Text(each, label) for each in ast.iter_child_nodes(node))


def _function(func: ast.expr) -> str:
    match func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _is_image(text: _Text) -> bool:
    """Whether a string is the image that something runs, rather than some text."""
    if text.call and text.is_first and not text.label:
        return _function(text.call.func) in _PULLS
    return bool(_IMAGE.fullmatch(text.label)) and (text.call is not None or not text.label.isupper())


def _found(python: Python, text: _Text, is_certain: bool, tags: bool) -> Iterator[Found]:
    function = _function(text.call.func) if text.call else ""
    by_tag = tags and is_certain and _RUNS.fullmatch(function) is not None
    if not (by_tag or isinstance(text.node, ast.Name | ast.Attribute) or _may_pin(text.node)):
        return
    whole = python.text(text.node)
    if whole is None:
        return
    if is_certain and (by_tag or _WHOLE.fullmatch(whole.text.strip())):
        name = _task(python, text.call) or function or text.label
        found = occurrence(python.source, _bare(whole), format="python-code", role="container", name=name, tags=by_tag)
        yield from [found] if found else []
    elif DIGEST.search(whole.text):
        for label, image in plain_text.spelled(SourceFile("text.json", whole.text)):
            found = occurrence(
                python.source,
                whole.lifted(image.pieces),
                format="python-code",
                role="text",
                name=text.label or label,
                confidence="text",
            )
            yield from [found] if found else []


def _may_pin(node: ast.AST) -> bool:
    """Whether an expression has a digest's sign in it: most strings need not be put together."""
    constants = (each for each in ast.walk(node) if isinstance(each, ast.Constant))
    return any(isinstance(each.value, str) and "@" in each.value for each in constants)


def _bare(whole: Written) -> Written:
    whole = whole.strip()
    return whole[len("docker://") :] if whole.text.startswith("docker://") else whole


def _task(python: Python, call: ast.Call | None) -> str:
    """The name that a call gives what it runs."""
    given = {each.arg: each.value for each in call.keywords if each.arg} if call else {}
    names = (python.text(given[name]) for name in _NAMES if name in given)
    return next((name.text for name in names if name and name.text), "")


register(
    Format(
        "python-code",
        "Python",
        _claims,
        _extract,
        files="*.py",
        example=Example(
            "dags/report.py",
            'task = KubernetesPodOperator(\n    task_id="report",\n    image="registry.example/report@sha256:…",\n)\n',
        ),
    )
)
