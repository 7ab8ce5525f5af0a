"""What is asked before plans are carried out, as the policy wants it: a yes, or name and reason."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple, TypeAlias

from rich.text import Text

from opsboard.acting.decision import Consent, GuardDecision
from opsboard.adapter import Plan, Severity
from opsboard.records import Status
from opsboard.text.sanitize import sanitize
from opsboard.ui.render.batch_rows import failure_policy_text
from opsboard.ui.render.cells import BOLD
from opsboard.ui.render.plan_rows import environment_text, environments_of, plan_title, version_text
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.screens.confirm import ConfirmScreen
from opsboard.ui.theme.styles import Styles
from opsboard.ui.widgets.prompt import PromptQuestion

OnConfirmed: TypeAlias = Callable[[Consent], None]
"""Hears of the consent, once it is there."""

_NAMED: Final = 8
"""Targets that are named in the box; the page behind it has them all."""
_SIGN: Final = 34
"""Columns of the name in front of the prompt, where all of it is on the page too."""


class ConfirmRequest(NamedTuple):
    """What is asked about: *plans* of the action called *title*, and what is wanted for them."""

    title: str
    plans: Sequence[Plan]
    judgement: GuardDecision
    keep_going: bool = False


def request_confirmation(screen: BaseScreen, asked: ConfirmRequest, given: OnConfirmed) -> None:
    """Ask, on *screen*, what has to be said before the plans are carried out."""
    if asked.judgement.needs_typing:
        word = sanitize(asked.judgement.confirmation_text)
        shown = word if len(word) <= _SIGN else f"{word[:_SIGN]}..."
        named = partial(_named, screen, asked.judgement.confirmation_text, given)
        screen.ask(PromptQuestion(f"type {shown} to go on: ", on_submit=named, history=[]))
        return

    def answered(yes: bool | None) -> None:
        if yes:
            given(Consent(confirmed=True))

    count, one = len(asked.plans), plan_title(asked.plans[0])
    question = one if count == 1 else f"{asked.title}: {count} targets"
    lines = list(_lines(asked, screen.context.styles))
    box = ConfirmScreen(screen.context, f"{question}?", lines, "yes, carry it out", "no")
    screen.app.push_screen(box, answered)


def _named(screen: BaseScreen, word: str, given: OnConfirmed, typed: str) -> str:
    """Take the name, and go on to the reason. Returns what is wrong with it."""
    if typed.strip() != word:
        return "that is not it: nothing is done" if typed.strip() else "Esc leaves it be"
    screen.ask(
        PromptQuestion(
            "reason, for the audit: ", on_submit=partial(_reasoned, word, given), history=[]
        )
    )
    return ""


def _reasoned(word: str, given: OnConfirmed, typed: str) -> str:
    """Take the reason. Returns what is wrong with it."""
    reason = sanitize(typed).strip()
    if not reason:
        return "a reason has to be given"
    given(Consent(confirmed=True, typed=word, reason=reason))
    return ""


# --- the box -------------------------------------------------------------------------------------


def _lines(asked: ConfirmRequest, styles: Styles) -> Iterator[Text]:
    plans = asked.plans
    for plan in plans[:_NAMED]:
        yield Text(plan.target, BOLD)
        if told := version_text(plan, styles):
            yield Text(f"  {told}")
    if len(plans) > _NAMED:
        yield Text(f"and {len(plans) - _NAMED} more")
    for environment in environments_of(plans):
        yield environment_text(environment, styles, "in ")
    if warnings := sum(c.severity is Severity.WARNING for plan in plans for c in plan.findings):
        words = "1 warning" if warnings == 1 else f"{warnings} warnings"
        glyph = styles.glyphs.status[Status.WARNING]
        yield Text(f"{glyph} {words}, told on the page", styles.statuses[Status.WARNING])
    if len(plans) > 1:
        yield Text(
            f"If one fails: {failure_policy_text(keep_going=asked.keep_going)}.", styles.muted
        )
