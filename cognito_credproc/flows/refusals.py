"""What a refusal of the user pool means: one code often has several meanings."""

from cognito_credproc.values.errors import ServiceError

REFUSALS = {
    "NotAuthorizedException",
    "UserNotFoundException",
    "UserNotConfirmedException",
    "PasswordResetRequiredException",
    "SoftwareTokenMFANotFoundException",
}


def is_wrong_password(error: ServiceError) -> bool:
    """Whether another password may help: the code alone also means locked, disabled and others."""
    return (
        error.code == "NotAuthorizedException"
        and error.operation in {"InitiateAuth", "RespondToAuthChallenge"}
        and error.detail.startswith("Incorrect username or password")
    )


def is_lasting_refusal(error: ServiceError) -> bool:
    """Whether sending the same password or code again can only make it worse.

    A client secret that is missing, a session that died, or a user who is locked says nothing
    about them.
    """
    return error.code in REFUSALS and not (
        is_dead_session(error) or wants_client_secret(error) or is_locked(error)
    )


def is_locked(error: ServiceError) -> bool:
    """Whether the user is locked for a while, whoever sent the wrong passwords.

    What is sent meanwhile is not looked at (developer guide, "Lockout behavior for failed sign-in
    attempts").
    """
    return error.code == "NotAuthorizedException" and "attempts exceeded" in error.detail


def wants_client_secret(error: ServiceError) -> bool:
    """Whether the app client has a secret, and the right one was not used.

    The service has several sentences for it: "configured with secret but SECRET_HASH was not
    received", "SecretHash does not match", "Unable to verify secret hash". Its token endpoint has
    a code.
    """
    if (error.operation, error.code) == ("Token", "invalid_client"):
        return True
    return error.code == "NotAuthorizedException" and "secret" in error.detail.lower()


def is_device_refused(error: ServiceError, stage: str) -> bool:
    """Whether the pool does not know this machine any more, or not by this password.

    `stage` is the challenge that was answered. A pool that tracks no devices any more may say
    something else about the key of one; what it says is not known.
    """
    if error.code not in {
        "InvalidParameterException",
        "NotAuthorizedException",
        "ResourceNotFoundException",
    }:
        return False
    return stage.startswith("DEVICE_") or (
        error.code != "NotAuthorizedException" and "device" in error.detail.lower()
    )


def is_stale(error: ServiceError) -> bool:
    """Whether the session or the code in it ran out, so that a new sign-in is the way on."""
    return is_dead_session(error) or (
        error.code == "ExpiredCodeException" and error.operation == "RespondToAuthChallenge"
    )


def is_dead_session(error: ServiceError) -> bool:
    """Whether the session expired or was spent."""
    return error.code == "NotAuthorizedException" and error.detail.startswith("Invalid session")


def is_unknown_refresh_token(error: ServiceError) -> bool:
    """Whether the service does not know this refresh token, or not with this device."""
    return error.code == "NotAuthorizedException" and error.detail.startswith(
        "Invalid Refresh Token"
    )


def is_dead_refresh_token(error: ServiceError) -> bool:
    """Whether this refresh token will never work again."""
    if (error.operation, error.code) == ("Token", "invalid_grant"):
        return True
    return error.code == "RefreshTokenReuseException" or (
        error.code == "NotAuthorizedException"
        and error.detail.startswith(("Refresh Token", "Invalid Refresh Token"))
    )
