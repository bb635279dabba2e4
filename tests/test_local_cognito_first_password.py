"""Local Cognito: the first sign-in of a user whom an administrator created."""

from __future__ import annotations

import json

from tests.test_local_cognito_harness import PASSWORD, Reply, Site, refusal

USED = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")


def test_first_password() -> None:
    with Site(pool={"mfa": "ON"}) as site:
        _first_password(site)


def _first_password(site: Site) -> None:
    user = site.pool.create_user("new@example.com", temporary_password="Temporary-1")
    assert user.status == "FORCE_CHANGE_PASSWORD"

    def ask() -> Reply:
        asked = site.send_password("Temporary-1", "new@example.com")
        assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
        return asked

    def change(session: str, password: str, **more: str) -> Reply:
        responses = {"USERNAME": user.username, "NEW_PASSWORD": password, **more}
        return site.respond("NEW_PASSWORD_REQUIRED", responses, Session=session)

    asked = ask()
    shown = asked["ChallengeParameters"]
    assert json.loads(shown["requiredAttributes"]) == []
    assert json.loads(shown["userAttributes"])["email"] == "new@example.com"
    code, message = refusal(lambda: change(asked["Session"], "Sh-1a"))
    assert code == "InvalidPasswordException"
    assert message == "Password did not conform with policy: Password not long enough"
    assert refusal(lambda: change(asked["Session"], PASSWORD)) == USED
    given = {"userAttributes.email": "else@example.com"}
    assert refusal(lambda: change(ask()["Session"], PASSWORD, **given))[0] == (
        "NotAuthorizedException"
    )
    assert change(ask()["Session"], PASSWORD)["ChallengeName"] == "MFA_SETUP"
    assert user.status == "CONFIRMED"
    assert refusal(lambda: site.send_password("Temporary-1", "new@example.com"))[0] == (
        "NotAuthorizedException"
    )


def test_required_attributes_and_an_old_temporary_password() -> None:
    with Site(pool={"required_attributes": ("given_name",)}) as site:
        user = site.pool.create_user("new@example.com", temporary_password="Temporary-1")

        def change(**more: str) -> Reply:
            asked = site.send_password("Temporary-1", "new@example.com")
            shown = json.loads(asked["ChallengeParameters"]["requiredAttributes"])
            assert shown == ["userAttributes.given_name"]
            responses = {"USERNAME": user.username, "NEW_PASSWORD": PASSWORD, **more}
            return site.respond("NEW_PASSWORD_REQUIRED", responses, Session=asked["Session"])

        assert refusal(change)[0] == "InvalidParameterException"
        site.clock.advance(7 * 86_400)
        assert "expired" in refusal(change)[1]
        site.clock.advance(-60)
        assert "AuthenticationResult" in change(**{"userAttributes.given_name": "Istio"})
        assert user.attributes == {"given_name": "Istio"}
