"""What a program imports, as far as its text tells: the words behind `import`, without a parse.

A text that only looks like an import, in a string for instance, counts as one: who asks wants to miss nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_IMPORT = re.compile(
    r"""(?:^|[;:])[ \t\f]*
        (?:from\b[ \t]*(?P<module>[.\w]*)[ \t]*\bimport\b[ \t]*(?P<names>\((?:[^()\#]|\#[^\n]*)*\)|[^\n;\#]*)
        |import\b(?P<modules>[^\n;\#]*))""",
    re.MULTILINE | re.VERBOSE,
)
_CONTINUED = re.compile(r"\\\n+")
_COMMENT = re.compile(r"#[^\n]*")
# Packages within packages: no path has more.
_DEEPEST = 100
# By what a program loads modules whose names do not stand in an import.
_LOADERS = ("importlib", "__import__", "imp.load", "runpy", "pkgutil", "exec(", "execfile(", "%run ")


def imported_names(text: str) -> Iterator[tuple[str, int]]:
    """Every module that an import statement may mean, with the number of its leading dots: the module itself, those
    that it is in, and what is imported from it, since that may be a module too."""
    if "\\" in text:
        text = _CONTINUED.sub(" ", text)
    for found in _IMPORT.finditer(text):
        if found["modules"] is not None:
            for name in _names(found["modules"]):
                parts = name.split(".")[:_DEEPEST]
                yield from ((".".join(parts[:n]), 0) for n in range(1, len(parts) + 1))
            continue
        module = found["module"].lstrip(".")
        level = len(found["module"]) - len(module)
        yield module, level
        for name in _names(found["names"].strip("()")):
            yield f"{module}.{name}" if module else name, level


def _names(listed: str) -> Iterator[str]:
    """The names in `a.b as c, d`."""
    for part in _COMMENT.sub("", listed).split(","):
        words = part.split()
        if words and words[0] != "*":
            yield words[0]


def loads_by_name(text: str) -> bool:
    """True for a program that may load modules which no import names."""
    return any(loader in text for loader in _LOADERS)


def program_text(path: str, data: bytes) -> str:
    """The program in a file, whatever its encoding and line ends; of a notebook, its code cells."""
    if not path.endswith(".ipynb"):
        text = data.decode("utf-8-sig", "replace")
        return text.replace("\r", "\n") if "\r" in text else text
    try:
        cells = json.loads(data)["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        return "\n".join(source if isinstance(source, str) else "".join(source) for source in sources)
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
