"""Workflow files that run others: what the inner one sees, and what it brings along."""

from __future__ import annotations

from program import Program


def test_a_file_that_is_run_by_another_has_its_own_environment_params_and_secrets(runner: Program) -> None:
    runner.write(
        """
        params: {number: {type: int, required: true}, word: none}
        params_file: values.yml
        dotenv: child.env
        secrets: [TOKEN]
        tasks:
          show:
            run: echo "${OWN-unset} ${OTHER-unset} {{ params.number }} {{ params.word }} $LENGTH"
            env: {LENGTH: "{{ secrets.TOKEN | length }}"}
        outputs: {shown: "{{ tasks.show.result }}"}
        """,
        "lib/child.yml",
    )
    runner.write("number: 77\nword: file\n", "lib/values.yml")
    runner.write("OWN=child\nTOKEN=secret-of-the-child\n", "lib/child.env")
    runner.write("OTHER=parent\nTOKEN=secret-parent\n", "parent.env")
    runner.write(
        """
        dotenv: parent.env
        secrets: [TOKEN]
        tasks:
          child: {workflow: lib/child.yml, with: {word: given}}
          own: {run: 'echo "${OWN-unset} ${OTHER-unset} $TOKEN"'}
        outputs: {child: "{{ tasks.child.result.shown }}", own: "{{ tasks.own.result }}"}
        """
    )
    assert runner.report()["outputs"] == {
        "child": "child unset 77 given 19",
        "own": "unset parent ***",
    }


def test_secrets_that_are_missing_are_told_with_the_file_that_declares_them(runner: Program) -> None:
    runner.write("secrets: [INNER]\ntasks: {a: {run: echo}}", "lib/child.yml")
    runner.write("secrets: [OUTER]\ntasks: {a: {workflow: lib/child.yml}}")
    assert runner("run").err == (
        "error: the secrets OUTER and INNER (of lib/child.yml) are not set in the environment\n"
        "  = export OUTER=…, or put it into a dotenv file that the workflow names\n"
    )


def test_an_output_that_has_no_value_is_named_with_its_file(runner: Program) -> None:
    runner.write("tasks: {a: {result: 0}}\noutputs: {share: '{{ 1 / tasks.a.result }}'}", "lib/child.yml")
    runner.write("tasks: {child: {workflow: lib/child.yml}}")
    error = runner.report()["tasks"]["child"]["error"]
    assert error["message"] == ("outputs.share of lib/child.yml: `/` divides by 0, in `1 / tasks.a.result`")
