"""The catalogue: every row is complete, and every example comes out as the row says."""

from pathlib import Path

import pytest

from ov_migrate.knowledge.catalogue import Example, Rule, load_catalogue
from ov_migrate.knowledge.legacy_api import load_legacy_api
from ov_migrate.migrate import migrate_bytes
from ov_migrate.report.rule_page import render
from ov_migrate.settings import Settings
from ov_migrate.steps.registry import handlers
from ov_migrate.steps.runner import apply  # noqa: F401  (registers the transforms)
from ov_migrate.verify.fixtures import find, model_file

FIXTURES = Path(__file__).parent.parent / "fixtures"

RULES = load_catalogue().rules
EXAMPLES = [(rule, example) for rule in RULES for example in rule.examples]
STEPS = {
    "0": {"imports"}, "1": {"core"}, "2": {"read"}, "3": {"compile"}, "4": {"request"}, "5": {"tensors"},
    "6": {"async"}, "7": {"outputs"}, "8": {"preprocess", "config"}, "9": {"graph", "namespace"},
}  # fmt: skip


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=lambda value: getattr(value, "slug", ""))
def test_example_comes_out_as_written(rule: Rule, example: Example) -> None:
    models = (str(model_file(FIXTURES, example.model)),) if example.model else ()
    source = f"{example.setup}\n{example.before}\n".encode()
    run, result = migrate_bytes(
        "example.py",
        source,
        Settings(
            annotate=False,
            models=models,
            pin_io_types=example.pin_io_types,
            tidy=example.tidy,
            rename_variables=example.rename_variables,
        ),
    )
    assert result.decode().endswith(f"\n{example.after}\n")
    assert rule.code in {finding.rule for record in run.files for finding in record.findings}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_row_is_complete(rule: Rule) -> None:
    assert rule.step in STEPS[rule.code[3]]
    assert rule.verdict in ("migrated", "review", "manual")
    assert rule.why.endswith((".", ";"))
    changes_text = rule.verdict != "manual" and rule.slug not in UNCHANGED
    assert bool(rule.examples) == changes_text
    assert rule.advice or rule.verdict != "manual"


# Rules that list a site and leave its text.
UNCHANGED = {
    "changed-member",
    "guarded-import",
    "legacy-text",
    "own-name",
    "core-unchanged",
    "graph-unchanged",
    "request-unchanged",
    "request-infer",
    "version-number",
}


def test_what_fixtures_are_said_to_prove_is_in_fixtures() -> None:
    found = {finding.split()[-2] for fixture in find(FIXTURES) for finding in fixture.findings}
    assert {rule.code for rule in RULES if rule.examples and rule.proof == "fixture"} - found == set()


def test_codes_and_slugs_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len({rule.slug for rule in RULES}) == len(RULES)


def test_every_handler_belongs_to_a_rule() -> None:
    assert set(handlers) <= {rule.slug for rule in RULES}


def test_every_rule_can_be_carried_out() -> None:
    listed = {
        "legacy-import",
        "class-name",
        "status-code",
        "results",
        "first-result",
        "unstarted-wait",
        "first-data-access",
        "legacy-text",
        "guarded-import",
        "own-name",
        "config-key",
        "helper-function",
        "pin-io-types",
        "same-weights",
        "unused-import",
        "rename-variables",
        "layer-name",
        "feature-test",
        "attribute-default",
        "generation-fallback",
        "ngraph-import",
        "runtime-import",
        "function-capsule",
        "renamed-member",
        "renamed-keyword",
        "changed-member",
        "model-optimizer",
        "dotted-text",
    }
    without = {r.slug for r in RULES if r.verdict != "manual" and not (r.replace or r.template or r.arguments)}
    assert without - set(handlers) == listed


def test_every_member_of_the_legacy_api_has_a_rule() -> None:
    sites = load_catalogue().by_site
    missing = [
        f"{kind.name}.{member.name}"
        for kind in load_legacy_api().kinds.values()
        for member in kind.members.values()
        if f"{kind.name}.{member.name}{'()' if member.is_method else ''}" not in sites
    ]
    assert missing == []


def test_every_page_can_be_printed() -> None:
    for rule in RULES:
        page = render(rule)
        assert page.startswith(f"# {rule.code} {rule.slug}\n\n{rule.why}")
        assert all(line in page for example in rule.examples for line in example.after.splitlines())


@pytest.mark.parametrize(
    "call",
    [
        "ie.query_network(netowork=net, device_name='CPU')",
        "ie.load_network(net, 'CPU', batch=2)",
        "ie.set_config(cnfig={}, device_name='CPU')",
        "net.serialize(pth='a.xml')",
    ],
)
def test_a_call_with_an_argument_that_is_none_is_left(call: str) -> None:
    head = "from openvino.inference_engine import IECore\n\nie = IECore()\nnet = ie.read_network('a.xml')\n"
    run, data = migrate_bytes("a.py", f"{head}{call}\n".encode(), Settings())
    assert data.decode().endswith(f"\n{call}\n")
    assert [finding.kind for finding in run.files[0].findings if finding.line == 5] == ["manual"]


def test_functions_that_are_added_stand_two_blank_lines_apart() -> None:
    text = (
        "from openvino.inference_engine import IECore\n\ndef load(path, precision):\n    ie = IECore()\n"
        "    net = ie.read_network(path)\n    net.input_info['data'].precision = precision\n"
        "    other = ie.read_network(path + '.other')\n    return ie.load_network(net, 'CPU'), other\n"
    )
    _, data = migrate_bytes("a.py", text.encode(), Settings(pin_io_types=True))
    assert [data.decode().count(f"\n\n\ndef {name}(") for name in ("ie_element_type", "pin_ie_types", "load")] == [
        1
    ] * 3
    assert b"\n\n\n\n" not in data
