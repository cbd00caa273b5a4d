"""Wrong variants of what the tool writes: what each operator makes wrong, and that a small batch of them is caught."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mutating.bench import Bench
from mutating.choosing import mutants_of
from mutating.operators import OPERATORS
from mutating.page import render
from mutating.results import Results
from mutating.sites import KEPT, NAMES, NEAR, RENAMED, Site, sites_of
from mutating.text import Text

from ov_migrate.knowledge.catalogue import load_catalogue
from ov_migrate.knowledge.files import read_toml
from ov_migrate.verify.fixtures import find, load

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
PAGE = ROOT / "docs" / "mutants.md"

# Operator → a text, and all that the operator makes of it.
MADE = {
    "copy": [
        ("x = t.data.copy()", ["x = t.data"]),
        ("x = np.array(t.data)", ["x = t.data"]),
        ("x = np.array(t.data, np.float32)", []),
    ],
    "key": [
        ("x = sorted(a, key=f)", ["x = list(a)"]),
        ("x = min(a, key=f)", ["x = next(iter(a))"]),
        ("x = sorted(a)", []),
    ],
    "order": [
        ("x = sorted(a, key=f)", ["x = list(a)[::-1]"]),
        ("x = min(a, key=f)", ["x = list(a)[-1]"]),
        ("x = a[0]", ["x = a[-1]"]),
        ("x = [f(p) for p in ports]", ["x = [f(p) for p in list(ports)[::-1]]"]),
        ("for p in ports: f(p)", ["for p in list(ports)[::-1]: f(p)"]),
        ("for p in ports: p.get_tensor().set_names({n})", []),
        ("for r in requests: r.start_async()", ["for r in list(requests)[::-1]: r.start_async()"]),
        ("x = set(f(p) for p in ports)", []),
        ("x = [f(i) for i in range(3)]", []),
        ("model.reshape({p: [1] for p in ports})", []),
        ("x = model.add_outputs((name, 0))[0]", []),
    ],
    "status": [
        ("if r.wait_for(9): f()", ["if (r.wait_for(9) == 0): f()"]),
        ("r.wait()", ["assert r.wait() == 0"]),
    ],
    "new request": [
        (
            "x = infer_request.get_tensor(n)",
            ["x = infer_request.get_compiled_model().create_infer_request().get_tensor(n)"],
        ),
        ("infer_request = make()", []),
        ("x = frames[0]", []),
    ],
    "one request": [
        ("r = [m.create_infer_request() for _ in range(n)]", ["r = [m.create_infer_request()] * n"]),
        ("x = infer_requests[i]", ["x = infer_requests[0]"]),
        ("x = frames[i]", []),
    ],
    "negated": [
        ("x = a if b else c", ["x = a if not (b) else c"]),
        ("x = a == b", ["x = (not (a == b))"]),
        ("f(True)", ["f(False)"]),
    ],
    "statement": [("import os", ["pass"]), ("f(x)", ["pass"]), ('"text"', []), ("x = 1", [])],
    "call": [
        ("x = a.b().c()", []),
        ("x = a.f().g().h()", ["x = a.f().h()"]),
        ("x = list(a.shape)", ["x = a.shape"]),
        ("x = a.reshape(b)", ["x = a"]),
        ("x = int(0)", []),
    ],
    "member": [
        ("x = m.input(0)", ["x = m.output(0)"]),
        ("x = Type.f32", ["x = Type.i32"]),
        ("f('NHWC')", ["f('NCHW')"]),
        ("x = m.name", []),
    ],
    "name": [
        (
            "x = m.input('a'); y = m.output('b')",
            [
                "x = m.input('b'); y = m.output('b')",
                "x = m.input('a_other'); y = m.output('b')",
                "x = m.input('a'); y = m.output('a')",
                "x = m.input('a'); y = m.output('b_other')",
            ],
        ),
        ("print('a')", []),
    ],
    "entry": [("f({a: 1, b: 2})", ["f({b: 2})"]), ("f({**a, b: 2})", [])],
    "argument": [("f(a, b=c)", ["f(a)", "f(b=c)"]), ("f()", [])],
    "swapped": [("f(a, b)", ["f(b, a)"]), ("f(a, b=c)", []), ("f(*a, b)", [])],
    "constant": [("x = f(1, 'a')", ["x = f(2, 'a')", "x = f(1, 'a_OTHER')"]), ("x = True", []), ("'text'", [])],
    "nothing": [("x = a", ["x = None"])],
}


def made(operator: str, text: str) -> list[str]:
    tree = Text(text)
    edits = next(one.edits for one in OPERATORS if one.name == operator)
    found = []
    for node in tree.inside((0, len(text))):
        for (start, end), new in edits(tree, node):
            found.append(text[:start] + new + text[end:])
            ast.parse(found[-1])
    return found


def test_each_operator_has_a_case() -> None:
    assert list(MADE) == [one.name for one in OPERATORS]


@pytest.mark.parametrize("operator", MADE)
def test_what_an_operator_makes(operator: str) -> None:
    assert {text: sorted(made(operator, text)) for text, _ in MADE[operator]} == {
        text: sorted(expected) for text, expected in MADE[operator]
    }


def sites(fixture: str, rule: str) -> list[Site]:
    return [site for site in sites_of(load(FIXTURES / fixture)) if site.rule == rule]


def test_a_mutant_is_of_the_rule_that_wrote_the_text() -> None:
    """`exec_net = plugin.compile_model(model=net, device_name=args.device, config={})` is written by OVM302; OVM401 has
    made the request in the line below."""
    loading, requests = sites("old_plugin_extension", "OVM302"), sites("old_plugin_extension", "OVM401")
    assert [m.new for site in loading for m in site.mutants("argument")] == [
        "plugin.compile_model(model=net, device_name=args.device)",
        "plugin.compile_model(model=net, config={})",
        "plugin.compile_model(device_name=args.device, config={})",
    ]
    assert [m.new for site in requests for m in site.mutants("argument")] == []
    assert [m.old for m in requests[0].mutants(NEAR + "statement")] == []


def test_the_words_of_the_author_are_left_alone() -> None:
    (site,) = sites("core_register_plugin", "OVM109")[:1]
    assert [m.new for m in site.mutants("name")] == []
    (path,) = sites("core_unregister_plugin", "OVM111")[:1]
    assert [m.new for m in path.mutants("argument")] == ["ie.unload_plugin()"]


def test_what_runs_comes_first() -> None:
    several = sites("old_extension", "OVM103") + sites("argparse_device", "OVM103")
    found = mutants_of(several, 2, 9, lambda mutant: mutant.fixture.name == "old_extension")
    assert [(operator, [m.fixture.name for m in ones]) for operator, ones in found.items()] == [
        (RENAMED, ["old_extension", "argparse_device"]),
        ("statement", ["old_extension", "argparse_device"]),
    ]


# Each operator once: the fixture and the rule at whose sites it makes something wrong that running has to show.
BATCH = [
    ("copy", "async_generator_window", "OVM704"),
    ("key", "feature_test_hasattr", "OVM012"),
    ("order", "feature_test_hasattr", "OVM012"),
    ("status", "async_callback_lambda", "OVM605"),
    ("new request", "feature_test_modules", "OVM013"),
    ("one request", "requests_in_lists", "OVM703"),
    ("negated", "fuzz_config_compared", "OVM108"),
    ("statement", "config_asked_and_tested", "OVM105"),
    ("call", "fuzz_config_compared", "OVM108"),
    ("member", "preprocess_color", "OVM805"),
    ("name", "blob_inline", "OVM504"),
    ("entry", "config_asked_and_tested", "OVM105"),
    ("argument", "feature_test_hasattr", "OVM012"),
    ("swapped", "config_asked_and_tested", "OVM105"),
    ("constant", "layout_by_rank", "OVM215"),
    ("nothing", "batch_of_images", "OVM213"),
    (RENAMED, "config_asked_and_tested", "OVM107"),
    (KEPT, "argparse_device", "OVM001"),
    (NEAR + "one request", "modules_async_wrapper", "OVM213"),
    (NEAR + "statement", "pin_types_of_given_model", "OVM201"),
]


@pytest.fixture(scope="module")
def bench(runtimes) -> Iterator[Bench]:
    bench = Bench(runtimes)
    yield bench
    bench.close()


def test_the_batch_has_each_operator() -> None:
    assert {operator.removeprefix(NEAR) for operator, *_ in BATCH} == set(NAMES)


@pytest.mark.parametrize(("operator", "fixture", "rule"), BATCH, ids=[operator for operator, *_ in BATCH])
def test_no_mutant_runs_the_same(bench: Bench, operator: str, fixture: str, rule: str) -> None:
    assert bench.expected(load(FIXTURES / fixture)) is not None
    mutants = [mutant for site in sites(fixture, rule) for mutant in site.mutants(operator)]
    mutant = next(mutant for mutant in mutants if bench.is_run(mutant))
    caught = bench.catch(mutant)
    assert caught is not None, f"{mutant.old!r} -> {mutant.new!r}"
    assert caught.how in ("output", "exception")


def test_what_the_tool_wrote_runs_the_same_as_expected(bench: Bench) -> None:
    """Text that is not made wrong is not caught."""
    mutant = next(m for site in sites("blob_inline", "OVM504") for m in site.mutants("name"))
    assert bench.catch(replace(mutant, text=mutant.fixture.after.read_text())) is None


def test_probes_tell_what_runs_the_same(bench: Bench) -> None:
    mutant = next(m for site in sites("feature_test_hasattr", "OVM012") for m in site.mutants("key"))
    caught = bench.catch_by_sites(mutant)
    assert caught is not None
    assert (caught.how, caught.told.split()[0]) == ("site", "OVM601")


def rules_on_page() -> tuple[set[str], set[str]]:
    """The rules that docs/mutants.md has mutants of, and those of which it says why it has none."""
    table, _, without = PAGE.read_text().partition("## Rules without mutants")
    mistakes = "\n".join(line for line in table.splitlines() if not line.endswith("| - | no mistake |"))
    with_mutants = re.findall(r"^\| (OVM\d{3}) \|.*: `.*` \|$", mistakes, re.MULTILINE)
    return set(with_mutants), set(re.findall(r"^\| (OVM\d{3}) \|", without, re.MULTILINE))


def test_the_page_has_every_rule_that_rewrites() -> None:
    with_mutants, without = rules_on_page()
    rewriting = {rule.code for rule in load_catalogue().rules if rule.verdict != "manual"}
    for fixture in find(FIXTURES):
        if fixture.after.exists():
            rewriting |= {
                code for finding in fixture.findings for code, kind in [finding.split()[-2:]] if kind != "manual"
            }
    assert sorted(rewriting - with_mutants - without) == [], "run `python benchmarks/mutants.py --page docs/mutants.md`"
    assert sorted((with_mutants | without) - {rule.code for rule in load_catalogue().rules}) == []


def test_rules_without_mutants_have_a_reason() -> None:
    assert rules_on_page()[1] == set(read_toml(ROOT / "benchmarks" / "mutating" / "known.toml")["without"])


def test_the_page_is_of_the_run_that_is_kept() -> None:
    assert PAGE.read_text() == render(Results.read(ROOT / "benchmarks" / "mutants.json"))


def test_every_mutant_of_the_page_is_caught() -> None:
    assert "**survives**" not in PAGE.read_text()
