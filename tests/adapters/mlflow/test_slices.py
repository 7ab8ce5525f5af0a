"""The registry is told first; runs follow in slices, and what a slice brought is never lost."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from opsboard.adapter import Change, Condition, Report, Upsert
from opsboard.records import Kind, Model, ModelVersion, Status
from opsboard_adapters.mlflow.runs import IN_SLICE
from opsboard_adapters.mlflow.translate import NOT_LOOKED
from tests.adapters.mlflow.test_partial import MODELS, VERSIONS, Registry
from tests.adapters.mlflow.test_trouble import Changeable, asking

ALL = MODELS * VERSIONS
SLICES = 2
"""The versions shown of the models, then all others."""


def _told(changes: Sequence[Change], kind: Kind) -> list[list[Any]]:
    """Return the records of *kind* of each change that brings some."""
    told = [list(change.records) for change in changes if isinstance(change, Upsert)]
    return [records for records in told if records and records[0].kind is kind]


async def test_the_table_is_complete_before_any_run_is_read() -> None:
    server = Registry()
    server.names.append("empty")
    async with asking(server) as rounds:
        changes = rounds.source.changes()
        first = [await anext(changes) for _ in range(4)]
        assert server.batches == []
        (models,) = _told(first, Kind.MODEL)
        assert len(models) == MODELS + 1
        assert {(one.serving, one.status, one.reason) for one in models} == {
            ("2", Status.UNKNOWN, NOT_LOOKED)
        }
        await changes.aclose()  # type: ignore[attr-defined]


async def test_no_record_ever_flips_back() -> None:
    async with asking(Registry()) as rounds:
        changes = await rounds.next()
        models = _told(changes, Kind.MODEL)
        assert [{one.status for one in records} for records in models] == [
            {Status.UNKNOWN}, {Status.OK}
        ]  # fmt: skip
        seen: dict[str, int] = {}
        for records in _told(changes, Kind.MODEL_VERSION):
            for one in records:
                assert len(one.metrics) >= seen.get(one.id, 0)
                seen[one.id] = len(one.metrics)
        assert set(seen.values()) == {1}


async def test_what_serves_is_looked_at_first_and_the_rest_is_said_to_come() -> None:
    server = Registry()
    async with asking(server) as rounds:
        changes = await rounds.next()
        asked = [one for batch in server.batches for one in batch]
        assert {one.rpartition("-")[2] for one in asked[:MODELS]} == {"2"}
        reports = [one for one in changes if isinstance(one, Report) and one.health.message]
        told = {(one.scope, one.health.condition, one.health.message) for one in reports}
        assert told == {
            ("models", Condition.STARTING, f"runs of {MODELS} models to come"),
            ("versions", Condition.STARTING, f"runs of {ALL} versions to come"),
            ("versions", Condition.LIVE, f"runs of {ALL - MODELS} versions to come"),
        }
        assert rounds.ails() == {}
        last = [one for one in changes if isinstance(one, Report) and one.scope == "versions"][-1]
        assert (last.health.condition, last.health.message) == (Condition.LIVE, "")


@pytest.mark.parametrize("how", ["restart", "error", "gone"])
async def test_slices_that_came_are_kept(how: str) -> None:
    """A source that begins again tells at once what earlier slices brought, and asks the rest."""
    server = Registry()
    well = Registry().fails

    def fails(path: str, told: dict[str, Any]) -> bool:
        late = (
            path == "runs/search" and "run_id IN" in told["filter"] and "-2'" not in told["filter"]
        )
        if late and how == "gone":
            raise httpx.ConnectError("refused")
        return late

    server.fails = fails
    async with asking(server) as rounds:
        await rounds.next()
        known = _metrics(rounds.of(Kind.MODEL_VERSION))
        assert len(known) == MODELS
        assert rounds.ails() == {"versions": Condition.PARTIAL}
        server.batches.clear()
        server.fails = well
        if how == "restart":
            first: list[Change] = []
            changes = rounds.source.changes()
            while not server.batches:
                first.append(await anext(changes))
            assert {one.status for one in _told(first, Kind.MODEL)[0]} == {Status.OK}
            versions = _told(first, Kind.MODEL_VERSION)[0]
            assert sum(bool(one.metrics) for one in versions) == MODELS
            await changes.aclose()  # type: ignore[attr-defined]
            return
        await rounds.next()
        assert len(_metrics(rounds.of(Kind.MODEL_VERSION))) == ALL
        asked = {one for batch in server.batches for one in batch}
        assert len(asked) == ALL - MODELS, "what came is not asked for again"
        assert rounds.ails() == {}


def _metrics(found: dict[str, ModelVersion]) -> dict[str, float]:
    return {key: one.metrics[0].value for key, one in found.items() if one.metrics}


async def test_where_runs_cannot_be_read_no_model_is_said_to_be_well() -> None:
    server = Registry(lambda path, told: path in {"runs/search", "experiments/search"})
    async with asking(server) as rounds:
        await rounds.next()
        models: dict[str, Model] = rounds.of(Kind.MODEL)
        assert {one.reason for one in models.values()} == {NOT_LOOKED}
        assert rounds.ails() == {"drift": Condition.UNREACHABLE}
        server.fails = Registry().fails
        await rounds.next()
        models = rounds.of(Kind.MODEL)
        assert {one.status for one in models.values()} == {Status.OK}
        assert rounds.ails() == {}
        server.fails = lambda path, told: path == "runs/search"
        rounds.stage.time = rounds.stage.time.replace(year=rounds.stage.time.year + 1)
        await rounds.next()
        models = rounds.of(Kind.MODEL)
        assert {one.status for one in models.values()} == {Status.OK}, "it stays as it was known"


async def test_where_nothing_measures_drift_nothing_is_waited_for() -> None:
    server = Registry(lambda path, told: path == "runs/search")
    async with asking(server, drift_by_name=False) as rounds:
        changes = await rounds.next()
        assert {one.status for one in _told(changes, Kind.MODEL)[0]} == {Status.OK}


async def test_a_model_that_goes_takes_its_versions_along_at_once() -> None:
    server = Registry()
    async with asking(server) as rounds:
        await rounds.next()
        server.names.remove("m007")
        await rounds.next()
        assert "m007" not in rounds.of(Kind.MODEL)
        assert not [key for key in rounds.of(Kind.MODEL_VERSION) if key.startswith("m007/")]
        assert len(rounds.of(Kind.MODEL_VERSION)) == ALL - VERSIONS


async def test_models_that_come_and_go_while_they_are_listed() -> None:
    """Versions may be listed of models that were not there a moment ago, or are no longer."""
    server = Registry()
    answer = server._answer

    def shifting(path: str, told: dict[str, Any]) -> dict[str, Any]:
        body = answer(path, told)
        if path == "registered-models/search" and not told.get("page_token"):
            server.names[0] = "zzz" if server.names[0] == "m000" else "m000"
        return body

    server._answer = shifting  # type: ignore[method-assign]
    async with asking(Changeable(server)) as rounds:
        for _ in range(4):
            await rounds.next()
            models = rounds.of(Kind.MODEL).values()
            assert not [one for one in models if one.reason == "no version"]
            assert rounds.ails() == {}


async def test_what_breaks_amid_others_is_asked_again_alone() -> None:
    """Servers break now and then where two lists of ids are parsed at a time."""
    broken: list[str] = []

    def fails(path: str, told: dict[str, Any]) -> bool:
        if "'m007-2'" not in told.get("filter", "") or broken:
            return False
        broken.append(told["filter"])
        return True

    async with asking(Registry(fails)) as rounds:
        await rounds.next()
        assert broken
        assert rounds.ails() == {}
        assert len(_metrics(rounds.of(Kind.MODEL_VERSION))) == ALL


def test_a_slice_is_bounded() -> None:
    assert MODELS < IN_SLICE < ALL
