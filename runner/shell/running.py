"""Which values a script would run: followed through variables, pipes, redirections and functions.

The commands are gone through as they would run, again and again, until nothing new is found.
What programs read is known from `programs`, what they print from `outputs`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from runner.regex import regex
from runner.shell.arguments import may_be_several, places, positional, rests
from runner.shell.counting import settle_subscripts
from runner.shell.files import Files
from runner.shell.findings import (
    Assigned,
    Command,
    Compound,
    Facts,
    Lost,
    Piece,
    Reading,
    Refusal,
    Spot,
    Word,
)
from runner.shell.flat import HOLE, FlatScript
from runner.shell.holdings import Holdings, Values, folder, nothing, output
from runner.shell.kinds import as_program
from runner.shell.known import finders, xargs
from runner.shell.known.builtins import builtins, named_programs, reading_options
from runner.shell.known.columns import Columns, read_apart
from runner.shell.known.interpreters import is_interactive, is_shell
from runner.shell.known.pasting import pasted
from runner.shell.known.printing import copying
from runner.shell.outputs import Outputs
from runner.shell.plain_words import given_to, prints_once
from runner.shell.refusing import Refusing
from runner.shell.scopes import Scopes
from runner.shell.streams import Redirecting, Streams
from runner.shell.texts import Key

_most_steps, _deepest = 100_000, 100
_named = regex(r"\w+|(?<=[${])[@*]")
_assigned_in = regex(r"(?<![\w$])([A-Za-z_]\w*)\+?=(\"[^\"]*\"|[^\s;&|]*)")
_read_into: list[Key] = [("variable", "REPLY"), ("variable", "MAPFILE")]


class Running:
    """Follows the values of a script, and refuses those that would be run.

    `runs_input` tells whether a script inside this one would run what it reads, `runs_variable` why none may
    be in a variable of it.
    """

    def __init__(
        self,
        flat: FlatScript,
        facts: Facts,
        spots: Sequence[Spot],
        scopes: Scopes,
        runs_input: Callable[[str], bool],
        runs_variable: Callable[[str, str], Refusal | None],
        takes_word: Callable[[str], bool],
    ) -> None:
        self._runs_input, self._runs_variable = runs_input, runs_variable
        self._flat, self._facts, self._spots = flat, facts, spots
        self._holdings = Holdings(flat, facts, scopes)
        self._refusing = Refusing(flat, facts, spots, self._holdings, takes_word)
        self._files = Files(flat, facts, self._holdings)
        self._redirecting = Redirecting(self._holdings, self._files, self._compound)
        self._outputs = Outputs(flat, facts, self._holdings, self._files, self._redirecting)
        self._seen: set[object] = set()
        self._met: set[Piece] = set()
        self._steps = self._depth = 0

    def follow(self, whole: Compound) -> None:
        """Refuse each value of a script that would be run."""
        settle_subscripts(self._facts)
        self._hand_over()
        self._holdings.grown = True
        while self._holdings.grown:
            self._holdings.grown = False
            self._files.begin_round()
            self._seen.clear()
            self._steps = 0
            self._holdings.assign()
            self._compound(whole, Streams())
            for body in self._facts.called_later():
                self._run(body, Streams())
            self._follow_texts()
            for given in self._facts.assigned:
                if given.name in named_programs:
                    self._refuse_named_by(given)
        self._refusing.judge_variables()
        for word in self._facts.evaluated:
            self._refusing.judge(word)

    def _hand_over(self) -> None:
        """Other shells may call a function that they get with any value."""
        values: Values = {spot.number: "" for spot in self._spots if not self._flat.whole[spot.number]}
        for name in self._facts.handed:
            for place in positional:
                self._holdings.add(("variable", (name, place)), values)

    def _follow_texts(self) -> None:
        """What `trap` and `eval` run sees the variables of the script, and may give them to its functions."""
        for word in self._facts.traps:
            self._refuse_run_by([word])
            self._follow_text(word.text, word.start)
        for text, at in self._facts.texts:
            self._follow_text(text, at)

    def _follow_text(self, text: str, at: int, asked: frozenset[str] = frozenset()) -> None:
        holdings, given = self._holdings, Values()
        for name in set(_named.findall(text)) - asked:
            values = dict.fromkeys(holdings.named_values(name, at), name)
            others = holdings.texts.of(holdings.variable(name, at))
            refusal = self._runs_variable(text, name) if values or others else None
            if refusal is not None:
                if refusal.kind in as_program:
                    self._refusing.refuse(values, "evaluated")
                    for other in others:
                        self._follow_text(other, at, asked | {name})
                else:
                    self._refusing.refuse(dict.fromkeys(values, ""), refusal.kind, refusal.detail)
            given |= values
        for name, value in _assigned_in.findall(text) if given else ():
            for other in _named.findall(value):
                holdings.add(holdings.variable(name, at), holdings.named_values(other, at))
        for name in self._facts.functions.keys() & set(re.findall(r"[\w-]+", text)):
            for place in positional:
                holdings.add(("variable", (name, place)), given)

    def _refuse_run_by(self, script: Sequence[Word], arguments: Sequence[Word] = ()) -> None:
        """No value may be in a file that the text of a script runs here."""
        for program, values in self._files.run_by(script, arguments) if script else ():
            self._refusing.refuse(values, "program-input", program)

    def _refuse_named_by(self, given: Assigned) -> None:
        """No value may be in a file that a variable tells a program to run."""
        self._refusing.refuse(self._files.named_by(given), "program-input", given.name)
        for _, values in self._files.run_by([given.word]):
            self._refusing.refuse(values, "program-input", given.name)

    def named_in(self, text: str) -> list[Spot]:
        """Values that a text which cannot be followed may get hold of, by what it names."""
        if any(_changes_streams(piece) for piece in self._met):
            return list(self._spots)
        words = set(re.findall(r"\w+|[@*]", text))
        named = (values for name, values in self._holdings.named() if name in words)
        numbers = {max(number, ~number) for values in named for number in values}
        bodies = [body for name in words for body in self._facts.functions.get(name, ())]
        return [
            spot
            for spot in self._spots
            if spot.number in numbers or any(body.start <= spot.at < body.end for body in bodies)
        ]

    # Commands ----------------------------------------------------------------------------------

    def _run(self, piece: Piece, streams: Streams) -> None:
        """A command with the streams that it is started with."""
        self._steps += 1
        seen = (id(piece), streams.key)
        if seen in self._seen:
            return
        self._seen.add(seen)
        self._met.add(piece)
        if self._steps > _most_steps or self._depth > _deepest:
            raise Lost(piece.start, "its functions call one another too often")
        self._depth += 1
        if isinstance(piece, Command):
            self._command(piece, streams)
        elif isinstance(piece, Compound):
            self._compound(piece, streams)
        self._depth -= 1

    def _piped(self, piece: Piece, streams: Streams) -> Streams:
        """The streams of a command in a list."""
        if not piece.pipe and piece.piped is None and (not piece.redirections or _changes_streams(piece)):
            return streams
        own = streams.copy()
        if piece.piped is not None:
            own.reads["0"] = output(piece.piped)
        if piece.pipe:
            own.writes["1"] = output(piece)
        if piece.pipe == "|&":
            own.writes["2"] = output(piece)
        return own

    def _redirected(self, piece: Piece, streams: Streams) -> None:
        for redirection in piece.redirections:
            for word in (redirection.target, redirection.body):
                if word is not None:
                    self._substitutions(word, streams)
            self._redirecting.redirect(streams, redirection)

    def _compound(self, compound: Compound, streams: Streams) -> None:
        if not prints_once(compound):
            streams = streams.lined()
        for word in compound.words:
            self._substitutions(word, streams)
            self._outputs.process(word, streams)
            self._holdings.give(word)
        self._redirected(compound, streams)
        for piece in compound.pieces:
            self._run(piece, self._piped(piece, streams))

    def _substitutions(self, word: Word, streams: Streams) -> None:
        """The commands of each `$( )` in a word."""
        for group in word.inner:
            inside = streams.copy()
            inside.writes["1"] = output(group)
            self._run(group, inside)

    def _command(self, command: Command, streams: Streams) -> None:
        for word in (*command.assignments, *command.words):
            self._substitutions(word, streams)
            self._refusing.judge(word)
            if word.process is not None:
                self._outputs.process(word, streams)
            self._holdings.give(word)
        self._redirected(command, streams)
        if not command.words and any(one.operator == "<" for one in command.redirections):
            self._holdings.add(streams.stdout, self._holdings.of(streams.stdin))
        for words in command.programs:
            self._program(command, words, streams)
        for reading in command.readings:
            self._read_program(command, reading, streams)

    def _read_program(self, command: Command, reading: Reading, streams: Streams) -> None:
        """No value may be in a program that is read to be run."""
        self._refuse_run_by(reading.words, reading.arguments)
        if reading.given is not None and reading.program != "ssh":
            self._outputs.write_by(command, reading.given, streams)
        read, file = reading.script, None
        values = self._holdings.of(streams.stdin if read is None else self._outputs.process(read, streams))
        if read is not None and read.process is None:
            file = read
            values = values | self._files.run_elsewhere(file) | self._files.found_by_name(file.text)
        if values and (reading.given is None or self._runs_input(reading.given)):
            script = given_to(command) if reading.given is None and is_shell(reading.program) else ""
            self._refusing.refuse(values, "program-input", reading.program, file, script=script)

    def _program(self, command: Command, words: Sequence[Word], streams: Streams) -> None:
        base = words[0].base
        for name, body in self._facts.called(base) if not command.is_behind(words) else ():
            self._call(name, body, words[1:], streams)
        self._refuse_run(words)
        if base in reading_options:
            self._read(command, words, streams)
        elif base == "getopts":
            given = self._holdings.of(self._holdings.variable("@", words[0].start))
            self._holdings.add(("variable", "OPTARG"), given)
        elif base in ("cd", "pushd"):
            self._holdings.add(folder, self._holdings.words(words[1:]))
        elif base in copying:
            self._copy(words, streams)
        elif base == "xargs" or base in finders.finders:
            self._paste(command, words, streams)
        self._outputs.print(command, words, streams)

    def _refuse_run(self, words: Sequence[Word]) -> None:
        """No value may be in a file that is run by a command line: as its program, or by it."""
        program = words[0]
        if ("/" in program.text or HOLE in program.text) and not self._is_whole_line(program):
            written = self._holdings.of(self._files.file(program)) | self._files.run_elsewhere(program)
            self._refusing.refuse(written, "program-input", self._flat.shown(program.start, program.end))
        elif program.base not in builtins and program.base not in self._facts.functions:
            self._refusing.refuse(self._files.found_by_name(program.base), "written-program", program.base)
        if program.base in ("eval", "trap"):
            self._refuse_run_by(words[1:])
        if is_interactive(words):
            entered = dict.fromkeys(self._holdings.named_values("ENV", program.start), "")
            self._refusing.refuse(entered, "program-variable", "ENV")
            for given in self._facts.assigned:
                if given.name == "ENV":
                    self._refuse_named_by(given)

    def _copy(self, words: Sequence[Word], streams: Streams) -> None:
        """`cp files to`, of which some may be the input, or what commands print."""
        for word in words[1:-1]:
            self._files.copy(word, words[-1])
            if word.text == "/dev/stdin" or word.process is not None:
                read = self._outputs.process(word, streams)
                self._holdings.hand_on(read, self._files.written(words[-1]))

    def _paste(self, command: Command, words: Sequence[Word], streams: Streams) -> None:
        """What `xargs` reads, and what `find` finds, comes into the words of what they run."""
        base = words[0].base
        marks = xargs.marks(words) if base == "xargs" else finders.marks(words)
        place = pasted(words, marks, xargs.input_of(words))
        if base != "xargs":
            self._refusing.refuse_pasted(self._outputs.found(words, streams), place, base)
        elif not (place and place[1].detail == base and xargs.is_given_paths(command, words)):
            given = self._holdings.of(self._outputs.given_to_xargs(words, streams))
            self._refusing.refuse_pasted(given, place, base)

    def _is_whole_line(self, word: Word) -> bool:
        """Whether it is `"$@"` or all of an array, of which the first word is the program."""
        return re.search(r"\$[@*]|\[[@*]\]", self._flat.text[word.start : word.end]) is not None

    def _call(self, name: str, body: Piece, arguments: Sequence[Word], streams: Streams) -> None:
        """A function of the script is called."""
        shifts = self._holdings.shifts(body)
        self._holdings.add(("variable", "BASH_ARGV"), self._holdings.words(arguments))
        self._say_arguments(name, arguments)
        for given in places(arguments, self._flat, shifts):
            word, numbers = given.word, [str(place) for place in range(given.first, given.last + 1)]
            if given.spreads and word.is_lone_hole(self._flat):
                word.holes[0].argument = given.first
            for place in numbers:
                if HOLE in word.text:
                    self._holdings.texts.unsay(("variable", (name, place)))
                else:
                    self._holdings.texts.say(("variable", (name, place)), [word.text])
            all_of = [f"{sign}{rest}" for sign in "@*" for rest in rests(shifts, given.last)]
            for place in (*numbers, *all_of):
                self._holdings.add(("variable", (name, place)), self._holdings.word(word))
                self._files.pass_on(("variable", (name, place)), word)
        self._run(body, self._piped(body, streams))

    def _say_arguments(self, name: str, arguments: Sequence[Word]) -> None:
        """Which texts a function is given at which place; behind what may be several words, none is known."""
        several = False
        for number, word in enumerate(arguments[:9], 1):
            several = several or may_be_several(word, self._flat)
            for place in range(number, 10) if several else [number]:
                key: Key = ("given", (name, str(place)))
                if several or HOLE in word.text:
                    self._holdings.texts.unsay(key)
                else:
                    self._holdings.texts.say(key, [word.text])

    def _read(self, command: Command, words: Sequence[Word], streams: Streams) -> None:
        """`read` gives variables what it reads: each but the last gets one column."""
        source, names, whole = "0", list[Key](), words[0].base != "read"
        for option, word in reading_options[words[0].base].read(words[1:]):
            if option == "-u":
                source = word.text
            elif option in ("", "-a"):
                names += [self._holdings.variable(name, word.start) for name in self._holdings.named_by(word)]
            whole = whole or option not in ("", "-u", "-r")
        key = streams.reads.get(source, nothing)
        if HOLE in source:
            key = self._redirecting.any(streams, words[0])
        parted = read_apart(command)
        for place, name in enumerate(names or _read_into, 1):
            takes_one = parted and not whole and place < len(names)
            held = self._holdings.of(key, Columns(place, parted) if takes_one else None)
            self._holdings.add(name, held)


def _changes_streams(piece: Piece) -> bool:
    """`exec` without a program changes the descriptors of what follows."""
    return isinstance(piece, Command) and [word.text for word in piece.words] == ["exec"]
