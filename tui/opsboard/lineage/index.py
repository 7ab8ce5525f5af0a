"""The index: all records that state identities, by what they state.

It is kept up to date record by record and holds no conclusions. What follows from the claims is
worked out when it is asked for, from the few records around a node: so the order in which records
arrive makes no difference, and an update costs only what changed.

Why it is so: docs/adr/0012-identities.md.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from typing import Final, TypeAlias, TypeVar, cast

from opsboard.kinds.registry import KINDS
from opsboard.lineage.graph import NO_RULES, LineageRules, last_part, solid
from opsboard.records import Claim, Identity, Kind, Record, Ref, Strength
from opsboard.records.claims import COMMIT, IMAGE_TAG, MODEL_VERSION, REPOSITORY

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
        self._hosted: dict[str, int] = {}
        self._sure: dict[Identity, set[Ref]] = {}
        self._with_commit: set[Ref] = set()
        self._renamed: dict[Ref, tuple[str, ...]] = {}
        """Records of repositories -> the names of each, the present one first."""
        self._aliases: Mapping[str, str] = rules.same_server
        self.generation = 0
        """How often what is stated has changed: while it is the same, so is what follows from it,
        but for the other fields of records."""

    def __len__(self) -> int:
        return len(self._records)

    # --- taking in -------------------------------------------------------------------------------

    def update(self, changed: Iterable[Record], removed: Iterable[Ref] = ()) -> set[Key]:
        """Take in records that are new or different, and drop those that are gone.

        Returns type and value of the identities of which something else may follow now.
        """
        keys: set[Key] = set()
        hosted = set(self._hosted)
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
        keys.update(self._take_renamed())
        for scope in hosted ^ self._hosted.keys():
            keys.update(one[::2] for one in self.named(COMMIT, last_part(scope)) if one[1] == scope)
        return keys

    def _take_renamed(self) -> Iterator[Key]:
        """Join what is stated by former names of repositories with what is by the present ones.

        Yields type and value of the identities that are other ones now.
        """
        if not self._renamed and self._aliases is self.rules.same_server:
            return
        aliases = {**self.rules.same_server, **_former_names(self._renamed.values())}
        before = self._aliases
        changed = {name for name, _ in aliases.items() ^ before.items()}
        if not changed:
            return
        moved = [one for one in self._records.values() if _has_scope_in(one, changed)]
        for record in moved:
            self._drop(record)
        self._aliases = aliases
        for record in moved:
            del self._records[record.ref]
            self._put(record)
            yield from _keys(record)

    def _put(self, record: Record) -> None:
        ref = record.ref
        before = self._records.get(ref)
        self._records[ref] = record
        if before is not None:
            if before.inputs == record.inputs and before.outputs == record.outputs:
                return
            self._drop(before)
        self.generation += 1
        for claims, table in ((record.inputs, self._inputs), (record.outputs, self._outputs)):
            for key in dict.fromkeys(map(self.identity, claims)):
                refs = table.get(key)
                if refs is None:
                    table[key] = {ref}
                else:
                    refs.add(ref)
                self._count(key, 1)
        self._note_sure(record)
        self._count_hosted(record, 1)

    def _note_sure(self, record: Record) -> None:
        """Note what *record* says for sure: of commits, and of what a repository is called."""
        ref = record.ref
        for claim in _sure_commits(record.inputs):
            self._with_commit.add(ref)
            self._sure.setdefault(self.identity(claim), set()).add(ref)
        for claim in _sure_commits(record.outputs):
            self._sure.setdefault(self.identity(claim), set()).add(ref)
        if represents(record.kind, REPOSITORY):
            self._renamed[ref] = tuple(one.value for one in solid(record.outputs, REPOSITORY))

    def _drop(self, record: Record) -> None:
        ref = record.ref
        self.generation += 1
        for claims, table in ((record.inputs, self._inputs), (record.outputs, self._outputs)):
            for key in dict.fromkeys(map(self.identity, claims)):
                refs = table[key]
                refs.discard(ref)
                if not refs:
                    del table[key]
                self._count(key, -1)
        self._with_commit.discard(ref)
        self._renamed.pop(ref, None)
        for claim in _sure_commits((*record.inputs, *record.outputs)):
            refs = self._sure.get(self.identity(claim), set())
            refs.discard(ref)
            if not refs:
                self._sure.pop(self.identity(claim), None)
        self._count_hosted(record, -1)

    def _count_hosted(self, record: Record, by: int) -> None:
        """Count the records that are commits, by repository: its host tells what it has."""
        if represents(record.kind, COMMIT):
            for claim in record.outputs:
                if claim.type == COMMIT and claim.scope:
                    _add_to(self._hosted, self.known_as(claim.scope), by)

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
        """Return what *claim* is about, at the address under which the board knows its server, and
        in the repository by its present name.
        """
        aliases = self._aliases
        if aliases and claim.scope in aliases:
            return Identity(claim.type, aliases[claim.scope], claim.value)
        return cast("Identity", claim[:3])

    def known_as(self, scope: str) -> str:
        """Return the name under which the board knows the server or repository *scope*."""
        return self._aliases.get(scope, scope)

    def consumers(self, identity: Identity) -> frozenset[Ref] | set[Ref]:
        """Return the records that state just *identity* as an input."""
        return self._inputs.get(identity, _NONE)

    def makers(self, identity: Identity) -> frozenset[Ref] | set[Ref]:
        """Return the records that state just *identity* as an output."""
        return self._outputs.get(identity, _NONE)

    def resolve(self, identity: Identity) -> tuple[Identity, ...]:
        """Return what *identity* may be: itself, or where its scope is not known, each known one.

        More than one: nobody can tell which.
        """
        if identity[1]:
            return (Identity(identity[0], self.known_as(identity[1]), identity[2]),)
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
        return sorted({meant for key in keys for meant in self.resolve(Identity(*key))})

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

    def naming(self, commit: Identity) -> frozenset[Ref] | set[Ref]:
        """Return the records that name just *commit* by more than a label."""
        return self._sure.get(commit, _NONE)

    def with_commit(self, image: Identity) -> set[Ref]:
        """Return the records that name *image*, and what it is made of by more than a label."""
        return {
            *(self.makers(image) & self._with_commit),
            *(self.consumers(image) & self._with_commit),
        }

    def is_hosted(self, repository: str) -> bool:
        """Tell whether the host of *repository* is on the board, and tells which commits it has."""
        return repository in self._hosted

    def represented(self, record: Record) -> list[Identity]:
        """Return the identities that *record* is."""
        own = [
            self.identity(claim)
            for claim in record.outputs
            if represents(record.kind, claim.type) and claim.strength is not Strength.CANDIDATE
        ]
        return [meant[0] for one in own if len(meant := self.resolve(one)) == 1]


def _keys(record: Record) -> Iterator[Key]:
    """Yield type and value of the identities of which something else follows by *record*.

    Nothing follows from what runs: it is what other things are looked up for.
    """
    if runs(record.kind) and not _sure_commits(record.inputs):
        return
    for claim in (*record.inputs, *record.outputs):
        yield claim.type, claim.value


def _sure_commits(claims: Iterable[Claim]) -> list[Claim]:
    return [one for one in claims if one.type == COMMIT and one.strength.rank >= _SURE]


def _former_names(renamed: Collection[tuple[str, ...]]) -> dict[str, str]:
    """Return former names of repositories, each with the present one.

    What two repositories are said to have been called, and what one is called now, is none.
    """
    found: dict[str, set[str]] = {}
    for present, *former in filter(None, renamed):
        for name in former:
            found.setdefault(name, set()).add(present)
    present_names = {names[0] for names in renamed if names}
    return {
        name: next(iter(presents))
        for name, presents in found.items()
        if len(presents) == 1 and name not in present_names
    }


def _has_scope_in(record: Record, scopes: Set[str]) -> bool:
    return any(one.scope in scopes for one in (*record.inputs, *record.outputs))


def name_of(identity: Identity) -> str:
    """Return what a thing is called: a commit like its repository, a version like its model."""
    type_, scope, value = identity
    if type_ == MODEL_VERSION:
        return value.rpartition("/")[0].casefold()
    return last_part(scope).casefold()


def _add(table: dict[KeyT, dict[ItemT, int]], key: KeyT, item: ItemT, by: int) -> None:
    counts = table.setdefault(key, {})
    _add_to(counts, item, by)
    if not counts:
        del table[key]


def _add_to(counts: dict[ItemT, int], item: ItemT, by: int) -> None:
    left = counts.get(item, 0) + by
    if left:
        counts[item] = left
    else:
        del counts[item]
