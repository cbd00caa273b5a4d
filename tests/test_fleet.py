"""The reports of many repositories, merged: what is counted, how repositories are named, and what is refused."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from test_command import BY_HAND, LEGACY, NEW, run
from test_reports import HOSTILE, Page

from ov_migrate.report.fleet import Fleet, names, read_fleet
from ov_migrate.report.formats import FLEET_SUFFIXES, render_fleet

PROGRAMS = {
    "acme/by-hand": BY_HAND + f"size = net.input_info[{HOSTILE!r}].layout\n",
    "acme/ready": LEGACY,
    "other/done": NEW,
    "other/failed": LEGACY + "if\n",
}


def write_reports(folder: Path) -> Path:
    """A folder with a report for each of the programs."""
    for name, text in PROGRAMS.items():
        program = folder / "programs" / name / "main.py"
        program.parent.mkdir(parents=True)
        program.write_text(text)
        report = folder / "reports" / f"{name}.json"
        report.parent.mkdir(parents=True, exist_ok=True)
        run("--check", ".", "--report", report, cwd=program.parent)
    return folder / "reports"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reports(tmp_path_factory.mktemp("fleet"))


@pytest.fixture(scope="module")
def fleet(reports: Path) -> Fleet:
    return read_fleet([str(reports)])


def findings(reports: Path) -> list[dict[str, Any]]:
    files = [json.loads(path.read_text()) for path in reports.rglob("*.json")]
    return [finding for data in files for file in data["files"] for finding in file["findings"]]


class TestMerging:
    def test_states_and_order(self, fleet: Fleet) -> None:
        assert [(repository.name, repository.state) for repository in fleet.repositories] == [
            ("other/failed", "failed"), ("acme/by-hand", "by hand"), ("acme/ready", "ready"), ("other/done", "done"),
        ]  # fmt: skip

    def test_every_finding_is_counted_once(self, fleet: Fleet, reports: Path) -> None:
        found = findings(reports)
        assert fleet.total.sites == len(found)
        assert fleet.total.manual == sum(finding["kind"] == "manual" for finding in found) > 0
        assert sum(total.sites for total, _ in fleet.by_rule()) == len(found)
        (imports,) = [(total, count) for total, count in fleet.by_rule() if total.name == "OVM001 legacy-import"]
        assert (imports[0].migrated, imports[1]) == (2, 2)

    @pytest.mark.parametrize(
        ("paths", "expected"),
        [
            (["x/app.json"], ["app"]),
            (["x/app.json", "x/lib.json"], ["app", "lib"]),
            (["x/app/report.json", "x/lib/report.json"], ["app", "lib"]),
            (["x/acme/app.json", "x/other/app.json", "x/other/lib.json"], ["acme/app", "other/app", "other/lib"]),
            (["x/app.v1.json", "app.json"], ["x/app.v1", "app"]),
        ],
    )
    def test_names(self, paths: list[str], expected: list[str]) -> None:
        assert names([Path(path) for path in paths]) == expected

    def test_a_file_given_twice_counts_once(self, reports: Path) -> None:
        path = str(reports / "acme" / "ready.json")
        assert len(read_fleet([path, path, str(reports)]).repositories) == len(PROGRAMS)

    def test_a_name_in_the_report_counts_more(self, reports: Path, tmp_path: Path) -> None:
        data = json.loads((reports / "acme" / "ready.json").read_text())
        (tmp_path / "a.json").write_text(json.dumps(data | {"name": "given"}))
        assert read_fleet([str(tmp_path / "a.json")]).repositories[0].name == "given"


class TestFormats:
    def test_html_shows_all_and_escapes_it(self, fleet: Fleet) -> None:
        page = Page(render_fleet(fleet, FLEET_SUFFIXES[".html"]))
        assert (page.tags.count("script"), page.tags.count("img")) == (1, 0)
        assert all(link.startswith(("#", "data:")) for link in page.links)
        for repository in fleet.repositories:
            assert repository.name in page.text
            for site in repository.sites:
                assert site.before in page.text
                assert site.message in page.text
        assert "does not parse" in page.text
        assert HOSTILE in page.text

    def test_markdown_escapes_and_fits_a_comment(self, fleet: Fleet) -> None:
        text = render_fleet(fleet, FLEET_SUFFIXES[".md"])
        assert "| acme/by-hand | by hand | 1 | 1 |" in text
        assert "<script" not in re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
        many = render_fleet(Fleet(fleet.repositories * 500), FLEET_SUFFIXES[".md"])
        assert len(many) < 65_536
        assert many.endswith("… and more; the HTML and JSON reports list them all.\n")

    def test_json(self, fleet: Fleet) -> None:
        data = json.loads(render_fleet(fleet, FLEET_SUFFIXES[".json"]))
        assert data["summary"]["repositories"] == len(data["repositories"]) == len(PROGRAMS)
        assert data["summary"]["manual"] == sum(len(repository["left"]) for repository in data["repositories"])
        assert data["repositories"][0]["failed"][0]["path"] == "main.py"


class TestCommand:
    def test_writes_and_prints(self, reports: Path, tmp_path: Path) -> None:
        outputs = [tmp_path / f"fleet{suffix}" for suffix in FLEET_SUFFIXES]
        done = run("report", reports, *(f"--report={path}" for path in outputs))
        assert (done.returncode, done.stderr) == (0, b"")
        assert all(path.stat().st_size > 500 for path in outputs)
        last = done.stdout.decode().splitlines()[-1]
        assert last.startswith("4 repositories (1 done, 1 ready, 1 by hand, 1 failed), ")

    def test_a_folder_of_that_name_is_given_with_a_dot(self, tmp_path: Path) -> None:
        (tmp_path / "report").mkdir()
        (tmp_path / "report" / "a.py").write_text(LEGACY)
        assert run("./report", cwd=tmp_path).returncode == 0
        assert (tmp_path / "report" / "a.py").read_text() == NEW

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "is no JSON: "),
            ("{", "is no JSON: "),
            ("[" * 100_000, "is no JSON: "),
            ("[]", "is no JSON report of ov-migrate"),
            ('{"files": []}', "is no JSON report of ov-migrate"),
            ('{"version": 2}', "is of version 2, this ov-migrate reads 1"),
            ('{"version": "2.1.0", "runs": []}', "is of version '2.1.0', this ov-migrate reads 1"),
            ('{"version": 1}', "the key 'summary' is missing"),
            ('{"version": 1, "target": "", "summary": 3, "files": []}', "is no JSON report"),
            ('{"version": 1, "target": "", "summary": {"files": "x", "changed": 0}, "files": []}', "is no JSON report"),
            ('{"version": 1, "target": "", "summary": {"files": 1, "changed": 0}, "files": [3]}', "is no JSON report"),
            (
                '{"version": 1, "target": "", "summary": {"files": 1, "changed": 0}, "files": [{"path": "a", '
                '"status": "changed", "findings": [{"kind": "<b>", "rule": "a", "slug": "b"}]}]}',
                "unknown verdict '<b>'",
            ),
        ],
    )
    def test_bad_reports_are_refused_in_one_line(self, reports: Path, tmp_path: Path, text: str, says: str) -> None:
        (tmp_path / "bad.json").write_text(text)
        done = run("report", reports, "bad.json", "--report", "fleet.html", cwd=tmp_path)
        assert done.returncode == 2
        assert done.stderr.decode().startswith("Error: bad.json: ")
        assert says in done.stderr.decode()
        assert done.stderr.count(b"\n") == 1
        assert not (tmp_path / "fleet.html").exists()

    def test_bytes_that_are_no_text(self, tmp_path: Path) -> None:
        (tmp_path / "bad.json").write_bytes(b"\xff\xfe{")
        done = run("report", "bad.json", cwd=tmp_path)
        assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["nothing.json"], "nothing.json: cannot be read"),
            (["."], ".: no JSON reports here"),
            (["a.json", "--report", "fleet.sarif"], "the suffix tells the format"),
        ],
    )
    def test_bad_arguments(self, tmp_path: Path, arguments: list[str], says: str) -> None:
        done = run("report", *arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert says in done.stderr.decode()
        assert b"Traceback" not in done.stderr
