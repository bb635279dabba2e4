"""What is said of a wrong command line: no word that may be a secret, the others in their place."""

import pytest

from cognito_credproc import cli, enroll
from cognito_credproc.values.errors import UsageError

SECRET = "S3cr3t"


def refused(command: str) -> tuple[str, str | None]:
    program, *words = command.replace("SECRET", SECRET).split()
    parser = enroll.parser() if program == "enroll" else cli.parser()
    with pytest.raises(UsageError) as caught:
        parser.parse_args(words)
    assert SECRET not in caught.value.lines()
    assert SECRET[1:] not in caught.value.lines()
    return caught.value.message, caught.value.hint


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("cli configure --client-secret-stdin SECRET", "--client-secret-stdin takes no value"),
        (
            "cli configure --profile dev --client-secret-stdin SECRET",
            "--client-secret-stdin takes no value",
        ),
        ("cli configure --client-secret-stdin=SECRET", "--client-secret-stdin takes no value"),
        ("enroll --password-stdin=SECRET", "--password-stdin takes no value"),
        (
            "enroll --store-password=SECRET",
            "--store-password/--no-store-password takes no value",
        ),
        ("enroll --import-totp SECRET", "--import-totp takes no value"),
        ("enroll --import-totp -SECRET", "--import-totp takes no value"),
        ("enroll --new-totp SECRET", "--new-totp takes no value"),
        ("enroll --profile dev --store-password SECRET", "--store-password takes no value"),
        ("enroll -pSECRET", "unrecognized arguments: -p"),
        ("cli --password SECRET login", "unrecognized arguments: --password"),
        ("cli --password login SECRET", "unrecognized arguments: --password"),
        ("cli completion --password SECRET", "unrecognized arguments: --password"),
        ("cli --client-secret-stdin SECRET login", "--client-secret-stdin takes no value"),
    ],
)
def test_a_word_after_what_takes_no_secret_is_not_said_again(command: str, said: str) -> None:
    message, hint = refused(command)
    assert message == said
    assert str(hint).endswith(" --help")


def test_words_behind_two_dashes() -> None:
    """Each Python has its own words for them."""
    refused("cli login -- SECRET --password")
    refused("enroll --profil -- --pw --offline SECRET")


def test_a_secret_with_a_space_in_it() -> None:
    """To argparse, such a word is no option."""
    for option in ("--password", "--client-secret-stdin"):
        with pytest.raises(UsageError) as caught:
            cli.parser().parse_args([f"{option}={SECRET} {SECRET}", "login"])
        assert caught.value.message == f"unrecognized arguments: {option}"


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("cli lgin --pasword SECRET", "cognito-credproc login"),
        ("cli lgin --pw SECRET", "cognito-credproc login"),
        ("cli lgin --pwd=SECRET", "cognito-credproc login"),
        ("cli lgin --secret-key SECRET --no-browser", "cognito-credproc login --no-browser"),
        ("cli lgin --new-thing SECRET", "cognito-credproc login --new-thing"),
        (
            "enroll --imprt-totp --profile dev SECRET",
            "cognito-credproc-enroll --import-totp --profile dev",
        ),
        ("enroll --import-topt --password -SECRET", "cognito-credproc-enroll --import-totp"),
        (
            "cli configure --client-secret-id SECRET --offline",
            "cognito-credproc configure --client-secret-stdin --offline",
        ),
        ("cli --debgu login", "cognito-credproc --debug login"),
        (
            "cli --profile dev login --no-browsr",
            "cognito-credproc --profile dev login --no-browser",
        ),
        (
            "enroll --profile blcks --qr blcks",
            "cognito-credproc-enroll --profile blcks --qr blocks",
        ),
        (
            "enroll --qr=blcks --profile blcks",
            "cognito-credproc-enroll --qr=blocks --profile blcks",
        ),
        (
            "cli --profile dev --profil dev login",
            "cognito-credproc --profile dev --profile dev login",
        ),
        ("cli --profile bahs completion bahs", "cognito-credproc --profile bahs completion bash"),
        ("cli lgoin --profil dev", "cognito-credproc login --profil dev"),
        (
            "cli configure --username USER_SRP --auth-flow USER_SRP",
            "cognito-credproc configure --username USER_SRP --auth-flow USER_SRP_AUTH",
        ),
    ],
)
def test_what_is_meant_is_put_in_the_place_of_what_is_wrong(command: str, hint: str) -> None:
    assert refused(command)[1] == hint
