"""Looks all pinned sets up in an advisory database: does any package have a known weakness?

    python -m tests.audit

By pip-audit, in an environment of its own (`.venv-audit`), so that nothing of it is in the set that
it looks at. The sets are the development set, the keyrings and the programs of others that the
tests use. The exit status is 1 for a known weakness, whatever else could not be looked at. Where no
database can be reached, or it does not know a package, that is said, and the exit status is 0: it
is no finding.
"""

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".venv-audit"
TESTS = ROOT / "tests"
PINNED = (
    TESTS / "constraints.txt",
    TESTS / "other-keyrings.txt",
    *sorted((TESTS / "beside").glob("*.txt")),
)
SCRIPTS = HOME / ("Scripts" if os.name == "nt" else "bin")
TOOL = "pip-audit==2.10.1"
SERVICES = ("pypi", "osv")
TIME_LIMIT = 240  # seconds


def main() -> int:
    """Ask one database after the other until one has looked at everything."""
    try:
        tool = _installed()
    except (OSError, subprocess.SubprocessError):
        print("audit: could not look: pip-audit cannot be installed here")
        return 0
    lines, status = verdict(reports(lambda file, service: _asked(tool, file, service)))
    print("\n".join(lines))
    return status


def reports(ask: Callable[[Path, str], dict[str, Any] | None]) -> list[dict[str, Any]]:
    """What the databases say of each set; the next is asked where one leaves a package out.

    One that does not answer is not asked again.
    """
    found, silent = [], set()
    for file in PINNED:
        for service in SERVICES:
            report = None if service in silent else ask(file, service)
            if report is None:
                if service not in silent:
                    print(f"audit: the database {service} cannot be reached from here")
                silent.add(service)
                continue
            found.append(report)
            if not _skipped(report):
                break
    return found


def verdict(reports: list[dict[str, Any]]) -> tuple[list[str], int]:
    """What pip-audit's reports come to: words, and the exit status."""
    weak, looked, unknown = [], set(), set()
    for report in reports:
        for package in report["dependencies"]:
            name = package["name"]
            if "skip_reason" in package:
                unknown.add(name)
                continue
            looked.add(name)
            weak += [
                f"audit: {name} {package['version']}: {found['id']}, mended in "
                f"{', '.join(found['fix_versions']) or 'no version yet'}"
                for found in package["vulns"]
            ]
    unknown -= looked
    if weak:
        return sorted(set(weak)), 1
    if not looked:
        return ["audit: could not look: no advisory database answered for any package"], 0
    lines = [f"audit: no known weakness in {len(looked)} packages"]
    if unknown:
        lines.append(f"audit: could not look at {len(unknown)}: {', '.join(sorted(unknown))}")
    return lines, 0


def _installed() -> str:
    """The tool's path; it is installed if need be."""
    tool = shutil.which("pip-audit", path=str(SCRIPTS))
    if tool is None:
        venv.create(HOME, with_pip=True)
        python = str(SCRIPTS / "python")
        command = [python, "-m", "pip", "install", "-qq", TOOL]
        subprocess.run(command, check=True, timeout=TIME_LIMIT)
    return tool or str(SCRIPTS / "pip-audit")


def _asked(tool: str, file: Path, service: str) -> dict[str, Any] | None:
    """What one database says of a set; None where it cannot be asked."""
    command = [tool, "-r", str(file), "--no-deps", "--disable-pip", "--progress-spinner=off"]
    command += ["--vulnerability-service", service, "--format=json", "--timeout=15"]
    try:
        asked = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=TIME_LIMIT
        )
        report: dict[str, Any] = json.loads(asked.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None
    return report


def _skipped(report: dict[str, Any]) -> bool:
    return any("skip_reason" in package for package in report["dependencies"])


if __name__ == "__main__":
    sys.exit(main())
