"""What adapters answer to questions of this room, held to what they promise."""

import logging
from typing import Final, TypeVar

from opsboard.adapter import ActionSpec, SourceError
from opsboard.config.resolved_source import ResolvedSource
from opsboard.records import Record
from opsboard.text.sanitize import sanitize

_log: Final = logging.getLogger(__name__)
T = TypeVar("T")


def disabled_reason(resolved: ResolvedSource, action: ActionSpec, record: Record) -> str:
    """Return why *action* is not possible now, as its adapter says: a third party's code."""
    try:
        said: object = resolved.adapter.disabled_reason(action, record, resolved.settings)
    except Exception as error:
        _log.exception("%s: why %s is not possible", resolved.name, action.id)
        return f"the adapter cannot say whether it is possible ({type(error).__name__}: {error})"
    if not isinstance(said, str):
        return f"the adapter cannot say whether it is possible ({type(said).__name__}, and no text)"
    return sanitize(said)


def returned(value: object, cls: type[T]) -> T:
    """Return *value*, of a third party's method. Raises :exc:`SourceError` where it is no *cls*."""
    if not isinstance(value, cls):
        told = f"the adapter returned {type(value).__name__}, and no {cls.__name__}"
        raise SourceError(told, "this is a fault of the adapter: report it there")
    return value
