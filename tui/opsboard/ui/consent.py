"""What is asked before plans are carried out, as the policy wants it: a yes, or name and reason."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, TypeAlias

from rich.text import Text

from opsboard.act.judgement import Consent, Judgement
from opsboard.adapter import Gravity, Plan
from opsboard.clean import clean
from opsboard.records import Status
from opsboard.ui.bulk_rows import on_failure
from opsboard.ui.cell_looks import BOLD
from opsboard.ui.looks import Looks, looks_of
from opsboard.ui.plan_rows import versions
from opsboard.ui.screens.confirm import ConfirmScreen
from opsboard.ui.screens.framed import FramedScreen
from opsboard.ui.widgets.prompt import Question

Given: TypeAlias = Callable[[Consent], None]
"""Hears of the consent, once it is there."""

_NAMED: Final = 8
"""Targets that are named in the box; the page behind it has them all."""
_SIGN: Final = 34
"""Columns of the name in front of the prompt, where all of it is on the page too."""


def ask_for_consent(
    screen: FramedScreen,
    plans: Sequence[Plan],
    judgement: Judgement,
    given: Given,
    *,
    keep_going: bool,
) -> None:
    """Ask, on *screen*, what *judgement* wants before *plans* are carried out."""
    if judgement.typed:
        word = clean(judgement.word)
        shown = word if len(word) <= _SIGN else f"{word[:_SIGN]}..."
        named = partial(_named, screen, judgement.word, given)
        screen.ask(Question(f"type {shown} to go on: ", answered=named))
        return

    def answered(yes: bool | None) -> None:
        if yes:
            given(Consent(confirmed=True))

    lines = list(_lines(plans, looks_of(screen), keep_going=keep_going))
    question = plans[0].title if len(plans) == 1 else f"{plans[0].action}: {len(plans)} targets"
    screen.app.push_screen(
        ConfirmScreen(f"{question}?", lines, "yes, carry it out", "no"), answered
    )


def _named(screen: FramedScreen, word: str, given: Given, typed: str) -> str:
    """Take the name, and go on to the reason. Returns what is wrong with it."""
    if typed.strip() != word:
        return "that is not it: nothing is done" if typed.strip() else "Esc leaves it be"
    screen.ask(Question("reason, for the audit: ", answered=partial(_reasoned, word, given)))
    return ""


def _reasoned(word: str, given: Given, typed: str) -> str:
    """Take the reason. Returns what is wrong with it."""
    reason = clean(typed).strip()
    if not reason:
        return "a reason has to be given"
    given(Consent(confirmed=True, typed=word, reason=reason))
    return ""


# --- the box -------------------------------------------------------------------------------------


def _lines(plans: Sequence[Plan], looks: Looks, *, keep_going: bool) -> Iterator[Text]:
    for plan in plans[:_NAMED]:
        yield Text(plan.target, BOLD)
        if told := versions(plan, looks):
            yield Text(f"  {told}")
    if len(plans) > _NAMED:
        yield Text(f"and {len(plans) - _NAMED} more")
    for environment in sorted({plan.environment for plan in plans} - {""}):
        word = environment.upper() if environment == "production" else environment
        yield Text.assemble("in ", (f" {word} ", looks.environment(environment)))
    if warnings := sum(c.gravity is Gravity.WARNING for plan in plans for c in plan.cautions):
        words = "1 warning" if warnings == 1 else f"{warnings} warnings"
        glyph = looks.glyphs.status[Status.WARNING]
        yield Text(f"{glyph} {words}, told on the page", looks.statuses[Status.WARNING])
    if len(plans) > 1:
        yield Text(f"If one fails: {on_failure(keep_going=keep_going)}.", looks.muted)
