"""What an action is handed in each of its phases: a client, a memo of reads, a plan, a permit.

======================  =====================================  ==========================
Phase                   Handed                                 May change something
======================  =====================================  ==========================
form, draft, ...        :class:`ReadContext`                   no
observe, reconcile      :class:`PlanContext` (with the plan)   no
send                    :class:`SendContext` (with a permit)   yes, while the permit is open
======================  =====================================  ==========================
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, MutableMapping
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar, cast

from opsboard.adapter.context import Context
from opsboard.adapter.permit import Permit
from opsboard.adapter.plans import Plan
from opsboard.system.containment import contained

C = TypeVar("C")
T = TypeVar("T")


class ReadMemo:
    """The answers of one look at the world, each asked for once.

    A plan is made of many small questions that need the same objects: its form, its draft, its
    findings, its precondition. With a memo each object is requested once, and all of the plan is
    about the same state of it. A memo is never used for two looks: what is to be fresh gets a new
    one. Errors are remembered as well.

    It is an asynchronous context manager; on leaving it, reads still under way are cancelled.
    """

    def __init__(self) -> None:
        self._reads: dict[Hashable, asyncio.Future[Any]] = {}

    async def once(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """Return what *read* returned for *key*; it is called only if nobody has asked yet.

        Those who ask while the first read is under way wait for its answer. Raises what *read*
        raised. The answer is shared: do not change it.
        """
        if key not in self._reads:
            self._reads[key] = asyncio.ensure_future(_awaited(read))
        return cast("T", await asyncio.shield(self._reads[key]))

    def __len__(self) -> int:
        """Return how many different things were asked for."""
        return len(self._reads)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _tb: TracebackType | None,
    ) -> None:
        for read in self._reads.values():
            read.cancel()
        await asyncio.gather(*self._reads.values(), return_exceptions=True)


async def _awaited(read: Callable[[], Awaitable[T]]) -> T:
    with contained():
        return await read()


class ReadContext(Generic[C]):
    """What an action is handed to look at the world with.

    *plan_id* is the id that the plan has, or will have: what an action leaves on a server as its
    mark. *state* is kept from one look of an observation to the next, and empty otherwise.
    """

    def __init__(
        self,
        client: C,
        source: Context,
        memo: ReadMemo,
        plan_id: str,
        state: MutableMapping[str, Any] | None = None,
    ) -> None:
        self._client: Final = client
        self.source: Final = source
        self.memo: Final = memo
        self.plan_id: Final = plan_id
        self.state: Final = {} if state is None else state
        self.has_looked = False
        """Whether the client was asked for: a verdict without that is not believed."""

    @property
    def client(self) -> C:
        """The client that the runner was given, or its view with the memo."""
        self.has_looked = True
        return self._client

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""
        return self.source.now()

    async def once(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """Return what *read* returns, asking only once for *key*: see :meth:`ReadMemo.once`."""
        return await self.memo.once(key, read)


class PlanContext(ReadContext[C]):
    """What an action is handed for a plan that is being, or was, carried out."""

    def __init__(
        self,
        client: C,
        source: Context,
        memo: ReadMemo,
        plan: Plan,
        state: MutableMapping[str, Any] | None = None,
    ) -> None:
        super().__init__(client, source, memo, plan.id, state)
        self.plan: Final = plan


class SendContext(PlanContext[C]):
    """What an action is handed to change something: the only context with a permit.

    Its memo is the one that the precondition was read with: what is read again here is exactly
    what was compared, such as the resource version that a request names.
    """

    def __init__(self, checked: PlanContext[C], permit: Permit) -> None:
        super().__init__(checked.client, checked.source, checked.memo, checked.plan)
        self.permit: Final = permit
