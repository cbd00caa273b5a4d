"""The JSON reports of many repositories, put together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ov_migrate.report.totals import KINDS, Total
from ov_migrate.settings import UsageError

VERSION = 1
# What a repository is in need of, the worst first.
STATES = {
    "failed": "files that could not be handled",
    "by hand": "something is left that a person has to do",
    "ready": "the tool rewrites all that is left",
    "done": "nothing is left",
}


@dataclass(frozen=True)
class Site:
    """A site that is left by hand."""

    path: str
    place: str
    rule: str
    before: str
    message: str


@dataclass
class Repository:
    """One report: `counts` are by rule (code and slug) and verdict, `failures` are files and why they failed."""

    name: str
    target: str
    files: int
    changed: int
    failures: list[tuple[str, str]] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)

    @property
    def total(self) -> Total:
        return Total(self.name, *(sum(count[kind] for count in self.counts.values()) for kind in KINDS))

    @property
    def state(self) -> str:
        if self.failures:
            return "failed"
        total = self.total
        if total.manual:
            return "by hand"
        return "ready" if total.sites or self.changed else "done"


@dataclass
class Fleet:
    """All repositories, those first that need most work by hand."""

    repositories: list[Repository]

    @property
    def total(self) -> Total:
        totals = [repository.total for repository in self.repositories]
        return Total("all", *(sum(getattr(total, kind) for total in totals) for kind in KINDS))

    def state(self, state: str) -> int:
        """How many repositories are in a state."""
        return sum(repository.state == state for repository in self.repositories)

    def by_rule(self) -> list[tuple[Total, int]]:
        """The totals of each rule and in how many repositories it found something, the most frequent first."""
        counts: dict[str, dict[str, int]] = {}
        found_in: dict[str, int] = {}
        for repository in self.repositories:
            for rule, count in repository.counts.items():
                found_in[rule] = found_in.get(rule, 0) + 1
                own = counts.setdefault(rule, dict.fromkeys(KINDS, 0))
                for kind in KINDS:
                    own[kind] += count[kind]
        totals = [Total(rule, *(count[kind] for kind in KINDS)) for rule, count in counts.items()]
        totals.sort(key=lambda total: (-total.manual, -total.sites, total.name))
        return [(total, found_in[total.name]) for total in totals]


def read_fleet(arguments: Sequence[str]) -> Fleet:
    """The reports in files, and in all .json files of folders. Raises UsageError that names the file for what is no
    JSON report of a release that writes the same version."""
    found = (path for argument in arguments for path in _files(Path(argument)))
    paths = list({path.resolve(): path for path in found}.values())
    repositories = [_read(path, name) for path, name in zip(paths, names(paths), strict=True)]
    repositories.sort(key=lambda r: (list(STATES).index(r.state), -r.total.manual, -r.total.sites, r.name))
    return Fleet(repositories)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(path.rglob("*.json"))
    if not found:
        raise UsageError(f"{path}: no JSON reports here")
    return found


def names(paths: Sequence[Path]) -> list[str]:
    """A name for each file: what tells its path from the others', so a/report.json and b/report.json are a and b."""
    parts = [list(path.absolute().with_suffix("").parts) for path in paths]
    if len(parts) == 1:
        return [parts[0][-1]]
    for end in (0, -1):
        while all(len(part) > 1 for part in parts) and len({part[end] for part in parts}) == 1:
            for part in parts:
                del part[end]
    return ["/".join(part) for part in parts]


def _read(path: Path, name: str) -> Repository:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: is no JSON: {error}") from error
    if not isinstance(data, dict) or "version" not in data:
        raise UsageError(
            f"{path}: is no JSON report of ov-migrate; make one with `ov-migrate PATH --report {path.name}`"
        )
    if data["version"] != VERSION:
        raise UsageError(f"{path}: is of version {data['version']!r}, this ov-migrate reads {VERSION}; make it anew")
    try:
        return _repository(data, name)
    except KeyError as error:
        raise UsageError(f"{path}: the key {error} is missing; is it a JSON report of ov-migrate?") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{path}: is no JSON report of ov-migrate: {error}") from error


def _repository(data: dict[str, Any], name: str) -> Repository:
    summary = data["summary"]
    repository = Repository(
        str(data.get("name") or name), str(data["target"]), int(summary["files"]), int(summary["changed"])
    )
    for file in data["files"]:
        if file["status"] == "failed":
            repository.failures.append((str(file["path"]), str(file.get("error", ""))))
        for finding in file["findings"]:
            kind, rule = finding["kind"], f"{finding['rule']} {finding['slug']}"
            if kind not in KINDS:
                raise ValueError(f"unknown verdict {kind!r}")
            repository.counts.setdefault(rule, dict.fromkeys(KINDS, 0))[kind] += 1
            if kind == "manual":
                repository.sites.append(_site(str(file["path"]), rule, finding))
    return repository


def _site(path: str, rule: str, finding: dict[str, Any]) -> Site:
    place = f"line {int(finding['line'])}"
    if finding.get("cell"):
        place = f"cell {int(finding['cell'])}, {place}"
    return Site(path, place, rule, str(finding["before"]), str(finding["message"]))


def sites_by_rule(repository: Repository) -> Iterator[tuple[str, str, list[Site]]]:
    """The sites that are left by hand, those with the same rule and message together."""
    groups: dict[tuple[str, str], list[Site]] = {}
    for site in repository.sites:
        groups.setdefault((site.rule, site.message), []).append(site)
    for (rule, message), sites in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        yield rule, message, sites
