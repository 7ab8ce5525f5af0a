"""Plans: what an action would do, found out by reading only, and then frozen.

A plan is shown, judged by the guard, confirmed by a person, written to the audit trail and only
then carried out: so it holds all that is needed to do so, and no secret. It goes through JSON
unharmed, since after a crash the next session finds out whether it was carried out.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, Final
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator
from pydantic import Field as Held

from opsboard.adapter.details import Fact
from opsboard.adapter.start_findings import Severity, StartFindings, StartState
from opsboard.environments.names import UNKNOWN, normal_form
from opsboard.records import Ref
from opsboard.text.escaping import escaped, escaped_pair, unescaped
from opsboard.text.sanitize import Text

_PLAN: Final = ConfigDict(
    frozen=True,
    extra="forbid",
    defer_build=True,
    validate_by_name=True,
    validate_by_alias=True,
    serialize_by_alias=True,
)
"""Aliases are how a plan is spelled in the audit trail and in JSON: a program of the first version,
which may still run on the same trail, reads no other (see :mod:`opsboard.acting.audit.line`).
"""

DEFAULT_TIMEOUT: Final = 600.0
"""Seconds after which following ends without a verdict, where a plan does not say otherwise."""

LONGEST_TIMEOUT: Final = 7 * 86_400.0
"""Seconds that anything is followed at most, whatever its plan says."""


class Permission(StrEnum):
    """Whether the server would permit it to this login, as far as it can be asked."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


class Effect(StrEnum):
    """What a change of a measured value means. ``neutral`` where nobody knows."""

    NEUTRAL = "neutral"
    BETTER = "better"
    WORSE = "worse"


class Difference(BaseModel):
    """One thing that changes. ``None`` is what is not there.

    *group* is what kind of thing it is: ``images``, ``env``, ``replicas``, ``metrics``, ...; *name*
    which one. A value that may be a secret is never put here; say that it changes. Names and
    values are kept as they are, since what is cleaned away could be all that differs: they are
    shown by :mod:`opsboard.text.escaping`, and by nothing else.

    *effect* is that of a value which was measured, and is not set by the act: a metric. Without
    one it is a setting that is taken away and put in its place.
    """

    model_config = _PLAN

    group: Text
    name: str
    before: str | None = None
    after: str | None = None
    effect: Effect | None = None

    @property
    def shown(self) -> tuple[str | None, str | None]:
        """Both values as they are shown: each in one line, in which nothing is hidden."""
        if self.before is None or self.after is None:
            return _shown(self.before), _shown(self.after)
        return escaped_pair(self.before, self.after)

    @property
    def label(self) -> str:
        """The name as it is shown."""
        return escaped(self.name)


def _shown(value: str | None) -> str | None:
    return None if value is None else escaped(value)


class Finding(BaseModel):
    """Something to know before it is done: who will fight it, what it does not bring back."""

    model_config = _PLAN

    severity: Annotated[Severity, Held(alias="gravity")]
    text: Text


class FoundFailing(BaseModel):
    """That a target was failing when it was planned to act on it: since when, and why."""

    model_config = _PLAN

    at: AwareDatetime
    reason: Text = ""
    message: Text = ""


class Plan(BaseModel):
    """What *action* would do to *ref*.

    *target* names it in full (``Deployment shop/checkout in prod-eu``), *name* is what has to be
    typed where a typed confirmation is asked for. *before* and *after* are the versions, or the
    values, in a few words each; they are kept as they are, as those of a :class:`Difference` are,
    and shown by :attr:`versions` and :meth:`change` alone. *executor* is the source that carries it
    out, where that is another than that of *ref*. *precondition* is what has to hold still when it
    is carried out; *payload* is whatever :meth:`Source.execute` needs beside. Both are the
    adapter's own, and go into the audit trail.
    Where *awaits* is set, a new version of the model *ref* is to come of it, other than that one.
    *timeout* is how many seconds it is followed at most. *key* makes it the only one of its kind
    where an API takes such keys.

    *origin* and *destination* are what the versions *before* and *after* are known by, for good
    and on this target alone: the number of a revision and those that it had before, a commit. The
    first of them is what people call it; none where there is no such thing, and then the words of
    *before* and *after* stand for themselves. Records tell what they are at in the same words
    (``revision``, ``version``, ``commit``). By them the board finds what it has seen of the
    *destination*, and what was done before. *target_id* tells the target from another that had its
    name before: a ``uid``. *about_destination* are the texts of those findings that tell whether
    the *destination* is well: they give way where more is known of that. *found* is set by the
    board. *undo* is what the form of the same action is filled in with to take it back, as far as
    its inputs go; empty where nothing is known to.

    *start_state* is whether it is known if what it brings back will start, and *start_findings* are
    what was found of that: they come after the plan was made (:meth:`Source.start_checks`).

    *durations* are how many seconds the same took before, the latest first; they come with those.

    *environments* are all that it touches: that of *ref*, those of what carries it out, each one
    that a run deploys to. :data:`~opsboard.environments.names.UNKNOWN` among them is one that
    nobody knows, and none at all means that it is known to touch none. *environment*, which is
    shown, is always one of them; where only that is given, it is the only one. The guard judges
    by all of them.
    """

    model_config = _PLAN

    id: str = Held(default_factory=lambda: uuid4().hex)
    made_at: AwareDatetime
    action: Text
    title: Text
    ref: Ref
    executor: str = ""
    target: Text
    name: Text
    environment: Text = ""
    environments: tuple[Text, ...] = (UNKNOWN,)
    disruptive: Annotated[bool, Held(alias="heavy")] = True
    before: str = ""
    after: str = ""
    origin: tuple[Text, ...] = ()
    destination: tuple[Text, ...] = ()
    target_id: Text = ""
    undo: Mapping[str, str] = Held(default_factory=dict)
    found: FoundFailing | None = None
    changes: tuple[Difference, ...] = ()
    facts: tuple[Fact, ...] = ()
    findings: Annotated[tuple[Finding, ...], Held(alias="cautions")] = ()
    about_destination: tuple[Text, ...] = ()
    start_state: StartState = StartState.NOT_CHECKED
    start_findings: StartFindings = ()
    durations: tuple[float, ...] = ()
    permission: Permission = Permission.UNKNOWN
    permission_note: Text = ""
    dry_run: Annotated[Text, Held(alias="rehearsal")] = ""
    values: Mapping[str, str] = Held(default_factory=dict)
    precondition: Mapping[str, str] = Held(default_factory=dict)
    payload: Mapping[str, Any] = Held(default_factory=dict)
    awaits: Text = ""
    timeout: Annotated[float, Held(alias="patience", gt=0, allow_inf_nan=False)] = DEFAULT_TIMEOUT

    @model_validator(mode="before")
    @classmethod
    def _touches_its_own(cls, values: Any) -> Any:
        """Add the environment that is shown to those that are touched.

        A plan of an audit trail that is older than these tells that one only.
        """
        if not isinstance(values, Mapping):
            return values
        own, others = values.get("environment") or "", values.get("environments")
        if others is None:
            return {**values, "environments": (own or UNKNOWN,)}
        if not own or isinstance(others, str) or own in (others := tuple(others)):
            return values
        return {**values, "environments": (own, *others)}

    def touching(self, environments: Iterable[str]) -> "Plan":
        """Return this plan as one that touches *environments* as well."""
        known = set(map(normal_form, self.environments))
        more = {normal_form(one): one for one in environments}
        new = tuple(one for name, one in more.items() if name not in known)
        return self.model_copy(update={"environments": (*self.environments, *new)})

    @property
    def versions(self) -> tuple[str, str]:
        """The versions before and after as they are shown; ``""`` for none."""
        before, after = escaped_pair(self.before, self.after)
        return before if self.before else "", after if self.after else ""

    def change(self, arrow: str) -> str:
        """Return the versions with *arrow* between them, or the one that there is; else ``""``."""
        return f" {arrow} ".join(filter(None, self.versions))

    @property
    def inputs(self) -> Mapping[str, str]:
        """The values of the form that are listed.

        A line of escapes would be escaped again: it is left out where a change tells its text.
        """
        after = {change.after for change in self.changes} - {None}
        return {
            name: value
            for name, value in self.values.items()
            if (text := _text_of(value)) == value or text not in after
        }

    @property
    def by(self) -> str:
        """The source that carries it out."""
        return self.executor or self.ref.source

    @property
    def blockers(self) -> tuple[str, ...]:
        """Why it cannot be carried out as it is."""
        denied = self.permission is Permission.DENIED
        why = f"not permitted: {self.permission_note}" if self.permission_note else "not permitted"
        blocking = tuple(c.text for c in self.findings if c.severity is Severity.BLOCKER)
        return (why, *blocking) if denied else blocking

    @property
    def start_blockers(self) -> tuple[str, ...]:
        """Why what it brings back will not start: it is carried out only if somebody types so."""
        found = self.start_findings
        return tuple(one.text for one in found if one.severity is Severity.BLOCKER)

    @property
    def key(self) -> str:
        """A key that no other plan has, of letters and digits."""
        return self.id

    @property
    def digest(self) -> str:
        """A hash of all that the plan says."""
        return sha256(self.model_dump_json().encode()).hexdigest()


def _text_of(line: str) -> str | None:
    """Return the text that *line* was written for with escapes; ``None`` where it has none."""
    try:
        return unescaped(line)
    except ValueError:
        return None


class Receipt(BaseModel):
    """What the server answered when a plan was carried out. *produced* is a record to look at."""

    model_config = _PLAN

    message: Text
    reference: Text = ""
    produced: Ref | None = None
    url: Text = ""


class ReconcileOutcome(StrEnum):
    """What became of a plan whose execution nobody saw to its end."""

    DONE = "done"
    NOT_DONE = "not done"
    UNKNOWN = "unknown"


class ReconcileResult(BaseModel):
    """What a look at the world says of a plan; *receipt* where it was carried out.

    ``not done`` is what the world shows now. What was sent may still be held up on its way, in a
    proxy or a queue, and take effect later: so it is believed only after the longest life of a
    request, unless it is *final*: nothing that was sent can take effect any more, for instance
    since its precondition does not hold any more.

    *version* is that of the object where each request names the version that it is for, and is
    refused for any other: once a later look sees another version, none that was sent before the
    earlier look can take effect. The core compares them; ``""`` where requests name none.
    """

    model_config = _PLAN

    outcome: ReconcileOutcome
    message: Text
    receipt: Receipt | None = None
    final: bool = False
    version: str = ""


class Verdict(StrEnum):
    """What carrying out a plan has led to."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed out"


class Progress(BaseModel):
    """How far it is: *done* of *total*, where that can be counted. The last one has a verdict."""

    model_config = _PLAN

    message: Text
    done: int = 0
    total: int = 0
    verdict: Verdict | None = None
    produced: Ref | None = None
    at: datetime | None = None
