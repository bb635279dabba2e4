"""What the audit makes of pip-audit's reports: a finding fails, silence is not taken for health."""

from pathlib import Path
from typing import Any

from tests.audit import PINNED, reports, verdict

GOOD = {"name": "boto3", "version": "1.40.0", "vulns": []}
BAD = {
    "name": "urllib3",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-2021-108", "fix_versions": ["1.26.5"], "aliases": []}],
}
UNKNOWN = {"name": "envs", "skip_reason": "Dependency not found on PyPI"}


def report(*packages: dict[str, Any]) -> dict[str, Any]:
    return {"dependencies": list(packages), "fixes": []}


def test_a_known_weakness_fails() -> None:
    lines, status = verdict([report(GOOD, BAD)])
    assert status == 1
    assert lines == ["audit: urllib3 1.0: PYSEC-2021-108, mended in 1.26.5"]


def test_nothing_known_is_said_of_what_was_looked_at() -> None:
    assert verdict([report(GOOD)]) == (["audit: no known weakness in 1 packages"], 0)


def test_where_nobody_answered_nothing_is_claimed() -> None:
    for found in ([], [report(UNKNOWN)], [report(UNKNOWN), report(UNKNOWN)]):
        lines, status = verdict(found)
        assert (status, len(lines)) == (0, 1)
        assert lines[0].startswith("audit: could not look")


def test_what_one_database_lacks_another_may_have() -> None:
    unknown = {"name": "urllib3", "skip_reason": "not found"}
    lines, status = verdict([report(GOOD, unknown), report(GOOD, BAD)])
    assert status == 1
    assert verdict([report(GOOD, UNKNOWN)])[0][1] == "audit: could not look at 1: envs"
    assert len(lines) == 1


def test_every_pinned_set_is_looked_at() -> None:
    """By a database that answers, though another does not; a finding in the last set fails."""
    asked: list[tuple[str, str]] = []

    def ask(file: Path, service: str) -> dict[str, Any] | None:
        assert file.exists()
        asked.append((file.name, service))
        if service == "pypi":
            return None
        return report(BAD if file == PINNED[-1] else GOOD)

    lines, status = verdict(reports(ask))
    assert status == 1
    assert lines == ["audit: urllib3 1.0: PYSEC-2021-108, mended in 1.26.5"]
    known = {file.name for file in Path(__file__).parent.rglob("*.txt") if "==" in file.read_text()}
    assert {name for name, service in asked if service == "osv"} == known
    assert [service for _, service in asked].count("pypi") == 1, "it did not answer the first time"
