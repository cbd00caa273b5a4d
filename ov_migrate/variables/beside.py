"""What the files beside those of a run may use of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ov_migrate.discovery import discover
from ov_migrate.imported import imported_names, program_text
from ov_migrate.sources import SourceError, read_bytes

_ATTRIBUTE = re.compile(rb"\.\s*(\w+)")
_KEYWORD = re.compile(rb"(\w+)[\"']?\s*[=:](?!=)")
_STAR = re.compile(rb"\bimport[ \t]*\*")


@dataclass
class Beside:
    """Names that other files take as attributes, give as keywords, or import."""

    attributes: set[str] = field(default_factory=set)
    keywords: set[str] = field(default_factory=set)
    imported: set[str] = field(default_factory=set)

    def read(self, path: str, data: bytes) -> None:
        """Adds the names of one file."""
        self.attributes |= {name.decode() for name in _ATTRIBUTE.findall(data)}
        self.keywords |= {name.decode() for name in _KEYWORD.findall(data)}
        self.imported |= {name.rpartition(".")[2] for name, _ in imported_names(program_text(path, data))}
        self.imported |= {"*"} if _STAR.search(data) else set()


def beside(given: Iterable[str], analysed: Iterable[str]) -> Beside:
    """What the Python files use that stand in the repositories of the `given` paths, or under these paths, and are not
    among those `analysed`."""
    done = {Path(name).resolve() for name in analysed}
    found = Beside()
    for root in {_root(Path(name).resolve()) for name in given}:
        for path in discover(root):
            if path.resolve() not in done:
                for data in _content(path):
                    found.read(str(path), data)
    return found


def _content(path: Path) -> Iterator[bytes]:
    try:
        yield read_bytes(path)
    except SourceError:
        return


def _root(path: Path) -> Path:
    folder = path if path.is_dir() else path.parent
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), folder)
