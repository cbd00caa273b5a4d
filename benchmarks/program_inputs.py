"""Makes the models and inputs that a program of programs.toml asks for. Runs in an interpreter with numpy and cv2.

usage: program_inputs.py FOLDER < RECIPES      (JSON: models, pictures, videos, sounds, arrays)

A model is a recipe: names, shapes and element types of inputs; for each output its shape, where its values lie (`base`
and `spread`, numbers or lists that broadcast) and an optional last operation. Each output depends on each input: some
elements of all inputs are multiplied with fixed weights, and the output repeats the products; or the output is a
convolution of the first one (`conv`), so that the model can be reshaped. All layers are of kinds
that query_network of 2021.4.2 names.
"""

# mypy: ignore-errors
from __future__ import annotations

import json
import sys
import wave
from pathlib import Path
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "fixtures"))
from models import Graph, Port

# About so many elements are taken from each input, and so many products for outputs to repeat.
_TAKEN, _PRODUCTS = 64, 211


def model(recipe: dict[str, Any], path: Path) -> None:
    """Writes an IR v10 (or `version`) of `recipe` as `path` and the .bin beside it."""
    graph = Graph(path.stem, recipe.get("version", 10))
    ports = [_input(graph, name, spec) for name, spec in recipe["inputs"].items()]
    outputs = {name: spec if isinstance(spec, dict) else {"shape": spec} for name, spec in recipe["outputs"].items()}
    fixed = [name for name, spec in outputs.items() if "shape" in spec]
    vector = _products(graph, list(zip(recipe["inputs"], ports, strict=True))) if fixed else None
    for name, spec in outputs.items():
        port = _filled(graph, name, spec, vector) if name in fixed else _convolved(graph, name, spec, ports[0])
        graph.result(_finished(graph, name, spec, port))
    graph.save(path.parent, path.stem)


def _input(graph: Graph, name: str, spec: Any) -> Port:
    shape, element_type = (spec["shape"], spec["type"]) if isinstance(spec, dict) else (spec, "f32")
    port = graph.parameter(name, tuple(shape), element_type)
    if element_type == "f32":
        return port
    return graph.op(f"{name}/f32", "Convert", [port], data='destination_type="f32"', element_type="f32")


def _products(graph: Graph, ports: list[tuple[str, Port]]) -> Port:
    taken = [_taken(graph, name, port) for name, port in ports]
    count = sum(port.shape[0] for port in taken)
    vector = taken[0] if len(taken) == 1 else graph.op("vector", "Concat", taken, (count,), 'axis="0"')
    return _product(graph, vector, count)


def _convolved(graph: Graph, name: str, spec: dict[str, Any], port: Port) -> Port:
    """A convolution with `conv` channels of the first input, which can be reshaped and batched: `kernel` and `stride`
    are 1 unless given, `flat` leaves batch and channels only."""
    batch, channels, *sizes = port.shape
    made, kernel, stride = spec["conv"], spec.get("kernel", 1), spec.get("stride", 1)
    count = made * channels * kernel**2
    weights = np.random.default_rng(made).normal(0, 1.5 / (count / made) ** 0.5 / 128, count).astype("f4").tolist()
    table = graph.constant(f"{name}/weights", weights, (made, channels, kernel, kernel))
    attributes = f'strides="{stride},{stride}" pads_begin="0,0" pads_end="0,0" dilations="1,1" auto_pad="explicit"'
    shape = (batch, made, *((size - kernel) // stride + 1 for size in sizes))
    port = graph.op(f"{name}/conv", "Convolution", [port, table], shape, attributes)
    port = graph.op(f"{name}/tanh", "Tanh", [port])
    if spec.get("flat"):
        target = _integers(graph, f"{name}/flat/shape", [0, -1])
        port = graph.op(f"{name}/flat", "Reshape", [port, target], (batch, made), 'special_zero="true"')
    return port


def _taken(graph: Graph, name: str, port: Port) -> Port:
    shape = port.shape
    size = int(np.prod(shape))
    flat = graph.op(f"{name}/flat", "Reshape", [port, _integers(graph, f"{name}/all", [-1])], (size,), _PLAIN)
    step = max(1, size // _TAKEN)
    kept = _sliced(graph, f"{name}/taken", flat, (size - 1) // step * step + 1, step)
    # Pictures come as 0..255, features as small numbers: both must end up where tanh is not flat.
    scale = graph.constant(f"{name}/scale", [1 / 256 if len(shape) > 2 else 1.0], (1,))
    return graph.op(f"{name}/scaled", "Multiply", [kept, scale], data=_NUMPY)


def _sliced(graph: Graph, name: str, port: Port, end: int, step: int) -> Port:
    bounds = [
        _integers(graph, f"{name}/{what}", [value]) for what, value in (("begin", 0), ("end", end), ("step", step))
    ]
    masks = 'begin_mask="0" end_mask="0" new_axis_mask="0" shrink_axis_mask="0" ellipsis_mask="0"'
    return graph.op(name, "StridedSlice", [port, *bounds], (-(-end // step),), masks)


_PLAIN, _NUMPY = 'special_zero="false"', 'auto_broadcast="numpy"'


def _integers(graph: Graph, name: str, values: list[int]) -> Port:
    return graph.constant(name, values, (len(values),), "i64")


def _product(graph: Graph, vector: Port, count: int) -> Port:
    weights = np.random.default_rng(7).normal(0, 1.5 / count**0.5, count * _PRODUCTS).astype("f4").tolist()
    table = graph.constant("weights", weights, (count, _PRODUCTS))
    row = graph.op("row", "Reshape", [vector, _integers(graph, "row/shape", [1, count])], (1, count), _PLAIN)
    product = graph.op("product", "MatMul", [row, table], (1, _PRODUCTS), 'transpose_a="false" transpose_b="false"')
    flat = graph.op("products", "Reshape", [product, _integers(graph, "products/all", [-1])], (_PRODUCTS,), _PLAIN)
    return graph.op("tanh", "Tanh", [flat])


def _filled(graph: Graph, name: str, spec: dict[str, Any], vector: Port) -> Port:
    shape = tuple(spec["shape"])
    size = int(np.prod(shape))
    times = -(-size // _PRODUCTS)
    repeats = _integers(graph, f"{name}/times", [times])
    tiled = graph.op(f"{name}/tiled", "Tile", [vector, repeats], (times * _PRODUCTS,))
    flat = _sliced(graph, f"{name}/cut", tiled, size, 1)
    return graph.op(f"{name}/raw", "Reshape", [flat, _integers(graph, f"{name}/shape", list(shape))], shape, _PLAIN)


def _finished(graph: Graph, name: str, spec: dict[str, Any], port: Port) -> Port:
    """Values from -1 to 1 put where the recipe wants them, under the output's name."""
    spread, base = (
        _numbers(graph, f"{name}/{key}", spec.get(key, value)) for key, value in (("spread", 1), ("base", 0))
    )
    port = graph.op(f"{name}/scaled", "Multiply", [port, spread], data=_NUMPY)
    last, element_type = spec.get("last", ""), spec.get("type", "f32")
    plain = not last and element_type == "f32"
    port = graph.op(name if plain else f"{name}/sum", "Add", [port, base], data=_NUMPY)
    if last:
        data = f'axis="{spec.get("axis", 1)}"' if last == "SoftMax" else ""
        port = graph.op(name if element_type == "f32" else f"{name}/last", last, [port], data=data)
    if element_type != "f32":
        data = f'destination_type="{element_type}"'
        port = graph.op(name, "Convert", [port], data=data, element_type=element_type)
    return port


def _numbers(graph: Graph, name: str, values: Any) -> Port:
    array = np.asarray(values, dtype="f4")
    array = array.reshape(array.shape or (1,))
    return graph.constant(name, array.ravel().tolist(), array.shape)


def picture(width: int, height: int, seed: int = 0) -> Any:
    """A picture of seeded noise, smooth enough to look like one after resizing."""
    noise = np.random.default_rng(seed).integers(0, 256, (height // 8 + 2, width // 8 + 2, 3), dtype=np.uint8)
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_LINEAR)


def video(path: Path, width: int, height: int, frames: int) -> None:
    """A film of such pictures, in a format that keeps its pixels on both sides alike."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 10, (width, height))
    for index in range(frames):
        writer.write(picture(width, height, index))
    writer.release()


def sound(path: Path, frames: int, rate: int, channels: int) -> None:
    """A tone with noise, as 16-bit WAV."""
    time = np.arange(frames)[:, None] / rate
    noise = np.random.default_rng(0).normal(0, 0.1, (frames, channels))
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, frames, "NONE", ""))
        file.writeframes(((np.sin(time * 440 * 6.28) * 0.5 + noise).clip(-1, 1) * 32767).astype("<i2").tobytes())


def array(recipe: Any, seed: int) -> Any:
    """Normal numbers of a shape, the `values` of a recipe, or a `ramp` of small numbers, which may
    hold 64-bit `integers` in the midst of it; `type` is one of numpy's."""
    recipe = recipe if isinstance(recipe, dict) else {"shape": recipe}
    if "ramp" in recipe:
        made = (np.arange(recipe["ramp"]) % 17 / 64 - 0.1).astype("f4")
        for index, value in enumerate(recipe.get("integers", {}).get("values", [])):
            made.view("i8")[recipe["integers"]["at"] // 2 + index] = value
        return made
    values = recipe["values"] if "values" in recipe else np.random.default_rng(seed).normal(0, 1, recipe["shape"])
    return (
        np.asarray(values) > 0 if recipe.get("type") == "bool" else np.asarray(values).astype(recipe.get("type", "f4"))
    )


def save(path: Path, values: Any) -> None:
    """Writes an array as the name asks for: .npy, .npz (one utterance, `a`) or .bin (the bare elements)."""
    if path.suffix == ".npz":
        np.savez(path, a=values)
    elif path.suffix == ".bin":
        values.tofile(path)
    else:
        np.save(path, values)


def make(recipes: dict[str, Any], folder: Path) -> None:
    """Makes all that `recipes` asks for below `folder`."""
    for kind, names in recipes.items():
        for index, (name, recipe) in enumerate(sorted(names.items())):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if kind == "models":
                model(recipe, path)
            elif kind == "pictures":
                cv2.imwrite(str(path), picture(*recipe, index))
            elif kind == "videos":
                video(path, *recipe)
            elif kind == "sounds":
                sound(path, *recipe)
            elif kind == "arrays":
                save(path, array(recipe, index))


if __name__ == "__main__":
    make(json.load(sys.stdin), Path(sys.argv[1]))
