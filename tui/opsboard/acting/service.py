"""The interface of this room for a screen and for ``opsboard act``."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from opsboard.acting.decision import Consent, GuardDecision
from opsboard.adapter import ActionAvailability, Detail, Form, Plan, Request
from opsboard.records import Record, Ref


class ActionService(Protocol):
    """Plans actions and carries them out. All methods may be called from any thread.

    Progress is shown by :class:`~opsboard.records.Activity` records on the board.
    """

    def available_actions(self, record: Record) -> Sequence[ActionAvailability]:
        """Return every action on *record*, with the reason where one is not possible now.

        Without network access. That read-only mode or the policy forbids it is such a reason.
        """

    async def form(self, request: Request) -> Form:
        """Return the inputs that the action of *request* takes. Raises SourceError."""

    async def plan(self, request: Request) -> Plan:
        """Return what *request* would do; only reads. Raises SourceError."""

    def start_checks(self, plan: Plan) -> AsyncIterator[Plan]:
        """Yield *plan* again with each finding of whether it will start; only reads.

        It ends, within seconds, with the plan to carry out: its ``start_state`` is not ``checking``
        any more. Nothing is yielded for a plan that has nothing to check.
        """

    def decide(self, plans: Sequence[Plan]) -> GuardDecision:
        """Return the guard's decision on carrying out *plans* together, in their order."""

    async def start(
        self, plans: Sequence[Plan], consent: Consent, *, keep_going: bool = False
    ) -> None:
        """Carry out *plans*, one after the other; return once the first has started.

        It continues in the background, and stops after the first that fails unless *keep_going*.
        Raises :exc:`~opsboard.acting.guard.Refused` where the guard refuses.
        """

    async def detail(self, ref: Ref) -> Detail:
        """Return the details of the activity *ref*: its plan, actor, reason and history."""

    async def resume(self, ref: Ref) -> None:
        """Continue the run *ref* in this program, although another host may still have it.

        Its outcome is found out, and it is observed to its verdict; it is never done again.
        Returns once this program holds its lock. Raises SourceError.
        """

    @property
    def problems(self) -> Sequence[str]:
        """Sentences on the audit trail for the user: that it was tampered with, say."""

    @property
    def not_ready_reason(self) -> str:
        """Why no action is available yet; ``""`` once actions are."""

    @property
    def sending_count(self) -> int:
        """How many runs are being sent right now; the program should not be left meanwhile."""
