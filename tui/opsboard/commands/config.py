"""``opsboard config`` and ``opsboard init``: the config file, its JSON Schema, a first file."""

import asyncio
import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from opsboard.commands.setup import warn
from opsboard.config import registry
from opsboard.config.discovery import discover
from opsboard.config.load import load_config
from opsboard.config.paths import config_file, current_environ, user_paths
from opsboard.config.problems import ConfigError, ConfigProblem
from opsboard.config.schema import config_schema
from opsboard.config.write import config_text, write_new
from opsboard.system.exit_codes import ExitCode


def schema(_options: Namespace) -> int:
    """Print the JSON Schema of a config file, for all adapters that load."""
    adapters, errors = registry.load_all_adapters()
    for error in errors:
        warn(str(error))
    json.dump(config_schema(adapters), sys.stdout, indent=2)
    sys.stdout.write("\n")
    return ExitCode.FAILED if errors else ExitCode.OK


def path(options: Namespace) -> int:
    """Print the config file that is read, or would be, and what is out of date in it."""
    file = config_file(options.config, current_environ().env)
    sys.stdout.write(f"{file or user_paths().config_file}\n")
    for hint in _hints(file):
        warn(str(hint))
    return ExitCode.OK


def _hints(file: Path | None) -> Sequence[ConfigProblem]:
    if file is None:
        return ()
    try:
        return load_config(file).hints
    except ConfigError:  # `opsboard doctor` says what is wrong with it
        return ()


def init(options: Namespace) -> int:
    """Write a config file with the sources that discovery finds, or print it.

    An existing file is never overwritten.
    """
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
        warn(f"{file} exists and is not changed; `opsboard init --print` shows what is found")
        return ExitCode.USAGE
    except OSError as error:
        warn(f"cannot write {file}: {error.strerror}; name another with --config")
        return ExitCode.USAGE
    names = ", ".join(source.name for source in sources) or "nothing; the file holds an example"
    sys.stdout.write(f"wrote {file}\nfound: {names}\nnext: opsboard doctor\n")
    return ExitCode.OK
