"""``opsboard config``: its JSON Schema, and which file is read."""

import json
import sys
from argparse import Namespace

from opsboard.commands.setup import complain
from opsboard.config import registry
from opsboard.config.file import config_file
from opsboard.config.here import here
from opsboard.config.paths import user_paths
from opsboard.config.schema import config_schema
from opsboard.exits import Exit


def schema(_options: Namespace) -> int:
    """Print the JSON Schema of a config file, for all adapters that load."""
    adapters, errors = registry.load_all()
    for error in errors:
        complain(str(error))
    json.dump(config_schema(adapters), sys.stdout, indent=2)
    sys.stdout.write("\n")
    return Exit.FAILED if errors else Exit.OK


def path(options: Namespace) -> int:
    """Print the config file that is read, or would be."""
    sys.stdout.write(f"{config_file(options.config, here().env) or user_paths().config_file}\n")
    return Exit.OK
