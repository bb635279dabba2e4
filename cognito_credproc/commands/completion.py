"""`completion`: the script that completes both command lines in a shell."""

import os
from pathlib import PurePath

from cognito_credproc.values.errors import UsageError
from cognito_credproc.words.face import write
from cognito_credproc.words.parser import AS_WRITTEN, Arguments, Parser, Verbs, add_debug

SHELLS = ("bash", "zsh", "fish")
DESCRIPTION = """\
Print the script that completes verbs, options, values and profiles when you
press Tab, for cognito-credproc and cognito-credproc-enroll. Profiles are those
with cognito settings, read from the AWS config file each time.

For every new shell, put the line into the file:

  bash  ~/.bashrc                   eval "$(cognito-credproc completion bash)"
  zsh   ~/.zshrc, after compinit    eval "$(cognito-credproc completion zsh)"
  fish  ~/.config/fish/config.fish  cognito-credproc completion fish | source

A shell starts faster with the script in a file of its own, written anew after
each upgrade; it is read with source. In zsh it may also be _cognito-credproc
in a folder of the fpath.
"""


def add(verbs: Verbs, _profile: Parser) -> None:
    """Give the verb to the command line; it is of no profile."""
    verb = verbs.add_parser(
        "completion",
        help="print the script that completes command lines in your shell",
        description=DESCRIPTION,
        formatter_class=AS_WRITTEN,
    )
    verb.add_argument(
        "shell",
        metavar="SHELL",
        nargs="?",
        choices=SHELLS,
        help="bash, zsh or fish (default: your login shell, as $SHELL says)",
    )
    add_debug(verb, listed=False)
    verb.set_defaults(run=completion)


def completion(_profile: str, arguments: Arguments) -> None:
    """Print it; the command line itself gives the parsers.

    Raises:
        UsageError: no shell is named, and the login shell is another.
    """
    from cognito_credproc.words.completion import script  # with shtab, which nothing else needs

    shell = arguments.shell or PurePath(os.environ.get("SHELL", "")).name
    if shell not in SHELLS:
        raise UsageError("which shell?", "cognito-credproc completion bash, or zsh, or fish")
    write(script(shell, arguments.parsers()))
