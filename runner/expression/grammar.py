"""Tokens → tree, by the grammar of Jinja2's expressions.

It knows no names, no filters and no values: a tree may still mean nothing.
"""

from __future__ import annotations

from typing import NoReturn

from runner.expression.slips import SyntaxFault, Token, of_token
from runner.expression.tree import (
    Attribute,
    Call,
    Chain,
    Conditional,
    Constant,
    DictOf,
    Filter,
    ListOf,
    Method,
    Name,
    Node,
    Slice,
    Subscript,
    Test,
    Unary,
)

deepest = 64
"""How deep an expression may nest: deep enough for people, far from the interpreter's own limit."""

_reserved = frozenset({"and", "or", "not", "in", "is", "if", "else"})
_constants = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "none": None,
    "None": None,
    "null": None,
}
_ranks = {
    **dict.fromkeys(["or"], 0),
    **dict.fromkeys(["and"], 1),
    **dict.fromkeys(["==", "!=", "<", ">", "<=", ">=", "in", "not in"], 3),
    **dict.fromkeys(["+", "-"], 4),
    **dict.fromkeys(["~"], 5),
    **dict.fromkeys(["*", "/", "//", "%"], 6),
    **dict.fromkeys(["**"], 7),
}
_rank_of_not = 2


class Parser:
    """Precedence climbing, with few frames a level so that `deepest` is far from the recursion limit."""

    def __init__(self, text: str, found: list[Token]) -> None:
        self.text = text
        self.tokens = found
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def advance(self) -> Token:
        token = self.tokens[self.position]
        self.position += 1
        return token

    def is_word(self, word: str, ahead: int = 0) -> bool:
        token = self.tokens[min(self.position + ahead, len(self.tokens) - 1)]
        return token.kind == "name" and token.value == word

    def skip(self, kind: str) -> bool:
        if self.token.kind == kind:
            self.position += 1
            return True
        return False

    def expect(self, kind: str, purpose: str) -> Token:
        if self.token.kind != kind:
            self.unexpected(f"expected `{kind}` {purpose}")
        return self.advance()

    def unexpected(self, wanted: str) -> NoReturn:
        token = self.token
        if token.kind == "end":
            length = max(1, token.end - token.at)
            raise SyntaxFault(token.at, length, f"the expression ends too early: {wanted}")
        before = self.tokens[self.position - 1] if self.position else None
        shown, hint = self.text[token.at : token.end], of_token(token, before, self.depth)
        raise SyntaxFault(token.at, token.end - token.at, f"unexpected `{shown}`: {wanted}", hint)

    def whole(self) -> Node:
        if self.token.kind == "end":
            raise SyntaxFault(self.token.at, 2, "there is no expression here")
        node = self.conditional()
        if self.token.kind != "end":
            self.unexpected("expected the end of the expression")
        return node

    def conditional(self) -> Node:
        self.depth += 1
        if self.depth > deepest:
            raise SyntaxFault(self.token.at, 1, f"the expression is nested deeper than {deepest} levels")
        node = self.ranked(0)
        links = 0
        while self.is_word("if"):
            self.advance()
            test = self.ranked(0)
            otherwise = None
            if self.is_word("else"):
                self.advance()
                otherwise = self.conditional()
            last = otherwise or test
            node = Conditional(node.at, last.end, test, node, otherwise)
            links = self.linked(links)
        self.depth -= 1
        return node

    def linked(self, links: int) -> int:
        """One more link of a chain that nests: `x | a | b`, `x.a.b`, `- - x`."""
        if links >= deepest:
            raise SyntaxFault(self.token.at, 1, f"the expression is nested deeper than {deepest} levels")
        return links + 1

    def operator(self) -> str:
        token = self.token
        if token.kind != "name":
            return token.kind
        if token.value == "not":
            return "not in" if self.is_word("in", 1) else ""
        return token.value if token.value in _ranks else ""

    def ranked(self, least: int) -> Node:
        left = self.operand(least)
        while True:
            operator = self.operator()
            rank = _ranks.get(operator, -1)
            if rank < least:
                return left
            rest = []
            while _ranks.get(operator, -1) == rank:
                self.position += 2 if operator == "not in" else 1
                rest.append((operator, self.ranked(rank + 1)))
                operator = self.operator()
            left = Chain(left.at, rest[-1][1].end, left, tuple(rest))

    def operand(self, least: int) -> Node:
        token = self.token
        if self.is_word("not") and least <= _rank_of_not:
            self.advance()
            return self.nested_unary("not", token, _rank_of_not)
        return self.filtered(self.signed())

    def nested_unary(self, operator: str, token: Token, least: int) -> Node:
        self.depth += 1
        if self.depth > deepest:
            raise SyntaxFault(token.at, 1, f"the expression is nested deeper than {deepest} levels")
        operand = self.ranked(least) if operator == "not" else self.signed()
        self.depth -= 1
        return Unary(token.at, operand.end, operator, operand)

    def signed(self) -> Node:
        token = self.token
        if token.kind in ("-", "+"):
            self.advance()
            return self.postfixed(self.nested_unary(token.kind, token, 0))
        return self.postfixed(self.primary())

    def primary(self) -> Node:
        token = self.token
        if token.kind == "name":
            return self.named()
        if token.kind == "number":
            self.advance()
            return Constant(token.at, token.end, token.value)
        if token.kind == "text":
            return self.texts()
        if token.kind == "(":
            return self.parenthesised()
        if token.kind == "[":
            self.advance()
            parts = self.listed("]")
            return ListOf(token.at, self.expect("]", "to close the list").end, parts)
        if token.kind == "{":
            return self.mapping()
        self.unexpected("expected a value")

    def named(self) -> Node:
        token = self.token
        if token.value in _constants:
            self.advance()
            return Constant(token.at, token.end, _constants[token.value])
        if token.value in _reserved:
            self.unexpected("expected a value")
        self.advance()
        if self.token.kind == "(":
            arguments, keywords, end = self.arguments()
            return Call(token.at, end, token.value, token.at, arguments, keywords)
        return Name(token.at, token.end, token.value)

    def texts(self) -> Node:
        first = last = self.advance()
        value = first.value
        while self.token.kind == "text":
            last = self.advance()
            value += last.value
        return Constant(first.at, last.end, value)

    def parenthesised(self) -> Node:
        opened = self.advance()
        if self.token.kind == ")":
            return ListOf(opened.at, self.advance().end, (), True)
        first = self.conditional()
        if self.token.kind != ",":
            self.expect(")", "to close `(`")
            return first
        self.advance()
        parts = (first, *self.listed(")"))
        return ListOf(opened.at, self.expect(")", "to close `(`").end, parts, True)

    def listed(self, closing: str) -> tuple[Node, ...]:
        parts = []
        while self.token.kind != closing:
            parts.append(self.conditional())
            if not self.skip(","):
                break
        return tuple(parts)

    def mapping(self) -> Node:
        opened = self.advance()
        pairs = []
        while self.token.kind != "}":
            key = self.conditional()
            self.expect(":", "between a key and its value")
            pairs.append((key, self.conditional()))
            if not self.skip(","):
                break
        return DictOf(opened.at, self.expect("}", "to close the mapping").end, tuple(pairs))

    def arguments(self) -> tuple[tuple[Node, ...], tuple[tuple[str, Node], ...], int]:
        self.advance()
        arguments: list[Node] = []
        keywords: list[tuple[str, Node]] = []
        while self.token.kind != ")":
            token = self.token
            if token.kind == "name" and self.tokens[self.position + 1].kind == "=":
                self.position += 2
                if any(name == token.value for name, _ in keywords):
                    raise SyntaxFault(
                        token.at, len(token.value), f"the argument `{token.value}` is given twice"
                    )
                keywords.append((token.value, self.conditional()))
            elif keywords:
                self.unexpected("an argument without a name cannot follow one with a name")
            elif token.kind in ("*", "**"):
                self.unexpected("arguments are written one by one")
            else:
                arguments.append(self.conditional())
            if not self.skip(","):
                break
        end = self.expect(")", "to close the arguments").end
        return tuple(arguments), tuple(keywords), end

    def postfixed(self, node: Node) -> Node:
        links = 0
        while True:
            if self.token.kind == ".":
                node = self.attribute(node)
            elif self.token.kind == "[":
                node = self.subscript(node)
            elif self.token.kind == "(":
                self.unexpected("only functions and the methods of text can be called")
            else:
                return node
            links = self.linked(links)

    def attribute(self, target: Node) -> Node:
        self.advance()
        token = self.token
        if token.kind == "number" and isinstance(token.value, int):
            self.advance()
            return Subscript(target.at, token.end, target, Constant(token.at, token.end, token.value))
        if token.kind != "name":
            self.unexpected("expected a name after `.`")
        self.advance()
        if self.token.kind == "(":
            arguments, keywords, end = self.arguments()
            return Method(target.at, end, token.value, token.at, arguments, keywords, target)
        return Attribute(target.at, token.end, target, token.value, token.at)

    def subscript(self, target: Node) -> Node:
        self.advance()
        bounds: list[Node | None] = [None]
        while self.token.kind != "]":
            if self.skip(":"):
                bounds.append(None)
            elif bounds[-1] is None:
                bounds[-1] = self.conditional()
            else:
                break
        end = self.expect("]", "to close `[`").end
        if len(bounds) == 1:
            if bounds[0] is None:
                raise SyntaxFault(end - 1, 1, "unexpected `]`: expected a key or an index")
            return Subscript(target.at, end, target, bounds[0])
        if len(bounds) > 3:
            raise SyntaxFault(target.end, end - target.end, "a slice is `[start:stop:step]`")
        start, stop, step = (*bounds, None)[:3]
        return Slice(target.at, end, target, (start, stop, step))

    def filtered(self, node: Node) -> Node:
        links = 0
        while True:
            if self.token.kind == "|":
                self.advance()
                node = self.filter(node)
            elif self.is_word("is"):
                self.advance()
                node = self.test(node)
            else:
                return node
            links = self.linked(links)

    def filter(self, target: Node) -> Node:
        token = self.token
        if token.kind != "name":
            self.unexpected("expected the name of a filter after `|`")
        self.advance()
        if self.token.kind != "(":
            return Filter(target.at, token.end, token.value, token.at, (), (), target)
        arguments, keywords, end = self.arguments()
        return Filter(target.at, end, token.value, token.at, arguments, keywords, target)

    def test(self, target: Node) -> Node:
        negated = self.is_word("not")
        if negated:
            self.advance()
        token = self.token
        if token.kind != "name":
            self.unexpected("expected the name of a test after `is`, such as `is defined`")
        self.advance()
        arguments: tuple[Node, ...] = ()
        keywords: tuple[tuple[str, Node], ...] = ()
        end = token.end
        if self.token.kind == "(":
            arguments, keywords, end = self.arguments()
        elif self.token.kind in ("text", "number", "[", "{") or self.starts_argument():
            argument = self.postfixed(self.primary())
            arguments, end = (argument,), argument.end
        return Test(target.at, end, token.value, token.at, arguments, keywords, target, negated)

    def starts_argument(self) -> bool:
        return self.token.kind == "name" and (
            self.token.value in _constants or self.token.value not in _reserved
        )
