"""A kubectl for the demo, which has no containers to run anything in."""

import json
import os
from pathlib import Path
from typing import Final

_VERSION: Final = json.dumps({"clientVersion": {"gitVersion": "v1.35.0"}})


def path_with_kubectl(folder: Path, script: str) -> str:
    """Put a kubectl into *folder* that runs the shell *script*; return a PATH that finds it."""
    program = folder / "bin" / "kubectl"
    program.parent.mkdir()
    version = f"""if [ "$1" = version ]; then echo '{_VERSION}'; exit 0; fi"""
    program.write_text(f"#!/bin/sh\n{version}\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return f"{program.parent}:{os.environ['PATH']}"
