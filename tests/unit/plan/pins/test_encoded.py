"""Bytes that are no text in their encoding keep their place, and so does each character after them."""

from hypothesis import given
from hypothesis import strategies as st

from planner.plan.pins.edits import Edit
from planner.plan.pins.encoded import Encoded

ENCODINGS = st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
PARTS = st.lists(
    st.one_of(st.binary(max_size=6), st.text(max_size=4).map(lambda text: text.encode("utf-8", "replace")))
)


@given(PARTS.map(b"".join), ENCODINGS, st.data())
def test_an_edit_changes_its_own_bytes_alone(around: bytes, encoding: str, data: st.DataObject) -> None:
    width = len("x".encode(encoding))
    around = around[: len(around) // width * width]
    cut = data.draw(st.integers(0, len(around) // width)) * width
    word = "digest".encode(encoding)
    whole = Encoded(b"mark" + around[:cut] + word + around[cut:], 4, encoding)
    at = whole.text.find("digest")
    if at < 0:
        return  # what stands before took its first bytes
    edited = whole.edited([Edit("f", at, at + 6, "digest", "other1")])
    assert len(edited) == len(whole.data)
    differing = [i for i, pair in enumerate(zip(edited, whole.data, strict=True)) if pair[0] != pair[1]]
    start = whole.data.find(word, 4)
    assert set(differing) <= set(range(start, start + len(word)))
    assert edited[start : start + len(word)] == "other1".encode(encoding)


def test_far_into_a_file() -> None:
    data = ("ü" * 10_000 + "digest").encode() + b"\xff" * 3 + "ü".encode() * 5_000 + b"digest"
    whole = Encoded(data)
    edits = [Edit("f", at, at + 6, "digest", "") for at in (10_000, len(whole.text) - 6)]
    assert whole.edited(edits) == data.replace(b"digest", b"")
