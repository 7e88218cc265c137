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


def test_an_output_without_a_value_is_named_with_its_place_in_its_own_file(runner: Program) -> None:
    runner.write(
        "params: {n: 7}\ntasks: {a: {run: echo}}\noutputs:\n  bad: '{{ [1][params.n] }}'\n", "lib/other.yml"
    )
    runner.write(
        "params: {n: 8}\ntasks: {other: {workflow: lib/other.yml}}\noutputs: {worse: '{{ [1][params.n] }}'}\n"
    )
    report = runner.report()
    why = "`[1]` has no element {}: it is a list of 1 element, in `[1][params.n]`"
    message = report["tasks"]["other"]["error"]["message"]
    assert message == f"outputs.bad at lib/other.yml:4:3: {why.format(7)}"
    assert report["problems"][0]["message"] == f"outputs.worse: {why.format(8)}"
    assert report["problems"][0]["position"] == "workflow.yml:3:11"
    told = runner("report").out
    assert f"\nworkflow.yml:3:11: outputs.worse: {why.format(8)} [expression]\n" in told
    shown = runner("report", "--format", "markdown").out
    assert " \\[expression\\], at `workflow.yml:3:11`\n" in shown
