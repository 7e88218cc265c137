"""What to write instead of a value in a program that is read from a file or an input.

And how programs of each language read a variable of their environment.
"""

from __future__ import annotations

from runner.regex import regex
from runner.shell.cases import Case
from runner.shell.known.families import dockers
from runner.shell.known.options import words_of

reads_variable = {
    "python": "os.environ['{0}']",
    **dict.fromkeys(("perl", "rename"), "$ENV{{{0}}}"),
    "ruby": "ENV['{0}']",
    "node": "process.env.{0}",
    "php": "getenv('{0}')",
    "lua": "os.getenv('{0}')",
    "Rscript": "Sys.getenv('{0}')",
    "R": "Sys.getenv('{0}')",
    "julia": 'ENV["{0}"]',
    "tsx": "process.env.{0}",
    "elixir": 'System.get_env("{0}")',
    "groovy": 'System.getenv("{0}")',
    "tclsh": "$env({0})",
    "expect": "$env({0})",
    "wp": "getenv('{0}')",
    "erl": 'os:getenv("{0}")',
    **dict.fromkeys(("mongosh", "mongo"), "process.env.{0}"),
    "gnuplot": 'system("printenv {0}")',
    "osascript": 'system attribute "{0}"',
    "awk": 'ENVIRON["{0}"]',
    "jq": "env.{0}",
    "yq": "strenv({0}) (env.{0} in the yq of Python)",
    "gh": "env.{0}",
    "pwsh": "$env:{0}",
    "emacs": '(getenv "{0}")',
    "octave": 'getenv("{0}")',
    "scala": 'sys.env("{0}")',
    "clojure": '(System/getenv "{0}")',
    "ghc": '(System.Environment.getEnv "{0}")',
    "rails": "ENV['{0}']",
    "make": '"$${0}"',
    "vim": "${0}",
}

_input_otherwise = {
    "make": 'give it by `env`, and write "$$X" in the recipe',
    "crontab": "let the command read the value from a file",
    "jq": "give it by `--arg x`, and write $x in the filter",
    "parallel": "give it a command: parallel … {} ::: …",
    **dict.fromkeys(
        dockers | {"buildah"},
        'give it by `--build-arg X=…`, and write ARG X and "$X" in the file',
    ),
    **{
        name: f"give it by `env`, and write {reads_variable[name].format('X')} in the script"
        for name in words_of("tclsh expect rails mongosh mongo gnuplot")
    },
    "vim": "give it by `env`, and write $X in the file",
    "tmux": "give it to the session, tmux set-environment X …, and let the commands there read that",
    "R": "give it by `env`, and write Sys.getenv('X') in the file",
    "ssh -F": "give it by an option, as in -o HostName=…, and leave it out of the file",
    "screen": "give it by `env`, and write $X in the file",
    **dict.fromkeys(("gdb", "lldb"), "write it out: what the file says may run programs"),
    **dict.fromkeys(("sbatch", "qsub", "bsub"), 'give it by `env`, and write "$X" in the script'),
}
begins_heredoc = regex(r"<<-?[ \t]*\w")


def told(case: Case) -> str:
    """For a program that takes values in a way of its own, spelled as it stands there; else empty."""
    text = _input_otherwise.get(case.refusal.detail, "")
    if "$" not in text or case.spot.place != "quoted":
        return text
    heredoc = begins_heredoc.search(case.flat.text, 0, case.flat.line(case.spot.at)[0])
    return text.replace("$", "\\$") if heredoc else f"{text}, inside single quotes"
