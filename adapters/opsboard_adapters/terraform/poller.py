"""One look at the states after the other: which there are, and what has become of each.

A state that cannot be read says so, and leaves the others, and what was known of it, as they are.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final

from opsboard.adapter import (
    Change,
    Condition,
    Health,
    Misconfigured,
    Past,
    PastRecord,
    Remove,
    Report,
    ScopeRemoved,
    SourceError,
    Unreachable,
    background,
)
from opsboard.records import Record, Ref
from opsboard_adapters.listing.completeness import ScopeDiff
from opsboard_adapters.terraform.applies import compared
from opsboard_adapters.terraform.backends.backend import Backend, StateAddress, StateContent
from opsboard_adapters.terraform.fingerprints import Fingerprints
from opsboard_adapters.terraform.plans import PlanFiles
from opsboard_adapters.terraform.records import ManagedResource
from opsboard_adapters.terraform.settings import TerraformSettings
from opsboard_adapters.terraform.state import read_state
from opsboard_adapters.terraform.translate import Translator, WorkspaceState

FOUND: Final = "workspaces"
"""The scope that says whether all workspaces are shown."""
WRITTEN: Final = "state: last written; the serial before was not seen"


class WorkspaceReader:
    """One workspace: what is known of it, and what of that has been told to the board."""

    def __init__(self, address: StateAddress) -> None:
        self.known = WorkspaceState(address)
        self.version = ""
        self.diff = ScopeDiff(scope_of(address))
        self.records: Sequence[Record] = ()
        self.past: tuple[str, int | None] | None = None
        """Lineage and serial of which the history was told when they were written."""


class TerraformPoller:
    """Polls the states of one backend."""

    def __init__(
        self,
        settings: TerraformSettings,
        backend: Backend,
        plans: PlanFiles,
        translator: Translator,
        *,
        hashes: Fingerprints,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._backend = backend
        self._plans = plans
        self._translator = translator
        self._hashes = hashes
        self._now = now
        self.readers: dict[str, WorkspaceReader] = {}
        self._found = ScopeDiff(FOUND)
        """No records of its own: confirmed as soon as it is known which workspaces there are, and
        be it none."""

    def restart(self) -> None:
        """Begin again for a new consumer of the changes."""
        self._found.report_again()
        for one in self.readers.values():
            one.diff.report_again()
            one.past = None

    async def poll(self) -> AsyncIterator[Change]:
        """Look once at everything. Raises :exc:`SourceError` where nothing can be read."""
        with background():
            addresses = self._shown(await self._backend.addresses())
        for change in self._changed_addresses(addresses):
            yield change
        errors: list[SourceError] = []
        for address in addresses:
            reader = self.readers[address.id]
            try:
                with background():
                    await self._look(reader)
            except SourceError as error:
                reader.diff.report_again()
                errors.append(error)
                if isinstance(error, Unreachable) and len(errors) == len(addresses):
                    raise
                yield Report(error.health, reader.diff.scope)
                continue
            for change in (*self._told(reader), *self._past(reader)):
                yield change
        if errors and len(errors) == len(addresses):
            raise errors[0]

    # --- which workspaces there are ---

    def _shown(self, found: Sequence[StateAddress]) -> Sequence[StateAddress]:
        wanted = [one for one in found if matches(one, self._settings.workspaces)]
        shown = wanted[: self._settings.max_workspaces]
        more = len(wanted) - len(shown)
        hint = "say which ones count by `workspaces`, or set max_workspaces"
        left_out = [Misconfigured(f"{more:,} more workspaces are not shown", hint)] if more else []
        self._found.completeness.set_errors("listing", left_out)
        return shown

    def _changed_addresses(self, addresses: Sequence[StateAddress]) -> list[Change]:
        listed = {one.id for one in addresses}
        gone = [one for one in self.readers if one not in listed]
        changes: list[Change] = [ScopeRemoved(self.readers.pop(one).diff.scope) for one in gone]
        for one in addresses:
            if one.id not in self.readers:
                self.readers[one.id] = WorkspaceReader(one)
                changes.append(Report(Health(condition=Condition.STARTING), scope_of(one)))
        changes += self._found.replace(())
        return changes

    # --- what is in them ---

    async def _look(self, reader: WorkspaceReader) -> None:
        """Read state, lock and plan of a workspace. What fails beside the state is only told."""
        known, missing = reader.known, reader.diff.completeness
        content = await self._backend.read(known.address, reader.version)
        if content is not None:
            known = await self._taken(known, content)
            reader.version = content.version
        lock, plan = known.lock, known.plan
        try:
            lock = await self._backend.lock(known.address)
            missing.set_errors("lock", ())
        except SourceError as error:
            missing.set_errors("lock", [error])
        try:
            plan = await self._plans.latest(known.address)
            missing.set_errors("plan", ())
        except SourceError as error:
            missing.set_errors("plan", [error])
        reader.known = replace(known, lock=lock, plan=plan)

    async def _taken(self, known: WorkspaceState, content: StateContent) -> WorkspaceState:
        if content.body is None:
            return WorkspaceState(known.address, None, content.changed_at)
        most = self._settings.max_resources
        state = await asyncio.to_thread(read_state, content.body, self._hashes, most)
        apply = compared(known.state, state, known.lock)
        return replace(
            known, state=state, changed_at=content.changed_at, apply=apply or known.apply
        )

    def _told(self, reader: WorkspaceReader) -> Sequence[Change]:
        """Return the changes to what is shown of a workspace."""
        known, diff = reader.known, reader.diff
        state = known.state
        more = state.more if state else 0
        hint = "max_resources in config allows more"
        left_out = [Misconfigured(f"{more:,} more resources are not shown", hint)] if more else []
        diff.completeness.set_errors("resources", left_out)
        diff.completeness.skipped.reset()
        for name in state.skipped if state else ():
            diff.completeness.skipped.add(name, "it cannot be read")
        records: list[Record] = [self._translator.workspace(known, self._now())]
        records += self._translator.resources(known)
        if records == reader.records:
            return diff.unchanged()
        before, reader.records = reader.records, records
        if not more:
            return diff.replace(records)
        gone = list(_gone(before, records, state.fingerprints if state else {}))
        diff.forget(gone)
        removed = [Remove(diff.scope, gone)] if gone else []
        return [*diff.replace(records, complete=False), *removed]

    def _past(self, reader: WorkspaceReader) -> Iterator[Past]:
        """Yield when the state was written, where nobody has seen the one before it."""
        known = reader.known
        state, at = known.state, known.changed_at
        if state is None or at is None or reader.past == (state.lineage, state.serial):
            return
        reader.past = state.lineage, state.serial
        if known.apply.added is None and state.serial is not None:
            then = self._translator.workspace(replace(known, lock=None, plan=None), at)
            yield Past(reader.diff.scope, [PastRecord(then.ref, at, then, WRITTEN)])

    # --- what was read ---

    def workspace(self, ref: Ref) -> WorkspaceReader | None:
        """Return the workspace that *ref*, or the resource *ref*, is or is in."""
        known = self.readers.get(ref.id)
        if known is not None:
            return known
        return next(
            (one for key, one in self.readers.items() if ref.id.startswith(f"{key}:")), None
        )


def _gone(before: Sequence[Record], now: Sequence[Record], there: Collection[str]) -> Iterator[Ref]:
    """Yield the resources of *before* that are gone: those that are only left out are not."""
    shown = {one.ref for one in now}
    for one in before:
        if isinstance(one, ManagedResource) and one.address not in there and one.ref not in shown:
            yield one.ref


def matches(one: StateAddress, patterns: Sequence[str]) -> bool:
    """Tell whether a workspace is one of those that *patterns* want, by either of its names."""
    wanted = [one for one in patterns if not one.startswith("!")] or ["*"]
    unwanted = [one.removeprefix("!") for one in patterns if one.startswith("!")]
    names = (one.name, one.workspace)

    def fits(all_: Sequence[str]) -> bool:
        return any(fnmatchcase(name, pattern) for name in names for pattern in all_)

    return fits(wanted) and not fits(unwanted)


def scope_of(one: StateAddress) -> str:
    """Return the scope of a workspace and its resources."""
    return f"workspace {one.id}"
