"""Programs that run a command line which one of their options, or their operands, hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runner.shell.findings import Command, Word
from runner.shell.options import Options, words_of

_options = {
    "tar": Options(
        "IFbCfgHKLNTVX",
        long=words_of(
            "--use-compress-program --to-command --checkpoint-action "
            "--info-script --new-volume-script --rsh-command --rmt-command"
        ),
        code=words_of(
            "-I -F --use-compress-program --to-command --checkpoint-action --info-script --new-volume-script "
            "--rsh-command --rmt-command"
        ),
        mixed=True,
    ),
    "split": Options("abClnt", long=words_of("--filter"), code=words_of("--filter"), mixed=True),
    "npx": Options("cp", long=words_of("--call --package"), code=words_of("-c --call")),
    "rsync": Options(
        "efTBM", long=words_of("--rsh --rsync-path"), code=words_of("-e --rsh --rsync-path"), mixed=True
    ),
    "gcloud": Options(long=words_of("--command"), code=words_of("--command"), mixed=True),
    "sbatch": Options(long=words_of("--wrap"), code=words_of("--wrap"), mixed=True),
    "nodemon": Options("xew", long=words_of("--exec --ext --watch"), code=words_of("-x --exec"), mixed=True),
    "cargo-watch": Options("sx", long=words_of("--shell --exec"), code=words_of("-s --shell"), mixed=True),
}

_of_tmux = Options("ceFnstxyS")
_typed = words_of(
    "new new-session neww new-window splitw split-window respawn-pane respawnp respawn-window respawnw run "
    "run-shell if if-shell send send-keys pipe-pane pipep popup display-popup"
)
_on_hosts = {
    **dict.fromkeys(words_of("pssh parallel-ssh"), Options("hHlptoeOxX", mixed=True)),
    **dict.fromkeys(words_of("pdsh clush dsh"), Options("wxlutfRcgmMr", mixed=True)),
}


def _option_rule(command: Command, words: Sequence[Word]) -> None:
    """One of its options takes a command line."""
    base = words[0].base
    options = _options[base]
    for option, word in options.read(words[1:]):
        if option in options.code:
            word.refuse("program", base)


def _tmux_rule(command: Command, words: Sequence[Word]) -> None:
    """What `tmux` runs in a new window, or types into a shell."""
    at = next((at for at, word in enumerate(words) if word.text in _typed), len(words))
    for option, word in _of_tmux.read(words[at + 1 :]):
        if option == "":
            word.refuse("program", "tmux")


def _hosts_rule(command: Command, words: Sequence[Word]) -> None:
    """A script for the shells of several hosts."""
    for option, word in _on_hosts[words[0].base].read(words[1:]):
        if option == "":
            word.refuse("program", words[0].base)


rules: dict[str, Callable[[Command, Sequence[Word]], None]] = {
    **dict.fromkeys(_options, _option_rule),
    **dict.fromkeys(_on_hosts, _hosts_rule),
    "tmux": _tmux_rule,
}
