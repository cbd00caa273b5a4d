"""Shapes of asynchronous code that hang, raise or forget on API 2.0, looked for in migrated text. Knows nothing of the
tool: Python's own parser finds them.

usage: async_shapes.py PATH...      (files and folders; exit code 1 when one is found)
"""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

_STARTS = frozenset({"start_async", "infer"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def shapes(text: str) -> list[tuple[int, str]]:
    """Line and description of each forbidden shape; raises SyntaxError for text that does not parse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    found = [*_queue_items(tree), *_waits_in_callbacks(tree), *_times(tree), *_requests_at_each_use(tree)]
    return sorted(set(found))


def _calls(node: ast.AST, *names: str) -> Iterator[tuple[ast.Call, ast.Attribute]]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in names:
            yield call, call.func


def _queue_items(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """`queue[i].start_async(…)`: the queue never learns that the request was started."""
    queues = {
        ast.unparse(target)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and "AsyncInferQueue(" in ast.unparse(node.value)
        for target in node.targets
    }
    for call, func in _calls(tree, *_STARTS):
        if isinstance(func.value, ast.Subscript) and ast.unparse(func.value.value) in queues:
            yield call.lineno, "starts a request of a queue by hand"


def _waits_in_callbacks(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """`request.wait()` inside a function that is set as a callback, directly or called by the function set."""
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)}
    for call, _ in _calls(tree, "set_callback"):
        given = call.args[0] if call.args else call
        names = {
            n.id if isinstance(n, ast.Name) else n.attr
            for n in ast.walk(given)
            if isinstance(n, (ast.Name, ast.Attribute))
        }
        for body in [given, *(functions[name] for name in sorted(names & functions.keys()))]:
            for wait, func in _calls(body, "wait"):
                if not wait.args and not wait.keywords and "request" in ast.unparse(func.value).lower():
                    yield wait.lineno, "waits for a request in a callback"


def _times(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for call, _ in _calls(tree, "wait_for"):
        argument = call.args[0] if call.args else None
        is_negative = isinstance(argument, ast.UnaryOp) and isinstance(argument.op, ast.USub)
        is_float = isinstance(argument, ast.Constant) and isinstance(argument.value, float)
        if is_negative or is_float:
            yield call.lineno, "waits for a time that is negative or no integer"


def _requests_at_each_use(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """`compiled_model.create_infer_request().infer(…)`, and a request made in a loop that compiles nothing."""
    for call, func in _calls(tree, "infer", "start_async", "wait", "get_tensor", "set_tensor", "set_callback"):
        owner = ast.unparse(func.value)
        if isinstance(func.value, ast.Call) and "create_infer_request()" in owner and "compile_model(" not in owner:
            yield call.lineno, "makes a request for one use"
    for loop in ast.walk(tree):
        if isinstance(loop, (ast.For, ast.While)) and not any(_calls(loop, "compile_model", "import_model")):
            for call, func in _calls(loop, "create_infer_request"):
                if not isinstance(func.value, ast.Call):
                    yield call.lineno, "makes a request in each round of a loop"


def main(paths: list[str]) -> int:
    """Prints what is found in files and folders; gives the exit code."""
    roots = [Path(path) for path in paths]
    files = [file for root in roots for file in ([root] if root.is_file() else sorted(root.rglob("*.py")))]
    count = 0
    for file in files:
        try:
            found = shapes(file.read_text("utf-8", "replace"))
        except (SyntaxError, ValueError):
            continue
        for line, text in found:
            count += 1
            print(f"{file}:{line}: {text}")
    print(f"{len(files)} files, {count} forbidden shapes")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
