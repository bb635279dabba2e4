"""CUSTOM_CHALLENGE: a question of the pool's own, which its Lambda functions ask and judge.

Source: Amazon Cognito developer guide, "Custom authentication challenge Lambda triggers".
"""

from cognito_credproc.flows.attempt import REAL_NAME, AnswerRefusedError, Challenge, SignIn, respond
from cognito_credproc.flows.flow import ONCE_MORE, Answer, Field, Flow, ask
from cognito_credproc.flows.refusals import is_wrong_password
from cognito_credproc.values.errors import ServiceError


def custom_challenge(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Show what the functions show, and send back what is answered.

    After a wrong answer they may ask again, which looks like a new challenge, or give up, which
    looks like a wrong password.

    Raises:
        AnswerRefusedError: they gave up.
    """
    shown = tuple(
        f"{name}: {text}" for name, text in challenge.parameters.items() if name not in REAL_NAME
    )
    because = ONCE_MORE if shown and shown == sign_in.question else None
    sign_in.question = shown
    answer = yield from ask(Field.CHALLENGE_ANSWER, because, options=shown)
    try:
        return (yield from respond(sign_in, challenge, {"ANSWER": answer}))
    except ServiceError as error:
        if not is_wrong_password(error):
            raise
        raise AnswerRefusedError("the pool did not accept the answer to its question") from error
