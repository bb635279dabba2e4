"""One profile on one machine: keyring, folder, clock, perhaps a person; and a script of calls.

    here = Machine(folder, (REFRESH, tokens()), (GET_ID, {"IdentityId": "identity"}))

A reply that is an error is raised; a function is called for its reply.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from cognito_credproc.flows.flow import Answer, Browse, Call, Item
from cognito_credproc.people.terminal import Person
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.storage.session import Session
from cognito_credproc.storage.state import Account, State
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.use_cases.renewal import Renewal
from cognito_credproc.use_cases.safekeeping import item_owner
from cognito_credproc.values.clock import CorrectedClock, Deadline
from cognito_credproc.values.credentials import Credentials
from cognito_credproc.values.errors import CredprocError
from tests.fakes import NOW, FakeClock, MemoryKeyring, ScriptedPerson, settings
from tests.script import id_token

REFRESH, SIGN_IN, RESPOND = "GetTokensFromRefreshToken", "InitiateAuth", "RespondToAuthChallenge"
GET_ID, EXCHANGE = "GetId", "GetCredentialsForIdentity"
ISSUER = "https://cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_AbCdEfGhI"
DIGEST = "0123456789abcdef"


def tokens(**more: str) -> Answer:
    """Tokens as the service hands them out."""
    found = {"IdToken": id_token(iss=ISSUER), "AccessToken": "access", **more}
    return {"AuthenticationResult": found}


def keys(name: str = "ASIANEW", expires: float = NOW + 3_600) -> Answer:
    """Credentials as the identity pool hands them out."""
    expiration = datetime.fromtimestamp(expires, UTC)
    return {
        "Credentials": {
            "AccessKeyId": name,
            "SecretKey": "s",
            "SessionToken": "t",
            "Expiration": expiration,
        }
    }


GET_ID_OK = (GET_ID, {"IdentityId": "identity"})
NEW_KEYS = (EXCHANGE, keys())


class Machine:
    """One profile on one machine: a keyring, a folder, a clock, perhaps a person."""

    def __init__(self, folder: Path, *script: tuple[str, object]) -> None:
        self.settings = settings(auth_flow="USER_PASSWORD_AUTH")
        self.script = list(script)
        self.called: list[Call] = []
        self.keyring = MemoryKeyring()
        self.keychain = Keychain(self.keyring)
        self.state = State(folder / "state")
        self.clock = FakeClock()
        self.corrected = CorrectedClock(self.clock)
        self.person: ScriptedPerson | None = None
        self.asked_for_person = 0
        self.visited: list[tuple[Browse, Person | None, bool]] = []
        self.port_in_use = False
        self.browser: Callable[[Browse], Mapping[str, str]] = lambda _: {}

    def call(self, step: Call) -> Answer:
        """Answer a call by the script."""
        self.called.append(step)
        assert self.script, f"nobody expected {step.operation}"
        operation, reply = self.script.pop(0)
        assert step.operation == operation
        if isinstance(reply, CredprocError):
            raise reply
        if callable(reply):
            reply = reply()
        assert isinstance(reply, dict)
        return reply

    def renewal(self, of: Settings | None = None) -> Renewal:
        """A new process."""
        self.corrected = CorrectedClock(self.clock)
        self.settings = of or self.settings
        self.performer = Performer(
            self.settings, self.call, self.keychain, self.state, self.deadline()
        )

        def person() -> ScriptedPerson | None:
            self.asked_for_person += 1
            return self.person

        return Renewal(
            self.settings, self.session(), self.performer, self.corrected, person, self.visit
        )

    def visit(
        self,
        step: Browse,
        person: Person | None,
        *,
        paste: bool,
        page: Callable[[], AbstractContextManager[None]],
    ) -> Mapping[str, str]:
        """Bring back from the browser what a test says."""
        if self.port_in_use:
            raise CredprocError("its port is in use")
        with page():
            self.visited.append((step, person, paste))
            return self.browser(step)

    def deadline(self) -> Deadline:
        """That of a process which starts now."""
        return Deadline(self.clock, 11)

    def session(self) -> Session:
        """What is stored."""
        return Session(self.keychain, "dev", "file", DIGEST)

    def keep(self, name: str = "ASIAOLD", left: float = 600) -> None:
        """Store credentials that are good for a while."""
        self.session().store(Credentials(name, "s", "t", int(self.clock.now() + left)))

    def store(self, item: Item, value: str) -> None:
        """Store a secret."""
        self.keychain.store(item, item_owner(item, self.settings), value)

    def read(self, item: Item) -> str | None:
        """Read a secret."""
        return self.keychain.read(item, item_owner(item, self.settings))

    @property
    def memory(self) -> Account:
        """What is remembered on disk."""
        return self.state.load(self.settings.user)


def signed_in(folder: Path, *script: tuple[str, object]) -> Machine:
    """A machine with the refresh token of a sign-in."""
    here = Machine(folder, *script)
    here.store(Item.REFRESH_TOKEN, "token")
    return here
