"""How long the history is kept, and how much of it."""

from datetime import timedelta

from opsboard.frozen import Frozen, frozen_unchecked


@frozen_unchecked
class Retention(Frozen):
    """Whether a history is kept at all, for how long, and how large its file may become.

    Of series of numbers, what is older than *thin_after* is thinned out: one value an hour.
    """

    enabled: bool = True
    keep: timedelta = timedelta(days=90)
    max_bytes: int = 500_000_000
    thin_after: timedelta = timedelta(days=14)
