"""USER_AUTH: the first factor by preference or by choice, on a terminal and without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.enrolling import RUN, last_code, other_than
from tests.e2e.machine import (
    CREDENTIALS,
    HELPER,
    MFA,
    NAME,
    PASSWORD,
    SRP,
    failed,
    good_document,
    words,
)
from tests.e2e.test_codes import ASK_PASSWORD, ASK_SMS, LOGIN, LOGIN_HINT, PHONE, SIGNED_IN
from tests.test_loopback import free_port
from tests.web_browser import WebBrowser

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine

FLOWS = ("ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
ALL = ("PASSWORD", "WEB_AUTHN", "EMAIL_OTP", "SMS_OTP")
ASK_OTP = "[dev] code sent by e-mail to i***@e*** (r sends another): "
RESPOND = "RespondToAuthChallenge"


@pytest.mark.parametrize("secret", [True, False])
def test_code_by_mail_is_all_there_is_to_it(new_machine: NewMachine, secret: bool) -> None:
    pool = {"mfa": "OFF", "first_factors": ALL}
    machine = new_machine(pool=pool, client={"flows": FLOWS, "secret": secret})
    machine.create_user()
    machine.write_config(cognito_auth_flow="USER_AUTH", cognito_preferred_challenge="EMAIL_OTP")
    if secret:
        machine.run([*RUN, "--client-secret-stdin"], f"{machine.client.secret}\n")
    for _ in range(2):
        _, hint = failed(machine.helper(), 3)
        assert hint == LOGIN_HINT
    assert machine.calls() == []
    assert machine.pool.outbox == []
    with machine.sits(*LOGIN) as person:
        person.sees(ASK_OTP)
        code = last_code(machine)
        assert len(code) == 8
        person.types(other_than(code[:6]))
        person.answers("[dev] that code is wrong", "")
        person.sees("[dev] a code is six or eight digits")
        machine.cognito.clock.advance(181)
        person.types(code)
        person.sees("[dev] the sign-in had run out; a new code is on its way")
        person.sees(ASK_OTP)
        person.types(last_code(machine))
        person.sees(SIGNED_IN)
        assert person.ends() == 0
        assert "password" not in person.shown
    begun = ["InitiateAuth", RESPOND]
    assert machine.calls() == [*begun, RESPOND, *begun, "GetId", CREDENTIALS]
    machine.items.remove("session", "refresh-token")
    failed(machine.helper(), 3)
    assert machine.calls() == []
    assert len(machine.pool.outbox) == 2


def test_code_by_sms_and_the_password_in_the_clear(new_machine: NewMachine) -> None:
    """As a code alone, as a step of its own, and at the beginning; all on a terminal."""
    flows = (*FLOWS, "ALLOW_USER_PASSWORD_AUTH")
    pool = {"mfa": "OFF", "first_factors": ALL, "factors_in_steps": True}
    machine = new_machine(pool=pool, client={"flows": flows})
    machine.create_user().phone = PHONE
    machine.write_config(cognito_auth_flow="USER_AUTH", cognito_preferred_challenge="SMS_OTP")
    with machine.sits(*LOGIN) as person:
        person.sees(ASK_SMS)
        person.types(other_than(last_code(machine)[:6]))
        person.sees("[dev] that code is wrong")
        person.sees(ASK_SMS)
        machine.cognito.clock.advance(181)
        person.types(last_code(machine))
        person.sees("[dev] the sign-in had run out; a new code is on its way")
        person.sees(ASK_SMS)
        person.types(last_code(machine))
        person.sees(SIGNED_IN)
        assert person.ends() == 0
    assert [mail.kind for mail in machine.pool.outbox] == ["SMS_OTP"] * 2
    machine.calls()
    by_step = {"cognito_auth_flow": "USER_AUTH", "cognito_preferred_challenge": "PASSWORD"}
    for keys, steps in ((by_step, [RESPOND]), ({"cognito_auth_flow": "USER_PASSWORD_AUTH"}, [])):
        machine.write_config(**keys)
        with machine.sits(*LOGIN) as person:
            person.answers(ASK_PASSWORD, "wrong")
            person.sees("[dev] incorrect user name or password")
            person.answers(ASK_PASSWORD, PASSWORD)
            person.sees(SIGNED_IN)
            assert person.ends() == 0
        begun = ["InitiateAuth", *steps]
        assert machine.calls() == [*begun, *begun, CREDENTIALS]
        good_document(machine.helper().stdout)


def test_choice_on_the_terminal_is_remembered(new_machine: NewMachine) -> None:
    machine = new_machine(pool={"mfa": "OFF", "first_factors": ALL}, client={"flows": FLOWS})
    user = machine.create_user()
    user.phone, user.passkeys = PHONE, 1
    machine.write_config(cognito_auth_flow="USER_AUTH")
    with machine.sits(*LOGIN) as person:
        person.sees("[dev] 1  the password")
        person.sees("[dev] 2  a code by e-mail")
        assert machine.pool.outbox == []
        person.answers("[dev] which of these (1-3): ", "2")
        person.sees(ASK_OTP)
        person.types(last_code(machine))
        person.sees(SIGNED_IN)
        assert person.ends() == 0
    machine.items.remove("session", "refresh-token")
    with machine.sits(HELPER, "--profile", "dev", pipes=True) as person:
        person.answers("[dev] press Enter to sign in; a code may be sent to you: ", "")
        person.sees(ASK_OTP)
        person.types(last_code(machine))
        out, err = person.output()
    good_document(out)
    assert err == ""
    assert len(machine.pool.outbox) == 2


@pytest.mark.parametrize("preferred", [None, "PASSWORD_SRP", "PASSWORD"])
@pytest.mark.parametrize("in_steps", [True, False])
def test_stored_factors_without_a_person(
    new_machine: NewMachine, preferred: str | None, in_steps: bool
) -> None:
    machine = new_machine(pool={"factors_in_steps": in_steps}, client={"flows": FLOWS})
    machine.write_config(cognito_auth_flow="USER_AUTH", cognito_preferred_challenge=preferred)
    machine.enrolled()
    machine.items.remove("session", "refresh-token")
    machine.half_a_minute_passes()
    good_document(machine.helper().stdout)
    by_srp = preferred != "PASSWORD"
    steps = by_srp + (preferred is None) + in_steps
    assert machine.calls() == ["InitiateAuth", *[RESPOND] * steps, MFA, CREDENTIALS]
    if by_srp:
        assert PASSWORD.encode() not in b"".join(machine.cognito.wire)


def test_wrong_password_is_asked_for_again(new_machine: NewMachine) -> None:
    machine = new_machine(pool={"mfa": "OFF"}, client={"flows": FLOWS})
    machine.create_user()
    machine.write_config(cognito_auth_flow="USER_AUTH", cognito_preferred_challenge="PASSWORD_SRP")
    with machine.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, "wrong")
        person.sees("[dev] incorrect user name or password")
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees(SIGNED_IN)
        assert person.ends() == 0
    assert machine.calls() == [*SRP, *SRP, "GetId", CREDENTIALS]


def test_passkey_leads_to_the_browser(new_machine: NewMachine) -> None:
    back = f"http://localhost:{free_port()}/"
    machine = new_machine(
        pool={"mfa": "OFF", "first_factors": ALL},
        client={"flows": FLOWS, "callback_urls": (back,)},
    )
    user = machine.create_user()
    user.passkeys, user.verifier, user.email_verified = 1, None, False
    machine.write_config(
        cognito_auth_flow="USER_AUTH",
        cognito_preferred_challenge="EMAIL_OTP",
        cognito_redirect_uri=back,
    )
    with machine.sits(*LOGIN) as person:
        person.sees("error: cognito asks for a passkey, which only a browser can use")
        assert person.ends() == 3
        hint = person.shown.splitlines()[-1].removeprefix("hint: ")
    assert hint == "cognito-credproc configure --profile dev --auth-flow BROWSER"
    assert NAME not in hint
    with machine.sits(*words(hint)) as person:
        person.answers("[dev] sign-in page's domain, such as", machine.cognito.endpoint)
        person.sees("[dev] without cognito_preferred_challenge = EMAIL_OTP, which that flow does")
        person.sees("[dev] next: cognito-credproc login --profile dev")
        assert person.ends() == 0
    assert "preferred_challenge" not in machine.config.read_text()
    user.set_password(PASSWORD)  # the page of the local Cognito knows no passkeys
    with machine.sits(*LOGIN, "--no-browser") as person:
        person.sees("[dev] it ends at")
        url = next(line for line in person.shown.splitlines() if line.startswith("http"))
        browser = WebBrowser(machine.cognito).signs_in(url, NAME, PASSWORD)
        person.answers("that address, from its address bar: ", browser.url)
        person.sees(SIGNED_IN)
        assert person.ends() == 0
