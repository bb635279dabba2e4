"""The AWS tools' own session: what config file and environment say for a profile's calls."""

import botocore.session


def session_of(profile: str) -> botocore.session.Session:
    """The session of a profile; one that is not in the file yet is as one that says nothing."""
    # The profile is named here, so that an AWS_PROFILE of the caller's means nothing.
    session = botocore.session.Session(profile=profile)
    if profile in session.available_profiles:
        return session
    return botocore.session.Session({"profile": (None, [], None, None)})
