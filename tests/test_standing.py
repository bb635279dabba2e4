"""How profiles stand: what is read, what a failing keyring leaves known, that nothing changes."""

from pathlib import Path

import pytest
from keyring.errors import KeyringLocked

from cognito_credproc.flows.flow import Item
from cognito_credproc.storage.keychain import Keychain, item_name
from cognito_credproc.storage.session import Session
from cognito_credproc.storage.state import Account, State
from cognito_credproc.use_cases.program import load_settings
from cognito_credproc.use_cases.safekeeping import item_owner
from cognito_credproc.use_cases.standing import Keyring, Overview, Standing, overview
from cognito_credproc.values.credentials import Credentials
from cognito_credproc.values.errors import KeychainError, SettingsError
from tests.fakes import NOW, PROFILE, SEED, FailingKeyring, MemoryKeyring, config_text

KEY_WITH_ACCOUNT = "ASIAQWERTYUIOPASDFGH"


class House:
    """A config file, a keyring and a state folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keyring = MemoryKeyring()
        self.environment = {
            "AWS_CONFIG_FILE": str(folder / "config"),
            "COGNITO_CREDPROC_STATE_DIR": str(folder / "state"),
        }
        self.write({"profile dev": PROFILE, "profile plain": {"region": "ap-northeast-1"}})

    def write(self, profiles: dict[str, dict[str, str]]) -> None:
        """Write the config file."""
        (self.folder / "config").write_text(config_text(profiles))

    def look(self, named: str | None = None) -> Overview:
        """Look it over."""
        return overview(named, self.environment, Keyring(lambda: Keychain(self.keyring)))

    def dev(self) -> Standing:
        """How `dev` stands."""
        found = self.look("dev").profiles["dev"]
        assert isinstance(found, Standing)
        return found

    def keep(self, document: str | None = None) -> None:
        """Store credentials for `dev`."""
        settings, stamp = load_settings("dev", self.environment)
        name = item_name("dev", self.environment)
        session = Session(Keychain(self.keyring), name, stamp, settings.digest)
        record = session.store(
            Credentials(KEY_WITH_ACCOUNT, "s3cret", "t0ken", int(NOW) + 3_600, "111122223333")
        )
        if document is not None:
            record.document = document
            Keychain(self.keyring).store_session(name, record)

    def store(self, *items: Item) -> None:
        """Store secrets for `dev`."""
        settings, _ = load_settings("dev", self.environment)
        for item in items:
            value = SEED if item == Item.TOTP_SEED else "s3cret"
            Keychain(self.keyring).store(item, item_owner(item, settings), value)

    def delete(self, *items: Item) -> None:
        """Remove secrets of `dev`."""
        settings, _ = load_settings("dev", self.environment)
        for item in items:
            Keychain(self.keyring).delete(item, item_owner(item, settings))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_only_profiles_of_ours_are_looked_at(house: House) -> None:
    base = {"cognito_settings_from": "dev"}
    house.write({"profile dev": PROFILE, "profile two": base, "profile plain": {"region": "x"}})
    assert list(house.look().profiles) == ["dev", "two"]


def test_nothing_is_stored(house: House) -> None:
    dev = house.dev()
    assert (dev.credentials, dev.stored, dev.memory) == (None, frozenset(), Account())
    assert dev.signed_in is None
    assert not (house.folder / "state").exists()


def test_everything_is_stored(house: House) -> None:
    house.keep()
    house.store(*Item)
    memory = Account(refused={"password": "no"}, signed_in={PROFILE["cognito_client_id"]: int(NOW)})
    settings, _ = load_settings("dev", house.environment)
    State(house.folder / "state").save(settings.user, memory)
    before = dict(house.keyring.entries)
    dev = house.dev()
    assert dev.credentials == (int(NOW) + 3_600, True, "111122223333")
    assert dev.stored == frozenset(Item) - {Item.ID_TOKEN}, "which is nothing that lasts"
    assert dev.memory == memory
    assert dev.signed_in == int(NOW)
    assert house.keyring.entries == before


def test_credentials_of_other_settings(house: House) -> None:
    house.keep()
    house.write({"profile dev": {**PROFILE, "cognito_region": "eu-west-1"}})
    credentials = house.dev().credentials
    assert credentials is not None
    assert not credentials.current


@pytest.mark.parametrize("document", ["", "nonsense", "[]", "7", '"text"'])
def test_an_item_of_another_shape_is_no_credentials(house: House, document: str) -> None:
    house.keep(document)
    assert house.dev().credentials is None


def test_an_account_that_is_none_is_left_out(house: House) -> None:
    house.keep('{"AccountId": 7}')
    credentials = house.dev().credentials
    assert credentials is not None
    assert credentials.account is None


def test_a_keyring_that_fails_is_asked_once_and_the_rest_is_known(house: House) -> None:
    class Counting(FailingKeyring):
        touched = 0

        def get_password(self, service: str, username: str) -> str | None:
            self.touched += 1
            return super().get_password(service, username)

    two = {**PROFILE, "cognito_username": "other@example.com"}
    house.write({"profile dev": PROFILE, "profile two": two})
    house.keyring = counting = Counting(KeyringLocked("s3cret"))
    found = house.look()
    assert counting.touched == 1
    assert found.keyring.error is not None
    assert found.keyring.error.message == "the keyring is locked"
    for standing in found.profiles.values():
        assert isinstance(standing, Standing)
        assert (standing.credentials, standing.stored) == (None, None)


def test_a_keyring_that_fails_half_way(house: House) -> None:
    class Dying(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            if "/password/" in service:
                raise OSError
            return super().get_password(service, username)

    house.keep()
    dying = Dying()
    dying.entries = house.keyring.entries
    house.keyring = dying
    dev = house.dev()
    assert dev.credentials is not None
    assert dev.stored is None


def test_no_keyring_at_all(house: House) -> None:
    def opened() -> Keychain:
        raise KeychainError("no OS keyring answers here")

    found = overview("dev", house.environment, Keyring(opened))
    assert found.keyring.name is None
    assert found.keyring.error is not None
    assert found.keyring.error.message == "no OS keyring answers here"


def test_profiles_that_share_a_sign_in_share_the_reads(house: House) -> None:
    house.write({"profile dev": PROFILE, "profile two": {"cognito_settings_from": "dev"}})
    house.look()
    assert len(house.keyring.reads) == len(Item) - 1 + 2  # each lasting secret once, each session


def test_wrong_settings_stand_in_the_profiles_place_unless_it_is_the_one_named(
    house: House,
) -> None:
    house.write({"profile dev": PROFILE, "profile bad": {"cognito_user_pool_id": "x"}})
    bad = house.look().profiles["bad"]
    assert isinstance(bad, SettingsError)
    with pytest.raises(SettingsError) as caught:
        house.look("bad")
    assert caught.value.message == bad.message
