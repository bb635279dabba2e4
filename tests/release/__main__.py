"""Build a release into `dist/`, and look at it.

    python -m tests.release [TAG]

`dist/packages` is what the index gets: wheel and sdist. `dist/sbom.cdx.json` lists all that an
installation brings (CycloneDX), `dist/notes.md` is what is new. With a tag, such as v0.1.0, it must
be the version's, and the changelog must have a day for it.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from cognito_credproc import __version__
from tests.release.changelog import UNRELEASED, Version, versions
from tests.release.making import HERE, ROOT, built, installed, list_parts, look_at

DIST = ROOT / "dist"
PARTS = f"""\
`sbom.cdx.json` lists the parts of an installation on {HERE}. Other systems
have other keyrings, and an older Python may need more."""
USAGE = "usage: python -m tests.release [TAG]"


def main(arguments: list[str]) -> int:
    """Build, look, and say where it is."""
    if len(arguments) > 1 or any(word.startswith("-") for word in arguments):
        print(USAGE)
        return 0 if set(arguments) & {"-h", "--help"} else 2
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    version = described(arguments[0] if arguments else None, changelog)
    shutil.rmtree(DIST, ignore_errors=True)
    wheel, sdist = built(DIST / "packages")
    look_at(wheel, sdist)
    with tempfile.TemporaryDirectory() as folder:
        list_parts(installed(wheel, Path(folder) / "environment"), DIST / "sbom.cdx.json")
    (DIST / "notes.md").write_text(f"{version.notes}\n{PARTS}\n", "utf-8")
    for file in sorted(DIST.rglob("*.*")):
        print(file.relative_to(ROOT))
    return 0


def described(tag: str | None, changelog: str) -> Version:
    """What the changelog says of the version that is built; of the unreleased one without a tag.

    Raises:
        SystemExit: it is not the tag's, or has no day there.
    """
    wanted = UNRELEASED if tag is None else __version__
    if tag not in {None, f"v{__version__}"}:
        hint = f"hint: git tag v{__version__}"
        sys.exit(f"error: the tag is {tag}, and the version {__version__}\n{hint}")
    for version in versions(changelog):
        if version.name == wanted:
            return version
    sys.exit(f"error: CHANGELOG.md has no section {wanted}\nhint: ## [{wanted}] - YYYY-MM-DD")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
