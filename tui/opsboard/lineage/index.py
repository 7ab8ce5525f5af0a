"""The index: all records that state identities, by what they state.

It is kept up to date record by record and holds no conclusions. What follows from the claims is
worked out when it is asked for, from the few records around a node: so the order in which records
arrive makes no difference, and an update costs only what changed.
"""

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias, TypeVar, cast

from opsboard.kinds.registry import KINDS
from opsboard.lineage.graph import NO_RULES, LineageRules, last_part
from opsboard.records import Claim, Identity, Kind, Record, Ref, Strength
from opsboard.records.claims import COMMIT, IMAGE_TAG, MODEL_VERSION

KeyT = TypeVar("KeyT")
ItemT = TypeVar("ItemT")

Key: TypeAlias = tuple[str, str]
"""Type and value of an identity, whatever its scope."""

_SURE: Final = Strength.SHA.rank
_NONE: Final[frozenset[Ref]] = frozenset()
NAMED: Final = frozenset({COMMIT, IMAGE_TAG, MODEL_VERSION})
"""Types of which records are also found by name, for candidates."""


def represents(kind: Kind, type_: str) -> bool:
    """Tell whether a record of *kind* is the thing that it states as an output of *type_*."""
    declared = KINDS.get(kind)
    return declared is not None and type_ in declared.represents


def runs(kind: Kind) -> bool:
    """Tell whether records of *kind* are what runs, such as workloads and pods."""
    declared = KINDS.get(kind)
    return declared is not None and declared.in_use


class LineageIndex:
    """All records that state what they are made of or what they make.

    *rules* is what a user has declared. Records are added and removed by :meth:`update`; all other
    methods only read. Use one from a single thread.
    """

    def __init__(self, rules: LineageRules = NO_RULES) -> None:
        self.rules = rules
        self._records: dict[Ref, Record] = {}
        self._inputs: dict[Identity, set[Ref]] = {}
        self._outputs: dict[Identity, set[Ref]] = {}
        self._scopes: dict[tuple[str, str], dict[str, int]] = {}
        self._names: dict[tuple[str, str], dict[Identity, int]] = {}

    def __len__(self) -> int:
        return len(self._records)

    # --- taking in -------------------------------------------------------------------------------

    def update(self, changed: Iterable[Record], removed: Iterable[Ref] = ()) -> set[Key]:
        """Take in records that are new or different, and drop those that are gone.

        Returns type and value of the identities of which something else may follow now.
        """
        keys: set[Key] = set()
        for ref in removed:
            before = self._records.pop(ref, None)
            if before is not None:
                self._drop(before)
                keys.update(_keys(before))
        for record in changed:
            known = self._records.get(record.ref)
            if known is not None:
                keys.update(_keys(known))
            if record.inputs or record.outputs:
                self._put(record)
                keys.update(_keys(record))
            elif known is not None:
                del self._records[record.ref]
                self._drop(known)
        return keys

    def _put(self, record: Record) -> None:
        ref = record.ref
        before = self._records.get(ref)
        self._records[ref] = record
        if before is not None:
            if before.inputs == record.inputs and before.outputs == record.outputs:
                return
            self._drop(before)
        for claims, table in ((record.inputs, self._inputs), (record.outputs, self._outputs)):
            for key in dict.fromkeys(map(self.identity, claims)):
                refs = table.get(key)
                if refs is None:
                    table[key] = {ref}
                else:
                    refs.add(ref)
                self._count(key, 1)

    def _drop(self, record: Record) -> None:
        ref = record.ref
        for claims, table in ((record.inputs, self._inputs), (record.outputs, self._outputs)):
            for key in dict.fromkeys(map(self.identity, claims)):
                refs = table[key]
                refs.discard(ref)
                if not refs:
                    del table[key]
                self._count(key, -1)

    def _count(self, key: Identity, by: int) -> None:
        """Count in which scopes a value is known, and what there is of each name."""
        type_, scope, value = key
        if scope:
            _add(self._scopes, (type_, value), scope, by)
        if type_ in NAMED:
            _add(self._names, (type_, name_of(key)), key, by)

    # --- reading ---------------------------------------------------------------------------------

    def record(self, ref: Ref) -> Record | None:
        """Return the record *ref*, where it states anything."""
        return self._records.get(ref)

    def records(self) -> Iterator[Record]:
        """Yield all records that state anything."""
        return iter(self._records.values())

    def identity(self, claim: Claim) -> Identity:
        """Return what *claim* is about, at the address under which the board knows its server."""
        aliases = self.rules.same_server
        if aliases and claim.scope in aliases:
            return Identity(claim.type, aliases[claim.scope], claim.value)
        return cast("Identity", claim[:3])

    def consumers(self, identity: Identity) -> frozenset[Ref] | set[Ref]:
        """Return the records that state just *identity* as an input."""
        return self._inputs.get(identity, _NONE)

    def makers(self, identity: Identity) -> frozenset[Ref] | set[Ref]:
        """Return the records that state just *identity* as an output."""
        return self._outputs.get(identity, _NONE)

    def meant(self, identity: Identity) -> tuple[Identity, ...]:
        """Return what *identity* may be: itself, or where its scope is not known, each known one.

        More than one: nobody can tell which.
        """
        if identity[1]:
            return (Identity(*identity),)
        scopes = self._scopes.get((identity[0], identity[2]), ())
        return tuple(Identity(identity[0], scope, identity[2]) for scope in sorted(scopes)) or (
            Identity(*identity),
        )

    def forms(self, identity: Identity) -> tuple[Identity, ...]:
        """Return the identities under which *identity* may be stated: also without its scope."""
        if identity[1]:
            return (Identity(*identity), Identity(identity[0], "", identity[2]))
        return (Identity(*identity),)

    def starting_with(self, type_: str, value: str) -> list[Identity]:
        """Return what there is of *type_* whose value begins with *value*, each once."""
        keys = {
            key
            for table in (self._inputs, self._outputs)
            for key in table
            if key[0] == type_ and key[2].startswith(value)
        }
        return sorted({meant for key in keys for meant in self.meant(Identity(*key))})

    def named(self, type_: str, name: str) -> list[Identity]:
        """Return the identities of *type_* that are called *name*, whatever their scope."""
        found = self._names.get((type_, name.casefold()), ())
        return [Identity(*one) for one in sorted(found)]

    def representatives(self, identity: Identity) -> list[Ref]:
        """Return the records that are *identity* itself, by what they state for sure."""
        found = [
            ref
            for ref in self.makers(identity)
            if represents(ref.kind, identity[0]) and self._is_sure(ref, identity)
        ]
        return sorted(found) if len(found) > 1 else found

    def _is_sure(self, ref: Ref, identity: Identity) -> bool:
        return any(
            claim.strength is not Strength.CANDIDATE and self.identity(claim) == identity
            for claim in self._records[ref].outputs
        )

    def represented(self, record: Record) -> list[Identity]:
        """Return the identities that *record* is."""
        own = [
            self.identity(claim)
            for claim in record.outputs
            if represents(record.kind, claim.type) and claim.strength is not Strength.CANDIDATE
        ]
        return [meant[0] for one in own if len(meant := self.meant(one)) == 1]


def _keys(record: Record) -> Iterator[Key]:
    """Yield type and value of the identities of which something else follows by *record*.

    Nothing follows from what runs: it is what other things are looked up for.
    """
    if runs(record.kind) and not any(_is_sure_commit(one) for one in record.inputs):
        return
    for claim in (*record.inputs, *record.outputs):
        yield claim.type, claim.value


def _is_sure_commit(claim: Claim) -> bool:
    return claim.type == COMMIT and claim.strength.rank >= _SURE


def name_of(identity: Identity) -> str:
    """Return what a thing is called: a commit like its repository, a version like its model."""
    type_, scope, value = identity
    if type_ == MODEL_VERSION:
        return value.rpartition("/")[0].casefold()
    return last_part(scope).casefold()


def _add(table: dict[KeyT, dict[ItemT, int]], key: KeyT, item: ItemT, by: int) -> None:
    counts = table.setdefault(key, {})
    left = counts.get(item, 0) + by
    if left:
        counts[item] = left
        return
    del counts[item]
    if not counts:
        del table[key]
