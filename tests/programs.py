"""Small real programs for the settings that name one."""

import sys
from pathlib import Path


def shell(folder: Path, text: str, name: str = "prog") -> str:
    """A shell script; returns its path, which is the whole command."""
    return _written(folder / name, f"#!/bin/sh\n{text}\n")


def python(folder: Path, text: str, name: str = "prog") -> str:
    """A Python script, run by this interpreter."""
    return _written(folder / name, f"#!{sys.executable}\n{text}\n")


def _written(file: Path, text: str) -> str:
    file.write_text(text)
    file.chmod(0o700)
    return str(file)
