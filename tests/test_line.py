"""The isolated line: words that every SDK splits alike."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_credproc import __version__
from cognito_credproc.settings.line import RUN, Fault, faults, is_deliberate, is_ours, isolated_line
from cognito_credproc.values.errors import SettingsError


@given(profile=st.text(min_size=1, max_size=30), folder=st.text(max_size=30))
def test_shell_and_shlex_see_the_same_words(profile: str, folder: str) -> None:
    python = f"/opt/{folder}/python"
    try:
        line = isolated_line(profile, python)
    except SettingsError:
        return
    words = shlex.split(line)
    assert words[0] == python
    assert words[1:3] == ["-I", "-S"]
    assert words[-2:] == ["--profile", profile]
    assert "'" not in line or '"' in line


@pytest.mark.parametrize("profile", ["dev", "two words", "it's", "a&b;c", "~", "日本語", "a=b"])
def test_shell_agrees(profile: str) -> None:
    shown = subprocess.run(
        ["/bin/sh", "-c", f"printf '%s\\n' {isolated_line(profile)}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.splitlines()[-1] == profile
    assert len(shown.stdout.splitlines()) == 6


@pytest.mark.parametrize("profile", ["", 'a"b', "a$b", "a`b", "a\\b", "a\nb", "a\x00b", "a!b"])
def test_words_that_are_read_differently_are_refused(profile: str) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        isolated_line(profile)


def test_line_runs_this_installation() -> None:
    line = isolated_line("dev").replace("--profile dev", "--version")
    done = subprocess.run(
        shlex.split(line), capture_output=True, text=True, check=True, cwd=Path("/")
    )
    assert done.stdout == f"cognito-credproc {__version__}\n"


def test_python_in_a_folder_with_a_space() -> None:
    line = isolated_line("dev", "/opt/my python/python")
    assert line.startswith('"/opt/my python/python" -I -S ')


def test_on_windows_it_is_the_plain_script() -> None:
    line = isolated_line("two words", r"C:\Python\python.exe", "win32")
    assert line == 'cognito-credproc --profile "two words"'


GOOD = f"{sys.executable} -I -S {RUN} --profile dev"


@pytest.mark.parametrize("profile", ["dev", "two words", "it's", "a&b;c", "~", "日本語"])
def test_what_is_written_has_no_fault(profile: str) -> None:
    assert faults(isolated_line(profile), profile, "/usr/bin") == []
    assert is_ours(isolated_line(profile))


@pytest.fixture
def bin_folder(tmp_path: Path) -> Path:
    """A folder with the script of another installation, and with a file that is no program."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "cognito-credproc").write_text("#!/bin/sh\n")
    (folder / "cognito-credproc").chmod(0o700)
    (folder / "python").touch(0o600)
    return folder


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ('a "b', "has a quote without its partner"),
        ("  ", "is empty"),
        ("/usr/bin/aws-vault export dev", "runs another program, /usr/bin/aws-vault"),
        (f"/nowhere/python3.10 -I -S {RUN} --profile dev", "/nowhere/python3.10, which is not"),
        ("/nowhere/bin/cognito-credproc --profile dev", "cognito-credproc, which is not there"),
        (GOOD.replace(str(RUN), "/nowhere/cognito_credproc/run.py"), "run.py, which is not there"),
        (f"/{'x' * 300} {RUN} --profile dev", "which is not there any more"),
        (f"/bin/cat/x {RUN} --profile dev", "which is not there any more"),
        ("BIN/python BIN/cognito-credproc --profile dev", "BIN/python, which is no program"),
        ("bin/cognito-credproc --profile dev", "which depends on the folder that a tool runs in"),
        ("cognito-credproc --profile dev", "runs cognito-credproc, which is not in your PATH"),
        ("~/bin/cognito-credproc --profile dev", "has '~', which only a shell"),
        ("$HOME/bin/cognito-credproc --profile dev", "has '$', which only a shell"),
        ('"$HOME/bin/cognito-credproc" --profile dev', "has '$', which only a shell"),
        ("BIN/cognito-credproc --profile dev 2>/dev/null", "has '>', which only a shell"),
        ("BIN/cognito-credproc --profile dev # mine", "has '#', which only a shell"),
        ("AWS_PROFILE=x BIN/cognito-credproc", "begins with a variable"),
        (GOOD.replace("dev", "prod"), "names another profile, prod"),
        (GOOD.replace(" --profile dev", ""), "names no profile"),
        (GOOD.replace("--profile dev", "login --profile dev"), "has words that print no cred"),
        (GOOD + " --version", "has words that print no credentials: --profile dev --version"),
        (GOOD.replace("--profile dev", "--profile"), "has words that print no credentials"),
    ],
)
def test_a_broken_line(bin_folder: Path, line: str, first: str) -> None:
    place = str(bin_folder)
    found = faults(line.replace("BIN", place), "dev", "/nowhere")
    assert found[0].broken
    assert first.replace("BIN", place) in found[0].words


def test_a_line_that_could_be_better(bin_folder: Path) -> None:
    for line in ("cognito-credproc --profile dev", "cognito-credproc --profile=dev"):
        assert faults(line, "dev", str(bin_folder)) == [
            Fault("finds cognito-credproc by PATH, and some tools have another one", broken=False)
        ]
    assert faults(f"{bin_folder}/cognito-credproc --profile dev", "dev", None) == []
    assert faults(GOOD.replace("-I -S ", ""), "dev", None) == [
        Fault("is slower than need be, without -I -S", broken=False)
    ]
    assert faults(GOOD.replace(sys.executable, "/bin/sh"), "dev", None) == [
        Fault("runs another Python, /bin/sh", broken=False)
    ]


def test_another_installation(tmp_path: Path) -> None:
    other = tmp_path / "cognito_credproc" / "run.py"
    other.parent.mkdir()
    other.touch()
    [found] = faults(GOOD.replace(str(RUN), str(other)), "dev", None)
    assert found == Fault(f"runs another installation, {other.parent}", broken=False)


def test_the_worst_comes_first(bin_folder: Path) -> None:
    found = faults("cognito-credproc --profile prod", "dev", str(bin_folder))
    assert [fault.broken for fault in found] == [True, False]


@pytest.mark.parametrize(
    ("line", "ours"),
    [
        ("cognito-credproc --profile dev", True),
        ('"/opt/my tools/cognito-credproc" --profile dev', True),
        ("/usr/bin/timeout 20 cognito-credproc --profile dev", True),
        (r"C:\Tools\cognito-credproc.exe --profile dev", True),
        ("/nowhere/python -I -S /gone/cognito_credproc/run.py --profile dev", True),
        ("aws-vault export --format=json dev", False),
        ("my-cognito-credproc --profile dev", False),
        ("/opt/cognito-credproc/bin/other", False),
        ("", False),
        ("'", False),
    ],
)
def test_whose_line_it_is(line: str, ours: bool) -> None:
    assert is_ours(line) == ours


@pytest.mark.parametrize(
    ("line", "deliberate"),
    [
        (f"/usr/bin/env A=1 {GOOD}", True),
        ("/usr/bin/timeout 20 BIN/cognito-credproc --profile dev", True),
        ("/usr/bin/timeout 20 BIN/cognito-credproc --profile prod", False),
        ("/nowhere/timeout 20 BIN/cognito-credproc --profile dev", False),
        ("BIN/cognito-credproc --profile dev", False),
        (GOOD, False),
        (GOOD.replace(sys.executable, "/bin/sh"), False),
        ("aws-vault export dev", False),
        ("'", False),
    ],
)
def test_a_line_that_somebody_made_on_purpose(
    bin_folder: Path, line: str, deliberate: bool
) -> None:
    assert is_deliberate(line.replace("BIN", str(bin_folder)), "dev", None) == deliberate


@settings(max_examples=200)
@given(
    text=st.text(st.sampled_from("ab \t'\"\\$`~#|&;<>(){}*?[]!=%^,:@+-/日"), max_size=12),
)
def test_a_line_without_a_difference_is_read_alike_by_a_real_shell(text: str) -> None:
    line = f"printf '%s\\n' /bin/cognito-credproc {text}"
    found = faults(line, "dev", "/usr/bin:/bin")
    if any("only a shell" in fault.words or "partner" in fault.words for fault in found):
        return
    shown = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=True)
    assert shown.stdout.split("\n")[:-1] == shlex.split(line)[2:]


@given(line=st.text(max_size=60))
def test_no_line_is_too_odd(line: str) -> None:
    for text in (line, f"{line} cognito-credproc {line}"):
        for fault in faults(text, "dev", None):
            assert fault.words


@pytest.mark.parametrize(
    "line",
    [
        "/usr/bin/env AWS_X=1 /opt/old/bin/cognito-credproc --profile dev",
        f"/usr/bin/env /opt/old/bin/python -I -S {RUN} --profile dev",
        f"/usr/bin/env {sys.executable} -I -S /opt/old/cognito_credproc/run.py --profile dev",
        "/opt/old/bin/env cognito-credproc --profile dev",
    ],
)
def test_a_program_before_this_one_hides_nothing_that_is_gone(line: str) -> None:
    worst = faults(line, "dev", "/usr/bin")[0]
    assert worst.broken
    assert "not there any more" in str(worst) or "/opt/old" in repr(worst)
    assert not is_deliberate(line, "dev", "/usr/bin")


def test_a_program_before_this_one_is_left_alone_while_it_works() -> None:
    line = f"/usr/bin/env {GOOD}"
    assert faults(line, "dev", "/usr/bin") == []
    assert is_deliberate(line, "dev", "/usr/bin")
