"""The app client's secret hash."""

import pytest
from pycognito.aws_srp import AWSSRP

from cognito_credproc.values.app_client import AppClient


@pytest.mark.parametrize("name", ["istio@example.com", "1111-2222", "名前"])
def test_secret_hash_is_that_of_another_implementation(name: str) -> None:
    app = AppClient("ap-northeast-1_AbCdEfGhI", "client", "a client secret")
    theirs = AWSSRP.get_secret_hash(name, "client", "a client secret")
    assert app.secret_hash(name) == {"SECRET_HASH": theirs}
