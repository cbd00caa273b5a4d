"""--model: what is read from a model file, what that settles, and what is said when it cannot be read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ov_migrate.knowledge.model_facts import ModelFacts
from ov_migrate.migrate import migrate_bytes
from ov_migrate.models import read_models
from ov_migrate.settings import Settings
from ov_migrate.verify.fixtures import model_file

FIXTURES = Path(__file__).parent.parent / "fixtures"
HEAD = 'from openvino.inference_engine import IECore\n\nie = IECore()\nnet = ie.read_network("a.xml")\n'
LOOP = HEAD + "for name in net.outputs:\n    print(name)\n"
FIRST = HEAD + "first = next(iter(net.outputs))\n"
BATCH = HEAD + "n = net.batch_size\n"
LITERAL = HEAD + "shape = net.outputs['prob'].shape\n"


def path(name: str) -> str:
    return str(model_file(FIXTURES, name))


def facts(name: str) -> ModelFacts:
    (model,), failures = read_models([path(name)])
    assert failures == {}
    return model


def migrated(code: str, *models: str) -> tuple[str, dict[str, tuple[str, str]]]:
    """The new code without its first lines, and kind and message of the finding of each rule."""
    run, data = migrate_bytes("a.py", code.encode(), Settings(models=tuple(path(name) for name in models)))
    found = {f.rule: (f.kind, f.message) for record in run.files for f in record.findings}
    return data.decode().partition("a.xml")[2].partition("\n")[2], found


class TestFacts:
    @pytest.mark.parametrize(
        ("name", "form", "names"),
        [
            ("pair", "IR v10", ("z_out",)),
            ("pair_v11", "IR v11", ("z_out:0",)),
            ("pair_code", "IR v11", ()),
            ("pair_onnx", "ONNX", ("z_out",)),
        ],
    )
    def test_ports(self, name: str, form: str, names: tuple[str, ...]) -> None:
        model = facts(name)
        assert model.format == form
        assert [port.layer for port in model.inputs] == ["z_in", "a_in"]
        assert [port.layer for port in model.in_legacy_order("output")] == ["a_out", "z_out"]
        port = model.port("output", "z_out")
        assert port is not None
        assert (port.index, port.names, port.element_type, port.shape) == (0, names, "f32", (1, 4))
        assert port.keeps_name == (names == ("z_out",))

    def test_element_types_that_the_legacy_api_changed(self) -> None:
        assert facts("integers").other_types() == []
        assert facts("integers_v11").other_types() == ["output 'out1' gives i64 where the legacy API gave i32"]

    def test_files_that_do_not_load_are_told_apart(self, tmp_path: Path) -> None:
        broken = tmp_path / "broken.xml"
        broken.write_text("<net")
        found, failures = read_models([str(broken), path("classify"), str(tmp_path / "none.xml")])
        assert [model.file_name for model in found] == ["classify.xml"]
        assert failures[str(broken)].startswith("does not load: ")
        assert failures[str(tmp_path / "none.xml")] == "cannot be read: No such file or directory"


class TestWhatIsSettled:
    def test_one_output_needs_no_order(self) -> None:
        text, found = migrated(LOOP, "classify")
        assert text == "for name in [net.output().any_name]:\n    print(name)\n"
        assert found["OVM201"] == ("migrated", "read_network became read_model (by classify.xml).")

    def test_first_of_several_by_name_or_number(self) -> None:
        assert migrated(FIRST, "pair_v11")[0] == 'first = net.output("a_out:0").any_name\n'
        text, found = migrated(FIRST, "pair_code")
        assert text == "first = net.output(1).any_name\n"
        assert found["OVM211"][0] == "review"
        assert "net.output" not in found["OVM211"][1]
        assert "model.output(1).get_tensor().set_names({'a_out'}) (by pair_code.xml)" in found["OVM211"][1]

    def test_models_that_disagree_settle_nothing(self) -> None:
        assert migrated(FIRST, "pair_v11", "classify")[0] == migrated(FIRST)[0]
        assert migrated(FIRST, "segment_v11", "classify_v11")[1]["OVM211"][0] == "migrated"

    def test_names_that_are_shown_stay_to_review(self) -> None:
        assert migrated(LOOP, "classify_v11")[1]["OVM201"] == (
            "review",
            "names that are shown or come from elsewhere: input 'data' is called 'data:0', output 'prob' is called "
            "'prob:0' (by classify_v11.xml).",
        )

    def test_names_from_outside_stay_to_review(self) -> None:
        code = HEAD + "import sys\nprint(net.outputs[sys.argv[1]].shape)\n"
        assert migrated(code, "classify_v11")[1]["OVM201"][0] == "review"
        assert migrated(code, "classify")[1]["OVM201"][0] == "migrated"

    def test_layer_names_become_tensor_names(self) -> None:
        assert migrated(LITERAL, "classify_v11")[0] == "shape = list(net.output('prob:0').shape)\n"
        assert migrated(LITERAL, "classify")[0] == "shape = list(net.output('prob').shape)\n"
        assert migrated(LITERAL, "classify_code")[0] == "shape = list(net.output(0).shape)\n"

    def test_a_literal_that_means_several_ports(self) -> None:
        text, found = migrated(LITERAL, "classify_v11", "classify")
        assert text == "shape = list(net.output('prob').shape)\n"
        assert found["OVM228"] == (
            "manual",
            "'prob' means several ports: 'prob:0' and 'prob' (by classify_v11.xml, classify.xml).",
        )

    def test_a_literal_that_no_layer_is_called_by(self) -> None:
        text, found = migrated(LITERAL, "pair_v11")
        assert text == "shape = list(net.output('prob').shape)\n"
        assert found["OVM201"] == ("review", "no port is called 'prob' (by pair_v11.xml).")

    def test_a_variable_that_is_also_shown_keeps_its_text(self) -> None:
        code = HEAD + 'OUT = "prob"\nshape = net.outputs[OUT].shape\n'
        assert migrated(code, "classify_v11")[0].startswith('OUT = "prob:0"\n')
        text, found = migrated(code + "print(OUT)\n", "classify_v11")
        assert text.startswith('OUT = "prob"\n')
        assert found["OVM201"][0] == "review"

    def test_an_attribute_that_is_used_for_look_ups_only(self) -> None:
        code = HEAD + "class A:\n    out = 'prob'\n    def f(self):\n        return net.outputs[self.out].shape\n"
        assert "    out = 'prob:0'\n" in migrated(code, "classify_v11")[0]

    def test_a_dict_of_results_that_is_handed_out_stays_to_review(self) -> None:
        code = HEAD + "exec_net = ie.load_network(net, 'CPU')\ndef f(x):\n    return exec_net.infer({'data': x})\n"
        assert migrated(code, "classify_v11")[1]["OVM701"][0] == "review"
        assert migrated(code, "classify")[1]["OVM701"][0] == "migrated"

    def test_element_types(self) -> None:
        assert migrated(FIRST, "integers")[1]["OVM201"][0] == "migrated"
        kind, message = migrated(FIRST, "integers_v11")[1]["OVM201"]
        assert (kind, message[:49]) == ("review", "output 'out1' gives i64 where the legacy API gave")

    def test_added_outputs_are_not_those_of_the_file(self) -> None:
        text, found = migrated(HEAD + "net.add_outputs('relu')\n" + LOOP[len(HEAD) :], "classify")
        assert "sorted(net.outputs" in text
        assert found["OVM222"][0] == "migrated"
        assert migrated(HEAD + "net.add_outputs('nothing')\n", "classify")[1]["OVM222"][0] == "review"

    def test_batch_size_is_that_of_the_first_name(self) -> None:
        assert migrated(BATCH, "pair")[0] == 'n = net.input("a_in").shape[0]\n'
        assert migrated(BATCH, "segment")[1]["OVM219"][0] == "migrated"
        assert migrated(BATCH, "slow")[1]["OVM219"][0] == "review"

    def test_each_network_goes_by_the_name_of_its_file(self) -> None:
        code = HEAD.replace("a.xml", "pair_v11.xml") + 'other = ie.read_network("face.xml")\n'
        code += "x = next(iter(net.outputs))\ny = next(iter(other.outputs))\n"
        text = migrate_bytes("a.py", code.encode(), Settings(models=(path("pair_v11"),)))[1].decode()
        assert text.endswith('x = net.output("a_out:0").any_name\ny = other.output().any_name\n')


class TestCommand:
    def run(self, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ov_migrate", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **variables})

    @pytest.fixture
    def program(self, tmp_path: Path) -> Path:
        file = tmp_path / "program.py"
        file.write_text(LITERAL)
        return file

    def test_option(self, program: Path) -> None:
        done = self.run("--model", path("classify_v11"), "--model", path("classify_v11"), program)
        assert done.returncode == 0
        assert "0 to review, 0 left by hand" in done.stdout
        assert "net.output('prob:0')" in program.read_text()

    def test_configuration(self, program: Path, tmp_path: Path) -> None:
        name = os.path.relpath(path("classify_v11"), tmp_path)
        (tmp_path / "pyproject.toml").write_text(f'[tool.ov-migrate]\nmodel = ["{name}"]\n')
        assert self.run(program).returncode == 0
        assert "net.output('prob:0')" in program.read_text()

    @pytest.mark.parametrize("content", [b"<net", b"", b"\x00\xff" * 100, None])
    def test_a_model_that_does_not_load(self, program: Path, tmp_path: Path, content: bytes | None) -> None:
        broken = tmp_path / "broken.xml"
        if content is not None:
            broken.write_bytes(content)
        done = self.run("--model", broken, program)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"Error: --model {broken}: ")
        assert done.stderr.endswith("; nothing was changed\n")
        assert program.read_text() == LITERAL

    def test_without_openvino(self, program: Path, tmp_path: Path) -> None:
        code = (
            "from ov_migrate import models\nfrom ov_migrate.cli import main\nfrom ov_migrate.verify import runtimes\n"
            "models.installed_release = runtimes.installed_release = lambda python: ''\n"
            f"main(['--model', {path('classify')!r}, {str(program)!r}])\n"
        )
        environment = {**os.environ, "OV_MIGRATE_RUNTIMES": str(tmp_path / "nothing")}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            "Error: --model needs OpenVINO, which is not installed here: pip install 'ov-migrate[verify]'\n"
        )
        assert program.read_text() == LITERAL

    def test_openvino_is_not_imported(self, program: Path) -> None:
        code = (
            "import sys\nfrom click.testing import CliRunner\nfrom ov_migrate.cli import main\n"
            f"CliRunner().invoke(main, ['--check', '--model', {path('classify')!r}, {str(program)!r}])\n"
            "assert 'openvino' not in sys.modules\n"
        )
        assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr == ""
