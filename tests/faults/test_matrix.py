"""Every fault at every call of every journey: what comes of it, and of the next try."""

from __future__ import annotations

import contextlib
import re
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from cognito_credproc.values.errors import CredprocError
from tests.faults.harms import FAULTS, LONG, WITHOUT_MEMBERS, Harm
from tests.faults.journeys import JOURNEYS, MORE, Journey
from tests.faults.site import BRIEF, HASTY, PASSWORD, PATIENT, ServiceClock, Site, Target, caller
from tests.faults.ways import PROXY_PASSWORD, WAYS
from tests.local_cognito import Fault, LocalCognito

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from cognito_credproc.aws.cognito import Cognito
    from cognito_credproc.flows.flow import Answer, Call

# The calls that spend nothing at the service, so that they may be sent again: by its documentation,
# not as the program has it. A refresh token that rotates is spent.
REPEATABLE = {
    *("GetId", "GetCredentialsForIdentity", "GetOpenIdToken"),
    *("AssumeRoleWithWebIdentity", "GetSigninToken", "Authorize"),
}
BOUND = 20  # seconds that nobody waits unasked
NOT_SEEN_AT_ONCE = {Fault.TRUNCATED, Fault.DRIP}


def each_call(journeys: Mapping[str, Journey]) -> pytest.MarkDecorator:
    """Every call of these journeys, by journey and target."""
    calls = [(journey, target) for journey in journeys.values() for target in journey.targets]
    names = [f"{name}: {target}" for name, each in journeys.items() for target in each.targets]
    return pytest.mark.parametrize(("journey", "target"), calls, ids=names)


class Service(NamedTuple):
    """The local Cognito, and clients of it: one waits, the others hardly do."""

    cognito: LocalCognito
    patient: Cognito
    hasty: Cognito
    brief: Cognito


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with LocalCognito() as cognito, contextlib.ExitStack() as stack:
        folder, clock = tmp_path_factory.mktemp("service"), ServiceClock(cognito)
        clients = [
            stack.enter_context(caller(folder, cognito.environment(), clock, limits))
            for limits in (PATIENT, HASTY, BRIEF)
        ]
        yield Service(cognito, *clients)


@pytest.mark.slow
@each_call({**JOURNEYS, **MORE})
@pytest.mark.parametrize("harm", FAULTS.values(), ids=FAULTS)
def test_the_service_fails(
    tmp_path: Path, service: Service, journey: Journey, target: Target, harm: Harm
) -> None:
    def call(step: Call) -> Answer:
        """Let the first try at the target fail, or all of them."""
        if not target.is_meant(step):
            return service.patient(step)
        if harm.lasting or not harmed:
            harmed.append(step)
            times = None if harm.lasting else 1
            service.cognito.faults.add(step.operation, harm.fault, times, seconds=LONG)
        client = {Fault.SILENCE: service.hasty, Fault.DRIP: service.brief}
        return client.get(harm.fault, service.patient)(step)

    harmed: list[Call] = []
    repeated = harm.repeated or (
        target.operation in REPEATABLE and not harm.lasting and harm.fault not in NOT_SEEN_AT_ONCE
    )
    if target.operation == "AssumeRoleWithWebIdentity" and harm.fault is Fault.TRUNCATED:
        repeated = True  # half a document of XML is seen to be none
    unseen = harm.fault is Fault.TRUNCATED and target.operation in WITHOUT_MEMBERS
    needless = target.operation == "ConfirmDevice"  # this machine is a stranger next time, too
    works = repeated or unseen or needless
    site = ready(tmp_path, service, journey)
    goes_wrong(site, journey, call, None if works else (harm.error, harm.hint))
    assert harmed
    service.cognito.faults.clear()
    goes_on(site, journey)


@pytest.fixture(scope="module", params=WAYS)
def broken_way(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, service: Service
) -> Iterator[tuple[str, Cognito]]:
    folder, clock = tmp_path_factory.mktemp("way"), ServiceClock(service.cognito)
    way = WAYS[request.param].way
    limits = HASTY if "silent" in request.param else PATIENT
    with (
        way(folder, service.cognito.endpoint) as environment,
        caller(folder, environment, clock, limits) as cognito,
    ):
        yield request.param, cognito


@pytest.mark.slow
@each_call(JOURNEYS)
def test_the_way_is_broken(
    tmp_path: Path,
    service: Service,
    broken_way: tuple[str, Cognito],
    journey: Journey,
    target: Target,
) -> None:
    way, broken = broken_way
    expected = WAYS[way]

    def call(step: Call) -> Answer:
        return (broken if target.is_meant(step) else service.patient)(step)

    site = ready(tmp_path, service, journey)
    error = re.escape(expected.error).replace("PORT", r"\d+")
    goes_wrong(site, journey, call, (error, expected.hint))
    asked = [step for step in site.called if target.is_meant(step)]
    assert len(asked) == 1, "a flow does not go on past a call that failed"
    goes_on(site, journey)


def ready(folder: Path, service: Service, journey: Journey) -> Site:
    """A machine at the beginning of a journey."""
    site = Site(
        folder,
        service.cognito,
        service.patient,
        pool=journey.pool,
        client=journey.client,
        said=journey.said,
    )
    journey.prepare(site)
    return site


def goes_wrong(
    site: Site,
    journey: Journey,
    call: Callable[[Call], Answer],
    expected: tuple[str, str] | None,
) -> None:
    """The harmed try: it works all the same, serves what is good still, or says what failed."""
    site.harm = call
    stored = site.session().good(site.clock.now())
    document = caught = None
    began = time.monotonic()
    try:
        document = journey.act(site)
    except CredprocError as error:
        caught = error
    assert time.monotonic() - began < BOUND
    site.harm = None
    assert site.replays(refreshes=bool(journey.client)) == []
    if caught is not None:
        assert stored is None, "credentials were good still"
        assert expected is not None, caught.lines()
        says(caught, expected[0], journey.hint or expected[1])
    elif expected is not None:
        assert stored is not None, "it cannot have worked"
        assert document == stored.document


def says(error: CredprocError, message: str, hint: str) -> None:
    """The right two lines, and no secret in them."""
    assert error.exit_status == 1
    first, second = error.lines().splitlines()
    assert re.match(f"error: .*{message}", first)
    assert second.startswith(f"hint: {hint}")
    for secret in (PASSWORD, PROXY_PASSWORD):
        assert secret not in first + second


def goes_on(site: Site, journey: Journey) -> None:
    """The next try, a minute later, works without anything being done; nothing was sent twice."""
    site.clock.sleep(90)
    journey.act(site)
    assert site.replays() == []
