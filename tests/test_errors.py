"""Errors: exit statuses, and words that cannot harm a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_credproc.flows.attempt import EnrolmentNeededError, UnknownChallengeError
from cognito_credproc.people.terminal import CancelledError
from cognito_credproc.storage.lock import LockedError
from cognito_credproc.values.errors import (
    CredprocError,
    KeychainError,
    PersonNeededError,
    ServiceError,
    SettingsError,
    UnreachableError,
    UsageError,
    with_command,
)


@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        (
            1,
            [
                CredprocError,
                SettingsError,
                KeychainError,
                UnreachableError,
                UnknownChallengeError,
                LockedError,
                CancelledError,
            ],
        ),
        (2, [UsageError]),
        (3, [PersonNeededError, EnrolmentNeededError]),
    ],
)
def test_exit_statuses(status: int, kinds: list[type[CredprocError]]) -> None:
    assert {kind("what").exit_status for kind in kinds} == {status}


def test_one_line_or_two() -> None:
    assert str(CredprocError("it failed", "mend it")) == "it failed"
    assert str(UnreachableError("it failed", "mend it")) == "it failed"
    assert CredprocError("it failed").lines() == "error: it failed\n"
    assert CredprocError("it failed", "mend it").lines() == "error: it failed\nhint: mend it\n"


@given(message=st.text(max_size=2_000), hint=st.text(min_size=1, max_size=2_000))
def test_no_text_gets_out_of_its_line(message: str, hint: str) -> None:
    lines = CredprocError(message, hint).lines()
    assert lines.count("\n") == 2
    assert lines.splitlines()[0].startswith("error: ")
    assert lines.replace("\n", "").isprintable()
    assert len(lines) < 1_300


@pytest.mark.parametrize("char", ["\x1b", "\r", "\b", "\x00", "\x9b", "\u202e", "\u2028"])
def test_control_characters_are_made_harmless(char: str) -> None:
    assert CredprocError(f"a{char}b").lines() == "error: a\N{REPLACEMENT CHARACTER}b\n"


def test_service_error_says_operation_sentence_and_code() -> None:
    error = ServiceError("InitiateAuth", "NotAuthorizedException", "User is disabled.")
    assert error.message == ("InitiateAuth was refused: User is disabled (NotAuthorizedException)")
    assert (error.operation, error.code, error.detail) == (
        "InitiateAuth",
        "NotAuthorizedException",
        "User is disabled.",
    )


def test_unreachable_counts_as_sent_unless_it_is_known_not_to_be() -> None:
    assert UnreachableError("x").sent
    assert not UnreachableError("x", sent=False).sent


def test_a_command_behind_a_hint_stands_apart() -> None:
    told = with_command("unlock it: type: read -rs P && echo; unset P")
    assert told == ("unlock it: type:", "read -rs P && echo; unset P")
    for hint in ("wait a moment: it reads", "dbus-run-session -- bash", ""):
        assert with_command(hint) == (hint, "")
