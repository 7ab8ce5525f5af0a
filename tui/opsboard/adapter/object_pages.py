"""Further pages of an object: its description as a text, and the tree of what owns what."""

from opsboard.frozen import Frozen, UtcDatetime, frozen
from opsboard.records import Ref, Status
from opsboard.text.sanitize import Prose, Text


@frozen
class Description(Frozen):
    """All that is to be told of an object as one text, *by* what tells it: ``kubectl describe``.

    *note* says why that is not the usual one.
    """

    text: Prose
    by: Text
    note: Text = ""


@frozen
class TreeRow(Frozen):
    """An object in a tree: *depth* steps below the topmost one.

    *words* are how it is doing. With *ref*, it can be entered. The tree was asked for the one that
    is the *subject*. An event stands below the object that it is about.
    """

    depth: int
    kind: Text
    name: Text
    words: Text = ""
    status: Status | None = None
    at: UtcDatetime | None = None
    ref: Ref | None = None
    is_subject: bool = False


@frozen
class ObjectTree(Frozen):
    """What owns an object and what it owns, in the order of the lines.

    *notes* say what could not be read, so that no part is taken for missing.
    """

    rows: tuple[TreeRow, ...] = ()
    notes: tuple[Text, ...] = ()
