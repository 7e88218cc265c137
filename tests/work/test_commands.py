"""Commands as tasks: what they are given, what their output becomes, and how they fail."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from program import wait_until

from runner.expression import Template
from runner.records import Failure, FailureKind, Outcome
from runner.work import perform
from runner.work.halt import Halt
from runner.workflow import Retry, Run, Script, Slot

if TYPE_CHECKING:
    from conftest import Bench


def argv(*arguments: str, **options: Any) -> Run:
    return Run(argv=tuple(map(Template, arguments)), **options)


def printed(bench: Bench) -> str:
    """What is in the log of stdout by now."""
    return "".join(path.read_text() for path in bench.logs.glob("*.out"))


def failure(outcome: Outcome) -> Failure:
    assert outcome.failure is not None
    return outcome.failure


# Results --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("capture", "printed", "result"),
    [
        ("text", r"two\nlines\n\n\n", "two\nlines"),
        ("text", r" \r\n", " \r"),
        ("text", "", ""),
        ("text", r"caf\351\n", "caf\udce9"),
        ("text", r"a\000b", "a\0b"),
        ("lines", r"a\r\nb\n\nc\r\r", ["a", "b", "", "c\r"]),
        ("lines", r"a\n", ["a"]),
        ("lines", r"\n\n", ["", ""]),
        ("lines", "", []),
        ("json", r'\357\273\277{"a": [1, 2.5, null, "\303\251"]}\n', {"a": [1, 2.5, None, "é"]}),
        ("json", r'"x\351"', "x\udce9"),
        ("none", "anything", None),
    ],
)
def test_stdout_becomes_the_result(capture: Any, printed: str, result: Any, bench: Bench) -> None:
    outcome = bench.outcome(argv("printf", printed.replace("%", "%%"), capture=capture))
    assert outcome.failure is None
    assert (outcome.result, outcome.exit_code) == (result, 0)


@pytest.mark.parametrize(
    ("printed", "message"),
    [
        ("", "stdout is empty; `capture: json` expects one JSON value there"),
        (r" \n", "stdout is empty; `capture: json` expects one JSON value there"),
        ("done", "stdout is not JSON: Expecting value: line 1 column 1 (char 0); it begins with 'done'"),
        ("{} {}", "stdout is not JSON: Extra data: line 1 column 4 (char 3); it begins with '{} {}'"),
        ("[NaN]", "stdout is not JSON: JSON has no NaN; it begins with '[NaN]'"),
        ('{"a": -1e400}', "stdout holds a number that is too large: -1e400"),
    ],
)
def test_bad_json_is_a_failure(printed: str, message: str, bench: Bench) -> None:
    found = failure(bench.outcome(argv("printf", printed, capture="json")))
    assert (found.kind, found.message) == (FailureKind.OUTPUT, message)


def test_json_that_is_nested_too_deeply_is_a_failure(bench: Bench) -> None:
    action = argv("sh", "-c", "head -c 100000 /dev/zero | tr '\\0' '['", capture="json")
    found = failure(bench.outcome(action))
    assert found.message == f"stdout is not JSON: it is nested too deeply; it begins with '{'[' * 40}…'"


def test_output_of_a_mebibyte_is_kept_and_more_is_not(bench: Bench) -> None:
    kept, cut = bench.outcomes(argv("head", "-c", "{{ item }}", "/dev/zero"), [1 << 20, (1 << 20) + 1])
    assert (len(kept.result), kept.truncated) == (1 << 20, False)
    assert (cut.result, cut.encoded, cut.truncated, cut.failure) == (None, "null", True, None)
    assert (bench.logs / cut.log[0]).stat().st_size == (1 << 20) + 1


def test_who_names_a_result_that_was_too_large_fails_with_the_path_of_the_log(bench: Bench) -> None:
    action = argv("head", "-c", "2000000", "/dev/zero")
    outcome = bench.outcome(action, result=Template("{{ result }}"))
    found = failure(outcome)
    log = bench.logs / outcome.log[0]
    assert found.kind is FailureKind.OUTPUT
    assert found.message == f"its result is over 1 MiB and was not kept: its whole output is in {log}"
    fine = bench.outcome(action, result=Template("{{ exit_code }}"))
    assert (fine.result, fine.truncated, fine.failure) == (0, False, None)


def test_stdout_and_stderr_are_two_logs(bench: Bench) -> None:
    outcome = bench.outcome(bench.sh("echo out; echo err >&2"))
    assert (bench.log(outcome), bench.log(outcome, "err")) == ("out\n", "err\n")
    assert (bench.outcome(bench.sh("echo err >&2")).result, bench.outcome(bench.sh(":")).log) == ("", ())


def test_without_capture_there_is_one_log_in_true_order(bench: Bench) -> None:
    outcome = bench.outcome(bench.sh("echo 1; echo 2 >&2; echo 3", capture="none"))
    assert (bench.log(outcome), len(outcome.log)) == ("1\n2\n3\n", 1)


# What a command is given ----------------------------------------------------------------------------


def test_values_reach_arguments_and_scripts_as_they_are(bench: Bench) -> None:
    hostile = [
        "$(touch hacked)",
        "`touch hacked`",
        "a'b\"c",
        "two\nlines",
        "-n",
        "",
        "é\udce9",
        "a\\b",
        "* ?",
        "#",
    ]
    arguments = argv("printf", "%s|%s", "{{ item }}", "x={{ item }}")
    script = Run(script=Script(("printf '%s|%s' ", ' "x=', '"'), tuple(
        Slot(Template("{{ item }}"), place) for place in ("word", "quoted")
    )))  # fmt: skip
    for action in (arguments, script):
        outcomes = [bench.outcomes(action, [item])[0] for item in hostile]
        assert [one.result for one in outcomes] == [f"{item}|x={item}".rstrip("\n") for item in hostile]
    assert not (bench.folder / "hacked").exists()


def test_a_list_becomes_its_arguments(bench: Bench) -> None:
    action = argv("printf", "<%s>", "{{ item }}")
    outcomes = [bench.outcomes(action, [item])[0] for item in (["a b", "c"], [])]
    assert [one.result for one in outcomes] == ["<a b><c>", "<>"]


def test_a_command_knows_what_it_works_on(bench: Bench) -> None:
    show = 'echo "$RUNNER_RUN_ID $RUNNER_TASK [$RUNNER_KEY] $RUNNER_ATTEMPT"'
    assert bench.outcome(bench.sh(show)).result == f"{bench.run_id} task [] 1"
    [outcome] = bench.outcomes(bench.sh(show), ["x"], keys=["cat.jpg"])
    assert outcome.result == f"{bench.run_id} task [cat.jpg] 1"


def test_env_is_laid_over_what_is_around_and_none_unsets(bench: Bench) -> None:
    bench.env = {"PATH": os.environ["PATH"], "KEPT": "kept", "GONE": "gone"}
    own = {
        "N": "{{ 1.5 }}",
        "GONE": "{{ none }}",
        "LIST": [1, "{{ item }}"],
        "ODD": "a=b\nc",
        "RUNNER_TASK": "mine",
    }
    action = argv("env", "-0", env=Template(own))
    [outcome] = bench.outcomes(action, ["x"])
    seen = dict(entry.split("=", 1) for entry in outcome.result.rstrip("\0").split("\0"))
    for name in ("RUN_ID", "KEY", "ATTEMPT", "COMMAND"):
        del seen[f"RUNNER_{name}"]
    assert seen == {
        "PATH": os.environ["PATH"], "KEPT": "kept", "N": "1.5", "LIST": '[1,"x"]', "ODD": "a=b\nc",
        "RUNNER_TASK": "task",
    }  # fmt: skip


def test_one_variable_has_another_value_for_each_command_however_long_it_is(bench: Bench) -> None:
    values = ["", "a", "b" * 1022, "c" * 1023, "d" * 1024, "e" * 100_000, "ä\udcff", "a"]
    action = argv("env", "-0", env=Template({"V": "{{ item }}"}))
    for _ in range(2):
        seen = [outcome.result.split("\0") for outcome in bench.outcomes(action, values)]
        found = [[entry for entry in one if entry.startswith("V=")] for one in seen]
        assert found == [[f"V={value}"] for value in values]


def test_expressions_see_the_environment_that_the_command_gets(bench: Bench) -> None:
    bench.env = {"PATH": os.environ["PATH"], "BASE": "b"}
    bench.values["env"] = bench.env
    action = argv("echo", "{{ env.BASE }}{{ env.OWN }}", env=Template({"OWN": "{{ env.BASE }}{{ item }}"}))
    [outcome] = bench.outcomes(action, ["x"], names=frozenset({"env", "item"}))
    assert outcome.result == "bbx"


def test_cwd_is_the_folder_of_the_start_or_relative_to_it(bench: Bench) -> None:
    (bench.folder / "sub").mkdir()
    assert bench.outcome(argv("pwd")).result == str(bench.folder)
    assert bench.outcome(argv("pwd", cwd=Template("s{{ 'ub' }}"))).result == str(bench.folder / "sub")
    assert bench.outcome(argv("pwd", cwd=Template("/"))).result == "/"


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("text\n", "text\n."),
        ("{{ 'caf' ~ '\\udce9' }}", "caf\udce9."),
        ("{{ [1, {'a': none}] }}", '[1,{"a":null}].'),
        ("{{ none }}", "null."),
        ({"a": "{{ 1 }}"}, '{"a":1}.'),
    ],
)
def test_stdin_is_text_as_it_is_or_compact_json(given: Any, seen: str, bench: Bench) -> None:
    assert bench.outcome(bench.sh("cat; echo .", stdin=Template(given))).result == seen


def test_stdin_may_be_bytes_of_a_callable(bench: Bench) -> None:
    bench.values["tasks"] = {"other": {"result": b"\0\xff"}}
    outcome = bench.outcome(bench.sh("od -An -tx1", stdin=Template("{{ tasks.other.result }}")))
    assert outcome.result == " 00 ff"


def test_stdin_may_be_a_file(bench: Bench) -> None:
    (bench.folder / "given").write_text("content")
    assert bench.outcome(argv("cat", stdin_file=Template("{{ 'given' }}"))).result == "content"


# Failures -------------------------------------------------------------------------------------------


def test_an_exit_code_is_a_failure_with_the_end_of_its_output(bench: Bench) -> None:
    script = "i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo out $i; done; echo bad >&2; exit 3"
    outcome = bench.outcome(bench.sh(script))
    assert (outcome.exit_code, outcome.result, outcome.encoded) == (3, None, "null")
    assert failure(outcome) == Failure(
        FailureKind.EXIT,
        "exit code 3",
        exit_code=3,
        command=f"sh -euc '{script}'",
        output="\n".join(["… 11 lines before this", *(f"out {number}" for number in range(12, 31)), "bad"]),
    )


@pytest.mark.parametrize(
    ("script", "code", "message"),
    [
        ("no-such-program-at-all", 127, "exit code 127 (a program was not found)"),
        ("./plain", 126, "exit code 126 (a program could not be executed)"),
        ("kill -SEGV $$", 139, "exit code 139 (SIGSEGV)"),
        ("exit 255", 255, "exit code 255"),
    ],
)
def test_exit_codes_with_a_meaning_are_named(script: str, code: int, message: str, bench: Bench) -> None:
    (bench.folder / "plain").write_text("")
    found = failure(bench.outcome(bench.sh(script)))
    assert (found.message, found.exit_code) == (message, code)


def test_what_cannot_be_started_says_why(bench: Bench) -> None:
    found = failure(bench.outcome(argv("conver", "a b")))
    assert found == Failure(
        FailureKind.START, "no such program: 'conver' (in no folder of PATH)", command="conver 'a b'"
    )


def test_a_log_that_cannot_be_written_fails_its_item_only(bench: Bench) -> None:
    bench.logs.write_text("a file where the folder should be")
    found = failure(bench.outcome(argv("true")))
    assert found.kind is FailureKind.START
    assert found.message.startswith("its log cannot be written: ")


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (argv("echo", "{{ none }}"), "run.1: "),
        (argv("echo", "{{ item.size }}"), "run.1: "),
        (argv("echo", "{{ 'a\\0b' }}"), "run.1: "),
        (argv("{{ [] }}"), "run: there is no program: the list is empty"),
        (argv("true", env=Template({"A": "{{ item.size }}"})), "env.A: "),
        (argv("true", env=Template({"A=B": "x"})), "env: 'A=B' cannot be the name of a variable"),
        (argv("true", env=Template("{{ 'text' }}")),
         "env must give a mapping of names to values, not a value of type str"),
        (argv("true", cwd=Template("{{ none }}")), "cwd: "),
        (argv("true", stdin=Template("{{ item.size }}")), "stdin: "),
        (argv("true", stdin_file=Template("{{ item.size }}")), "stdin.file: "),
    ],
)  # fmt: skip
def test_what_has_no_value_is_a_failure_of_its_item(action: Run, message: str, bench: Bench) -> None:
    [outcome] = bench.outcomes(action, [{}])
    found = failure(outcome)
    assert found.kind is FailureKind.EXPRESSION
    assert found.message.startswith(message)
    assert outcome.exit_code is None


def test_a_value_that_cannot_be_written_to_stdin_is_a_failure(bench: Bench) -> None:
    bench.values["tasks"] = {"other": {"result": {1, 2}}}
    found = failure(bench.outcome(argv("cat", stdin=Template("{{ tasks.other.result }}"))))
    assert found.message == (
        "stdin: JSON has no text for an object of type set (have the callable return `sorted(…)`)"
    )


def test_half_of_a_surrogate_pair_is_refused_but_may_be_a_key(bench: Bench) -> None:
    bench.values["tasks"] = {"other": {"result": "\ud800"}}
    half = "{{ tasks.other.result }}"
    for action in (
        argv("echo", half),
        argv("true", env=Template({"A": half})),
        argv("cat", stdin=Template(half)),
    ):
        assert "half of a surrogate pair" in failure(bench.outcome(action)).message
    [outcome] = bench.outcomes(bench.sh('echo "$RUNNER_KEY"'), ["x"], keys=["a\ud800"])
    assert outcome.result == "a\\ud800"


def test_an_argument_of_more_than_128_kib_is_refused_and_stdin_takes_it(bench: Bench) -> None:
    big = "x" * (131 * 1024)
    [outcome] = bench.outcomes(argv("printf", "%s", "{{ item }}"), [big])
    found = failure(outcome)
    assert found.kind in (FailureKind.START, FailureKind.EXPRESSION)
    assert "stdin" in found.message
    [outcome] = bench.outcomes(argv("cat", stdin=Template("{{ item }}")), [big])
    assert outcome.result == big


def test_a_timeout_ends_the_command_and_keeps_its_output(bench: Bench) -> None:
    outcome = bench.outcome(bench.sh("echo begun; exec sleep 1000"), timeout=2)
    assert failure(outcome) == Failure(
        FailureKind.TIMEOUT,
        "took longer than its timeout of 2s",
        exit_code=143,
        command="sh -euc 'echo begun; exec sleep 1000'",
        output="begun",
    )
    assert not outcome.cancelled


def test_a_halted_command_is_cancelled(bench: Bench) -> None:
    os.mkfifo(bench.folder / "ready")
    halt = Halt()

    def halt_when_ready() -> None:
        (bench.folder / "ready").read_text()
        halt.stop("enough")

    thread = threading.Thread(target=halt_when_ready)
    thread.start()
    outcomes = bench.outcomes(bench.sh("echo begun; echo up >ready; exec sleep 1000"), ["a", "b"], halt)
    thread.join()
    [outcome] = outcomes
    assert (outcome.cancelled, outcome.failure, outcome.result, outcome.exit_code) == (True, None, None, 143)
    assert bench.log(outcome) == "begun\n"


def test_what_is_left_running_is_named(bench: Bench) -> None:
    outcome = bench.outcome(bench.sh("sleep 1000 & echo $!"))
    assert outcome.failure is None
    assert outcome.left_behind == (f"{outcome.result} sleep",)


# `until` --------------------------------------------------------------------------------------------


def test_until_may_judge_the_exit_code(bench: Bench) -> None:
    retry = Retry(attempts=3, until=Template("exit_code == 0 and result.ready", condition=True))
    script = (
        """case $RUNNER_KEY in 0) exit 7;; 1) echo '{"ready": false}';; 2) echo '{"ready": true}';; esac"""
    )
    outcomes = [
        bench.outcomes(bench.sh(script, capture="json"), [0], keys=[key], retry=retry)[0] for key in "012"
    ]
    assert [(one.again, one.failure is None, one.exit_code) for one in outcomes] == [
        (True, False, 7), (True, False, 0), (False, True, 0),
    ]  # fmt: skip


def test_until_that_does_not_name_the_exit_code_is_not_asked_of_a_failure(bench: Bench) -> None:
    retry = Retry(attempts=3, until=Template("result == 'x'", condition=True))
    outcome = bench.outcome(bench.sh("exit 7"), retry=retry)
    assert (outcome.again, failure(outcome).kind) == (False, FailureKind.EXIT)


def test_an_accepted_exit_code_is_no_failure(bench: Bench) -> None:
    retry = Retry(attempts=3, until=Template("exit_code in [0, 1]", condition=True))
    outcome = bench.outcome(bench.sh("echo differs; exit 1"), retry=retry, result=Template("{{ result }}!"))
    assert (outcome.failure, outcome.exit_code, outcome.result) == (None, 1, "differs!")


# Secrets --------------------------------------------------------------------------------------------


def test_secrets_reach_the_command_but_no_log_and_no_failure(bench: Bench) -> None:
    bench.secrets = {"TOKEN": "hunter2 'token'"}
    bench.values["secrets"] = bench.secrets
    own = Template({"TOKEN": "{{ secrets.TOKEN }}"})
    script = 'echo "got $TOKEN"; printf %s "$TOKEN" | base64 >&2; printf "%s" "$TOKEN" >/dev/stderr'
    outcome = bench.outcome(bench.sh(script, env=own))
    assert outcome.result == "got hunter2 'token'"
    assert bench.log(outcome) == "got ***\n"
    assert "***" in bench.log(outcome, "err")
    found = failure(bench.outcome(argv("sh", "-c", 'echo "$1"; exit 1', "sh", "{{ secrets.TOKEN }}")))
    assert found.output == "***"
    assert found.command is not None
    assert "hunter2" not in found.command


def test_a_large_output_is_masked_throughout(bench: Bench) -> None:
    bench.secrets = {"TOKEN": "hunter2-token"}
    outcome = bench.outcome(argv("sh", "-c", "yes 'a hunter2-token b' | head -c 3300000"))
    text = bench.log(outcome)
    assert outcome.truncated
    assert text.count("***") == 183_334, "the last one was cut off"
    assert "hunter2" not in text


def test_what_a_command_prints_is_in_its_log_while_it_runs_masked(bench: Bench) -> None:
    bench.secrets = {"TOKEN": "hunter2-token"}
    os.mkfifo(bench.folder / "go")
    os.mkfifo(bench.folder / "end")
    action = bench.sh("printf 'one hunter2-'; read -r rest < go; echo \"$rest\"; read -r end < end")
    with bench.routed(), ThreadPoolExecutor(1) as pool:
        done = pool.submit(perform, bench.submission(action), Halt())
        wait_until(lambda: printed(bench) == "one ")
        (bench.folder / "go").write_text("token two\n")
        wait_until(lambda: printed(bench) == "one *** two\n")
        (bench.folder / "end").write_text("\n")
    [outcome] = done.result()
    assert outcome.result == "one hunter2-token two"


def test_a_large_output_takes_room_only_once(bench: Bench) -> None:
    bench.secrets = {"TOKEN": "hunter2-token"}
    os.mkfifo(bench.folder / "go")
    script = "yes 'a hunter2-token b' | head -c 18000000; cat go; stat -Lc %b /proc/self/fd/1 > blocks"
    with bench.routed(), ThreadPoolExecutor(1) as pool:
        done = pool.submit(perform, bench.submission(bench.sh(script)), Halt())
        wait_until(lambda: len(printed(bench)) == 8 * 1_000_000)
        (bench.folder / "go").write_text("")
    assert done.result()[0].truncated
    assert int((bench.folder / "blocks").read_text()) * 512 < 4 << 20


def test_output_that_a_command_left_behind_goes_on_with_holds_nobody_up(bench: Bench) -> None:
    bench.secrets = {"TOKEN": "hunter2-token"}
    outcome = bench.outcome(bench.sh("while :; do sleep 0.001; echo more; done & echo hunter2-token"))
    assert outcome.failure is None
    assert outcome.left_behind != ()
    assert set(bench.log(outcome).splitlines()) <= {"***", "more"}


def test_a_secret_that_a_command_was_ended_in_is_masked(bench: Bench) -> None:
    bench.secrets = {"TOKEN": "hunter2-token"}
    assert bench.log(bench.outcome(bench.sh("printf 'one hunter2-tok'"))) == "one ***"
    assert bench.log(bench.outcome(bench.sh("printf 'one hun'"))) == "one hun"


# Many at once ---------------------------------------------------------------------------------------


def test_commands_in_many_threads_do_not_disturb_each_other(bench: Bench) -> None:
    action = bench.sh('echo "$RUNNER_KEY"; echo "$RUNNER_KEY" >&2; exit "$RUNNER_KEY"')
    slices = [bench.submission(action, ["x"], keys=[str(number)]) for number in range(40)]
    with bench.routed(), ThreadPoolExecutor(8) as pool:
        outcomes = [done[0] for done in pool.map(lambda one: perform(one, Halt()), slices)]
    assert [one.exit_code for one in outcomes] == list(range(40))
    assert [bench.log(one) + bench.log(one, "err") for one in outcomes] == [f"{n}\n{n}\n" for n in range(40)]


def test_a_list_beside_text_in_an_argument_is_refused(bench: Bench) -> None:
    found = failure(bench.outcome(argv("echo", "--x={{ [1, 2] }}")))
    assert found.message == (
        "run.1: a list cannot be glued to text (let it stand alone as an argument, or use `join`)"
    )
