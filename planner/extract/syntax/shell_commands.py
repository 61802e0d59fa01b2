"""Shell text as commands of words that know where they stand. One pass, whatever the text; it never fails."""

import re
from dataclasses import dataclass, field

_MAX_NESTED = 100  # substitutions in substitutions
_MAX_BLOCKS = 20
_MAX_HEREDOCS = 16  # that begin on one line
_BARE = re.compile(
    r"""
    (?P<joined>\\\r?\n) | (?P<escape>\\.) | (?P<space>[ \t\r\f\v]+) | (?P<newline>\n) | (?P<comment>\#[^\n]*)
    | (?P<ansi>\$'(?:\\.|[^'\\])*'?) | (?P<single>'[^']*'?) | (?P<double>\$?")
    | (?P<sum>\$?\(\([^()\n]*\)\)) | (?P<open>[$<>]?\() | (?P<close>\)) | (?P<tick>`) | (?P<brace>\$\{)
    | (?P<heredoc><<(?!<)-?[ \t]*(?:'[^'\n]+'|"[^"\n]+"|\\?[\w.!%-]+)) | (?P<here><<<)
    | (?P<redirect>&>>?|>>|>\||>&|<&|<>|[<>]) | (?P<operator>;;&?|;&|&&|\|\||\|&|[;&|])
    | (?P<text>[^\s\\'"$`()<>;&|]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTED = re.compile(
    r"""(?P<joined>\\\r?\n)|(?P<escape>\\.)|(?P<double>")|(?P<open>\$\((?!\())|(?P<tick>`)|(?P<brace>\$\{)"""
    r"""|(?P<text>[^\\"$`]+|.)""",
    re.DOTALL,
)
_BRACES = re.compile(r"\\.|\$\{|\}", re.DOTALL)
_DELIMITER = re.compile(r"<<-?[ \t]*(['\"\\]?)([^'\"]*)")
_NO_FILE = re.compile(r"\d+-?|-|/dev/(?:null|stdout|stderr|tty)")
_OPENS = frozenset({"if", "while", "until", "for", "select", "case", "{"})
_TURNS = frozenset({"then", "else", "elif", "do"})
_CLOSES = frozenset({"fi", "done", "esac", "}"})
_HEADS = frozenset({"for", "select", "case"})
_PASSED_OVER = _OPENS - _HEADS | _TURNS | {"!", "time", "coproc"}


@dataclass(frozen=True, slots=True)
class Part:
    """Characters `start` to `stop` of a word; `quote` is empty outside of quotes, and ( for a substitution."""

    start: int
    stop: int
    quote: str = ""


Word = tuple[Part, ...]
Branch = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Heredoc:
    """The lines of a heredoc; in those that expand, variables have their values."""

    start: int
    stop: int
    expands: bool


@dataclass(slots=True)
class Command:
    """A simple command with the assignments before it, or the head of a `for`, or the elements of an array.

    `is_shown`: what it prints goes to a person, not into a file or another command. `branch` are the blocks around
    it that need not run, each with its turn: what stands in two turns of one block does not run both.
    """

    words: list[Word] = field(default_factory=list)
    heredocs: list[Heredoc] = field(default_factory=list)
    array: str = ""
    is_shown: bool = True
    branch: Branch = ()
    group: int = -1  # the number of the first command of the subshell that this one is


@dataclass(slots=True)
class _Frame:
    """A list of commands: the script's, or that of a substitution or subshell."""

    closer: str = ""
    command: Command = field(default_factory=Command)
    word: list[Part] | None = None
    is_quoted: bool = False
    redirect: str = ""
    in_pattern: bool = False
    start: int = 0
    first: int = 0  # the command that is the first of this list


def commands(text: str) -> list[Command]:
    """The commands of a script in order; those of a substitution come before the one that uses it."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.found: list[Command] = []
        self.frames = [_Frame()]
        self.blocks: list[tuple[int, int, int]] = []  # of each its number, its present turn, and its first command
        self.counted = 0
        self.pending: list[tuple[str, Command, int]] = []
        self.braces = _closing_braces(text)

    def read(self) -> list[Command]:
        while self.position < len(self.text):
            frame = self.frames[-1]
            found = (_QUOTED if frame.is_quoted else _BARE).match(self.text, self.position)
            if not found:  # a lone backslash at the end
                break
            self.position = found.end()
            self._token(frame, found.lastgroup or "text", found.start(), found.end())
        while self.frames:
            frame = self.frames.pop()
            self._end_word(frame)
            self._end_command(frame, "")
        return self.found

    def _token(self, frame: _Frame, kind: str, start: int, stop: int) -> None:
        match kind:
            case "space":
                self._end_word(frame)
            case "newline":
                self._end_command(frame, "\n")
                self._heredocs()
            case "operator":
                self._end_command(frame, self.text[start:stop])
            case "open" | "tick" | "close":
                self._parenthesis(frame, kind, start, stop)
            case "heredoc" | "redirect" | "here":
                self._redirect(frame, kind, start, stop)
            case "comment" if frame.word is None:
                return
            case kind if kind != "joined":
                self._text(frame, kind, start, stop)

    def _text(self, frame: _Frame, kind: str, start: int, stop: int) -> None:
        match kind:
            case "single" | "ansi":
                begin = self.text.index("'", start) + 1
                self._part(frame, begin, max(begin, stop - (self.text[stop - 1] == "'")), "'")
            case "double":
                frame.is_quoted = not frame.is_quoted
                self._part(frame, stop, stop, '"')
            case "brace":
                end = self.braces.get(start)
                self.position = end + 1 if end is not None else stop
                self._part(frame, start, self.position)
            case "comment":  # within a word: a sign like others
                self.position = start + 1
                self._part(frame, start, start + 1)
            case _:
                self._part(frame, start, stop)

    def _part(self, frame: _Frame, start: int, stop: int, quote: str = "") -> None:
        quote = '"' if frame.is_quoted and not quote else quote
        word = frame.word = frame.word if frame.word is not None else []
        if word and word[-1].quote == quote != "(" and word[-1].stop == start:
            word[-1] = Part(word[-1].start, stop, quote)
        else:
            word.append(Part(start, stop, quote))

    def _parenthesis(self, frame: _Frame, kind: str, start: int, stop: int) -> None:
        closes = kind == "close" or (kind == "tick" and frame.closer == "`")
        if closes and frame.in_pattern and not self._is_word(frame, "esac"):
            # The pattern of a case: not a command.
            self._end_word(frame)
            frame.command, frame.in_pattern = Command(), False
            self._turn()
        elif closes:
            self._close(frame, "`" if kind == "tick" else ")", stop)
        elif frame.in_pattern:
            return
        elif len(self.frames) > _MAX_NESTED:
            self._part(frame, start, stop)
        else:
            self._open(frame, start, stop)

    def _open(self, frame: _Frame, start: int, stop: int) -> None:
        inner = _Frame("`" if self.text[start] == "`" else ")", start=start, first=len(self.found))
        if self.text[start:stop] == "(":
            # After `name=` the elements of an array; else a subshell, or the parentheses of a function.
            name = self._array(frame)
            if not name:
                self._end_word(frame)
            inner.command.array = name
        self.frames.append(inner)

    def _array(self, frame: _Frame) -> str:
        if not frame.word or len(frame.word) > 1 or frame.word[0].quote:
            return ""
        name = self.text[frame.word[0].start : frame.word[0].stop]
        return name.rstrip("=+") if name.endswith("=") else ""

    def _close(self, frame: _Frame, closer: str, stop: int) -> None:
        self._end_word(frame)
        self._end_command(frame, "")
        if frame.closer != closer:
            return  # one too many
        self.frames.pop()
        outer = self.frames[-1]
        if self.text[frame.start] == "(":
            outer.command.group = frame.first
            if stop - frame.start == 2:
                outer.command.words.clear()  # `name()` before the body of a function
        else:
            self._hide(frame.first)
            self._part(outer, frame.start, stop, "(")

    def _hide(self, first: int) -> None:
        for command in self.found[first:]:
            command.is_shown = False

    def _redirect(self, frame: _Frame, kind: str, start: int, stop: int) -> None:
        if frame.word and len(frame.word) == 1 and not frame.word[0].quote:
            part = frame.word[0]
            if part.stop == start and self.text[part.start : part.stop].isdigit():
                frame.word = None  # the number of a file descriptor
        self._end_word(frame)
        if kind == "redirect":
            frame.redirect = self.text[start:stop]
        elif kind == "heredoc" and len(self.pending) < _MAX_HEREDOCS:
            found = _DELIMITER.match(self.text, start, stop)
            if found:
                self.pending.append((found[2], frame.command, len(frame.command.heredocs)))
                frame.command.heredocs.append(Heredoc(stop, stop, not found[1]))

    def _heredocs(self) -> None:
        for delimiter, command, number in self.pending:
            end = re.compile(rf"^[ \t]*{re.escape(delimiter)}[ \t\r]*$", re.MULTILINE).search(self.text, self.position)
            start, stop = self.position, end.start() if end else len(self.text)
            command.heredocs[number] = Heredoc(start, stop, command.heredocs[number].expands)
            self.position = min(end.end() + 1, len(self.text)) if end else stop
        self.pending = []

    def _end_word(self, frame: _Frame) -> None:
        word, frame.word = frame.word, None
        if word is None:
            return
        if frame.redirect:
            target = "".join(self.text[part.start : part.stop] for part in word)
            if ">" in frame.redirect and not _NO_FILE.fullmatch(target):
                frame.command.is_shown = False
            frame.redirect = ""
            return
        frame.command.words.append(tuple(word))
        words = frame.command.words
        if len(words) == 3 and self._bare(words[0]) == "case" and self._bare(words[2]) == "in":
            self._end_command(frame, "")
            frame.in_pattern = True

    def _end_command(self, frame: _Frame, operator: str) -> None:
        if frame.is_quoted:
            frame.is_quoted = False
        self._end_word(frame)
        command = frame.command
        if frame.closer and command.array and operator == "\n":
            return  # the elements of an array may stand on several lines
        frame.command = Command(array=command.array)
        frame.redirect = ""
        if not frame.in_pattern or (command.words and self._bare(command.words[0]) == "esac"):
            frame.in_pattern = False
            self._keep(command, operator)
        if operator.startswith(";;") or operator == ";&":
            frame.in_pattern = True
        if operator in ("&&", "||"):
            self.counted += 1
            frame.command.branch = ((self.counted, 0),)

    def _keep(self, command: Command, operator: str) -> None:
        if operator in ("|", "|&"):
            command.is_shown = False
        if command.group >= 0 and not command.is_shown:
            self._hide(command.group)
        passed, around = 0, None
        for word in command.words:
            name = self._bare(word)
            if name in _HEADS:
                around = self._branch()
            self._reserved(name, command)
            if name not in _PASSED_OVER | _CLOSES:
                break
            passed += 1
        del command.words[:passed]
        if command.words or command.heredocs:
            command.branch = (self._branch() if around is None else around) + command.branch
            self.found.append(command)

    def _branch(self) -> Branch:
        return tuple((block, turn) for block, turn, _ in self.blocks)

    def _reserved(self, name: str, command: Command) -> None:
        if name in _OPENS:
            self._block()
        elif name in _TURNS:
            self._turn()
        elif name in _CLOSES:
            first = self.blocks.pop()[2] if self.blocks else len(self.found)
            if not command.is_shown:
                self._hide(first)

    def _block(self) -> None:
        self.counted += 1
        if len(self.blocks) < _MAX_BLOCKS:
            self.blocks.append((self.counted, 0, len(self.found)))

    def _turn(self) -> None:
        if self.blocks:
            block, turn, first = self.blocks[-1]
            self.blocks[-1] = (block, turn + 1, first)

    def _bare(self, word: Word) -> str:
        """The text of a word without quotes; empty for others."""
        return self.text[word[0].start : word[0].stop] if len(word) == 1 and not word[0].quote else ""

    def _is_word(self, frame: _Frame, name: str) -> bool:
        return bool(frame.word) and self._bare(tuple(frame.word or ())) == name


def _closing_braces(text: str) -> dict[int, int]:
    """Where each `${` ends that ends, in one pass."""
    ends: dict[int, int] = {}
    opened: list[int] = []
    for brace in _BRACES.finditer(text):
        if brace[0] == "${":
            opened.append(brace.start())
        elif brace[0] == "}" and opened:
            ends[opened.pop()] = brace.start()
    return ends
