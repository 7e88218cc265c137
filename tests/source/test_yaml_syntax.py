"""Every way in which YAML can be written wrong, with all that is said about it."""

from __future__ import annotations

import pytest

from runner.findings import problems_of
from runner.problem import write_text
from runner.source import parse

refused = [
    (
        """\
tasks:
  a:
    run: echo "a: b"
""",
        """\
flow.yml:3:17: error: a value without quotes may not contain ': ' [syntax]
    3 |     run: echo "a: b"
      |                 ^
      = put the value in quotes:
        run: 'echo "a: b"'
""",
    ),
    (
        """\
tasks:
  a:
    - run: echo a: b # c
""",
        """\
flow.yml:3:18: error: a value without quotes may not contain ': ' [syntax]
    3 |     - run: echo a: b # c
      |                  ^
      = put the value in quotes:
        - run: "echo a: b" # c
""",
    ),
    (
        """\
name: x
  tasks: y
""",
        """\
flow.yml:2:3: error: 'tasks' is indented under 'name', which has a value already [syntax]
    2 |   tasks: y
      |   ^^^^^
      = align it with 'name'; for text of several lines, begin it with '|'
""",
    ),
    (
        """\
tasks:
  a: {run: cat "{{ x }}"}
  b: {run: "x"}
""",
        """\
flow.yml:2:12: error: in { } and [ ] a value with an expression needs quotes [unquoted-expression]
    2 |   a: {run: cat "{{ x }}"}
      |            ^^^^^^^^^^^^^
      = put the value in quotes:
        a: {run: 'cat "{{ x }}"'}
""",
    ),
    (
        """\
tasks:
  a: {run: cat "{{ x }}"}
""",
        """\
flow.yml:2:12: error: in { } and [ ] a value with an expression needs quotes [unquoted-expression]
    2 |   a: {run: cat "{{ x }}"}
      |            ^^^^^^^^^^^^^
      = put the value in quotes:
        a: {run: 'cat "{{ x }}"'}
""",
    ),
    (
        """\
a: [echo {{ x }}, b]
""",
        """\
flow.yml:1:5: error: in { } and [ ] a value with an expression needs quotes [unquoted-expression]
    1 | a: [echo {{ x }}, b]
      |     ^^^^^^^^^^^^
      = put the value in quotes:
        a: ["echo {{ x }}", b]
""",
    ),
    (
        """\
over: {{ x }} foo
""",
        """\
flow.yml:1:7: error: an expression needs quotes: YAML reads a bare '{' as a mapping [unquoted-expression]
    1 | over: {{ x }} foo
      |       ^^^^^^^^^^^
      = put the value in quotes:
        over: "{{ x }} foo"
""",
    ),
    (
        """\
over: {{ x | default([]) }}
b: 1
""",
        """\
flow.yml:1:7: error: an expression needs quotes: YAML reads a bare '{' as a mapping [unquoted-expression]
    1 | over: {{ x | default([]) }}
      |       ^^^^^^^^^^^^^^^^^^^^^
      = put the value in quotes:
        over: "{{ x | default([]) }}"
""",
    ),
    (
        """\
a: [1, 2
b: 3
""",
        """\
flow.yml:1:4: error: this '[' is not closed [syntax]
    1 | a: [1, 2
      |    ^
      = a ']' is missing at the end of the list
""",
    ),
    (
        """\
a: [1, 2""",
        """\
flow.yml:1:4: error: this '[' is not closed [syntax]
    1 | a: [1, 2
      |    ^
      = a ']' is missing at the end of the list
""",
    ),
    (
        """\
a: {b: 1
c: 2
""",
        """\
flow.yml:1:4: error: this '{' is not closed [syntax]
    1 | a: {b: 1
      |    ^
      = a '}' is missing at the end of the mapping
""",
    ),
    (
        """\
a: {b: 1""",
        """\
flow.yml:1:4: error: this '{' is not closed [syntax]
    1 | a: {b: 1
      |    ^
      = a '}' is missing at the end of the mapping
""",
    ),
    (
        """\
a: [1, 2}
""",
        """\
flow.yml:1:9: error: expected ',' or ']' here, not '}' [syntax]
    1 | a: [1, 2}
      |         ^
      = the list begins at flow.yml:1:4
      = put a value that contains brackets in quotes
""",
    ),
    (
        """\
a: 1]
b: ]
""",
        """\
flow.yml:2:4: error: a value without quotes may not begin with ']' [syntax]
    2 | b: ]
      |    ^
      = put the value in quotes:
        b: "]"
""",
    ),
    (
        """\
a: "foo
b: 1
""",
        """\
flow.yml:1:4: error: this double quote is not closed [syntax]
    1 | a: "foo
      |    ^
      = add a " where the text ends
""",
    ),
    (
        """\
a: 'foo
""",
        """\
flow.yml:1:4: error: this single quote is not closed [syntax]
    1 | a: 'foo
      |    ^
      = add a ' where the text ends
""",
    ),
    (
        """\
a: 'it's'
b: c
""",
        """\
flow.yml:1:8: error: there is text behind the closing quote [syntax]
    1 | a: 'it's'
      |        ^^
      = put the value in quotes:
        a: "it's"
""",
    ),
    (
        """\
a: "x" y
b: c
""",
        """\
flow.yml:1:8: error: there is text behind the closing quote [syntax]
    1 | a: "x" y
      |        ^
      = put the value in quotes:
        a: '"x" y'
""",
    ),
    (
        """\
a: "x" and "y"
b: c
""",
        """\
flow.yml:1:8: error: there is text behind the closing quote [syntax]
    1 | a: "x" and "y"
      |        ^^^^^^^
      = put the value in quotes:
        a: '"x" and "y"'
""",
    ),
    (
        """\
a: [x] y
b: c
""",
        """\
flow.yml:1:8: error: there is text behind the closing ']' [syntax]
    1 | a: [x] y
      |        ^
      = put the value in quotes:
        a: "[x] y"
""",
    ),
    (
        """\
a:
    b: 1
  c: 2
""",
        """\
flow.yml:3:3: error: 'c' is indented by 2 spaces, as nothing above it is [syntax]
    3 |   c: 2
      |   ^
      = what stands above is indented by 0 or 4
""",
    ),
    (
        """\
a:
  b: 1
   c: 2
""",
        """\
flow.yml:3:4: error: 'c' is indented under 'b', which has a value already [syntax]
    3 |    c: 2
      |    ^
      = align it with 'b'; for text of several lines, begin it with '|'
""",
    ),
    (
        """\
a:
  - b
 - c
""",
        """\
flow.yml:3:2: error: this entry is indented by 1 space, as nothing above it is [syntax]
    3 |  - c
      |  ^
      = what stands above is indented by 0 or 2
""",
    ),
    (
        """\
a:
  b: 1
  - c
""",
        """\
flow.yml:3:3: error: this entry stands among the keys of a mapping [syntax]
    3 |   - c
      |   ^
      = indent it under the key that it belongs to
""",
    ),
    (
        """\
a:
  - b
  c: 1
""",
        """\
flow.yml:3:3: error: 'c' stands among the entries of a list [syntax]
    3 |   c: 1
      |   ^
      = begin it with '- ', or indent it otherwise
""",
    ),
    (
        """\
a:
  b: 1
  foo
  c: 1
""",
        """\
flow.yml:3:3: error: 'foo' is neither a key with a ':' nor part of the value above [syntax]
    3 |   foo
      |   ^^^
      = write it as `key: value`; a text that goes on is indented deeper than its key
""",
    ),
    (
        """\
a:
  run:echo
  c: 1
""",
        """\
flow.yml:2:3: error: a space is missing after 'run:' [syntax]
    2 |   run:echo
      |   ^^^^
      = write run: echo
""",
    ),
    (
        """\
a: 1
run:echo
""",
        """\
flow.yml:2:1: error: a space is missing after 'run:' [syntax]
    2 | run:echo
      | ^^^^
      = write run: echo
""",
    ),
    (
        """\
a: - b
""",
        """\
flow.yml:1:4: error: a list cannot begin on the line of its key [syntax]
    1 | a: - b
      |    ^
      = write a: [b], or each entry on a line of its own
""",
    ),
    (
        """\
a: ? b
""",
        """\
flow.yml:1:4: error: a value without quotes may not begin with '?' [syntax]
    1 | a: ? b
      |    ^
      = put the value in quotes:
        a: "? b"
""",
    ),
    (
        ("a:\n\tb: 1\n"),
        """\
flow.yml:2:1: error: indentation is made of spaces, and this is a tab [tab]
    2 |     b: 1
      | ^^^^
      = replace it with spaces
""",
    ),
    (
        ("a:\n  b: 1\n\tc: 1\n"),
        """\
flow.yml:3:1: error: indentation is made of spaces, and this is a tab [tab]
    3 |     c: 1
      | ^^^^
      = replace it with spaces
""",
    ),
    (
        ("a: x\n\tb: 1\n"),
        """\
flow.yml:2:1: error: indentation is made of spaces, and this is a tab [tab]
    2 |     b: 1
      | ^^^^
      = replace it with spaces
""",
    ),
    (
        ("-\ta: 1\n"),
        """\
flow.yml:1:2: error: indentation is made of spaces, and this is a tab [tab]
    1 | -    a: 1
      |  ^^^^
      = replace it with spaces
""",
    ),
    (
        ("a:\n  - b\n\t- c\n"),
        """\
flow.yml:3:1: error: indentation is made of spaces, and this is a tab [tab]
    3 |     - c
      | ^^^^
      = replace it with spaces
""",
    ),
    (
        ("\ta: 1"),
        """\
flow.yml:1:1: error: indentation is made of spaces, and this is a tab [tab]
    1 |     a: 1
      | ^^^^
      = replace it with spaces
""",
    ),
    (
        ("a: |\n\tx\n"),
        """\
flow.yml:2:1: error: indentation is made of spaces, and this is a tab [tab]
    2 |     x
      | ^^^^
      = replace it with spaces
""",
    ),
    (
        ("a: foo\n\tbar\n"),
        """\
flow.yml:2:1: error: indentation is made of spaces, and this is a tab [tab]
    2 |     bar
      | ^^^^
      = replace it with spaces
""",
    ),
    (
        ("a:\n  b: foo\n\tbar\n"),
        """\
flow.yml:3:1: error: indentation is made of spaces, and this is a tab [tab]
    3 |     bar
      | ^^^^
      = replace it with spaces
""",
    ),
    (
        ("a:\n  b:\n  \tc: 1\n"),
        """\
flow.yml:3:3: error: indentation is made of spaces, and this is a tab [tab]
    3 |       c: 1
      |   ^^^^
      = replace it with spaces
""",
    ),
    (
        """\
a: @x
""",
        """\
flow.yml:1:4: error: a value without quotes may not begin with '@' [syntax]
    1 | a: @x
      |    ^
      = put the value in quotes:
        a: "@x"
""",
    ),
    (
        """\
a: `x`
""",
        """\
flow.yml:1:4: error: a value without quotes may not begin with a backtick [syntax]
    1 | a: `x`
      |    ^
      = put the value in quotes:
        a: "`x`"
""",
    ),
    (
        """\
a: %x
""",
        """\
flow.yml:1:4: error: a value without quotes may not begin with '%' [syntax]
    1 | a: %x
      |    ^
      = put the value in quotes:
        a: "%x"
""",
    ),
    (
        """\
a: *.txt
""",
        """\
flow.yml:1:4: error: '*' begins an alias, a name of ASCII letters, digits, '-' and '_' [syntax]
    1 | a: *.txt
      |    ^
      = if it is text, put the value in quotes:
        a: "*.txt"
""",
    ),
    (
        """\
a: * x
""",
        """\
flow.yml:1:4: error: '*' begins an alias, a name of ASCII letters, digits, '-' and '_' [syntax]
    1 | a: * x
      |    ^
      = if it is text, put the value in quotes:
        a: "* x"
""",
    ),
    (
        """\
a: & x
""",
        """\
flow.yml:1:4: error: '&' begins an anchor, a name of ASCII letters, digits, '-' and '_' [syntax]
    1 | a: & x
      |    ^
      = if it is text, put the value in quotes:
        a: "& x"
""",
    ),
    (
        """\
a: > x
""",
        """\
flow.yml:1:6: error: after '>' the text begins on the next line [syntax]
    1 | a: > x
      |      ^
      = write it so:
        a: >
          x
""",
    ),
    (
        """\
a: | x
  y
""",
        """\
flow.yml:1:6: error: after '|' the text begins on the next line [syntax]
    1 | a: | x
      |      ^
      = write it so:
        a: |
          x
""",
    ),
    (
        """\
a: |0
""",
        """\
flow.yml:1:5: error: the number after '|' is the indentation of the text, from 1 to 9 [syntax]
    1 | a: |0
      |     ^
""",
    ),
    (
        ("a: |\n   \n\tx\n"),
        """\
flow.yml:3:1: error: indentation is made of spaces, and this is a tab [tab]
    3 |     x
      | ^^^^
      = replace it with spaces
""",
    ),
    (
        """\
a: ,x
""",
        """\
flow.yml:1:4: error: a value without quotes may not begin with ',' [syntax]
    1 | a: ,x
      |    ^
      = put the value in quotes:
        a: ",x"
""",
    ),
    (
        """\
a: ]x
""",
        """\
flow.yml:1:4: error: a value without quotes may not begin with ']' [syntax]
    1 | a: ]x
      |    ^
      = put the value in quotes:
        a: "]x"
""",
    ),
    (
        """\
? a: b: c
""",
        """\
flow.yml:1:7: error: a value without quotes may not contain ': ' [syntax]
    1 | ? a: b: c
      |       ^
      = put the value in quotes:
        ? a: "b: c"
""",
    ),
    (
        """\
a: &x.y 1
""",
        """\
flow.yml:1:4: error: '&' begins an anchor, a name of ASCII letters, digits, '-' and '_' [syntax]
    1 | a: &x.y 1
      |    ^^
      = if it is text, put the value in quotes:
        a: "&x.y 1"
""",
    ),
    (
        ('a: "C:\\path"\n'),
        (
            "flow.yml:1:7: error: '\\p' is no escape that YAML knows in double quotes [syntax]\n"
            '    1 | a: "C:\\path"\n'
            "      |       ^^\n"
            "      = write \\\\ for a backslash, or use single quotes\n"
        ),
    ),
    (
        ('a: "\\xZZ"\n'),
        (
            "flow.yml:1:5: error: '\\xZZ' is no escape that YAML knows in double quotes [syntax]\n"
            '    1 | a: "\\xZZ"\n'
            "      |     ^^^^\n"
            "      = write \\\\ for a backslash, or use single quotes\n"
        ),
    ),
    (
        ('a: "\\U00110000"\n'),
        (
            "flow.yml:1:5: error: '\\U00110000' is no escape that YAML knows in double quotes [syntax]\n"
            '    1 | a: "\\U00110000"\n'
            "      |     ^^^^^^^^^^\n"
            "      = write \\\\ for a backslash, or use single quotes\n"
        ),
    ),
    (
        """\
a: "x
--- y"
""",
        """\
flow.yml:1:4: error: this double quote is not closed [syntax]
    1 | a: "x
      |    ^
      = add a " where the text ends
""",
    ),
    (
        """\
- a
b: 1
""",
        """\
flow.yml:2:1: error: 'b' stands among the entries of a list [syntax]
    2 | b: 1
      | ^
      = begin it with '- ', or indent it otherwise
""",
    ),
    (
        """\
  a: 1
b: 2
""",
        """\
flow.yml:2:1: error: 'b' is indented by 0 spaces, as nothing above it is [syntax]
    2 | b: 2
      | ^
      = what stands above is indented by 2
""",
    ),
    (
        """\
foo
bar: 1
""",
        """\
flow.yml:1:1: error: 'foo' is neither a key with a ':' nor part of the value above [syntax]
    1 | foo
      | ^^^
      = write it as `key: value`; a text that goes on is indented deeper than its key
""",
    ),
    (
        """\
"x" y
""",
        """\
flow.yml:1:5: error: there is text behind the closing quote [syntax]
    1 | "x" y
      |     ^
      = put the value in quotes:
        '"x" y'
""",
    ),
    (
        """\
{a: 1}
b: 2
""",
        """\
flow.yml:2:1: error: nothing may follow here: the one value of the file has ended above [syntax]
    2 | b: 2
      | ^
""",
    ),
    (
        """\
%YAML 3.0
---
a: 1
""",
        """\
flow.yml:1:1: error: a line with '%' is a YAML directive, and only '%YAML 1.2' before '---' is read [syntax]
    1 | %YAML 3.0
      | ^^^^^^^^^
      = leave it out
""",
    ),
    (
        """\
%YAML 1.1
---
a: 1
""",
        """\
flow.yml:1:1: error: a line with '%' is a YAML directive, and only '%YAML 1.2' before '---' is read [syntax]
    1 | %YAML 1.1
      | ^^^^^^^^^
      = leave it out
""",
    ),
    (
        """\
%YAML 1
---
a
""",
        """\
flow.yml:1:1: error: a line with '%' is a YAML directive, and only '%YAML 1.2' before '---' is read [syntax]
    1 | %YAML 1
      | ^^^^^^^
      = leave it out
""",
    ),
    (
        """\
%FOO
---
a""",
        """\
flow.yml:1:1: error: a line with '%' is a YAML directive, and only '%YAML 1.2' before '---' is read [syntax]
    1 | %FOO
      | ^^^^
      = leave it out
""",
    ),
    (
        """\
%YAML 1.2
a: 1
""",
        """\
flow.yml:1:1: error: a line with '%' is a YAML directive, and only '%YAML 1.2' before '---' is read [syntax]
    1 | %YAML 1.2
      | ^^^^^^^^^
      = leave it out
""",
    ),
    (
        """\
a: !e!x b
""",
        """\
flow.yml:1:4: error: '!e!x' is a YAML tag, and tags are not read [tag]
    1 | a: !e!x b
      |    ^^^^
      = leave it out, or, if it is text, put the whole value in quotes
""",
    ),
    (
        """\
a: !<x b
""",
        """\
flow.yml:1:4: error: '!<x' is a YAML tag, and tags are not read [tag]
    1 | a: !<x b
      |    ^^^
      = leave it out, or, if it is text, put the whole value in quotes
""",
    ),
    (
        """\
%YAML 1.2
%YAML 1.2
---
a""",
        """\
flow.yml:2:1: error: a line with '%' is a YAML directive, and only '%YAML 1.2' before '---' is read [syntax]
    2 | %YAML 1.2
      | ^^^^^^^^^
      = leave it out
""",
    ),
    (
        """\
a: 1
%YAML 1.2
""",
        """\
flow.yml:2:1: error: a line with '%' is a YAML directive, and only '%YAML 1.2' before '---' is read [syntax]
    2 | %YAML 1.2
      | ^^^^^^^^^
      = leave it out
""",
    ),
    (
        ("a: 1\r\n b: c: d\r\n"),
        """\
flow.yml:2:2: error: 'b' is indented under 'a', which has a value already [syntax]
    2 |  b: c: d
      |  ^
      = align it with 'a'; for text of several lines, begin it with '|'
""",
    ),
    (
        """\
: a
""",
        """\
flow.yml:1:1: error: a key is missing before ':' [syntax]
    1 | : a
      | ^
""",
    ),
    (
        """\
&a &b c
""",
        """\
flow.yml:1:4: error: this cannot follow what stands before it [syntax]
    1 | &a &b c
      |    ^^^^
      = put the value in quotes:
        "&a &b c"
""",
    ),
    (
        """\
a: 1
... x
""",
        """\
flow.yml:2:5: error: this cannot follow what stands before it [syntax]
    2 | ... x
      |     ^
      = put the value in quotes:
        "... x"
""",
    ),
    (
        """\
"a
 b": 1
""",
        """\
flow.yml:1:1: error: '"a' is neither a key with a ':' nor part of the value above [syntax]
    1 | "a
      | ^^
      = write it as `key: value`; a text that goes on is indented deeper than its key
""",
    ),
    (
        """\
{a: b: c}
""",
        """\
flow.yml:1:6: error: a value without quotes may not contain ': ' [syntax]
    1 | {a: b: c}
      |      ^
      = the mapping begins at flow.yml:1:1
      = put the value in quotes:
        {a: "b: c"}
""",
    ),
    (
        """\
{"a" 1}
""",
        """\
flow.yml:1:6: error: expected ',' or '}' here, not '1' [syntax]
    1 | {"a" 1}
      |      ^
      = the mapping begins at flow.yml:1:1
""",
    ),
    (
        """\
[a: b: c]
""",
        """\
flow.yml:1:6: error: a value without quotes may not contain ': ' [syntax]
    1 | [a: b: c]
      |      ^
      = the list begins at flow.yml:1:1
      = put the value in quotes
""",
    ),
    (
        """\
a: [x #c]
""",
        """\
flow.yml:1:4: error: this '[' is not closed [syntax]
    1 | a: [x #c]
      |    ^
      = a ']' is missing at the end of the list
""",
    ),
    (
        """\
a: -b
-c
""",
        """\
flow.yml:2:1: error: a space is missing after '-' [syntax]
    2 | -c
      | ^
      = write - c
""",
    ),
    (
        """\
run: echo hello:
""",
        """\
flow.yml:1:16: error: a value without quotes may not end in ':' [syntax]
    1 | run: echo hello:
      |                ^
      = put the value in quotes:
        run: "echo hello:"
""",
    ),
    (
        """\
run: curl -H "Accept: x" http://foo
""",
        """\
flow.yml:1:21: error: a value without quotes may not contain ': ' [syntax]
    1 | run: curl -H "Accept: x" http://foo
      |                     ^
      = put the value in quotes:
        run: 'curl -H "Accept: x" http://foo'
""",
    ),
    (
        """\
run: echo a
  b: c
""",
        """\
flow.yml:2:3: error: 'b' is indented under 'run', which has a value already [syntax]
    2 |   b: c
      |   ^
      = align it with 'run'; for text of several lines, begin it with '|'
""",
    ),
    (
        """\
a: 12:30: x
""",
        """\
flow.yml:1:9: error: a value without quotes may not contain ': ' [syntax]
    1 | a: 12:30: x
      |         ^
      = put the value in quotes:
        a: "12:30: x"
""",
    ),
    (
        """\
a: {: b}
""",
        """\
flow.yml:1:5: error: a key is missing before ':' [syntax]
    1 | a: {: b}
      |     ^
""",
    ),
    (
        ('a: "\\ud83d"\n'),
        (
            "flow.yml:1:5: error: '\\ud83d' is one half of a character [syntax]\n"
            '    1 | a: "\\ud83d"\n'
            "      |     ^^^^^^\n"
            "      = write the whole as \\U and eight digits\n"
        ),
    ),
]


@pytest.mark.parametrize(("text", "said"), refused, ids=[text for text, _ in refused])
def test_a_syntax_error_is_told_with_its_place_and_a_way_out(text: str, said: str) -> None:
    assert write_text(problems_of(parse(text, "flow.yml"))) == said + "1 error\n"
