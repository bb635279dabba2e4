"""Local Cognito: TOTP at sign-in and enrolment, and the sessions between the steps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.test_local_cognito_harness import NAME, PASSWORD, Reply, Site, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

MISMATCH = ("CodeMismatchException", "Invalid code received for user")
SPENT = ("ExpiredCodeException", "Your software token has already been used once.")
USED = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
EXPIRED = ("NotAuthorizedException", "Invalid session for the user, session is expired.")
INVALID = ("NotAuthorizedException", "Invalid session for the user.")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(pool={"mfa": "ON"}) as site:
        site.early_in_step()
        yield site


def wrong_code(site: Site, seed: str) -> str:
    """Six digits that are none of the neighbouring steps' codes."""
    near = {site.code(seed, steps) for steps in range(-3, 4)}
    return next(
        code
        for code in ("000000", "111111", "222222", *map(str, range(10**5, 10**5 + 9)))
        if code not in near
    )


def test_code_is_checked_and_a_wrong_one_leaves_the_session(site: Site) -> None:
    seed = site.pool.enable_totp(site.user)
    asked = site.send_password()
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert asked["ChallengeParameters"]["USER_ID_FOR_SRP"] == site.user.username
    assert 1_400 < len(asked["Session"]) <= 2_048
    for code in (wrong_code(site, seed), "12345", "abcdef"):
        assert refusal(site.totp, asked["Session"], code) == MISMATCH
    assert "AuthenticationResult" in site.totp(asked["Session"], site.code(seed))
    assert refusal(lambda: site.totp(asked["Session"], site.code(seed, 1))) == USED


@pytest.mark.parametrize(
    ("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_one_step_either_side(site: Site, steps: int, taken: bool) -> None:
    seed = site.pool.enable_totp(site.user)
    session = site.send_password()["Session"]
    if taken:
        site.totp(session, site.code(seed, steps))
    else:
        assert refusal(lambda: site.totp(session, site.code(seed, steps))) == MISMATCH


def test_reused_code_uses_up_the_session(site: Site) -> None:
    seed = site.pool.enable_totp(site.user)
    code = site.code(seed)
    site.totp(site.send_password()["Session"], code)
    session = site.send_password()["Session"]
    assert refusal(lambda: site.totp(session, code)) == SPENT
    assert refusal(lambda: site.totp(session, site.code(seed, 1))) == USED
    site.totp(site.send_password()["Session"], site.code(seed, 1))


def test_session_runs_out() -> None:
    with Site(pool={"mfa": "ON"}, session_minutes=5) as site:
        seed = site.pool.enable_totp(site.user)
        session = site.send_password()["Session"]
        site.clock.advance(299)
        assert refusal(lambda: site.totp(session, "000000"))[0] == "CodeMismatchException"
        site.clock.advance(2)
        assert refusal(lambda: site.totp(session, site.code(seed))) == EXPIRED


def test_session_is_for_its_user_client_and_step(site: Site) -> None:
    seed = site.pool.enable_totp(site.user)
    other = site.pool.create_user("other@example.com", password=PASSWORD)
    named_other = {"USERNAME": other.username, "SOFTWARE_TOKEN_MFA_CODE": site.code(seed)}
    named_alias = named_other | {"USERNAME": NAME}
    for responses in (named_other, named_alias):
        session = site.send_password()["Session"]
        assert refusal(site.respond, "SOFTWARE_TOKEN_MFA", responses, Session=session) == INVALID
    session = site.send_password()["Session"]
    name = {"USERNAME": site.user.username}
    assert refusal(lambda: site.respond("MFA_SETUP", name, Session=session)) == INVALID
    session = site.send_password()["Session"]
    site.client = site.pool.create_client()
    assert refusal(lambda: site.totp(session, site.code(seed))) == INVALID
    assert refusal(lambda: site.totp("x" * 1_500, site.code(seed))) == INVALID


def associate(site: Site) -> Reply:
    """The MFA_SETUP chain up to AssociateSoftwareToken; the session before it is in `first`."""
    asked = site.send_password()
    assert asked["ChallengeName"] == "MFA_SETUP"
    assert json.loads(asked["ChallengeParameters"]["MFAS_CAN_SETUP"]) == ["SOFTWARE_TOKEN_MFA"]
    reply: Reply = site.idp.associate_software_token(Session=asked["Session"])
    return {**reply, "first": asked["Session"]}


def finish(site: Site, session: str) -> Reply:
    return site.respond("MFA_SETUP", {"USERNAME": site.user.username}, Session=session)


def test_set_up_chain(site: Site) -> None:
    begun = associate(site)
    seed = begun["SecretCode"]
    assert len(seed) == 52
    assert site.user.totp_secret is None
    code = site.code(seed)
    verified = site.idp.verify_software_token(Session=begun["Session"], UserCode=code)
    assert verified["Status"] == "SUCCESS"
    assert site.user.totp_secret == seed
    access = finish(site, verified["Session"])["AuthenticationResult"]["AccessToken"]
    assert site.idp.get_user(AccessToken=access)["PreferredMfaSetting"] == "SOFTWARE_TOKEN_MFA"

    session = site.send_password()["Session"]
    assert refusal(lambda: site.totp(session, code)) == SPENT
    site.totp(site.send_password()["Session"], site.code(seed, 1))


def test_totp_is_active_although_the_last_step_is_lost(site: Site) -> None:
    begun = associate(site)
    site.idp.verify_software_token(
        Session=begun["Session"], UserCode=site.code(begun["SecretCode"])
    )
    assert site.send_password()["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


def test_set_up_chain_demands_each_steps_own_session(site: Site) -> None:
    begun = associate(site)
    code = site.code(begun["SecretCode"])
    verify = site.idp.verify_software_token
    assert refusal(lambda: verify(Session=begun["first"], UserCode=code)) == USED
    unassociated = site.send_password()["Session"]
    assert refusal(lambda: verify(Session=unassociated, UserCode=code)) == INVALID
    assert refusal(lambda: finish(site, site.send_password()["Session"])) == INVALID
    assert refusal(lambda: finish(site, associate(site)["Session"])) == INVALID
    again = associate(site)["Session"]
    assert refusal(lambda: site.idp.associate_software_token(Session=again)) == INVALID
    verified = verify(Session=begun["Session"], UserCode=code)
    assert refusal(lambda: verify(Session=begun["Session"], UserCode=code)) == USED
    finish(site, verified["Session"])
    assert refusal(lambda: finish(site, verified["Session"])) == USED


def test_set_up_sessions_run_out(site: Site) -> None:
    begun = associate(site)
    site.clock.advance(181)
    code = site.code(begun["SecretCode"])
    assert (
        refusal(lambda: site.idp.verify_software_token(Session=begun["Session"], UserCode=code))
        == EXPIRED
    )


def test_wrong_code_at_enrolment_leaves_the_session(site: Site) -> None:
    begun = associate(site)
    seed = begun["SecretCode"]
    assert refusal(
        lambda: site.idp.verify_software_token(
            Session=begun["Session"], UserCode=wrong_code(site, seed)
        )
    ) == ("EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")
    for code in ("1234567", "12345a"):
        assert (
            refusal(site.idp.verify_software_token, Session=begun["Session"], UserCode=code)[0]
            == "InvalidParameterException"
        )
    site.idp.verify_software_token(Session=begun["Session"], UserCode=site.code(seed))


def test_optional_mfa_by_access_token() -> None:
    with Site(pool={"mfa": "OPTIONAL"}) as site:
        site.early_in_step()
        access = site.tokens()["AccessToken"]
        prefer = {"Enabled": True, "PreferredMfa": True}

        def set_preference() -> None:
            site.idp.set_user_mfa_preference(AccessToken=access, SoftwareTokenMfaSettings=prefer)

        assert refusal(set_preference)[0] == "InvalidParameterException"
        begun = site.idp.associate_software_token(AccessToken=access)
        assert "Session" not in begun
        code = site.code(begun["SecretCode"])
        verified = site.idp.verify_software_token(AccessToken=access, UserCode=code)
        assert "Session" not in verified
        assert (
            refusal(lambda: site.idp.verify_software_token(AccessToken=access, UserCode=code))
            == SPENT
        )
        assert "AuthenticationResult" in site.send_password()
        set_preference()
        assert site.send_password()["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
        shown = site.idp.get_user(AccessToken=access)
        assert shown["PreferredMfaSetting"] == "SOFTWARE_TOKEN_MFA"
        site.idp.set_user_mfa_preference(
            AccessToken=access, SoftwareTokenMfaSettings={"Enabled": False}
        )
        assert "AuthenticationResult" in site.send_password()


def test_associate_takes_one_of_session_and_token_and_a_pool_with_mfa() -> None:
    with Site() as site:
        assert refusal(site.idp.associate_software_token)[0] == "InvalidParameterException"
        access = site.tokens()["AccessToken"]
        assert (
            refusal(lambda: site.idp.associate_software_token(AccessToken=access))[0]
            == "SoftwareTokenMFANotFoundException"
        )
