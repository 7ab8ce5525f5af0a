"""A source: a connected instance of an adapter."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from opsboard.adapter.changes import Change
from opsboard.adapter.errors import Unsupported
from opsboard.records import JSON, Ref, Status
from opsboard.tidy import Tidy, plain

if TYPE_CHECKING:
    from opsboard.adapter.details import Detail
    from opsboard.adapter.logs import LogLine


@plain
class Check(Tidy):
    """A line of ``opsboard doctor``: *subject* (``reachable``, ``logged in``, ...), verdict."""

    subject: str
    status: Status
    message: str
    mend: str = ""


class Source(ABC):
    """A connected instance of an adapter. Closed by leaving the context that made it."""

    @abstractmethod
    def changes(self) -> AsyncIterator[Change]:
        """Yield what changes, beginning with everything there is, without end.

        Called again after it raised :class:`SourceError`; what a restart would cost needlessly
        (ETags, resource versions) is kept on the instance.
        """

    @abstractmethod
    def checks(self) -> AsyncIterator[Check]:
        """Test the source for ``opsboard doctor``; never raise, say it as a failed check."""

    async def detail(self, ref: Ref) -> "Detail":
        """Return *ref* from near. Asked on demand, again on every refresh of the screen."""
        raise Unsupported(f"{ref.kind} {ref.id} has no details")

    def logs(
        self, ref: Ref, *, follow: bool = False, tail: int = 1_000
    ) -> AsyncIterator["LogLine"]:
        """Yield the last *tail* lines of the log of *ref*, then, with *follow*, what is added."""
        raise Unsupported(f"{ref.kind} {ref.id} has no log")

    async def raw(self, ref: Ref) -> JSON:
        """Return *ref* as the server describes it, without secrets in it."""
        raise Unsupported(f"{ref.kind} {ref.id} has no raw form")
