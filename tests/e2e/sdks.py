"""How each SDK runs the helper, one row each: what it does with the streams, and what it reads.

Source: the SDKs' own code, as the notes on the `credential_process` contract list it.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from tests.e2e.person import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.e2e.machine import Machine


class Errors(Enum):
    """What an SDK does with standard error."""

    CAPTURED = "captured"
    MERGED = "merged into standard output"
    UNDRAINED = "a pipe that nobody reads while the helper runs"
    INHERITED = "the caller's own"
    DISCARDED = "thrown away"


@dataclass(frozen=True)
class Sdk:
    """One SDK's way."""

    name: str
    by_shell: bool
    errors: Errors
    input_is_pipe: bool = False  # one that never ends; else the caller's own
    heeds_status: bool = True
    at_once: int = 1
    largest: int = 1 << 20  # bytes of standard output
    patience: float = PATIENCE  # seconds after which it kills the helper


@dataclass(frozen=True)
class Outcome:
    """What one run of the helper came to, as the SDK sees it."""

    output: bytes
    errors: bytes
    status: int
    largest: int
    heeds_status: bool

    @property
    def document(self) -> dict[str, Any] | None:
        """The credentials that the SDK takes out of it; None where it takes none."""
        if self.heeds_status and self.status != 0:
            return None
        assert len(self.output) <= self.largest
        try:
            document: dict[str, Any] = json.loads(self.output)
        except ValueError:
            return None
        return document


SDKS = [
    Sdk("botocore", by_shell=False, errors=Errors.CAPTURED),
    Sdk("JavaScript v3", by_shell=True, errors=Errors.CAPTURED, input_is_pipe=True),
    Sdk("Go v2", by_shell=True, errors=Errors.INHERITED, patience=60),
    Sdk("Java v2", by_shell=True, errors=Errors.UNDRAINED, input_is_pipe=True, largest=64_000),
    Sdk("Rust", by_shell=True, errors=Errors.CAPTURED, patience=22),
    Sdk(".NET", by_shell=True, errors=Errors.CAPTURED),
    Sdk("C++", by_shell=True, errors=Errors.MERGED, heeds_status=False),
    Sdk("CRT", by_shell=True, errors=Errors.DISCARDED),
    Sdk("PHP", by_shell=True, errors=Errors.INHERITED, heeds_status=False),
    Sdk("Ruby", by_shell=True, errors=Errors.INHERITED, at_once=2, largest=64 << 10),
]


def run(sdk: Sdk, machine: Machine, line: str, environment: Mapping[str, str]) -> list[Outcome]:
    """Run the line as the SDK does, reading to the end of file; as often at once as it does."""
    never_ends, kept_open = os.pipe()
    errors = {
        Errors.MERGED: subprocess.STDOUT,
        Errors.DISCARDED: subprocess.DEVNULL,
    }.get(sdk.errors, subprocess.PIPE)
    processes = [
        subprocess.Popen(
            ["sh", "-c", line] if sdk.by_shell else shlex.split(line),
            env={**machine.environment, **environment},
            stdin=never_ends if sdk.input_is_pipe else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
        for _ in range(sdk.at_once)
    ]
    try:
        return [_outcome(sdk, process) for process in processes]
    finally:
        os.close(never_ends)
        os.close(kept_open)


def _outcome(sdk: Sdk, process: subprocess.Popen[bytes]) -> Outcome:
    with process:
        if sdk.errors is Errors.UNDRAINED:
            assert process.stdout is not None
            assert process.stderr is not None
            output = process.stdout.read()
            process.wait(sdk.patience)
            errors = process.stderr.read()
        else:
            output, errors = process.communicate(timeout=sdk.patience)
        return Outcome(output, errors or b"", process.returncode, sdk.largest, sdk.heeds_status)
