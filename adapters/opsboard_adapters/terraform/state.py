"""A state, read without its values.

A state has every attribute and output of what it manages in clear text, passwords among them. Here
it becomes names, addresses, counts and the identities that :mod:`.attributes` may read; the bytes
are let go as soon as that is done. Errors quote nothing of it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

import msgspec

from opsboard.adapter import Malformed
from opsboard_adapters.http.struct_types import decoder_of
from opsboard_adapters.terraform.attributes import Found, find_identities
from opsboard_adapters.terraform.fingerprints import Fingerprints
from opsboard_adapters.terraform.records import Mode, Output
from opsboard_adapters.terraform.structs import (
    StateBody,
    StateHead,
    StateInstance,
    StateOutput,
    StateResource,
)

FORMAT: Final = 4
"""The format of states since Terraform 0.12, and of all of OpenTofu's."""
MAX_OUTPUTS: Final = 1_000
_BLANKS: Final = 1_024
"""Blanks before the first brace that are looked through."""
HeadT = TypeVar("HeadT", bound=StateHead)
_HINT: Final = "is it a state, whole and not being written? Retried automatically"


@dataclass(frozen=True, slots=True)
class StateInstanceRead:
    """One instance, by its address."""

    address: str
    type: str
    module: str
    provider: str
    mode: Mode
    tainted: bool = False
    deposed: int = 0
    fingerprint: str = ""
    found: Found = field(default_factory=Found)


@dataclass(frozen=True, slots=True)
class State:
    """A state. *sealed* says why nothing but its head can be read, where that is so.

    *instances* are at most as many as were asked for; *more* says how many are left out. *managed*
    counts those that Terraform manages, *skipped* the resources that could not be read.
    """

    version: int = 0
    serial: int | None = None
    lineage: str = ""
    terraform_version: str = ""
    sealed: str = ""
    outputs: tuple[Output, ...] = ()
    instances: tuple[StateInstanceRead, ...] = ()
    managed: int = 0
    tainted: int = 0
    deposed: int = 0
    failing_checks: int = 0
    more: int = 0
    skipped: tuple[str, ...] = ()
    fingerprints: dict[str, str] = field(default_factory=dict, repr=False)
    """Address -> fingerprint, of all managed instances, also of those that are left out."""


def read_state(body: bytes, hashes: Fingerprints, most: int) -> State:
    """Return what may be told of the state *body*, with *most* instances.

    Raises :exc:`Malformed` where it is none, or not whole.
    """
    if body[:_BLANKS].lstrip()[:1] != b"{":
        raise Malformed("it is no state: it is no JSON object", _HINT)
    read: StateBody | None
    try:
        read = _decoded(body, StateBody)
    except Malformed as error:
        read = None
        head = _decoded(body, StateHead)  # an old state has other things by the same names
        if head.version == FORMAT:
            raise error from None
    else:
        head = read
    known = State(head.version, head.serial, head.lineage or "", head.terraform_version or "")
    if memoryview(head.encrypted_data):
        return replace(known, sealed="encrypted")
    if 0 < head.version < FORMAT:
        return replace(known, sealed=f"state v{head.version}")
    if read is None or head.version != FORMAT:
        raise Malformed(
            f"it is no state that is known here: its version is {head.version}",
            "a later Terraform has written it, or it is another file",
        )
    return _read(read, known, hashes, most)


def _decoded(body: bytes, of: type[HeadT]) -> HeadT:
    try:
        return decoder_of(of).decode(body)
    except msgspec.ValidationError as error:
        raise Malformed(f"it is no state: {_where(error)}", _HINT) from None
    except (ValueError, RecursionError):
        raise Malformed(f"it is no whole JSON: {len(body):,} bytes", _HINT) from None


def _where(error: msgspec.ValidationError) -> str:
    """Return which field is wrong; what is in it is not quoted."""
    _, _, place = str(error).rpartition(" - at `")
    return f"the field {place.rstrip('`')} is of another type" if place else "a field is missing"


def _read(body: StateBody, known: State, hashes: Fingerprints, most: int) -> State:
    kept: list[StateInstanceRead] = []
    prints: dict[str, str] = {}
    skipped: list[str] = []
    managed = tainted = deposed = total = 0
    for number, raw in enumerate(body.resources or ()):
        try:
            resource = decoder_of(StateResource).decode(raw)
        except (ValueError, RecursionError):
            skipped.append(f"resource {number + 1}")
            continue
        for instance in _instances(resource, hashes):
            total += 1
            if instance.mode is Mode.MANAGED:
                managed += 1
                tainted += instance.tainted
                deposed += instance.deposed
                prints[instance.address] = instance.fingerprint
            if len(kept) < most:
                kept.append(instance)
    return replace(
        known,
        outputs=tuple(_outputs(body)),
        instances=tuple(kept),
        managed=managed,
        tainted=tainted,
        deposed=deposed,
        failing_checks=sum(one.status in {"fail", "error"} for one in body.check_results or ()),
        more=total - len(kept),
        skipped=tuple(skipped),
        fingerprints=prints,
    )


def _outputs(body: StateBody) -> Iterator[Output]:
    for name, raw in sorted((body.outputs or {}).items())[:MAX_OUTPUTS]:
        try:
            sensitive = bool(decoder_of(StateOutput).decode(raw).sensitive)
        except (ValueError, RecursionError):
            sensitive = True
        yield Output(name=name, sensitive=sensitive)


def _instances(resource: StateResource, hashes: Fingerprints) -> Iterator[StateInstanceRead]:
    """Yield the instances of *resource*, each with what has been deposed and not deleted yet."""
    mode = Mode.DATA if resource.mode == "data" else Mode.MANAGED
    current: dict[str, StateInstance] = {}
    deposed: dict[str, int] = {}
    for one in resource.instances or ():
        address = address_of(resource, one.index_key)
        if one.deposed:
            deposed[address] = deposed.get(address, 0) + 1
            current.setdefault(address, one)
        else:
            current[address] = one
    for address, one in current.items():
        yield StateInstanceRead(
            address,
            resource.type,
            resource.module or "",
            provider_name(resource.provider or ""),
            mode,
            one.status == "tainted",
            deposed.get(address, 0),
            hashes.of(address, bytes(one.attributes)) if mode is Mode.MANAGED else "",
            find_identities(resource.type, one.attributes, one.sensitive_attributes),
        )


def address_of(resource: StateResource, index: float | str | None) -> str:
    """Return the address of an instance, as Terraform writes it."""
    data = "data." if resource.mode == "data" else ""
    module = f"{resource.module}." if resource.module else ""
    if isinstance(index, str):
        key = f"[{json.dumps(index, ensure_ascii=False)}]"
    else:
        key = f"[{int(index)}]" if index is not None else ""
    return f"{module}{data}{resource.type}.{resource.name}{key}"


def provider_name(provider: str) -> str:
    """Return the source address in ``provider["registry.terraform.io/hashicorp/aws"].eu``."""
    _, quote, rest = provider.partition('provider["')
    return rest.partition('"]')[0] if quote else provider.removeprefix("provider.")
