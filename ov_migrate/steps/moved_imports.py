"""What becomes of one import of a module that is elsewhere today, and of the uses of the names that it binds."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Edit
from ov_migrate.knowledge.current_api import CurrentApi, Relocation, load_current_api
from ov_migrate.steps.context import Context
from ov_migrate.steps.conversion_arguments import Unconvertible, argument_edits
from ov_migrate.steps.import_lines import Moved, named_paths
from ov_migrate.syntax import Span, dotted

OPTIMIZER = "openvino.tools.mo"


class Immovable(Exception):
    """What an import statement brings cannot all be had from somewhere else; the text says what, `span` where."""

    def __init__(self, text: str, span: Span) -> None:
        super().__init__(text)
        self.span = span


class Choice(Exception):
    """The names of an import statement are bound by imports of several paths: a choice that is left alone."""


class Mover:
    """Works out what becomes of one import statement and of the names that it binds."""

    def __init__(self, context: Context, node: cst.Import | cst.ImportFrom) -> None:
        self.context, self.node, self.tree = context, node, context.tree
        self.api: CurrentApi = load_current_api()
        self.result = Moved(context.target)
        self.changed = False

    def moved(self) -> Moved:
        """Raises Immovable when something that is used has no place today."""
        if isinstance(self.node.names, cst.ImportStar):
            self._star()
        else:
            for alias, path in zip(self.node.names, named_paths(self.node), strict=True):
                self._alias(alias, path)
        self.result.keeps = not self.changed
        return self.result

    def _star(self) -> None:
        path = named_paths(self.node)[0].removesuffix(".*")
        if path != "openvino.runtime":
            if path.startswith(("openvino.runtime.", "ngraph", "openvino.pyopenvino")):
                raise Immovable("Write out the names that are used: the package has another place.", self._span)
            return
        late = [name for name, since in self.api.since.items() if since > self.context.target]
        if any(self.tree.references(name) for name in late):
            raise Immovable("Some names that are used here came to openvino later: write them out.", self._span)
        self.changed = True
        self.result.imports["from openvino import *"] = None

    def _alias(self, alias: cst.ImportAlias, path: str) -> None:
        bound = alias.asname.name if alias.asname is not None else None
        name = bound.value if isinstance(bound, cst.Name) else path.split(".")[-1]
        if isinstance(self.node, cst.Import) and bound is None:
            self._uses(path.split(".")[0], path, path.split(".")[0])
        elif path == "openvino":
            self._uses(name, path, "openvino")
        elif self._is_module(path, bound):
            self._uses(name, path, path)
        else:
            self._keep_name(alias, name, path)

    def _is_module(self, path: str, bound: object) -> bool:
        """True for a name whose uses are looked at one by one."""
        if path in ("ngraph", "openvino.runtime", OPTIMIZER):
            return True
        return path.startswith("ngraph") and self._is_other_name(path, bound)

    def _is_other_name(self, path: str, bound: object) -> bool:
        """True for a name of ngraph that is another one today, and for a module whose names went different ways."""
        if path in ("ngraph.impl", "ngraph.utils"):
            return True
        place = self._place(path, self._span)
        return bound is None and (place is None or place.path.rpartition(".")[2] != path.rpartition(".")[2])

    def _keep_name(self, alias: cst.ImportAlias, name: str, path: str) -> None:
        """`from openvino.runtime import Core`: the same name from another place. A member that is gone or renamed below
        it is looked for too."""
        place = self._place(path, self.tree.spans[self.node])
        for use in self._references(name):
            full, span = self._chain(use, path)
            below = self._place(full, span)
            self._check_arguments(use, place)
            if place is not None and below is not None and below.path != place.path + full.removeprefix(path):
                self._rename_last(span, below)
        if place is None or place.path == path:
            self.result.imports[self._source(alias)] = None
            return
        self.changed = True
        self.result.bring(place, name)

    def _uses(self, name: str, path: str, root: str) -> None:
        """A statement that binds a module: each use of it is given the text that means the same today."""
        uses = self._references(name)
        alias = "" if root.startswith(("ngraph", OPTIMIZER)) else name
        is_plain = root == "openvino" and path == "openvino"
        if root == "openvino.runtime" and name == "runtime" and not self._has_asname():
            alias = self._free("ov", "openvino")
        for use in uses:
            if self._is_in_imports(use):
                continue
            full, span = self._chain(use, root)
            if root.startswith("ngraph") and self._is_identity(use, full):
                continue
            place = self._place(full, span)
            if place is None or place.path == full:
                continue
            self._check_arguments(use, place)
            self._set_use(use, span, place, alias, full)
        if is_plain or (root == "openvino" and "runtime" not in path and "pyopenvino" not in path):
            self._hold(path, name, alias)
            return
        self.changed = True
        if not alias:
            return
        if root == "openvino" and path.count(".") > 1:
            raise Immovable("Import the submodule under a name of its own.", self._span)
        self.result.bring_package(alias)

    def _has_asname(self) -> bool:
        return any(alias.asname is not None for alias in self.node.names)  # type: ignore[union-attr]

    def _hold(self, path: str, name: str, alias: str) -> None:
        names = self.node.names
        assert not isinstance(names, cst.ImportStar)
        for item in names:
            if (dotted(item.name) or "").split(".")[-1] == path.split(".")[-1]:
                self.result.imports[self._source(item)] = None

    def _set_use(self, use: cst.Name, span: Span, place: Relocation, alias: str, full: str) -> None:
        start = self.tree.spans[use][0]
        top, _, rest = place.path.removeprefix("openvino").removeprefix(".").partition(".")
        below = f".{rest}" if rest else ""
        if not top:
            if alias:
                self._edit((start, span[1]), alias)
            return
        if place.since <= max(self.context.target, (2023, 1)):
            text = f"{alias}.{top}" if alias else self._early_name(top, use)
        else:
            text = self._late_name(top)
        self._edit((start, span[1]), text + below)

    def _early_name(self, top: str, use: cst.Name) -> str:
        """A name of openvino beside names of ngraph: the legacy imports bring it where there are some."""
        if self.context.names.sites:
            return self.context.names.get(top, use)
        name = self._free(top, "Ov" + top)
        self.result.join(f"from {self.context.names.package} import ", top if name == top else f"{top} as {name}")
        return name

    def _late_name(self, top: str) -> str:
        is_building = top.startswith("opset") and named_paths(self.node)[0].startswith("ngraph")
        name = self._free("ops" if is_building and top == "opset7" else top, top + "_today")
        brought = top if name == top else f"{top} as {name}"
        self.result.choose(f"from openvino import {brought}", f"from openvino.runtime import {brought}", top)
        return name

    def _place(self, path: str, span: Span) -> Relocation | None:
        advice = self.api.advice(path)
        if advice:
            raise Immovable(f"`{path}` has no place today. {advice}", span)
        place = self.api.relocation(path)
        if place is None and path.startswith(("openvino.runtime.", "ngraph.", OPTIMIZER)):
            raise Immovable(f"It is not known where `{path}` is today: import what is used from openvino.", span)
        if place is not None and place.path == "openvino.utils":
            raise Immovable("openvino.utils is another module up to 2024: import what is used from it.", span)
        return place

    def _check_arguments(self, use: cst.Name, place: Relocation | None) -> None:
        """The edits of the arguments of a function that takes others today; raises Immovable when there are none."""
        accepted = self.api.accepted.get(place.path) if place is not None else None
        if accepted is None:
            return
        path, span = self._chain(use, use.value)
        call = next((n for n in self.tree.ancestors(use) if isinstance(n, cst.Call)), None)
        if call is None or self.tree.spans[call.func] != span:
            raise Immovable(f"`{path}` is handed on here. {self.context.rule('model-optimizer').advice}", span)
        try:
            self.result.edits += argument_edits(self.context, call, accepted)
        except Unconvertible as reason:
            raise Immovable(str(reason), self.tree.spans[call]) from reason

    def _rename_last(self, span: Span, place: Relocation) -> None:
        last = place.path.rpartition(".")[2]
        old = self.tree.text[span[0] : span[1]].rpartition(".")[2]
        self._edit((span[1] - len(old), span[1]), last)

    def _references(self, name: str) -> list[cst.Name]:
        """The uses of what the statement binds; raises Immovable when something else is bound to the name as well."""
        names, scope = self.context.module.names, self.tree.scope(self.node)
        owner = names.owner(scope, name)
        bindings = names.scopes[owner].bindings.get(name, []) if owner is not None else []
        statements = [self.tree.parents[b] for b in bindings if isinstance(b, cst.ImportAlias)]
        if any(self._binds_another(statement, name) for statement in statements):
            raise Choice
        if any(not isinstance(binding, cst.ImportAlias) for binding in bindings):
            bindings = [binding for binding in bindings if not self._is_none(binding)]
        if any(not isinstance(binding, cst.ImportAlias) for binding in bindings):
            raise Immovable(f"`{name}` is bound to something else as well.", self._span)
        used = [use for use in self.tree.references(name) if names.owner(self.tree.scope(use), name) is owner]
        return [use for use in used if not self._is_in_imports(use) and use not in bindings]

    def _binds_another(self, statement: cst.CSTNode, name: str) -> bool:
        """True for another import statement that binds `name` to another path; the top of a package is one path."""
        if not isinstance(statement, (cst.Import, cst.ImportFrom)):
            return False
        return _bound_path(statement, name) != _bound_path(self.node, name)

    def _is_none(self, binding: cst.CSTNode) -> bool:
        parent = self.tree.parents[binding]
        statement = self.tree.parents.get(parent)
        value = getattr(statement, "value", None)
        return isinstance(value, cst.Name) and value.value == "None"

    def _chain(self, use: cst.Name, root: str) -> tuple[str, Span]:
        """The longest dotted path that begins at `use`, and its span."""
        node: cst.CSTNode = use
        path = root
        parent = self.tree.parents[node]
        while isinstance(parent, cst.Attribute) and parent.value is node:
            path = f"{path}.{parent.attr.value}"
            node, parent = parent, self.tree.parents[parent]
        return path, (self.tree.spans[use][0], self.tree.spans[node][1])

    def _is_identity(self, use: cst.Name, full: str) -> bool:
        """True for what other rules take away as a whole: capsules and functions made from networks."""
        if full.rpartition(".")[2] in ("function_from_cnn", "function_to_cnn"):
            return not self.context.survives(self.tree.spans[use])
        if not full.endswith((".Function.to_capsule", ".Function.from_capsule")):
            return False
        if self.context.survives(self.tree.spans[use]):
            raise Immovable(self.context.rule("function-capsule").why, self.tree.spans[use])
        return True

    def _is_in_imports(self, use: cst.CSTNode) -> bool:
        return any(isinstance(parent, (cst.Import, cst.ImportFrom)) for parent in self.tree.ancestors(use))

    def _free(self, *names: str) -> str:
        scopes = self.context.module.names.scopes.values()
        for name in names:
            bindings = [binding for scope in scopes for binding in scope.bindings.get(name, ())]
            if all(self.tree.parents.get(binding) is self.node for binding in bindings):
                return name
            if all(isinstance(b, cst.ImportAlias) and dotted(b.name) in ("openvino", name) for b in bindings):
                return name
        raise Immovable(f"The name `{names[0]}` is taken.", self._span)

    def _edit(self, span: Span, text: str) -> None:
        if self.tree.text[span[0] : span[1]] != text:
            self.result.edits.append(Edit(span, (text,)))

    def _source(self, alias: cst.ImportAlias) -> str:
        start = self.tree.spans[alias.name][0]
        text = self.tree.text[start : self.tree.spans[alias.asname.name if alias.asname else alias.name][1]]
        front = "import" if isinstance(self.node, cst.Import) else f"from {dotted(self.node.module)} import"
        return f"{front} {text}"

    @property
    def _span(self) -> Span:
        return self.tree.spans[self.node]


def _bound_path(statement: cst.Import | cst.ImportFrom, name: str) -> str:
    """What a statement binds `name` to; for `import a.b`, which binds `a`, that is `a`."""
    if isinstance(statement.names, cst.ImportStar):
        return ""
    for alias, path in zip(statement.names, named_paths(statement), strict=False):
        bound = alias.asname.name if alias.asname is not None else None
        if isinstance(bound, cst.Name):
            if bound.value == name:
                return path
        elif isinstance(statement, cst.Import) and path.split(".")[0] == name:
            return name
        elif path.split(".")[-1] == name:
            return path
    return ""
