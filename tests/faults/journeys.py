"""What people and programs do that calls the service, and the calls of each such journey."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from cognito_credproc.flows.flow import Item
from cognito_credproc.people.qr import Canvas, Form
from cognito_credproc.people.terminal import Size
from cognito_credproc.use_cases.enrolment import Choices, Enrolment
from cognito_credproc.use_cases.phone import Phone
from tests.faults.site import ANSWER, NAME, PASSWORD, TEMPORARY, Site, Somebody, Target
from tests.local_cognito import CustomAuth, Question
from tests.machine import EXCHANGE, GET_ID, REFRESH, RESPOND, SIGN_IN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.local_cognito.clients import ClientOptions
    from tests.local_cognito.pools import PoolOptions


class Journey(NamedTuple):
    """How a machine is made ready, what is done there, and which of its calls may be harmed."""

    prepare: Callable[[Site], None]
    act: Callable[[Site], str | None]
    targets: tuple[Target, ...]
    pool: PoolOptions = {}  # noqa: RUF012 - it is not changed
    client: ClientOptions = {}  # noqa: RUF012 - as above
    said: Mapping[str, Any] = {}
    hint: str = ""  # where it is the journey that says what to do, whatever the harm is


def _document(site: Site) -> str:
    """An SDK asks, and nobody is there."""
    return site.renewal().document()


def _login(site: Site) -> None:
    """A person signs in by hand."""
    site.person = Somebody(site)
    site.renewal().login()


def _basic(site: Site) -> str:
    """Longer credentials, by way of STS."""
    site.settings = replace(
        site.settings, credential_flow="basic", role_arn=site.role, duration_seconds=3_600
    )
    return _document(site)


def _logout(site: Site) -> None:
    site.renewal().logout(forget=False)


def _enrol(site: Site, *, sign_up: bool = False, forgotten: bool = False) -> None:
    renewal = site.renewal()
    person = Somebody(site)
    canvas = Canvas(Form.BLOCKS, lambda: Size(120, 50))
    Enrolment(
        site.settings,
        site.performer,
        renewal,
        person,
        Choices(sign_up=sign_up, forgotten=forgotten),
        Phone("dev", NAME, person, site.clock, canvas),
    ).run()
    assert site.read(Item.TOTP_SEED) == site.user.totp_secret
    assert site.read(Item.PASSWORD) == PASSWORD
    assert site.read(Item.REFRESH_TOKEN)


def _sign_up(site: Site) -> None:
    _enrol(site, sign_up=True)


def _new_password(site: Site) -> None:
    _enrol(site, forgotten=True)


def _member(site: Site) -> None:
    site.pool.create_user(NAME, password=PASSWORD)


def _with_phone(site: Site) -> None:
    _member(site)
    site.user.phone = "+819012345678"


def _with_phone_and_app(site: Site) -> None:
    _with_phone(site)
    site.pool.enable_totp(site.user)
    site.user.prefer("SMS_MFA", enabled=True, preferred=False)
    site.user.prefer("SOFTWARE_TOKEN_MFA", enabled=True, preferred=False)


def _remembered(site: Site) -> None:
    _with_phone(site)
    _login(site)
    site.session().delete()


def _with_refresh_token(site: Site) -> None:
    _member(site)
    site.has_refresh_token()


def _with_all(site: Site) -> None:
    _member(site)
    site.has_factors()
    site.has_refresh_token()


def _with_good_credentials(site: Site) -> None:
    _with_refresh_token(site)
    site.keep(left=600)


def _with_factors(site: Site) -> None:
    _member(site)
    site.has_factors()


def _invited(site: Site) -> None:
    site.pool.create_user(NAME, temporary_password=TEMPORARY)


def _nobody_yet(_site: Site) -> None:
    pass


def _unconfirmed(site: Site) -> None:
    _member(site)
    site.user.status = "UNCONFIRMED"


JOURNEYS: Mapping[str, Journey] = {
    "refresh": Journey(
        _with_refresh_token, _document, (Target(REFRESH), Target(GET_ID), Target(EXCHANGE))
    ),
    "rotation": Journey(_with_all, _document, (Target(REFRESH),), client={"rotation_grace": 0}),
    "serve on": Journey(_with_good_credentials, _document, (Target(REFRESH), Target(EXCHANGE))),
    "sign-in": Journey(
        _with_factors,
        _document,
        (
            Target(SIGN_IN),
            Target(RESPOND, "PASSWORD_VERIFIER"),
            Target(RESPOND, "SOFTWARE_TOKEN_MFA"),
        ),
        said={"auth_flow": "USER_SRP_AUTH"},
    ),
    "first sign-in": Journey(
        _invited,
        _enrol,
        (
            Target(RESPOND, "NEW_PASSWORD_REQUIRED"),
            Target("AssociateSoftwareToken"),
            Target("VerifySoftwareToken"),
            Target(RESPOND, "MFA_SETUP"),
            Target(EXCHANGE),
        ),
    ),
    "sign-up": Journey(_nobody_yet, _sign_up, (Target("SignUp"), Target("ConfirmSignUp"))),
    "late confirmation": Journey(_unconfirmed, _enrol, (Target("ResendConfirmationCode"),)),
    "new password": Journey(
        _member, _new_password, (Target("ForgotPassword"), Target("ConfirmForgotPassword"))
    ),
    "optional TOTP": Journey(
        _member,
        _enrol,
        (Target("VerifySoftwareToken"), Target("SetUserMFAPreference")),
        pool={"mfa": "OPTIONAL"},
    ),
    "logout": Journey(
        _with_refresh_token,
        _logout,
        (Target("RevokeToken"),),
        hint="an administrator ends it: aws cognito-idp admin-user-global-sign-out ",
    ),
}
BY_SMS: PoolOptions = {"mfa_kinds": ("SMS_MFA",)}
TRACKING: PoolOptions = {**BY_SMS, "devices": "ALWAYS"}
CHOICE: PoolOptions = {"mfa": "OFF", "first_factors": ("PASSWORD", "EMAIL_OTP")}
QUESTION: PoolOptions = {
    "mfa": "OFF",
    "custom": CustomAuth((Question({"question": "colour?"}, ANSWER),)),
}
# The other challenges and calls; what a broken way does to a call is the same for all.
MORE: Mapping[str, Journey] = {
    "code by SMS": Journey(_with_phone, _login, (Target(RESPOND, "SMS_MFA"),), BY_SMS),
    "code by mail": Journey(
        _member, _login, (Target(RESPOND, "EMAIL_OTP"),), {"mfa_kinds": ("EMAIL_OTP",)}
    ),
    "second factors": Journey(
        _with_phone_and_app,
        _login,
        (Target(RESPOND, "SELECT_MFA_TYPE"),),
        {"mfa_kinds": ("SMS_MFA", "SOFTWARE_TOKEN_MFA")},
    ),
    "first factors": Journey(
        _member,
        _login,
        (Target(RESPOND, "SELECT_CHALLENGE"),),
        CHOICE,
        said={"auth_flow": "USER_AUTH"},
    ),
    "mail alone": Journey(
        _member,
        _login,
        (Target(RESPOND, "EMAIL_OTP"),),
        CHOICE,
        said={"auth_flow": "USER_AUTH", "preferred_challenge": "EMAIL_OTP"},
    ),
    "questions": Journey(
        _member,
        _login,
        (Target(RESPOND, "CUSTOM_CHALLENGE"),),
        QUESTION,
        said={"auth_flow": "CUSTOM_AUTH"},
    ),
    "new device": Journey(
        _with_phone,
        _login,
        (Target("ConfirmDevice"),),
        TRACKING,
        said={"auth_flow": "USER_SRP_AUTH"},
    ),
    "known device": Journey(
        _remembered,
        _login,
        (Target(RESPOND, "DEVICE_SRP_AUTH"), Target(RESPOND, "DEVICE_PASSWORD_VERIFIER")),
        TRACKING,
        said={"auth_flow": "USER_SRP_AUTH"},
    ),
    "basic flow": Journey(
        _with_refresh_token, _basic, (Target("GetOpenIdToken"), Target("AssumeRoleWithWebIdentity"))
    ),
}
