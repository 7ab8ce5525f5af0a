"""The table of a kind of record, as it is declared."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds.columns import Column
from opsboard.records import Kind


class KindError(ValueError):
    """A kind is declared wrongly. The text says which one, what is wrong and how to fix it."""


class Opened(Protocol):
    """Something that is opened by its *words*."""

    @property
    def words(self) -> tuple[str, ...]: ...


OpenedT = TypeVar("OpenedT", bound=Opened)


def opened_by(word: str, among: Iterable[OpenedT]) -> OpenedT | None:
    """Return the one *among* several that *word* opens."""
    return next((one for one in among if word in one.words), None)


@frozen_unchecked
class PaneSpec(Frozen):
    """The table of one kind.

    *id* is the word for it after ``:``, in ``--pane`` and in JSON; *aliases* are further words.
    *compact* are the columns where there is no room for titles; their ids are among the others'.
    *order* is the column it is sorted by at first. *search* names the fields that a word typed
    after ``/`` is looked for in. *number* is its key on the board; 0 for one that is opened by its
    name. *in_status* says that ``opsboard status`` prints it unless another one is asked for.

    A saved view has only the records that pass its *filter*, and its *key*, if any, opens it. Its
    *hidden* columns can be filtered and sorted by; the one that it is sorted by is shown then.
    *alerted_first* is as :class:`RecordKind` says; a view that names an order has that alone.
    """

    id: str
    title: str
    kind: Kind
    columns: tuple[Column, ...]
    order: str
    descending: bool
    search: tuple[str, ...]
    number: int = 0
    aliases: tuple[str, ...] = ()
    in_status: bool = True
    compact: tuple[Column, ...] = ()
    filter: str = ""
    hidden: tuple[Column, ...] = ()
    key: int = 0
    alerted_first: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """All words that open it, after ``:`` and in ``opsboard get``."""
        return (self.id, *self.aliases)

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The columns, and those that are known and not shown."""
        return (*self.columns, *self.hidden)

    def column(self, name: str) -> Column | None:
        """Return the column called *name*, by id or title."""
        known = (one for one in self.all_columns if name in (one.id, one.title))
        return next(known, None)
