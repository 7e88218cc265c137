"""The kinds of places that no value may come to, by what these would do with it.

What is said of each is told by `advice`.
"""

from __future__ import annotations

from runner.shell.known.options import words_of

computing = words_of("arithmetic subscript counted")
"""It would be computed."""
naming = words_of("name held-name given-name reference")
"""It would be taken for a name."""
_program = words_of("program held-program evaluated program-input held-input written-program found")
_perhaps_program = words_of("opened split-command setting leading-setting assignment")
as_program = _program | _perhaps_program
"""It would be run as a program, or some values would."""
running = _program | words_of("program-variable prompt held-prompt array declared-array")
"""It would be run, by whatever way."""
_perhaps = _perhaps_program | words_of("split-test test-operator option unnamed")

surely_harmful = running | computing | naming
"""Most values that harm a script anywhere would harm it there."""
harmful_in_scripts = surely_harmful | words_of("split-command")
"""The same, of what a script hands on to another shell."""
harmful = surely_harmful | _perhaps
"""No value may come there that could harm a script."""
