"""Will it start? What would stop what a plan brings back, and how each of that was told.

A rollback brings back what was made for an earlier world: its image, its config, its quota may be
gone by now. A source tells what it knows of that (:meth:`.Source.start_checks`), by reading only,
and names what has to be there and is not its own to know (:class:`Need`): an image. The board asks
the sources that hold such things (:meth:`.Source.holds`), so no adapter knows another.

That something could not be told is a finding too. A blocker forbids nothing: a person may know
better, and has to type that they want it all the same.
"""

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict
from pydantic import Field as Held

from opsboard.records.claims import Identity
from opsboard.text.sanitize import Text

START_MODEL: Final = ConfigDict(frozen=True, extra="forbid", defer_build=True)

CHECK_TIMEOUT: Final = 4.0
"""Seconds that a check may take; after that, what it is about could not be told."""

MAX_FINDINGS: Final = 200
"""Findings of one plan that are kept."""


class Severity(StrEnum):
    """How grave a finding is.

    With a ``blocker`` among its findings a plan cannot be carried out; with one that says that it
    will not start, only by somebody who types that they want it.
    """

    NOTE = "note"
    WARNING = "warning"
    BLOCKER = "blocker"


class StartState(StrEnum):
    """Whether it is known if what a plan brings back will start."""

    NOT_CHECKED = "not checked"
    """The plan brings nothing back that has to start, or its source has no checks."""
    CHECKING = "checking"
    CHECKED = "checked"


class StartFinding(BaseModel):
    """One answer to whether it will start.

    *source*, *subject* and *at* say how it was told: which source said so, of which of its objects
    (``ConfigMap shop/settings``), and when. Where *known* is false it could not be told, and
    *text* says why. A note is what is as it should be, or only worth knowing.
    """

    model_config = START_MODEL

    severity: Severity
    text: Text
    source: Text = ""
    subject: Text = ""
    at: AwareDatetime | None = None
    known: bool = True

    @property
    def told_by(self) -> str:
        """Which source said so, of which of its objects: ``clusters, ConfigMap shop/settings``."""
        return ", ".join(filter(None, (self.source, self.subject)))

    @property
    def is_grave(self) -> bool:
        """Whether it is more than a note."""
        return self.severity is not Severity.NOTE


class Need(NamedTuple):
    """What has to be there for it to start, and that another source may hold.

    *what* names it for people. *identity* is what sources know it by; *place* where it is fetched
    from: registry and repository of an image. *severity* is how grave it is where it is gone, which
    *besides* explains: that all nodes have a copy. *pinned* is the identity by content that a tag
    has had when it ran last, where that is known.
    """

    what: str
    identity: Identity
    place: str = ""
    severity: Severity = Severity.BLOCKER
    besides: str = ""
    pinned: str = ""


class Holding(NamedTuple):
    """What a source says of a :class:`Need`: whether it has it, and what it leads to there.

    *subject* is the object that was asked for, *content* the digest that a tag leads to now.
    """

    is_held: bool
    subject: str = ""
    content: str = ""


class StartReport(NamedTuple):
    """What one check has found, and what it leaves to other sources.

    *durations* are how many seconds the same took before, until all was well, the latest first.
    """

    findings: Sequence[StartFinding] = ()
    needs: Sequence[Need] = ()
    durations: Sequence[float] = ()


class StartCheck(NamedTuple):
    """One check: *about* is what is not known where *look* fails or takes too long.

    It may take as many seconds as *within*.
    """

    about: str
    look: Callable[[], Awaitable[StartReport]]
    within: float = CHECK_TIMEOUT


def not_told(about: str, why: str, **told: Any) -> StartFinding:
    """Return that *about* could not be told."""
    text = f"{about}: could not be told: {why}"
    return StartFinding(severity=Severity.NOTE, text=text, known=False, **told)


def worst_first(findings: Sequence[StartFinding]) -> list[StartFinding]:
    """Return *findings*, the gravest first, then what could not be told, then the notes.

    Those that are as grave are in the order of their subjects, whichever was found first.
    """
    return sorted(findings, key=lambda one: (_rank(one), one.source, one.subject, one.text))


def _rank(one: StartFinding) -> int:
    if not one.known:
        return 2
    return (Severity.BLOCKER, Severity.WARNING, Severity.NOTE).index(one.severity) + (
        one.severity is Severity.NOTE
    )


StartFindings = Annotated[tuple[StartFinding, ...], Held(max_length=MAX_FINDINGS)]
