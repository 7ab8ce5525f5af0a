"""The suite that any adapter can be held to."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from opsboard.adapter import (
    Adapter,
    Condition,
    HostEnviron,
    SourceError,
    SourceSettings,
    Unsupported,
)
from opsboard.collect.redact import Redactor
from opsboard.config import registry
from opsboard.records import Kind, Ref, Status
from opsboard.testing import inspection
from opsboard.testing.acting import ActingConformance
from opsboard.testing.agreement import contradictions
from opsboard.testing.arrangement import BOUND, CANARY, World
from opsboard.testing.fakes import FakeContext
from opsboard.testing.kinds import KindConformance
from opsboard.testing.leaks import no_leaks
from opsboard.testing.listings import ListingConformance
from opsboard.testing.login import LoginConformance
from opsboard.testing.no_network import no_network
from opsboard.testing.recorder import recording
from opsboard.text.sanitize import sanitize

PAGES_OF_A_KIND = 12
"""Pages of each kind of record that are looked at for what contradicts itself."""


@pytest.mark.asyncio
class AdapterConformance(ActingConformance, KindConformance, ListingConformance, LoginConformance):
    """Subclass it, set ``adapter``, implement ``world()``; the rest can be left as it is."""

    # --- the class -------------------------------------------------------------------------------

    async def test_names_are_fit_for_config_and_screen(self) -> None:
        assert issubclass(self.adapter, Adapter)
        assert re.fullmatch(r"[a-z][a-z0-9_-]*", self.adapter.name)
        assert self.adapter.title.strip()
        assert all(
            isinstance(kind, Kind) for kind in self.adapter.kind_names() | self.adapter.log_kinds
        )
        assert self.adapter.kinds, "an adapter yields records of some kind"

    async def test_the_entry_point_leads_to_it(self) -> None:
        if not self.registered:
            pytest.skip("the adapter is not installed")
        assert registry.load_adapter(self.adapter.name) is self.adapter

    async def test_settings_are_frozen_strict_and_described(self) -> None:
        settings = self.adapter.settings
        assert issubclass(settings, SourceSettings)
        assert settings.model_config.get("frozen")
        assert settings.model_config.get("extra") == "forbid"
        schema = settings.model_json_schema()
        assert json.loads(json.dumps(schema)) == schema
        assert not list(inspection.undescribed(schema)), "every setting needs a description"

    # --- discovery -------------------------------------------------------------------------------

    async def test_discovery_finds_nothing_where_there_is_nothing(self, tmp_path: Path) -> None:
        host_environ = HostEnviron(env={}, home=tmp_path, cwd=tmp_path)
        with no_network():
            found = [await self.discover(host_environ) for _ in range(2)]
        assert found[0] == found[1], "the same surroundings give the same discoveries"
        for discovery in found[0]:
            assert discovery.settings is not None or discovery.hint, "say what is missing"

    async def test_discovery_asks_no_network(self, tmp_path: Path) -> None:
        async with self.world() as world:
            host_environ = HostEnviron(env=world.env, home=tmp_path, cwd=tmp_path)
            with no_network():
                found = await self.discover(host_environ)
        names = [discovery.name for discovery in found]
        assert len(names) == len(set(names)), "names of discoveries are unique"

    # --- what it yields --------------------------------------------------------------------------

    async def test_connecting_alone_asks_nothing(self) -> None:
        settings = self.unreachable()
        if settings is None:
            pytest.skip("give unreachable() to have this tested")
        async with asyncio.timeout(BOUND), self.connected(World(settings)):
            pass

    async def test_everything_is_listed_and_well_formed(self) -> None:
        async with self.listed() as (recorder, _, context, _):
            records = list(recorder.records.values())
            assert records, "the world has records"
            assert {record.kind for record in records} >= self.kinds_in_world
            faults = list(inspection.faults(recorder, context.name, self.adapter.kind_names()))
            assert not faults

    async def test_ids_are_the_same_in_a_second_listing(self) -> None:
        async with self.world() as world:
            first = await self.refs(world)
            second = await self.refs(world)
        assert first == second

    async def test_hostile_text_arrives_cleaned(self) -> None:
        async with self.listed() as (recorder, world, _, _):
            texts = [text for r in recorder.records.values() for text in inspection.texts(r)]
            dirty = [text for text in texts if text != sanitize(text)]
            assert not dirty
            if not world.hostile:
                pytest.skip(
                    "give World(hostile=True) and HOSTILE_TEXT in a record to have this tested"
                )
            assert any("hos\N{REPLACEMENT CHARACTER}tile" in text for text in texts)

    async def test_it_can_be_refreshed(self) -> None:
        async with self.listed() as (recorder, _, context, _):
            if not context.pausing:
                pytest.skip("it streams, and never pauses")
            before = len(recorder.changes)
            context.refresh()
            await recorder.until(lambda: len(recorder.changes) > before, BOUND)

    async def test_leaving_early_leaves_nothing_behind(self) -> None:
        async with (
            self.world() as world,
            no_leaks(),
            self.connected(world) as (source, _),
            recording(source) as recorder,
        ):
            await recorder.until(lambda: bool(recorder.changes), BOUND)

    async def test_leaving_late_leaves_nothing_behind(self) -> None:
        async with (
            self.world() as world,
            no_leaks(),
            self.connected(world) as (source, context),
            recording(source) as recorder,
        ):
            await self.settle(recorder, context)

    # --- trouble ---------------------------------------------------------------------------------

    async def test_an_unreachable_server_is_said_to_be_unreachable(self) -> None:
        settings = self.unreachable()
        if settings is None:
            pytest.skip("give unreachable() to have this tested")
        async with self.connected(World(settings)) as (source, _), recording(source) as recorder:
            health = await recorder.until_troubled(BOUND)
        assert health.condition is Condition.UNREACHABLE
        assert health.message
        assert health.hint, "say what a user can do"

    async def test_a_failed_source_can_be_asked_again(self) -> None:
        settings = self.unreachable()
        if settings is None:
            pytest.skip("give unreachable() to have this tested")
        async with self.connected(World(settings)) as (source, _):
            for _ in range(2):
                async with recording(source) as recorder:
                    await recorder.until_troubled(BOUND)

    async def test_a_refused_secret_is_never_repeated(self) -> None:
        refusing = self.refusing_world()
        if refusing is None:
            pytest.skip("give refusing_world() to have this tested, where there are secrets")
        async with refusing as world, self.connected(world) as (source, context):
            async with recording(source) as recorder:
                health = await recorder.until_troubled(BOUND)
            checks = [check async for check in source.checks()]
        assert any(CANARY in secret for secret in context.concealed), (
            "call context.register_secret()"
        )
        said = [repr(recorder.error), repr(recorder.changes), repr(checks)]
        assert not [text for text in said if CANARY in self._as_shown(text, context)]
        assert CANARY not in repr(world.settings), (
            "declare secrets as opsboard.system.secrets.Secret"
        )
        assert health.condition in {Condition.UNAUTHENTICATED, Condition.FORBIDDEN}
        assert any(check.status is Status.FAILED for check in checks)

    @staticmethod
    def _as_shown(text: str, context: FakeContext) -> str:
        """Return *text* as the collector lets it pass, which masks what was concealed."""
        redactor = Redactor()
        for secret in context.concealed:
            redactor.register_secret(secret)
        return redactor.redact(text)

    # --- checks ----------------------------------------------------------------------------------

    async def test_checks_are_good_where_all_is_well(self) -> None:
        async with self.world() as world, self.connected(world) as (source, _):
            checks = await self.checks(source)
        assert checks
        assert not [check for check in checks if check.status is Status.FAILED]

    async def test_checks_never_raise_and_say_how_to_mend(self) -> None:
        settings = self.unreachable()
        if settings is None:
            pytest.skip("give unreachable() to have this tested")
        async with self.connected(World(settings)) as (source, _):
            checks = await self.checks(source)
        failed = [check for check in checks if check.status is Status.FAILED]
        assert failed
        assert all(check.message and check.hint for check in failed)

    # --- the page of one record ------------------------------------------------------------------

    async def test_every_kind_has_a_detail_or_says_that_it_has_none(self) -> None:
        async with self.listed() as (recorder, _, _, source):
            for ref in inspection.one_of_each(recorder.records):
                detail = await self.detail(source, ref)
                if detail is not None:
                    assert detail.record.ref == ref
                    assert not list(inspection.ragged(detail))

    async def test_a_page_tells_nothing_twice_in_two_ways(self) -> None:
        """Value, times, version, status and environment are the board's, on all of the page."""
        async with self.listed() as (recorder, _, _, source):
            for ref in inspection.some_of_each(recorder.records, PAGES_OF_A_KIND):
                detail = await self.detail(source, ref)
                if detail is not None:
                    known = recorder.records.get(ref)
                    found = list(contradictions(detail, known, recorder.records))
                    assert not found, found

    async def test_rows_of_details_say_what_they_stand_for(self) -> None:
        """A key that is pressed on a row is about that row: see :class:`GridRow`."""
        kinds = self.adapter.kind_names() | self.adapter.log_kinds
        async with self.listed() as (recorder, _, context, source):
            for ref in inspection.one_of_each(recorder.records):
                detail = await self.detail(source, ref)
                if detail is not None:
                    offers = self.adapter.actions
                    assert not list(inspection.row_faults(detail, context.name, kinds, offers))

    async def test_every_kind_has_a_raw_form_or_says_that_it_has_none(self) -> None:
        async with self.listed() as (recorder, _, _, source):
            for ref in inspection.one_of_each(recorder.records):
                try:
                    raw = await asyncio.wait_for(source.raw(ref), BOUND)
                except Unsupported:
                    continue
                assert json.loads(json.dumps(raw)) == raw

    async def test_logs_are_there_for_the_kinds_that_have_them_and_no_others(self) -> None:
        async with self.listed() as (recorder, _, _, source):
            refs = await self.with_rows(source, inspection.one_of_each(recorder.records))
            read = {ref.kind: await self.log(source, ref) for ref in refs}
        assert {kind for kind, lines in read.items() if lines is not None} == (
            self.adapter.log_kinds & read.keys()
        )

    async def test_what_does_not_exist_is_a_source_error(self) -> None:
        async with self.listed() as (_, _, context, source):
            for kind in sorted(self.adapter.kind_names()):
                missing = Ref(context.name, kind, "no/such/thing-0f9d2c7a")
                with pytest.raises(SourceError):
                    await asyncio.wait_for(source.detail(missing), BOUND)
