"""What all records have in common."""

from opsboard.frozen import Frozen, UtcDatetime, frozen
from opsboard.records.words import Kind, Ref, Status
from opsboard.text.sanitize import Text


@frozen
class Record(Frozen):
    """What all records have in common.

    *id* is unique within the source and kind. *reason* is a word or two for a table cell
    (``ImagePullBackOff``); *message* is the sentence behind it. *environment* is
    ``production``, ``staging``, ... or empty where none applies. *url* opens in a browser.
    """

    kind: Kind
    source: Text
    id: Text
    name: Text
    status: Status = Status.UNKNOWN
    reason: Text = ""
    message: Text = ""
    environment: Text = ""
    created_at: UtcDatetime | None = None
    updated_at: UtcDatetime | None = None
    url: Text | None = None

    @property
    def ref(self) -> Ref:
        return Ref(self.source, self.kind, self.id)
