"""The page of a model: who serves it since when comes first, then what its source tells."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from opsboard.adapter import SourceError, Unsupported
from opsboard.records import Model, Ref
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope
from opsboard.ui.context import AppContext
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import PageRow
from opsboard.ui.render.model_rows import alias_rows, serving_rows, training_rows
from opsboard.ui.screens.detail import DetailScreen
from opsboard.ui.workers import start_worker

if TYPE_CHECKING:
    from opsboard.history.served import ServedStretch

_REFRESH: Final = 30.0


class ModelScreen(DetailScreen):
    """Shows the model *ref*, and what its aliases pointed to by the time on show."""

    SCOPES: ClassVar = (*DetailScreen.SCOPES, BindingScope.STEPPED)
    BINDINGS: ClassVar = ACTIONS.bindings(
        BindingScope.RECORD, BindingScope.DETAIL, BindingScope.STEPPED, BindingScope.ACT
    )
    follows_time: ClassVar = True

    def __init__(self, context: AppContext, ref: Ref) -> None:
        super().__init__(context, ref)
        self._stretches: Sequence[ServedStretch] = ()
        self._history_error: SourceError | None = None

    def on_mount(self) -> None:
        """Read what its aliases pointed to, now and then again."""
        if self.context.history is None:
            return
        self._read_history()
        if self.context.as_of is None:
            self.set_interval(_REFRESH, self._read_history)

    def time_changed(self) -> None:
        """Read both again."""
        self._read_history()
        if self.context.board.get(self.ref) is None:
            self._selection.detail = None  # it was not there then
        self.reload()

    def _read_history(self) -> None:
        start_worker(self, self._read, group="served")

    async def _read(self) -> None:
        if (history := self.context.history) is None:
            return
        try:
            self._stretches, self._history_error = await history.served(self.ref), None
        except Unsupported:  # nothing is recorded yet: that is no fault
            self._stretches = ()
        except SourceError as error:
            self._history_error = error
        self.write()

    def own_rows(self, page: PageFormat) -> Iterator[PageRow]:
        """Yield who serves it, and what trains."""
        record = self.context.board.get(self.ref)
        if isinstance(record, Model):
            yield from serving_rows(self.context.board, record, self._stretches, page)
            yield from training_rows(self.context.board, record, page)
        yield from alias_rows(self._stretches, self._history_error, page, self.context.zone)
