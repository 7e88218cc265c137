"""The commands of a script: lists, pipes, loops, functions, `case`, conditions.

It finds each simple command, and judges at the end what only the whole script tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from runner.regex import regex
from runner.shell.arguments import is_positional
from runner.shell.compounds import Compounds, case_break, ends, esac
from runner.shell.findings import (
    Command,
    Compound,
    Dialect,
    Keyed,
    Lost,
    Piece,
    Refusal,
    Spot,
    Word,
)
from runner.shell.flat import HOLE, FlatScript, fed, laid_out
from runner.shell.kinds import harmful
from runner.shell.known.builtins import keyed_names
from runner.shell.known.interpreters import is_interpreter
from runner.shell.plain_words import out_of_quotes
from runner.shell.programs import look_again, look_at_lines
from runner.shell.running import Running
from runner.shell.scopes import Scopes

_opening = regex(r"(?:if|while|until|\{)" + ends)
_middle = regex(r"(?:then|elif|else|do|!)" + ends)
_closing = regex(r"(?:fi|done|\})" + ends)
_closes = {"fi": ("if",), "done": ("while", "until"), "}": ("{",)}
_time = regex(r"time(?:[ \t]+-p)?" + ends + r"(?![ \t]+-)")
_loop = regex(r"(?:for|select)" + ends)
_case = regex(r"case" + ends)
_function = regex(r"function(?=[ \t])")
_coproc = regex(r"coproc" + ends)
_condition = regex(r"\[\[(?=[\s]|\Z)")
_operator = regex(r"&&|\|\||\|&|[;&|]")
_most_open = 60
_computed = ("arithmetic", "subscript")


class Commands(Compounds):
    """All commands of a script, read once from its beginning to its end, or to where it is lost."""

    def __init__(self, flat: FlatScript, dialect: Dialect) -> None:
        super().__init__(flat, dialect)
        self.first_pipe: int | None = None
        self.lost: Lost | None = None
        self._open: list[Compound] = []
        self._last: Piece | None = None
        self._piped: Piece | None = None
        self._joined = False
        self._finished = 0

    def read(self) -> list[Spot]:
        """What is known of each hole."""
        self._open = [Compound(-1, len(self.flat.text))]
        whole = self._open[0]
        try:
            self._list("")
            if self._waiting:
                raise Lost(self._waiting[0].at, "this heredoc has no body")
        except Lost as lost:
            self.lost = lost
            self._refuse_unsettled(lost)
        if self.flat.holes:
            self._follow(whole)
        return self.words.spots

    def _follow(self, whole: Compound) -> None:
        scopes = Scopes(self.flat.text, self.facts, whole, self.dialect)
        running = Running(
            self.flat, self.facts, self.words.spots, scopes, runs_input, runs_variable, takes_word
        )
        try:
            look_again(self.facts, self.flat)
            running.follow(whole)
            if look_at_lines(self.facts, self.flat, scopes):
                running.follow(whole)
        except Lost as lost:
            self._refuse_lost(lost, self.words.spots)
        self._accept_numbers()
        if self.lost is not None:
            self._refuse_lost(self.lost, running.named_in(self.flat.text[self._finished :]))

    def _accept_numbers(self) -> None:
        """A number is no code, and a whole one is what arithmetic reads."""
        for spot in self.words.spots:
            if spot.refusal is not None and self._takes_number(spot, spot.refusal):
                spot.refusal = None

    def _takes_number(self, spot: Spot, refusal: Refusal) -> bool:
        """Whether a place that is refused takes this value, as it is sure to be a number."""
        whole = self.flat.whole[spot.number]
        if spot.first is not None and not (whole and spot.first.kind in _computed):
            return False
        if refusal.kind == "program":
            plain = self.flat.plain[spot.number] and refusal.script != "" and takes_word(refusal.script)
            return plain or self.flat.is_number(spot.number)
        if spot.place == "quoted" and refusal.kind in _computed:
            return whole
        begun = self.flat.text[refusal.start : spot.at].strip("\"'") != ""
        return whole and refusal.kind == "format" and begun

    def _refuse_unsettled(self, lost: Lost) -> None:
        """What is not judged yet, and what may be fed to what follows."""
        self._finished = min(self._finished, lost.at)
        self.facts.keyed.clear()
        spots = self.words.spots
        self._refuse_lost(lost, [spot for spot in spots if spot.at >= self._finished or not spot.settled])

    def _refuse_lost(self, lost: Lost, spots: Iterable[Spot]) -> None:
        for spot in spots:
            if spot.place != "verbatim" and (spot.refusal is None or not (spot.settled or spot.refusal.end)):
                spot.refusal = Refusal("lost", lost.at, detail=lost.reason)

    def _finish_list(self) -> None:
        """What stands before is fed to nothing that follows."""
        self._last = None
        if len(self._open) == 1 and self._open[0].start < 0 and self._piped is None:
            self._finished = self.words.position

    # Lists of commands -------------------------------------------------------------------------

    def commands(self, closing: str) -> Compound:
        """Commands up to the end, a `)`, or the end of a branch of `case`."""
        before = self._open, self._last, self._piped, self._joined, self.named
        group = Compound(self.words.position)
        self._open, self._last, self._piped, self._joined, self.named = [group], None, None, False, ""
        self._list(closing)
        self._open, self._last, self._piped, self._joined, self.named = before
        group.end = self.words.position
        return group

    def _list(self, closing: str) -> None:
        words = self.words
        with words.deeper():
            while not self._at_end(closing):
                char = words.peek()
                if char == "\n":
                    self.newline()
                    self._finish_list()
                elif char in ";&|" and not words.starts("&>"):
                    self._separator()
                else:
                    self._command()

    def _at_end(self, closing: str) -> bool:
        words = self.words
        words.skip_blanks()
        char = words.peek()
        if not char:
            if closing:
                raise Lost(words.position, "the script ends too early")
            return True
        if closing == "case" and (words.match(case_break) or words.match(esac)):
            return True
        if char == ")":
            if closing != ")":
                raise Lost(words.position, "this `)` closes nothing")
            return True
        return False

    def _separator(self) -> None:
        """An operator between commands; a pipe joins the last one and the next."""
        match = self.words.match(_operator)
        assert match is not None
        if match.group() == ";" and self.words.peek(1) in tuple(";&"):
            raise Lost(self.words.position, "`;;` stands outside of `case`")
        start = self.words.position
        self.words.position = match.end()
        self.not_continued()
        self._joined = match.group() != ";"
        last, self._last, self._piped = self._last, None, None
        if match.group() not in ("|", "|&"):
            self._finish_list()
            return
        if self.first_pipe is None:
            self.first_pipe = start
        if last is not None:
            last.pipe = match.group()
            self._piped = last

    def _begin(self, piece: Piece) -> None:
        """A command begins: it reads from the pipe before it, or is the body of a function."""
        piece.piped, self._piped = self._piped, None
        piece.joined, self._joined = self._joined, False
        if isinstance(piece, Command) and not piece.joined:
            self._note_keyed(piece)
        if self.named:
            self.facts.functions.setdefault(self.named, []).append(piece)
            self.named = ""
        else:
            self._open[-1].pieces.append(piece)

    def _note_keyed(self, command: Command) -> None:
        """`declare -A name`, which counts for the rest of its list, or of its branch, if no pipe parts it."""
        names, scope = keyed_names(command), self._open[-1]
        after = self.words.text[command.end :].lstrip(" \t")
        if names and after[:1] not in ("|", "&"):
            whole = scope.start < 0
            self.facts.keyed += [Keyed(name, command.start, None if whole else scope) for name in names]

    def _push(self, opening: str, start: int) -> Compound:
        compound = Compound(start, opening=opening)
        self._begin(compound)
        self._open.append(compound)
        if len(self._open) > _most_open:
            raise Lost(start, "it is nested too deeply")
        return compound

    def _pop(self, closing: str, start: int) -> None:
        """`fi`, `done` or `}`; `for … { … }` ends with its braces."""
        ends = self._open[-1]
        if ends.opening not in _closes[closing]:
            raise Lost(start, f"this `{closing}` closes nothing")
        self._open.pop()
        if closing == "}" and self._open[-1].opening == "for":
            ends = self._open.pop()
        self._ended(ends)

    def _ended(self, compound: Compound) -> None:
        self.redirections(compound)
        self._last = compound

    # One command -------------------------------------------------------------------------------

    def _command(self) -> None:
        """A simple command, or the beginning, middle or end of a compound one."""
        words = self.words
        start = words.position
        if match := words.match(_middle) or words.match(_time):
            words.position = match.end()
            if match.group() == "do" and self._open[-1].opening == "for":
                self._open[-1].opening = "while"
            elif match.group() in ("elif", "else"):
                self._open[-1].branches.append(start)
        elif match := words.match(_opening):
            words.position = match.end()
            self._push(match.group(), start)
        elif match := words.match(_closing):
            words.position = match.end()
            self._pop(match.group(), start)
        elif match := words.match(_loop):
            words.position = match.end()
            self.loop_head(self._push("for", start))
        elif match := words.match(_function):
            words.position = match.end()
            words.skip_blanks()
            self.function_name(words.word())
        elif words.match(_coproc):
            raise Lost(start, "`coproc` is not followed")
        elif match := words.match(_case):
            words.position = match.end()
            self._whole(self.case, start)
        elif match := words.match(_condition):
            words.position = match.end()
            self._whole(self.double_brackets, start)
        elif words.starts("(("):
            self._whole(self._double_parentheses, start)
        elif words.starts("("):
            self._whole(self._subshell, start)
        elif command := self.simple():
            self._begin(command)
            self._last = command

    def _whole(self, read: Callable[[Compound], None], start: int) -> None:
        compound = Compound(start)
        self._begin(compound)
        read(compound)
        self._ended(compound)

    def _subshell(self, compound: Compound) -> None:
        start = self.words.position
        self.words.position += 1
        compound.pieces.append(self.commands(")"))
        self.close(start)

    def _double_parentheses(self, compound: Compound) -> None:
        start = self.words.position
        self.words.position += 2
        word = Word(start)
        if self.words.arithmetic(word, start):
            compound.words.append(word)
        else:
            self.words.position = start
            self._subshell(compound)


@lru_cache(maxsize=256)
def input_refusal(script: str) -> Refusal | None:
    """Why a script may read no value: it would run what it reads; when in doubt, if it names a shell."""
    refusal = Commands(fed(script), "bash").read()[0].refusal
    if refusal is not None and refusal.kind == "lost":
        named = any(is_interpreter(name.rpartition("/")[2]) for name in script.split())
        return refusal if named else None
    return refusal if refusal is not None and refusal.kind in harmful else None


def runs_input(script: str) -> bool:
    """Whether a script would run what it reads."""
    return input_refusal(script) is not None


@lru_cache(maxsize=256)
def runs_variable(script: str, name: str) -> Refusal | None:
    """Why no value may be in one of the variables of a script, which would run it."""
    given = f"{name}={HOLE}"
    if is_positional(name):
        given = f"set -- {'x ' * (int(name) - 1 if name.isdecimal() else 0)}{HOLE}"
    refusal = Commands(laid_out(f"{given}\n{script}"), "bash").read()[0].refusal
    return refusal if refusal is not None and refusal.kind in harmful else None


@lru_cache(maxsize=256)
def takes_word(script: str) -> bool:
    """Whether a script of a shell, put together with plain words, would take any value there as data.

    What is decoded of one may be anything.
    """
    if HOLE not in script:
        return False
    commands = Commands(laid_out(out_of_quotes(script)), "bash")
    if any(spot.refusal for spot in commands.read()):
        return False
    return not any(HOLE in line[0].text for command in commands.facts.commands for line in command.programs)
