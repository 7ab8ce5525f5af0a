"""What can be done to the world from where one is: offers of the record, or of the marked ones.

A key leads to a plan and never further. What it is about is taken up when the key is pressed;
what the cursor or the board do afterwards does not change it.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from opsboard.adapter import ActionAvailability, ActionSpec
from opsboard.kinds.registry import KINDS
from opsboard.records import Record, Ref
from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.choice_options import ChoiceOption, ask_choice
from opsboard.ui.actions.record_target import RecordTarget
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.app_host import host_of

MAX_TARGETS: Final = 100
"""Records that can be acted on at once: more is a filter that caught too much."""

GONE: Final = "it is gone from the board: nothing is done"
"""What is said of a target that is not there any more."""

_ANY: Final = "record.actions"


class RecordActions(UiActionHandler):
    """Carries out the actions that change the world, at :attr:`Place.ACT`.

    A subclass says what is meant: of an alert, what it is about.
    """

    def subjects(self) -> Sequence[RecordTarget | None]:
        """Return the targets that are meant; ``None`` for one that is not known."""
        raise NotImplementedError

    def targets(self) -> Sequence[Ref]:
        """Return the refs that are marked, or else the one that the cursor is on."""
        raise NotImplementedError

    def how_many(self) -> int:
        """Return how many are meant; where they are more than :data:`MOST`, about how many."""
        return len(self.targets())

    def disabled_reason(self, action: UiAction) -> str:
        """Say why nothing can be done, or not this."""
        if action.id == _ANY:
            return self._why_nothing()
        if action.handler == "act":
            return self._why_nothing() or self._why_not_this(action.argument)
        return super().disabled_reason(action)

    def _why_nothing(self) -> str:
        host, count = host_of(self), self.how_many()
        if host.acts is None:
            return "this board only shows"
        if host.acts.not_ready_reason:
            return host.acts.not_ready_reason
        if count > MAX_TARGETS:
            return f"{count:,} rows are marked; at most {MAX_TARGETS} can be acted on at once"
        if not count:
            return "there is no record under the cursor"
        return "" if self._known() else self.why_unknown()

    def why_unknown(self) -> str:
        """Return why there is nothing to act on though the cursor is on something."""
        return "the board does not know what this is about"

    def _why_not_this(self, verb: str) -> str:
        """Return why *verb* is not possible for any of them."""
        why = ""
        for target in self._known():
            offered = self._offered(verb, target)
            if offered is not None and not offered.disabled_reason:
                return ""
            why = why or (offered.disabled_reason if offered else "") or _not_for(target.record)
        return why

    def _known(self) -> Sequence[RecordTarget]:
        return [target for target in self.subjects() if target is not None]

    def _offers(self, target: RecordTarget) -> Sequence[ActionAvailability]:
        host = host_of(self)
        offers = () if host.acts is None else host.acts.available_actions(target.record)
        if host.read_only:  # the guard says by what; nothing else is to be said before it
            return [
                ActionAvailability(one.action, _read_only(one.disabled_reason)) for one in offers
            ]
        return [
            ActionAvailability(
                one.action, one.disabled_reason or target.disabled_reason(one.action.id)
            )
            for one in offers
        ]

    def _offered(self, verb: str, target: RecordTarget) -> ActionAvailability | None:
        return next((one for one in self._offers(target) if one.action.id == verb), None)

    def about(self, action: UiAction) -> str:
        """Return what *action* would be about now, in short; ``""`` where it is about nothing."""
        if action.id != _ANY and action.handler != "act":
            return ""
        if not self.targets() or self.how_many() > MAX_TARGETS:
            return ""
        targets, arrow = self._known(), host_of(self).current_styles.glyphs.arrow
        if not targets:
            return ""
        many = len(targets) > 1
        name = f"{len(targets)} records" if many else targets[0].text_for(action.argument, arrow)
        return f"on {name}" if action.id == _ANY else name

    # --- acting ----------------------------------------------------------------------------------

    def hold(self) -> None:
        """Keep the cursor where it is, now that somebody acts on what it is on."""

    def do_act(self, verb: str) -> None:
        """Plan *verb* for what is meant now."""
        self.hold()
        self._plan(verb, self._known())

    def do_actions(self) -> None:
        """List every action there is, those that are not possible with why not."""
        self.hold()
        targets = self._known()
        choices = list(self._choices(targets))
        if not choices:
            host_of(self).show_notice(f"Actions: {_not_for(targets[0].record)}", wrong=True)
            return
        named = targets[0].full_text if len(targets) == 1 else f"{len(targets)} records"

        def chosen(verb: str | None) -> None:
            if verb is not None:
                self._plan(verb, targets)

        ask_choice(self, f"Actions on {named}", choices, chosen)

    def _choices(self, targets: Sequence[RecordTarget]) -> Iterator[ChoiceOption]:
        """Yield what is offered for any of *targets*, in the order of the first that offers it."""
        offers: dict[str, list[ActionAvailability]] = {}
        for target in targets:
            for offered in self._offers(target):
                offers.setdefault(offered.action.id, []).append(offered)
        for verb, some in offers.items():
            possible = [offered for offered in some if not offered.disabled_reason]
            why = "" if possible else some[0].disabled_reason
            note = some[0].action.help
            if possible and len(targets) > 1:
                note = f"{len(possible)} of {len(targets)}. {note}"
            yield ChoiceOption(_titled(some[0].action, targets), verb, note, why)

    def _plan(self, verb: str, targets: Sequence[RecordTarget]) -> None:
        """Open the plan for those of *targets* that *verb* is possible for, as they are now."""
        host = host_of(self)
        offer: ActionSpec | None = None
        possible: list[RecordTarget] = []
        left_out: list[tuple[RecordTarget, str]] = []
        for target in (one.refreshed(host.board) for one in targets):
            offered = self._offered(verb, target)
            why = offered.disabled_reason if offered else _not_for(target.record)
            if target.is_gone(host.board):
                why = GONE
            if offered is None or why:
                left_out.append((target, why))
                continue
            offer = offer or offered.action
            possible.append(target)
        if offer is not None:
            host.show_plan(offer, possible, left_out)
        elif left_out:
            target, why = left_out[0]
            host.show_notice(
                f"{target.text_for(verb, host.current_styles.glyphs.arrow)}: {why}", wrong=True
            )


def _titled(offer: ActionSpec, targets: Sequence[RecordTarget]) -> str:
    """Return the title of *offer*, with the part of the only target that it goes to."""
    if len(targets) == 1 and targets[0].values(offer.id):
        return f"{offer.title}: {targets[0].part}"
    return offer.title


def _not_for(record: Record) -> str:
    kind = KINDS.of(record)
    return f"not offered for {kind.plural if kind else record.kind}"


def _read_only(why: str) -> str:
    return why if "read-only" in why else "read-only"
