"""A record described in one text, as operators know it from the command line."""

from opsboard.adapter import Detail, Unsupported
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.render.detail_text import detail_text
from opsboard.ui.screens.raw import RawScreen
from opsboard.views.field_detail import field_detail


class DescriptionScreen(RawScreen):
    """Shows what the source's own tool says of the record, or else the fields of its page."""

    _by = ""

    async def read(self) -> None:
        """Ask the source; where it has no description, write its page as text."""
        try:
            told = await self.context.feed.describe(self._ref)
        except Unsupported as error:
            detail = await self._detail()
            self._text = detail_text(detail, self.context.clock.now())
            self._by = f"by its fields: {error.message}"
        else:
            self._text = told.text
            self._by = f"by {told.by}{f', {told.note}' if told.note else ''}"

    async def _detail(self) -> Detail:
        try:
            return await self.context.feed.detail(self._ref)
        except Unsupported:
            record = self.context.board.get(self._ref)
            if record is None:
                raise
            return field_detail(record)

    @property
    def format_text(self) -> str:
        """What has written the text."""
        return self._by

    def disabled_reason(self, action: UiAction) -> str:
        """Return that a description has one form."""
        if action.id == "raw.format":
            return "a description is a text; go back and press y for YAML"
        return super().disabled_reason(action)
