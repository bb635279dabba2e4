"""`console`: from a password to a browser that is signed in to the console."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from cognito_credproc.process.redaction import forms
from tests.e2e.machine import ARN, HELPER, ROLE, failed
from tests.web_browser import WebBrowser

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import NewMachine
    from tests.e2e.machine import Machine

CONSOLE = (HELPER, "console", "--profile", "dev")
HOME = "https://ap-northeast-1.console.aws.amazon.com/console/home?region=ap-northeast-1"
# A browser: notes how it was started and where it is led.
BROWSER = """\
import http.client, sys, urllib.parse
parts = urllib.parse.urlsplit(sys.argv[2])
connection = http.client.HTTPConnection(parts.netloc, timeout=5)
connection.request("GET", parts.path)
led = connection.getresponse().getheader("Location")
open(sys.argv[1], "w").write(sys.argv[2] + "\\n" + led)
"""


def test_a_link_for_a_pipe(standing: Machine) -> None:
    standing.calls()
    done = standing.run(CONSOLE)
    assert (done.returncode, done.stderr) == (0, "")
    [link] = done.stdout.splitlines()
    assert standing.calls() == ["GetSigninToken"]
    assert WebBrowser(standing.cognito).goes(link).url == HOME
    arn, ends = standing.cognito.console_sessions[-1]
    assert arn == ARN
    assert abs(ends - time.time() - 3_600) < 120
    done = standing.run([*CONSOLE, "--destination", "s3", "--region", "eu-west-1"])
    page = WebBrowser(standing.cognito).goes(done.stdout.strip()).url
    assert page == "https://eu-west-1.console.aws.amazon.com/s3?region=eu-west-1"


def test_the_browser_gets_an_address_that_others_may_see(standing: Machine, tmp_path: Path) -> None:
    script, note = tmp_path / "browser.py", tmp_path / "note"
    script.write_text(BROWSER)
    browser = f"{sys.executable} {script} {note} %s"
    done = standing.run([*CONSOLE, "--open"], BROWSER=browser)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert first == "[dev] the console opens in your browser"
    assert second.startswith("[dev] the session in the console ends at ")
    started, led = note.read_text().splitlines()
    assert started.startswith("http://127.0.0.1:")
    assert WebBrowser(standing.cognito).goes(led).url == HOME
    _, hint = failed(standing.run([*CONSOLE, "--open"], BROWSER="/nonexistent"), 1)
    assert hint == "cognito-credproc console --profile dev"


def test_a_browser_that_does_not_come(standing: Machine) -> None:
    with standing.sits(*CONSOLE, "--open", environment={"BROWSER": "true"}) as person:
        person.sees("[dev] waiting for the browser to take the link, 60 seconds at most")
        person.interrupts()
        assert person.ends() == 130
        assert person.shown.endswith("error: interrupted\n")
        assert "SigninToken" not in person.shown


def test_the_debug_log_has_neither_the_link_nor_the_credentials(
    standing: Machine, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    done = standing.run(CONSOLE, COGNITO_CREDPROC_DEBUG=str(log))
    token = parse_qs(urlsplit(done.stdout.strip()).query)["SigninToken"][0]
    document = json.loads(standing.items.get("session").partition("\n")[2])
    written = log.read_text("utf-8")
    assert "call GetSigninToken" in written
    for secret in (token, document["SecretAccessKey"], document["SessionToken"]):
        assert [form for form in forms(secret) if form in written] == []


def test_a_session_of_its_own_length_by_the_basic_flow_alone(
    new_machine: NewMachine, standing: Machine
) -> None:
    message, hint = failed(standing.run([*CONSOLE, "--duration", "7200"]), 2)
    assert "--duration needs cognito_credential_flow = basic" in message
    assert hint == "leave out --duration: the session ends with the credentials"
    machine = new_machine(identity_pool={"classic_flow": True})
    machine.write_config(cognito_credential_flow="basic", cognito_role_arn=ROLE)
    done = machine.enrolled().run([*CONSOLE, "--duration", "7200"])
    assert (done.returncode, done.stderr) == (0, "")
    assert WebBrowser(machine.cognito).goes(done.stdout.strip()).url == HOME
    [(_, ends)] = machine.cognito.console_sessions
    assert abs(ends - time.time() - 7_200) < 60


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--duration", "899"], "argument --duration: 899 is not 900 to 43200 seconds"),
        (["--region", "Mars"], "argument --region: Mars is no region; it looks like"),
        (["--region", "cn-north-1"], "cn-north-1 is of another cloud than the credentials"),
        (["--destination", "https://example.com/"], "https://example.com/ is no page of this"),
    ],
)
def test_wrong_usage(standing: Machine, options: list[str], message: str) -> None:
    error, _ = failed(standing.run([*CONSOLE, *options]), 2)
    assert error.startswith(f"error: {message}")


def test_credentials_that_aws_does_not_take_any_more(enrolled: Machine) -> None:
    """Its own clock is ahead; or somebody has revoked the role's sessions."""
    enrolled.cognito.clock.advance(3_700)
    error, hint = failed(enrolled.run(CONSOLE), 1)
    assert error.startswith("error: GetSigninToken was refused: AWS Sign-In does not take")
    assert hint == "get new credentials first: cognito-credproc login --profile dev"


def test_no_endpoint_without_tls(standing: Machine) -> None:
    elsewhere = "http://signin.example.com"
    error, hint = failed(standing.run(CONSOLE, AWS_ENDPOINT_URL_SIGNIN=elsewhere), 1)
    assert error.startswith(f"error: the endpoint {elsewhere} has no TLS")
    assert hint.startswith("give it an https:// address")
