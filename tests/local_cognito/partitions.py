"""Partitions: how the clouds of AWS differ in their names for things, by the region.

Sources: botocore's partition table; AWS GovCloud (US) user guide, "Amazon Cognito"; the AWS SDK
for Android for China. Nobody here knows the EU sovereign cloud's issuer of identity tokens: it is
taken to be like China's.
"""

from __future__ import annotations

from typing import NamedTuple


class Partition(NamedTuple):
    """One cloud: the name that its ARNs bear, and what its hosts end in."""

    name: str
    suffix: str


COMMERCIAL = Partition("aws", "amazonaws.com")
OTHERS = {
    "us-gov-": Partition("aws-us-gov", "amazonaws.com"),
    "cn-": Partition("aws-cn", "amazonaws.com.cn"),
    "eusc-": Partition("aws-eusc", "amazonaws.eu"),
}


def of(region: str) -> Partition:
    """The partition that a region belongs to."""
    found = (partition for prefix, partition in OTHERS.items() if region.startswith(prefix))
    return next(found, COMMERCIAL)


def user_pool_issuer(region: str) -> str:
    """What the `iss` of a user pool's tokens begins with."""
    return f"https://cognito-idp.{region}.{of(region).suffix}"


def identity_provider(region: str) -> str:
    """The name by which roles and STS know the identity pools of a region."""
    if of(region) is COMMERCIAL:
        return "cognito-identity.amazonaws.com"
    if region == "us-gov-west-1":
        return "cognito-identity-us-gov.amazonaws.com"
    return f"cognito-identity.{region}.{of(region).suffix}"
