"""What is legacy in a text, told without the tool: by words and syntax alone, so that it finds what the tool misses."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from ov_migrate.knowledge.files import read_toml, rules_folder

GENERATIONS = ("plugin", "iecore", "input_info", "ngraph", "other")

# Legacy words that rules/legacy_api.toml does not have: private members of the bindings, and what nGraph brings.
_MORE_CLASSES = {"IENetReader", "LayersStatsMap", "PyngraphFunction"}
_MORE_MEMBERS = {
    "_inputs_list", "_outputs_list", "_get_blob_buffer", "_user_blobs", "_fill_inputs", "from_ir", "function_from_cnn",
    "function_to_cnn", "init_from_buffer", "ie_api",
}  # fmt: skip
# Words of the legacy API that API 2.0 or well-known libraries have too: to see one proves nothing.
_SHARED = {"InferRequest", "VariableState", "ResizeAlgorithm", "ColorFormat", "Blob", "StatusCode", "init"}
_MODULES = {"inference_engine", "ngraph", "_pyngraph"}
_OWN_COMMENT = "TODO(ov-migrate "
_READS_BY_NAME = {"getattr", "hasattr", "setattr", "delattr"}

_PLUGIN = re.compile(r"\bIEPlugin\b|\bIENetwork(?:\.from_ir)?\(")
_NGRAPH = re.compile(r"^\s*(?:import|from)\s+(?:_py)?ngraph\b", re.MULTILINE)
_INPUT_INFO = re.compile(r"\.(?:input_info|input_blobs|output_blobs)\b")
_IECORE = re.compile(r"\bIECore\b")
_PORTS = re.compile(r"\.(?:inputs|outputs)\b")
_DEFINITION = re.compile(r"^\s*(?:async\s+def|def|class)\s+(\w+)", re.MULTILINE)


class Mention(NamedTuple):
    """One legacy word; `line` counts from 1, and what is not in code is in a comment or a string."""

    line: int
    name: str
    in_code: bool


class Words(NamedTuple):
    """The legacy words: names that may stand alone, and members."""

    classes: frozenset[str]
    members: frozenset[str]


@cache
def legacy_words() -> Words:
    """The words that no other library has. Raises OSError when rules/legacy_api.toml cannot be read."""
    api = read_toml(rules_folder() / "legacy_api.toml")
    kinds: list[dict[str, Any]] = list(api["kind"].values())
    classes = {name for kind in kinds for name in kind.get("classes", ())} | set(api["enum"])
    classes |= set(api["other"]["classes"])
    groups = ("methods", "attributes", "class_methods")
    members = {name for kind in kinds for group in groups for name in kind.get(group, {})}
    members -= set(api["ambiguous"])
    return Words(frozenset((classes | _MORE_CLASSES) - _SHARED), frozenset((members | _MORE_MEMBERS) - _SHARED))


def scan(text: str) -> list[Mention]:
    """All legacy words of a Python text, by line; of a text that does not parse, all that look like one."""
    tree = parsed(text)
    if tree is None:
        return [Mention(line, name, True) for line, name in _spelled(text, 1)]
    code = {(line, name) for node in ast.walk(tree) for line, name in _of_node(node)}
    prose = {pair for token in _prose(text) for pair in _spelled(token.string, token.start[0])}
    mentions = [Mention(*pair, in_code=True) for pair in code]
    mentions += [Mention(*pair, in_code=False) for pair in prose - code]
    return sorted(mentions)


def generation(text: str) -> str:
    """The generation of the legacy API that a text is written for: one of GENERATIONS."""
    if _NGRAPH.search(text):
        return "ngraph"
    if _PLUGIN.search(text):
        return "plugin"
    if _INPUT_INFO.search(text):
        return "input_info"
    if _IECORE.search(text) and _PORTS.search(text):
        return "iecore"
    return "other"


def own_members(text: str) -> frozenset[str]:
    """Members of the legacy API that a text defines functions or classes of the same name as."""
    return legacy_words().members.intersection(_DEFINITION.findall(text))


def parsed(text: str) -> ast.Module | None:
    """The syntax tree, or None when this Python cannot parse the text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            return None


def _of_node(node: ast.AST) -> Iterator[tuple[int, str]]:
    words = legacy_words()
    if isinstance(node, ast.Attribute) and (node.attr in words.members or node.attr in words.classes):
        yield node.end_lineno or node.lineno, node.attr
    elif isinstance(node, ast.Name) and node.id in words.classes:
        yield node.lineno, node.id
    elif isinstance(node, ast.ImportFrom):
        yield from _of_module(node.module or "", node.lineno)
    elif isinstance(node, ast.alias):
        yield from _of_module(node.name, node.lineno)
        if node.name in words.classes:
            yield node.lineno, node.name
    elif isinstance(node, ast.keyword) and node.arg == "init_from_buffer":
        yield node.value.lineno, node.arg
    elif isinstance(node, ast.Call):
        yield from _by_name(node)


def _of_module(path: str, line: int) -> Iterator[tuple[int, str]]:
    """A legacy package stands first in the path, or in `openvino`; a project's own module may have its name too."""
    parts = path.split(".")
    legacy = _MODULES.intersection(parts)
    if legacy and (parts[0] in _MODULES or "openvino" in parts):
        yield line, legacy.pop()


def _by_name(call: ast.Call) -> Iterator[tuple[int, str]]:
    if isinstance(call.func, ast.Name) and call.func.id in _READS_BY_NAME and len(call.args) > 1:
        name = call.args[1]
        if isinstance(name, ast.Constant) and name.value in legacy_words().members:
            yield name.lineno, str(name.value)


def _prose(text: str) -> Iterator[tokenize.TokenInfo]:
    """Comments, but for those that the tool writes, and strings, as far as the text can be split into tokens."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in (tokenize.COMMENT, tokenize.STRING) and _OWN_COMMENT not in token.string:
                yield token
    except (tokenize.TokenError, IndentationError):
        return


def _spelled(text: str, first_line: int) -> Iterator[tuple[int, str]]:
    words = legacy_words()
    for match in re.finditer(r"[A-Za-z_]\w*", text):
        if match[0] in words.classes or match[0] in words.members or match[0] == "inference_engine":
            yield first_line + text.count("\n", 0, match.start()), match[0]
