"""What a screen, or ``opsboard act``, knows of acting."""

from collections.abc import Sequence
from typing import Protocol

from opsboard.acting.decision import Consent, GuardDecision
from opsboard.adapter import ActionAvailability, Detail, Form, Plan, Request
from opsboard.records import Record, Ref


class ActionService(Protocol):
    """Plans and carries out. All methods may be called from any thread.

    What goes on is told by :class:`~opsboard.records.Activity` records on the board.
    """

    def available_actions(self, record: Record) -> Sequence[ActionAvailability]:
        """Return every action there is for *record*, possible now or not, with why not.

        Quick, and without network. What read-only and the policy forbid is told here as well.
        """

    async def form(self, request: Request) -> Form:
        """Return what the action of *request* can be told. Raises SourceError."""

    async def plan(self, request: Request) -> Plan:
        """Return what *request* would do; reads only. Raises SourceError."""

    def decide(self, plans: Sequence[Plan]) -> GuardDecision:
        """Return what the guard says of carrying *plans* out together, in their order."""

    async def start(
        self, plans: Sequence[Plan], consent: Consent, *, keep_going: bool = False
    ) -> None:
        """Carry out *plans*, one after the other; return once the first one is begun.

        Stops after the first that fails, unless told to *keep_going*. It goes on whether or not
        somebody waits. Raises :exc:`~opsboard.acting.guard.Refused` where the guard refuses.
        """

    async def detail(self, ref: Ref) -> Detail:
        """Return the activity *ref* from near: plan, who, why, and how it went."""

    async def resume(self, ref: Ref) -> None:
        """Settle and follow the act *ref* from here, though another host may still have it.

        Returns once it is in this program's hands. Raises SourceError.
        """

    @property
    def problems(self) -> Sequence[str]:
        """What the user should read of the audit trail: that it was tampered with, for one."""

    @property
    def not_ready_reason(self) -> str:
        """Why nothing is offered yet, or ``""`` once everything is there."""

    @property
    def sending_count(self) -> int:
        """How many acts are being sent right now: not a moment to leave."""
