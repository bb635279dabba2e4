"""Local Cognito: SRP is really verified, attempt by attempt, timestamp and all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.test_local_cognito_harness import NAME, Site, refusal, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

WRONG = ("NotAuthorizedException", "Incorrect username or password.")
USED = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
EXPIRED = ("NotAuthorizedException", "Invalid session for the user, session is expired.")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


def test_srp_proof_is_verified(site: Site) -> None:
    assert site.srp()["AuthenticationResult"]["TokenType"] == "Bearer"
    assert refusal(lambda: site.srp("Wrong-horse-1")) == WRONG
    assert (site.user.wrong_passwords, site.user.wrong_passwords_ever) == (1, 1)
    site.srp()
    assert (site.user.wrong_passwords, site.user.wrong_passwords_ever) == (0, 1)


def test_srp_numbers_of_every_length_are_understood(site: Site) -> None:
    # About half of all B, u and S have their first bit set, so padding errors show quickly.
    for _ in range(6):
        assert "AuthenticationResult" in site.srp()


def test_srp_numbers_have_no_leading_zero(site: Site) -> None:
    _, shown = site.challenge()
    assert not shown["SALT"].startswith("0")
    assert shown["USER_ID_FOR_SRP"] == site.user.username == site.user.sub


@pytest.mark.parametrize("a", ["0", "zz", "", "f" * 900])
def test_bad_srp_a_is_refused(site: Site, a: str) -> None:
    code, _ = refusal(
        lambda: site.idp.initiate_auth(
            AuthFlow="USER_SRP_AUTH",
            ClientId=site.client.id,
            AuthParameters={"USERNAME": NAME, "SRP_A": a},
        )
    )
    assert code == "InvalidParameterException"


def test_srp_a_that_is_a_multiple_of_n_is_refused(site: Site) -> None:
    srp, _ = site.challenge()
    for times in (1, 2):
        srp.large_a_value = srp.big_n * times
        code, message = refusal(
            lambda: site.idp.initiate_auth(
                AuthFlow="USER_SRP_AUTH",
                ClientId=site.client.id,
                AuthParameters=srp.get_auth_params(),
            )
        )
        assert (code, message) == ("InvalidParameterException", "Invalid SRP_A")


def test_secret_block_belongs_to_one_attempt(site: Site) -> None:
    first, second = site.challenge(), site.challenge()
    mixed = site.answer(first[0], first[1]) | {
        "PASSWORD_CLAIM_SECRET_BLOCK": second[1]["SECRET_BLOCK"]
    }
    assert refusal(lambda: site.respond("PASSWORD_VERIFIER", mixed)) == WRONG
    forged = site.answer(first[0], first[1]) | {"PASSWORD_CLAIM_SECRET_BLOCK": "AAAA"}
    assert refusal(lambda: site.respond("PASSWORD_VERIFIER", forged)) == WRONG
    good = site.answer(first[0], first[1])
    site.respond("PASSWORD_VERIFIER", good)
    assert refusal(lambda: site.respond("PASSWORD_VERIFIER", good)) == USED


def test_srp_attempt_runs_out(site: Site) -> None:
    begun = site.challenge()
    site.clock.advance(181)
    assert refusal(lambda: site.respond("PASSWORD_VERIFIER", site.answer(*begun))) == EXPIRED


def test_srp_attempt_belongs_to_its_client(site: Site) -> None:
    begun = site.challenge()
    site.client = site.pool.create_client()
    assert refusal(lambda: site.respond("PASSWORD_VERIFIER", site.answer(*begun))) == WRONG


@pytest.mark.parametrize(
    "change",
    [
        ("UTC", "GMT"),
        ("Nov", "nov"),
        ("Nov", "November"),
        ("2026", "26"),
        (" UTC", "+0000"),
    ],
)
def test_timestamp_in_another_form_is_an_invalid_parameter(
    site: Site, change: tuple[str, str]
) -> None:
    when = "Tue Nov 3 07:05:09 UTC 2026".replace(*change)
    code, message = refusal(
        lambda: site.respond("PASSWORD_VERIFIER", site.answer(*site.challenge(), when=when))
    )
    assert code == "InvalidParameterException"
    assert message == "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english."


def test_timestamp_has_no_leading_zero_and_the_right_weekday(site: Site) -> None:
    # The third of a month: a day on which a leading zero can show.
    site.clock.advance(1_793_689_509 - site.clock.now())
    right = timestamp(site.clock.now())
    assert right.startswith("Tue Nov 3 ")
    for wrong in (right.replace(" 3 ", " 03 "), right.replace("Tue", "Wed")):
        responses = site.answer(*site.challenge(), when=wrong)
        assert refusal(site.respond, "PASSWORD_VERIFIER", responses) == WRONG
    site.respond("PASSWORD_VERIFIER", site.answer(*site.challenge(), when=right))


@pytest.mark.parametrize(
    ("skew", "taken"), [(-310, False), (-290, True), (290, True), (310, False)]
)
def test_timestamp_is_within_five_minutes(site: Site, skew: int, taken: bool) -> None:
    responses = site.answer(*site.challenge(), when=timestamp(site.clock.now() + skew))
    if taken:
        site.respond("PASSWORD_VERIFIER", responses)
    else:
        assert refusal(lambda: site.respond("PASSWORD_VERIFIER", responses)) == WRONG


def test_alias_is_no_answer_to_the_password_challenge(site: Site) -> None:
    responses = site.answer(*site.challenge()) | {"USERNAME": NAME}
    assert refusal(lambda: site.respond("PASSWORD_VERIFIER", responses)) == WRONG
