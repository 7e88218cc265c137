"""Programs that run a command line which one of their options, or their operands, hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from runner.regex import regex
from runner.shell.findings import Command, Reading, Word
from runner.shell.flat import HOLE
from runner.shell.known.elsewhere import shells_elsewhere
from runner.shell.known.families import launchers, makes
from runner.shell.known.options import (
    Options,
    Rule,
    after,
    is_option,
    refuse_all,
    running,
    value_of,
    words_of,
)
from runner.struct import replace

_options = {
    "tar": Options(
        "bCfgHKLNTVX",
        code=words_of(
            "-I -F --use-compress-program --to-command --checkpoint-action --info-script --new-volume-script "
            "--rsh-command --rmt-command"
        ),
        mixed=True,
    ),
    "split": Options("abClnt", code=words_of("--filter"), mixed=True),
    "npx": Options("p", long=words_of("--package"), code=words_of("-c --call")),
    "rsync": Options("fTBM", code=words_of("-e --rsh --rsync-path"), mixed=True),
    "gcloud": Options(code=words_of("--command"), mixed=True),
    "sbatch": Options(code=words_of("--wrap"), mixed=True),
    "npm": Options(code=words_of("-c --call --script-shell"), mixed=True),
    "doppler": Options(code=words_of("--command"), mixed=True),
    "aws": Options(code=words_of("--parameters --command"), mixed=True),
    "az": Options(code=words_of("--scripts"), mixed=True),
    "gh": Options(code=words_of("-q --jq"), mixed=True),
    "emacs": Options(code=words_of("--eval"), mixed=True),
    **dict.fromkeys(
        makes,
        Options(
            "CfIjloW", long=words_of("--file --makefile --directory"), code=words_of("-E --eval"), mixed=True
        ),
    ),
    "ninja": Options("CdfjklwtT", mixed=True),
    "screen": Options("cehpsStT"),
    "just": Options("df", long=words_of("--justfile --working-directory --set --dotenv-path"), mixed=True),
    **dict.fromkeys(
        words_of("nix-shell nix fly flyctl"), Options(code=words_of("--run --command -C"), mixed=True)
    ),
    "nodemon": Options("ew", long=words_of("--ext --watch"), code=words_of("-x --exec"), mixed=True),
    "cargo-watch": Options("x", long=words_of("--exec"), code=words_of("-s --shell"), mixed=True),
}

_program_files = {
    **dict.fromkeys(makes, words_of("-f --file --makefile")),
    "ninja": words_of("-f"),
    "screen": words_of("-c"),
    "just": words_of("-f --justfile"),
}
"""The options that name a file with a program."""

_of_crontab = Options("u")
_submitted = {
    "sbatch": Options(
        "aAbBcCdDeFGiJLmMnNopqtwxS",
        long=words_of(
            "--account --array --chdir --cpus-per-task --constraint --dependency --error --export --gpus "
            "--gres --input --job-name --mem --mem-per-cpu --nodelist --nodes --ntasks --ntasks-per-node "
            "--output --partition --qos --reservation --time --wrap"
        ),
    ),
    "qsub": Options("aAeIjJlmMNopPqrSuvW", long=words_of("-sync -hold_jid -now -wd -tc -js -ar")),
}
_of_tmux = Options("ceFnstxyS")
_before_verb = Options("cfLST")
_of_vim = Options(
    "SuUiTwWt",
    long=words_of("--servername --startuptime"),
    code=words_of("-c --cmd --remote-expr --remote-send"),
    mixed=True,
)
_sourced = regex(r"(?:^\+?|[|\n])[\s:]*so(?:u|ur|urc|urce)?!?\s+([^\s|]+)").finditer
"""The files that commands of vim read further commands from."""
_of_make = regex(r"(?:SHELL|\.SHELLFLAGS|(?:GNU)?MAKE\w*)\W|[^=]*\0[^=]*=")
_of_rename = Options("", "u", code=words_of("-e -E"), mixed=True)
_of_bsub = Options(
    "abCDEefFGgiJkLMmnopPQqRsSTtUuvWw", long=words_of("-app -cwd -env -eo -oo -We -gpu -sp -outdir -data")
)
_of_django = Options(long=words_of("--settings"), code=words_of("-c --command"), mixed=True)
_typed = words_of(
    "new new-session neww new-window splitw split-window respawn-pane respawnp respawn-window respawnw run "
    "run-shell if if-shell send send-keys pipe-pane pipep popup display-popup"
)
_on_hosts = {
    **dict.fromkeys(words_of("pssh parallel-ssh"), Options("hHlptoeOxX", mixed=True)),
    **dict.fromkeys(words_of("pdsh clush dsh"), Options("wxlutfRcgmMr", mixed=True)),
}


def _option_rule(command: Command, words: Sequence[Word]) -> None:
    """One of its options takes a command line, or the file of a program."""
    base = words[0].base
    options = _options[base]
    for option, word in options.read(words[1:]):
        if option in options.code:
            word.refuse("program", base)
            command.readings.append(Reading(base, given="", words=[value_of(word, option)]))
        elif option in _program_files.get(base, ()):
            command.readings.append(Reading(base, None if word.text == "-" else value_of(word, option)))


def _make_rule(command: Command, words: Sequence[Word]) -> None:
    """`make NAME=value`: it expands `$(shell …)` in what it gives a variable, for all that it starts."""
    _option_rule(command, words)
    for word in words[1:]:
        if "=" in word.text and not is_option(word):
            runs = _of_make.match(word.text) is not None
            word.refuse("program", "make=", script="" if runs else f": {HOLE}")


def names_program(base: str, word: Word) -> bool:
    """Whether by a word one of `options_alone` is told what to run."""
    if base == "make" and "=" in word.text and HOLE in word.text:
        return True
    told = _options[base].code | _program_files.get(base, frozenset())
    return any(option in told for option, _ in _options[base].read([word]))


def _elsewhere_rule(command: Command, words: Sequence[Word]) -> None:
    """What it is given for a shell elsewhere, by one of its options or behind a word."""
    base = words[0].base
    if base in _options:
        _option_rule(command, words)
    there = shells_elsewhere[base]
    refuse_all([word for word in after(words, (there.mark,)) if not is_option(word)][there.data :], base)


def _bundle_rule(command: Command, words: Sequence[Word]) -> None:
    """`tar cIf program archive`: letters without a dash, whose values follow in their order."""
    _option_rule(command, words)
    bundle = words[1].text if len(words) > 1 and re.fullmatch(r"[A-Za-z]+", words[1].text) else ""
    values = [letter for letter in bundle if _options["tar"].takes_value(letter)]
    for letter, word in zip(values, words[2:], strict=False):
        if letter in "IF":
            word.refuse("program", "tar")


def _pwsh_rule(command: Command, words: Sequence[Word]) -> None:
    """`pwsh -Command script`."""
    code = [word.text for word in words if word.text.lower() in ("-c", "-command")]
    refuse_all(after(words, code), "pwsh")


def _crontab_rule(command: Command, words: Sequence[Word]) -> None:
    """`crontab file`, or what it reads; `-l`, `-r` and `-e` give none."""
    arguments = list(_of_crontab.read(words[1:]))
    files = [word for option, word in arguments if option == ""]
    if files:
        command.reads("crontab", files[0])
    elif all(option == "-u" for option, _ in arguments):
        command.reads("crontab")


def _submit_rule(command: Command, words: Sequence[Word]) -> None:
    """A script for another machine, in a file or from its input."""
    base = words[0].base
    if base in _options:
        _option_rule(command, words)
    file = next(iter(_submitted[base].operands(words[1:])), None)
    if file is not None or all(is_option(word) for word in words[1:]):
        command.readings.append(Reading(base, file))


def _launcher_rule(command: Command, words: Sequence[Word]) -> None:
    """`srun -n 2 ./program`: the first path, or the variable that stands behind no option."""
    for before, word in pairwise(words):
        is_program = not (is_option(before) or is_option(word))
        if "/" in word.text.partition(HOLE)[0] or (word.text == HOLE and is_program):
            command.readings.append(Reading(words[0].base, word))
        if is_program:
            return


def _bsub_rule(command: Command, words: Sequence[Word]) -> None:
    """`bsub -q night command`: a shell reads the command there."""
    given = _of_bsub.operands(words[1:])
    refuse_all(given, "bsub")
    if not given:
        command.reads("bsub")


def _django_rule(command: Command, words: Sequence[Word]) -> None:
    """`manage.py shell -c program`, which it reads from its input otherwise."""
    arguments = list(_of_django.read(words[1:]))
    if not any(option == "" and word.text in ("shell", "shell_plus") for option, word in arguments[:1]):
        return
    code = _of_django.program_texts(words[1:])
    refuse_all(code, "python")
    if not code:
        command.reads("python")


def _tmux_rule(command: Command, words: Sequence[Word]) -> None:
    """What `tmux` runs in a new window, or types into a shell."""
    refuse_all(_of_tmux.operands(after(words, _typed)), "tmux")
    files = [value_of(word, option) for option, word in _before_verb.read(words[1:]) if option == "-f"]
    for file in (*files, *_of_tmux.operands(after(words, ("source", "source-file")))):
        command.reads("tmux", file)


def _screen_rule(command: Command, words: Sequence[Word]) -> None:
    """`screen -X stuff text` types into a shell."""
    _option_rule(command, words)
    refuse_all(after(words, ("stuff",)), "screen")


def _vim_rule(command: Command, words: Sequence[Word]) -> None:
    """Commands behind `-c` and `+`, and files of them."""
    for option, word in _of_vim.read(words[1:]):
        if option in _of_vim.code or word.text.startswith("+"):
            word.refuse("program", "vim")
            command.readings += [Reading("vim", _part(word, *found.span(1))) for found in _sourced(word.text)]
        elif option in ("-S", "-u", "-U"):
            command.readings.append(Reading("vim", value_of(word, option)))
    if words[0].base != "ex" and not any(re.match("-[A-Za-z]*[eE]", word.text) for word in words):
        typed = [word for option, word in pairwise(words) if option.text == "-s"]
        command.readings += [Reading("vim", word) for word in typed]


def _part(word: Word, start: int, end: int) -> Word:
    return replace(word, start=word.start + start, text=word.text[start:end], shape=word.shape[start:end])


def _rename_rule(command: Command, words: Sequence[Word]) -> None:
    """`rename 's/a/b/' files`, an expression of perl; another `rename` takes two texts."""
    code = _of_rename.program_texts(words[1:])
    refuse_all(code or _of_rename.operands(words[1:])[:1], "rename")


options_alone = words_of("make aws az doppler emacs")
"""Programs of whose words only some options matter."""

rules: dict[str, Rule] = {
    **dict.fromkeys(_options, _option_rule),
    **{name: _elsewhere_rule for name, there in shells_elsewhere.items() if there.mark},
    **dict.fromkeys(words_of("sbatch qsub"), _submit_rule),
    **dict.fromkeys(launchers, _launcher_rule),
    "bsub": _bsub_rule,
    **dict.fromkeys(words_of("manage.py django-admin"), _django_rule),
    **dict.fromkeys(makes, _make_rule),
    "tar": _bundle_rule,
    "crontab": _crontab_rule,
    **dict.fromkeys(words_of("pwsh powershell"), _pwsh_rule),
    **dict.fromkeys(_on_hosts, running(lambda words: _on_hosts[words[0].base].operands(words[1:]))),
    "tmux": _tmux_rule,
    "screen": _screen_rule,
    **dict.fromkeys(words_of("vim vi nvim gvim vimdiff view ex"), _vim_rule),
    **dict.fromkeys(words_of("rename prename perl-rename file-rename"), _rename_rule),
}
