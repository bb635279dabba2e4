"""What each broken way to the service becomes: the right two lines, in time, without a secret."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from cognito_credproc.aws.cognito import Cognito, Limits
from cognito_credproc.flows.flow import Call
from cognito_credproc.values.clock import CorrectedClock, Deadline
from cognito_credproc.values.errors import UnreachableError
from tests.fakes import PROFILE, FakeClock, config_text, settings
from tests.faults.ways import PROXY_PASSWORD, WAYS, Expected
from tests.local_cognito import LocalCognito

if TYPE_CHECKING:
    from pathlib import Path

# Short where nobody answers; else long enough for a machine that is busy.
LIMITS = {True: Limits(connect=0.3, read=0.3, call=1), False: Limits(connect=10, read=10, call=20)}
SPENDING = Call("cognito-idp", "RevokeToken", {"ClientId": "1example23456789", "Token": "t"})


@pytest.mark.parametrize(("name", "expected"), WAYS.items(), ids=WAYS)
def test_a_broken_way_has_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, expected: Expected
) -> None:
    limits = LIMITS["silent" in name]
    config = tmp_path / "config"
    config.write_text(config_text({"profile dev": PROFILE}))
    clock = FakeClock()
    for variable in ("HTTPS_PROXY", "NO_PROXY", "AWS_CA_BUNDLE", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    with LocalCognito() as service, expected.way(tmp_path, service.endpoint) as environment:
        for variable, value in environment.items():
            monkeypatch.setenv(variable, value)
        cognito = Cognito(settings(), CorrectedClock(clock), Deadline(clock, 9), limits=limits)
        cognito.prepare()  # that takes as long as it takes
        began = time.monotonic()
        with pytest.raises(UnreachableError) as caught:
            cognito(SPENDING)
        assert time.monotonic() - began < 3 * limits.call + 1
        assert service.calls == []
    error, hint = re.sub(r"(?<=127\.0\.0\.1:)\d+", "PORT", caught.value.lines()).splitlines()
    assert error == f"error: RevokeToken: {expected.error}"
    assert hint.startswith(f"hint: {expected.hint}")
    assert PROXY_PASSWORD not in error + hint
