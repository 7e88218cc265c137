"""Callables as tasks: their arguments, their results, and every way in which they fail."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from runner.expression import Template
from runner.records import Failure, FailureKind
from runner.work import perform
from runner.work.halt import Halt
from runner.workflow import Call, Retry, Value

if TYPE_CHECKING:
    from conftest import Bench


def test_items_are_performed_in_their_order(bench: Bench) -> None:
    source = "def f(n, key, where, nth): return [n * 2, key, where, nth]"
    action = bench.call(source, n="{{ item }}", key="{{ key }}", where="{{ index }}", nth="{{ attempt }}")
    outcomes = bench.outcomes(action, [10, 20], keys=["a", "b"])
    assert [(one.index, one.attempt, one.result) for one in outcomes] == [
        (0, 1, [20, "a", 0, 1]),
        (1, 1, [40, "b", 1, 1]),
    ]
    assert [one.encoded for one in outcomes] == ['[20,"a",0,1]', '[40,"b",1,1]']


def test_a_coroutine_is_awaited(bench: Bench) -> None:
    action = bench.call("import asyncio\nasync def f(n):\n    await asyncio.sleep(0)\n    return n + 1", n=1)
    assert bench.outcome(action).result == 2


def test_a_function_that_gives_a_coroutine_is_awaited_too(bench: Bench) -> None:
    action = bench.call("async def inner(n): return n + 1\nf = lambda n: inner(n)", n=1)
    assert bench.outcome(action).result == 2


@pytest.mark.parametrize(
    ("given", "kept", "encoded"),
    [
        ("None", None, "null"),
        ("(1, (2.5, True))", [1, [2.5, True]], "[1,[2.5,true]]"),
        ("{'a': ('b',)}", {"a": ["b"]}, '{"a":["b"]}'),
        ("'\\udce9'", "\udce9", '"\\udce9"'),
        ("10 ** 30", 10**30, "1" + "0" * 30),
    ],
)
def test_results_are_what_json_holds(given: str, kept: Any, encoded: str, bench: Bench) -> None:
    outcome = bench.outcome(bench.call(f"def f(): return {given}"))
    assert (outcome.result, outcome.encoded) == (kept, encoded)


@pytest.mark.parametrize(
    "given",
    [
        "b'x'",
        "{1, 2}",
        "float('nan')",
        "'\\ud83d\\ude00'",
        "__import__('datetime').date(2026, 1, 2)",
    ],
)
def test_what_json_cannot_hold_is_handed_on_itself(given: str, bench: Bench) -> None:
    action = bench.call(f"GIVEN = {given}\ndef f(): return GIVEN\ndef is_it(x): return x is GIVEN")
    outcome = bench.outcome(action)
    assert outcome.encoded is None
    bench.values["tasks"] = {"other": {"result": outcome.result}}
    is_it = Call(
        action.reference.replace(":f", ":is_it"), Template({"x": "{{ tasks.other.result }}"}), action.folder
    )
    assert bench.outcome(is_it).result is True


@pytest.mark.parametrize(
    "method", ["__eq__", "__iter__", "__len__", "__getitem__", "items", "keys", "values"]
)
@pytest.mark.parametrize("raised", ["SystemExit(4)", "KeyboardInterrupt"])
def test_a_result_is_taken_without_asking_methods_of_its_own(method: str, raised: str, bench: Bench) -> None:
    source = f"""
def no(self, *_): raise {raised}
Mapping, List = (type("Own", (kind,), {{"{method}": no, "__hash__": None}}) for kind in (dict, list))
def f(): return [Mapping(a=(1,)), List([True, "x"])]
"""
    outcome = bench.outcome(bench.call(source))
    assert (outcome.failure, outcome.encoded) == (None, '[{"a":[1]},[true,"x"]]')
    assert [type(part) for part in outcome.result] == [dict, list]


@pytest.mark.parametrize("given", ["{1: 2}", "[object]", "[float('inf')]", "{'a': {3}}"])
def test_what_json_can_hold_in_part_only_is_not_recorded(given: str, bench: Bench) -> None:
    outcome = bench.outcome(bench.call(f"def f(): return {given}"))
    assert (outcome.result, outcome.encoded) == (eval(given), None)


def test_no_call_sees_what_another_did_to_its_arguments_or_its_result(bench: Bench) -> None:
    bench.values["tasks"] = {"other": {"result": {"list": [1], "long": list(range(100))}}}
    source = """
kept = []
def f(data):
    kept.append(data)
    for earlier in kept:
        earlier["list"].append("mine")
        earlier["long"].append("mine")
    return data
"""
    action = bench.call(source, data="{{ tasks.other.result }}")
    first, second = bench.outcomes(action, ["a", "b"])
    assert (first.result["list"], second.result["list"]) == ([1, "mine"], [1, "mine"])
    assert len(first.result["long"]) == len(second.result["long"]) == 101
    assert bench.values["tasks"]["other"]["result"]["list"] == [1]


# Failures -------------------------------------------------------------------------------------------


def failure(bench: Bench, action: Call, **options: Any) -> Failure:
    found = bench.outcome(action, **options).failure
    assert found is not None
    return found


def test_an_exception_is_told_from_the_users_first_frame(bench: Bench) -> None:
    source = "class Odd(ValueError): pass\ndef f(n):\n    print('before')\n    raise Odd(f'not {n}')\n"
    action = bench.call(source, n=3)
    module = action.reference.removesuffix(":f")
    assert failure(bench, action) == Failure(
        FailureKind.EXCEPTION,
        "Odd: not 3",
        traceback=(
            "Traceback (most recent call last):\n"
            f'  File "{bench.folder}/{module}.py", line 4, in f\n'
            "    raise Odd(f'not {n}')\n"
            f"{module}.Odd: not 3"
        ),
        output="before",
        exception=(f"{module}.Odd", "ValueError", "Exception", "BaseException"),
    )


def test_an_exception_of_a_coroutine_is_told_from_the_users_first_frame(bench: Bench) -> None:
    action = bench.call("async def f():\n    raise ValueError('bad')")
    assert (failure(bench, action).traceback or "").splitlines() == [
        "Traceback (most recent call last):",
        f'  File "{bench.folder}/{action.reference.removesuffix(":f")}.py", line 2, in f',
        "    raise ValueError('bad')",
        "ValueError: bad",
    ]


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        ("SystemExit(3)", "SystemExit: 3"),
        ("SystemExit", "SystemExit"),
        ("KeyboardInterrupt", "KeyboardInterrupt"),
        ("GeneratorExit", "GeneratorExit"),
        (
            "type('Mute', (Exception,), {'__str__': lambda self: 1 / 0})()",
            "Mute: (its message cannot be shown)",
        ),
        (
            "type('Leaving', (Exception,), {'__str__': lambda self: exit(4)})()",
            "Leaving: (its message cannot be shown)",
        ),
        (
            "type('Pressing', (Exception,), {'__str__': lambda self: signal.default_int_handler()})()",
            "Pressing: (its message cannot be shown)",
        ),
        (
            "type('Named', (Exception,), {'__module__': property(exit), '__notes__': property(exit)})('x')",
            "Named: x",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["def", "async def"])
def test_whatever_is_raised_is_the_failure_of_one_item_only(
    raised: str, message: str, kind: str, bench: Bench
) -> None:
    source = f"import signal\n{kind} f(n):\n    if n: raise {raised}\n    return 'fine'"
    action = bench.call(source, n="{{ item }}")
    bad, good = bench.outcomes(action, [1, 0])
    assert bad.failure is not None
    assert (bad.failure.kind, bad.failure.message) == (FailureKind.EXCEPTION, message)
    assert (good.failure, good.result) == (None, "fine")


def test_arguments_that_do_not_fit_are_a_failure_without_frames_of_ours(bench: Bench) -> None:
    found = failure(bench, bench.call("def f(a): pass", b=1))
    assert found.message == "TypeError: f() got an unexpected keyword argument 'b'"
    assert found.traceback is None


def test_an_endless_recursion_is_a_failure(bench: Bench) -> None:
    found = failure(bench, bench.call("def f(): return f()"))
    assert found.message == "RecursionError: maximum recursion depth exceeded"
    assert "[Previous line repeated" in (found.traceback or "")


def test_a_huge_message_is_cut(bench: Bench) -> None:
    found = failure(bench, bench.call("def f(): raise ValueError('x' * 10**7)"))
    assert "… 9996012 characters left out …" in found.message
    assert len(found.traceback or "") < 50_000


def test_a_callable_that_cannot_be_imported_fails_its_items(bench: Bench) -> None:
    found = failure(bench, Call("no_such_module_here:f", Template({}), str(bench.folder)))
    assert found.kind is FailureKind.START
    assert found.message.startswith("'no_such_module_here' cannot be imported: ModuleNotFoundError")


def test_arguments_that_have_no_value_fail_their_item_only(bench: Bench) -> None:
    action = bench.call("def f(n): return n", n="{{ item.size }}")
    bad, good = bench.outcomes(action, [{"name": "x"}, {"size": 1}])
    assert bad.failure is not None
    assert bad.failure.kind is FailureKind.EXPRESSION
    assert bad.failure.message.startswith("with.n: ")
    assert good.result == 1


# `result` and `until` -------------------------------------------------------------------------------


def test_result_shapes_what_others_see(bench: Bench) -> None:
    action = bench.call("def f(n): return {'size': n}", n="{{ item }}")
    outcomes = bench.outcomes(action, [1, 2], result=Template({"is": "{{ result.size + index }}"}))
    assert [one.encoded for one in outcomes] == ['{"is":1}', '{"is":3}']


def test_a_value_is_its_result_alone(bench: Bench) -> None:
    outcomes = bench.outcomes(Value(), ["a", "b"], result=Template("{{ item }}-{{ index }}"))
    assert [one.result for one in outcomes] == ["a-0", "b-1"]


def test_a_result_without_a_value_is_a_failure(bench: Bench) -> None:
    action = bench.call("def f(n): return {'size': n}", n="{{ item }}")
    bad, good = bench.outcomes(action, [0, 2], result=Template("{{ 2 / result.size }}"))
    assert bad.failure is not None
    assert (bad.failure.kind, bad.result, bad.encoded) == (FailureKind.EXPRESSION, None, "null")
    assert bad.failure.message.startswith("result: ")
    assert good.result == 1


def test_until_asks_for_another_attempt(bench: Bench) -> None:
    retry = Retry(attempts=3, until=Template("result.state == 'done'", condition=True))
    action = bench.call("def f(s): return {'state': s, 'data': [s]}", s="{{ item }}")
    waiting, done = bench.outcomes(
        action, ["open", "done"], retry=retry, result=Template("{{ result.data }}")
    )
    assert (waiting.again, waiting.failure is None, waiting.result) == (True, False, None)
    assert (done.again, done.failure, done.result) == (False, None, ["done"])


def test_until_must_give_true_or_false(bench: Bench) -> None:
    retry = Retry(attempts=3, until=Template("result", condition=True))
    found = failure(bench, bench.call("def f(): return 'yes'"), retry=retry)
    assert found.kind is FailureKind.EXPRESSION
    assert found.message == (
        "until: a condition gives true or false, and this is the text 'yes', in `result`"
    )


# Slices, halts, threads -----------------------------------------------------------------------------


def test_a_slice_returns_in_time_with_what_it_has_done(bench: Bench) -> None:
    action = bench.call("import time\ndef f(): time.sleep(0.06)")
    assert [one.index for one in perform(bench.submission(action, [1, 2, 3]), Halt())] == [0]


def test_a_halt_between_items_leaves_out_the_rest(bench: Bench) -> None:
    halt = Halt()
    bench.values["tasks"] = {"other": {"result": halt}}
    source = "def f(halt, n):\n    if n == 2: halt.stop('enough')\n    return n"
    action = bench.call(source, halt="{{ tasks.other.result }}", n="{{ item }}")
    assert [one.result for one in bench.outcomes(action, [1, 2, 3], halt)] == [1, 2]
    assert perform(bench.submission(action, [1, 2, 3]), halt) == []


def test_many_threads_perform_at_once(bench: Bench) -> None:
    together = threading.Barrier(8)
    bench.values["tasks"] = {"other": {"result": together}}
    source = """
import logging
def f(barrier, n):
    barrier.wait(60)
    for line in range(50):
        print(n, line)
        logging.getLogger("shop").info("%s %s", n, line)
    return n
"""
    action = bench.call(source, barrier="{{ tasks.other.result }}", n="{{ item }}")
    slices = [bench.submission(action, [name]) for name in "abcdefgh"]
    with bench.routed(), ThreadPoolExecutor(8) as pool:
        outcomes = [one for done in pool.map(lambda one: perform(one, Halt()), slices) for one in done]
    assert [one.result for one in outcomes] == list("abcdefgh")
    for one in outcomes:
        assert bench.log(one) == "".join(f"{one.result} {line}\n" for line in range(50))
        assert bench.log(one, "err") == "".join(f"INFO:shop:{one.result} {line}\n" for line in range(50))
