"""Writes after.py and the findings of fixtures as the tool makes them now. Read the diff before committing it.

usage: update_fixtures.py [NAME...]     (all fixtures without a name)
"""

import re
import sys
from pathlib import Path

from ov_migrate.verify.check import migrated
from ov_migrate.verify.fixtures import Fixture, find

ROOT = Path(__file__).parent.parent / "fixtures"


def update(fixture: Fixture) -> None:
    before = fixture.before.read_bytes()
    run, text = migrated(fixture, before)
    for record in run.files:
        if record.error:
            print(f"{fixture.name}: {record.error}")
    path = fixture.folder / "after.py"
    if text != before:
        path.write_bytes(text)
    elif path.exists():
        path.unlink()
    findings = sorted(f"{f.rule} {f.kind}" for record in run.files for f in record.findings)
    config = fixture.folder / "fixture.toml"
    lines = "findings = [\n" + "".join(f'    "{f}",\n' for f in findings) + "]\n"
    rest = re.sub(r"findings = \[[^\]]*\]\n", "", config.read_text())
    config.write_text(rest.rstrip("\n") + "\n" + lines)


if __name__ == "__main__":
    for fixture in find(ROOT):
        if len(sys.argv) < 2 or fixture.name in sys.argv[1:]:
            update(fixture)
