"""A link that signs in to the AWS console with temporary credentials.

    the credentials, in the body of a POST ──> a sign-in token ──> the link, good for 15 minutes

Source: IAM user guide, "Enabling custom identity broker access to the AWS console"; AWS General
Reference, "AWS Sign-In endpoints"; for the other clouds, the endpoints that the AWS CLI and the AWS
Toolkit for JetBrains use.
"""

import json
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

from cognito_credproc.flows.flow import Flow, call, member
from cognito_credproc.values.credentials import Credentials
from cognito_credproc.values.errors import UsageError

LINK_MINUTES = 15
SHORTEST, LONGEST = 900, 43_200  # seconds of a session whose length is asked for
ISSUER = "cognito-credproc"
ISOLATED = "-iso"  # in the names of the regions of clouds that nobody here has seen


class Cloud(NamedTuple):
    """Where a partition's people sign in, and where its console is."""

    sign_in: str
    console: str
    domain: str
    without_name: str = ""  # the region whose console has no name of its own in its address


COMMERCIAL = Cloud("{region}.signin.aws.amazon.com", "console.aws.amazon.com", "aws.amazon.com")
OTHERS = {
    "us-gov-": Cloud(
        "signin.amazonaws-us-gov.com", "console.amazonaws-us-gov.com", "amazonaws-us-gov.com"
    ),
    "cn-": Cloud("signin.amazonaws.cn", "console.amazonaws.cn", "amazonaws.cn", "cn-north-1"),
    "eusc-": Cloud(
        "{region}.signin.amazonaws-eusc.eu", "console.amazonaws-eusc.eu", "amazonaws-eusc.eu"
    ),
}
GLOBAL = "us-east-1"  # whose sign-in endpoint has no region in its name


@dataclass(frozen=True, slots=True)
class Console:
    """The console of one region."""

    cloud: Cloud
    region: str

    @classmethod
    def of(cls, region: str) -> "Console":
        """That of a region, by the partition that its name tells.

        Raises:
            UsageError: nobody knows where it is.
        """
        if ISOLATED in region:
            raise UsageError(
                f"the console of {region} is not known to this program",
                "use what export prints: cognito-credproc export --help",
            )
        for prefix, cloud in OTHERS.items():
            if region.startswith(prefix):
                return cls(cloud, region)
        return cls(COMMERCIAL, region)

    @property
    def endpoint(self) -> str:
        """Where the sign-in token is had, and where the link leads."""
        if (self.cloud, self.region) == (COMMERCIAL, GLOBAL):
            return "https://signin.aws.amazon.com"
        return f"https://{self.cloud.sign_in.format(region=self.region)}"

    def destination(self, wanted: str | None) -> str:
        """The page after the sign-in: a whole address, or a path such as `s3`; None is the home.

        Raises:
            UsageError: it is no page of this console.
        """
        wanted = wanted or "console/home"
        if not (wanted.isascii() and wanted.isprintable()) or " " in wanted or "\\" in wanted:
            raise UsageError(
                "the destination has characters in it that no address has",
                "write them as an address does, such as %20 for a space",
            )
        parts = urlsplit(wanted)
        if parts.scheme or wanted.startswith("//"):
            host, domain = parts.hostname or "", self.cloud.domain
            if parts.scheme != "https" or not f".{host}".endswith(f".{domain}") or "@" in wanted:
                raise UsageError(
                    f"{wanted} is no page of this console",
                    f"give a path such as s3, or an address of https://…{domain}",
                )
            return wanted
        named = "" if self.region == self.cloud.without_name else f"{self.region}."
        query = parts.query
        if "region=" not in query:
            query += f"{'&' if query else ''}region={self.region}"
        host = f"{named}{self.cloud.console}"
        return urlunsplit(("https", host, f"/{parts.path.lstrip('/')}", query, parts.fragment))


def sign_in_link(
    credentials: Credentials, endpoint: str, destination: str, seconds: int | None
) -> Flow[str]:
    """Yield the call for a token; return the link.

    `seconds` is how long the session in the console shall last; None: as long as the credentials.
    AWS allows it for credentials of the AssumeRole operations alone, not of a chain of roles.

    Raises:
        ServiceError: AWS does not take the credentials, or not with `seconds`.
    """
    session = {
        "sessionId": credentials.access_key_id,
        "sessionKey": credentials.secret_access_key,
        "sessionToken": credentials.session_token,
    }
    given: dict[str, str] = {"Endpoint": endpoint, "Session": json.dumps(session)}
    if seconds is not None:
        given["SessionDuration"] = str(seconds)
    answer = yield from call("federation", "GetSigninToken", given)
    login = {
        "Action": "login",
        "Issuer": ISSUER,
        "Destination": destination,
        "SigninToken": member(answer, "SigninToken"),
    }
    return f"{endpoint}/federation?{urlencode(login)}"
