"""The completion scripts in the shells themselves: what Tab offers, and what it leaves alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cognito_credproc.cli import COMMANDS
from cognito_credproc.settings import aws_config
from cognito_credproc.settings.profile_keys import with_settings
from cognito_credproc.words.completion import PROFILES
from tests.e2e.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SCRIPTS = Path(sys.executable).parent
VERBS = [command.__name__.rpartition(".")[2] for command in COMMANDS]
CONFIG = """\
; a comment with cognito_user_pool_id = x
[default]
region = ap-northeast-1

[profile dev]
region = ap-northeast-1
cognito_user_pool_id = ap-northeast-1_AbCdEfGhI
cognito_client_id = 1example23456789
[profile "two words"]\r
Cognito_Settings_From=dev\r
[profile plain]
s3 =
  cognito_in_a_nested_section = 1
[profile "it's" ]
cognito_username : istio
[profile 'quoted']
# cognito_username = nobody
[profile $(touch-x)]
cognito_settings_from = dev
[profile three words here]
cognito_username = nobody
[ profile space]
cognito_username = nobody
[profile un'even]
cognito_username = nobody
[other]
cognito_username = nobody
[sso-session cognito]
sso_region = ap-northeast-1
"""
NAMED = ["dev", "two words", "it's", "$(touch-x)"]
# What a shell does when Tab is pressed, for each command line that follows.
BASH = r"""
source ./script
while IFS= read -r line; do
  COMP_LINE=$line COMP_POINT=${#line}
  IFS=$'\t' read -ra COMP_WORDS <<<"$line"
  [[ $line == *$'\t' ]] && COMP_WORDS+=("")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
  how=$(complete -p "${COMP_WORDS[0]}")
  how=${how##*-F } && ${how%% *} "${COMP_WORDS[0]}"
  (IFS=$'\t'; printf '%s\n' "${COMPREPLY[*]}")
done
"""
FISH = r"""
source ./script
while read -l line
    set -l typed (string replace -a \t ' ' -- $line)
    echo (string join \t -- (complete -C $typed | string split -f 1 \t))
end
"""
# Words of a command line, as bash breaks them; the last is the one that is typed.
LINES: list[tuple[list[str], list[str]]] = [
    (["cognito-credproc", ""], VERBS),
    (["cognito-credproc", "st"], ["status"]),
    (["cognito-credproc", "--profile", "dev", "lo"], ["login", "logout"]),
    (["cognito-credproc", "login", "--no"], ["--no-browser"]),
    (["cognito-credproc", "export", "--format", ""], ["env", "fish", "powershell", "json"]),
    (["cognito-credproc", "completion", ""], ["bash", "zsh", "fish"]),
    (["cognito-credproc", "configure", "--credential-flow", ""], ["enhanced", "basic"]),
    (["cognito-credproc", "configure", "--settings-from", "d"], ["dev"]),
    (["cognito-credproc", "configure", "--import", "scr"], ["script"]),
    (["cognito-credproc-enroll", "--sto"], ["--store-password", "--store-totp"]),
    (["cognito-credproc-enroll", "--profile", "d"], ["dev"]),
    (["cognito-credproc", "--renew"], []),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the config file and the script are."""
    (tmp_path / "config").write_bytes(CONFIG.encode())
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    """A home of nothing but that."""
    return {
        "HOME": str(folder),
        "PATH": f"{SCRIPTS}:/usr/bin:/bin",
        "AWS_CONFIG_FILE": str(folder / "config"),
    }


def needs(shell: str) -> None:
    """Skip where a shell is missing."""
    if shutil.which(shell) is None:
        pytest.skip(f"not installed: {shell}")


def run(folder: Path, *command: str, typed: str = "") -> str:
    """What a command prints; it must say nothing else."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(folder),
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


def offered(
    folder: Path, shell: str, program: str, lines: Sequence[Sequence[str]]
) -> Iterator[list[str]]:
    """What is offered for each command line."""
    (folder / "script").write_text(run(folder, "cognito-credproc", "completion", shell))
    typed = "".join("\t".join(words) + "\n" for words in lines)
    for line in run(folder, *program.split(), "-c", PROGRAMS[shell], typed=typed).splitlines():
        yield line.split("\t") if line else []


PROGRAMS = {"bash": BASH, "fish": FISH}


@pytest.mark.parametrize(("shell", "program"), [("bash", "bash"), ("fish", "fish --no-config")])
def test_what_tab_offers(folder: Path, shell: str, program: str) -> None:
    needs(shell)
    words = [line for line, _ in LINES]
    for (line, wanted), found in zip(LINES, offered(folder, shell, program, words), strict=True):
        known = [word for word in found if not word.startswith("--no-store-")]
        assert sorted(known) == sorted(wanted), line


def test_profiles_in_bash(folder: Path) -> None:
    """Quoted as they have to stand in a command line; after `=` as well, where bash breaks."""
    lines = [
        ["cognito-credproc", "--profile", ""],
        ["cognito-credproc", "login", "--profile", "=", "d"],
        ["cognito-credproc", "--profile", "="],
        ["cognito-credproc", "--profile", "=", "dev", "logi"],
        ["cognito-credproc", "--profile", "two\\ w"],
        ["cognito-credproc", "--profile", "'tw"],
        ["cognito-credproc", "login", "--profile", "team", ":", ""],
        ["cognito-credproc", "login", "--profile", "=", "team", ":", "d"],
        ["cognito-credproc", "--profile", "team", ":", "dev", "logi"],
    ]
    with (folder / "config").open("a") as file:
        file.write("[profile team:dev]\ncognito_settings_from = dev\n")
    quoted = ["dev", "two\\ words", "it\\'s", "\\$\\(touch-x\\)", "team:dev"]
    found = list(offered(folder, "bash", "bash", lines))
    assert found[:5] == [quoted, ["dev"], quoted, ["login"], ["two\\ words"]]
    assert found[5:] == [["two words"], ["dev"], ["dev"], ["login"]]


def test_profiles_in_fish(folder: Path) -> None:
    needs("fish")
    lines = [["cognito-credproc", "--profile", ""], ["cognito-credproc", "--profile=d"]]
    assert list(offered(folder, "fish", "fish --no-config", lines)) == [
        NAMED,
        ["--profile=dev"],
    ]


def test_the_same_profiles_as_the_program_knows(folder: Path) -> None:
    assert with_settings(aws_config.profiles(folder / "config")) == NAMED
    (folder / "config").unlink()
    lines = [["cognito-credproc", "--profile", ""]]
    assert list(offered(folder, "bash", "bash", lines)) == [[]]


@pytest.mark.parametrize("loaded", ["eval", "source", "fpath"])
def test_zsh(folder: Path, loaded: str) -> None:
    """A person at a terminal presses Tab; each way of loading the script."""
    needs("zsh")
    (folder / "_cognito-credproc").write_text(run(folder, "cognito-credproc", "completion", "zsh"))
    compinit = "autoload -Uz compinit && compinit -uD"
    load = {
        "eval": f'{compinit}; eval "$(cognito-credproc completion zsh)"',
        "source": f"{compinit}; source {folder}/_cognito-credproc",
        "fpath": f"fpath=({folder} $fpath); {compinit}",
    }[loaded]
    begin = f"PS1='> '; unsetopt beep; {load}; print rea''dy"
    with Person(["zsh", "-f"], {**environment(folder), "TERM": "dumb"}) as person:
        person.types(begin)
        person.sees("ready")
        for typed, completed in (
            ("cognito-credproc stat", "us "),
            ("cognito-credproc login --profile tw", "o\\ words "),
            ("cognito-credproc --profile=d", "ev"),
            ("cognito-credproc export --format pow", "ershell "),
            ("cognito-credproc-enroll --sig", "n-up "),
            ("cognito-credproc-enroll --profile d", "ev "),
        ):
            person.presses(f"{typed}\t".encode())
            person.sees(f"{typed}{completed}")
            person.presses(b"\x15")  # Ctrl-U
        person.presses(b"cognito-credproc lo\t\t")
        person.sees("sign out, here and at Cognito")


def test_profiles_need_awk_and_no_python(folder: Path) -> None:
    awk = shutil.which("awk")
    assert awk
    (folder / "bin").mkdir()
    (folder / "bin" / "awk").symlink_to(awk)
    (folder / "script").write_text(run(folder, "cognito-credproc", "completion", "bash"))
    found = run(folder, "bash", "-c", f"source ./script; PATH={folder}/bin; {PROFILES} t")
    assert found == "two\\ words\n"


def test_the_login_shell_where_none_is_named(folder: Path) -> None:
    script = run(folder, "cognito-credproc", "completion", "fish")
    assert run(folder, "env", "SHELL=/usr/bin/fish", "cognito-credproc", "completion") == script
    done = subprocess.run(
        ["cognito-credproc", "completion"],
        env={**environment(folder), "SHELL": "/bin/dash"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: which shell?\nhint: cognito-credproc completion bash")
