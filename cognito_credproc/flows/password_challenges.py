"""The challenges of the password: itself, its proof, and a new one."""

from cognito_credproc.flows import srp
from cognito_credproc.flows.attempt import Challenge, SignIn, password_of, respond
from cognito_credproc.flows.flow import Answer, Field, Flow, ask, member
from cognito_credproc.values.errors import ServiceError

UNFIT_PASSWORD = {"InvalidPasswordException", "PasswordHistoryPolicyViolationException"}


def password(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Send the password, where the sign-in began without it."""
    sent = yield from password_of(sign_in)
    return (yield from respond(sign_in, challenge, {"PASSWORD": sent}))


def password_srp(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Begin SRP, where the sign-in began without it; PASSWORD_VERIFIER follows in a few seconds."""
    yield from password_of(sign_in)
    return (yield from respond(sign_in, challenge, {"SRP_A": sign_in.public()}))


def password_verifier(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Prove the password by SRP."""
    identity = sign_in.app.pool_suffix + member(challenge.parameters, "USER_ID_FOR_SRP")
    proof = claim(sign_in, challenge, identity, (yield from password_of(sign_in)))
    return (yield from respond(sign_in, challenge, proof))


def claim(sign_in: SignIn, challenge: Challenge, identity: str, password: str) -> dict[str, str]:
    """The responses that prove a password by SRP, a user's or a device's."""
    verifier = srp.Verifier(
        salt=member(challenge.parameters, "SALT"),
        b=member(challenge.parameters, "SRP_B"),
        secret_block=member(challenge.parameters, "SECRET_BLOCK"),
    )
    timestamp = srp.timestamp(sign_in.clock.now())
    signature = srp.claim_signature(
        sign_in.ephemeral, verifier, identity=identity, password=password, timestamp=timestamp
    )
    return {
        "PASSWORD_CLAIM_SIGNATURE": signature,
        "PASSWORD_CLAIM_SECRET_BLOCK": verifier.secret_block,
        "TIMESTAMP": timestamp,
    }


def new_password_required(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Replace the temporary password, and give the attributes that the pool demands."""
    attributes = {}
    for key in challenge.names("requiredAttributes", "[]"):
        name = key if key.startswith("userAttributes.") else f"userAttributes.{key}"
        label = name.removeprefix("userAttributes.")
        attributes[name] = yield from ask(Field.ATTRIBUTE, detail=label)
    because = None
    while True:
        chosen = yield from ask(Field.NEW_PASSWORD, because)
        try:
            answer = yield from respond(sign_in, challenge, {"NEW_PASSWORD": chosen, **attributes})
        except ServiceError as error:
            if error.code not in UNFIT_PASSWORD:
                raise
            because = error.detail
        else:
            sign_in.password = chosen
            return answer
