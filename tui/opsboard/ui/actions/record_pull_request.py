"""Opening the pull request that a record is of, or that its commit came by."""

from collections.abc import Sequence

from opsboard.kinds.commits import pull_request_ref
from opsboard.kinds.names import without_host
from opsboard.lineage.pull_requests import pull_requests_of
from opsboard.records import Identity, Ref
from opsboard.ui.actions.action_handler import ActionGroup, UiActionHandler
from opsboard.ui.actions.record_selection import RecordSelection
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.messages import AskChoice, ChoiceOption, OpenDetail

_NONE = (
    "no pull request is known: a host names none from forks, and for pushes only what was merged"
)


class RecordPullRequest(ActionGroup):
    """The action of :attr:`BindingScope.RECORD` that opens a pull request, for a *selection*."""

    def __init__(self, node: UiActionHandler, selection: RecordSelection) -> None:
        self._node, self._selection = node, selection

    def disabled_reason(self, action: UiAction) -> str:
        """Return why there is no pull request to open."""
        if action.id != "record.pull_request":
            return ""
        if (record := self._selection.record()) is None:
            return "there is no record under the cursor"
        found = self._found()
        if len(found) == 1 and self._ref(found[0]) == record.ref:
            return "it is shown already"
        return "" if found else _NONE

    def _found(self) -> Sequence[Identity]:
        record = self._selection.record()
        if record is None:
            return ()
        return pull_requests_of(record, self._node.context.board.lineage)

    def do_pull_request(self) -> None:
        """Open the pull request, or ask which one where there are several."""
        found = self._found()
        if len(found) == 1:
            self._node.post_message(OpenDetail(self._ref(found[0])))
        elif found:
            options = [
                ChoiceOption(f"{without_host(one.scope)}#{one.value}", str(at))
                for at, one in enumerate(found)
            ]

            def on_chosen(at: str | None) -> None:
                if at is not None:
                    self._node.post_message(OpenDetail(self._ref(found[int(at)])))

            self._node.post_message(AskChoice("Which pull request?", options, on_chosen))

    def _ref(self, pull: Identity) -> Ref:
        """Return what to ask for: of the source that has it, else of that of the record."""
        index = self._node.context.board.lineage
        if known := index.representatives(pull):
            return known[0]
        record = self._selection.record()
        assert record is not None  # noqa: S101 - it states or leads to the pull request
        return pull_request_ref(record.source, pull)
