"""Runs the checks of `doctor` one after the other, each on its own and each within its time."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from cognito_credproc.checks import (
    app_client,
    breaker,
    caller,
    commands,
    config_file,
    config_line,
    identity_pool,
    interpreter,
    keyring,
    lock,
    machine_clock,
    network,
    run,
    sdks,
    shadowing,
    sign_in_page,
    state,
    stored,
    user_pool,
)
from cognito_credproc.checks.finding import (
    BlockedError,
    Check,
    Finding,
    State,
    broken,
    of_error,
)
from cognito_credproc.checks.subject import Subject
from cognito_credproc.process.bounded import bounded
from cognito_credproc.values.errors import CredprocError
from cognito_credproc.words.face import innermost

# From the machine outward.
CHECKS: Sequence[Check] = (
    interpreter.CHECK,
    config_file.CHECK,
    config_line.CHECK,
    shadowing.CHECK,
    commands.CHECK,
    keyring.CHECK,
    state.CHECK,
    machine_clock.CHECK,
    network.CHECK,
    user_pool.CHECK,
    app_client.CHECK,
    sign_in_page.CHECK,
    identity_pool.CHECK,
    stored.CHECK,
    breaker.CHECK,
    lock.CHECK,
    run.CHECK,
    caller.CHECK,
    sdks.CLI,
    sdks.BOTO3,
    sdks.NODE,
)
PATIENCE = 150.0  # seconds for all of them together


class Result(NamedTuple):
    """A finding, by which check, after how many seconds."""

    check: Check
    finding: Finding
    seconds: float


def examine(
    subject: Subject,
    checks: Sequence[Check],
    *,
    fix: bool,
    begin: Callable[[Check], None] = lambda _: None,
) -> Iterator[Result]:
    """Run the checks; with `fix`, mend what they say is safe to mend, and look again.

    `begin` is told of each check before it runs.
    """
    end = time.monotonic() + PATIENCE
    for check in checks:
        begin(check)
        began = time.monotonic()
        found = _findings(check, subject, end)
        if fix and any(finding.fix for finding in found):
            mended = list(_mended(found))
            found = _findings(check, subject, end)
            still = {finding.what for finding in found}
            found = [*(finding for finding in mended if finding.what not in still), *found]
        for finding in found:
            yield Result(check, finding, time.monotonic() - began)


def _findings(check: Check, subject: Subject, end: float) -> list[Finding]:
    """What a check finds. Whatever becomes of it is a finding."""
    seconds = min(check.seconds, end - time.monotonic())
    try:
        if seconds <= 0:
            raise BlockedError("more time")  # noqa: TRY301 - as if something were broken
        if check.unbounded:
            return list(check.run(subject))
        return bounded(lambda: list(check.run(subject)), seconds)
    except BlockedError as error:
        return [Finding(State.SKIPPED, f"needs {error}")]
    except TimeoutError:
        return [broken(f"no answer within {seconds:.0f} seconds", mend="try again in a while")]
    except CredprocError as error:
        return [of_error(error)]
    except Exception as error:
        what = f"the check itself failed: {type(error).__name__} at {innermost(error)}"
        return [broken(what, "this is a bug", "please report it with this line")]


def _mended(found: Sequence[Finding]) -> Iterator[Finding]:
    """Mend what can be mended; the second look tells whether that has helped."""
    for finding in found:
        if finding.fix is None:
            continue
        try:
            finding.fix()
        except CredprocError as error:
            yield of_error(error)
        except OSError as error:
            yield broken(f"{finding.what}; mending it failed: {error.strerror}")
        else:
            yield Finding(State.MENDED, finding.what)
