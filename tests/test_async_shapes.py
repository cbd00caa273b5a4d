"""Shapes that must not come out of the tool: the searcher finds each of them, and no migrated fixture has one."""

from pathlib import Path

import pytest
from async_shapes import shapes

from ov_migrate.verify.fixtures import find, modules

FIXTURES = list(find(Path(__file__).parent.parent / "fixtures"))

FORBIDDEN = {
    "starts a request of a queue by hand": """
queue = ov.AsyncInferQueue(compiled_model, 2)
queue[0].start_async({"data": image})
""",
    "waits for a request in a callback": """
def done(data):
    data.request.wait()
request.set_callback(lambda data: done(data), holder)
""",
    "waits for a time that is negative or no integer": "request.wait_for(-1)",
    "makes a request for one use": "result = compiled_model.create_infer_request().infer(image)",
    "makes a request in each round of a loop": """
for frame in frames:
    request = compiled_model.create_infer_request()
""",
}


@pytest.mark.parametrize("description", FORBIDDEN)
def test_searcher_finds(description: str) -> None:
    assert [text for _, text in shapes(FORBIDDEN[description])] == [description]


def test_searcher_lets_a_loop_over_models_pass() -> None:
    assert shapes("for path in paths:\n    request = core.compile_model(path, 'CPU').create_infer_request()") == []


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_no_fixture_has_one(fixture) -> None:
    texts = {name: data.decode("utf-8", "replace") for name, data in modules(fixture.expected).items()}
    assert {name: shapes(text) for name, text in texts.items() if shapes(text)} == {}
