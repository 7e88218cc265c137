"""Starting a command, or saying in the user's words why it cannot be started.

Knows neither what the command is for nor how it ends.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Mapping, Sequence
from functools import cache

from runner.links import broken_link
from runner.refusals import advised
from runner.scripts import largest_value
from runner.struct import struct
from runner.wording import listed
from runner.work.left_behind import Starting, now_under_way
from runner.work.logs import private_file
from runner.work.quick import may_execute
from runner.work.spawning import Child, spawn

_FEW = 64


@struct
class Command:
    """What to start. `env` is the whole environment; `stdin` is empty unless bytes or a file are given."""

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: str
    stdin: bytes | None = None
    stdin_file: str | None = None


class StartFailure(Exception):
    """A command that could not be started; its text says why, in the user's words."""


def start(command: Command, stdout: int, stderr: int) -> Child:
    """Starts it, leader of a session and group of its own, and under way. Raises `StartFailure`."""
    stdin = _open_stdin(command)
    try:
        program = _program(command)
        with Starting():
            process = spawn(command.argv, program, (stdin, stdout, stderr), command.cwd, command.env)
            now_under_way(process.pid, command.env)
            return process
    except OSError as error:
        raise StartFailure(_why_not(command, error)) from None
    except UnicodeEncodeError:
        message = (
            "its arguments or its environment hold half of a surrogate pair, which no command can be given"
        )
        raise StartFailure(message) from None
    except ValueError:  # a name or a text that no check has seen
        raise StartFailure("its arguments, its environment or its cwd hold a NUL character") from None
    finally:
        if command.stdin is not None or command.stdin_file is not None:
            os.close(stdin)


_known: dict[tuple[str, str, str, str], str] = {}
"""Where programs were found. What is installed meanwhile is for tasks that come after."""


def _program(command: Command) -> str:
    """Where the program lies, which commands of one task look for once. Raises `FileNotFoundError`."""
    name, env = command.argv[0], command.env
    if "/" in name:
        return name
    path = env.get("PATH", os.defpath)
    task = f"{env.get('RUNNER_RUN_ID')}-{env.get('RUNNER_COMMAND', '').partition('-')[0]}"
    asked = (task, name, path, command.cwd)
    found = _known.get(asked)
    if found is None or not may_execute(os.path.join(command.cwd, found)):
        if len(_known) >= _FEW:
            _known.clear()
        found = _known[asked] = _looked_for(name, path, command.cwd)
    return found


def _looked_for(name: str, path: str, cwd: str) -> str:
    """Where it may be executed, or else where a file of its name is."""
    places = [os.path.join(folder, name) for folder in path.split(os.pathsep)]
    for wanted in (os.X_OK, os.F_OK):
        for place in places:
            there = os.path.join(cwd, place)
            if os.access(there, wanted) and os.path.isfile(there):
                return place
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)


@cache
def nothing() -> int:
    """A file without an end to write to, and with nothing to read."""
    return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)


def _open_stdin(command: Command) -> int:
    if command.stdin is not None:
        file = private_file()
        data = memoryview(command.stdin)
        while data:
            data = data[os.write(file, data) :]
        os.lseek(file, 0, os.SEEK_SET)
        return file
    name = command.stdin_file
    if name is None:
        return nothing()
    if os.path.isdir(name):
        raise StartFailure(f"stdin cannot be opened: '{name}' is a folder")
    try:
        return os.open(name, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        why = broken_link(name) or f"no such file: '{name}'"
        raise StartFailure(f"stdin cannot be opened: {why}") from None
    except OSError as error:
        raise StartFailure(f"stdin cannot be opened: '{name}': {advised(error)}") from None


def _why_not(command: Command, error: OSError) -> str:
    program = command.argv[0]
    if not os.path.isdir(command.cwd):
        return _cwd(command.cwd)
    if not os.access(command.cwd, os.X_OK):
        return f"the folder of cwd may not be entered: '{command.cwd}'"
    if error.errno == errno.E2BIG:
        return f"{_too_large(command)}: pass large values by stdin or in a file"
    if error.errno not in (errno.ENOENT, errno.EACCES, errno.ENOEXEC, errno.ENOTDIR, errno.EISDIR):
        return f"'{program}' cannot be started: {advised(error)}"
    if "/" in program:
        return _why_not_file(program, os.path.join(command.cwd, program), error)
    for folder in os.get_exec_path(command.env):
        path = os.path.join(command.cwd, folder, program)
        if os.path.isfile(path):
            return _why_not_file(program, path, error)
    return f"no such program: '{program}' (in no folder of PATH)"


def _too_large(command: Command) -> str:
    """Which arguments and variables the system takes from nobody; else it is all of them together."""
    program = command.argv[0]
    arguments = ((f"argument {place} of '{program}'", "", text) for place, text in enumerate(command.argv))
    variables = ((f"the variable {name}", f"{name}=", text) for name, text in command.env.items())
    found = [
        f"{what} has {len(os.fsencode(text)):,} bytes"
        for what, before, text in (*arguments, *variables)
        if len(os.fsencode(before + text)) >= largest_value
    ]
    if found:
        return f"{listed(found)}, and one takes no more than 128 KiB"
    return "the arguments and the environment are together too large for a command"


def _why_not_file(program: str, path: str, error: OSError) -> str:
    if not os.path.lexists(path):
        return f"no such program: '{program}'"
    if os.path.isdir(path):
        return f"'{program}' is a folder, not a program"
    if error.errno == errno.ENOENT:
        return f"'{program}' cannot be executed: its interpreter {_interpreter(path)}was not found"
    if error.errno == errno.EACCES:
        return f"'{program}' is not executable: `chmod +x {program}` makes it so"
    if error.errno == errno.ENOEXEC:
        return f"'{program}' cannot be executed: it is no program for this machine, and has no `#!` line"
    return f"'{program}' cannot be executed: {error.strerror}"


def _interpreter(path: str) -> str:
    with contextlib.suppress(OSError), open(path, "rb") as file:
        line = file.readline(200)
        if line.startswith(b"#!"):
            return f"{line[2:].decode('utf-8', 'replace').strip(' ')!r} ".replace("\\n'", "'")
    return ""


def _cwd(path: str) -> str:
    return f"cwd is not a folder: '{path}'" if os.path.exists(path) else f"no such folder for cwd: '{path}'"
