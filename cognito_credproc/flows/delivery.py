"""Where a code was sent, in words."""

from cognito_credproc.flows.flow import Answer

MEDIA = {"SMS": "by SMS ", "EMAIL": "by e-mail "}


def delivered(medium: str | None, destination: str | None) -> str:
    """How and to where a code went, as Cognito shows it: masked."""
    return f"{MEDIA.get(medium or '', '')}to {destination or 'you'}"


def sent_to(answer: Answer) -> str:
    """The same from the answer of a call that has a code sent."""
    details = answer.get("CodeDeliveryDetails", {})
    return delivered(details.get("DeliveryMedium"), details.get("Destination"))
