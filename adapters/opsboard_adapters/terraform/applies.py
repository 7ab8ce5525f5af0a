"""What an apply has changed: the addresses of one serial of a state, compared with the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from opsboard_adapters.terraform.locks import Lock
from opsboard_adapters.terraform.state import State

_NAMED: Final = 3
_WRITES: Final = frozenset({"apply", "destroy", "import", "migration", ""})


@dataclass(frozen=True, slots=True)
class Apply:
    """Counts of addresses; ``None`` where the serial before was not seen. *by* held the lock."""

    added: int | None = None
    changed: int | None = None
    removed: int | None = None
    by: str = ""
    text: str = ""


def compared(before: State | None, after: State, held: Lock | None) -> Apply | None:
    """Return what has become of *before* by *after*; ``None`` where it is the same serial.

    *held* is the lock that was seen last before *after* was: who held it has written it.
    """
    if before is None:
        return Apply()
    if before.serial == after.serial and before.lineage == after.lineage:
        return None
    by = held.who if held is not None and held.operation in _WRITES and not held.left_over else ""
    if before.lineage != after.lineage or before.sealed or after.sealed:
        return Apply(by=by)
    old, new = before.fingerprints, after.fingerprints
    added = [one for one in new if one not in old]
    removed = [one for one in old if one not in new]
    changed = [one for one in new if _differs(one, old, new)]
    text = ", ".join([
        *(f"+{one}" for one in added[:_NAMED]),
        *(f"~{one}" for one in changed[:_NAMED]),
        *(f"-{one}" for one in removed[:_NAMED]),
    ])  # fmt: skip
    return Apply(len(added), len(changed), len(removed), by, text)


def _differs(address: str, old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    return address in old and old[address] != new[address]
