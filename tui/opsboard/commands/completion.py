"""``opsboard completion``: the script that a shell reads. It asks the program for each answer."""

import sys
from argparse import Namespace

from argcomplete.shell_integration import shellcode

from opsboard.system.exit_codes import ExitCode


def run(options: Namespace) -> int:
    """Print the script for a shell; return the exit code."""
    script = shellcode(["opsboard"], shell=options.shell, complete_arguments=["-o", "nospace"])
    sys.stdout.write(f"{script.strip()}\n")
    return ExitCode.OK
