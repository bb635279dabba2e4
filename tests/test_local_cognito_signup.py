"""Local Cognito: signing up, mailed codes and their limits, a forgotten password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.local_cognito.signup import reset_by_administrator
from tests.test_local_cognito_harness import NAME, PASSWORD, Reply, Site, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

NEW = "new@example.com"
MISMATCH = (
    "CodeMismatchException",
    "Invalid verification code provided, please try again.",
)
EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
LIMIT = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


def sign_up(site: Site, name: str = NEW, **more: Any) -> Reply:
    reply: Reply = site.idp.sign_up(
        **{"ClientId": site.client.id, "Username": name, "Password": PASSWORD, **more}
    )
    return reply


def confirm(site: Site, code: str, name: str = NEW) -> None:
    site.idp.confirm_sign_up(ClientId=site.client.id, Username=name, ConfirmationCode=code)


def resend(site: Site, name: str = NEW) -> Reply:
    reply: Reply = site.idp.resend_confirmation_code(ClientId=site.client.id, Username=name)
    return reply


def other(code: str) -> str:
    """Another code of six digits."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_sign_up_and_confirm(site: Site) -> None:
    reply = sign_up(site)
    assert reply["UserConfirmed"] is False
    assert reply["CodeDeliveryDetails"] == {
        "Destination": "n***@e***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
    mail = site.pool.outbox[-1]
    assert (mail.destination, mail.kind) == (NEW, "sign-up")
    assert reply["UserSub"] == site.pool.user(NEW).sub
    assert refusal(site.send_password, PASSWORD, NEW) == (
        "UserNotConfirmedException",
        "User is not confirmed.",
    )
    assert refusal(confirm, site, other(mail.code)) == MISMATCH
    confirm(site, mail.code)
    assert "AuthenticationResult" in site.send_password(PASSWORD, NEW)
    assert refusal(confirm, site, mail.code) == (
        "NotAuthorizedException",
        "User cannot be confirmed. Current status is CONFIRMED",
    )
    assert refusal(resend, site)[0] == "InvalidParameterException"


def test_names_that_cannot_sign_up(site: Site) -> None:
    assert refusal(sign_up, site, NAME) == (
        "UsernameExistsException",
        "An account with the given email already exists.",
    )
    assert refusal(sign_up, site, NAME.upper())[0] == "UsernameExistsException"
    assert refusal(sign_up, site, "istio")[0] == "InvalidParameterException"


def test_sign_up_is_the_administrators_where_the_pool_says_so() -> None:
    with Site(pool={"admin_create_only": True}) as site:
        assert refusal(sign_up, site) == (
            "NotAuthorizedException",
            "SignUp is not permitted for this user pool",
        )


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("Sh-1aaa", "Password not long enough"),
        ("lower-case-1", "Password must have uppercase characters"),
        ("UPPER-CASE-1", "Password must have lowercase characters"),
        ("No-digits-at-all", "Password must have numeric characters"),
        ("NoSymbols11", "Password must have symbol characters"),
    ],
)
def test_password_policy(site: Site, password: str, rule: str) -> None:
    assert refusal(sign_up, site, Password=password) == (
        "InvalidPasswordException",
        f"Password did not conform with policy: {rule}",
    )


def test_code_lives_a_day(site: Site) -> None:
    sign_up(site)
    site.clock.advance(86_401)
    assert refusal(confirm, site, site.pool.outbox[-1].code) == EXPIRED
    resend(site)
    confirm(site, site.pool.outbox[-1].code)


def test_resending_voids_the_code_before_and_is_limited(site: Site) -> None:
    sign_up(site)
    for _ in range(5):
        resend(site)
    assert refusal(resend, site) == LIMIT
    first, *_, last = site.pool.outbox
    assert len(site.pool.outbox) == 6
    assert first.code == last.code or refusal(confirm, site, first.code) == EXPIRED
    site.clock.advance(3_601)
    resend(site)
    confirm(site, site.pool.outbox[-1].code)


def test_fifteen_tries_an_hour(site: Site) -> None:
    sign_up(site)
    code = site.pool.outbox[-1].code
    for _ in range(15):
        assert refusal(confirm, site, other(code)) == MISMATCH
    assert refusal(confirm, site, code) == LIMIT
    site.clock.advance(3_601)
    confirm(site, code)


def test_secret_hash_at_sign_up() -> None:
    with Site(secret=True) as site:
        assert refusal(sign_up, site)[1].endswith("SECRET_HASH was not received")
        assert refusal(sign_up, site, SecretHash="AAAA")[1].startswith("SecretHash does not match")
        sign_up(site, SecretHash=site.client.secret_hash(NEW))


def test_unknown_users_are_kept_private(site: Site) -> None:
    nobody = "nobody@example.com"
    assert resend(site, nobody)["CodeDeliveryDetails"]["Destination"] == "n***@e***"
    assert refusal(confirm, site, "123456", nobody) == EXPIRED
    site.idp.forgot_password(ClientId=site.client.id, Username=nobody)
    assert (
        refusal(
            site.idp.confirm_forgot_password,
            ClientId=site.client.id,
            Username=nobody,
            ConfirmationCode="123456",
            Password=PASSWORD,
        )
        == MISMATCH
    )
    assert site.pool.outbox == []


def test_forgotten_password(site: Site) -> None:
    who = {"ClientId": site.client.id, "Username": NAME}
    site.user.reset_required = True
    site.idp.forgot_password(**who)
    mail = site.pool.outbox[-1]
    assert (mail.destination, mail.kind) == (NAME, "forgot-password")

    new = "Another-horse-2"

    def reset(code: str, password: str = new) -> None:
        site.idp.confirm_forgot_password(**who, ConfirmationCode=code, Password=password)

    assert refusal(reset, other(mail.code)) == MISMATCH
    assert refusal(reset, mail.code, "short")[0] == "InvalidPasswordException"
    site.clock.advance(3_601)
    assert refusal(reset, mail.code) == EXPIRED
    site.idp.forgot_password(**who)
    code = site.pool.outbox[-1].code
    reset(code)
    assert refusal(reset, code) == EXPIRED
    assert refusal(site.send_password)[0] == "NotAuthorizedException"
    assert "AuthenticationResult" in site.send_password("Another-horse-2")


def test_forgotten_password_is_limited_and_not_for_everybody(site: Site) -> None:
    who = {"ClientId": site.client.id, "Username": NAME}
    for _ in range(5):
        site.idp.forgot_password(**who)
    assert refusal(site.idp.forgot_password, **who) == LIMIT
    site.pool.create_user(NEW, temporary_password="Temporary-1")
    assert refusal(site.idp.forgot_password, ClientId=site.client.id, Username=NEW)[0] == (
        "NotAuthorizedException"
    )


def sends_to(site: Site) -> tuple[str, str]:
    """Where ForgotPassword says that the code went, and by which medium."""
    reply = site.idp.forgot_password(ClientId=site.client.id, Username=NAME)
    details = reply["CodeDeliveryDetails"]
    return details["Destination"], details["DeliveryMedium"]


def test_where_the_code_for_a_new_password_goes(site: Site) -> None:
    site.user.phone = "+819012345678"
    assert sends_to(site) == ("i***@e***", "EMAIL")
    site.pool.recovery = ("phone_number", "email")
    assert sends_to(site) == ("+*******5678", "SMS")
    site.user.mfa.add("SMS_MFA")
    assert sends_to(site) == ("i***@e***", "EMAIL")
    site.user.mfa.add("EMAIL_OTP")
    assert refusal(sends_to, site)[0] == "InvalidParameterException"
    site.pool.recovery = ()
    assert refusal(sends_to, site)[0] == "NotAuthorizedException"
    assert [message.destination for message in site.pool.outbox] == [
        NAME,
        "+819012345678",
        NAME,
    ]


def test_reset_by_an_administrator_sends_the_code_itself(site: Site) -> None:
    who = {"ClientId": site.client.id, "Username": NAME}
    reset_by_administrator(site.pool, site.user)
    assert refusal(site.send_password)[0] == "PasswordResetRequiredException"
    code = site.pool.outbox[-1].code
    site.idp.confirm_forgot_password(**who, ConfirmationCode=code, Password="Another-horse-2")
    assert "AuthenticationResult" in site.send_password("Another-horse-2")


def test_secret_hash_at_a_new_password() -> None:
    with Site(secret=True) as site:
        who = {"ClientId": site.client.id, "Username": NAME}
        assert refusal(site.idp.forgot_password, **who)[1].endswith("SECRET_HASH was not received")
        hashed = {**who, "SecretHash": site.client.secret_hash(NAME)}
        site.idp.forgot_password(**hashed)
        new = {"ConfirmationCode": site.pool.outbox[-1].code, "Password": "Another-horse-2"}
        wrong = {**hashed, "SecretHash": site.client.secret_hash(site.user.username)}
        assert refusal(site.idp.confirm_forgot_password, **wrong, **new)[1].startswith(
            "SecretHash does not match"
        )
        site.idp.confirm_forgot_password(**hashed, **new)
