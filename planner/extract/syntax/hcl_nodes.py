"""What HCL is made of: attributes, blocks and expressions; each text knows where it stands."""

from dataclasses import dataclass, field

from planner.extract.written import Written


@dataclass(frozen=True, slots=True)
class Text:
    """A string or heredoc: its characters as they are meant, and the expressions of its templates between them."""

    parts: tuple["Written | Expression", ...]


@dataclass(frozen=True, slots=True)
class Name:
    """`a.b["c"][0]`: the keys that lead to a value; None for one that is computed."""

    keys: tuple[str | None, ...]
    raw: Written


@dataclass(frozen=True, slots=True)
class Call:
    """`function(...)`."""

    function: str
    arguments: tuple["Expression", ...]
    raw: Written


@dataclass(frozen=True, slots=True)
class Many:
    """Several values: a list, or the two of a condition, of which either may be used."""

    elements: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Other:
    """Numbers, arithmetic and comparisons: no text."""

    raw: Written


@dataclass(frozen=True, slots=True)
class Loop:
    """`for key, value in over : element`, in brackets or braces."""

    names: tuple[str, ...]
    over: "Expression"
    element: "Expression"


@dataclass(slots=True)
class Pair:
    """A key, as it stands there, and its value; `labels` are those of a block: `resource "a" "b" {`."""

    written: Written
    value: "Expression"
    labels: tuple[str, ...] = ()
    is_block: bool = False

    @property
    def key(self) -> str:
        """The key's text."""
        return self.written.text


@dataclass(frozen=True, slots=True)
class Body:
    """What stands between braces, or in a file: attributes and blocks in their order. A key may come several times."""

    pairs: list[Pair] = field(default_factory=list)


Expression = Text | Name | Call | Many | Other | Loop | Body
