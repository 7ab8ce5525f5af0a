"""One service as a record: its parts, put together, and what is wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from opsboard.records import (
    Drift,
    EnvironmentState,
    MainBuild,
    Ref,
    Service,
    ServiceTarget,
    Status,
)

SOURCE: Final = "board"
"""The source of the records that the board makes itself."""

PRODUCTION: Final = frozenset({"production", ""})
"""Environments in which a failure is one of the service; one that nobody knows is among them."""


class ServiceVerdict(NamedTuple):
    """How the service is doing, where, and why."""

    status: Status
    environment: str = ""
    reason: str = ""
    message: str = ""


class ServiceDraft(NamedTuple):
    """All that is known of one service."""

    id: str
    name: str
    repository: str = ""
    branch: str = ""
    main: tuple[MainBuild, ...] = ()
    waiting: int = -1
    environments: tuple[EnvironmentState, ...] = ()
    model: str = ""
    model_version: str = ""
    model_ref: Ref | None = None
    drift: Drift | None = None
    alerts: tuple[Ref, ...] = ()
    known_alerts: int = 0
    targets: tuple[ServiceTarget, ...] = ()
    messages: Mapping[str, str] = {}
    url: str | None = None
    hint: str = ""


def service_of(draft: ServiceDraft) -> Service:
    """Return the record of *draft*."""
    verdict = verdict_of(draft)
    drift = draft.drift
    return Service(
        source=SOURCE,
        id=draft.id,
        name=draft.name,
        status=verdict.status,
        reason=verdict.reason,
        message=verdict.message,
        environment=verdict.environment,
        url=draft.url,
        repository=draft.repository,
        branch=draft.branch,
        main=draft.main,
        waiting=draft.waiting,
        environments=draft.environments,
        model=draft.model,
        model_version=draft.model_version,
        model_ref=draft.model_ref,
        drift=drift.ref if drift else None,
        drift_status=drift.status if drift else None,
        drift_metric=drift.metric if drift else "",
        drift_value=drift.value if drift else None,
        drift_trend=drift.trend if drift else (),
        alerts=draft.alerts,
        known_alerts=draft.known_alerts,
        targets=draft.targets,
        sources=tuple(sorted(_sources(draft))),
        hint=draft.hint,
    )


def _sources(draft: ServiceDraft) -> set[str]:
    refs = [witness.ref for one in draft.environments for witness in one.witnesses]
    refs += [one.build for one in draft.main]
    refs += [ref for ref in (draft.model_ref, draft.drift.ref if draft.drift else None) if ref]
    return {ref.source for ref in refs}


# --- how it is doing -----------------------------------------------------------------------------


def verdict_of(draft: ServiceDraft) -> ServiceVerdict:
    """Return how the service is doing: as its production does, unless something else is worse.

    What fails elsewhere is a warning: nobody is woken by staging.
    """
    found = [*_of_environments(draft), *_of_main(draft), *_of_drift(draft)]
    worst = max(found, key=lambda one: one.status.severity, default=None)
    if worst is not None and worst.status.severity > Status.OK.severity:
        return worst
    last = draft.environments[-1].environment if draft.environments else ""
    return (
        ServiceVerdict(Status.OK, last)
        if found
        else ServiceVerdict(Status.UNKNOWN, last, "", draft.hint)
    )


def _of_environments(draft: ServiceDraft) -> Iterable[ServiceVerdict]:
    for state in reversed(draft.environments):
        status, name = state.status, state.environment
        message = draft.messages.get(name, "")
        where = "" if name in PRODUCTION else f" in {name}"
        if state.disagreement and status.severity < Status.WARNING.severity:
            yield ServiceVerdict(Status.WARNING, name, f"disagree{where}", state.disagreement)
        if where and status.severity >= Status.WARNING.severity:
            yield ServiceVerdict(
                Status.WARNING, name, f"{state.reason or 'failed'}{where}", message
            )
        elif where:
            yield ServiceVerdict(Status.OK, name)
        else:
            yield ServiceVerdict(status, name, state.reason, message)


def _of_main(draft: ServiceDraft) -> Iterable[ServiceVerdict]:
    if draft.main and draft.main[-1].status is Status.FAILED:
        branch = draft.branch or "main"
        yield ServiceVerdict(
            Status.WARNING, "", f"{branch} failed", f"the last build of {branch} failed"
        )
    elif draft.main:
        yield ServiceVerdict(Status.OK)


def _of_drift(draft: ServiceDraft) -> Iterable[ServiceVerdict]:
    drift = draft.drift
    if drift is not None and drift.status.severity >= Status.WARNING.severity:
        yield ServiceVerdict(Status.WARNING, drift.environment, "drift", drift.message)


def with_waiting(
    states: Sequence[EnvironmentState], waiting: Iterable[int]
) -> tuple[EnvironmentState, ...]:
    """Return *states*, each with how many of its commits are not in the next one."""
    return tuple(
        replace(state, waiting=number) for state, number in zip(states, waiting, strict=True)
    )
