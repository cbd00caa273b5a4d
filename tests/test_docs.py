"""The pages: made from rules, fixtures and the command line where they show something of them, and true where they are
written by hand."""

import dataclasses
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import render_docs
import yaml
from test_command import run

from ov_migrate import __version__
from ov_migrate.cli import main
from ov_migrate.knowledge.catalogue import load_catalogue
from ov_migrate.knowledge.files import read_toml
from ov_migrate.migrate import migrate_bytes
from ov_migrate.report.formats import OUTPUT_FORMATS, SUFFIXES
from ov_migrate.report.json_report import as_dict
from ov_migrate.report.records import FileRecord, Finding
from ov_migrate.settings import Settings, apply_config, config_keys, selected_codes
from ov_migrate.verify.fixtures import model_file
from ov_migrate.verify.runtimes import BOTH, NEWEST, Runtime

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^(?P<fence>`{3,4})(?P<language>\w*)\n(?P<text>.*?)^(?P=fence)$", re.DOTALL | re.MULTILINE)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(text: str, *languages: str) -> list[str]:
    """The blocks of a page in one of these languages."""
    return [match["text"] for match in _BLOCK.finditer(text) if match["language"] in languages]


def prose(text: str) -> str:
    """A page without its blocks."""
    return _BLOCK.sub("", text)


def test_pages_are_up_to_date() -> None:
    assert render_docs.render(check=True) == [], "run `python tools/render_docs.py`"


def test_stale_missing_and_left_over_pages_are_found_and_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "README.md", tmp_path)
    rules = tmp_path / "docs" / "rules"
    monkeypatch.setattr(render_docs, "ROOT", tmp_path)
    monkeypatch.setattr(render_docs, "RULES", rules)
    law = tmp_path / "docs" / "law.md"
    law.write_text(law.read_text().replace("+ie = Core()", "+ie = Cor()"))
    (rules / "OVM001.md").unlink()
    (rules / "OVM999.md").write_text("# OVM999 of-the-past\n")
    wrong = ["docs/law.md", "docs/rules/OVM001.md", "docs/rules/OVM999.md"]
    assert render_docs.render(check=True) == wrong
    assert render_docs.render() == wrong
    assert render_docs.render(check=True) == []
    assert not (rules / "OVM999.md").exists()


def test_every_rule_has_a_page_that_says_what_is_asked_for() -> None:
    for rule in load_catalogue().rules:
        text = (ROOT / "docs" / "rules" / f"{rule.code}.md").read_text()
        for part in (rule.why, f"**{rule.verdict}**", f"--ignore {rule.slug}", "# ov-migrate: skip", "## Fixtures"):
            assert part in text, (rule.code, part)
        assert rule.link.startswith("https://docs.openvino.ai/")


def links(text: str) -> Iterator[str]:
    """The links of a page that lead to files."""
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose(text))):
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(text: str) -> set[str]:
    """The anchors of the headings of a page, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in links(path.read_text()):
        file, _, anchor = target.partition("#")
        place = path.parent / file if file else path
        assert place.exists(), target
        assert not anchor or anchor in anchors(place.read_text()), target


def test_every_page_is_in_the_table_of_contents() -> None:
    contents = ROOT / "docs" / "README.md"
    listed = {(contents.parent / target.partition("#")[0]).resolve() for target in links(contents.read_text())}
    assert [name(path) for path in sorted((ROOT / "docs").glob("*.md")) if path not in {*listed, contents}] == []


# How a command stands in blocks of a language.
COMMAND = {
    "sh": re.compile(r"(?:^|&& )(?:\S*/)?ov-migrate (.*)$", re.MULTILINE),
    "console": re.compile(r"^\$ ov-migrate (.*)$", re.MULTILINE),
    "yaml": re.compile(r"(?:run:|-) ov-migrate (.*)$", re.MULTILINE),
}


def commands(text: str) -> Iterator[str]:
    """What follows ov-migrate where a page calls it, in blocks and in running text."""
    for language, pattern in COMMAND.items():
        for block in blocks(text, language):
            yield from pattern.findall(block)
    yield from re.findall(r"`ov-migrate ([^`]+)`", prose(text))


def parse(words: list[str]) -> None:
    """Raises UsageError for a command line with an option that there is not."""
    own = {option for parameter in main.params for option in parameter.opts} | {"--help"}
    if words[0] in own:
        command: click.Command = main
    else:
        command = main.commands[words.pop(0) if words[0] in main.commands else "migrate"]
    command.make_parser(click.Context(command)).parse_args([word for word in words if word != "--help"])


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_commands_use_options_that_there_are(path: Path) -> None:
    for line in commands(path.read_text()):
        words = shlex.split(re.split(r" [#<>|&]|;", line)[0], comments=True)
        try:
            parse(words)
        except click.UsageError as error:
            pytest.fail(f"ov-migrate {line}: {error.format_message()}")


def test_commands_with_a_wrong_option_are_found() -> None:
    page = (
        "```sh\n.venv/bin/ov-migrate --dif a.py\n```\nand `ov-migrate verify x.py`\n```console\n$ ov-migrate b\n```\n"
    )
    assert list(commands(page)) == ["--dif a.py", "b", "verify x.py"]
    with pytest.raises(click.NoSuchOption):
        parse(["--dif", "a.py"])


def test_recipes_are_yaml_and_name_hooks_that_there_are() -> None:
    recipes = [yaml.safe_load(block) for page in PAGES for block in blocks(page.read_text(), "yaml")]
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    named = {hook["id"] for recipe in recipes for repo in recipe.get("repos", ()) for hook in repo["hooks"]}
    assert named <= hooks
    assert len(recipes) > len(named) > 0


def test_the_first_command_of_the_readme_prints_what_it_says(tmp_path: Path, runtimes: dict[str, Runtime]) -> None:
    said, *_ = blocks((ROOT / "README.md").read_text(), "text")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    done = run("verify", "examples/classify.py", cwd=tmp_path)
    assert done.returncode == 0
    printed = iter(done.stdout.decode().splitlines())
    assert [line for line in said.splitlines() if line not in printed] == []


def test_openvino_says_what_the_questions_say(tmp_path: Path, runtimes: dict[str, Runtime]) -> None:
    text = (ROOT / "docs" / "faq.md").read_text()
    said, *_ = blocks(text, "text")
    model = model_file(ROOT / "fixtures", "segment").read_text()
    (tmp_path / "old.xml").write_text(model.replace('version="10"', 'version="7"', 1))
    (tmp_path / "old.bin").write_bytes(b"")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    printed = ""
    for release in (BOTH, NEWEST):
        command = [runtimes[release].python, "-W", "ignore", str(script)]
        printed += subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout
    assert [line for line in said.splitlines() if line not in printed] == []
    assert "`Unable to read the model`" in " ".join(text.split())
    assert "Unable to read the model" in printed


# What a person has whose program is old, and what comes of it.
SCRIPT = """
for code in (
    "from openvino.inference_engine import IEPlugin",
    "import ngraph",
    "import openvino.runtime",
    "import openvino; getattr(openvino, 'Core')().read_model('old.xml')",
):
    try:
        exec(code)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
"""


def test_versions_are_that_of_the_tool() -> None:
    for page in PAGES:
        found = re.findall(r"(?:rev: v|ov-migrate@v|ov-migrate==)(\d[\d.]*)", page.read_text())
        assert set(found) <= {__version__}, page


def test_the_files_and_folders_of_the_house_are_there() -> None:
    text = (ROOT / "docs" / "how-it-works.md").read_text()
    named = re.findall(r"`([\w/]+(?:\.py|\.toml|/))`", prose(text))
    assert [path for path in named if not ((ROOT / path).exists() or (ROOT / "ov_migrate" / path).exists())] == []
    assert len(named) > 20


def test_the_second_command_of_the_readme_is_what_has_to_pass() -> None:
    tests = next(line for line in (ROOT / ".ci" / "run").read_text().splitlines() if "pytest" in line)
    assert f"```sh\n{tests}\n```" in (ROOT / "README.md").read_text()


def test_the_example_of_a_configuration_has_every_key_and_works(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "configuration.md").read_text()
    example, *_ = blocks(text, "toml")
    path = tmp_path / "pyproject.toml"
    path.write_text(example)
    settings = apply_config(Settings(), path)
    assert selected_codes(settings, tuple(rule for _, rules in settings.per_file_ignores for rule in rules))
    assert set(read_toml(path)["tool"]["ov-migrate"]) == set(config_keys())


def test_every_format_is_told() -> None:
    text = (ROOT / "docs" / "reports.md").read_text()
    assert [name for name in (*SUFFIXES, *OUTPUT_FORMATS) if f"`{name}`" not in text] == []


def test_every_field_of_the_json_report_is_told() -> None:
    text = (ROOT / "docs" / "verdicts.md").read_text()
    told = {word for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for word in re.findall(r"`(\w+)`", row)}
    found, _ = migrate_bytes("a.py", _DOUBTFUL.encode(), Settings())
    found.files.append(FileRecord("b.py", "failed", error="x"))
    report = as_dict(found)
    fields = {*report, *report["files"][1], *(field.name for field in dataclasses.fields(Finding))} - {"hand_over"}
    inner: set[str] = set()
    for finding in report["files"][0]["findings"]:
        fields |= set(finding)
        inner |= {key for item in (*finding.get("chain", ()), *finding.get("forms", ())) for key in item}
    assert {"other_chains", "lost"} <= fields
    assert fields - told == set()
    assert inner == {"path", "line", "code", "what", "changes", "since"}
    assert inner <= set(re.findall(r"`(\w+)`", text))


_DOUBTFUL = """from openvino.inference_engine import IECore
ie = IECore()
net = ie.read_network("a.xml")
thing = net if flag else ie.load_network(net, "CPU")
print(thing.inputs)
def show(other):
    print(other.requests[0])
"""
