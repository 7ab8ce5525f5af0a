"""``opsboard completion``: the script that a shell reads. It asks the program for each answer."""

import sys
from argparse import Namespace
from typing import Final

from argcomplete.shell_integration import shellcode

from opsboard.system.exit_codes import ExitCode

_WITHOUT_COMPINIT: Final = """
(( ${+functions[compdef]} )) || compdef() {
    unfunction compdef
    print -u2 "opsboard: no completion yet: put 'autoload -Uz compinit && compinit' before it"
}
"""
"""What zsh is told where its completion has not begun when the script is read."""
_ZSH_LINE: Final = {
    '"$BUFFER"': '"${(j: :)words[1,CURRENT-1]} $QIPREFIX$IPREFIX$PREFIX"',
    '"$CURSOR"': '"${#COMP_LINE}"',
}
"""What zsh is asked for in place of its whole line, in which an open quote is missing while it
completes, and which may hold other commands: the words of this command up to the cursor."""


def run(options: Namespace) -> int:
    """Print the script for a shell; return the exit code."""
    script = shellcode(["opsboard"], shell=options.shell, complete_arguments=["-o", "nospace"])
    first, _, rest = script.strip().partition("\n")
    if options.shell == "zsh":  # whose first line says what a file in fpath is for
        rest = f"{_WITHOUT_COMPINIT.lstrip()}{rest}"
        for asked, better in _ZSH_LINE.items():
            rest = rest.replace(asked, better)
    sys.stdout.write(f"{first}\n{rest}\n")
    return ExitCode.OK
