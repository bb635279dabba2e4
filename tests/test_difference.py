"""The diff that --dry-run shows: nothing of the person's own secrets, nothing that paints."""

from pathlib import Path

import pytest

from cognito_credproc.profiles.difference import difference

FILE = Path("/home/istio/.aws/config")


def test_nothing() -> None:
    assert difference("a\n", "a\n", FILE) == ""


def test_a_key_more() -> None:
    shown = difference("[profile dev]\r\na = 1\r\n", "[profile dev]\r\na = 1\r\nb = 2\r\n", FILE)
    assert shown == (f"--- {FILE}\n+++ {FILE}\n@@ -1,2 +1,3 @@\n [profile dev]\n a = 1\n+b = 2\n")


def test_no_last_line_end() -> None:
    assert difference("a = 1", "a = 1\nb = 2", FILE).splitlines()[3:] == [
        "-a = 1",
        r"\ No newline at end of file",
        "+a = 1",
        "+b = 2",
        r"\ No newline at end of file",
    ]


@pytest.mark.parametrize(
    "key", ["aws_secret_access_key", "AWS_SESSION_TOKEN", "  aws_security_token", "password"]
)
@pytest.mark.parametrize("sign", ["=", " = ", " : "])
def test_secrets_around_a_change_are_hidden(key: str, sign: str) -> None:
    line = f"{key}{sign}very s3cret\n"
    shown = difference(line, line + "a = 1\n", FILE)
    assert "s3cret" not in shown
    assert f" {key}{sign}…\n" in shown
    assert "s3cret" not in difference("", line, FILE)


def test_nothing_paints_the_terminal() -> None:
    shown = difference("a = 1\n", "a = 1\n# \x1b[2J\tx\n", FILE)
    assert "\x1b" not in shown
    assert "+# \N{REPLACEMENT CHARACTER}[2J    x\n" in shown
