"""Installs them: `python3 -m tests.beside`."""

from tests.__main__ import PIP, prepare
from tests.beside import install

prepare()
install(PIP)
