"""Which records are meant by the words after ``opsboard act ACTION``."""

from collections.abc import Iterator, Sequence
from typing import Final

from opsboard.act.acts import Acts
from opsboard.adapter import Unreachable
from opsboard.board.state import Board
from opsboard.environment_names import normal_form
from opsboard.records import Kind, Record

SHOWN: Final = 8


class TargetError(Exception):
    """The words name no record, or several. The text says which there are."""


def targets(
    action: str, words: Sequence[str], environment: str, board: Board, acts: Acts
) -> list[Record]:
    """Return the records that *words* name, one each.

    Raises :exc:`TargetError`, or :exc:`Unreachable` where a source that fails may have them.
    Whether *action* is possible for them is for the plan and the guard to say.
    """
    able = [
        record
        for record in _records(board, environment)
        if any(one.offer.id == action for one in acts.offers(record))
    ]
    if not able:
        raise _missing(_unable(action, environment, board, acts), board)
    return [_one(action, word, able, board) for word in words]


def _missing(what: str, board: Board) -> TargetError | Unreachable:
    """Return that *what* is asked for is not there, or may be where nobody answers."""
    silent = [one for one in board.sources() if not one.whole]
    if not silent:
        return TargetError(what)
    told = "; ".join(f"{one.name} is {one.health.condition}" for one in silent)
    return Unreachable(f"{what}. It may be where nobody answers: {told}", "see `opsboard doctor`")


def _records(board: Board, environment: str) -> Iterator[Record]:
    for kind in Kind:
        for record in board.records(kind).values():
            if not environment or normal_form(record.environment) == normal_form(environment):
                yield record


def _one(action: str, word: str, able: Sequence[Record], board: Board) -> Record:
    exact = [record for record in able if word == f"{record.source}:{record.id}"]
    found = exact or [record for record in able if word in _names(record)]
    if not found:
        raise _missing(f"there is nothing called {word!r} to {action}; {_listed(able)}", board)
    if len(found) > 1:
        raise TargetError(
            f"{word!r} is not one thing: name one, or narrow it by --environment; {_listed(found)}"
        )
    return found[0]


def _names(record: Record) -> set[str]:
    namespace = getattr(record, "namespace", "")
    return {record.id, record.name} | ({f"{namespace}/{record.name}"} if namespace else set())


def _listed(records: Sequence[Record]) -> str:
    told = [f"{record.source}:{record.id}" for record in records]
    rest = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return f"there are: {', '.join(sorted(told)[:SHOWN])}{rest}"


def _unable(action: str, environment: str, board: Board, acts: Acts) -> str:
    """Return why nothing can be told to do *action*: no such word, or not in *environment*."""
    able: dict[str, set[str]] = {}
    for record in _records(board, ""):
        for one in acts.offers(record):
            able.setdefault(one.offer.id, set()).update(filter(None, [record.environment]))
    if action in able:
        where = ", ".join(sorted(able[action]))
        return f"nothing of environment {environment!r} can be told to {action}; of these: {where}"
    known = f"there are: {', '.join(sorted(able))}" if able else "no source has told of anything"
    return f"nothing here can be told to {action}; {known}"
