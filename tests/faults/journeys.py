"""What people and programs do that calls the service, and the calls of each such journey."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cognito_credproc.flows.flow import Item
from cognito_credproc.use_cases.enrolment import Choices, Enrolment
from tests.faults.site import NAME, PASSWORD, TEMPORARY, Site, Somebody, Target
from tests.machine import EXCHANGE, GET_ID, REFRESH, RESPOND, SIGN_IN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Journey(NamedTuple):
    """How a machine is made ready, what is done there, and which of its calls may be harmed."""

    prepare: Callable[[Site], None]
    act: Callable[[Site], str | None]
    targets: tuple[Target, ...]
    mfa: str = "ON"
    auth_flow: str = "USER_PASSWORD_AUTH"  # a quarter of the time that SRP takes
    rotation_grace: int | None = None


def _document(site: Site) -> str:
    """An SDK asks, and nobody is there."""
    return site.renewal().document()


def _logout(site: Site) -> None:
    site.renewal().logout(forget=False)


def _enrol(site: Site, *, sign_up: bool = False, forgotten: bool = False) -> None:
    renewal = site.renewal()
    person = Somebody(site)
    Enrolment(
        site.settings,
        site.performer,
        renewal,
        site.clock,
        person,
        Choices(sign_up=sign_up, forgotten=forgotten),
        unicode=True,
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
    "rotation": Journey(_with_all, _document, (Target(REFRESH),), rotation_grace=0),
    "serve on": Journey(_with_good_credentials, _document, (Target(REFRESH), Target(EXCHANGE))),
    "sign-in": Journey(
        _with_factors,
        _document,
        (
            Target(SIGN_IN),
            Target(RESPOND, "PASSWORD_VERIFIER"),
            Target(RESPOND, "SOFTWARE_TOKEN_MFA"),
        ),
        auth_flow="USER_SRP_AUTH",
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
        mfa="OPTIONAL",
    ),
    "logout": Journey(_with_refresh_token, _logout, (Target("RevokeToken"),)),
}
