"""What may be wrong with the declarations of an adapter, beside its kinds of record.

Menus, the command line and the guard read them at any time: so they are checked once, when the
adapter is loaded.
"""

import re
from collections.abc import Collection
from typing import Any, Final

from opsboard.adapter import ActionSpec, Adapter, SourceSettings
from opsboard.kinds.soundness import LONGEST_WORD, text_fault

LONGEST_HELP: Final = 400
_ACTION_ID: Final = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")


def adapter_fault(adapter: type[Adapter[Any]]) -> str:
    """Return what is wrong with *adapter* and how to fix it, or ``""``."""
    for name in ("name", "title", "settings", "kinds"):
        if not hasattr(adapter, name):
            return f"`{name}` is missing: set it in the class"
    for name in ("name", "title"):
        if fault := text_fault(name, getattr(adapter, name)):
            return fault
    settings: object = adapter.settings
    if not (isinstance(settings, type) and issubclass(settings, SourceSettings)):
        return "`settings` must be a subclass of opsboard.adapter.SourceSettings"
    for name in ("kinds", "log_kinds"):
        if isinstance(value := getattr(adapter, name), str) or not isinstance(value, Collection):
            return f"`{name}` must be several, such as (BACKUP,), not {value!r:.60}"
    return _actions_fault(adapter.actions)


def _actions_fault(actions: object) -> str:
    if not isinstance(actions, tuple | list):
        return f"`actions` must be several, such as (DeleteDump.spec,), not {actions!r:.60}"
    ids = set()
    for spec in actions:
        if not isinstance(spec, ActionSpec):
            return f"{spec!r:.60} in `actions` is no ActionSpec; write the `spec` of the action"
        if fault := _spec_fault(spec):
            return f"the action {spec.id!r:.60}: {fault}"
        if spec.id in ids:
            return f"two of `actions` have the id {spec.id!r}"
        ids.add(spec.id)
    return ""


def _spec_fault(spec: Any) -> str:
    if (
        not isinstance(spec.id, str)
        or not _ACTION_ID.fullmatch(spec.id)
        or len(spec.id) > LONGEST_WORD
    ):
        return f"its id must be a word of a-z and 0-9, of {LONGEST_WORD} characters at most"
    if fault := text_fault("title", spec.title) or text_fault("help", spec.help, LONGEST_HELP):
        return fault
    if not isinstance(spec.kinds, frozenset | set) or not all(
        isinstance(kind, str) for kind in spec.kinds
    ):
        return 'its `kinds` must be a frozenset of kinds, such as frozenset({Kind("backup")})'
    return "" if callable(spec.disabled_reason) else "its `disabled_reason` must be a function"
