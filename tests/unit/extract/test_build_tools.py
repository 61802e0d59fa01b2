"""Bazel, Tilt, Vagrant, Nix, Maven and Gradle, MSBuild, Skaffold, Earthly, Bake and ko: spellings, and bad input."""

import time

import pytest

from planner.extract import format_of
from planner.model.source import SourceFile
from tests.support.extraction import images, problems, read


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("MODULE.bazel", "bazel"),
        ("third_party/oci.MODULE.bazel", "bazel"),
        ("WORKSPACE", "bazel"),
        ("WORKSPACE1", "bazel"),
        ("a/BUILD", "bazel"),
        ("a/BUILD.bazel", "bazel"),
        ("a/deps.bzl", "bazel"),
        ("fixtures/oci_pull", "bazel"),
        ("README.md", None),
        ("build.go", "plain-text"),
        ("MODULE.bazel.lock", None),
    ],
)
def test_bazel_files(path: str, name: str | None) -> None:
    claimed = format_of(SourceFile(path, 'oci_pull(\n    name="x",\n)\n'))
    assert (claimed.name if claimed else None) == name


@pytest.mark.parametrize(
    ("arguments", "image"),
    [
        ('image = "a/b", digest = "<D>"', "a/b"),
        ('digest="<D>",image="a/b",tag="1"', "a/b:1"),
        ("image = 'a/b:1', digest = '<D>', tag = '1'", "a/b:1"),
        ('image = "docker://a/b@<D>"', "a/b"),
        ('image = "a/b@<D>", digest = "<D>"', "a/b"),
        ('registry = "r.io", repository = "a/b", digest = "<D>"', "r.io/a/b"),
        ('registry = "r.io",\n\n    # c\n    repository = "a/b", digest = "<D>", tag = TAG', "r.io/a/b"),
        ('image = ("a/"\n   "b"), digest = "" + "<D>"', "a/b"),
        ('image = BASE + "/b", digest = PINNED', "a/b"),
        ('image = "a/b", digest = "<D>", tags = ["x", f(1, y = [2])], z = {"k": (1, 2)}', "a/b"),
    ],
)
@pytest.mark.parametrize("function", ["oci.pull", "oci_pull", "container_pull", "pull", "my.image_pull"])
def test_bazel_rules_that_pull(function: str, arguments: str, image: str) -> None:
    text = f'BASE = "a"\nPINNED = "<D>"\n{function}(name = "x", {arguments})\n'
    assert images("MODULE.bazel", text) == [("build", "x", image)]


@pytest.mark.parametrize(
    "text",
    [
        '# oci_pull(image = "a", digest = "<D>")',
        'http_archive(name = "x", sha256 = "<D>")',
        'container_push(registry = "r", repository = "a", digest = "<D>")',
        'def f():\n    """Pulls a@<D>."""',
        '"""a@<D>"""',
        'rule(doc = "a@<D>")',
        'def f(digest):\n    oci_pull(image = "a", digest = digest)\nX = "<D>"',
    ],
)
def test_bazel_what_is_no_pull(text: str) -> None:
    assert images("defs.bzl", f"{text}\n") == []


def test_bazel_a_name_that_is_not_known_is_a_problem() -> None:
    assert problems("x.bzl", 'def f(r):\n    oci_pull(image = r, digest = "<D>")\n') == [("variable-unset", 2)]
    assert problems("x.bzl", 'oci_pull(image = "%s/b" % X, digest = "<D>")\n') == [("variable-unset", 1)]
    assert problems("x.bzl", 'oci_pull(image = "a/b", digest = "sha256:12")\n') == [("invalid-reference", 1)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("x.bzl", "f(" * 200_000),
        ("x.bzl", "[{(" * 100_000),
        ("x.bzl", '"""' * 200_001),
        ("x.bzl", 'A = "' + "\\" * 200_001),
        ("x.bzl", "a." * 200_000 + "b("),
        ("x.bzl", 'A = A + A + "x"\n' * 50_000),
        ("x.bzl", "f(digest = " + '"sha256:0" + ' * 50_000),
        ("x.bzl", "f(image = " + "a, " * 100_000 + ")"),
    ],
)
def test_hostile_files_end_soon(path: str, text: str) -> None:
    started = time.process_time()
    read(path, f'oci_pull(image = "a", digest = "<D>")\n{text}')
    assert time.process_time() - started < 5
