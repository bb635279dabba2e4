"""Fuzzes one target for a time, guided by what its inputs reach.

    python -m tests.fuzz TARGET SECONDS

The targets are `record`, `dbus` and `config`. It begins with the corpus beside this file. An input
that fails is written to `fuzz-TARGET-…` in the working directory, and the exit status is not 0:
add it to the corpus, and mend the program. Needs atheris: pip install -e '.[fuzz]'.
"""

import sys
import tempfile
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
LONGEST = 4_096  # bytes of one input


def main(arguments: list[str]) -> int:
    """Fuzz; atheris ends the process itself."""
    try:
        import atheris
    except ImportError:
        sys.exit("error: atheris is not installed\nhint: pip install -e '.[fuzz]'")
    with atheris.instrument_imports(include=["cognito_credproc"]):
        from tests.fuzz.targets import TARGETS
    if len(arguments) != 2 or arguments[0] not in TARGETS or not arguments[1].isdecimal():
        sys.exit(f"usage: python -m tests.fuzz TARGET SECONDS\nhint: {', '.join(TARGETS)}")
    name, seconds = arguments
    with tempfile.TemporaryDirectory() as found:
        options = [
            *(f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=10"),
            *(f"-artifact_prefix=fuzz-{name}-", "-verbosity=0", "-print_final_stats=1"),
        ]
        atheris.Setup([sys.argv[0], *options, found, str(CORPUS / name)], TARGETS[name])
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
