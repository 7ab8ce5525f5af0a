"""The actions that sources offer for the selected records: roll back, retrain, re-run, ...

A key opens a plan and does nothing more. The targets are fixed when the key is pressed: later
moves of the cursor and changes of the board do not change them.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from opsboard.adapter import ActionAvailability, ActionSpec, SourceError
from opsboard.kinds.registry import KINDS
from opsboard.records import Activity, ActivityState, ListedObject, Record
from opsboard.ui.actions.action_handler import ActionGroup, UiActionHandler
from opsboard.ui.actions.record_selection import GONE, RecordSelection
from opsboard.ui.actions.record_target import RecordTarget
from opsboard.ui.actions.service_choice import choose_part
from opsboard.ui.actions.taking_back import taking_back, why_not_taken_back
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.messages import AskChoice, ChoiceOption, StartAction

if TYPE_CHECKING:
    from opsboard.history.undo import Undo

MAX_TARGETS: Final = 100
"""Records that an action may have as targets at once: more is a filter that caught too much."""

_MENU: Final = "record.actions"


class RecordActions(ActionGroup):
    """The actions of :attr:`BindingScope.ACT`, and taking up an action of another session."""

    def __init__(self, node: UiActionHandler, selection: RecordSelection) -> None:
        self._node, self._selection = node, selection
        self._context = node.context

    def disabled_reason(self, action: UiAction) -> str:
        """Return why no action is possible now, or not this one."""
        if action.id == _MENU:
            return self._why_none()
        if action.handler == "act":
            return self._why_none() or self._why_not(action.argument)
        if action.id == "record.take_back":
            return self._why_not_taken_back()
        return self._why_not_taken_up() if action.id == "record.take_up" else ""

    def _why_none(self) -> str:
        acts, count = self._context.acts, self._selection.count()
        if acts is None or self._context.as_of is not None:
            return self._context.acts_nothing_reason
        if acts.not_ready_reason:
            return acts.not_ready_reason
        if count > MAX_TARGETS:
            return f"{count:,} rows are marked; at most {MAX_TARGETS} can be acted on at once"
        if not count:
            return "there is no record under the cursor"
        return "" if self._selection.targets() else self._selection.unknown_reason()

    def _why_not(self, action_id: str) -> str:
        """Return why the action is not possible for any of the targets; ``""`` if it is for one."""
        reason = ""
        if self._selection.service() is None and (several := self._why_single(action_id)):
            return several
        for target in self._selection.targets():
            found = self._availability(action_id, target)
            if found is not None and not found.disabled_reason:
                return ""
            reason = reason or (found.disabled_reason if found else "") or _not_for(target.record)
        return reason

    def _why_single(self, action_id: str) -> str:
        """Return why an action that has one target at a time has too many; ``""`` if it has not."""
        targets = self._selection.targets()
        if len(targets) < 2 or (found := self._availability(action_id, targets[0])) is None:
            return ""
        return f"one at a time; {len(targets)} rows are marked" if found.action.single else ""

    def _why_not_taken_up(self) -> str:
        record = self._selection.record()
        if not isinstance(record, Activity) or record.state is not ActivityState.UNKNOWN:
            return "that is for actions whose outcome is unknown; `:activity` shows them"
        if reason := self._context.acts_nothing_reason:
            return reason
        return "read-only" if self._context.read_only else ""

    def _why_not_taken_back(self) -> str:
        record = self._selection.record()
        if not isinstance(record, Activity) or record.state is not ActivityState.SUCCEEDED:
            return "that is for actions that were done; `:activity` shows them"
        return why_not_taken_back(_undo_of(record), self._context)

    def _available(self, target: RecordTarget) -> Sequence[ActionAvailability]:
        acts = self._context.acts
        found = () if acts is None else acts.available_actions(target.record)
        if self._context.read_only:  # the guard names the setting; no other reason comes before it
            return [
                ActionAvailability(one.action, _read_only(one.disabled_reason)) for one in found
            ]
        return [
            ActionAvailability(
                one.action, one.disabled_reason or target.disabled_reason(one.action.id)
            )
            for one in found
        ]

    def _availability(self, action_id: str, target: RecordTarget) -> ActionAvailability | None:
        return next((one for one in self._available(target) if one.action.id == action_id), None)

    def target_text(self, action: UiAction) -> str:
        """Return what *action* would act on now, in short."""
        if action.id != _MENU and action.handler != "act":
            return ""
        if not 0 < self._selection.count() <= MAX_TARGETS:
            return ""
        targets = self._selection.targets()
        if self._selection.service() is not None and action.id != _MENU:
            targets = self._possible(action.argument, targets) or targets
        if not targets:
            return ""
        if self._selection.service() is not None and len(targets) > 1:
            return f"{len(targets)} choices"
        arrow = self._context.styles.glyphs.arrow
        many = len(targets) > 1
        name = f"{len(targets)} records" if many else targets[0].text_for(action.argument, arrow)
        return f"on {name}" if action.id == _MENU else name

    # --- performing ------------------------------------------------------------------------------

    def do_act(self, action_id: str) -> None:
        """Plan the action for what is selected now; of a service, for the part that is meant."""
        self._selection.hold_cursor()
        targets = self._selection.targets()
        if self._selection.service() is None:
            self._plan(action_id, targets)
            return
        possible = self._possible(action_id, targets)
        choose_part(
            self._node, possible or targets[:1], lambda target: self._plan(action_id, [target])
        )

    def do_actions(self) -> None:
        """List every action there is; those that are not possible with the reason."""
        self._selection.hold_cursor()
        targets = self._selection.targets()
        if self._selection.service() is None:
            self._list_actions(targets)
        else:
            choose_part(self._node, targets, lambda target: self._list_actions([target]))

    def _possible(self, action_id: str, targets: Sequence[RecordTarget]) -> Sequence[RecordTarget]:
        """Return those of *targets* that the action is possible for now."""
        found = ((target, self._availability(action_id, target)) for target in targets)
        return [target for target, one in found if one is not None and not one.disabled_reason]

    def _list_actions(self, targets: Sequence[RecordTarget]) -> None:
        options = list(self._options(targets))
        if not options:
            self._node.show_notice(f"Actions: {_not_for(targets[0].record)}", wrong=True)
            return
        name = targets[0].full_text if len(targets) == 1 else f"{len(targets)} records"

        def on_chosen(action_id: str | None) -> None:
            if action_id is not None:
                self._plan(action_id, targets)

        self._node.post_message(AskChoice(f"Actions on {name}", options, on_chosen))

    def _options(self, targets: Sequence[RecordTarget]) -> Iterator[ChoiceOption]:
        """Yield every action of any of *targets*, in the order of the first that has it."""
        by_id: dict[str, list[ActionAvailability]] = {}
        for target in targets:
            for one in self._available(target):
                by_id.setdefault(one.action.id, []).append(one)
        for action_id, some in by_id.items():
            possible = [one for one in some if not one.disabled_reason]
            reason = "" if possible else some[0].disabled_reason
            if some[0].action.single and len(targets) > 1:
                reason = reason or f"one at a time; {len(targets)} rows are marked"
            note = some[0].action.help
            if possible and len(targets) > 1:
                note = f"{len(possible)} of {len(targets)}. {note}"
            yield ChoiceOption(_title(some[0].action, targets), action_id, note, reason)

    def _plan(self, action_id: str, targets: Sequence[RecordTarget]) -> None:
        """Start the action for those of *targets* that it is possible for, as they are now."""
        spec: ActionSpec | None = None
        possible: list[RecordTarget] = []
        skipped: list[tuple[RecordTarget, str]] = []
        for target in (one.refreshed(self._context.board) for one in targets):
            found = self._availability(action_id, target)
            reason = found.disabled_reason if found else _not_for(target.record)
            if target.is_gone(self._context.board):
                reason = GONE
            if found is None or reason:
                skipped.append((target, reason))
                continue
            spec = spec or found.action
            possible.append(target)
        if spec is not None:
            self._node.post_message(StartAction(spec, possible, skipped))
        elif skipped:
            target, reason = skipped[0]
            name = target.text_for(action_id, self._context.styles.glyphs.arrow)
            self._node.show_notice(f"{name}: {reason}", wrong=True)

    async def do_take_up(self) -> None:
        """Find out what became of an action, and follow it from here, as another host may too."""
        acts, record = self._context.acts, self._selection.record()
        if record is None or acts is None:
            return
        try:
            await acts.resume(record.ref)
        except SourceError as error:
            self._node.show_notice(error.message, wrong=True)
        else:
            self._context.tracker.track([record.id])
            self._node.show_notice(f"Finding out what became of it: {record.name}")

    def do_take_back(self) -> None:
        """Open the plan of what takes the action back."""
        record = self._selection.record()
        undo = _undo_of(record) if isinstance(record, Activity) else None
        if (message := taking_back(undo, self._context)) is not None:
            self._node.post_message(message)


def _undo_of(activity: Activity) -> "Undo | None":
    from opsboard.history.undo import undo_of_activity  # noqa: PLC0415 - seldom, and late

    return undo_of_activity(activity)


def _title(spec: ActionSpec, targets: Sequence[RecordTarget]) -> str:
    """Return the title of *spec*, with the part of the only target that it is about."""
    if len(targets) == 1 and targets[0].values(spec.id):
        return f"{spec.title}: {targets[0].part}"
    return spec.title


def _not_for(record: Record) -> str:
    if isinstance(record, ListedObject):
        return f"not offered for {record.listing} of {record.source}"
    kind = KINDS.of(record)
    of = f" of {record.source}" if kind and kind.from_sources else ""
    return f"not offered for {kind.plural if kind else record.kind}{of}"


def _read_only(reason: str) -> str:
    return reason if "read-only" in reason else "read-only"
