"""The pages: made from rules, fixtures and the command line where they show something of them, and true where they are
written by hand."""

import dataclasses
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import render_docs
import yaml

from ov_migrate.cli import main
from ov_migrate.knowledge.catalogue import load_catalogue
from ov_migrate.knowledge.files import read_toml
from ov_migrate.report.json_report import as_dict
from ov_migrate.report.records import FileRecord, Finding, Run
from ov_migrate.settings import Settings, apply_config, config_keys, selected_codes

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


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
    prose = re.sub(r"`[^`\n]*`", "", FENCED.sub("", text))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(text: str) -> set[str]:
    """The anchors of the headings of a page, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", FENCED.sub("", text), re.MULTILINE)
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
    for language, block in FENCED.findall(text):
        if language in COMMAND:
            yield from COMMAND[language].findall(block)
    yield from re.findall(r"`ov-migrate ([^`]+)`", FENCED.sub("", text))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_commands_use_options_that_there_are(path: Path) -> None:
    for line in commands(path.read_text()):
        words = shlex.split(re.split(r" [#<>|&]|;", line)[0], comments=True)
        command = main.commands[words.pop(0) if words[:1] and words[0] in main.commands else "migrate"]
        known = [word for word in words if word not in ("--help", "--version")]
        context = click.Context(command)
        try:
            command.make_parser(context).parse_args(known)
        except click.UsageError as error:
            pytest.fail(f"ov-migrate {line}: {error.format_message()}")


def test_commands_with_a_wrong_option_are_found() -> None:
    page = (
        "```sh\n.venv/bin/ov-migrate --dif a.py\n```\nand `ov-migrate verify x.py`\n```console\n$ ov-migrate b\n```\n"
    )
    assert list(commands(page)) == ["--dif a.py", "b", "verify x.py"]
    with pytest.raises(click.NoSuchOption):
        main.commands["migrate"].make_parser(click.Context(main)).parse_args(["--dif", "a.py"])


def test_recipes_are_yaml_and_name_hooks_that_there_are() -> None:
    recipes = [yaml.safe_load(b) for page in PAGES for kind, b in FENCED.findall(page.read_text()) if kind == "yaml"]
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    named = {hook["id"] for recipe in recipes for repo in recipe.get("repos", ()) for hook in repo["hooks"]}
    assert named <= hooks
    assert len(recipes) > len(named) > 0


def test_the_example_of_a_configuration_has_every_key_and_works(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "configuration.md").read_text()
    example = next(block for language, block in FENCED.findall(text) if language == "toml")
    path = tmp_path / "pyproject.toml"
    path.write_text(example)
    settings = apply_config(Settings(), path)
    assert selected_codes(settings, tuple(rule for _, rules in settings.per_file_ignores for rule in rules))
    assert set(read_toml(path)["tool"]["ov-migrate"]) == set(config_keys())


def test_every_field_of_the_json_report_is_told() -> None:
    text = (ROOT / "docs" / "verdicts.md").read_text()
    told = {word for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for word in re.findall(r"`(\w+)`", row)}
    report = as_dict(Run("2023.1", [FileRecord("a.py", "failed", error="x")]))
    fields = {*report, *report["files"][0], *(field.name for field in dataclasses.fields(Finding))}
    assert fields - told == set()
