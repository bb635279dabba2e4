"""The keys of a profile's settings, and the form of each value.

Source of the forms: the Amazon Cognito API references, "Pattern" of each parameter.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from cognito_credproc.flows.entry import AUTH_FLOWS, PREFERRED
from cognito_credproc.flows.managed_login import BROWSER
from cognito_credproc.settings.named import profile_option

WAYS = (*AUTH_FLOWS, BROWSER)
SECOND_FACTORS = ("SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP")


class Form(NamedTuple):
    """The form of a value, and an example of it for people; a note where that does not say it."""

    pattern: str
    example: str
    limit: int
    note: str = ""


# Digits and letters are spelled out: to Python, those of every script are some.
REDIRECT_URI = "http://localhost:8976/"
HOST = r"[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)+"
LOOPBACK = r"(localhost|127\.0\.0\.1|\[::1\])"
PORT = r"([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
COMMAND = r"[^\x00-\x1f\x7f-\x9f]+"  # is split into words where it is used, as each system does it
REQUIRED: Mapping[str, Form] = {
    "cognito_user_pool_id": Form(
        r"[a-z]{2,}(-[a-z]+)+-[0-9]+_[0-9A-Za-z]+", "ap-northeast-1_AbCdEfGhI", 55
    ),
    "cognito_client_id": Form(r"[0-9A-Za-z_+]+", "1example23456789", 128),
    "cognito_identity_pool_id": Form(
        r"[a-z]{2,}(-[a-z]+)+-[0-9]+:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "ap-northeast-1:11111111-2222-3333-4444-555555555555",
        55,
    ),
    "cognito_username": Form(r"[^\s\x00-\x1f\x7f-\x9f]+", "istio@example.com", 128),
}
OPTIONAL: Mapping[str, Form] = {
    "cognito_region": Form(r"[a-z]{2,}(-[a-z]+)+-[0-9]+", "ap-northeast-1", 32),
    "cognito_auth_flow": Form("|".join(WAYS), " or ".join(WAYS), 32),
    "cognito_domain": Form(
        rf"(https://)?({HOST}|{LOOPBACK})(:{PORT})?/?|http://{LOOPBACK}(:{PORT})?/?",
        "myteam.auth.ap-northeast-1.amazoncognito.com",
        255,
    ),
    "cognito_identity_provider": Form(COMMAND, "Okta", 32),
    "cognito_redirect_uri": Form(
        rf"http://{LOOPBACK}(:{PORT})?(/[0-9A-Za-z_.~/-]*)?",
        REDIRECT_URI,
        1024,
        " (of this machine)",
    ),
    "cognito_role_arn": Form(
        r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+",
        "arn:aws:iam::111122223333:role/Dev",
        2048,
    ),
    "cognito_credential_flow": Form("enhanced|basic", "enhanced or basic", 32),
    "cognito_duration_seconds": Form(
        "9[0-9]{2}|[1-9][0-9]{3}|[1-3][0-9]{4}|4[0-2][0-9]{3}|43[01][0-9]{2}|43200",
        "3600",
        5,
        " (900 to 43200 seconds)",
    ),
    "cognito_logins_key": Form(
        r"[A-Za-z0-9_.:/-]+",
        "cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_AbCdEfGhI",
        128,
    ),
    "cognito_mfa": Form("|".join(SECOND_FACTORS), " or ".join(SECOND_FACTORS), 32),
    "cognito_preferred_challenge": Form("|".join(PREFERRED), " or ".join(PREFERRED), 32),
    "cognito_prompt": Form(COMMAND, "terminal or pinentry", 1024),
    "cognito_totp_command": Form(COMMAND, "op item get AWS --otp", 1024),
}
FORMS = {**REQUIRED, **OPTIONAL}
COMMANDS = {"cognito_prompt", "cognito_totp_command"}
OURS = "cognito_"  # what each of our keys begins with
BASE = "cognito_settings_from"
FLOW = "cognito_credential_flow"
CHALLENGE = "cognito_preferred_challenge"

_ARN = r"arn:aws[a-z-]*:{}:[a-z0-9-]+:[0-9]{{12}}:{}/([^/]+)"
ARNS = {
    "cognito_user_pool_id": re.compile(_ARN.format("cognito-idp", "userpool")),
    "cognito_identity_pool_id": re.compile(_ARN.format("cognito-identity", "identitypool")),
}

# What each flow may begin with, where there is a choice.
CHALLENGES: Mapping[str, tuple[str, ...]] = {
    "USER_AUTH": PREFERRED,
    "CUSTOM_AUTH": ("PASSWORD_SRP",),
}


def label(key: str) -> str:
    """What people call a key."""
    return key.removeprefix(OURS).replace("_", " ")


def flag(key: str) -> str:
    """The option of `configure` that says a key; `--region` is that of the AWS tools."""
    return "--pool-region" if key == "cognito_region" else f"--{label(key).replace(' ', '-')}"


def configure_command(profile: str) -> str:
    """The command that asks for what a profile lacks, and mends its line."""
    return f"cognito-credproc configure {profile_option(profile)}"


def set_command(key: str, profile: str, value: str = "VALUE") -> str:
    """The command that gives a key of a profile another value."""
    return f"{configure_command(profile)} {flag(key)} {value}"


def missing(values: Mapping[str, str]) -> list[str]:
    """The keys that settings lack, in the order in which people are asked for them."""
    needed = list(REQUIRED)
    if values.get("cognito_auth_flow") == BROWSER:
        needed[needed.index("cognito_username")] = "cognito_domain"
    return [key for key in needed if not values.get(key)]


def is_well_formed(key: str, value: str) -> bool:
    """Whether a value has the form of its key."""
    form = FORMS[key]
    return len(value) <= form.limit and re.fullmatch(form.pattern, value) is not None


def id_of(key: str, text: str) -> str:
    """The id in a pool's ARN; any other text is left as it is.

    Source: Service Authorization Reference, resource types of `cognito-idp` and `cognito-identity`.
    """
    found = ARNS[key].fullmatch(text) if key in ARNS else None
    return found[1] if found else text
