"""What the guard says of plans before they are carried out, and what a person says to that."""

from collections.abc import Sequence
from typing import Final

from opsboard.adapter import Plan
from opsboard.config.settings import Ruling
from opsboard.tidy import Tidy, plain

STRICTNESS: Final = (Ruling.ALLOW, Ruling.CONFIRM, Ruling.TYPED, Ruling.DENY)


@plain
class Judgement(Tidy):
    """The strictest ruling over some plans. *why* says why it is denied, or has to be typed.

    *word* is what has to be typed where the ruling is :attr:`Ruling.TYPED`; a reason is asked
    for then, too. *doubt* names earlier acts on the same of which nobody knows the outcome.
    """

    ruling: Ruling
    why: str = ""
    word: str = ""
    doubt: str = ""

    @property
    def denied(self) -> bool:
        return self.ruling is Ruling.DENY

    @property
    def typed(self) -> bool:
        return self.ruling is Ruling.TYPED


@plain
class Consent(Tidy):
    """What a person said: *confirmed* by a key or ``--yes``, *typed* what they were asked for."""

    confirmed: bool = False
    typed: str = ""
    reason: str = ""


def word_for(plans: Sequence[Plan]) -> str:
    """Return what has to be typed for *plans*: the name, or the action and how many there are."""
    if len(plans) == 1:
        return plans[0].name
    return f"{plans[0].action} {len(plans)}"
