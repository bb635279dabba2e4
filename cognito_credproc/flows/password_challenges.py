"""The challenges of the password: itself, its proof, and a new one."""

from cognito_credproc.flows import srp
from cognito_credproc.flows.attempt import (
    Challenge,
    SignIn,
    StartOverError,
    password_of,
    respond,
)
from cognito_credproc.flows.flow import Answer, Field, Flow, ask, member
from cognito_credproc.flows.refusals import is_dead_session
from cognito_credproc.values.errors import ServiceError

USER = "userAttributes."
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
    """Replace the temporary password, and give the attributes that the pool demands.

    What the service refuses is asked for again, and the rest is kept. Whether the session lives on
    then is not known.

    Raises:
        StartOverError: it does not.
    """
    demanded = [key.removeprefix(USER) for key in challenge.names("requiredAttributes", "[]")]
    unfit: str | None = None  # why the last password was not good
    malformed: str | None = None  # why the last attributes were not
    while True:
        given = yield from _attributes(sign_in, demanded, malformed)
        if sign_in.chosen is None:
            sign_in.chosen = yield from ask(Field.NEW_PASSWORD, unfit)
        responses = {"NEW_PASSWORD": sign_in.chosen, **given}
        try:
            answer = yield from respond(sign_in, challenge, responses)
        except ServiceError as error:
            if error.code in UNFIT_PASSWORD:
                sign_in.chosen, unfit = None, error.detail
            elif error.code == "InvalidParameterException" and given:
                malformed = error.detail
                for name in _meant(demanded, malformed):
                    del sign_in.attributes[name]
            elif is_dead_session(error) and (unfit or malformed):
                raise StartOverError("") from error
            else:
                raise
        else:
            sign_in.password = sign_in.chosen
            return answer


def _attributes(sign_in: SignIn, demanded: list[str], because: str | None) -> Flow[dict[str, str]]:
    """The responses that hold the attributes; asked for are those that are not known yet."""
    for name in demanded:
        if name not in sign_in.attributes:
            sign_in.attributes[name] = yield from ask(Field.ATTRIBUTE, because, name)
    return {f"{USER}{name}": sign_in.attributes[name] for name in demanded}


def _meant(attributes: list[str], sentence: str) -> list[str]:
    """The attributes that the service complains of; all, where it names none of them."""
    named = [name for name in attributes if name.replace("_", " ") in sentence.replace("_", " ")]
    return named or attributes
