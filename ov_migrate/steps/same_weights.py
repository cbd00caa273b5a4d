"""`--tidy`: the weights argument that only swaps `.xml` for `.bin` goes, since API 2.0 looks there by itself."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Change
from ov_migrate.steps.context import Context, Site
from ov_migrate.steps.statements import remove_paragraph
from ov_migrate.syntax import below, dotted

_MODEL, _WEIGHTS = ".xml", ".bin"
# Calls that give the path they are given, and attributes of paths that look at it as it is.
_WRAPPERS = frozenset({"str", "Path", "pathlib.Path", "PurePath", "os.fspath"})
# Code that reads variables by names that nobody sees.
_BY_NAME = frozenset({"locals", "globals", "vars", "eval", "exec"})


def same_weights(site: Site) -> Change | None:
    """The finding for a `weights` argument that is the model's path with `.bin`; None where that is not established.
    Its edits take away the variable that nothing else uses."""
    context, model, weights = site.context, site.argument("model"), site.argument("weights")
    if not context.tidies("same-weights") or model is None or weights is None or len(site.arguments) > 2:
        return None
    paths = _Paths(context, site.node)
    if not paths.belong_together(model, weights):
        return None
    rule = context.rule("same-weights")
    change = Change(rule, site.node, message=rule.why)
    variable = _unwrapped(weights)
    assignment = paths.steady(variable)
    if assignment is not None and _is_used_once(context, variable):
        change.edits.append(remove_paragraph(context.tree, assignment))
    return change


class _Paths:
    """What the paths given to one call are made of."""

    def __init__(self, context: Context, call: cst.CSTNode) -> None:
        self.context, self.tree, self.call = context, context.tree, call

    def belong_together(self, model: cst.BaseExpression, weights: cst.BaseExpression) -> bool:
        """True when `weights` is `model` with another suffix, whatever that is when the program runs."""
        seen = self._seen_through(weights)
        behind = self._seen_through(model)
        for one in (model, behind):
            if self._is_swapped(seen, one) and ((seen is weights and one is model) or self._stays(seen, one)):
                return True
        stem = self._stem(behind, _MODEL)
        if not stem or stem != self._stem(seen, _WEIGHTS):
            return False
        return (seen is weights and behind is model) or self._stays(seen, behind)

    def steady(self, node: cst.BaseExpression) -> cst.Assign | None:
        """The one assignment that binds the variable `node`, when it runs each time before the call."""
        if not isinstance(node, cst.Name):
            return None
        assignment = self._assignment(node)
        if assignment is None:
            return None
        line = self.tree.parents[assignment]
        around = [self.call, *self.tree.ancestors(self.call)]
        is_in_front = self.tree.spans[assignment][1] <= self.tree.spans[self.call][0]
        is_same_scope = self.tree.scope(assignment) is self.tree.scope(self.call)
        return assignment if is_in_front and is_same_scope and self.tree.parents[line] in around else None

    def _assignment(self, node: cst.Name) -> cst.Assign | None:
        value = self.context.bound_once(node)
        statement = self.tree.parents[value]
        is_plain = value is not node and isinstance(statement, cst.Assign) and len(statement.targets) == 1
        return statement if is_plain else None  # type: ignore[return-value]

    def _seen_through(self, node: cst.BaseExpression) -> cst.BaseExpression:
        assignment = self.steady(_unwrapped(node))
        return assignment.value if assignment is not None else node

    def _is_swapped(self, weights: cst.BaseExpression, model: cst.BaseExpression) -> bool:
        """True for `os.path.splitext(model)[0] + ".bin"` and other ways to say it."""
        base, wanted = self._swapped(_unwrapped(weights)), self.tree.source(_unwrapped(model))
        return base is not None and _is_plain(_unwrapped(base)) and self.tree.source(_unwrapped(base)) == wanted

    def _swapped(self, node: cst.BaseExpression) -> cst.BaseExpression | None:
        """The path whose suffix `node` swaps."""
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
            given = [self._constant(arg.value) for arg in node.args]
            if (node.func.attr.value, given) in (("replace", [_MODEL, _WEIGHTS]), ("with_suffix", [_WEIGHTS])):
                return node.func.value
            return None
        left, right = self._parts(node)
        if left is None or not isinstance(left, cst.Subscript) or len(left.slice) != 1:
            return None
        part = left.slice[0].slice
        if isinstance(part, cst.Index):
            is_front = right == _WEIGHTS and self._constant(part.value) == 0
            return _split_path(left.value) if is_front else None
        is_cut = isinstance(part, cst.Slice) and part.lower is None and part.step is None
        cut = self._constant(part.upper) if is_cut else None  # type: ignore[attr-defined]
        return left.value if (cut, right) in ((-4, _WEIGHTS), (-3, _WEIGHTS[1:])) else None

    def _parts(self, node: cst.BaseExpression) -> tuple[cst.BaseExpression | None, str]:
        """`left + "text"`, `f"{left}text"` and `"{}text".format(left)`, as the two parts."""
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
            return node.left, str(self._constant(node.right) or "")
        if isinstance(node, cst.FormattedString) and len(node.parts) == 2:
            value, text = node.parts
            if isinstance(value, cst.FormattedStringExpression) and isinstance(text, cst.FormattedStringText):
                is_bare = value.format_spec is None and value.conversion is None
                return (value.expression, text.value) if is_bare else (None, "")
        return None, ""

    def _stem(self, node: cst.BaseExpression, suffix: str) -> str:
        """The text of a path that is written with `suffix` at its end, without that; "" for others."""
        node = _unwrapped(node)
        start, end = self.tree.spans[node]
        quote = self._text_end(node)
        if not quote or not self.tree.text[start:quote].endswith(suffix):
            return ""
        return self.tree.text[start : quote - len(suffix)] + "*" + self.tree.text[quote:end]

    def _text_end(self, node: cst.BaseExpression) -> int:
        """Where the literal text ends that the path `node` ends with; 0 when it does not."""
        end = self.tree.spans[node][1]
        if isinstance(node, cst.SimpleString):
            return end - len(node.quote)
        if isinstance(node, cst.FormattedString):
            values = [part.expression for part in node.parts if isinstance(part, cst.FormattedStringExpression)]
            is_text = bool(node.parts) and isinstance(node.parts[-1], cst.FormattedStringText)
            return end - len(node.end) if is_text and all(map(_is_simple, values)) else 0
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, (cst.Add, cst.Divide)):
            return self._text_end(node.right) if _is_simple(node.left) else 0
        if isinstance(node, cst.Call) and dotted(node.func) in ("os.path.join", "join") and node.args:
            is_plain = all(not arg.star and arg.keyword is None for arg in node.args)
            is_plain = is_plain and all(_is_simple(arg.value) for arg in node.args[:-1])
            return self._text_end(node.args[-1].value) if is_plain else 0
        return 0

    def _stays(self, *paths: cst.BaseExpression) -> bool:
        """True when all variables that `paths` are made of hold the same from there to the call."""
        nodes = [node for path in paths for node in (path, *below(path))]
        names = [node for node in nodes if isinstance(node, cst.Name) and not self._is_member(node)]
        members = [node for node in nodes if isinstance(node, cst.Attribute)]
        return all(map(self._is_bound_early, names)) and not any(map(self._is_set, members))

    def _is_member(self, name: cst.Name) -> bool:
        parent = self.tree.parents[name]
        is_keyword = isinstance(parent, cst.Arg) and parent.keyword is name
        return is_keyword or (isinstance(parent, cst.Attribute) and parent.attr is name)

    def _is_bound_early(self, name: cst.Name) -> bool:
        """True for a name that is bound once, by a parameter or in front of where it is used here."""
        module = self.context.module.names
        owner = module.owner(self.tree.scope(name), name.value)
        if owner is None:
            return True
        bindings = module.scopes[owner].bindings.get(name.value, [])
        if len(bindings) != 1:
            return False
        is_outside = owner is not self.tree.scope(self.call)
        is_import = isinstance(bindings[0], (cst.Param, cst.ImportAlias, cst.FunctionDef, cst.ClassDef))
        return is_outside or is_import or self.tree.spans[bindings[0]][0] < self.tree.spans[name][0]

    def _is_set(self, member: cst.Attribute) -> bool:
        """True for an attribute that the module assigns behind its use here."""
        same = [node for node in self.tree.all(cst.Attribute) if node.attr.value == member.attr.value]
        starts = [self.tree.spans[node][0] for node in same if self._is_target(node)]
        return len(starts) > 1 or any(start > self.tree.spans[member][0] for start in starts)

    def _is_target(self, node: cst.CSTNode) -> bool:
        parent = self.tree.parents[node]
        while isinstance(parent, (cst.Element, cst.Tuple, cst.List, cst.StarredElement)):
            node, parent = parent, self.tree.parents[parent]
        return getattr(parent, "target", None) is node

    def _constant(self, node: cst.CSTNode | None) -> str | int | bool | None:
        is_literal = isinstance(node, (cst.SimpleString, cst.Integer, cst.UnaryOperation))
        return self.context.constant(node) if is_literal else None


def _unwrapped(node: cst.BaseExpression) -> cst.BaseExpression:
    """`path` for `str(path)` and `Path(path)`."""
    while isinstance(node, cst.Call) and dotted(node.func) in _WRAPPERS and len(node.args) == 1:
        if node.args[0].star or node.args[0].keyword is not None:
            break
        node = node.args[0].value
    return node


def _split_path(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """`path` for `os.path.splitext(path)` and for `path.rsplit(".", 1)`."""
    if not isinstance(node, cst.Call) or any(arg.star for arg in node.args):
        return None
    if dotted(node.func) in ("os.path.splitext", "path.splitext", "splitext") and len(node.args) == 1:
        return node.args[0].value
    texts = [arg.value.value for arg in node.args if isinstance(arg.value, (cst.SimpleString, cst.Integer))]
    is_rsplit = isinstance(node.func, cst.Attribute) and node.func.attr.value == "rsplit"
    if is_rsplit and len(node.args) == len(texts) == 2 and texts[0][1:-1] == "." and texts[1] == "1":
        assert isinstance(node.func, cst.Attribute)
        return node.func.value
    return None


def _is_plain(node: cst.BaseExpression) -> bool:
    """True for `a`, `a.b` and items of them under a literal: reading it twice gives the same."""
    if isinstance(node, cst.Subscript):
        parts = [element.slice for element in node.slice]
        literal = all(isinstance(p, cst.Index) and isinstance(p.value, (cst.SimpleString, cst.Integer)) for p in parts)
        return literal and _is_plain(node.value)
    return dotted(node) is not None


def _is_simple(node: cst.BaseExpression) -> bool:
    """True for an expression that does nothing but put texts and variables together."""
    node = _unwrapped(node)
    if isinstance(node, cst.BinaryOperation):
        return _is_simple(node.left) and _is_simple(node.right)
    return isinstance(node, cst.SimpleString) or _is_plain(node)


def _is_used_once(context: Context, weights: cst.BaseExpression) -> bool:
    """True for a variable of a function or of a script that the call alone reads."""
    assert isinstance(weights, cst.Name)
    tree, name = context.tree, weights.value
    if len(tree.references(name)) != 2 or any(n.value in _BY_NAME for n in tree.all(cst.Name)):
        return False
    words = [n.value for n in tree.all(cst.SimpleString) if name in n.value]
    if words:
        return False
    if tree.scope(weights) is not tree.module:
        return True
    return not any(
        name in other.tree.given for index, other in enumerate(context.engine.project.modules) if index != context.index
    )
