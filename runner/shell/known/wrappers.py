"""Programs that start another, and where on their command line it stands.

What that program makes of its arguments is told by `programs`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from runner.shell.findings import Word
from runner.shell.flat import HOLE
from runner.shell.known.families import dockers, launchers
from runner.shell.known.options import Options, is_option, words_of
from runner.struct import struct


@struct
class Wrapper:
    """`own` is how many operands of its own stand before the program.

    `verbs` are those of its subcommands that start one, if it has any; `needs` the options without which
    it starts none. `dashed`: a `--` anywhere stands right before it. `loose`: not all of its options are
    known here, so that any known program counts.
    """

    options: Options = Options()
    own: int = 0
    verbs: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    dashed: bool = False
    loose: bool = False


_docker = Options(
    "acehlmpuvw",
    long=words_of(
        "--add-host --cap-add --cap-drop --cpus --device --entrypoint --env --env-file --gpus --hostname "
        "--label --memory --mount --name --net --network --pid --platform --publish --restart --runtime "
        "--shm-size --tmpfs --ulimit --user --userns --volume --volumes-from --workdir"
    ),
)
_pod = Options("cnf", long=words_of("--container --namespace --context --kubeconfig --filename"))
_in_container = Wrapper(_docker, own=1, verbs=words_of("exec run"))
_in_pod = Wrapper(_pod, own=1, verbs=words_of("exec"), dashed=True)

wrappers: dict[str, Wrapper] = {
    "sudo": Wrapper(
        Options("CDghpRrTtUu", long=words_of("--user --group --host --prompt --chdir --chroot --role --type"))
    ),
    "doas": Wrapper(Options("Cu")),
    "env": Wrapper(Options("uCS", long=words_of("--unset --chdir --split-string"))),
    "time": Wrapper(Options("fo", long=words_of("--format --output"))),
    "exec": Wrapper(Options("a")),
    "nice": Wrapper(Options("n", long=words_of("--adjustment"))),
    "ionice": Wrapper(Options("cnp", long=words_of("--class --classdata"))),
    "chrt": Wrapper(Options("TPD"), own=1),
    "timeout": Wrapper(Options("ks", long=words_of("--kill-after --signal")), own=1),
    "stdbuf": Wrapper(Options("ioe", long=words_of("--input --output --error"))),
    "xargs": Wrapper(
        Options(
            "adEILnPs",
            "eil",
            long=words_of("--arg-file --delimiter --max-lines --max-args --max-procs --max-chars"),
        )
    ),
    "chroot": Wrapper(Options(long=words_of("--userspec --groups")), own=1),
    "arch-chroot": Wrapper(Options("u"), own=1),
    "flock": Wrapper(Options("wE", long=words_of("--timeout --wait --conflict-exit-code")), own=1),
    "strace": Wrapper(Options("eopsauEPOSI")),
    "ltrace": Wrapper(Options("eopsauEP")),
    "unshare": Wrapper(Options("SG")),
    "nsenter": Wrapper(Options("tSG")),
    "systemd-run": Wrapper(
        Options("pHMtuE", long=words_of("--unit --property --uid --gid --setenv --working-directory"))
    ),
    "caffeinate": Wrapper(Options("tw")),
    "faketime": Wrapper(Options("f"), own=1),
    "taskset": Wrapper(own=1),
    "runuser": Wrapper(Options("ugGsw", long=words_of("--user --group")), needs=("-u", "--user")),
    "sshpass": Wrapper(Options("pfdP")),
    "proxychains": Wrapper(Options("f")),
    "proxychains4": Wrapper(Options("f")),
    **dict.fromkeys(words_of("gosu su-exec setuidgid setarch envdir lockf"), Wrapper(own=1)),
    **dict.fromkeys(
        words_of(
            "nohup setsid command builtin unbuffer valgrind busybox toybox winpty firejail setpriv torsocks "
            "torify fakeroot dumb-init"
        ),
        Wrapper(),
    ),
    **dict.fromkeys(
        launchers | words_of("xvfb-run numactl cgexec prlimit chpst tini dbus-run-session npx bunx"),
        Wrapper(loose=True),
    ),
    **dict.fromkeys(dockers | {"docker-compose"}, _in_container),
    **dict.fromkeys(words_of("kubectl oc"), _in_pod),
    "git": Wrapper(verbs=words_of("run")),
    **dict.fromkeys(words_of("lxc incus"), Wrapper(own=1, verbs=words_of("exec"), dashed=True)),
    **dict.fromkeys(
        words_of("poetry pipenv pdm hatch rye uv conda mamba"), Wrapper(verbs=words_of("run"), loose=True)
    ),
    **dict.fromkeys(
        words_of("bundle npm pnpm yarn rbenv pyenv mise asdf direnv aws-vault"),
        Wrapper(verbs=words_of("exec"), loose=True),
    ),
}
opens_shell = words_of("sudo doas chroot arch-chroot unshare nsenter firejail")
"""Those that start a shell when they are given no program."""
containers = dockers | words_of("kubectl oc lxc incus vagrant nsenter multipass wsl")
"""Programs that start others inside another machine, with their own standard input."""

keeps_apart = containers | words_of("sudo doas env runuser gosu su-exec setuidgid systemd-run")
"""Those whose program may get none of the variables that they have themselves."""


def is_cleared(words: Sequence[Word]) -> bool:
    """Whether `env` gives its program none of the variables that it has."""
    options = {option for option, _ in wrappers["env"].options.read(words[1:])}
    return words[1].text == "-" or not options.isdisjoint(("-i", "--ignore-environment"))


def starts_of(words: Sequence[Word], known: Callable[[str], bool]) -> list[int]:
    """Where the program that a wrapper starts may stand: in several places when in doubt.

    `known` tells whether a name is that of a program of which something is known.
    """
    wrapper, begin = wrappers[words[0].base], 1
    if wrapper.verbs:
        begin = next((at for at, word in enumerate(words) if word.text in wrapper.verbs), len(words)) + 1
    if begin > len(words) or not starts_one(words):
        return []
    if wrapper.dashed:
        dashes = [at for at, word in enumerate(words) if at >= begin and word.text == "--"]
        if dashes:
            return [dashes[0] + 1]
    if wrapper.loose:
        return [at for at, word in enumerate(words) if at >= begin and known(word.base)][:1]
    return list(_starts(wrapper, words, begin))


def starts_one(words: Sequence[Word]) -> bool:
    """Whether a wrapper is given the option that makes it one."""
    needs = wrappers[words[0].base].needs
    return not needs or any(word.text.startswith(needs) for word in words)


def _starts(wrapper: Wrapper, words: Sequence[Word], index: int) -> Iterator[int]:
    base, options, own = words[0].base, wrapper.options, wrapper.own
    while index < len(words):
        word = words[index]
        if word.text == "--":
            index += 1
            break
        if word.text == HOLE:
            yield index + own
            index += 1
        elif is_option(word):
            name, follows = options.name(word.text)
            if base == "env" and name in ("-S", "--split-string"):
                words[min(index + follows, len(words) - 1)].refuse("program", "env")
            if word.text.startswith("--") and "=" not in word.text and not follows:
                yield index + 2 + own
            index += 1 + follows
        elif base in ("env", "sudo", "doas") and "=" in word.text:
            index += 1
        else:
            break
    yield index + own
