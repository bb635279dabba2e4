"""Files of existing set-ups, as their tools and their people write them."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_credproc.profiles.importing import INSIDE, LARGEST, NAMES, found_in
from cognito_credproc.settings.forms import FORMS
from cognito_credproc.values.errors import SettingsError

POOL, CLIENT = "eu-west-1_AbCdEfGhI", "1a2b3c4d5e6f7g8h9i0jklmnop"
IDENTITIES = "eu-west-1:11111111-2222-3333-4444-555555555555"
DOMAIN = "myteam.auth.eu-west-1.amazoncognito.com"
IDS = {
    "cognito_user_pool_id": POOL,
    "cognito_client_id": CLIENT,
    "cognito_identity_pool_id": IDENTITIES,
}
ALL = {**IDS, "region": "eu-west-1"}

AMPLIFY_2 = {
    "auth": {
        "user_pool_id": POOL,
        "aws_region": "eu-west-1",
        "user_pool_client_id": CLIENT,
        "identity_pool_id": IDENTITIES,
        "mfa_methods": ["TOTP"],
        "standard_required_attributes": ["email"],
        "username_attributes": ["email"],
        "mfa_configuration": "OPTIONAL",
        "password_policy": {"min_length": 8, "require_numbers": True},
        "unauthenticated_identities_enabled": False,
        "oauth": {"domain": DOMAIN, "scopes": ["openid"], "response_type": "code"},
    },
    "data": {"url": "https://x.appsync-api.eu-west-1.amazonaws.com/graphql"},
    "version": "1.4",
}
AMPLIFY_1_NATIVE = {
    "UserAgent": "aws-amplify-cli/2.0",
    "auth": {
        "plugins": {
            "awsCognitoAuthPlugin": {
                "IdentityManager": {"Default": {}},
                "CredentialsProvider": {
                    "CognitoIdentity": {"Default": {"PoolId": IDENTITIES, "Region": "eu-west-1"}}
                },
                "CognitoUserPool": {
                    "Default": {"PoolId": POOL, "AppClientId": CLIENT, "Region": "eu-west-1"}
                },
                "Auth": {
                    "Default": {
                        "OAuth": {"WebDomain": DOMAIN, "AppClientId": "another"},
                        "authenticationFlowType": "USER_SRP_AUTH",
                    }
                },
            }
        }
    },
}
EXPORTS = f"""\
/* eslint-disable */
// WARNING: DO NOT EDIT. "aws_user_pools_id": "eu-west-1_Commented"

const awsmobile = {{
    "aws_project_region": "eu-west-1",
    "aws_cognito_identity_pool_id": "{IDENTITIES}",
    "aws_cognito_region": "eu-west-1",
    "aws_user_pools_id": "{POOL}",
    "aws_user_pools_web_client_id": "{CLIENT}",
    "oauth": {{ "domain": "{DOMAIN}", "redirectSignIn": "https://x.example.com//in" }},
    "aws_cognito_username_attributes": ["EMAIL"],
    "aws_appsync_graphqlEndpoint": "https://x.example.com/graphql",
}};

export default awsmobile;
"""
BY_HAND = f"""\
export default {{
  Auth: {{
    region: 'eu-west-1', // REQUIRED
    /* identityPoolId: 'eu-west-1:00000000-0000-0000-0000-000000000000', */
    identityPoolId: '{IDENTITIES}',
    userPoolId: process.env.POOL || '{POOL}',
    userPoolId: '{POOL}',
    userPoolWebClientId: '{CLIENT}',
    authenticationFlowType: 'USER_PASSWORD_AUTH',
  }},
}}
"""
VERSION_6 = f"""\
Amplify.configure({{ Auth: {{ Cognito: {{
  userPoolId: '{POOL}', userPoolClientId: '{CLIENT}', identityPoolId: '{IDENTITIES}',
  loginWith: {{ oauth: {{ domain: '{DOMAIN}', scopes: ['openid'] }} }} }} }} }});
"""
OUTPUTS = [
    {"OutputKey": "UserPoolId", "OutputValue": POOL, "Description": "the pool"},
    {"OutputKey": "UserPoolClientId", "OutputValue": CLIENT, "ExportName": "x"},
    {"OutputKey": "IdentityPoolId", "OutputValue": IDENTITIES},
    {"OutputKey": "Region", "OutputValue": "eu-west-1"},
    {"OutputKey": "Another", "OutputValue": "eu-west-1_ANOTHER"},
]
STACKS = {
    "Stacks": [
        {
            "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/auth/x",
            "Parameters": [{"ParameterKey": "UserPoolId", "ParameterValue": "eu-west-1_Parameter"}],
            "Outputs": OUTPUTS,
            "StackName": "auth",
        }
    ]
}
CDK = {"auth": {"UserPoolId": POOL, "UserPoolClientId": CLIENT, "IdentityPoolId": IDENTITIES}}
TERRAFORM = {
    "user_pool_id": {"sensitive": False, "type": "string", "value": POOL},
    "user_pool_client_id": {"sensitive": False, "type": "string", "value": CLIENT},
    "identity_pool_id": {"sensitive": False, "type": "string", "value": IDENTITIES},
    "region": {"sensitive": False, "type": "string", "value": "eu-west-1"},
    "cognito_domain": {"sensitive": False, "type": "dynamic", "value": None},
    "names": {"sensitive": False, "type": ["list", "string"], "value": ["a"]},
}


def found(text: str, given: Mapping[str, str] | None = None) -> dict[str, str]:
    values = found_in(text, "FILE", given or {})
    if "cognito_domain" in FORMS and DOMAIN in text:
        assert values.pop("cognito_domain") == DOMAIN
    return values


def refused(text: str, given: Mapping[str, str] | None = None) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        found_in(text, "FILE", given or {})
    assert caught.value.message.startswith("FILE")
    return caught.value


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        (AMPLIFY_2, ALL),
        (AMPLIFY_1_NATIVE, {**ALL, "cognito_auth_flow": "USER_SRP_AUTH"}),
        (STACKS, ALL),
        (OUTPUTS, ALL),
        ({"Outputs": OUTPUTS}, ALL),
        (CDK, IDS),
        (TERRAFORM, ALL),
    ],
)
def test_json(document: object, wanted: Mapping[str, str]) -> None:
    assert found(json.dumps(document, indent=2)) == wanted
    assert found(json.dumps(document)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (EXPORTS, ALL),
        (BY_HAND, {**ALL, "cognito_auth_flow": "USER_PASSWORD_AUTH"}),
        (VERSION_6, IDS),
        (EXPORTS.replace("\n", "\r\n"), ALL),
        ("".join(EXPORTS.partition("const")[1:]).replace("\n", " "), ALL),
    ],
)
def test_javascript_is_read_and_not_run(text: str, wanted: Mapping[str, str]) -> None:
    assert found(text) == wanted


def test_other_names_are_known_by_the_form_of_their_values() -> None:
    cdk = {"AuthUserPoolIdC0605E59": POOL, "AuthUserPoolClientId0A1B": CLIENT, "Ids": IDENTITIES}
    cdk |= {"ClientSecretId": "1a2b3c4d5e6f7g8h9i0jklmnop1a2b3c4d5e6f7g8h9i0jklmno", "Url": "x"}
    assert found_in(json.dumps({"AuthStack": cdk}), "it", {}) == IDS
    described = [{"OutputKey": "ClientId", "OutputValue": CLIENT}]
    assert found_in(json.dumps(described), "it", {}) == {"cognito_client_id": CLIENT}
    two = {**cdk, "OtherUserPool": POOL + "2"}
    assert "cognito_user_pool_id" not in found_in(json.dumps(two), "it", {})


def test_several_pools_are_not_guessed_at() -> None:
    document = json.dumps([*OUTPUTS, {"OutputKey": "UserPoolId", "OutputValue": "eu-west-1_B"}])
    error = refused(document)
    assert error.message == f"FILE has several: user pool id {POOL}, eu-west-1_B"
    assert error.hint == f"say which: --user-pool-id {POOL}"
    assert found(document, {"cognito_user_pool_id": "eu-west-1_B"}) == {
        key: value for key, value in ALL.items() if key != "cognito_user_pool_id"
    }


def test_several_regions_are_none() -> None:
    document = {"auth": {**IDS_OF_AMPLIFY, "aws_region": "eu-west-1"}, "data": {"region": "us-x-1"}}
    assert found(json.dumps(document)) == IDS


IDS_OF_AMPLIFY = {
    "user_pool_id": POOL,
    "user_pool_client_id": CLIENT,
    "identity_pool_id": IDENTITIES,
}


def test_an_id_that_is_none() -> None:
    error = refused(json.dumps({"UserPoolId": "YOUR_POOL_ID"}))
    assert "YOUR_POOL_ID is no user pool id" in error.message
    assert "--user-pool-id" in str(error.hint)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        *((text, "names no user pool") for text in ("{}", "[]", '"x"', "3", "null")),
        ('{"UserPoolId": 3, "Region": "x"}', "names no user pool"),
        ("/* mine */ // so\nexport default { a: 'x' };", "names no user pool"),
        ("\n", "is empty"),
        ("\0\1", "is no JSON: line 1 is not as JSON has it"),
        ('{\n  "a": 1,\n  no\n}', "is no JSON: line 3 is not as JSON has it"),
        ("UserPoolId ap-northeast-1_AbCdEfGhI", "is no JSON: line 1 is not as JSON has it"),
    ],
)
def test_files_that_say_nothing(text: str, words: str) -> None:
    assert refused(text).message == f"FILE {words}"


def test_the_id_is_taken_out_of_an_arn() -> None:
    arn = f"arn:aws:cognito-idp:ap-northeast-1:111122223333:userpool/{POOL}"
    assert found(json.dumps({"UserPoolId": arn})) == {"cognito_user_pool_id": POOL}


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 60 + "]" * 60])
def test_files_that_are_deep(text: str) -> None:
    refused(text)


def test_a_file_that_is_too_large() -> None:
    assert refused(" " * (LARGEST + 1)).message == "FILE is too large"


def test_a_secret_is_not_taken() -> None:
    native = json.loads(json.dumps(AMPLIFY_1_NATIVE))
    plugin = native["auth"]["plugins"]["awsCognitoAuthPlugin"]
    plugin["CognitoUserPool"]["Default"]["AppClientSecret"] = "very-s3cret"
    assert "s3cret" not in str(found(json.dumps(native)))


def test_every_name_is_written_as_it_is_compared() -> None:
    names = [*NAMES, *(name for pair in INSIDE for name in pair)]
    assert [name for name in names if not (name.isalnum() and name.islower())] == []


@given(text=st.text(st.sampled_from("{}[]:,'\"/*\\ \nuserPoolId1_"), max_size=200))
def test_no_text_is_too_odd(text: str) -> None:
    try:
        found_in(text, "FILE", {})
    except SettingsError:
        return


@pytest.mark.parametrize(
    "piece", ["{", "}", "'", '"', "/*", "//", "a:{", "a:'", "\\", "/* ", '\\"', "a "]
)
def test_reading_takes_no_longer_for_odd_texts(piece: str) -> None:
    """Within the limit of the tests: nothing is looked at again and again."""
    refused(piece * 20_000)
