"""The part of the suite that is about actions: nothing is done without the guard's permit."""

import asyncio

import pytest

from opsboard.adapter import (
    ActionSpec,
    Form,
    NotPermitted,
    Plan,
    ReconcileOutcome,
    Request,
    SourceError,
)
from opsboard.testing import inspection
from opsboard.testing.arrangement import BOUND, Arrangement, Listed
from opsboard.testing.fakes import ClosedPermit


@pytest.mark.asyncio
class ActingConformance(Arrangement):
    """What an adapter with :attr:`~opsboard.adapter.Adapter.actions` is held to."""

    async def test_offers_are_told_once_and_for_its_own_kinds(self) -> None:
        offers = self.adapter.actions
        assert len({offer.id for offer in offers}) == len(offers)
        for offer in offers:
            assert offer.kinds <= self.adapter.kind_names() | self.adapter.log_kinds, offer.id
            assert offer.title, offer.id
            assert offer.help.endswith("."), offer.id

    async def test_nothing_is_carried_out_without_a_permit_that_is_open(self) -> None:
        if not self.adapter.actions:
            pytest.skip("it offers no actions")
        planned = set()
        async with self.listed() as listed:
            for offer in self.adapter.actions:
                plan = await self._plan(offer, listed)
                if plan is not None:
                    planned.add(offer.id)
                    assert Plan.model_validate_json(plan.model_dump_json()) == plan
                    with pytest.raises(NotPermitted):
                        await listed.source.execute(plan, ClosedPermit())
        assert planned, "not one of its actions can be planned in this world"

    async def test_what_nobody_has_sent_is_not_called_done(self) -> None:
        """A look says what is there, at once and by reading; the core waits and looks again."""
        if not self.adapter.actions:
            pytest.skip("it offers no actions")
        async with self.listed() as listed:
            for offer in self.adapter.actions:
                plan = await self._plan(offer, listed)
                if plan is not None:
                    pauses = len(listed.context.pauses)
                    try:
                        async with asyncio.timeout(BOUND):
                            settled = await listed.source.reconcile(plan)
                    except SourceError:
                        continue
                    assert settled.outcome is not ReconcileOutcome.DONE, offer.id
                    assert len(listed.context.pauses) == pauses, f"{offer.id}: it looks only once"

    async def test_what_a_row_presets_is_asked_by_the_form(self) -> None:
        """The values that a row of a detail brings to an action are inputs that it knows."""
        if not self.adapter.actions:
            pytest.skip("it offers no actions")
        async with self.listed() as listed:
            for ref in inspection.one_of_each(listed.recorder.records):
                detail = await self.detail(listed.source, ref)
                for row in inspection.grid_rows(detail) if detail else ():
                    for one in row.actions:
                        if one.values:
                            request = Request(action=one.action, ref=ref, values=one.values)
                            try:
                                form = await listed.source.form(request)
                            except SourceError:  # it says why that row cannot be its target
                                continue
                            names = {asked.name for asked in form.inputs}
                            assert one.values.keys() <= names, (row.cells, one.action)

    async def _plan(self, offer: ActionSpec, listed: Listed) -> Plan | None:
        """Return a plan of *offer* for the first record that takes one."""
        for record in tuple(listed.recorder.records.values()):
            settings = listed.world.settings
            if record.kind in offer.kinds and not self.adapter.disabled_reason(
                offer, record, settings
            ):
                try:
                    async with asyncio.timeout(BOUND):
                        return await _planned(Request(action=offer.id, ref=record.ref), listed)
                except SourceError:
                    continue
        return None


async def _planned(request: Request, listed: Listed) -> Plan:
    form = await listed.source.form(request)
    return await listed.source.plan(request.model_copy(update={"values": fitting(form)}))


def fitting(form: Form) -> dict[str, str]:
    """Return values that *form* takes: the defaults, or whatever fits."""
    return {
        one.name: one.default or (one.options[0].value if one.options else "1")
        for one in form.inputs
        if one.default or one.required
    }
