"""What older targets do not have is left and listed, never written. What they have is in the fixtures `target_…`."""

import pytest

from ov_migrate.knowledge.catalogue import load_catalogue
from ov_migrate.migrate import migrate_bytes
from ov_migrate.settings import Settings, parse_target

PROGRAM = """\
from collections import namedtuple

from openvino.inference_engine import IECore

Loaded = namedtuple("Loaded", "net exec_net")


def load(path):
    ie = IECore()
    net = ie.read_network(path)
    net.serialize("copy.xml")
    return Loaded(net, ie.load_network(net, "CPU"))


result = load("a.xml").exec_net.infer({"data": image})
"""


def left(target: str) -> list[str]:
    """The rules of the sites that are left by hand."""
    run, _ = migrate_bytes("program.py", PROGRAM.encode(), Settings(target=parse_target(target)))
    return [f.rule for record in run.files for f in record.findings if f.kind == "manual"]


@pytest.mark.parametrize(
    ("target", "rules"),
    [
        ("2022.1", ["OVM223", "OVM601"]),  # serialize came with 2022.2, a call that copies its inputs with 2023.1
        ("2022.2", ["OVM601"]),
        ("2023.0", ["OVM601"]),
        ("2023.1", []),
    ],
)
def test_what_a_target_does_not_have(target: str, rules: list[str]) -> None:
    assert left(target) == rules


def test_releases_are_written_as_targets_are() -> None:
    catalogue = load_catalogue()
    tables = (catalogue.tables["forms_since"], catalogue.tables["property_since"])
    for release in {rule.since for rule in catalogue.rules} | {r for table in tables for r in table.values()}:
        assert parse_target(release) >= (2022, 1)
