"""Acting, for a board whose first frame does not wait for it.

What plans and policies are made of takes longer to import than the frame takes to be drawn, and
the config may be read behind it. So the screen holds this stand-in, which is told once everything
is there; until then nothing is offered.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from opsboard.adapter import ActionAvailability, SourceError
from opsboard.records import Record, Ref

if TYPE_CHECKING:
    from opsboard.act.acts import Acts
    from opsboard.act.judgement import Consent, Judgement
    from opsboard.adapter import Detail, Form, Plan, Request


class LateActs:
    """Implements :class:`opsboard.act.acts.Acts` by what :meth:`come` is given, later."""

    def __init__(self) -> None:
        self._acts: Acts | None = None
        self._why = "the sources are still being found"

    def come(self, acts: "Acts") -> None:
        """Act by *acts* from now on. May be called from any thread."""
        self._acts = acts

    def fail(self, why: str) -> None:
        """Say *why* nothing can be done in this session."""
        self._why = why

    def _there(self) -> "Acts":
        if self._acts is None:
            raise SourceError(f"nothing can be done yet: {self._why}", "try again")
        return self._acts

    def offers(self, record: Record) -> Sequence[ActionAvailability]:
        return self._acts.offers(record) if self._acts else ()

    async def form(self, request: "Request") -> "Form":
        return await self._there().form(request)

    async def plan(self, request: "Request") -> "Plan":
        return await self._there().plan(request)

    def judge(self, plans: "Sequence[Plan]") -> "Judgement":
        return self._there().judge(plans)

    async def begin(
        self, plans: "Sequence[Plan]", consent: "Consent", *, keep_going: bool = False
    ) -> None:
        await self._there().begin(plans, consent, keep_going=keep_going)

    async def detail(self, ref: Ref) -> "Detail":
        return await self._there().detail(ref)

    async def take_up(self, ref: Ref) -> None:
        await self._there().take_up(ref)

    @property
    def problems(self) -> Sequence[str]:
        return self._acts.problems if self._acts else ()

    @property
    def pending(self) -> str:
        return "" if self._acts else self._why

    @property
    def sending(self) -> int:
        return self._acts.sending if self._acts else 0
