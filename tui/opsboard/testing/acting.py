"""The part of the suite that is about actions: nothing is done without the guard's permit."""

import asyncio
from contextlib import suppress

import pytest

from opsboard.adapter import (
    ActionSpec,
    Form,
    NotPermitted,
    Plan,
    ReconcileOutcome,
    Request,
    SourceError,
    StartState,
)
from opsboard.records import Kind, Record
from opsboard.testing import inspection
from opsboard.testing.arrangement import BOUND, Arrangement, Listed
from opsboard.testing.fakes import ClosedPermit
from opsboard.testing.sent_requests import repeated, sent_requests

RECORDS_PLANNED = 3
"""Records that each action is planned for, where its requests are counted."""


@pytest.mark.asyncio
class ActingConformance(Arrangement):
    """What an adapter with :attr:`~opsboard.adapter.Adapter.actions` is held to."""

    async def test_offers_are_told_once_and_for_its_own_kinds(self) -> None:
        offers = self.adapter.actions
        assert len({offer.id for offer in offers}) == len(offers)
        for offer in offers:
            listed = {Kind.LISTED} if offer.listings else set()
            assert offer.kinds <= self.adapter.kind_names() | self.adapter.log_kinds | listed
            assert (Kind.LISTED in offer.kinds) is bool(offer.listings), offer.id
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

    async def test_planning_and_looking_only_read(self) -> None:
        """What an action does to the world, it does when it is carried out, and at no other time.

        Seen are the requests that httpx sends, and what the author's ``World.state`` returns.
        """
        if not self.adapter.actions:
            pytest.skip("it offers no actions")
        async with self.listed() as listed:
            before = await listed.world.state() if listed.world.state else None
            with sent_requests() as sent:
                for action in self.adapter.actions:
                    plan = await self._plan(action, listed)
                    if plan is not None:
                        with suppress(SourceError):
                            await listed.source.reconcile(plan)
            changing = [str(one) for one in sent if not one.is_reading(self.reading_requests)]
            assert not changing, f"to be named in reading_requests, if they only read: {changing}"
            after = await listed.world.state() if listed.world.state else None
            assert after == before

    async def test_whether_it_will_start_is_told_in_time_and_by_reading(self) -> None:
        """Checks read only, ask each thing once, end, and say how each finding was told."""
        if not self.adapter.actions:
            pytest.skip("it offers no actions")
        async with self.listed() as listed:
            for action in self.adapter.actions:
                plan = await self._plan(action, listed)
                if plan is None or plan.start_state is not StartState.CHECKING:
                    continue
                with sent_requests() as sent:
                    async with asyncio.timeout(BOUND):
                        reports = [one async for one in listed.source.start_checks(plan)]
                changing = [str(one) for one in sent if not one.is_reading(self.reading_requests)]
                assert not changing, action.id
                assert not repeated(sent), action.id
                for finding in (one for report in reports for one in report.findings):
                    assert finding.text, action.id
                    assert finding.source, finding.text
                    assert finding.at, finding.text
                    assert not listed.context.holds_secret(finding.model_dump_json()), action.id

    async def test_each_thing_is_asked_once_for_a_plan(self) -> None:
        """What several parts of a plan need is read once: they are all about the same state."""
        if not self.adapter.actions:
            pytest.skip("it offers no actions")
        async with self.listed() as listed:
            for action in self.adapter.actions:
                for record in self._taking(action, listed)[:RECORDS_PLANNED]:
                    with suppress(SourceError):
                        request = Request(action=action.id, ref=record.ref)
                        request = await _filled(request, listed)
                        with sent_requests() as sent:
                            await listed.source.plan(request)
                        assert not repeated(sent), action.id

    async def test_no_registered_secret_goes_on_record(self) -> None:
        if not self.adapter.actions:
            pytest.skip("it offers no actions")
        async with self.listed() as listed:
            for action in self.adapter.actions:
                plan = await self._plan(action, listed)
                if plan is not None:
                    kept = f"{plan.payload} {plan.precondition}"
                    assert not listed.context.holds_secret(kept), action.id

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
        for record in self._taking(offer, listed):
            try:
                async with asyncio.timeout(BOUND):
                    request = await _filled(Request(action=offer.id, ref=record.ref), listed)
                    return await listed.source.plan(request)
            except SourceError:
                continue
        return None

    def _taking(self, action: ActionSpec, listed: Listed) -> list[Record]:
        """Return the records that *action* makes sense for."""
        settings = listed.world.settings
        return [
            record
            for record in listed.recorder.records.values()
            if record.kind in action.kinds
            and not self.adapter.disabled_reason(action, record, settings)
        ]


async def _filled(request: Request, listed: Listed) -> Request:
    """Return *request* with values that the form takes."""
    form = await listed.source.form(request)
    return request.model_copy(update={"values": fitting(form)})


def fitting(form: Form) -> dict[str, str]:
    """Return values that *form* takes: the defaults, or whatever fits.

    What needs no value gets one where nothing else has one: a plan to do nothing is refused.
    """
    filled = [one for one in form.inputs if one.default or one.required] or form.inputs
    return {
        one.name: one.default or (one.options[0].value if one.options else "1") for one in filled
    }
