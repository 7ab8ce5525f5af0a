"""What can go wrong with a source, by what the user can do about it."""

from datetime import datetime
from typing import ClassVar

from opsboard.adapter.health import Condition, Health


class SourceError(Exception):
    """A source cannot do what was asked. Carries what a user needs: cause and hint.

    Raise one of the subclasses. *message* says what went wrong and where, *hint* what to do
    about it. Neither may hold a secret: the collector masks those that were registered by
    :meth:`Context.register_secret`, as a second line of defence.
    """

    condition: ClassVar[Condition] = Condition.BROKEN

    def __init__(self, message: str, hint: str = "", until: datetime | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.until = until

    @property
    def health(self) -> Health:
        return Health(
            condition=self.condition, message=self.message, hint=self.hint, until=self.until
        )


class Unreachable(SourceError):
    """No answer: name resolution, connection, TLS, time-out, or a 5xx."""

    condition = Condition.UNREACHABLE


class NotSent(Unreachable):
    """No answer, and for certain: nothing of the request has left, so nothing was done."""


class Unauthenticated(SourceError):
    """The server does not know who asks: no, wrong or expired credentials."""

    condition = Condition.UNAUTHENTICATED


class Forbidden(SourceError):
    """The server knows who asks, and does not permit it."""

    condition = Condition.FORBIDDEN


class Throttled(SourceError):
    """The request allowance is used up. *until* says when to ask again, where that is known."""

    condition = Condition.THROTTLED


class NotFound(SourceError):
    """The thing asked for does not exist, or is hidden from who asks."""


class Malformed(SourceError):
    """The answer is not what the API promises: not JSON, cut short, of another shape."""


class Misconfigured(SourceError):
    """The settings cannot work: what they name is missing or contradicts itself."""


class Unsupported(SourceError):
    """This source has no such thing: no log, no detail."""


class NotPermitted(SourceError):
    """Something was about to change the world without the guard's permit. Nothing was done."""


class PreconditionFailed(SourceError):
    """The world is not any more as it was when the plan was made. Nothing was done."""


class RequestRefused(SourceError):
    """The server has refused what was sent: nothing was done.

    With *conflict*, the reason may be that the object has changed since it was read (409, 412): of
    a request that names the version it is for, the same may be tried for the new version.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        until: datetime | None = None,
        *,
        conflict: bool = False,
    ) -> None:
        super().__init__(message, hint, until)
        self.conflict = conflict


class OutcomeUnknown(SourceError):
    """It was asked for, and no answer came: it may have been done, or not.

    Raised by :meth:`Source.execute` only, for a connection that was cut, a time-out or a 5xx
    after the request had been sent. Any other error of it means that nothing was done; after
    :exc:`Unreachable` and :exc:`Malformed` the core looks all the same, unless nothing had been
    asked for under the permit, or it is :exc:`NotSent`.
    """
