"""What a server lists beyond the kinds of the board: a row of a table of the server's own."""

from opsboard.frozen import frozen
from opsboard.records.base import Kind, Record, Ref, Status
from opsboard.text.sanitize import Text


@frozen
class ListedObject(Record):
    """An object of a listing, such as a node, by what the server's table says of it.

    *listing* is the name of its :class:`~opsboard.adapter.ListingType`, and *cells* are what the
    table says, in the order of its columns. It is *compared* where its listing says so. Where the
    board has it as a record of another kind, *about* is that record. *above* are name and key of
    the rows that it belongs below, the topmost first. It is never kept: it lives as long as its
    table is open.
    """

    kind: Kind = Kind.LISTED
    listing: Text
    cluster: Text = ""
    namespace: Text = ""
    cells: tuple[Text, ...] = ()
    about: Ref | None = None
    compared: bool = False
    above: tuple[tuple[Text, Text], ...] = ()

    @property
    def line(self) -> str:
        """All cells in one line: what a word of a filter is looked for in."""
        return "  ".join(self.cells)


def listed_ref(source: str, listing: str, key: str) -> Ref:
    """Return the reference of the row *key* of the *listing* of *source*."""
    return Ref(source, Kind.LISTED, f"{listing}/{key}")


def row_of(ref: Ref) -> ListedObject:
    """Return the row *ref* without its table: what it is called, and nothing more."""
    listing, key = listed_key(ref)
    return ListedObject(
        source=ref.source, id=ref.id, name=key, listing=listing, status=Status.UNKNOWN
    )


def listed_key(ref: Ref) -> tuple[str, str]:
    """Return listing and key of the row *ref*."""
    listing, _, key = ref.id.partition("/")
    return listing, key
