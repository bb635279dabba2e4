"""The screens of the enrolment: 80 columns, a phone's, none of Unicode; and what a phone reads."""

from __future__ import annotations

import shutil
import stat
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests import golden
from tests.e2e.enrolling import RUN, TEMPORARY, chooses_password, keeps, last_code, other_than
from tests.e2e.machine import ENROLL, HELPER, NAME, PASSWORD, Machine, machine_for_screens
from tests.e2e.person import Person
from tests.e2e.screen import picture_read, scanned, visible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.conftest import Keyrings

LOGIN = (HELPER, "login", "--profile", "dev")


class Screen(NamedTuple):
    """A terminal, and the entry that the app gets from it."""

    columns: int
    rows: int
    environment: dict[str, str]
    label: str
    prompt: str = "(s shows the key as text): "


UTF8 = {"LC_ALL": "C.UTF-8"}
SCREENS = {
    "80": Screen(80, 24, UTF8, f"/AWS dev:{NAME}"),
    "40": Screen(40, 20, UTF8, "/AWS dev", "(s: key): "),
    "plain": Screen(80, 40, {"LC_ALL": "", "LANG": "C", "TERM": "vt220"}, "/AWS dev"),
}


@pytest.fixture
def home(keyrings: Keyrings) -> Iterator[Machine]:
    """A machine in a folder for golden screens."""
    if shutil.which("zbarimg") is None:
        pytest.skip("not installed: zbarimg")
    with machine_for_screens(keyrings.environment()) as home:
        yield home


def read(link: str, screen_label: str, seed: str | None) -> None:
    """The link is one that an app makes the same codes from."""
    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc, unquote(parts.path)) == ("otpauth", "totp", screen_label)
    query = parse_qs(parts.query)
    assert query.pop("secret") == [seed]
    assert query == ({"issuer": ["AWS dev"]} if NAME in screen_label else {})


@pytest.mark.parametrize("name", SCREENS)
def test_the_first_enrolment(home: Machine, tmp_path: Path, name: str) -> None:
    home.create_user(temporary_password=TEMPORARY)
    screen = SCREENS[name]
    environment = {**home.environment, **screen.environment}
    with Person(RUN, environment, columns=screen.columns, rows=screen.rows) as person:
        person.answers(f"[dev] password for {NAME}: ", TEMPORARY)
        chooses_password(person)
        person.sees(screen.prompt)
        on_screen = visible(person.shown, screen.columns, screen.rows)
        for dark in (True, False):
            (link,) = scanned(on_screen, tmp_path, dark=dark)
            read(link, screen.label, home.user.totp_secret)
        person.types("s")
        person.sees("to copy it without spaces:")
        person.answers(screen.prompt, other_than(home.code(unused=False)))
        person.answers(screen.prompt, home.code(unused=False))
        person.answers("[y/N] ", "")
        person.answers("[y/N] ", "y")
        person.sees("aws sts get-caller-identity --profile dev")
        assert person.ends() == 0
    assert person.shown.isascii() == (name == "plain")
    golden.check(f"enrol-{name}", person.shown, home.config.parent, screen.columns)


def test_another_device(home: Machine) -> None:
    home.enrolled()
    file = home.config.parent / "code.png"
    with Person(
        (ENROLL, "--profile=dev", "--show-qr", f"--qr-png={file}"),
        {**home.environment, **UTF8},
        columns=80,
    ) as person:
        person.answers("code in its authenticator app: ", other_than(home.code()))
        person.sees("that code is not from this key")
        assert not file.exists()
        home.half_a_minute_passes()
        person.answers("code in its authenticator app: ", home.code())
        person.sees("(s shows the key as text): ")
        (link,) = picture_read(file)
        read(link, f"/AWS dev:{NAME}", home.user.totp_secret)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        person.types(home.code())
        assert person.ends() == 0
    golden.check("enrol-show-qr", person.shown, home.config.parent)
    assert home.calls() == [], "all of it is this machine's matter"


def test_a_new_key_needs_the_password_and_a_code_although_both_are_stored(home: Machine) -> None:
    home.enrolled()
    old = home.user.totp_secret
    home.half_a_minute_passes()
    with Person((*RUN, "--new-totp"), {**home.environment, **UTF8}, columns=80) as person:
        person.answers(f"[dev] password for {NAME}: ", PASSWORD)
        person.answers("[dev] code from your authenticator app: ", home.code())
        person.sees("(s shows the key as text): ")
        assert home.user.totp_secret != old
        person.types(home.code(unused=False))
        keeps(person, "y", "", kept=True)
    assert home.items.get("totp-seed") == home.user.totp_secret


@pytest.mark.parametrize("columns", [80, 40])
def test_a_sign_in(home: Machine, columns: int) -> None:
    home.enrolled(keep=False)
    with Person(LOGIN, {**home.environment, **UTF8}, columns=columns, rows=20) as person:
        person.answers("password for ", "wrong")
        person.answers("password for ", PASSWORD)
        person.answers("app: ", "12345")
        person.answers("app: ", home.code())
        assert person.ends() == 0
    golden.check(f"login-{columns}", person.shown, home.config.parent, columns)


def test_a_forgotten_password_and_somebody_who_waits_for_it(home: Machine) -> None:
    home.enrolled(keep=False)
    home.half_a_minute_passes()
    environment = {**home.environment, **UTF8}
    with Person((*LOGIN, "--forgot-password"), environment, columns=80) as person:
        person.sees("sends another): ")
        with Person(LOGIN, environment, columns=80) as second:
            second.sees(", 1 s")
            second.interrupts()
            assert second.ends() == 130
        person.types(last_code(home))
        chooses_password(person)
        person.answers("app: ", home.code())
        assert person.ends() == 0
    golden.check("login-forgotten", person.shown, home.config.parent)
    # The line goes when the wait is over; it is kept as it was before.
    shown = second.shown.replace(f"process {person.process.pid}", "process 4242")
    golden.check("login-waiting", shown.replace(", 1 s", ", 1 s\n"), home.config.parent)
