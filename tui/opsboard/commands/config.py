"""``opsboard config``: its JSON Schema, and which file is read."""

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from opsboard.commands.setup import warn
from opsboard.config import registry
from opsboard.config.file import config_file
from opsboard.config.here import current_environ
from opsboard.config.load import load_config
from opsboard.config.paths import user_paths
from opsboard.config.problems import ConfigError, ConfigProblem
from opsboard.config.schema import config_schema
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
