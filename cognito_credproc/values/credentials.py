"""Temporary AWS credentials and the document that `credential_process` prints for them."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """One set of temporary credentials; `expiration` is in seconds since the epoch."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    expiration: int
    account_id: str | None = None

    @classmethod
    def of_document(cls, text: str) -> Self:
        """Read what a credential process printed.

        Raises:
            ValueError: it is no such document, or one without an end, which would never expire.
        """
        match json.loads(text):
            case {
                "Version": 1,
                "AccessKeyId": str(access_key_id),
                "SecretAccessKey": str(secret),
                "SessionToken": str(token),
                "Expiration": str(ends),
                **more,
            }:
                account = more.get("AccountId")
                return cls(
                    access_key_id,
                    secret,
                    token,
                    int(datetime.fromisoformat(ends).timestamp()),
                    account if isinstance(account, str) else None,
                )
        raise ValueError("it is no document of credentials")

    def document(self) -> str:
        """The JSON object that the SDKs read, on one line.

        Source: AWS SDKs and Tools Reference Guide, "Process credential provider". `Expiration` is
        UTC with a `Z`, since several SDKs reject an offset.
        """
        document: dict[str, int | str] = {
            "Version": 1,
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret_access_key,
            "SessionToken": self.session_token,
            "Expiration": datetime.fromtimestamp(self.expiration, UTC).strftime(
                "%Y-%m-%dT%H:%M:%SZ"
            ),
        }
        if self.account_id is not None:
            document["AccountId"] = self.account_id
        return json.dumps(document) + "\n"


def account_of_role(role_arn: str) -> str:
    """The account id in a role's ARN (`arn:PARTITION:iam::ACCOUNT:role/NAME`)."""
    return role_arn.split(":")[4]


def account_of_access_key(access_key_id: str) -> str | None:
    """The account id inside an access key id, or None where there is none.

    What follows the four-letter prefix is base32. Bit 0 is set in the keys that AWS issues since
    2019, and only they hold the account id: in bits 1 to 40. AWS offers the same by
    `sts get-access-key-info`, at the price of a call.
    """
    try:
        packed = int.from_bytes(base64.b32decode(access_key_id[4:])[:6])
    except (binascii.Error, ValueError):
        return None
    holds_account, account = packed >> 47, (packed >> 7) & 0xFF_FFFF_FFFF
    return f"{account:012d}" if holds_account and account < 10**12 else None
