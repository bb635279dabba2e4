"""The entry point of `cognito-credproc`."""

import sys


def main() -> int:
    """Print the credentials, or do what the command line says; returns the exit status."""
    from cognito_credproc.cli import main as run

    return run(sys.argv[1:])
