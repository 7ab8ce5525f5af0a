"""Finding the records that the words after ``opsboard act ACTION`` name."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from opsboard.acting.service import ActionService
from opsboard.adapter import Unreachable
from opsboard.board.state import Board
from opsboard.environments.names import normal_form
from opsboard.kinds.registry import KINDS
from opsboard.records import ListedObject, Record, listed_ref, row_of
from opsboard.text.suggestions import did_you_mean, nearest_words

SHOWN: Final = 8
"""Records that an error lists."""


class TargetError(Exception):
    """A word names no record, or several. The text lists what there is."""


def find_targets(
    action: str, words: Sequence[str], environment: str, board: Board, acts: ActionService
) -> list[Record]:
    """Return the records that *words* name, one each.

    Raises :exc:`TargetError`, or :exc:`Unreachable` where a source that fails may have them.
    Whether *action* is possible now is decided by the plan and the guard. ``SOURCE:LISTING/KEY``
    names a row of a listing, which is not on the board: whether it is there, the plan finds out.
    """
    listed = [None if environment else _listed_row(action, word, acts) for word in words]
    rows = [row for row in listed if row is not None]
    rest = [word for word, row in zip(words, listed, strict=True) if row is None]
    return [*rows, *(_found_on_board(action, rest, environment, board, acts) if rest else ())]


def _listed_row(action: str, word: str, acts: ActionService) -> ListedObject | None:
    """Return the row of a listing that *word* names, if *action* is for such rows."""
    source, _, identity = word.partition(":")
    listing, _, key = identity.partition("/")
    if not (source and listing and key):
        return None
    row = row_of(listed_ref(source, listing, key))
    return row if _offers(action, row, acts) else None


def _found_on_board(
    action: str, words: Sequence[str], environment: str, board: Board, acts: ActionService
) -> list[Record]:
    everywhere = _able(action, board, acts)
    able = [record for record in everywhere if _is_in(record, environment)]
    if not able:
        raise _missing(_unable(action, environment, everywhere, board, acts), board)
    found = []
    for word in words:
        called = _called(word, able)
        if not called:
            near = _elsewhere(action, word, environment, board, acts) or _near(word, able)
            text = f"there is nothing called {word!r} to {action}"
            raise _missing(f"{text}; {near or f'there are: {_listed(able)}'}", board)
        if len(called) > 1:
            how = "name one by SOURCE:ID" + ("" if environment else ", or narrow by --environment")
            raise TargetError(f"{word!r} is {len(called)} things: {how}: {_listed(called)}")
        found += called
    return found


def find_record(
    word: str, records: Iterable[Record], purpose: str, board: Board, environment: str = ""
) -> Record:
    """Return the one of *records* that *word* names; *purpose* says what is to be done to it.

    *environment* narrows them. What runs is meant before what built it: a workload, then its pods,
    go before a build that is called the same. Raises the same as :func:`find_targets`.
    """
    everywhere = list(records)
    able = [record for record in everywhere if _is_in(record, environment)]
    if not able:
        text = f"there is nothing on the board to {purpose}"
        raise _missing(_not_in(environment, everywhere, text), board)
    called = _called(word, able)
    if not called:
        near = _in_others(_called(word, everywhere), environment) or _near(word, able)
        text = f"there is nothing called {word!r} to {purpose}"
        raise _missing(f"{text}; {near or f'there are: {_listed(able)}'}", board)
    first = max(_precedence(record) for record in called)
    meant = [record for record in called if _precedence(record) == first]
    if len(meant) > 1:
        how = "name one by SOURCE:ID" + ("" if environment else ", or narrow by --environment")
        raise TargetError(f"{word!r} is {len(meant)} things: {how}: {_listed(meant)}")
    return meant[0]


def _precedence(record: Record) -> int:
    kind = KINDS.of(record)
    return kind.precedence if kind is not None else 0


def all_records(board: Board) -> Iterator[Record]:
    """Yield the records of *board*, of all kinds."""
    for kind in KINDS:
        yield from board.records(kind.name).values()


def _able(action: str, board: Board, acts: ActionService) -> list[Record]:
    return [record for record in all_records(board) if _offers(action, record, acts)]


def _missing(what: str, board: Board) -> TargetError | Unreachable:
    """Return the error that *what* is missing, or that a source which fails may have it."""
    silent = [one for one in board.sources() if not one.is_complete]
    if not silent:
        return TargetError(what)
    conditions = "; ".join(f"{one.name} is {one.health.condition}" for one in silent)
    return Unreachable(
        f"{what}. It may be in a source that does not answer: {conditions}", "see `opsboard doctor`"
    )


def _is_in(record: Record, environment: str) -> bool:
    return not environment or normal_form(record.environment) == normal_form(environment)


def _called(word: str, records: Iterable[Record]) -> list[Record]:
    known = list(records)
    exact = [record for record in known if word == full_name(record)]
    return exact or [record for record in known if word in names_of(record)]


def full_name(record: Record) -> str:
    """Return ``SOURCE:ID`` of *record*."""
    return f"{record.source}:{record.id}"


def names_of(record: Record) -> tuple[str, ...]:
    """Return the names of *record*, those that people use first, without ``SOURCE:ID``."""
    namespace = getattr(record, "namespace", "")
    own = (f"{namespace}/{record.name}",) if namespace else ()
    return (*own, record.name, record.id)


# --- suggestions ---------------------------------------------------------------------------------


def _near(word: str, able: Sequence[Record]) -> str:
    """Return a suggestion from *able* for the unknown *word*, or ``""``."""
    named: dict[str, list[Record]] = {}
    for record in able:
        for name in dict.fromkeys((*names_of(record), full_name(record))):
            named.setdefault(name, []).append(record)
    near = nearest_words(word, named)
    if not near:
        return ""
    meant = list({record.ref: record for name in near for record in named[name]}.values())
    asked = f"did you mean {' or '.join(map(repr, near))}?"
    if all(len(_called(name, able)) == 1 for name in near):
        where = ", ".join(_where(record) for record in meant)
        return f"{asked[:-1]} ({where})?"
    return f"{asked} name one by SOURCE:ID, or narrow by --environment: {_listed(meant)}"


def _elsewhere(action: str, word: str, environment: str, board: Board, acts: ActionService) -> str:
    """Return where what *word* names is, and what can be done to it, or ``""``."""
    found = _called(word, all_records(board))
    if able := [record for record in found if _offers(action, record, acts)]:
        return _in_others(able, environment)
    can = dict.fromkeys(one.action.id for record in found for one in acts.available_actions(record))
    return f"possible for {_listed(found)}: {', '.join(can)}" if can else ""


def _in_others(called: Sequence[Record], environment: str) -> str:
    """Return in which environments *called* are rather than in *environment*, or ``""``."""
    where = sorted({record.environment or "no environment" for record in called})
    return f"it is in {', '.join(where)}, and not in {environment}" if where else ""


def _offers(action: str, record: Record, acts: ActionService) -> bool:
    return any(one.action.id == action for one in acts.available_actions(record))


def _listed(records: Sequence[Record]) -> str:
    """Return up to :data:`SHOWN` of *records*, each by a name that is its own."""
    names = sorted(f"{full_name(record)} ({_where(record)})" for record in records)
    rest = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{rest}"


def _where(record: Record) -> str:
    return ", ".join(filter(None, (record.kind.replace("-", " "), record.environment)))


def _unable(
    action: str, environment: str, able: Sequence[Record], board: Board, acts: ActionService
) -> str:
    """Return why no record has *action*: there is no such action, or not in *environment*."""
    if able:
        return _not_in(environment, able, f"{action} is not possible for anything")
    known = sorted(
        {one.action.id for record in all_records(board) for one in acts.available_actions(record)}
    )
    text = f"{action} is not possible for anything here"
    if not known:
        return f"{text}; no source has reported anything"
    near = did_you_mean(action, known)
    return "; ".join(filter(None, (text, near, f"there are: {', '.join(known)}")))


def _not_in(environment: str, records: Sequence[Record], text: str) -> str:
    """Return *text*, and in which environments *records* are, if there are any."""
    if not records:
        return text
    places = sorted({record.environment for record in records} - {""})
    near = did_you_mean(environment, places)
    these = f"of these: {', '.join(places)}" if places else ""
    return "; ".join(filter(None, (f"{text} in environment {environment!r}", near, these)))
