"""What a person is given to finish a site: how its object was established, what the legacy call did, what to choose."""

from __future__ import annotations

import ast
import builtins
import json
from pathlib import Path
from textwrap import dedent

import nbformat
import pytest
import run_forms

from ov_migrate.knowledge.catalogue import load_catalogue
from ov_migrate.knowledge.handover import Form, every_form, task_of, tasks_of_sites
from ov_migrate.knowledge.legacy_api import load_legacy_api
from ov_migrate.migrate import migrate_paths
from ov_migrate.report.formats import render
from ov_migrate.report.records import Finding, HandOver, Run
from ov_migrate.settings import Settings
from ov_migrate.verify.runtimes import BOTH, NEWEST

RULES = load_catalogue().rules
FORMS = every_form(RULES)
IMPORT = "from openvino.inference_engine import IECore\n"


def migrate(folder: Path, **modules: str) -> Run:
    """The run over modules, each given by its code; nothing is written."""
    for name, code in modules.items():
        (folder / f"{name}.py").write_text(dedent(code), encoding="utf-8")
    return migrate_paths([str(folder)], Settings(write=False))


def the_finding(run: Run, slug: str) -> Finding:
    """The one finding of a rule."""
    (found,) = (finding for record in run.files for finding in record.findings if finding.slug == slug)
    return found


def hand_over(run: Run, slug: str) -> HandOver:
    """The hand-over of the one finding of a rule."""
    found = the_finding(run, slug).hand_over
    assert found is not None
    return found


def said(found: HandOver, number: int = 0) -> list[str]:
    """A chain: file, line and code of each place."""
    return [f"{Path(place.path).stem}:{place.line} {place.code}" for place in found.trails[number].places]


class TestChains:
    """One way of a network or a core from the import to a site that is left, for each way a value may go."""

    def chain(self, folder: Path, code: str, **modules: str) -> list[str]:
        found = hand_over(migrate(folder, app=IMPORT + dedent(code), **modules), "port-layout")
        assert found.object == "input info"
        assert [trail.lost for trail in found.trails] == [""]
        return said(found)

    def test_locals(self, tmp_path: Path) -> None:
        code = """
        core = IECore()
        net = core.read_network(xml)
        info = net.input_info["data"]
        print(info.layout)
        """
        assert self.chain(tmp_path, code) == [
            "app:3 core = IECore()",
            "app:4 net = core.read_network(xml)",
            'app:5 info = net.input_info["data"]',
            "app:6 info.layout",
        ]

    def test_the_nearest_binding_in_front_is_the_one(self, tmp_path: Path) -> None:
        code = """
        net = IECore().read_network(first)
        show(net)
        net = IECore().read_network(second)
        print(net.input_info["data"].layout)
        net = IECore().read_network(third)
        """
        assert self.chain(tmp_path, code)[0] == "app:5 net = IECore().read_network(second)"

    def test_attributes_of_self_and_bases(self, tmp_path: Path) -> None:
        code = """
        class Base:
            def __init__(self):
                self.core = IECore()
        class App(Base):
            def load(self, xml):
                self.net = self.core.read_network(xml)
            def show(self):
                print(self.net.input_info["data"].layout)
        """
        assert self.chain(tmp_path, code) == [
            "app:5 self.core = IECore()",
            "app:8 self.net = self.core.read_network(xml)",
            'app:10 self.net.input_info["data"].layout',
        ]

    def test_parameters_across_modules(self, tmp_path: Path) -> None:
        code = """
        from lib import prepare
        net = IECore().read_network(xml)
        prepare(7, net=net)
        """
        lib = 'def prepare(size, net):\n    print(net.input_info["data"].layout)\n'
        assert self.chain(tmp_path, code, lib=lib) == [
            "app:4 net = IECore().read_network(xml)",
            "app:5 prepare(7, net=net)",
            "lib:1 def prepare(size, net):",
            'lib:2 net.input_info["data"].layout',
        ]

    def test_variables_of_another_module(self, tmp_path: Path) -> None:
        code = """
        from shared import core as engine
        net = engine.read_network(xml)
        print(net.input_info["data"].layout)
        """
        assert self.chain(tmp_path, code, shared=IMPORT + "core = IECore()\n")[:3] == [
            "shared:2 core = IECore()",
            "app:3 from shared import core as engine",
            "app:4 net = engine.read_network(xml)",
        ]

    def test_what_a_function_returns(self, tmp_path: Path) -> None:
        code = """
        def load(xml):
            core = IECore()
            return core, core.read_network(xml)
        core, net = load(xml)
        print(net.input_info["data"].layout)
        """
        assert self.chain(tmp_path, code)[:3] == [
            "app:4 core = IECore()",
            "app:5 return core, core.read_network(xml)",
            "app:6 core, net = load(xml)",
        ]

    def test_containers_loops_and_with(self, tmp_path: Path) -> None:
        code = """
        nets = []
        with lock as held:
            nets.append(IECore().read_network(xml))
        for index, net in enumerate(nets):
            print([layer.layout for layer in [net.input_info["data"]]])
        """
        assert self.chain(tmp_path, code) == [
            "app:5 nets.append(IECore().read_network(xml))",
            "app:3 nets = []",
            "app:6 for index, net in enumerate(nets):",
            'app:7 [layer.layout for layer in [net.input_info["data"]]]',
            "app:7 layer.layout",
        ]

    def test_methods_threads_and_defaults(self, tmp_path: Path) -> None:
        code = """
        from threading import Thread
        class Worker:
            def work(self, net, times=1):
                print(net.input_info["data"].layout)
        net = IECore().read_network(xml)
        Thread(target=Worker().work, args=(net,)).start()
        """
        assert self.chain(tmp_path, code)[:3] == [
            "app:7 net = IECore().read_network(xml)",
            "app:8 Thread(target=Worker().work, args=(net,))",
            "app:5 def work(self, net, times=1):",
        ]

    def test_an_annotation_is_a_beginning(self, tmp_path: Path) -> None:
        code = """
        from openvino.inference_engine import IENetwork
        def show(net: IENetwork):
            print(net.input_info["data"].layout)
        """
        assert self.chain(tmp_path, code) == [
            "app:4 def show(net: IENetwork):",
            'app:5 net.input_info["data"].layout',
        ]

    def test_both_branches_are_told(self, tmp_path: Path) -> None:
        code = """
        if fast:
            net = IECore().read_network(small)
        else:
            net = IECore().read_network(large)
        print(net.input_info["data"].layout)
        """
        found = hand_over(migrate(tmp_path, app=IMPORT + dedent(code)), "port-layout")
        assert [said(found, number)[0] for number in range(2)] == [
            "app:4 net = IECore().read_network(small)",
            "app:6 net = IECore().read_network(large)",
        ]

    def test_a_ring_of_assignments_comes_to_an_end(self, tmp_path: Path) -> None:
        code = """
        a = b = IECore().read_network(xml)
        while True:
            a, b = b, a
            print(a.input_info["data"].layout)
        """
        assert self.chain(tmp_path, code)[0] == "app:3 a = b = IECore().read_network(xml)"


class TestWithoutObject:
    """Sites that are about no object: what uses them is told instead."""

    def test_an_import_has_its_uses(self, tmp_path: Path) -> None:
        code = """
        from openvino.tools.mo.ops.const import Const
        def make(graph):
            return [Const(graph), Const(graph)]
        """
        found = hand_over(migrate(tmp_path, app=code), "model-optimizer")
        assert found.object == "imported name"
        assert said(found) == [
            "app:2 from openvino.tools.mo.ops.const import Const",
            "app:4 return [Const(graph), Const(graph)]",
        ]

    def test_a_configuration_key_has_the_calls_that_take_it(self, tmp_path: Path) -> None:
        code = """
        ie = IECore()
        config = {"PERF_COUNT": "YES"}
        config["DUMP_KERNELS"] = "YES"
        def load(net, settings):
            return ie.load_network(net, "CPU", settings)
        load(ie.read_network(xml), config)
        """
        found = hand_over(migrate(tmp_path, app=IMPORT + dedent(code)), "config-gone")
        assert found.object == "key of a configuration"
        assert said(found) == ['app:5 "DUMP_KERNELS"', 'app:7 ie.load_network(net, "CPU", settings)']

    def test_a_text_has_nothing(self, tmp_path: Path) -> None:
        found = hand_over(migrate(tmp_path, app=IMPORT + 'IECore()\nprint("IENetwork")\n'), "legacy-text")
        assert (found.object, found.trails) == ("", ())


class TestDoubts:
    """Where the trail ends, and why."""

    def lost(self, folder: Path, code: str, slug: str = "unknown-object", **modules: str) -> str:
        run = migrate(folder, app=IMPORT + "IECore()\n" + dedent(code), **modules)
        return hand_over(run, slug).trails[-1].lost

    def test_a_function_that_nobody_calls(self, tmp_path: Path) -> None:
        assert self.lost(tmp_path, "def show(net):\n    net.load_network(1)") == (
            "nobody in the given files calls `show`"
        )

    def test_a_class_that_nobody_makes(self, tmp_path: Path) -> None:
        code = """
        class App:
            def __init__(self, ie):
                self.ie = ie
            def run(self):
                self.ie.load_network(1)
        """
        assert self.lost(tmp_path, code) == "nobody in the given files makes a `App`"

    def test_the_trail_goes_on_to_the_caller(self, tmp_path: Path) -> None:
        code = """
        def outer(given):
            inner(given)
        def inner(net):
            net.load_network(1)
        """
        run = migrate(tmp_path, app=IMPORT + "IECore()\n" + dedent(code))
        found = hand_over(run, "unknown-object")
        assert found.object == "not established; `load_network` is a member of: core"
        assert said(found) == [
            "app:4 def outer(given):",
            "app:5 inner(given)",
            "app:6 def inner(net):",
            "app:7 net.load_network",
        ]
        assert found.trails[0].lost == "nobody in the given files calls `outer`"

    def test_a_base_class_elsewhere(self, tmp_path: Path) -> None:
        code = """
        class App(Unseen):
            def run(self, other):
                other.thing.load_network(1)
        """
        assert self.lost(tmp_path, code) == "nobody in the given files calls `run`"

    def test_a_member_of_what_is_perhaps_of_the_legacy_api(self, tmp_path: Path) -> None:
        code = """
        def run(given):
            ie = given or IECore()
            print(ie.load_network("a.xml", "CPU").requests)
        """
        run = migrate(tmp_path, app=IMPORT + "IECore()\n" + dedent(code))
        found = hand_over(run, "requests")
        assert found.object == "executable network, or what could not be followed"
        assert [trail.lost for trail in found.trails] == ["", "nobody in the given files calls `run`"]

    def test_a_base_class_that_is_not_given(self, tmp_path: Path) -> None:
        code = """
        from elsewhere import Module
        class Detector(Module):
            def __init__(self, model):
                super().__init__(model)
                print(self.net.input_info)
        Detector(IECore())
        """
        assert self.lost(tmp_path, code) == "`self.net` may be set by a base class that is not among the given files"

    def test_an_object_of_the_program_has_its_class(self, tmp_path: Path) -> None:
        code = """
        class Loader:
            def load_network(self, path):
                return path
            def run(self):
                return self.load_network("a.xml")
        """
        run = migrate(tmp_path, app=IMPORT + "IECore()\n" + dedent(code))
        calls = [f for record in run.files for f in record.findings if f.slug == "own-name" and f.line == 8]
        assert calls[0].hand_over is not None
        assert said(calls[0].hand_over) == ["app:4 class Loader:", "app:8 self.load_network"]

    def test_two_kinds_have_two_chains(self, tmp_path: Path) -> None:
        code = """
        ie = IECore()
        net = ie.read_network(xml)
        thing = net if flag else ie.load_network(net, "CPU")
        print(thing.inputs, thing.outputs)
        """
        run = migrate(tmp_path, app=IMPORT + dedent(code))
        (first, *_) = (f for record in run.files for f in record.findings if f.slug == "mixed-object")
        assert first.hand_over is not None
        assert [trail.object for trail in first.hand_over.trails] == ["executable network", "network"]
        assert first.hand_over.object == "executable network, or network"
        assert "If it is this: network." in first.hand_over.legacy_did


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>`|@x"


@pytest.fixture
def hostile(tmp_path: Path) -> Run:
    code = f"""
    net = IECore().read_network("{HOSTILE}")
    def show(net):
        print(net.input_info["{HOSTILE}"].layout)
    show(net)
    """
    return migrate(tmp_path, app=IMPORT + dedent(code))


class TestReports:
    def test_json_is_enough_to_go_on_with(self, hostile: Run) -> None:
        data = json.loads(render(hostile, "json"))
        assert data["version"] == 1
        assert "ov-migrate verify" in data["finished"]
        (finding,) = (f for f in data["files"][0]["findings"] if f["slug"] == "port-layout")
        assert finding["object"] == "input info"
        assert [place["line"] for place in finding["chain"]] == [3, 6, 4, 5]
        assert set(finding["chain"][0]) == {"path", "line", "code", "what"}
        assert finding["chain"][0]["path"] == data["files"][0]["path"]
        assert finding["legacy_did"]
        assert all(set(form) == {"code", "changes", "since"} for form in finding["forms"])

    def test_migrated_sites_have_none(self, tmp_path: Path) -> None:
        data = json.loads(render(migrate(tmp_path, app=IMPORT + "core = IECore()\n"), "json"))
        assert all("chain" not in finding for finding in data["files"][0]["findings"])
        assert "finished" not in data

    def test_html_escapes_it(self, hostile: Run) -> None:
        page = render(hostile, "html")
        assert '<details class="handover"><summary>To finish this site</summary>' in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page

    def test_markdown_has_one_line(self, hostile: Run) -> None:
        (line,) = (line for line in render(hostile, "markdown").splitlines() if "port-layout" in line)
        assert "→ `def show(net):` (line 4)" in line

    def test_sarif_has_the_places(self, hostile: Run) -> None:
        log = json.loads(render(hostile, "sarif"))
        (result,) = (r for r in log["runs"][0]["results"] if r["ruleId"] == "OVM215")
        places = result["relatedLocations"]
        assert [place["physicalLocation"]["region"]["startLine"] for place in places] == [3, 6, 4]

    def test_text_is_told_when_asked_for(self, hostile: Run) -> None:
        from ov_migrate.report.text_report import lines

        verbose = list(lines(hostile, verbose=True, quiet=False, written=False))
        assert "    object: input info" in verbose
        assert not any("object:" in line for line in lines(hostile, verbose=False, quiet=False, written=False))

    def test_a_notebook_says_cells(self, tmp_path: Path) -> None:
        cells = [IMPORT + "core = IECore()", "net = core.read_network(xml)", "print(net.input_info['x'].layout)"]
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        nbformat.write(book, tmp_path / "book.ipynb")
        run = migrate_paths([str(tmp_path / "book.ipynb")], Settings(write=False))
        places = hand_over(run, "port-layout").trails[0].places
        assert [(Path(p.path).name, p.cell, p.line) for p in places] == [
            ("book.ipynb", 1, 2),
            ("book.ipynb", 2, 1),
            ("book.ipynb", 3, 1),
        ]


class TestRules:
    def test_every_rule_has_its_task(self) -> None:
        classes = {*load_legacy_api().other_classes, *load_legacy_api().class_kinds}
        for rule in RULES:
            assert task_of(rule).legacy_did
            sites = {site.rstrip("()=") for site in rule.legacy} or classes
            assert set(tasks_of_sites(rule)) <= sites

    def test_only_doubts_and_text_have_nothing_to_choose_from(self) -> None:
        without = {rule.slug for rule in RULES if not task_of(rule).forms}
        assert without == {"unknown-object", "legacy-text", "own-name"}

    @pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code[:40])
    def test_a_form_is_code_with_known_names(self, form: Form) -> None:
        known = _bound(ast.parse(run_forms.SETUP + run_forms.extra(form) + form.code)) | set(dir(builtins))
        used = {node.id for node in ast.walk(ast.parse(form.code)) if isinstance(node, ast.Name)}
        assert used <= known
        assert form.changes.endswith((".", ":"))
        # `import openvino as ov` has the names from 2023.1 on.
        assert "ov" not in used or form.since >= "2023.1"

    @pytest.mark.parametrize("release", [BOTH, NEWEST])
    def test_every_form_runs(self, runtimes, release: str) -> None:
        assert list(run_forms.problems(release, runtimes[release])) == []

    def test_a_form_that_does_not_run_is_told(self, runtimes, monkeypatch: pytest.MonkeyPatch) -> None:
        wrong = [Form("model.inptus", "", "2022.1"), Form("model.inputs", "", "2022.1")]
        monkeypatch.setattr(run_forms, "every_form", lambda rules: wrong)
        (problem,) = run_forms.problems(NEWEST, runtimes[NEWEST])
        assert problem.startswith("'model.inptus': AttributeError")


def _bound(tree: ast.AST) -> set[str]:
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return names
