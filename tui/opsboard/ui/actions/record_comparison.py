"""Comparing what is marked: versions of models, and runs. Of one alone, with what serves."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from opsboard.adapter import MAX_COMPARED
from opsboard.records import Drift, Kind, Model, ModelVersion, Record, Ref
from opsboard.ui.actions.action_handler import ActionGroup, UiActionHandler
from opsboard.ui.actions.record_selection import RecordSelection
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.messages import OpenComparison

if TYPE_CHECKING:
    from opsboard.board.state import Board

_COMPARE: Final = "record.compare"
_NOT_FOR: Final = "for versions of models, and for runs"
_MARK_ELSEWHERE: Final = "go back, and mark two or more in the list"


class RecordComparison(ActionGroup):
    """The action of :attr:`BindingScope.RECORD` that compares, for a *selection*."""

    def __init__(self, node: UiActionHandler, selection: RecordSelection) -> None:
        self._node, self._selection = node, selection
        self._context = node.context

    def disabled_reason(self, action: UiAction) -> str:
        """Return why nothing can be compared now."""
        if action.id != _COMPARE:
            return ""
        if self._context.as_of is not None:
            return f"as of {self._context.as_of_text}: what could be compared was not recorded"
        count = self._selection.count()
        if count > MAX_COMPARED:
            return f"{count:,} rows are marked; at most {MAX_COMPARED} can be compared"
        return self._why_not(self._selection.records())

    def _why_not(self, records: Sequence[Record]) -> str:
        if not records:
            return "there is no record under the cursor"
        if any(not is_compared(record) for record in records):
            return _NOT_FOR
        if len(self._refs()) > 1:
            return ""
        mark = "mark two or more (Space)" if self._selection.can_mark else _MARK_ELSEWHERE
        if records[0].kind is Kind.LISTED:
            return f"{mark} to compare them"
        return f"there is no other version to compare it with; {mark}"

    def do_compare(self) -> None:
        """Open the comparison."""
        self._node.post_message(OpenComparison(self._refs()))

    def _refs(self) -> Sequence[Ref]:
        return compared_refs(self._selection.records(), self._context.board)


def is_compared(record: Record) -> bool:
    """Tell whether *record* can be one side of a comparison, or has versions that can."""
    return isinstance(record, Model | ModelVersion | Drift) or getattr(record, "compared", False)


def compared_refs(records: Sequence[Record], board: "Board") -> Sequence[Ref]:
    """Return what is compared where *records* are selected.

    A model stands for the version that serves, or else for its latest; drift for the version that
    it is measured of. One alone is compared with the version that serves, and that one with the
    latest.
    """
    refs = list(dict.fromkeys(ref for one in records if (ref := _own_ref(one, board)) is not None))
    if len(records) == 1:
        refs = list(dict.fromkeys([*_counterparts(records[0], board), *refs]))
    return refs[:MAX_COMPARED]


def _own_ref(record: Record, board: "Board") -> Ref | None:
    if isinstance(record, Model):
        return _version_ref(board, record, record.serving or record.latest)
    if isinstance(record, Drift):
        model = _model_of(record, board)
        return _version_ref(board, model, record.version) if model is not None else None
    return record.ref


def _counterparts(record: Record, board: "Board") -> Iterator[Ref]:
    """Yield the version that serves, or, where that is *record*, the latest one."""
    model = record if isinstance(record, Model) else _model_of(record, board)
    if model is None:
        return
    own = getattr(record, "version", "")
    versions = [model.serving] if own and own != model.serving else [model.serving, model.latest]
    for version in filter(None, versions):
        if (ref := _version_ref(board, model, version)) is not None:
            yield ref


def _model_of(record: Record, board: "Board") -> Model | None:
    if not isinstance(record, ModelVersion | Drift):
        return None
    models = board.records(Kind.MODEL).values()
    named = (
        one
        for one in models
        if isinstance(one, Model) and (one.source, one.name) == (record.source, record.model)
    )
    return next(named, None)


def _version_ref(board: "Board", model: Model, version: str) -> Ref | None:
    versions = board.records(Kind.MODEL_VERSION).values()
    wanted = (model.source, model.name, version)
    return next(
        (
            one.ref
            for one in versions
            if isinstance(one, ModelVersion) and (one.source, one.model, one.version) == wanted
        ),
        None,
    )
