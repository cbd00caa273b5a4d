"""The second pass of a run with `--rename-variables`, over the migrated texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

import libcst as cst

from ov_migrate.edits import Edit, Renderer
from ov_migrate.inference import Engine, Module, Project
from ov_migrate.knowledge.catalogue import Rule, load_catalogue
from ov_migrate.knowledge.legacy_api import load_legacy_api
from ov_migrate.report.hunks import hunks, split_lines
from ov_migrate.report.records import FileRecord, Finding, Place
from ov_migrate.syntax import Tree
from ov_migrate.variables.attributes import Attributes
from ov_migrate.variables.beside import Beside
from ov_migrate.variables.parameters import Keywords
from ov_migrate.variables.scopes import ModuleVariables, Variable

_SLUG = "rename-variables"


def rename_variables(
    records: Sequence[FileRecord], paths: Sequence[PurePath], chosen: Sequence[bool], others: Beside
) -> None:
    """Renames in the new texts of `records`, where `chosen` says so. What the files beside them use keeps its name."""
    project = Project([Module(path, Tree.parse(record.after)) for path, record in zip(paths, records, strict=True)])
    engine = Engine(project, load_legacy_api())
    engine.run()
    renaming = _Renaming(project, engine, others)
    renaming.choose([index for index, is_chosen in enumerate(chosen) if is_chosen])
    for index, record in enumerate(records):
        if chosen[index]:
            renaming.apply(project.modules[index].tree, record)


class _Renaming:
    def __init__(self, project: Project, engine: Engine, others: Beside) -> None:
        self.project, self.engine, self.others = project, engine, others
        self.keywords = Keywords(project.modules, engine)
        self.edits: dict[cst.CSTNode, list[Edit]] = {}
        self.firsts: dict[cst.CSTNode, list[tuple[cst.Name, str]]] = {}

    def choose(self, chosen: Sequence[int]) -> None:
        """Decides on all names of the chosen modules."""
        is_whole = len(chosen) == len(self.project.modules)
        for index in chosen:
            module = self.project.modules[index]
            variables = ModuleVariables(module.tree, module.names, self.engine)
            if not variables.is_looked_up_by_text:
                for variable in list(variables.variables.values()):
                    self._variable(index, variables, variable, is_whole)
        if is_whole:
            for attribute in Attributes(self.project.modules, self.engine).renamed():
                if attribute.name not in self.others.attributes:
                    self._write(attribute.places, attribute.new)

    def _variable(self, index: int, variables: ModuleVariables, variable: Variable, is_whole: bool) -> None:
        new = variables.renamed(variable)
        tree = variables.tree
        if not new or (variable.scope is tree.module and self._is_seen_elsewhere(index, variable.name)):
            return
        keywords = self.keywords.of(tree, variable)
        is_parameter = any(isinstance(tree.parents[node], cst.Param) for node in variable.places)
        if keywords is None or (is_parameter and (not is_whole or variable.name in self.others.keywords)):
            return
        variables.give(variable, new)
        self._write([*((tree, node) for node in variable.places), *keywords], new)

    def _is_seen_elsewhere(self, index: int, name: str) -> bool:
        """True when a variable of a module may be used by other ones, or is looked up by its text."""
        if {name, "*"} & self.others.imported or name in self.others.attributes or name in self.keywords.texts:
            return True
        others = (module.tree for number, module in enumerate(self.project.modules) if number != index)
        return any(_names_it(tree, name) for tree in others)

    def _write(self, places: Sequence[tuple[Tree, cst.Name]], new: str) -> None:
        for tree, node in places:
            self.edits.setdefault(tree.module, []).append(Edit(tree.spans[node], (new,)))
        tree, first = min(places, key=lambda place: place[0].spans[place[1]])
        self.firsts.setdefault(tree.module, []).append((first, new))

    def apply(self, tree: Tree, record: FileRecord) -> None:
        """Writes the new names into a record, with a finding for each."""
        edits = self.edits.get(tree.module)
        if not edits:
            return
        if record.status == "unchanged":
            record.before, record.status = tree.text, "changed"
        lines = _old_lines(record.before, tree.text)
        rule = next(rule for rule in load_catalogue().rules if rule.slug == _SLUG)
        record.after = Renderer(tree, edits).text()
        places = _moved(record.places, edits) or [None] * len(record.findings)
        found = list(zip(record.findings, places, strict=True))
        found += [(_finding(rule, tree, node, new, lines), None) for node, new in self.firsts.get(tree.module, ())]
        found.sort(key=lambda pair: (pair[0].line, pair[0].column, pair[0].rule))
        record.findings = [finding for finding, _ in found]
        if record.places:
            record.places = [place for _, place in found]


def _moved(places: Sequence[Place | None], edits: Sequence[Edit]) -> list[Place | None]:
    """The places of sites in the text after `edits`."""
    changes = [(edit.span[0], sum(map(len, map(str, edit.parts))) - edit.span[1] + edit.span[0]) for edit in edits]

    def moved(offset: int) -> int:
        return offset + sum(change for start, change in changes if start < offset)

    return [
        Place(place.old, place.new and (moved(place.new[0]), moved(place.new[1]))) if place is not None else None
        for place in places
    ]


def _names_it(tree: Tree, name: str) -> bool:
    """True when a module imports a name, takes it as an attribute, or takes all names of another module."""
    imported = {alias.evaluated_name for node in tree.all(cst.ImportFrom) if not isinstance(node.names, cst.ImportStar)
                for alias in node.names}  # fmt: skip
    has_star = any(isinstance(node.names, cst.ImportStar) for node in tree.all(cst.ImportFrom))
    return has_star or name in imported or any(node.attr.value == name for node in tree.all(cst.Attribute))


def _old_lines(before: str, after: str) -> dict[int, int]:
    """New line → old line; a line of a changed place has the first old line of that place."""
    old, new = split_lines(before), split_lines(after)
    lines: dict[int, int] = {}
    shift, at = 0, 0
    for hunk in hunks(old, new):
        lines |= {number + 1: number + 1 - shift for number in range(at, hunk.new_start)}
        lines |= {number + 1: min(hunk.start + 1, len(old)) for number in range(hunk.new_start, hunk.new_end)}
        shift, at = hunk.new_end - hunk.end, hunk.new_end
    return lines | {number + 1: number + 1 - shift for number in range(at, len(new))}


def _finding(rule: Rule, tree: Tree, node: cst.Name, new: str, lines: dict[int, int]) -> Finding:
    new_line, column = tree.position(tree.spans[node][0])
    line = lines.get(new_line, new_line)
    return Finding(
        rule.code, rule.slug, rule.step, "migrated", line, column, line, new_line, node.value, new, rule.why, rule.proof
    )
