"""The lines of one import statement of a module that is elsewhere today."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from ov_migrate.edits import Edit
from ov_migrate.knowledge.current_api import Relocation, load_current_api
from ov_migrate.syntax import dotted


@dataclass
class Moved:
    """What becomes of one import statement for releases from `target` on: `imports` are new import lines, `late` those
    with the one that older releases need; `edits` change the uses. `keeps` is true where the statement is right."""

    target: tuple[int, int]
    imports: dict[str, None] = field(default_factory=dict)
    late: dict[str, str] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    keeps: bool = False

    def bring_package(self, alias: str) -> None:
        """`import openvino`, under the name that the uses have."""
        text = "import openvino" if alias == "openvino" else f"import openvino as {alias}"
        self.imports[text] = None

    def bring(self, place: Relocation, name: str) -> None:
        """The name at `place`, bound to `name`."""
        home, _, last = place.path.rpartition(".")
        older, _, _ = place.older.rpartition(".")
        brought = last if name == last else f"{last} as {name}"
        if place.since <= self.target:
            self.join(f"from {home} import ", brought)
        else:
            self.choose(f"from {home} import {brought}", f"from {older} import {brought}", place.path.split(".")[1])

    def choose(self, new: str, old: str, top: str) -> None:
        """The line `new` where all releases have the name `top`, `old` where none has, else both as a choice."""
        since = load_current_api().since[top]
        if since <= self.target:
            self.imports[new] = None
        elif self.target < (2023, 1):
            self.imports[old] = None
        else:
            self._choose_late(new, old)

    def _choose_late(self, new: str, old: str) -> None:
        """Names of one module come in one choice."""
        head, _, name = new.partition(" import ")
        for line, older in self.late.items():
            if line.startswith(head + " import ") and new != line:
                names = line.partition(" import ")[2].split(", ")
                if name in names:
                    return
                del self.late[line]
                self.late[f"{line}, {name}"] = f"{older}, {name}"
                return
        self.late[new] = old

    def join(self, head: str, name: str) -> None:
        """One more name for the line that begins with `head`."""
        line = next((line for line in self.imports if line.startswith(head)), "")
        if not line:
            self.imports[head + name] = None
            return
        if name in line.removeprefix(head).split(", "):
            return
        self.imports = {f"{k}, {name}" if k == line else k: None for k in self.imports}


def named_paths(node: cst.Import | cst.ImportFrom) -> list[str]:
    """The dotted paths that a statement names, with the module in front."""
    if isinstance(node, cst.Import):
        return [dotted(alias.name) or "" for alias in node.names]
    front = dotted(node.module) or ""
    if node.relative or not front:
        return [""]
    if isinstance(node.names, cst.ImportStar):
        return [f"{front}.*"]
    return [f"{front}.{alias.name.value}" for alias in node.names]
