"""The completion scripts of both programs, by shtab; profiles are read when a key is pressed.

The scripts know verbs, options and choices. Names of profiles come from the AWS config file as it
is then, by awk, in two milliseconds; no Python is started for them.
"""

import argparse
import re
from collections.abc import Iterator, Sequence
from typing import Any

import shtab

from cognito_credproc.settings.forms import BASE, FORMS

PREFIX = "__cognito_credproc"
PROFILES = f"{PREFIX}_profiles"
# Sections as the AWS tools name them; keys of ours that begin a line belong to the last of them.
AWK = r"""
    /^\[/ {
        name = substr($0, 2)
        sub(/[ \t]*\][^]]*$/, "", name)
        quoted = "\"[^\"]*\"|\047[^\047]*\047"
        if (name ~ ("^profile[ \t]+(" quoted "|[^ \t\"\047]+)$")) {
            sub(/^profile[ \t]+/, "", name)
            if (name ~ ("^(" quoted ")$")) name = substr(name, 2, length(name) - 2)
        } else if (name != "default") name = ""
        next
    }
    name != "" && tolower($0) ~ /^cognito_[a-z_]+[ \t]*[=:]/ { print name; name = "" }
"""
FILE = '"${AWS_CONFIG_FILE:-$HOME/.aws/config}"'
FUNCTIONS = {
    "bash": f"""\
{PROFILES}() {{
  local name typed=$1 quote=
  [[ ${{typed:0:1}} == "'" || ${{typed:0:1}} == '"' ]] && quote=${{typed:0:1}} typed=${{typed:1}}
  command awk '{AWK}' {FILE} 2>/dev/null | while IFS= read -r name; do
    [[ $quote ]] || printf -v name %q "$name"
    [[ $name == "$typed"* ]] && printf '%s\\n' "$name"
  done
}}
""",
    "zsh": f"""\
{PROFILES}() {{
  local -a names
  names=("${{(@f)$(command awk '{AWK}' {FILE} 2>/dev/null)}}")
  compadd -a names
}}
""",
    "fish": f"""\
function {PROFILES}
  set -l file $HOME/.aws/config
  test -n "$AWS_CONFIG_FILE"; and set file $AWS_CONFIG_FILE
  command awk '{AWK}' $file 2>/dev/null
end
""",
}
CALLS = {"bash": PROFILES, "zsh": PROFILES, "fish": f"({PROFILES})"}
# bash breaks words at `=`, and shtab knows options and values as words of their own. It breaks them
# at `:`, too, which may be in a profile's name; what stands before the last one is there already.
BASH_END = f"""\
{PREFIX}_words() {{
  local -a words=()
  local i
  for ((i = 0; i <= COMP_CWORD; i++)); do
    if ((i > 1)) && [[ ${{COMP_WORDS[i]}} == : || ${{COMP_WORDS[i - 1]}} == : ]]; then
      words[${{#words[@]}} - 1]+=${{COMP_WORDS[i]}}
    elif [[ ${{COMP_WORDS[i]}} != = ]]; then
      words+=("${{COMP_WORDS[i]}}")
    elif ((i == COMP_CWORD)); then
      words+=("")
    fi
  done
  COMP_WORDS=("${{words[@]}}")
  COMP_CWORD=$((${{#words[@]}} - 1))
  i=${{1##*/}}
  "_shtab_${{i//-/_}}"
  i=${{words[COMP_CWORD]}}
  [[ $COMP_WORDBREAKS == *:* && $i == *:* ]] && COMPREPLY=("${{COMPREPLY[@]#"${{i%:*}}:"}}")
}}
complete -o bashdefault -F {PREFIX}_words cognito-credproc cognito-credproc-enroll
"""
ZSH_VALUE = re.compile(r'(?m)^( *"--[\w-]+)(\[.*\]:)')  # an option with a value, which `=` may join
# shtab's zsh scripts register themselves under `eval` alone, and each takes a file of its own.
ZSH_END = "typeset -A opt_args"
ZSH_REGISTER = """\

if [[ $funcstack[1] == _cognito-credproc ]]; then  # a file in the fpath
  _shtab_${service//-/_} "$@"
else
  compdef _shtab_cognito_credproc cognito-credproc
  compdef _shtab_cognito_credproc_enroll cognito-credproc-enroll
fi
"""


def script(shell: str, parsers: Sequence[argparse.ArgumentParser]) -> str:
    """What `shell` (bash, zsh or fish) has to read; the parsers are changed."""
    made = []
    for parser in parsers:
        for action in _actions(parser):
            _explain(action)
        made.append(shtab.complete(parser, shell, preamble=FUNCTIONS[shell]))
    if shell == "bash":
        return "\n".join([*made, BASH_END])
    if shell == "fish":
        return "\n".join(made) + "\n"
    names = " ".join(parser.prog for parser in parsers)
    bodies = [
        ZSH_VALUE.sub(r"\1=\2", text.partition(ZSH_END)[0].partition("\n")[2]) for text in made
    ]
    return f"#compdef {names}\n" + "\n".join([*bodies, ZSH_END, ZSH_REGISTER])


def _actions(parser: argparse.ArgumentParser) -> Iterator[Any]:
    """Every option of a parser and of its verbs."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no public name for them
        yield action
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - the same
            for short in action._choices_actions:  # noqa: SLF001 - the same
                verb = action.choices[short.dest]
                verb.description = short.help  # shtab shows it beside the verb
                yield from _actions(verb)


def _explain(action: Any) -> None:
    """Say what the values of an option are."""
    if action.dest in {"profile", BASE}:
        action.complete = CALLS
    elif action.metavar == "FILE":
        action.complete = shtab.FILE
    elif action.dest in FORMS:
        named = FORMS[action.dest].example
        if re.fullmatch(r"\w+( or \w+)+", named):
            action.choices = named.split(" or ")
