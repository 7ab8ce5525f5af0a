"""The action service of a board whose first frame does not wait for it.

The modules for plans and policies take longer to import than the first frame takes to be drawn,
and the config may be read after it. So the screen holds this stand-in, which gets the real service
once that is ready; until then no action is available.
"""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from opsboard.adapter import ActionAvailability, SourceError
from opsboard.records import Record, Ref

if TYPE_CHECKING:
    from opsboard.acting.decision import Consent, GuardDecision
    from opsboard.acting.service import ActionService
    from opsboard.adapter import Detail, Form, Plan, Request


class DeferredActions:
    """Implements :class:`~opsboard.acting.service.ActionService` by the one it is given later."""

    def __init__(self) -> None:
        self._service: ActionService | None = None
        self._why = "the sources are still being found"

    def set_ready(self, service: "ActionService") -> None:
        """Pass everything on to *service* from now on. May be called from any thread."""
        self._service = service

    def set_failed(self, why: str) -> None:
        """Give *why* as the reason that no action is available in this session."""
        self._why = why

    def _ready(self) -> "ActionService":
        if self._service is None:
            raise SourceError(f"nothing can be done yet: {self._why}", "try again")
        return self._service

    def available_actions(self, record: Record) -> Sequence[ActionAvailability]:
        return self._service.available_actions(record) if self._service else ()

    async def form(self, request: "Request") -> "Form":
        return await self._ready().form(request)

    async def plan(self, request: "Request") -> "Plan":
        return await self._ready().plan(request)

    def start_checks(self, plan: "Plan") -> "AsyncIterator[Plan]":
        return self._ready().start_checks(plan)

    def decide(self, plans: "Sequence[Plan]") -> "GuardDecision":
        return self._ready().decide(plans)

    async def start(
        self, plans: "Sequence[Plan]", consent: "Consent", *, keep_going: bool = False
    ) -> None:
        await self._ready().start(plans, consent, keep_going=keep_going)

    async def detail(self, ref: Ref) -> "Detail":
        return await self._ready().detail(ref)

    async def resume(self, ref: Ref) -> None:
        await self._ready().resume(ref)

    @property
    def problems(self) -> Sequence[str]:
        return self._service.problems if self._service else ()

    @property
    def not_ready_reason(self) -> str:
        return "" if self._service else self._why

    @property
    def sending_count(self) -> int:
        return self._service.sending_count if self._service else 0
