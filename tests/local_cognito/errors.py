"""The one error that an operation raises; the server turns it into the wire form."""

from __future__ import annotations


class ServiceError(Exception):
    """A refusal by the service: a code for programs, a message for people, an HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def not_authorized(message: str) -> ServiceError:
    """NotAuthorizedException, the service's answer to most things that are wrong."""
    return ServiceError("NotAuthorizedException", message)


def invalid_parameter(message: str) -> ServiceError:
    """InvalidParameterException: the request's form, or a flow that is switched off."""
    return ServiceError("InvalidParameterException", message)


def wrong_name_or_password() -> ServiceError:
    """The one message for a wrong password and, where so configured, an unknown user."""
    return not_authorized("Incorrect username or password.")
