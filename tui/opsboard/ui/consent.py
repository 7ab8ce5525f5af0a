"""What is asked before plans are carried out, as the policy wants it: a yes, or name and reason."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple, TypeAlias

from rich.text import Text

from opsboard.acting.decision import Consent, GuardDecision
from opsboard.adapter import Plan, Severity
from opsboard.records import Status
from opsboard.text.sanitize import sanitize
from opsboard.ui.bulk_rows import on_failure
from opsboard.ui.cell_looks import BOLD
from opsboard.ui.looks import Looks, looks_of
from opsboard.ui.plan_rows import environment_text, environments_of, titled, versions
from opsboard.ui.screens.confirm import ConfirmScreen
from opsboard.ui.screens.framed import FramedScreen
from opsboard.ui.widgets.prompt import Question

Given: TypeAlias = Callable[[Consent], None]
"""Hears of the consent, once it is there."""

_NAMED: Final = 8
"""Targets that are named in the box; the page behind it has them all."""
_SIGN: Final = 34
"""Columns of the name in front of the prompt, where all of it is on the page too."""


class Asked(NamedTuple):
    """What is asked about: *plans* of the action called *title*, and what is wanted for them."""

    title: str
    plans: Sequence[Plan]
    judgement: GuardDecision
    keep_going: bool = False


def ask_for_consent(screen: FramedScreen, asked: Asked, given: Given) -> None:
    """Ask, on *screen*, what has to be said before the plans are carried out."""
    if asked.judgement.needs_typing:
        word = sanitize(asked.judgement.confirmation_text)
        shown = word if len(word) <= _SIGN else f"{word[:_SIGN]}..."
        named = partial(_named, screen, asked.judgement.confirmation_text, given)
        screen.ask(Question(f"type {shown} to go on: ", answered=named, history=[]))
        return

    def answered(yes: bool | None) -> None:
        if yes:
            given(Consent(confirmed=True))

    count, one = len(asked.plans), titled(asked.plans[0])
    question = one if count == 1 else f"{asked.title}: {count} targets"
    lines = list(_lines(asked, looks_of(screen)))
    box = ConfirmScreen(f"{question}?", lines, "yes, carry it out", "no")
    screen.app.push_screen(box, answered)


def _named(screen: FramedScreen, word: str, given: Given, typed: str) -> str:
    """Take the name, and go on to the reason. Returns what is wrong with it."""
    if typed.strip() != word:
        return "that is not it: nothing is done" if typed.strip() else "Esc leaves it be"
    screen.ask(
        Question("reason, for the audit: ", answered=partial(_reasoned, word, given), history=[])
    )
    return ""


def _reasoned(word: str, given: Given, typed: str) -> str:
    """Take the reason. Returns what is wrong with it."""
    reason = sanitize(typed).strip()
    if not reason:
        return "a reason has to be given"
    given(Consent(confirmed=True, typed=word, reason=reason))
    return ""


# --- the box -------------------------------------------------------------------------------------


def _lines(asked: Asked, looks: Looks) -> Iterator[Text]:
    plans = asked.plans
    for plan in plans[:_NAMED]:
        yield Text(plan.target, BOLD)
        if told := versions(plan, looks):
            yield Text(f"  {told}")
    if len(plans) > _NAMED:
        yield Text(f"and {len(plans) - _NAMED} more")
    for environment in environments_of(plans):
        yield environment_text(environment, looks, "in ")
    if warnings := sum(c.severity is Severity.WARNING for plan in plans for c in plan.findings):
        words = "1 warning" if warnings == 1 else f"{warnings} warnings"
        glyph = looks.glyphs.status[Status.WARNING]
        yield Text(f"{glyph} {words}, told on the page", looks.statuses[Status.WARNING])
    if len(plans) > 1:
        yield Text(f"If one fails: {on_failure(keep_going=asked.keep_going)}.", looks.muted)
