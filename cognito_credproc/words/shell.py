"""Environment variables as lines that a shell reads; any text stays text, whatever is in it."""

from collections.abc import Callable, Mapping

# What PowerShell takes for a single quote (its language specification, section 2.3.5.2).
POWERSHELL_QUOTES = "'\u2018\u2019\u201a\u201b"


def posix(name: str, value: str) -> str:
    """For sh, bash, zsh and ksh (POSIX, section 2.2.2)."""
    quoted = value.replace("'", "'\\''")
    return f"export {name}='{quoted}'"


def fish(name: str, value: str) -> str:
    """For fish, where a backslash escapes itself and the quote, and nothing else."""
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{quoted}'"


def powershell(name: str, value: str) -> str:
    """For PowerShell, where a quote is written twice."""
    quoted = "".join(char * 2 if char in POWERSHELL_QUOTES else char for char in value)
    return f"$Env:{name} = '{quoted}'"


FORMATS: Mapping[str, Callable[[str, str], str]] = {
    "env": posix,
    "fish": fish,
    "powershell": powershell,
}


def lines(variables: Mapping[str, str], write: Callable[[str, str], str]) -> str:
    """A line for each variable, in the form of one of `FORMATS`."""
    return "".join(f"{write(name, value)}\n" for name, value in variables.items())
