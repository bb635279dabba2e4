"""What to type once a profile is written."""

from collections.abc import Iterable, Mapping

from cognito_credproc.flows.entry import AUTH_FLOWS
from cognito_credproc.flows.flow import Item
from cognito_credproc.people.questions import enroll_command, login_command
from cognito_credproc.profiles.pool_check import SECRET, Doubt
from cognito_credproc.profiles.profile_plan import Plan
from cognito_credproc.settings.forms import configure_command, flag
from cognito_credproc.settings.named import profile_option
from cognito_credproc.use_cases.standing import Keyring, Standing, overview
from cognito_credproc.values.clock import SystemClock
from cognito_credproc.values.errors import CredprocError

SIGNS_IN = {Item.REFRESH_TOKEN, Item.PASSWORD, Item.TOTP_SEED}


def next_command(plan: Plan, doubts: Iterable[Doubt], environment: Mapping[str, str]) -> str:
    """What mends a value that Cognito denies, else what sets the user up, else a first use."""
    denied = [doubt for doubt in doubts if doubt.hint is None]
    if denied:
        return mending_command(plan.profile, denied)
    if any(doubt.key == SECRET for doubt in doubts):
        return enroll_command(plan.profile)
    if plan.is_new_sign_in:
        return _first_sign_in(plan)
    return _to_sign_in(plan, environment, SystemClock().now()) or (
        f"aws sts get-caller-identity {profile_option(plan.profile)}"
    )


def mending_command(profile: str, denied: Iterable[Doubt]) -> str:
    """The command that gives other values to what is certainly wrong."""
    options = [
        "--client-secret-stdin" if doubt.key == SECRET else f"{flag(doubt.key)} VALUE"
        for doubt in denied
    ]
    return " ".join([configure_command(profile), *dict.fromkeys(options)])


def _to_sign_in(plan: Plan, environment: Mapping[str, str], now: float) -> str | None:
    """What signs the person in, where it is known that nobody is signed in."""
    try:
        found = overview(plan.profile, environment, Keyring.of(environment))
    except CredprocError:
        return None
    standing = found.profiles[plan.profile]
    if not isinstance(standing, Standing):
        return None
    was_here = standing.signed_in is not None
    if standing.stored is None and was_here:  # a locked keyring, perhaps
        return None
    credentials = standing.credentials
    good = credentials is not None and credentials.current and credentials.expiry > now
    if good or not SIGNS_IN.isdisjoint(standing.stored or ()):
        return None
    return login_command(plan.profile) if was_here else _first_sign_in(plan)


def _first_sign_in(plan: Plan) -> str:
    enrols = plan.settings.auth_flow in AUTH_FLOWS
    return enroll_command(plan.profile) if enrols else login_command(plan.profile)
