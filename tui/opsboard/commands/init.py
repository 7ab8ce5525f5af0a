"""``opsboard init``: write a config file from what is found here."""

import asyncio
import sys
from argparse import Namespace

from opsboard.commands.setup import complain
from opsboard.config import registry
from opsboard.config.discover import discover
from opsboard.config.here import here
from opsboard.config.paths import user_paths
from opsboard.config.write import config_text, write_new
from opsboard.exits import Exit


def run(options: Namespace) -> int:
    """Write what discovery finds to the config file, which must not exist yet, or print it."""
    adapters, errors = registry.load_all()
    for error in errors:
        complain(str(error))
    sources = asyncio.run(discover(adapters, here()))
    text = config_text(sources)
    if options.to_stdout:
        sys.stdout.write(text)
        return Exit.OK
    file = options.config or user_paths().config_file
    try:
        write_new(file, text)
    except FileExistsError:
        complain(f"{file} exists and is left alone; `opsboard init --print` shows what is found")
        return Exit.USAGE
    except OSError as error:
        complain(f"cannot write {file}: {error.strerror}; name another with --config")
        return Exit.USAGE
    names = ", ".join(source.name for source in sources) or "nothing; the file holds an example"
    sys.stdout.write(f"wrote {file}\nfound: {names}\nnext: opsboard doctor\n")
    return Exit.OK
