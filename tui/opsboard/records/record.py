"""What all records have in common."""

from opsboard.clean import Text
from opsboard.records.words import Kind, Ref, Status
from opsboard.tidy import Moment, Tidy, tidy


@tidy
class Record(Tidy):
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
    created_at: Moment | None = None
    updated_at: Moment | None = None
    url: Text | None = None

    @property
    def ref(self) -> Ref:
        return Ref(self.source, self.kind, self.id)
