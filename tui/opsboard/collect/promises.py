"""When a source means to look again at each scope, learnt from how long it pauses."""

from collections.abc import Iterator

from opsboard.adapter import Change, Complete, Due, Fresh, Remove, ScopeRemoved, Upsert

_CONFIRMING = Upsert | Remove | Complete | Fresh


class DueTracker:
    """What one run of a source has confirmed since its last pause.

    Before it pauses, it has looked at these, and it looks at them again after it: that is what a
    :class:`~opsboard.adapter.Due` says. Scopes of which the source says it itself, and those that
    stream, are left to it.
    """

    def __init__(self) -> None:
        self._confirmed: dict[str, None] = {}
        self._own: set[str] = set()
        self._said: dict[str, float] = {}

    def record(self, change: Change) -> None:
        """Take in what the source yields."""
        if isinstance(change, Due):
            self._own.add(change.scope)
            self._confirmed.pop(change.scope, None)
        elif isinstance(change, ScopeRemoved) or (isinstance(change, Fresh) and change.streaming):
            self._confirmed.pop(change.scope, None)
        elif isinstance(change, _CONFIRMING) and change.scope not in self._own:
            self._confirmed[change.scope] = None

    def dues_before_pause(self, seconds: float) -> Iterator[Due]:
        """Yield what a pause of so many *seconds* promises, where that is other than before."""
        for scope in self._confirmed:
            if self._said.get(scope) != seconds:
                self._said[scope] = seconds
                yield Due(scope, seconds)
        self._confirmed.clear()
