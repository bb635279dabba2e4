"""What a user pool publishes, and what else may come in its place."""

import pytest

from cognito_credproc.aws.discovery import Published, path, read

NOTHING = Published(None, absent=False)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"issuer": "https://x.example.com/p"}', Published("x.example.com/p", absent=False)),
        (b'{"message": "User pool x does not exist."}', Published(None, absent=True)),
        (b'{"message": null, "issuer": 3}', NOTHING),
        (b"<html>Accept the terms of this network.</html>", NOTHING),
        (b"\xff\xfe", NOTHING),
        (b"", NOTHING),
        (b"[1]", NOTHING),
        (b"[" * 100_000, NOTHING),
    ],
)
def test_bodies(body: bytes, found: Published) -> None:
    assert read(body) == found


def test_path() -> None:
    assert path("eu-west-1_A") == "/eu-west-1_A/.well-known/openid-configuration"
