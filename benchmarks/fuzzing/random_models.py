"""Tiny random models for random programs: IR v10, IR v11, IR v11 without tensor names, and ONNX."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ov_migrate.verify.fixtures import _models

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
Shape = tuple[int, ...]

# Names that sort otherwise than they stand in the model, or look like something else.
_INPUT_NAMES = ("data", "input", "image", "Placeholder", "input_1", "z_in", "a_in", "0", "image_tensor", "B", "input.1")
_OUTPUT_NAMES = ("prob", "out", "detection_out", "fc/out", "output", "z_out", "a_out", "1001", "99", "boxes", "Labels")
_SHAPES: tuple[Shape, ...] = ((1, 3, 4, 6), (1, 3, 8, 8), (1, 4), (2, 5), (1, 1, 6, 4), (1, 2, 3), (1, 2, 2, 3, 2))
DTYPES = {
    "f32": "float32", "f16": "float16", "i64": "int64", "i32": "int32", "u8": "uint8", "boolean": "bool",
}  # fmt: skip
PRECISIONS = {"f32": "FP32", "f16": "FP16", "i64": "I64", "i32": "I32", "u8": "U8", "boolean": "BOOL"}
LAYOUTS = {1: "C", 2: "NC", 3: "CHW", 4: "NCHW", 5: "NCDHW"}


@dataclass(frozen=True)
class Port:
    """An input or output as a legacy program sees it: the layer's name, its shape, and the element type in the file."""

    name: str
    shape: Shape
    element_type: str

    @property
    def dtype(self) -> str:
        return DTYPES[self.element_type]


@dataclass(frozen=True)
class Model:
    """`form` is v10, v11 (tensors called after layers with ":0"), same (IR v11 with tensors called as the layers), code
    (no tensor names), or onnx. Inputs and outputs stand in the order of the model. `inner` is a layer between."""

    stem: str
    form: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    recipe: tuple[tuple[str, int, int], ...]
    inner: str = ""

    @property
    def file(self) -> str:
        return self.stem + (".onnx" if self.form == "onnx" else ".xml")

    @property
    def keeps_names(self) -> bool:
        """True when layers and tensors have the same names, as the tool cannot know without the model."""
        is_split = any(kind == "split" for kind, _, _ in self.recipe)
        return self.form in ("v10", "onnx", "capsule") or (self.form == "same" and not is_split)

    @property
    def keeps_types(self) -> bool:
        """True when results have the same types in both APIs."""
        return self.form == "v10" or all(p.element_type in ("f32", "i32") for p in (*self.inputs, *self.outputs))


def random_model(source: random.Random, stem: str) -> Model:
    """A model with one to three inputs and outputs."""
    form = source.choices(("v10", "same", "v11", "code", "onnx"), (66, 12, 5, 2, 15))[0]
    n_inputs = source.choices((1, 2, 3), (70, 22, 8))[0]
    shape = source.choice(_SHAPES)
    if form == "onnx" or source.random() < 0.8:
        types = ["f32"] * n_inputs
    else:
        types = [source.choice(("f32", "i32", "i64", "u8", "f16")) for _ in range(n_inputs)]
    names = source.sample(_INPUT_NAMES, n_inputs)
    inputs = []
    for name, element_type in zip(names, types, strict=True):
        own = shape if source.random() < 0.7 else source.choice(_SHAPES)
        inputs.append(Port(name, own, element_type))
    outputs, recipe = _outputs(source, form, inputs)
    return Model(stem, form, tuple(inputs), tuple(outputs), tuple(recipe), "pre_0")


def _outputs(source: random.Random, form: str, inputs: Sequence[Port]) -> tuple[list[Port], list[tuple[str, int, int]]]:
    count = source.choices((1, 2, 3), (65, 25, 10))[0]
    names = source.sample(_OUTPUT_NAMES, max(count, len(inputs)) + 1)
    ports: list[Port] = []
    recipe: list[tuple[str, int, int]] = []
    # Each input is used by an output, so that none is dropped.
    for number in range(max(count, len(inputs))):
        first, second = number % len(inputs), source.randrange(len(inputs))
        port = inputs[first]
        kinds = ["scale", "relu", "softmax", *(["mean"] if len(port.shape) > 2 else [])]
        if inputs[second].shape == port.shape and second != first:
            kinds += ["add", "subtract"] * 3
        if form != "onnx":
            kinds += ["to_i32"]
            kinds += ["to_i64", "to_boolean"] if source.random() < 0.3 else []
            if port.shape[1] % 2 == 0:
                kinds += ["split"]
        kind = source.choice(kinds)
        recipe.append((kind, first, second))
        ports += _made(kind, names[number], port.shape)
    return ports, recipe


def _made(kind: str, name: str, shape: Shape) -> list[Port]:
    if kind == "mean":
        return [Port(name, shape[:2], "f32")]
    if kind == "split":
        half = (shape[0], shape[1] // 2, *shape[2:])
        return [Port(f"{name}.{index}", half, "f32") for index in range(2)]
    if kind.startswith("to_"):
        return [Port(name, shape, kind.removeprefix("to_"))]
    return [Port(name, shape, "f32")]


def save(model: Model, folder: Path) -> list[Path]:
    """Writes the files of a model, unless they are there, or the program builds it in code."""
    if model.form == "capsule":
        return []
    if model.form == "onnx":
        path = folder / model.file
        if not path.exists():
            _save_onnx(model, path)
        return [path]
    files = [folder / f"{model.stem}.xml", folder / f"{model.stem}.bin"]
    if not all(path.exists() for path in files):
        _save_ir(_models(FIXTURES), model, folder)
    return files


def _save_ir(making: ModuleType, model: Model, folder: Path) -> None:
    suffixes = {"v10": ":0", "v11": ":0", "same": "", "code": None}
    graph = making.Graph(model.stem, 10 if model.form == "v10" else 11, suffixes[model.form])
    ports = [graph.parameter(p.name, p.shape, p.element_type) for p in model.inputs]
    floats = []
    for index, (port, spec) in enumerate(zip(ports, model.inputs, strict=True)):
        if spec.element_type != "f32":
            port = graph.op(f"cast_{index}", "Convert", [port], data='destination_type="f32"', element_type="f32")
        half = graph.constant(f"half_{index}", [0.5], (1,))
        floats.append(graph.op(f"pre_{index}", "Multiply", [port, half], spec.shape, 'auto_broadcast="numpy"'))
    names = [port.name for port in model.outputs]
    results = []
    for kind, first, second in model.recipe:
        name = names.pop(0)
        if kind == "split":
            name = name.rpartition(".")[0]
            names.pop(0)
        results += _ops(graph, kind, name, floats[first], floats[second])
    for port in results:
        graph.result(port)
    graph.save(folder, model.stem)


def _ops(g: Any, kind: str, name: str, a: Any, b: Any) -> list[Any]:
    shape = a.shape
    numpy = 'auto_broadcast="numpy"'
    if kind == "scale":
        factor = g.constant(f"{name}/factor", [3.0], (1,))
        return [g.op(name, "Multiply", [a, factor], shape, numpy)]
    if kind in ("add", "subtract"):
        return [g.op(name, kind.capitalize(), [a, b], data=numpy)]
    if kind == "relu":
        return [g.op(name, "ReLU", [a])]
    if kind == "softmax":
        return [g.op(name, "SoftMax", [a], data='axis="1"')]
    if kind == "mean":
        rest = list(range(2, len(shape)))
        axes = g.constant(f"{name}/axes", rest, (len(rest),), "i64")
        return [g.op(name, "ReduceMean", [a, axes], shape[:2], 'keep_dims="false"')]
    if kind == "split":
        axis = g.constant(f"{name}/axis", [1], (), "i64")
        half = (shape[0], shape[1] // 2, *shape[2:])
        return list(g._layer(name, "Split", 'num_splits="2"', [a, axis], [("f32", half)] * 2))
    element = kind.removeprefix("to_")
    if element == "boolean":  # A conversion to boolean kept the numbers in 2021.
        zero = g.constant(f"{name}/zero", [0.0], (1,))
        return [g.op(name, "Greater", [a, zero], shape, numpy, "boolean")]
    a = g.op(f"{name}/floor", "Floor", [a])  # Releases round differently.
    return [g.op(name, "Convert", [a], data=f'destination_type="{element}"', element_type=element)]


def _save_onnx(model: Model, path: Path) -> None:
    from onnx import TensorProto, helper
    from onnx import save as write

    nodes, constants = [], [helper.make_tensor("half", TensorProto.FLOAT, [1], [0.5])]
    constants.append(helper.make_tensor("three", TensorProto.FLOAT, [1], [3.0]))
    for index, port in enumerate(model.inputs):
        nodes.append(helper.make_node("Mul", [port.name, "half"], [f"pre_{index}"], name=f"pre_{index}"))
    for (kind, first, second), port in zip(model.recipe, model.outputs, strict=True):
        a, b = f"pre_{first}", f"pre_{second}"
        simple = {
            "scale": ("Mul", [a, "three"]),
            "relu": ("Relu", [a]),
            "add": ("Add", [a, b]),
            "subtract": ("Sub", [a, b]),
        }
        if kind in simple:
            operator, takes = simple[kind]
            nodes.append(helper.make_node(operator, takes, [port.name], name=port.name))
        elif kind == "softmax":
            nodes.append(helper.make_node("Softmax", [a], [port.name], axis=1, name=port.name))
        else:
            rest = list(range(2, len(model.inputs[first].shape)))
            nodes.append(helper.make_node("ReduceMean", [a], [port.name], axes=rest, keepdims=0, name=port.name))

    def info(port: Port) -> Any:
        return helper.make_tensor_value_info(port.name, TensorProto.FLOAT, list(port.shape))

    graph = helper.make_graph(
        nodes, model.stem, [info(p) for p in model.inputs], [info(p) for p in model.outputs], constants
    )
    write(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6), path)
