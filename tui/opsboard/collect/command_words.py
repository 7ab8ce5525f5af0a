"""The words that a command line can be completed with, as far as the sources decide them.

They are kept beside the last known board: completion must not import an adapter.
"""

import json
from collections.abc import Sequence
from typing import Any

from opsboard.config.resolved_source import ResolvedSource
from opsboard.history.timeline import PANE as TIMELINE
from opsboard.kinds.registry import KINDS
from opsboard.views.filter import fields


def command_words(sources: Sequence[ResolvedSource]) -> str:
    """Return the names of *sources*, their actions, and the tables with their fields, as JSON.

    An action of several adapters has the kinds of all of them. Nothing of a setting is in it.
    """
    return json.dumps(
        {
            "sources": [source.name for source in sources],
            "actions": _actions(sources),
            "panes": {
                pane.id: {"kind": str(pane.kind), "title": pane.title} for pane in KINDS.panes()
            },
            "fields": {
                "timeline": fields(TIMELINE),
                **{pane.id: fields(pane) for pane in KINDS.panes()},
            },
        }
    )


def _actions(sources: Sequence[ResolvedSource]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for spec in (spec for source in sources for spec in source.adapter.actions):
        action = found.setdefault(spec.id, {"title": spec.title, "kinds": []})
        action["kinds"] = sorted({*action["kinds"], *map(str, spec.kinds)})
    return found
