"""What every file format says of itself: its module, which files, and an example that it reads."""

import hashlib
from pathlib import PurePosixPath

import pytest

from planner.explain.formats import about
from planner.extract import FORMATS, extract, format_of
from planner.model.occurrence import Occurrence
from planner.model.source import SourceFile

DIGEST = "sha256:" + hashlib.sha256(b"example").hexdigest()


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_format_says_what_it_reads(name: str) -> None:
    known = FORMATS[name]
    assert known.title
    assert known.files, "which files are read, for people"
    assert len(about(known)) > 40, "the module's docstring says what is read"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_example_is_read_by_its_format(name: str) -> None:
    example = FORMATS[name].example
    assert example, "a small file that names one image by digest"
    assert example.text.count("sha256:…") == 1
    source = SourceFile(example.path, example.text.replace("sha256:…", DIGEST))
    claimed = format_of(source)
    assert claimed, "nothing reads the example"
    assert claimed.name == name
    found = list(extract(source, lambda _path: None))
    assert [type(each) for each in found] == [Occurrence], found
    (one,) = found
    assert isinstance(one, Occurrence)
    assert one.reference.digest == DIGEST
    line = source.text.split("\n")[one.line - 1]
    assert line[one.column - 1 :].startswith(("sha256:", DIGEST.partition(":")[2]))
    assert not PurePosixPath(example.path).is_absolute()
