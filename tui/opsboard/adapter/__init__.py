"""The contract between the board and a source of records.

An **adapter** is a class that knows one kind of system. A **source** is a configured, connected
instance of it. An adapter is registered under the entry-point group :data:`GROUP`; the built-in
ones are registered in the same way as a third party's::

    [project.entry-points."opsboard.adapters"]
    github = "opsboard_adapters.github:GitHub"

Data flows one way. A source yields :data:`Change` values; it never sees the board or a screen.
It paces itself with :meth:`Context.pause`, which a refresh key cuts short. Its requests are
*background* work (:func:`is_background`); those that a person waits for go first. What goes
wrong is either raised as a :class:`SourceError` (the collector reports it, backs off and calls
:meth:`Source.changes` again) or, where only a part is affected, yielded as a :class:`Report`
for that scope, so that one failing repository never blanks the others.

:mod:`opsboard.testing` holds the suite that any adapter can be held to.

What a source does to the world goes another way: it is asked for a :class:`Plan`, which reads only;
the guard judges it and gives a :class:`Permit`; :meth:`Source.execute` carries it out, and
:meth:`Source.observe` tells what it leads to.

Whether a name sounds like that of a secret is decided by :func:`sounds_secret`, for all adapters
alike: its value is not asked for in a form, and does not go into a plan. All that a source
returns is masked once more by the board.

What the first frame does without is imported when it is first asked for: what pydantic makes
(settings, details), and what only a source or an adapter needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from opsboard.adapter.action_spec import RETRAIN, ActionAvailability, ActionSpec
from opsboard.adapter.changes import (
    BudgetUpdate,
    Change,
    Complete,
    Due,
    Fresh,
    Past,
    PastRecord,
    Remove,
    Report,
    ScopeRemoved,
    Skipped,
    Upsert,
    listing,
    read_since,
)
from opsboard.adapter.context import (
    Clock,
    Context,
    Discovery,
    LoginInputs,
    background,
    is_background,
)
from opsboard.adapter.errors import (
    Forbidden,
    Malformed,
    Misconfigured,
    NotFound,
    NotPermitted,
    NotSent,
    OutcomeUnknown,
    PreconditionFailed,
    RequestRefused,
    SourceError,
    Throttled,
    Unauthenticated,
    Unreachable,
    Unsupported,
)
from opsboard.adapter.health import Budget, Condition, Health
from opsboard.adapter.programs import Program, ProgramHost, ProgramState
from opsboard.system.host_environ import HostEnviron

if TYPE_CHECKING:
    from opsboard.adapter.comparison import (
        MAX_COMPARED,
        MAX_METRICS,
        BetterSide,
        Comparand,
        ComparedGroup,
        ComparedMetric,
    )
    from opsboard.adapter.contract import GROUP, Adapter
    from opsboard.adapter.details import (
        Detail,
        Fact,
        Facts,
        Grid,
        GridRow,
        Point,
        RowAction,
        Section,
        Series,
        TextSection,
    )
    from opsboard.adapter.forms import Form, Input, Option, Request
    from opsboard.adapter.listings import (
        ListingCatalog,
        ListingColumn,
        ListingColumnType,
        ListingQuery,
        ListingRow,
        ListingType,
        ListingUpdate,
    )
    from opsboard.adapter.log_line import AnnotationLevel, LogAnnotation, LogLine, LogPart
    from opsboard.adapter.log_query import LogQuery
    from opsboard.adapter.object_pages import Description, ObjectTree, TreeRow
    from opsboard.adapter.permit import Permit
    from opsboard.adapter.plans import (
        Difference,
        Effect,
        Finding,
        FoundFailing,
        Permission,
        Plan,
        Progress,
        Receipt,
        ReconcileOutcome,
        ReconcileResult,
        Verdict,
    )
    from opsboard.adapter.polling import Poll, PollingSource
    from opsboard.adapter.settings import SourceSettings
    from opsboard.adapter.source import ANYBODY, Check, Principal, Source
    from opsboard.adapter.start_findings import (
        Holding,
        Need,
        Severity,
        StartCheck,
        StartFinding,
        StartReport,
        StartState,
        not_told,
    )
    from opsboard.adapter.training_inputs import TrainingInputs
    from opsboard.masking import mask_structure, mask_text, sounds_secret

__all__ = [
    "ANYBODY",
    "GROUP",
    "MAX_COMPARED",
    "MAX_METRICS",
    "RETRAIN",
    "ActionAvailability",
    "ActionSpec",
    "Adapter",
    "AnnotationLevel",
    "BetterSide",
    "Budget",
    "BudgetUpdate",
    "Change",
    "Check",
    "Clock",
    "Comparand",
    "ComparedGroup",
    "ComparedMetric",
    "Complete",
    "Condition",
    "Context",
    "Description",
    "Detail",
    "Difference",
    "Discovery",
    "Due",
    "Effect",
    "Fact",
    "Facts",
    "Finding",
    "Forbidden",
    "Form",
    "FoundFailing",
    "Fresh",
    "Grid",
    "GridRow",
    "Health",
    "Holding",
    "HostEnviron",
    "Input",
    "ListingCatalog",
    "ListingColumn",
    "ListingColumnType",
    "ListingQuery",
    "ListingRow",
    "ListingType",
    "ListingUpdate",
    "LogAnnotation",
    "LogLine",
    "LogPart",
    "LogQuery",
    "LoginInputs",
    "Malformed",
    "Misconfigured",
    "Need",
    "NotFound",
    "NotPermitted",
    "NotSent",
    "ObjectTree",
    "Option",
    "OutcomeUnknown",
    "Past",
    "PastRecord",
    "Permission",
    "Permit",
    "Plan",
    "Point",
    "Poll",
    "PollingSource",
    "PreconditionFailed",
    "Principal",
    "Program",
    "ProgramHost",
    "ProgramState",
    "Progress",
    "Receipt",
    "ReconcileOutcome",
    "ReconcileResult",
    "Remove",
    "Report",
    "Request",
    "RequestRefused",
    "RowAction",
    "ScopeRemoved",
    "Section",
    "Series",
    "Severity",
    "Skipped",
    "Source",
    "SourceError",
    "SourceSettings",
    "StartCheck",
    "StartFinding",
    "StartReport",
    "StartState",
    "TextSection",
    "Throttled",
    "TrainingInputs",
    "TreeRow",
    "Unauthenticated",
    "Unreachable",
    "Unsupported",
    "Upsert",
    "Verdict",
    "background",
    "is_background",
    "listing",
    "mask_structure",
    "mask_text",
    "not_told",
    "read_since",
    "sounds_secret",
]

_LATE: Final = {
    **dict.fromkeys(
        (
            "Detail",
            "Fact",
            "Facts",
            "Grid",
            "GridRow",
            "TextSection",
            "Point",
            "RowAction",
            "Section",
            "Series",
        ),
        "details",
    ),
    **dict.fromkeys(("Form", "Input", "Option", "Request"), "forms"),
    **dict.fromkeys(
        (
            "Finding",
            "Difference",
            "Effect",
            "ReconcileOutcome",
            "FoundFailing",
            "Permission",
            "Plan",
            "Progress",
            "Receipt",
            "ReconcileResult",
            "Verdict",
        ),
        "plans",
    ),
    **dict.fromkeys(("AnnotationLevel", "LogAnnotation", "LogLine", "LogPart"), "log_line"),
    **dict.fromkeys(
        (
            "MAX_COMPARED",
            "MAX_METRICS",
            "BetterSide",
            "Comparand",
            "ComparedGroup",
            "ComparedMetric",
        ),
        "comparison",
    ),
    **dict.fromkeys(("GROUP", "Adapter"), "contract"),
    **dict.fromkeys(
        (
            "ListingCatalog",
            "ListingColumn",
            "ListingColumnType",
            "ListingQuery",
            "ListingRow",
            "ListingType",
            "ListingUpdate",
        ),
        "listings",
    ),
    "LogQuery": "log_query",
    **dict.fromkeys(("Description", "ObjectTree", "TreeRow"), "object_pages"),
    "Permit": "permit",
    **dict.fromkeys(("Poll", "PollingSource"), "polling"),
    **dict.fromkeys(("ANYBODY", "Check", "Principal", "Source"), "source"),
    **dict.fromkeys(
        (
            "Holding",
            "Need",
            "Severity",
            "StartCheck",
            "StartFinding",
            "StartReport",
            "StartState",
            "not_told",
        ),
        "start_findings",
    ),
    "TrainingInputs": "training_inputs",
    "SourceSettings": "settings",
    **dict.fromkeys(("mask_structure", "mask_text", "sounds_secret"), "opsboard.masking"),
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    where = _LATE[name]
    return getattr(import_module(where if "." in where else f"{__name__}.{where}"), name)
