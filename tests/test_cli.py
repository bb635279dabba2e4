"""Both command lines: usage, help without a keyring, which profile is meant."""

import subprocess
import sys
from pathlib import Path

import pytest

from cognito_credproc import __version__, cli, enroll
from cognito_credproc.settings.aws_config import profile_name
from cognito_credproc.values.errors import UsageError
from cognito_credproc.words.parser import debug_is_wanted

ROOT = Path(__file__).parent.parent
# The program as it is started, on a machine where these imports would fail.
MISSING = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"keyring", "botocore", "boto3", "pyotp", "segno", "filelock"}:
            raise ImportError(f"{name} is missing here")
sys.meta_path.insert(0, Missing())
"""
START = """
import sys
sys.argv[0] = "cognito-credproc"
from cognito_credproc import MODULE
sys.exit(MODULE.main())
"""


def started(
    module: str, *arguments: str, text: str = "", machine: str = MISSING
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", machine + START.replace("MODULE", module), *arguments],
        env={"PYTHONPATH": str(ROOT), "HOME": "/nonexistent"},
        input=text,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        timeout=30,
    )


@pytest.mark.parametrize("module", ["hit", "enroll"])
@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_needs_no_keyring(module: str, option: str) -> None:
    done = started(module, option)
    assert (done.returncode, done.stderr) == (0, "")
    assert "cognito-credproc" in done.stdout
    if option == "--version":
        assert done.stdout.endswith(f" {__version__}\n")
    else:
        assert "exit status: 0 done; 1 failed; 2 wrong usage; 3 only a person" in done.stdout


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("hit", ["--nonsense"]),
        ("hit", ["nonsense"]),
        ("hit", ["login", "dev", "--forget"]),
        ("hit", ["--profile"]),
        ("hit", ["--zzz", "dev"]),
        ("hit", ["login", "--forget"]),
        ("enroll", ["--nonsense"]),
        ("enroll", ["--store-password=yes"]),
        ("enroll", ["extra", "words"]),
    ],
)
def test_wrong_usage(module: str, arguments: list[str]) -> None:
    done = started(module, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first.startswith("error: ")
    assert second.startswith("hint: cognito-credproc")
    assert second.endswith(" --help")


@pytest.mark.parametrize(
    ("arguments", "words", "hint"),
    [
        (["enroll"], "there is no command enroll; the set-up of", "-enroll --profile NAME"),
        (["enrolement"], "there is no command", "-enroll --profile NAME"),
        (["lgoin"], "there is no command lgoin; did you mean login?", " login"),
        (["help"], "there is no command help", " --help"),
        (["login", "dev"], "unrecognized argument: dev; a profile", " login --profile dev"),
        (["login", "-x"], "unrecognized arguments: -x", " login --help"),
        (
            ["login", "--profil", "two words"],
            "there is no option --profil; did you mean --profile?",
            " login --profile 'two words'",
        ),
        (
            ["--profil=dev", "login", "--no-browser"],
            "there is no option --profil; did you mean --profile?",
            " --profile=dev login --no-browser",
        ),
        (["--profil", "dev", "login"], "there is no option --profil", " --profile dev login"),
        (
            ["--profile", "dev", "configure", "--client_id=x", "--mfa", "SMS_MFA"],
            "there is no option --client_id; did you mean --client-id?",
            " --profile dev configure --client-id=x --mfa SMS_MFA",
        ),
        (
            ["configure", "--client-secret", "s3cret", "--offline"],
            "there is no option --client-secret; did you mean --client-secret-stdin?",
            " configure --client-secret-stdin --offline",
        ),
        (
            ["configure", "--client-secret=s3cret"],
            "there is no option --client-secret; did you mean --client-secret-stdin?",
            " configure --client-secret-stdin",
        ),
        (
            ["lgoin", "--password", "s3cret", "--no-browser", "--secret=s3cret"],
            "there is no command lgoin; did you mean login?",
            " login --no-browser",
        ),
        (["login", "--password", "s3cret"], "unrecognized arguments: --password", " login --help"),
        (
            ["--profile=dev", "lgoin"],
            "there is no command lgoin; did you mean login?",
            " --profile=dev login",
        ),
        (
            ["export", "--format", "fsh", "--profile=dev"],
            "argument --format: there is no fsh; did you mean fish?",
            " export --format fish --profile=dev",
        ),
        (
            ["completion", "bahs"],
            "argument SHELL: there is no bahs; did you mean bash?",
            " completion bash",
        ),
        (
            ["configure", "--auth-flow=user_srp"],
            "user_srp is no auth flow; did you mean USER_SRP_AUTH?",
            " configure --auth-flow=USER_SRP_AUTH",
        ),
        (["login", "--profile=a", "b"], "unrecognized arguments: b", " login --help"),
        (["export", "--format", "x"], "argument --format: invalid choice", " export --help"),
    ],
)
def test_usage_errors_name_the_way_on(arguments: list[str], words: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        cli.parser().parse_args(arguments)
    assert caught.value.message.startswith(words)
    assert "s3cret" not in caught.value.message
    assert caught.value.hint == f"cognito-credproc{hint}"


def test_a_profile_in_the_place_of_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text('[profile "two words"]\n[profile dev]\n[default]\n')
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for typed, option in ((["dev"], "--profile dev"), (["two words"], "--profile 'two words'")):
        with pytest.raises(UsageError) as caught:
            cli.parser().parse_args([*typed, "login"])
        meant = f"did you mean cognito-credproc {option}?"
        assert caught.value.message == f"there is no command {typed[0]}; {meant}"
        assert caught.value.hint == f"cognito-credproc {option} login"
    config.write_text("nonsense")
    with pytest.raises(UsageError, match=r"there is no command dev$"):
        cli.parser().parse_args(["dev"])


def test_the_help_names_the_enrolment() -> None:
    assert "cognito-credproc-enroll --profile NAME" in cli.parser().format_help()


@pytest.mark.parametrize(
    ("arguments", "text", "words"),
    [
        (["--password-stdin"], "", "standard input holds no password"),
        (["--password-stdin", "--totp-seed-stdin"], "secret\n", "holds no TOTP seed"),
    ],
)
def test_standard_input_that_holds_nothing(arguments: list[str], text: str, words: str) -> None:
    done = started("enroll", "--profile", "dev", *arguments, text=text, machine="")
    assert done.returncode == 2
    assert words in done.stderr


@pytest.mark.parametrize(
    ("arguments", "verb", "profile"),
    [
        ([], None, None),
        (["--profile", "dev"], None, "dev"),
        (["--profile=two words"], None, "two words"),
        (["login"], "login", None),
        (["login", "--profile", "dev"], "login", "dev"),
        (["--profile", "dev", "login"], "login", "dev"),
        (["logout", "--forget", "--profile", "dev"], "logout", "dev"),
    ],
)
def test_verbs_and_the_profile_on_either_side(
    arguments: list[str], verb: str | None, profile: str | None
) -> None:
    parsed = cli.parser().parse_args(arguments)
    assert (parsed.verb, getattr(parsed, "profile", None)) == (verb, profile)


@pytest.mark.parametrize(
    ("named", "environment", "meant"),
    [
        ("dev", {"AWS_PROFILE": "other"}, "dev"),
        (None, {"AWS_PROFILE": "other"}, "other"),
        (None, {"AWS_PROFILE": ""}, "default"),
        (None, {}, "default"),
    ],
)
def test_which_profile(named: str | None, environment: dict[str, str], meant: str) -> None:
    assert profile_name(named, environment) == meant


def test_choices_of_the_enrolment_are_three_valued() -> None:
    """Said, denied, or left for the person."""
    parse = enroll.parser().parse_args
    assert parse([]).store_password is None
    assert parse(["--store-password"]).store_password is True
    assert parse(["--no-store-totp"]).store_totp is False
    assert parse(["--attribute", "a=1", "--attribute", "b=2=3"]).attribute == ["a=1", "b=2=3"]


def test_no_secret_is_an_argument() -> None:
    """Every process of the machine can read the arguments of every other."""
    for parser in (cli.parser(), enroll.parser()):
        text = parser.format_help()
        words = text.replace("[", " ").replace("]", " ").replace(",", " ").split()
        assert not {"--password", "--totp-seed", "--seed", "--secret", "--code"} & set(words)


def test_parsers_complain_by_our_own_error() -> None:
    with pytest.raises(UsageError) as caught:
        cli.parser().parse_args(["login", "--nonsense"])
    assert caught.value.exit_status == 2


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_verb_takes_the_debug_option(command: object) -> None:
    verb = getattr(command, "__name__", "").rpartition(".")[2]
    for words in (["--debug", verb], [verb, "--debug"]):
        assert debug_is_wanted(cli.parser().parse_args(words))
    assert not debug_is_wanted(cli.parser().parse_args([verb]))


@pytest.mark.parametrize(
    "verb", [[], *([command.__name__.rpartition(".")[2]] for command in cli.COMMANDS)]
)
def test_help_on_a_narrow_terminal_breaks_no_word(
    verb: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def page(columns: int) -> str:
        monkeypatch.setenv("COLUMNS", str(columns))
        with pytest.raises(SystemExit):
            cli.parser().parse_args([*verb, "--help"])
        return capsys.readouterr().out

    narrow, wide = page(40), page(200)
    _, _, options = narrow.partition("options:")
    assert options.split() == wide.partition("options:")[2].split()
    for line in options.splitlines():
        assert len(line) <= 40 or len(line.split()) == 1 or line.endswith("):"), "its words fit"
