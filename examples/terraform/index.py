"""Only the allowed domains sign up, and only their verified addresses get tokens.

Cognito calls it before a sign-up, and whenever it issues tokens. The second time closes what
the first leaves open: an address that was changed later, or was never verified.
"""

import os
from typing import Any


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Return the event as it came, or raise: then Cognito refuses."""
    attributes = event["request"]["userAttributes"]
    name, _, domain = attributes.get("email", "").rpartition("@")
    allowed = os.environ["ALLOWED_DOMAINS"].split(",")
    if not name or "@" in name or domain.lower() not in allowed:
        raise PermissionError("this e-mail domain is not allowed here")
    verified = attributes.get("email_verified", "").lower() == "true"
    if event["triggerSource"].startswith("TokenGeneration_") and not verified:
        raise PermissionError("the e-mail address is not verified")
    return event
