"""What the suite looks for in the identities that records state."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from opsboard.records import Claim, Record, Strength
from opsboard.records import claims as types
from opsboard.records.identity import (
    ci_run,
    cluster,
    commit,
    dataset,
    git_repository,
    image,
    image_keeper_claim,
    image_tag,
    logged_model,
    model_alias,
    model_version,
    pull_request,
    service_address,
    training_run,
    unplaced_workload,
    workload,
)

_MOVABLE: Final = frozenset({types.IMAGE_TAG, types.MODEL_ALIAS})
"""Types of which the value is a name that may mean something else tomorrow."""
_HASHED: Final = frozenset({types.IMAGE, types.DATASET})
"""Types of the program's own of which the value may be the content's own hash."""


def claim_faults(
    record: Record, declared: Collection[str], holds_secret: Callable[[str], bool]
) -> Iterator[str]:
    """Yield what is wrong with the identities that *record* states.

    *declared* are the types that its kind may state.
    """
    for side, claims in (("inputs", record.inputs), ("outputs", record.outputs)):
        if len(set(claims)) < len(claims):
            yield f"{record.ref}: `{side}` has the same claim twice; two rules make two claims"
        for claim in claims:
            for fault in _faults(claim, declared, holds_secret):
                yield f"{record.ref}: `{side}` has {_named(claim, holds_secret)}: {fault}"


def _named(claim: Claim, holds_secret: Callable[[str], bool]) -> str:
    if any(map(holds_secret, claim[:4])):
        return "a claim that is not repeated here"
    where = f" in {claim.scope!r}" if claim.scope else ""
    return f"the {claim.type} {claim.value!r}{where}"


def _faults(
    claim: Claim, declared: Collection[str], holds_secret: Callable[[str], bool]
) -> Iterator[str]:
    if any(map(holds_secret, claim[:4])):
        yield "a registered secret is in it; identities are shown, kept and printed"
        return
    if claim.type not in declared:
        types_ = ", ".join(sorted(declared)) or "none"
        yield f"the kind does not declare that type: add it to its `identities` (now {types_})"
    if not claim.value:
        yield "it has no value; state nothing of what is not known"
    if not claim.rule:
        yield 'it has no rule; say how it is known, such as "run: head_sha"'
    yield from _strength_faults(claim)
    yield from _form_faults(claim)


def _strength_faults(claim: Claim) -> Iterator[str]:
    if not isinstance(claim.strength, Strength):
        yield f"its strength is {claim.strength!r}, which is no opsboard.records.Strength"
    elif claim.type in _MOVABLE and claim.strength.rank > Strength.TAG.rank:
        yield f"a name that can be moved is no {claim.strength}; the most that it can be is a tag"
    elif (
        claim.strength is Strength.DIGEST
        and claim.type in types.TYPES
        and claim.type not in _HASHED
    ):
        yield "its value is not the content's own hash, so it is no digest"


def _form_faults(claim: Claim) -> Iterator[str]:
    """Yield how a claim of a type that the program knows is written otherwise than by itself.

    Types of others are as they are: equal is what is written alike.
    """
    make = _MAKERS.get(claim.type)
    if make is None or not claim.value:
        return
    name, made = make(claim)
    if made is None:
        yield f"that is none; make claims by opsboard.records.identity.{name}(), which says so"
    elif made.identity != claim.identity:
        yield (
            f"it is written as {made.value!r} in {made.scope!r}; make claims by "
            f"opsboard.records.identity.{name}(), which does so"
        )


def _run(claim: Claim) -> tuple[str, Claim | None]:
    if claim.scope and "://" not in claim.scope:
        return "ci_run", ci_run(claim.scope, claim.value, claim.rule)
    return "training_run", training_run(claim.scope, claim.value, claim.rule)


def _workload(claim: Claim) -> tuple[str, Claim | None]:
    parts = claim.value.split("/")
    if len(parts) != 3 or not all(parts[1:]):
        return "workload", None
    namespace, kind, name = parts
    if not claim.scope:
        return "unplaced_workload", unplaced_workload(namespace, kind, name, claim.rule)
    return "workload", workload(claim.scope, namespace, kind, name, claim.rule)


def _joined(claim: Claim, separator: str) -> tuple[str, str]:
    before, _, after = claim.value.rpartition(separator)
    return before, after


_MAKERS: Final[Mapping[str, Callable[[Claim], tuple[str, Claim | None]]]] = {
    types.COMMIT: lambda it: ("commit", commit(it.scope, it.value, it.rule)),
    types.IMAGE: lambda it: ("image", image(it.value, it.rule)),
    types.IMAGE_TAG: lambda it: ("image_tag", image_tag(f"{it.scope}:{it.value}", it.rule)),
    types.MODEL_VERSION: lambda it: (
        "model_version", model_version(it.scope, *_joined(it, "/"), it.rule),
    ),
    types.MODEL_ALIAS: lambda it: (
        "model_alias", model_alias(it.scope, *_joined(it, "@"), it.rule),
    ),
    types.LOGGED_MODEL: lambda it: ("logged_model", logged_model(it.scope, it.value, it.rule)),
    types.RUN: _run,
    types.DATASET: lambda it: ("dataset", dataset(*_joined(it, "@"), it.rule)),
    types.PULL_REQUEST: lambda it: ("pull_request", pull_request(it.scope, it.value, it.rule)),
    types.REPOSITORY: lambda it: ("git_repository", git_repository(it.value, it.rule)),
    types.WORKLOAD: _workload,
    types.CLUSTER: lambda it: ("cluster", cluster(it.scope, it.rule)),
    types.IMAGE_REPOSITORY: lambda it: ("image_place", image_keeper_claim(it.value, it.rule)),
    types.SERVICE_ADDRESS: lambda it: (
        "service_address", service_address(it.scope, *_joined(it, "/"), it.rule),
    ),
}  # fmt: skip
"""Type → the function of :mod:`opsboard.records.identity` that writes it, and what it makes."""
