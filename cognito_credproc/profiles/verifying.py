"""Lets Cognito confirm a plan before it is written; a person corrects what it does not know."""

from collections.abc import Callable

from cognito_credproc.flows.flow import Item
from cognito_credproc.people.questions import yes
from cognito_credproc.people.terminal import Person
from cognito_credproc.process import debug
from cognito_credproc.profiles.configuring import ask
from cognito_credproc.profiles.pool_check import SECRET, Doubt
from cognito_credproc.profiles.profile_plan import Plan, example
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.values.errors import KeychainError, SettingsError, UnreachableError

Ask = Callable[[Settings, Callable[[], str | None]], list[Doubt]]


class ClientSecret:
    """The app client's secret: the one that is new here, else what the keyring holds."""

    def __init__(self, keychain: Callable[[], Keychain], new: str | None) -> None:
        self._keychain = keychain
        self.new = new
        debug.conceal(new)

    def of(self, client_id: str) -> str | None:
        """The secret of a client, if one is known; a keyring that fails holds none."""
        if self.new is not None:
            return self.new
        try:
            return self._keychain().read(Item.CLIENT_SECRET, client_id)
        except KeychainError:
            return None

    def ask(self, profile: str, person: Person) -> bool:
        """Let a person type it; Enter alone leaves it for later. Tells whether it was typed."""
        prompt = f"[{profile}] client secret (Enter: later): "
        self.new = person.ask(prompt, hidden=True).strip() or None
        debug.conceal(self.new)
        return self.new is not None

    def store(self, client_id: str) -> None:
        """Put a new one into the keyring.

        Raises:
            KeychainError: the keyring does not take it.
        """
        if self.new is not None:
            self._keychain().store(Item.CLIENT_SECRET, client_id, self.new)


def verify(plan: Plan, person: Person | None, secret: ClientSecret, asked: Ask) -> list[Doubt]:
    """Ask Cognito about the plan; returns what there is to say about it as it is in the end.

    A person may correct a value that is certainly wrong, or insist on it.

    Raises:
        SettingsError: a value is certainly wrong, and nobody corrects it.
        UnreachableError: there is no answer, and nobody wants to go on without.
    """
    insisted: set[tuple[str, str]] = set()
    while True:
        settings = plan.settings
        if person is not None:
            person.say(f"[{plan.profile}] asking Cognito whether these are right")
        try:
            found = asked(settings, lambda: secret.of(settings.client_id))  # noqa: B023 - at once
        except UnreachableError as error:
            _go_on_unchecked(plan, person, error)
            return []
        if person is None:
            for doubt in found:
                if doubt.hint is None:
                    raise _wrong(plan, doubt)
            return found
        asked_about = [
            doubt
            for doubt in filter(_can_be_corrected, found)
            if (doubt.key, _value(plan, doubt)) not in insisted
        ]
        insistence = _corrected(plan, person, secret, asked_about)
        if len(insistence) == len(asked_about):
            return found
        insisted |= insistence


def _corrected(
    plan: Plan, person: Person, secret: ClientSecret, found: list[Doubt]
) -> set[tuple[str, str]]:
    """Let a person correct what is wrong; returns what the person insists on."""
    insistence = set()
    for doubt in found:
        person.say(f"[{plan.profile}] {doubt.words}")
        old = _value(plan, doubt)
        if doubt.key == SECRET:
            changed = secret.ask(plan.profile, person)
        else:
            new = ask(plan.profile, doubt.key, person, old)
            changed = new != old
            plan.change(doubt.key, new)
        if not changed:
            insistence.add((doubt.key, old))
    return insistence


def _can_be_corrected(doubt: Doubt) -> bool:
    return doubt.hint is None or doubt.key == SECRET


def _value(plan: Plan, doubt: Doubt) -> str:
    """The value that a doubt is about, the default one included."""
    if doubt.key == "cognito_auth_flow":
        return plan.settings.auth_flow
    return plan.values.get(doubt.key, "")


def _go_on_unchecked(plan: Plan, person: Person | None, error: UnreachableError) -> None:
    if person is not None:
        person.say(f"[{plan.profile}] {error.message}")
        if yes(person, f"[{plan.profile}] ", "write it without asking Cognito?"):
            return
    error.hint = f"{error.hint}; or write it unasked: add --offline"
    raise error


def _wrong(plan: Plan, doubt: Doubt) -> SettingsError:
    hint = "give the right one"
    if doubt.key != SECRET:
        hint += f", such as {example(doubt.key)}"
    return SettingsError(
        f"profile {plan.profile}: {doubt.words}", f"{hint}; or write it unasked: add --offline"
    )
