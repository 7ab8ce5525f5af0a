"""Starts MLflow servers as forks of one process, which has imported what takes them seconds.

Run by the python of a release: ``python -P nursery.py MODULE...`` imports the modules, and starts a
server for each line on the standard input, a JSON object of its ``argv`` (the first is a module,
run as ``python -m`` does), ``env``, ``cwd`` and ``log``. It answers with the number of the process.
A server reads its environment when it is asked first, after the fork: it shares nothing with the
others but what was imported. The end of the input ends the nursery, and no server.
"""

import gc
import importlib
import json
import os
import runpy
import signal
import sys
import traceback
from typing import Any, NoReturn


def main() -> None:
    for name in sys.argv[1:]:
        importlib.import_module(name)
    gc.freeze()  # or else each server would copy all of that at its first collection
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever has ended is gone at once
    for line in sys.stdin:
        told = json.loads(line)
        process = os.fork()
        if process == 0:
            _serve(told)
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()


def _serve(told: dict[str, Any]) -> NoReturn:
    """Become the server; never return into the nursery."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(told["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), log, log)):
            os.dup2(file, number)
        os.chdir(told["cwd"])
        os.environ.clear()
        os.environ.update(told["env"])
        sys.argv = told["argv"]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # whatever it is, it is told where servers tell it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
