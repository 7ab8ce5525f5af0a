"""What the guard decides on plans, and the consent that a person gives."""

from collections.abc import Sequence
from typing import Final

from opsboard.adapter import Plan
from opsboard.config.action_rules import PolicyDecision
from opsboard.frozen import Frozen, frozen_unchecked

STRICTNESS: Final = (
    PolicyDecision.ALLOW,
    PolicyDecision.CONFIRM,
    PolicyDecision.TYPED,
    PolicyDecision.DENY,
)


@frozen_unchecked
class GuardDecision(Frozen):
    """The strictest decision over some plans, and the *explanation* of it.

    *confirmation_text* has to be typed where the decision is :attr:`PolicyDecision.TYPED`; a reason
    is asked for then, too. *unresolved* names earlier runs on the target without a known outcome,
    *will_not_start* why it is known that what is brought back will not start.
    """

    decision: PolicyDecision
    explanation: str = ""
    confirmation_text: str = ""
    unresolved: str = ""
    will_not_start: str = ""

    @property
    def denied(self) -> bool:
        return self.decision is PolicyDecision.DENY

    @property
    def needs_typing(self) -> bool:
        return self.decision is PolicyDecision.TYPED


@frozen_unchecked
class Consent(Frozen):
    """What a person agreed to: *confirmed* by a key or ``--yes``, or *typed* the text asked for."""

    confirmed: bool = False
    typed: str = ""
    reason: str = ""


def confirmation_text_for(plans: Sequence[Plan]) -> str:
    """Return the text to type for *plans*: the name of one, or the action and their number."""
    if len(plans) == 1:
        return plans[0].name
    return f"{plans[0].action} {len(plans)}"
