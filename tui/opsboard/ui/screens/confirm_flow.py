"""The confirmation that the policy asks for before an action: a yes, or name and reason."""

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
"""Is called with the consent once it was given."""

_NAMED: Final = 8
"""Targets that the box lists; the page behind it has all of them."""
_SIGN: Final = 34
"""Columns of the name in front of the prompt; the page has all of it."""


class ConfirmRequest(NamedTuple):
    """The *plans* of the action *title*, and the guard's decision about them."""

    title: str
    plans: Sequence[Plan]
    judgement: GuardDecision
    keep_going: bool = False


def request_confirmation(screen: BaseScreen, request: ConfirmRequest, given: OnConfirmed) -> None:
    """Ask on *screen* for the confirmation that the policy wants for the plans."""
    if request.judgement.needs_typing:
        word = sanitize(request.judgement.confirmation_text)
        shown = word if len(word) <= _SIGN else f"{word[:_SIGN]}..."
        named = partial(_named, screen, request.judgement.confirmation_text, given)
        screen.ask(PromptQuestion(f"type {shown} to confirm: ", on_submit=named, history=[]))
        return

    def answered(yes: bool | None) -> None:
        if yes:
            given(Consent(confirmed=True))

    count, one = len(request.plans), plan_title(request.plans[0])
    question = one if count == 1 else f"{request.title}: {count} targets"
    lines = list(_lines(request, screen.context.styles))
    box = ConfirmScreen(screen.context, f"{question}?", lines, "yes, carry it out", "no")
    screen.app.push_screen(box, answered)


def _named(screen: BaseScreen, word: str, given: OnConfirmed, typed: str) -> str:
    """Check the typed name, and ask for the reason. Returns what is wrong with the name."""
    if typed.strip() != word:
        return "that is not the name: nothing is done" if typed.strip() else "Esc cancels"
    screen.ask(
        PromptQuestion(
            "reason, for the audit: ", on_submit=partial(_reasoned, word, given), history=[]
        )
    )
    return ""


def _reasoned(word: str, given: OnConfirmed, typed: str) -> str:
    """Give the consent with the reason. Returns what is wrong with it."""
    reason = sanitize(typed).strip()
    if not reason:
        return "a reason is required"
    given(Consent(confirmed=True, typed=word, reason=reason))
    return ""


# --- the box -------------------------------------------------------------------------------------


def _lines(request: ConfirmRequest, styles: Styles) -> Iterator[Text]:
    plans = request.plans
    for plan in plans[:_NAMED]:
        yield Text(plan.target, BOLD)
        if text := version_text(plan, styles):
            yield Text(f"  {text}")
    if len(plans) > _NAMED:
        yield Text(f"and {len(plans) - _NAMED} more")
    for environment in environments_of(plans):
        yield environment_text(environment, styles, "in ")
    graves = [one.severity for plan in plans for one in plan.findings]
    graves += [one.severity for plan in plans for one in plan.start_findings]
    if warnings := graves.count(Severity.WARNING):
        words = "1 warning" if warnings == 1 else f"{warnings} warnings"
        glyph = styles.glyphs.status[Status.WARNING]
        yield Text(f"{glyph} {words}, listed on the page", styles.statuses[Status.WARNING])
    if len(plans) > 1:
        yield Text(
            f"If one fails: {failure_policy_text(keep_going=request.keep_going)}.", styles.muted
        )
