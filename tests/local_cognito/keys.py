"""Temporary AWS credentials: minting, remembering, and the roles that they are for."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field

from tests.local_cognito import partitions

ROLE_FORM = r"arn:aws[a-z-]*:iam::(\d{12}):role/([\w+=,.@/-]+)"
# Set in every key id of recent years; the account number sits in the bits below it.
_TOP_BIT = 1 << 47


@dataclass
class Role:
    """An IAM role that may be assumed here."""

    arn: str
    max_session_seconds: int = 3_600
    trusts: frozenset[str] | None = None
    """The ids of the identity pools that its trust policy names; None: whichever there are."""
    unique_id: str = field(default_factory=lambda: "AROA" + _base32(10))

    @property
    def account(self) -> str:
        """The twelve digits of the account."""
        return self.arn.split(":")[4]

    @property
    def partition(self) -> str:
        """Usually "aws"."""
        return self.arn.split(":")[1]

    @property
    def name(self) -> str:
        """The role's name without its path."""
        return self.arn.rpartition("/")[2]

    def lets_in(self, identity_pool: str) -> bool:
        """Whether its trust policy lets the users of an identity pool take it.

        The policy has a principal of its own partition's, so that no other gets in.
        """
        here = partitions.of(identity_pool.partition(":")[0]).name == self.partition
        return here and (self.trusts is None or identity_pool in self.trusts)


@dataclass(frozen=True)
class Credentials:
    """One set of temporary credentials, with the session they stand for."""

    access_key_id: str
    secret_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expires_at: float
    role: Role
    session_name: str
    assumed: bool = False
    """Whether AssumeRole… issued them, without a chain: then a console session may be longer."""

    @property
    def arn(self) -> str:
        """The assumed role's session, as GetCallerIdentity names it."""
        role = self.role
        return (
            f"arn:{role.partition}:sts::{role.account}:assumed-role/{role.name}/{self.session_name}"
        )

    @property
    def user_id(self) -> str:
        """The role's unique id and the session's name."""
        return f"{self.role.unique_id}:{self.session_name}"


class Keys:
    """Every role and every set of credentials that was ever issued."""

    def __init__(self) -> None:
        self.roles: dict[str, Role] = {}
        self._issued: dict[str, Credentials] = {}

    def issue(
        self, role: Role, session_name: str, expires_at: float, *, assumed: bool = False
    ) -> Credentials:
        """New credentials for a role; they are good until the epoch second given."""
        issued = Credentials(
            access_key_id(role.account),
            # 30 bytes are 40 characters, and no padding betrays the length.
            base64.b64encode(secrets.token_bytes(30)).decode(),
            "IQoJb3JpZ2luX2Vj" + base64.b64encode(secrets.token_bytes(1_601)).decode(),
            expires_at,
            role,
            session_name,
            assumed,
        )
        self._issued[issued.access_key_id] = issued
        return issued

    def find(self, key_id: str) -> Credentials | None:
        """The credentials of a key id, expired or not."""
        return self._issued.get(key_id)


def access_key_id(account: str) -> str:
    """ASIA and 16 characters of base32 that hold the account number, as AWS makes them.

    The first six of the ten bytes, masked with 0x7fffffffff80 and shifted right by
    seven bits, are the account; the rest is random.
    """
    head = _TOP_BIT | int(account) << 7 | secrets.randbits(7)
    return "ASIA" + base64.b32encode(head.to_bytes(6, "big") + secrets.token_bytes(4)).decode()


def _base32(size: int) -> str:
    return base64.b32encode(secrets.token_bytes(size)).decode()
