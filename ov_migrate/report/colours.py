"""Syntax colour for the HTML report: which words of a Python text are what, line by line."""

from __future__ import annotations

import keyword
import re
from html import escape

_TOKEN = re.compile(
    r"""(?P<c>\#[^\r\n]*)
    |(?P<s>\b[rRbBuUfF]{0,2}(?:\"{3}(?:\\.|[^\\])*?(?:\"{3}|\Z)|'{3}(?:\\.|[^\\])*?(?:'{3}|\Z)
        |"(?:\\.|[^"\\\r\n])*"?|'(?:\\.|[^'\\\r\n])*'?)
      |\"{3}(?:\\.|[^\\])*?(?:\"{3}|\Z)|'{3}(?:\\.|[^\\])*?(?:'{3}|\Z)
      |"(?:\\.|[^"\\\r\n])*"?|'(?:\\.|[^'\\\r\n])*'?)
    |(?P<n>\b\d[\w.]*)
    |(?P<k>\b[A-Za-z_]\w*)""",
    re.VERBOSE | re.DOTALL,
)
_LINE_END = re.compile(r"\r\n|\r|\n")


def coloured_lines(text: str) -> list[str]:
    """The lines of `text` as escaped HTML, with a `span` around comments, strings, numbers and keywords. A text that
    is no valid Python is coloured as far as that goes; no character is lost."""
    parts: list[str] = []
    position = 0
    for match in _TOKEN.finditer(text):
        kind, word = str(match.lastgroup), match[0]
        if kind == "k" and not keyword.iskeyword(word):
            continue
        parts.append(escape(text[position : match.start()]))
        # A span does not go over the end of a line.
        parts.append("\n".join(f'<span class="{kind}">{escape(line)}</span>' for line in _LINE_END.split(word)))
        position = match.end()
    parts.append(escape(text[position:]))
    return _LINE_END.split("".join(parts))
