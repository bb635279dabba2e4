"""A person is sent to the page, and the answer comes by the browser or by hand."""

import contextlib
import socket
import urllib.request
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from cognito_credproc.flows.flow import Browse
from cognito_credproc.people.browsing import Browsing
from cognito_credproc.people.loopback import Waiting
from cognito_credproc.values.errors import CredprocError, PersonNeededError
from tests.fakes import ScriptedPerson
from tests.test_loopback import free_port

STATE = "the-state"
URL = "https://login.example.com/oauth2/authorize?state=the-state"
STEP = Browse(URL, "http://localhost:8976/", STATE)
ANSWER = {"code": "the-code", "state": STATE}
BACK = f"http://localhost:8976/?code=the-code&state={STATE}"


@contextlib.contextmanager
def nobody_listens(_uri: str, _state: str) -> Iterator[Waiting]:
    """A port that is in use."""
    raise CredprocError("the port is in use")
    yield


def pasted(*answers: str, opened: bool = False) -> tuple[object, ScriptedPerson]:
    person = ScriptedPerson(*answers)
    browsing = Browsing(lambda _url: opened, patience=0.05)
    return browsing.visit(STEP, "dev", person, paste=not opened), person


def test_browser_opens_and_comes_back() -> None:
    port = free_port()
    step = Browse(URL, f"http://localhost:{port}/", STATE)
    opened: list[str] = []

    def browser(url: str) -> bool:
        opened.append(url)
        back = f"http://localhost:{port}/?code=the-code&state={STATE}"
        urllib.request.urlopen(back, timeout=5).close()
        return True

    person = ScriptedPerson()
    assert Browsing(browser, patience=5).visit(step, "dev", person, paste=False) == ANSWER
    assert opened == [URL]
    assert person.told == [
        "[dev] the sign-in page opens in your browser; if not, open this:",
        URL,
        "[dev] waiting for it, 0 minutes at most; Ctrl-C ends it",
    ]


def test_nobody_need_be_told() -> None:
    step = Browse(URL, f"http://localhost:{free_port()}/", STATE)
    with pytest.raises(CredprocError, match="the browser did not come back within 0 minutes"):
        Browsing(lambda _url: True, patience=0.05).visit(step, "dev", None, paste=False)


def test_time_limit_names_what_the_page_may_show() -> None:
    step = Browse(URL, f"http://localhost:{free_port()}/x", STATE)
    with pytest.raises(CredprocError) as caught:
        Browsing(lambda _url: True, patience=0.05).visit(step, "dev", None, paste=False)
    assert caught.value.exit_status == 1
    assert caught.value.hint == (
        f"if the page shows redirect_mismatch, register {step.redirect_uri} as a callback URL of"
        " the app client; then: cognito-credproc login --profile dev"
    )


def test_port_in_use_opens_no_page() -> None:
    opened: list[str] = []

    def browser(url: str) -> bool:
        opened.append(url)
        return True

    with pytest.raises(CredprocError) as caught:
        Browsing(browser, nobody_listens).visit(STEP, "dev", ScriptedPerson(), paste=False)
    assert caught.value.hint == (
        "end the program that uses it, or: cognito-credproc login --profile dev --no-browser"
    )
    assert opened == []


@pytest.mark.parametrize("comes_back", [True, False])
def test_page_is_open_from_just_before_it_opens_until_it_brought_an_answer(
    comes_back: bool,
) -> None:
    port = free_port()
    step = Browse(URL, f"http://localhost:{port}/", STATE)
    seen: list[str] = []

    @contextlib.contextmanager
    def page() -> Iterator[None]:
        with pytest.raises(OSError, match="in use"):
            socket.create_server(("127.0.0.1", port))  # it is listened on already
        seen.append("open")
        yield
        seen.append("closed")

    def browser(_url: str) -> bool:
        assert seen == ["open"]
        if comes_back:
            back = f"http://localhost:{port}/?error=server_error&state={STATE}"
            urllib.request.urlopen(back, timeout=5).close()
        return True

    browsing = Browsing(browser, patience=0.1)
    ends = contextlib.nullcontext() if comes_back else pytest.raises(CredprocError)
    with ends:
        browsing.visit(step, "dev", None, paste=False, page=page)
    assert seen == ["open", "closed"][: 1 + comes_back]


def test_port_in_use_is_no_page_left_open() -> None:
    def page() -> contextlib.AbstractContextManager[None]:
        raise AssertionError("no page opens")

    with pytest.raises(CredprocError, match="in use"):
        Browsing(lambda _url: True, nobody_listens).visit(STEP, "dev", None, paste=False, page=page)


def test_without_a_browser_the_person_brings_the_address() -> None:
    step = Browse(URL, f"http://localhost:{free_port()}/", STATE)
    person = ScriptedPerson(BACK)
    assert Browsing(lambda _url: False).visit(step, "dev", person, paste=False) == ANSWER
    assert f"{URL}\n" in person.told


def test_without_a_browser_and_a_person_there_is_no_way() -> None:
    step = Browse(URL, f"http://localhost:{free_port()}/", STATE)
    with pytest.raises(PersonNeededError, match="no browser can be opened here"):
        Browsing(lambda _url: False).visit(step, "dev", None, paste=False)


@pytest.mark.parametrize(
    "typed",
    [
        BACK,
        f" '{BACK}' ",
        f"{BACK[:40]} {BACK[40:]}",  # a terminal has broken the line
        BACK.partition("?")[2],
        BACK.replace("http://", "").replace("localhost", "127.0.0.1"),
    ],
)
def test_address_as_people_paste_it(typed: str) -> None:
    answer, person = pasted(typed)
    assert answer == ANSWER
    assert person.asked == [("[dev] that address, from its address bar: ", False)]
    assert URL in "".join(person.told)


def test_refusal_is_brought_as_well() -> None:
    why = quote("no such user")
    answer, _ = pasted(f"http://localhost:8976/?error=x&error_description={why}&state={STATE}")
    assert answer == {"error": "x", "error_description": "no such user", "state": STATE}


def test_other_addresses_are_asked_for_again() -> None:
    answer, person = pasted("", "https://login.example.com/login?client_id=x", BACK)
    assert answer == ANSWER
    assert person.told[-1].startswith("[dev] that is not the address of this sign-in")
    with pytest.raises(CredprocError, match="3 times that was not the address"):
        pasted(*[f"http://localhost:8976/?code=x&state={other}" for other in "abc"])
