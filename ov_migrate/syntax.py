"""A syntax tree with what every room asks of it: parents, spans in the text, enclosing statements and scopes.

The tree is walked once. It is printed at most once, when somebody asks for a place in the text: printing gives the
spans and, at the same price, the proof that the tree holds the file byte for byte.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from types import TracebackType
from typing import Any, TypeVar

import libcst as cst

# LibCST's position providers cost more than the parse itself. Recording from inside one print costs a fifth of it, but
# the state class that allows this has no public name.
from libcst._nodes.internal import CodegenState

from ov_migrate.indentation import parse_module, with_own_tabs

N = TypeVar("N", bound=cst.CSTNode)
Span = tuple[int, int]
Scope = cst.Module | cst.FunctionDef | cst.Lambda | cst.ClassDef

_LAYOUT_FIELDS = (
    "whitespace",
    "leading_lines",
    "lines_after",
    "lpar",
    "rpar",
    "comma",
    "semicolon",
    "header",
    "footer",
)
# Types of fields that hold no nodes.
_TEXT = (str, "str")
_LAYOUT_NODES = (
    cst.BaseParenthesizableWhitespace,
    cst.TrailingWhitespace,
    cst.BaseUnaryOp,
    cst.BaseBinaryOp,
    cst.BaseBooleanOp,
    cst.BaseAugOp,
    cst.LeftSquareBracket,
    cst.RightSquareBracket,
    cst.LeftCurlyBrace,
    cst.RightCurlyBrace,
    cst.AssignEqual,
    cst.Dot,
)


def _hash_by_identity(cls: type) -> None:
    """A node's hash is its identity, which LibCST says in Python; the interpreter's own way to say it costs a fifth,
    and an analysis asks some millions of times."""
    if "__hash__" in vars(cls):
        cls.__hash__ = object.__hash__  # type: ignore[assignment]
    subclasses: list[type] = cls.__subclasses__()
    for subclass in subclasses:
        _hash_by_identity(subclass)


_hash_by_identity(cst.CSTNode)
# What has names of its own.
OWN_NAMES = frozenset({cst.FunctionDef, cst.Lambda, cst.ClassDef})
_NAMED = OWN_NAMES | {cst.Name, cst.Param, cst.ImportAlias, cst.Global, cst.Nonlocal}
_child_fields: dict[type, tuple[str, ...]] = {}
_carries_meaning: dict[type, bool] = {}


def _is_child(value: object) -> bool:
    # LibCST's bases are abstract base classes, whose isinstance is slow: one answer a class is enough.
    kind = type(value)
    answer = _carries_meaning.get(kind)
    if answer is None:
        answer = isinstance(value, cst.CSTNode) and not isinstance(value, _LAYOUT_NODES)
        _carries_meaning[kind] = answer
    return answer


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yields the child nodes that carry meaning, in source order; whitespace and punctuation are passed over."""
    names = _child_fields.get(type(node))
    if names is None:
        names = tuple(f.name for f in fields(node) if f.type not in _TEXT and not f.name.startswith(_LAYOUT_FIELDS))
        _child_fields[type(node)] = names
    for name in names:
        value = getattr(node, name)
        if type(value) is tuple or type(value) is list:
            for item in value:
                if _is_child(item):
                    yield item
        elif _is_child(value):
            yield value


def below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yields all nodes below `node` that carry meaning, in source order."""
    for child in children(node):
        yield child
        yield from below(child)


class _Recorder:
    """The context manager LibCST opens around each node that has a place of its own in the text."""

    __slots__ = ("end", "node", "offset", "start", "state")

    def __init__(
        self, state: _SpanState, node: cst.CSTNode, start: cst.CSTNode | None, end: cst.CSTNode | None
    ) -> None:
        self.state, self.node, self.start, self.end = state, node, start, end

    def __enter__(self) -> None:
        self.offset = self.state.position

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        spans = self.state.spans
        start = spans[self.start][0] if self.start in spans else self.offset
        end = spans[self.end][1] if self.end in spans else self.state.position
        spans[self.node] = (start, end)


class _SpanState(CodegenState):
    def __init__(self, module: cst.Module) -> None:
        super().__init__(default_indent=module.default_indent, default_newline=module.default_newline)
        self.position = 0
        self.spans: dict[cst.CSTNode, Span] = {}

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.position += len(value)

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.tokens.append(token)
            self.position += len(token)

    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Any:
        return _Recorder(self, node, start_node, end_node)


def _print_plainly(cls: Any) -> None:
    """Most expressions have no parentheses around them, for which LibCST makes a generator each all the same."""
    parenthesize = cls._parenthesize

    def around(self: Any, state: CodegenState) -> Any:
        return parenthesize(self, state) if self.lpar else state.record_syntactic_position(self)

    cls._parenthesize = around


for _cls in cst.BaseExpression.__mro__:
    if "_parenthesize" in vars(_cls):
        _print_plainly(_cls)


@dataclass
class Tree:
    """One parsed source: `given` is the text that was parsed, `module` LibCST's tree, `text` what it prints, `spans`
    character offsets into `text`; `named` are the nodes that have to do with names, each with the scope that it stands
    in, parameters in that of their function."""

    given: str
    module: cst.Module
    parents: dict[cst.CSTNode, cst.CSTNode]
    nodes: dict[type, list[cst.CSTNode]]
    named: list[tuple[cst.CSTNode, Scope]]

    @classmethod
    def parse(cls, source: str) -> Tree:
        """Parses `source`; raises `libcst.ParserSyntaxError` when it is no Python 3 that LibCST knows."""
        module = parse_module(source)
        parents: dict[cst.CSTNode, cst.CSTNode] = {}
        nodes: dict[type, list[cst.CSTNode]] = {}
        named: list[tuple[cst.CSTNode, Scope]] = []
        stack: list[cst.CSTNode] = [module]
        scopes: list[Scope] = [module]
        while stack:
            node, scope = stack.pop(), scopes.pop()
            kind = type(node)
            nodes.setdefault(kind, []).append(node)
            if kind in _NAMED:
                named.append((node, scope))
            below = list(children(node))[::-1]
            for child in below:
                parents[child] = node
            stack += below
            if kind in OWN_NAMES:
                inside = (node.body, getattr(node, "params", None))  # type: ignore[attr-defined]
                scopes += [node if child in inside else scope for child in below]  # type: ignore[misc]
            else:
                scopes += [scope] * len(below)
        return cls(source, module, parents, nodes, named)

    @cached_property
    def _printed(self) -> tuple[str, dict[cst.CSTNode, Span]]:
        state = _SpanState(self.module)
        self.module._codegen(state)
        return with_own_tabs("".join(state.tokens), self.given), state.spans

    @cached_property
    def text(self) -> str:
        """What the tree prints: `given`, but for a form feed in front and blank lines behind it."""
        return self._printed[0]

    @cached_property
    def spans(self) -> dict[cst.CSTNode, Span]:
        """Where each node stands in `text`."""
        return self._printed[1]

    def all(self, kind: type[N]) -> list[N]:
        """All nodes of exactly this class, in source order."""
        return self.nodes.get(kind, [])  # type: ignore[return-value]

    def source(self, node: cst.CSTNode) -> str:
        """The text of `node` as the author wrote it."""
        start, end = self.spans[node]
        return self.text[start:end]

    def outer_span(self, node: cst.CSTNode) -> Span:
        """The span of `node` with the parentheses around it, which its own span leaves out."""
        start, end = self.spans[node]
        # Statements have an `lpar` too, which stands inside of them.
        for _ in node.lpar if isinstance(node, cst.BaseExpression) else ():
            start = self.text.rindex("(", 0, start)
            end = self.text.index(")", end) + 1
        return start, end

    def drop(self, nodes: Iterable[cst.CSTNode]) -> None:
        """Hides `nodes` from `all`: they are taken away, and nobody needs to know of them."""
        gone = set(nodes)
        for kind in {type(node) for node in gone}:
            self.nodes[kind] = [node for node in self.all(kind) if node not in gone]

    def put(self, new: cst.CSTNode, old: cst.CSTNode, span: Span) -> None:
        """Makes `new` stand in the place of `old`, with `span` as its text."""
        parent = self.parents[old]
        for field in fields(parent):
            value = getattr(parent, field.name)
            if value is old:
                object.__setattr__(parent, field.name, new)
            elif isinstance(value, (tuple, list)) and any(item is old for item in value):
                object.__setattr__(parent, field.name, type(value)(new if item is old else item for item in value))
        self.parents[new] = parent
        self.spans[new] = span
        self.nodes[type(old)] = [node for node in self.all(type(old)) if node is not old]
        same = [node for node in self.all(type(new)) if node is not new]
        self.nodes[type(new)] = sorted([*same, new], key=lambda node: (self.spans[node][0], -self.spans[node][1]))

    @cached_property
    def quote(self) -> str:
        """The quote sign the author prefers."""
        return "'" if self.text.count("'") > self.text.count('"') else '"'

    @cached_property
    def _line_starts(self) -> list[int]:
        starts, position = [0], 0
        for line in self.text.splitlines(keepends=True):
            position += len(line)
            if line.endswith(("\n", "\r")):
                starts.append(position)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line (from 1) and column (from 0) of a character offset."""
        line = bisect.bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1]

    def line_start(self, offset: int) -> int:
        """Offset at which the line of `offset` begins."""
        return self._line_starts[bisect.bisect_right(self._line_starts, offset) - 1]

    def indent(self, node: cst.CSTNode) -> str:
        """White space in front of the line on which `node` begins."""
        start = self.line_start(self.spans[node][0])
        line = self.text[start : self.spans[node][0]]
        return line[: len(line) - len(line.lstrip())]

    def references(self, name: str) -> list[cst.Name]:
        """The places that mean the variable `name`: not attributes and not keywords of that name."""
        found = []
        for node in self.all(cst.Name):
            parent = self.parents[node]
            is_attribute = isinstance(parent, cst.Attribute) and parent.attr is node
            is_keyword = isinstance(parent, cst.Arg) and parent.keyword is node
            if node.value == name and not is_attribute and not is_keyword:
                found.append(node)
        return found

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around `node`, innermost first."""
        parent = self.parents.get(node)
        while parent is not None:
            yield parent
            parent = self.parents.get(parent)

    def path(self, node: cst.CSTNode) -> tuple[int, ...]:
        """The way from the module down to `node`: a sort key in the order of the source that costs no printing."""
        numbers: list[int] = []
        for parent in self.ancestors(node):
            numbers.append(next((number for number, child in enumerate(children(parent)) if child is node), 0))
            node = parent
        return tuple(reversed(numbers))

    def statement(self, node: cst.CSTNode) -> cst.CSTNode:
        """The smallest statement that holds `node`: a small statement (`Assign`, `Expr` …) or a compound one."""
        found = node
        while not isinstance(found, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
            found = self.parents[found]
        return found

    def block_statement(self, node: cst.CSTNode) -> cst.CSTNode:
        """The statement holding `node` that stands directly in a block: a whole line or a compound statement."""
        found = node
        while not self.in_block(found):
            found = self.parents[found]
        return found

    def in_block(self, node: cst.CSTNode) -> bool:
        """True for a statement whose parent is a module or an indented block."""
        return isinstance(node, (cst.SimpleStatementLine, cst.BaseCompoundStatement)) and isinstance(
            self.parents.get(node), (cst.Module, cst.IndentedBlock)
        )

    def scope(self, node: cst.CSTNode) -> Scope:
        """The function, lambda, class or module whose names `node` sees first; comprehensions count as outside."""
        child = node
        for parent in self.ancestors(node):
            kind = type(parent)
            if kind is cst.Module or (kind in OWN_NAMES and child is parent.body):  # type: ignore[attr-defined]
                return parent  # type: ignore[return-value]
            child = parent
        assert isinstance(node, cst.Module)
        return node


def dotted(node: cst.CSTNode | None) -> str | None:
    """`a.b.c` for a chain of names, else None."""
    if type(node) is cst.Name:
        return node.value
    if type(node) is cst.Attribute:
        front = dotted(node.value)
        return None if front is None else f"{front}.{node.attr.value}"
    return None


def last_name(node: cst.BaseExpression) -> str:
    """`c` for `a.b.c` and for the name `c`, whatever the attribute hangs on; "" for all else."""
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def arms(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """The expressions that the value of `node` may come from: the arms of choices and of `and` and `or`, or itself."""
    if isinstance(node, cst.IfExp):
        yield from arms(node.body)
        yield from arms(node.orelse)
    elif isinstance(node, cst.BooleanOperation):
        yield from arms(node.left)
        yield from arms(node.right)
    else:
        yield node
