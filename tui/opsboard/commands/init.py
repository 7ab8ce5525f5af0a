"""``opsboard init``: write a config file from what is found here."""

import asyncio
import sys
from argparse import Namespace

from opsboard.commands.setup import warn
from opsboard.config import registry
from opsboard.config.discovery import discover
from opsboard.config.here import current_environ
from opsboard.config.paths import user_paths
from opsboard.config.write import config_text, write_new
from opsboard.system.exit_codes import ExitCode


def run(options: Namespace) -> int:
    """Write what discovery finds to the config file, which must not exist yet, or print it."""
    adapters, errors = registry.load_all_adapters()
    for error in errors:
        warn(str(error))
    sources = asyncio.run(discover(adapters, current_environ()))
    text = config_text(sources)
    if options.to_stdout:
        sys.stdout.write(text)
        return ExitCode.OK
    file = options.config or user_paths().config_file
    try:
        write_new(file, text)
    except FileExistsError:
        warn(f"{file} exists and is left alone; `opsboard init --print` shows what is found")
        return ExitCode.USAGE
    except OSError as error:
        warn(f"cannot write {file}: {error.strerror}; name another with --config")
        return ExitCode.USAGE
    names = ", ".join(source.name for source in sources) or "nothing; the file holds an example"
    sys.stdout.write(f"wrote {file}\nfound: {names}\nnext: opsboard doctor\n")
    return ExitCode.OK
