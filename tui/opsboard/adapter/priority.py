"""Whether somebody waits for what is asked, or it is the board that keeps itself up to date.

What a person asks for (a detail, a log, a plan, an act) goes before the background. An adapter
that bounds its requests asks :func:`is_background` where it lets them in; it need not hand the
answer through its calls. Whoever is not marked is taken for a person: what is forgotten is then
too quick rather than too slow.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_background: ContextVar[bool] = ContextVar("background", default=False)


@contextmanager
def background() -> Iterator[None]:
    """Mark what is asked within, and in tasks that are made within, as asked by nobody.

    The collector does so while it follows :meth:`Source.changes`. A task keeps the mark of where
    it was made: work that a person may come to wait for is to be made outside.
    """
    token = _background.set(True)
    try:
        yield
    finally:
        _background.reset(token)


def is_background() -> bool:
    """Tell whether nobody waits for what is asked now."""
    return _background.get()
