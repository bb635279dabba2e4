"""The answers to Cognito's challenges, one table.

Theory. A sign-in is a chain: InitiateAuth, and every RespondToAuthChallenge after it, returns
either tokens or the next challenge with a new session. A session is good once and for about three
minutes; a wrong code leaves it usable, anything else that was accepted spends it.

    USER_SRP_AUTH ─────────────────> PASSWORD_VERIFIER ─────────────┐
    USER_PASSWORD_AUTH ─────────────────────────────────────────────┤
    USER_AUTH ───┬─> PASSWORD_SRP ─> PASSWORD_VERIFIER ─────────────┤
                 ├─> PASSWORD ──────────────────────────────────────┤ the password is proven
                 ├─> EMAIL_OTP · SMS_OTP ───────────────────────────│───────────> tokens
                 ├─> WEB_AUTHN (a browser's, not ours)              │
                 └─> SELECT_CHALLENGE ─> one of these five          │
    CUSTOM_AUTH ─┬─> PASSWORD_VERIFIER ─┐ (with SRP_A)              │
                 └──────────────────────┴> CUSTOM_CHALLENGE, again ─│───────────> tokens
                                           and again                │
          ┌─ NEW_PASSWORD_REQUIRED <── it was temporary ────────────┤
          └─────────────────────────────────────────────────────────┤
    DEVICE_SRP_AUTH ─> DEVICE_PASSWORD_VERIFIER <── known machine ──┤ ──────────> tokens
    MFA_SETUP <── no second factor yet, and one is demanded ────────┤ ──────────> tokens
    SELECT_MFA_TYPE ─> one of the next <── several second factors ──┤
    SOFTWARE_TOKEN_MFA · SMS_MFA · EMAIL_OTP <── the preferred one ─┤ ──────────> tokens
                                              none is wanted ───────┴───────────> tokens

A known machine may be asked for its proof in the other chains too, before the tokens.

The table says how each is answered. Each entry is a flow that is given the challenge and returns
the service's next answer; whatever follows what is the service's to say, not ours.

Source: Amazon Cognito user pools API reference, RespondToAuthChallenge.
"""

from collections.abc import Mapping

from cognito_credproc.flows.attempt import Responder
from cognito_credproc.flows.choice_challenges import select_challenge, select_mfa_type, web_authn
from cognito_credproc.flows.code_challenges import sent_code, software_token_mfa
from cognito_credproc.flows.custom_challenges import custom_challenge
from cognito_credproc.flows.device_challenges import device_password_verifier, device_srp_auth
from cognito_credproc.flows.password_challenges import (
    new_password_required,
    password,
    password_srp,
    password_verifier,
)
from cognito_credproc.flows.setup_challenges import enrolment_needed, mfa_setup

CHALLENGES: Mapping[str, Responder] = {
    "SELECT_CHALLENGE": select_challenge,
    "PASSWORD": password,
    "PASSWORD_SRP": password_srp,
    "PASSWORD_VERIFIER": password_verifier,
    "WEB_AUTHN": web_authn,
    "CUSTOM_CHALLENGE": custom_challenge,
    "SOFTWARE_TOKEN_MFA": software_token_mfa,
    "SMS_MFA": sent_code,
    "SMS_OTP": sent_code,
    "EMAIL_OTP": sent_code,
    "EMAIL_MFA": sent_code,  # in the API reference, though not among its enumerated names
    "SELECT_MFA_TYPE": select_mfa_type,
    "DEVICE_SRP_AUTH": device_srp_auth,
    "DEVICE_PASSWORD_VERIFIER": device_password_verifier,
    "NEW_PASSWORD_REQUIRED": new_password_required,
    "MFA_SETUP": enrolment_needed,
}
ENROLMENT_CHALLENGES: Mapping[str, Responder] = {**CHALLENGES, "MFA_SETUP": mfa_setup}
