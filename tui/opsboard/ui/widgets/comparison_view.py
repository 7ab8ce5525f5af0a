"""The page of a comparison, on which Left and Right go through its sides."""

from textual.message import Message

from opsboard.ui.widgets.page_view import PageView


class ComparisonView(PageView):
    """Asks for other sides, where not all have a column. Names of rows stay where they are."""

    has_more_sides = False
    """Whether there are sides without a column."""

    class SidesWanted(Message):
        """Show the sides that are *step* further on."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def do_left(self) -> None:
        """Show the side before those that are shown, or scroll to the left."""
        if self.has_more_sides:
            self.post_message(self.SidesWanted(-1))
        else:
            super().do_left()

    def do_right(self) -> None:
        """Show the side behind those that are shown, or scroll to the right."""
        if self.has_more_sides:
            self.post_message(self.SidesWanted(+1))
        else:
            super().do_right()
