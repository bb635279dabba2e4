"""The changelog has its form, and the version is said in one place."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from cognito_credproc import __version__
from tests.release.__main__ import described
from tests.release.changelog import UNRELEASED, versions

ROOT = Path(__file__).resolve().parent.parent
OLDER = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- this\n\n## [1.2.0] - 2026-11-03\n\n"


def test_the_changelog_has_its_form() -> None:
    found = versions((ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert found[0].name == UNRELEASED
    released = [tuple(map(int, re.findall(r"\d+", version.name))) for version in found[1:]]
    assert released == sorted(released, reverse=True)
    days = [version.day for version in found[1:]]
    assert days == sorted(days, key=str, reverse=True)


def test_a_release_is_read() -> None:
    first, second = versions(OLDER + "### Fixed\n\n- that\n  and more\n\n### Security\n\n- it\n")
    assert (first.name, first.day, first.notes) == (UNRELEASED, None, "### Added\n\n- this\n")
    assert (second.name, second.day) == ("1.2.0", "2026-11-03")
    assert second.changes == {"Fixed": "- that\n  and more", "Security": "- it"}


@pytest.mark.parametrize(
    "text",
    [
        "## 1.2\n\n### Added\n\n- this\n",
        "## [1.2.0]\n\n### Added\n\n- this\n",
        "## [Unreleased] - 2026-11-03\n",
        "## [Unreleased]\n\n- this\n",
        "## [Unreleased]\n\n### New\n\n- this\n",
        "## [Unreleased]\n\n### Added\n\n### Fixed\n\n- this\n",
        "## [Unreleased]\n\n### Added\n\n- this\n\n### Added\n\n- that\n",
    ],
)
def test_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text.partition("\n")[0].removeprefix("## "))):
        versions(text)


def test_the_version_is_said_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" not in project["project"]
    assert project["tool"]["hatch"]["version"] == {"path": "cognito_credproc/__init__.py"}
    assert metadata.version("cognito-credproc") == __version__


def test_nothing_is_released_under_a_wrong_name() -> None:
    released = OLDER.replace("1.2.0", __version__) + "### Fixed\n\n- that\n"
    assert described(f"v{__version__}", released).notes == "### Fixed\n\n- that\n"
    assert described(None, released).name == UNRELEASED
    with pytest.raises(
        SystemExit, match=f"the tag is v9.9.9, and the version {__version__}\nhint: "
    ):
        described("v9.9.9", released)
    with pytest.raises(SystemExit, match=f"no section {__version__}\nhint: "):
        described(f"v{__version__}", OLDER + "### Fixed\n\n- that\n")
