"""Simple commands: assignments, words, redirections, and the bodies of heredocs.

It hands each command to `programs`, and knows nothing of compound commands.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from runner.regex import regex
from runner.shell.findings import (
    Command,
    Compound,
    Dialect,
    Heredoc,
    Lost,
    Piece,
    Redirection,
    Refusal,
    Word,
)
from runner.shell.flat import FlatScript
from runner.shell.known.builtins import declaring
from runner.shell.programs import look
from runner.shell.words import Words, before_process, operators

_redirection = regex(r"(\d+|\{[A-Za-z_]\w*\})?(<<<|<<-|<<|<&|<>|<|>>|>&|>\||>)|(&>>?)")
_split_operator = regex(r"\\\n[<>&|;(-]")
process = regex(r"[<>]\(")
_own_outputs = ("/dev/stdout", "/dev/stderr")
parentheses = regex(r"\([ \t]*\)")


class Simple(ABC):
    """Reads simple commands; `facts` is what they say of variables."""

    def __init__(self, flat: FlatScript, dialect: Dialect) -> None:
        self.flat = flat
        self.dialect = dialect
        self.words = Words(flat, dialect, self.nested)
        self.facts = self.words.facts
        self.emptied: list[Word] = []
        """Where the script opens its own output anew."""
        self.named = ""
        """The function whose body comes next."""
        self._waiting: list[Heredoc] = []
        self._outer_waits = False

    @abstractmethod
    def commands(self, closing: str) -> Compound:
        """Commands up to the end, a `)`, or the end of a branch of `case`."""

    # Lists inside words ------------------------------------------------------------------------

    @contextmanager
    def _aside(self) -> Iterator[None]:
        """A list of commands in the middle of another, with heredocs of its own."""
        waiting, outer = self._waiting, self._outer_waits
        self._waiting, self._outer_waits = [], outer or bool(waiting)
        yield
        if self._waiting:
            raise Lost(self._waiting[0].at, "this heredoc has no body before the `)`")
        self._waiting, self._outer_waits = waiting, outer

    def nested(self, closing: str) -> Compound:
        """The commands of `$( )`, whose `(` has been read, and their `)`; or those up to the end."""
        start = self.words.position - 1
        with self._aside():
            group = self.commands(closing)
        if closing:
            self.close(start)
        return group

    def close(self, start: int) -> None:
        """The `)` of what began at `start`."""
        if self.words.peek() != ")":
            raise Lost(start, "this parenthesis is not closed")
        self.words.position += 1

    def newline(self) -> None:
        """The end of a line, and the bodies of the heredocs that began on it."""
        if self._outer_waits:
            raise Lost(
                self.words.position, "a heredoc begins before this line ends: put it on a line of its own"
            )
        self.words.position += 1
        waiting, self._waiting = self._waiting, []
        for heredoc in waiting:
            if any(body.start <= heredoc.at < body.end for body in self._ended_bodies()):
                raise Lost(heredoc.at, "the body of this heredoc stands outside of its function")
            self._body(heredoc)

    def _ended_bodies(self) -> list[Piece]:
        return [body for bodies in self.facts.functions.values() for body in bodies if body.end]

    def not_continued(self) -> None:
        """A backslash at the end of a line must not part an operator."""
        if self.words.match(_split_operator):
            raise Lost(self.words.position, "the line is continued in the middle of an operator")

    def function_name(self, name: Word) -> None:
        """`name()`: its parentheses are still to come."""
        for spot in name.holes:
            spot.refusal, spot.settled = Refusal("function", name.start, name.end), True
        self.named = name.text
        self.words.skip_blanks()
        if match := self.words.match(parentheses):
            self.words.position = match.end()

    def lines(self) -> None:
        """Blanks, comments and ends of lines."""
        self.words.skip_blanks()
        while self.words.peek() == "\n":
            self.newline()
            self.words.skip_blanks()

    def word(self) -> Word:
        """A word, or `<( )`."""
        word = Word(self.words.position) if self.words.match(process) else self.words.word()
        match = self.words.match(process)
        if match is None or not (word.text == "" or before_process.search(word.text)):
            return word
        if self.dialect == "sh":
            raise Lost(self.words.position, "sh has no `<( )`: say `shell: bash`")
        word.add("\0")
        self.words.position = match.end()
        with self.words.refuse(None):
            word.process = self.nested(")")
        if self.words.peek() and self.words.peek() not in operators:
            raise Lost(self.words.position, "put a space before it")
        word.end = self.words.position
        return word

    # Simple commands ---------------------------------------------------------------------------

    def simple(self) -> Command | None:
        """Assignments, words and redirections, in any order the shell allows; None if a function begins."""
        words = self.words
        begun = words.position
        command = Command(begun, flat=self.flat, dialect=self.dialect, facts=self.facts)
        while True:
            words.skip_blanks()
            start = words.position
            if self._redirection(command):
                continue
            if words.peek() == "" or words.peek() in "\n;&|)":
                break
            if words.peek() == "(":
                if self._is_function(command):
                    return None
                self._declared_array(command)
                continue
            if not command.words and (assigned := words.assignment()):
                words.finish_word(assigned, listed=False)
                command.assignments.append(assigned)
                continue
            word = self.word()
            words.finish_word(word, listed=True, first=not command.words)
            command.words.append(word)
            if words.position == start:
                raise Lost(start, "this is no command")
        if words.position == begun:
            raise Lost(begun, "this is no command")
        self._finish(command)
        return command

    def _finish(self, command: Command) -> None:
        look(command)
        self._note_tee(command)
        for word in (*command.words, *command.assignments):
            word.settle()
        self._settle_targets(command)

    def _note_tee(self, command: Command) -> None:
        words = [word.text for word in command.words]
        if words and command.words[0].base == "tee" and not {"-a", "--append"}.intersection(words):
            self.emptied += [word for word in command.words if word.text in _own_outputs]

    def _is_function(self, command: Command) -> bool:
        match = self.words.match(parentheses)
        if match is None or len(command.words) != 1 or command.assignments or command.redirections:
            return False
        self.function_name(command.words[0])
        return True

    def _declared_array(self, command: Command) -> None:
        """`declare -a names=(…)`."""
        last = command.words[-1] if command.words else None
        if last is None or not last.text.endswith("=") or last.end != self.words.position:
            raise Lost(self.words.position, "this `(` stands in the middle of a command")
        name, known = last.text[:-1].removesuffix("+"), command.words[0].text in declaring
        refusal = None if known else Refusal("declared-array", last.start, detail=command.words[0].text)
        with self.words.refuse(refusal):
            self.words.array(last, name)
        last.text += "()"

    def redirections(self, compound: Compound) -> None:
        """Those that follow a compound command."""
        self.words.skip_blanks()
        while self._redirection(compound):
            self.words.skip_blanks()
        self._settle_targets(compound)

    def _settle_targets(self, piece: Piece) -> None:
        piece.end = self.words.position
        for redirection in piece.redirections:
            redirection.target.settle()

    def _redirection(self, piece: Piece) -> bool:
        """Whether a redirection stood here."""
        match = self.words.match(_redirection)
        if match is None or self.words.match(process):
            return False
        self._redirect(piece, match)
        return True

    def _redirect(self, piece: Piece, match: re.Match[str]) -> None:
        words = self.words
        operator = match[2] or match[3]
        at = words.position
        words.position = match.end()
        self.not_continued()
        if words.peek() == "#":
            raise Lost(at, "this redirection has no target")
        words.skip_blanks()
        target = self.word()
        if target.start == target.end:
            raise Lost(at, "this redirection has no target")
        if operator in ("<<", "<<-"):
            heredoc = self._heredoc(target, at, tabs=operator == "<<-")
            piece.redirections.append(Redirection(match[1] or "", operator, target, heredoc))
            return
        piece.redirections.append(Redirection(match[1] or "", operator, target))
        words.finish_word(target, listed=False)
        kind = {"<&": "descriptor", ">&": "descriptor"}.get(operator, "")
        if operator in (">", ">|", "&>") and target.text in _own_outputs:
            self.emptied.append(target)
        if operator == "<<<":
            kind = "here-string" if self.dialect == "sh" else ""
        if kind:
            for spot in target.holes:
                spot.refusal = Refusal(kind, at, target.end)

    def _heredoc(self, target: Word, at: int, *, tabs: bool) -> Heredoc:
        for spot in target.holes:
            spot.refusal = Refusal("delimiter", at, target.end)
        raw = self.words.text[target.start : target.end]
        if target.holes or "$" in raw or "`" in raw or "\n" in raw or not target.text:
            raise Lost(at, "such a heredoc's end cannot be told")
        heredoc = Heredoc(at, target.text, quoted=raw != target.text, tabs=tabs)
        self._waiting.append(heredoc)
        return heredoc

    def _body(self, heredoc: Heredoc) -> None:
        """The lines of a heredoc, and the one that ends it."""
        words = self.words
        start = words.position
        end, after = self._extent(heredoc, start)
        if heredoc.quoted:
            self.facts.keeps_dollars |= "$" in words.text[start:end]
            heredoc.body = Word(start, end)
            refusal = Refusal("quoted-heredoc", heredoc.at, end, heredoc.delimiter)
            words.darken(heredoc.body, start, end, refusal)
        else:
            heredoc.body = words.heredoc(end)
            heredoc.body.end = end
        heredoc.body.settle()
        words.position = after

    def _extent(self, heredoc: Heredoc, start: int) -> tuple[int, int]:
        """Where the body ends, and where the line after its delimiter begins."""
        text, limit = self.words.text, self.words.end
        at, continued = start, False
        while at < limit:
            newline = text.find("\n", at, limit)
            end = limit if newline < 0 else newline
            line = text[at:end]
            if (line.lstrip("\t") if heredoc.tabs else line) == heredoc.delimiter:
                if continued:
                    raise Lost(at, "the line before the end of this heredoc ends in a backslash")
                return at, min(end + 1, limit)
            backslashes = len(line) - len(line.rstrip("\\"))
            continued = not heredoc.quoted and backslashes % 2 == 1
            at = end + 1
        raise Lost(heredoc.at, f"this heredoc is never ended by `{heredoc.delimiter}`")
