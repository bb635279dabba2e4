"""What the audit makes of pip-audit's reports: a finding fails, silence is not taken for health."""

from typing import Any

from tests.audit import verdict

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
    for reports in ([], [report(UNKNOWN)], [report(UNKNOWN), report(UNKNOWN)]):
        lines, status = verdict(reports)
        assert (status, len(lines)) == (0, 1)
        assert lines[0].startswith("audit: could not look")


def test_what_one_database_lacks_another_may_have() -> None:
    unknown = {"name": "urllib3", "skip_reason": "not found"}
    lines, status = verdict([report(GOOD, unknown), report(GOOD, BAD)])
    assert status == 1
    assert verdict([report(GOOD, UNKNOWN)])[0][1] == "audit: could not look at 1: envs"
    assert len(lines) == 1
