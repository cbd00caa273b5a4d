"""Preprocessing that has no equal in API 2.0 stays, with a rule that says what to do instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ov_migrate.cli import main
from ov_migrate.migrate import migrate_bytes
from ov_migrate.settings import Settings

SETUP = """
from openvino.inference_engine import ColorFormat, IECore, MeanVariant, ResizeAlgorithm
ie = IECore()
net = ie.read_network("model.xml")
info = net.input_info["data"].preprocess_info
{setters}
exec_net = ie.load_network(net, "CPU")
"""
MEAN = """
info.init(1)
info[0].mean_value = 3.0
info.mean_variant = MeanVariant.MEAN_VALUE
"""


@pytest.mark.parametrize(
    ("setters", "slug"),
    [
        ("info.resize_algorithm = ResizeAlgorithm.RESIZE_AREA", "resize-area"),
        ("info.color_format = ColorFormat.NV12", "planar-color"),
        ("info.color_format = ColorFormat.I420", "planar-color"),
        ("info.resize_algorithm = algorithm", "set-resize"),
        ("info.set_mean_image(image)", "mean-image"),
        ("info.init(3)\ninfo[0].mean_data = image", "mean-image"),
        ("net.input_info['data'].precision = 'U8'" + MEAN, "mean-of-integers"),
        (MEAN + "info.color_format = ColorFormat.RGB", "color-and-mean"),
        (MEAN.replace("MEAN_VALUE", "MEAN_IMAGE"), "set-mean"),
        ("if flag:\n    info.init(1)\ninfo[0].mean_value = 3.0", "set-mean"),
        ("count = info.get_number_of_channels()", "read-preprocessing"),
        ("set_up(info)", "preprocess-info"),
        ("net.outputs['prob'].layout = 'NHWC'", "output-layout"),
        ("net.input_info['data'].layout = layout", "set-layout"),
    ],
)
def test_what_has_no_equal_is_left(setters: str, slug: str) -> None:
    source = SETUP.format(setters=setters)
    run, result = migrate_bytes("main.py", source.encode(), Settings())
    manual = {finding.slug for file in run.files for finding in file.findings if finding.kind == "manual"}
    assert slug in manual
    left = [line for line in result.decode().splitlines() if "TODO(ov-migrate" not in line]
    assert setters.strip().splitlines()[-1] in left


@pytest.mark.parametrize(
    "behind",
    [
        "shape = exec_net.input_info['data'].input_data.shape",
        "net.reshape({'data': [1, 3, 4, 4]})",
        "exec_net.requests[0].input_blobs['data'].buffer[0, 1] = 5",
        "def size():\n    return net.input_info['data'].input_data.shape",
        "def size():\n    n, c, h, w = net.input_info['data'].input_data.shape\n    return h, w",
        "net.input_info['data'].precision = 'U8'\nie.load_network(net, 'CPU')",
    ],
)
def test_a_layout_is_left_when_what_sees_it_cannot_follow(behind: str) -> None:
    source = SETUP.format(setters="net.input_info['data'].layout = 'NHWC'") + behind + "\n"
    run, result = migrate_bytes("main.py", source.encode(), Settings())
    manual = {finding.slug for file in run.files for finding in file.findings if finding.kind == "manual"}
    assert "set-layout" in manual
    assert "set_layout(" not in result.decode()


def test_a_layout_that_is_set_back_is_left() -> None:
    setters = "net.input_info['data'].layout = 'NHWC'\nif flag:\n    net.input_info['data'].layout = 'NCHW'"
    _, result = migrate_bytes("main.py", SETUP.format(setters=setters).encode(), Settings())
    assert result.decode().count(".layout = ") == 2


def pinned(code: str) -> tuple[set[str], str]:
    """What is left by hand of `code` with its types pinned, and the new text."""
    source = "from openvino.inference_engine import IECore\nie = IECore()\n" + code
    run, result = migrate_bytes("main.py", source.encode(), Settings(pin_io_types=True))
    return {f.slug for file in run.files for f in file.findings if f.kind == "manual"}, result.decode()


def test_a_network_without_a_name_is_not_pinned_and_listed() -> None:
    manual, text = pinned("exec_net = ie.load_network(ie.read_network('model.xml'), 'CPU')\n")
    assert "pin-io-types" in manual
    assert "PrePostProcessor(" not in text.replace("PrePostProcessor before", "")


def test_types_are_pinned_behind_the_read_before_anything_is_set() -> None:
    _, text = pinned(
        "net = ie.read_network('m.xml'); net.outputs['out'].precision = 'FP16'\nie.load_network(net, 'CPU')\n"
    )
    assert text.index("pin_ie_types(net)") < text.index("set_element_type(Type.f16)") < text.index("compile_model")


def test_types_are_not_pinned_unless_it_is_asked_for() -> None:
    source = "from openvino.inference_engine import IECore\nnet = IECore().read_network('model.xml')\n"
    assert "pin_ie_types" not in migrate_bytes("main.py", source.encode(), Settings())[1].decode()


def test_the_option_comes_from_the_command_line_or_the_configuration(tmp_path: Path) -> None:
    program = tmp_path / "main.py"
    source = "from openvino.inference_engine import IECore\nnet = IECore().read_network('model.xml')\n"
    for option, config in ((["--pin-io-types"], ""), ([], "[tool.ov-migrate]\npin-io-types = true\n")):
        program.write_text(source)
        (tmp_path / "pyproject.toml").write_text(config)
        result = CliRunner().invoke(main, [*option, str(program)])
        assert result.exit_code == 0, result.output
        assert "pin_ie_types(net)" in program.read_text()


@pytest.mark.parametrize(
    "code",
    [
        "net.input_info['data'].precision = 'U8'\nie.load_network(net, 'CPU')\n"
        "net.input_info['data'].precision = 'FP32'\nie.load_network(net, 'CPU')\n",
        "for name in ('U8', 'FP32'):\n    net.input_info['data'].precision = name\n    ie.load_network(net, 'CPU')\n",
        "def first(model):\n    model.input_info['data'].precision = 'U8'\n"
        "def second(model):\n    model.input_info['data'].precision = 'FP32'\n"
        "first(net)\nsecond(net)\nie.load_network(net, 'CPU')\n",
    ],
)
def test_what_is_set_more_than_once_on_a_network_is_left(code: str) -> None:
    source = "from openvino.inference_engine import IECore\nie = IECore()\nnet = ie.read_network('m.xml')\n" + code
    run, result = migrate_bytes("main.py", source.encode(), Settings())
    assert "set-precision" in {f.slug for file in run.files for f in file.findings if f.kind == "manual"}
    assert "PrePostProcessor(" not in "".join(line for line in result.decode().splitlines() if "TODO" not in line)


@pytest.mark.parametrize(
    ("code", "is_left"),
    [
        ("is_first = info.precision == 'U8'\ninfo.precision = 'U8'\nload()\n", False),
        ("info.precision = 'U8'\nis_bytes = info.precision == 'U8'\nload()\n", True),
        ("info.precision = 'U8'\nload()\nis_bytes = info.precision == 'U8'\n", True),
        ("info.precision = 'U8'\nload()\nis_bytes = net.input_info['data'].precision == 'U8'\n", False),
        ("info.precision = 'U8'\nload()\ndef is_bytes():\n    return info.precision == 'U8'\n", True),
    ],
)
def test_a_precision_that_is_set_is_asked_for_only_where_a_port_shows_it(code: str, is_left: bool) -> None:
    head = "from openvino.inference_engine import IECore\nie = IECore()\nnet = ie.read_network('m.xml')\n"
    source = head + "info = net.input_info['data']\n" + code.replace("load()", "ie.load_network(net, 'CPU')")
    run, _ = migrate_bytes("main.py", source.encode(), Settings())
    manual = {f.slug for file in run.files for f in file.findings if f.kind == "manual"}
    assert manual == ({"port-precision"} if is_left else set())


def test_a_network_with_an_annotation_is_pinned_too() -> None:
    manual, text = pinned("net: object = ie.read_network('model.xml')\nexec_net = ie.load_network(net, 'CPU')\n")
    assert not manual
    assert "\npin_ie_types(net)\n" in text


@pytest.mark.parametrize("name", ["self.info", "info"])
def test_preprocessing_that_is_kept_or_handed_over_is_left(name: str) -> None:
    source = f"""
from openvino.inference_engine import ColorFormat, IECore
ie = IECore()
class Model:
    def __init__(self, info):
        {name} = net.input_info["data"].preprocess_info if ask() else info
        {name}.color_format = ColorFormat.RGB
net = ie.read_network("model.xml")
model = Model(net.input_info["data"].preprocess_info)
exec_net = ie.load_network(net, "CPU")
"""
    run, result = migrate_bytes("main.py", source.encode(), Settings())
    assert f"        {name}.color_format = ColorFormat.RGB\n" in result.decode()
    assert "set-color-format" in {f.slug for file in run.files for f in file.findings if f.kind == "manual"}


@pytest.mark.parametrize(
    ("run", "verdict"),
    [
        ("exec_net.infer({'data': image})", "migrated"),
        ("feed = {'data': image}\nexec_net.infer(feed)", "migrated"),
        ("exec_net.infer({name: image})", "migrated"),
        ("exec_net.infer({'other': image})", "migrated"),
        ("exec_net.infer(read_frame())", "review"),
        ("exec_net.requests[0].infer(read_frame())", "review"),
        ("exec_net.start_async(0, read_frame())", "review"),
        ("exec_net.infer({**read_frame()})", "review"),
        ("exec_net.infer({})", "migrated"),
    ],
)
def test_a_run_is_reported_when_its_data_cannot_follow_the_layout(run: str, verdict: str) -> None:
    source = SETUP.format(setters="net.input_info['data'].layout = 'NHWC'").replace(".preprocess_info", "") + run + "\n"
    found, _ = migrate_bytes("main.py", source.encode(), Settings())
    (kind,) = {
        finding.kind
        for file in found.files
        for finding in file.findings
        if finding.slug in ("infer", "start-async", "request-infer")
    } or {"migrated"}
    assert kind == verdict


def test_a_name_that_is_left_in_a_row_of_setters_has_the_same_comments_after_a_second_run() -> None:
    setters = (
        "info.init(2)\ninfo[0].mean_value = 3.0\ninfo[1].mean_value = 3.0\ninfo.mean_variant = MeanVariant.MEAN_IMAGE"
    )
    _, once = migrate_bytes("main.py", SETUP.format(setters=setters).encode(), Settings())
    _, twice = migrate_bytes("main.py", once, Settings())
    assert once.decode().splitlines().count(setters.splitlines()[-1]) == 1
    assert twice == once
