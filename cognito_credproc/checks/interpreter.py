"""Python and this installation: the version, and every package that is needed."""

import importlib
import re
import sys
from collections.abc import Iterator
from importlib import metadata

from cognito_credproc import __version__
from cognito_credproc.checks.finding import Check, Finding, broken, good
from cognito_credproc.checks.subject import Subject

PACKAGE = "cognito-credproc"
LEAST = (3, 11)
MODULES = {"boto3": "botocore"}  # where it has another name than the package


def check(_subject: Subject) -> Iterator[Finding]:
    """Look at the interpreter, then at each package that the installation asks for."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < LEAST:
        yield broken(f"this is Python {version}, and 3.11 is the least", mend="install a later one")
    lacking = list(_lacking())
    yield from lacking
    if not lacking:
        yield good(f"Python {version}, cognito-credproc {__version__} in {sys.prefix}")


def _lacking() -> Iterator[Finding]:
    again = f"{sys.executable} -m pip install --upgrade --force-reinstall {PACKAGE}"
    try:
        needed = metadata.requires(PACKAGE) or []
    except metadata.PackageNotFoundError:
        yield broken(f"{PACKAGE} is not installed in {sys.prefix}", command=again)
        return
    for requirement in needed:
        found = re.match(r"([\w.-]+)>=([\d.]+)$", requirement)  # the extras are no business of ours
        if found is None:
            continue
        name, least = found.groups()
        try:
            importlib.import_module(MODULES.get(name, name))
            version = metadata.version(name)
        except Exception as error:
            yield broken(f"{name} cannot be loaded: {type(error).__name__}", command=again)
        else:
            if _numbers(version) < _numbers(least):
                yield broken(f"{name} is {version}, and {least} is the least", command=again)


def _numbers(version: str) -> list[int]:
    """A release's numbers, for comparison (PEP 440)."""
    return [int(number) for number in re.findall(r"\d+", version)[:3]]


CHECK = Check("python", check, "without it nothing here runs")
