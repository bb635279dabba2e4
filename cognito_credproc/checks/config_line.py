"""The `credential_process` line: whether every SDK runs it alike, and whether it runs this program.

A line that an upgrade of Python has moved is written anew with `--fix`, as `configure` writes it.
"""

from collections.abc import Iterator, Sequence

from cognito_credproc.checks.finding import BlockedError, Check, Finding, State, broken, good, note
from cognito_credproc.checks.subject import Subject
from cognito_credproc.profiles.config_editor import change, lock_name
from cognito_credproc.profiles.config_text import edited
from cognito_credproc.settings import line
from cognito_credproc.settings.forms import BASE, configure_command
from cognito_credproc.settings.profile_keys import source_of

FAILS = "the AWS tools run something else, or nothing, at least some of them"
SURPRISES = "it works here, and may not in an IDE, in cron, or after an upgrade"


def check(subject: Subject) -> Iterator[Finding]:
    """Look at the line as each SDK splits it, and at what it names."""
    profiles, profile = subject.config.profiles, subject.profile
    if profile not in profiles or source_of(profile, profiles):
        raise BlockedError("the profile")
    written = profiles[profile].get(line.KEY)
    if written is None:
        yield _none(subject)
        return
    faults = line.faults(written, profile, subject.environment.get("PATH"))
    wrong = [fault for fault in faults if fault.broken]
    if wrong:
        yield Finding(
            State.BROKEN,
            _words(wrong),
            FAILS,
            command=_command(subject, written),
            fix=(lambda: _rewrite(subject)) if all(fault.moved for fault in wrong) else None,
        )
    elif faults:
        yield note(_words(faults), SURPRISES, command=_command(subject))
    else:
        yield good("every SDK splits it alike, and it runs this installation")


def _words(faults: Sequence[line.Fault]) -> str:
    return "it " + "; it ".join(fault.words for fault in faults)


def _none(subject: Subject) -> Finding:
    what = f"profile {subject.profile} has no {line.KEY}"
    if any(keys.get(BASE) == subject.profile for keys in subject.config.profiles.values()):
        why = "others take its settings; for credentials of its own it lacks the line"
        return note(what, why, command=_command(subject))
    return broken(what, "no AWS tool asks this program for credentials", command=_command(subject))


def _command(subject: Subject, written: str = "") -> str:
    """The command that writes the line."""
    replace = " --replace" if written and not line.is_ours(written) else ""
    return f"{configure_command(subject.profile)}{replace}"


def _rewrite(subject: Subject) -> None:
    file, profile = subject.file, subject.profile
    new = {line.KEY: line.isolated_line(profile)}
    change(
        file,
        subject.state.lock_file(lock_name(file)),
        lambda text: edited(text, file, profile, new),
    )
    subject.forget_config()


CHECK = Check("line", check, "the AWS tools run it to get credentials")
