"""The screens of `export`, `console`, `logout` and `completion`, and the colours of all verbs."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

import pytest

from cognito_credproc import record
from tests import golden
from tests.e2e.machine import REGION, ROLE, Machine, machine_for_screens
from tests.e2e.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import Keyrings

TEAM = f"""\
[profile admin]
cognito_settings_from = dev
cognito_role_arn = {ROLE}

[profile broken]
cognito_settings_from = dev
cognito_user_pool_id = nonsense
"""
LINK = re.compile(r"http://127\.0\.0\.1:\d+/federation\?(\S+&SigninToken=)\S+")
# As a shell shows them; `$?` is that of the line before.
SHOW = 'for line; do echo "\\$ $line"; (exit "${last:-0}"); eval "$line"; last=$?; done'
COLOUR = re.compile(r"\x1b\[[\d;]*m")


@pytest.fixture(scope="module")
def home(keyrings: Keyrings) -> Iterator[Machine]:
    """A machine in a folder for golden screens; the tests below go from top to bottom."""
    with machine_for_screens(keyrings.environment()) as home:
        yield home.enrolled()


def screen(machine: Machine, *lines: str, **environment: str) -> str:
    """What is shown when a person types these in bash, on a terminal of 80 columns."""
    command = ["bash", "-c", SHOW, "bash", *lines]
    with Person(command, {**machine.environment, **environment}, columns=80) as person:
        person.ends()
        return person.shown


def test_export(home: Machine) -> None:
    shown = screen(
        home,
        "cognito-credproc export --profile dev",
        "cognito-credproc export --profile dev --format fish",
        'eval "$(cognito-credproc export --profile dev)"',
        "echo ${#AWS_SESSION_TOKEN} characters, $AWS_REGION",
    )
    shown = re.sub(r"\b\d{4} characters", "2152 characters", shown)
    golden.check("export", shown, home.config.parent)
    assert not any(secret in shown for secret in home.items.all().values())


def test_console(home: Machine) -> None:
    shown = screen(
        home,
        "cognito-credproc console --profile dev",
        "cognito-credproc console --profile dev --duration 3600",
        "cognito-credproc console --profile dev --open",
    )
    assert LINK.search(shown)
    endpoint = f"https://{REGION}.signin.aws.amazon.com/federation"
    golden.check("console", LINK.sub(rf"{endpoint}?\1…", shown), home.config.parent)


def test_console_when_little_time_is_left(home: Machine) -> None:
    stored = record.parse(home.items.get("session"))
    assert stored is not None
    stored.expiry = int(time.time()) + 20 * 60
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(stored.expiry))
    stored.document = json.dumps({**json.loads(stored.document), "Expiration": until})
    home.items.set("session", stored.text())
    shown = LINK.sub("(the link)", screen(home, "cognito-credproc console --profile dev"))
    shown = re.sub(r"\b(19|20) min\b", "20 min", shown)
    golden.check("console-short", shown, home.config.parent)


def test_completion(home: Machine) -> None:
    """A person presses Tab."""
    begin = "PS1='$ '; eval \"$(cognito-credproc completion bash)\"; clear; echo begin"
    shell = ("bash", "--noprofile", "--norc", "-i")
    environment = {**home.environment, "TERM": "dumb"}
    home.write_config(TEAM)
    with Person(shell, environment, columns=80) as person:
        person.types(begin)
        person.sees("begin\r\n$ ")
        before = len(person.shown)
        for typed, seen in (
            ("cognito-credproc ", "export"),
            ("log", "logout"),
            ("out --profile ", "admin"),
            ("b", "roken "),
            ("--", "--profile"),
        ):
            person.presses(f"{typed}\t\t".encode())
            person.sees(seen)
            person.sees("roken " if typed == "--" else "")
        person.presses(b"\x15\x04")
        person.ends()
        shown = person.shown[before - len("$ ") :]
    golden.check("completion", shown, home.config.parent)


def test_colours(home: Machine) -> None:
    """On a terminal alone, and not where the person wants none (no-color.org)."""
    home.write_config(TEAM)
    painted = ["status", "configure"]
    coloured = [f"NO_COLOR= cognito-credproc {line}" for line in painted]
    plain = [f"NO_COLOR=1 cognito-credproc {line}" for line in painted]
    plain += [
        f"TERM=dumb cognito-credproc {line}" for line in (*painted, "doctor --profile broken")
    ]
    plain += [f"cognito-credproc {line} | cat" for line in painted]
    plain += [f"cognito-credproc {verb} --profile dev" for verb in ("console", "export", "logout")]
    shown = screen(home, *coloured, *plain)
    for line in (*coloured, *plain):
        _, found, shown = shown.partition(f"$ {line}\n")
        assert found
        own = shown.partition("\n$ ")[0]
        # `doctor` overwrites the line of the check that runs, which such a terminal cannot.
        assert bool(COLOUR.search(own)) == (line in coloured), line
        assert "\x1b" not in own or not line.startswith("TERM=dumb"), line


def test_logout(home: Machine) -> None:
    home.write_config(TEAM)
    home.half_a_minute_passes()
    assert home.helper().returncode == 0, "signed in again"
    shown = screen(
        home,
        "cognito-credproc logout --profile dev",
        "cognito-credproc logout --all --forget",
        "echo exit status $?",
        "cognito-credproc status --profile dev",
    )
    golden.check("logout", shown, home.config.parent)
