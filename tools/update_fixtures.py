"""Writes after.py or after/ and the findings of fixtures as the tool makes them, and the pages of docs/ that show
fixtures. Read the diff before committing it.

usage: update_fixtures.py [NAME...]     (all fixtures without a name)
"""

import re
import shutil
import sys
from pathlib import Path

from render_docs import render

from ov_migrate.verify.check import findings, migrated
from ov_migrate.verify.fixtures import Fixture, find, modules

ROOT = Path(__file__).parent.parent / "fixtures"


def update(fixture: Fixture) -> None:
    before = modules(fixture.before)
    run, text = migrated(fixture, before)
    for record in run.files:
        if record.error:
            print(f"{fixture.name}: {record.path}: {record.error}")
    _write(fixture.after, text if text != before else {})
    config = fixture.folder / "fixture.toml"
    lines = "findings = [\n" + "".join(f'    "{f}",\n' for f in findings(fixture, run)) + "]\n"
    rest = re.sub(r"findings = \[[^\]]*\]\n", "", config.read_text())
    config.write_text(rest.rstrip("\n") + "\n" + lines)


def _write(after: Path, text: dict[str, bytes]) -> None:
    if after.is_dir():
        shutil.rmtree(after)
    after.unlink(missing_ok=True)
    for name, data in text.items():
        path = after if after.suffix else after / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    for fixture in find(ROOT):
        if len(sys.argv) < 2 or fixture.name in sys.argv[1:]:
            update(fixture)
    for page in render():
        print(f"{page}: written anew")
