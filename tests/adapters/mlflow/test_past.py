"""What MLflow remembers: versions as they were registered, drift as it was measured, no more."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from opsboard.adapter import ANYBODY, Past, PastRecord, Principal, Unauthenticated
from opsboard.records import Drift, Kind, Metric, ModelVersion, Status
from opsboard.records.claims import MODEL_ALIAS
from opsboard_adapters.mlflow.backfill import MEASURED, REGISTERED, registered
from opsboard_adapters.mlflow.drift import DriftReading
from opsboard_adapters.mlflow.drift_thresholds import DriftThreshold
from opsboard_adapters.mlflow.source import MLflowSource
from opsboard_adapters.mlflow.structs import MLflowMetric, MLflowRun, RunInfo, moment
from opsboard_adapters.mlflow.translate import crossed_at
from tests.adapters.mlflow.acts import acting, add_version, make_model
from tests.adapters.mlflow.conftest import PASSWORD
from tests.adapters.mlflow.rounds import AppHarness, watching
from tests.adapters.mlflow.seeding import Writer, measured


def _past(changes: list[object], model: str, kind: Kind) -> list[PastRecord]:
    return [
        one
        for change in changes
        if isinstance(change, Past)
        for one in change.records
        if one.ref.kind is kind and one.ref.id.startswith(f"{model}/")
    ]


async def test_versions_are_told_as_they_were_registered(ground: Writer) -> None:
    model = make_model(ground, 2, champion=1)
    async with watching(ground.url) as rounds:
        past = _past([*await rounds.next()], model, Kind.MODEL_VERSION)
        records: dict[str, ModelVersion] = rounds.of(Kind.MODEL_VERSION)
    assert sorted(one.ref.id for one in past) == [f"{model}/1", f"{model}/2"]
    for one in past:
        now = records[one.ref.id]
        then = one.record
        assert isinstance(then, ModelVersion)
        assert (one.at, one.rule, one.actor) == (now.created_at, REGISTERED, now.author)
        assert then.updated_at == then.created_at == one.at
        assert then.inputs == now.inputs
    assert "aliases" in REGISTERED


async def test_what_a_version_was_trained_from_stays_known_when_others_come(ground: Writer) -> None:
    model = make_model(ground, 1)
    async with watching(ground.url, versions_with_metrics=1) as rounds:
        await rounds.next()
        first: ModelVersion = rounds.of(Kind.MODEL_VERSION)[f"{model}/1"]
        assert first.inputs
        for _ in range(3):
            add_version(ground, model)
        await rounds.next()
        await rounds.restart()
        await rounds.next()
        later: ModelVersion = rounds.of(Kind.MODEL_VERSION)[f"{model}/1"]
    assert (later.inputs, later.metrics) == (first.inputs, first.metrics)


async def test_an_alias_has_no_past(ground: Writer) -> None:
    """Neither of versions nor of models: nothing says since when an alias points where it does."""
    model = make_model(ground, 2, champion=1)
    async with watching(ground.url) as rounds:
        await rounds.next()
        ground.alias(model, "champion", "2")
        changes = [*await rounds.next()]
        changes += await rounds.next()
        told = rounds.of(Kind.MODEL_VERSION)[f"{model}/2"]
    assert "champion" in told.aliases
    past = [one for change in changes if isinstance(change, Past) for one in change.records]
    assert not [one for one in past if one.ref.kind is Kind.MODEL]
    for one in past:
        if isinstance(one.record, ModelVersion):
            assert one.record.aliases == ()
            assert one.record.environment == ""
            assert MODEL_ALIAS not in {claim.type for claim in one.record.outputs}


async def test_the_past_is_told_once_and_again_to_a_new_consumer(ground: Writer) -> None:
    model = make_model(ground, 1)
    stage = AppHarness()
    async with watching(ground.url, stage) as rounds:
        assert _past([*await rounds.next()], model, Kind.MODEL_VERSION)
        assert not _past([*await rounds.next()], model, Kind.MODEL_VERSION)
        number = add_version(ground, model)
        later = _past([*await rounds.next()], model, Kind.MODEL_VERSION)
        assert [one.ref.id for one in later] == [f"{model}/{number}"]
        await rounds.restart()
        again = _past([*await rounds.next()], model, Kind.MODEL_VERSION)
    assert len(again) == 2


def test_what_was_measured_after_the_registration_is_not_of_then() -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    record = ModelVersion(
        source="ml",
        id="m/1",
        name="m v1",
        status=Status.OK,
        model="m",
        version="1",
        created_at=at,
        metrics=(
            Metric(name="auc", value=0.9, at=at - timedelta(hours=1)),
            Metric(name="auc_live", value=0.7, at=at + timedelta(days=9)),
        ),
    )
    assert [one.name for one in registered(record).metrics] == ["auc"]


async def test_drift_is_told_where_its_status_turned(ground: Writer) -> None:
    stage = AppHarness()
    model = make_model(ground, 1)
    start = int(stage.time.timestamp() * 1000) + 60_000
    values = (0.1, 0.12, 0.3, 0.31, 0.1, 0.4)
    logged = [
        measured("psi", value, start + step * 60_000, step) for step, value in enumerate(values)
    ]
    tags = {"model_name": model, "model_version": "1"}
    ground.run(at=start, tags=tags, params={"psi_threshold": "0.25"}, metrics=logged)
    async with watching(ground.url, stage) as rounds:
        past = _past([*await rounds.next()], model, Kind.DRIFT)
        (now,) = [one for one in rounds.of(Kind.DRIFT).values() if one.model == model]
    assert now.crossed_at == moment(start + 300_000), "not when it was beyond it before"
    told = [
        (one.at.timestamp() * 1000 - start, one.record.status)
        for one in past
        if isinstance(one.record, Drift)
    ]
    assert told == [(0, Status.OK), (120_000, Status.FAILED), (240_000, Status.OK)]
    assert {one.rule for one in past} == {MEASURED}


@pytest.mark.parametrize(
    ("values", "at"),
    [
        ([0.1, 0.3], 1),
        ([0.1, 0.3, 0.3], 1),
        ([0.3, 0.2, 0.4, 0.5], 2),
        ([0.1, 0.3, math.nan, 0.3], 1),
        ([0.3, 0.3], None),
        ([0.3], None),
        ([0.3, 0.1], None),
        ([math.nan], None),
    ],
)
def test_since_when_it_drifts_is_told_where_it_was_within_before(
    values: list[float], at: int | None
) -> None:
    points = [MLflowMetric("psi", value, 1_000 * (n + 1), n) for n, value in enumerate(values)]
    limit = DriftThreshold(0.25, "above", 0.2)
    reading = DriftReading("m", "1", points[-1], MLflowRun(RunInfo("r")), (), limit)
    for known in (replace(reading, earlier=tuple(points[:-1])), reading):
        assert crossed_at(known, points) == (None if at is None else moment(1_000 * (at + 1)))


@pytest.mark.parametrize("tags", [{}, {"model_version": "champion"}])
async def test_drift_of_what_serves_is_not_of_the_version_that_serves_now(
    ground: Writer, tags: dict[str, str]
) -> None:
    """Which version it was of at the time is not known: an alias has no past."""
    stage = AppHarness()
    model = make_model(ground, 1, champion=1)
    start = int(stage.time.timestamp() * 1000) + 60_000
    logged = [measured("psi", 0.1 + step / 10, start + step * 60_000, step) for step in range(4)]
    ground.run(at=start, tags={"model_name": model, **tags}, metrics=logged)
    async with watching(ground.url, stage) as rounds:
        past = _past([*await rounds.next()], model, Kind.DRIFT)
        assert rounds.of(Kind.DRIFT)[f"{model}/1/psi"].trend[0] == 0.1
    assert past == []


# --- whose history it is --------------------------------------------------------------------------


async def test_a_server_without_logins_has_one_principal(told: str) -> None:
    async with watching(told) as rounds:
        assert await rounds.source.principal() == ANYBODY


async def test_a_server_with_logins_names_who_asks(guarded: str) -> None:
    async with acting(guarded, username="admin") as (source, wire):
        assert await source.principal() == Principal(name="admin")
    assert len(wire.sent) <= 2


async def test_a_user_who_is_no_administrator_is_named_too(guarded: str) -> None:
    with Writer(guarded, ("admin", PASSWORD)) as writer:
        writer.call("users/create", {"username": "hana", "password": PASSWORD})
    async with acting(guarded, username="hana") as (source, _):
        assert await source.principal() == Principal(name="hana")


async def test_a_refused_login_names_nobody(guarded: str) -> None:
    async with acting(guarded, username="nobody-of-that-name") as (source, _):
        with pytest.raises(Unauthenticated):
            await source.principal()


async def test_a_login_that_the_server_does_not_know_of_names_nobody(told: str) -> None:
    """A proxy asks for it, and the server behind has no users: who asks is not known."""
    async with acting(told, username="hana") as (source, _):
        assert await source.principal() is None


@pytest.mark.parametrize(
    ("tracking", "registry", "address"),
    [
        ("http://HOST:5000/", None, "http://host:5000"),
        ("https://me:secret@host:443/mlflow/", None, "https://host/mlflow"),
        ("https://host", "https://host/", "https://host"),
        ("https://host", "https://registry", "https://host https://registry"),
    ],
)
async def test_the_address_is_that_of_the_servers_without_a_login(
    tracking: str, registry: str | None, address: str
) -> None:
    async with watching(tracking, registry_uri=registry) as rounds:
        assert isinstance(rounds.source, MLflowSource)
        assert rounds.source.address == address


def test_registered_leaves_the_rest_as_it_is() -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    record = ModelVersion(
        source="ml", id="m/1", name="m v1", model="m", version="1", created_at=at, author="ann"
    )
    assert registered(replace(record, aliases=("champion",), environment="production")) == replace(
        record, updated_at=at
    )
