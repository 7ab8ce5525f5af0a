"""Configs of the demo with only those sources that a test is about.

Most of what a command line takes on the demo is asking all sources: a registry alone gets half of
the requests.
"""

import re
from pathlib import Path

_TABLE = re.compile(r"^\[sources\.(\w+)\]\n(?:(?!\[).*\n)*\n?", re.MULTILINE)


def with_sources(config: Path, *names: str) -> Path:
    """Leave only the sources called *names* in the *config* of a demo; return it."""
    text = config.read_text("utf-8")
    there = set(_TABLE.findall(text))
    assert there.issuperset(names), f"there are: {', '.join(sorted(there))}"
    config.write_text(_TABLE.sub(lambda one: one[0] if one[1] in names else "", text), "utf-8")
    return config
