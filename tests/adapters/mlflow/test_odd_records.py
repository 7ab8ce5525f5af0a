"""One odd record is left out, counted and named; an odd field of it counts as absent."""

import json
import math
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsboard.adapter import Condition, Malformed, NotFound, Upsert
from opsboard.records import Kind, Status
from opsboard_adapters.http.decoding import decode
from opsboard_adapters.mlflow.structs import MLflowMetric, MLflowRun, MLflowVersion, RegisteredModel
from tests.adapters.mlflow.acts import ask
from tests.adapters.mlflow.rounds import Rounds
from tests.adapters.mlflow.test_trouble import GOOD, Changeable, asking, but

MODEL = GOOD["registered-models/search"]["registered_models"][0]
VERSION = GOOD["model-versions/search"]["model_versions"][0]
RUN = GOOD["runs/search"]["runs"][0]


def _says(path: str, key: str, *items: Any, raw: bytes | None = None) -> Changeable:
    """Answer well, but list *items* at *path*, or answer the *raw* body."""
    body = raw if raw is not None else json.dumps({key: items}).encode()
    return Changeable(but(path, httpx.Response(200, content=body)))


def _models(*items: Any) -> Changeable:
    return _says("registered-models/search", "registered_models", *items)


def _versions(*items: Any) -> Changeable:
    return _says("model-versions/search", "model_versions", *items)


def _runs(*items: Any) -> Changeable:
    return _says("runs/search", "runs", *items)


NO_MODELS: list[Any] = [
    5, "m", None, [], {}, {"name": None}, {"name": {"first": "m"}}, {"name": "x", "aliases": "y"},
    {"name": "x", "aliases": [{"alias": "champion"}]},
    {"name": "x", "aliases": [{"alias": {}, "version": "1"}]},
    {"description": "one without a name"},
]  # fmt: skip


@pytest.mark.parametrize("odd", NO_MODELS, ids=repr)
async def test_an_odd_model_is_left_out_counted_and_named(odd: Any) -> None:
    async with asking(_models(odd, MODEL)) as rounds:
        await rounds.next()
        assert rounds.of(Kind.MODEL).keys() == {"m"}
        skipped = rounds.skipped["models"]
        assert (skipped.count, skipped.total) == (1, 2)
        assert "1 of 2 records could not be read" in skipped.sentence
        assert skipped.examples[0]
        assert rounds.of(Kind.DRIFT)
        assert rounds.ails() == {}


@pytest.mark.parametrize(
    ("odd", "name"),
    [
        ({**VERSION, "version": {}}, "record 1"),
        ({**VERSION, "version": "7", "status": ["READY"]}, "m v7: status"),
        ({**VERSION, "version": "7", "current_stage": {}}, "m v7: current_stage"),
        ({"version": "1"}, "record 1"),
        (None, "record 1"),
    ],
)
async def test_an_odd_version(odd: Any, name: str) -> None:
    async with asking(_versions(odd, VERSION)) as rounds:
        await rounds.next()
        assert rounds.of(Kind.MODEL_VERSION).keys() == {"m/1"}
        assert rounds.skipped["versions"].examples[0].startswith(name)


@pytest.mark.parametrize(
    ("odd", "name"),
    [
        ({"info": {"run_id": "odd", "status": {"is": 1}}}, "run odd: info.status"),
        ({"data": {}}, "record 1"),
        ({"info": {}}, "record 1"),
    ],
)
async def test_an_odd_run(odd: Any, name: str) -> None:
    async with asking(_runs(odd, RUN)) as rounds:
        await rounds.next()
        assert rounds.of(Kind.DRIFT).keys() == {"m/1/psi"}
        assert rounds.skipped["drift"].count == 1
        assert rounds.skipped["drift"].examples[0].startswith(name)


async def test_what_was_odd_and_is_well_again_is_taken_back() -> None:
    answering = _models({"name": None}, MODEL)
    async with asking(answering) as rounds:
        await rounds.next()
        assert rounds.skipped["models"].count == 1
        answering.by = _models({**MODEL, "name": "second"}, MODEL)
        await rounds.next()
        assert rounds.skipped["models"].count == 0
        assert rounds.of(Kind.MODEL).keys() == {"m", "second"}


async def test_a_version_that_becomes_odd_is_told_without_waiting_for_all_to_be_read() -> None:
    answering = _versions(VERSION)
    async with asking(answering) as rounds:
        await rounds.next()
        answering.by = _versions({**VERSION, "version": "2", "status": []}, VERSION)
        for _ in range(2):
            await rounds.next()
            assert rounds.skipped["versions"].count == 1
        answering.by = _versions({**VERSION, "version": "2"}, VERSION)
        await rounds.next()
        assert rounds.skipped["versions"].count == 0
        assert rounds.of(Kind.MODEL_VERSION).keys() == {"m/1", "m/2"}


ODD_FIELDS: list[dict[str, Any]] = [
    {"creation_timestamp": "soon"}, {"creation_timestamp": -5}, {"creation_timestamp": 2**70},
    {"creation_timestamp": 1.5}, {"creation_timestamp": None}, {"last_updated_timestamp": []},
    {"description": 5}, {"description": {"a": 1}}, {"description": "x" * 10_000_000},
    {"user_id": None}, {"tags": None}, {"tags": {}}, {"tags": [None, 5, {"key": "a"}, {"key": 7}]},
    {"latest_versions": None}, {"latest_versions": [{}, 5, {"name": "m"}]}, {"newer": {"than": 1}},
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD_FIELDS, ids=lambda odd: repr(odd)[:60])
async def test_an_odd_field_hides_no_record(odd: dict[str, Any]) -> None:
    async with asking(_models({**MODEL, **odd})) as rounds:
        await rounds.next()
        (model,) = rounds.of(Kind.MODEL).values()
        assert model.serving == "1"
        assert len(model.description) < 300_000
        assert model.created_at is None or "creation_timestamp" not in odd
        assert rounds.skipped == {}
        assert rounds.ails() == {}


async def test_lone_surrogates_and_other_bytes_that_are_no_json() -> None:
    raw = (
        rb'{"registered_models": [{"name": "a\ud800b", "aliases": [{"alias": "x", "version": 1}]},'
        b'{"name": "caf\xe9", "tags": [{"key": "k\x01", "value": NaN}]}, {"name": "m"}]}'
    )
    answering = _says("registered-models/search", "registered_models", raw=raw)
    async with asking(answering) as rounds:
        await rounds.next()
        names = {one.name for one in rounds.of(Kind.MODEL).values()}
        assert names == {"a\ufffdb", "caf\ufffd", "m"}
        assert rounds.skipped == {}


@pytest.mark.parametrize("key", ["error", "error_code", "detail", "message"])
async def test_an_error_told_as_if_all_were_well_is_no_empty_list(key: str) -> None:
    answering = _models(MODEL)
    async with asking(answering) as rounds:
        await rounds.next()
        raw = json.dumps({key: "upstream is busy"}).encode()
        answering.by = _says("registered-models/search", "", raw=raw)
        await rounds.next()
        assert rounds.ails() == {"models": Condition.BROKEN}
        assert "upstream is busy" in rounds.health["models"].message
        assert rounds.of(Kind.MODEL).keys() == {"m"}
        answering.by = _says("registered-models/search", "", raw=b"{}")
        await rounds.next()
        assert rounds.of(Kind.MODEL) == {}


async def test_a_body_cut_short_is_no_list() -> None:
    raw = b'{"registered_models": [{"name": "m"}, {"na'
    async with asking(_says("registered-models/search", "", raw=raw)) as rounds:
        await rounds.next()
        assert rounds.ails() == {"models": Condition.BROKEN}


@pytest.mark.parametrize(
    ("told", "value"),
    [
        (0.5, 0.5), (1, 1.0), ("0.5", 0.5), ("NaN", math.nan), (None, math.nan), ([], math.nan),
        ("Infinity", math.inf), ("-Infinity", -math.inf), ("high", math.nan), (True, math.nan),
        ("9" * 400, math.inf),
    ],
)  # fmt: skip
def test_values_of_metrics(told: Any, value: float) -> None:
    content = json.dumps({"key": "psi", "value": told}).encode()
    one, other = (decode(content, MLflowMetric, "a value") for _ in range(2))
    assert one.value == value or (math.isnan(one.value) and math.isnan(value))
    assert one == other, "also where it is not a number"
    assert hash(one) == hash(other)


async def test_what_is_no_number_is_not_told_again_and_again() -> None:
    values = [{"key": key, "value": "NaN", "timestamp": 1} for key in ("psi", "auc")]
    async with asking(_runs({**RUN, "data": {"metrics": values}})) as rounds:
        await rounds.next()
        assert math.isnan(rounds.of(Kind.DRIFT)["m/1/psi"].value)
        changes = await rounds.next()
        assert not [one for one in changes if isinstance(one, Upsert)]


async def test_an_unknown_word_is_shown_with_status_unknown() -> None:
    versions = ({**VERSION, "status": "LEVITATING"}, {**VERSION, "version": 2, "status": "READY"})
    async with asking(_versions(*versions)) as rounds:
        await rounds.next()
        found = rounds.of(Kind.MODEL_VERSION)
        assert found["m/1"].status is Status.UNKNOWN
        assert found["m/1"].reason == "levitating"
        assert found["m/2"].status is Status.OK


async def test_what_an_act_is_judged_by_is_never_guessed() -> None:
    """A version that cannot be read may be the one that serves: then nothing is planned."""
    answering = _versions({**VERSION, "version": "2", "current_stage": []}, VERSION)
    model = {"registered_model": MODEL}

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("registered-models/get"):
            return httpx.Response(200, json=model)
        return answering(request)

    async with asking(respond) as rounds:
        with pytest.raises(Malformed) as caught:
            await rounds.source.plan(ask("m", to="1"))
        assert "m v2" in caught.value.message
        assert "current_stage" in caught.value.message


# --- whatever comes -----------------------------------------------------------------------------

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_KEYS = st.sampled_from(
    ["name", "version", "tags", "aliases", "info", "data", "run_id", "metrics", "key", "value",
     "status", "creation_timestamp", "latest_versions", "timestamp", "step", "inputs", "dataset"]
)  # fmt: skip
_RECORDS = st.recursive(
    _JSON,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6),
    max_leaves=20,
)


@pytest.mark.parametrize("shape", [RegisteredModel, MLflowVersion, MLflowRun, MLflowMetric])
@given(value=_RECORDS)
@settings(max_examples=150, deadline=None)
def test_whatever_comes_is_a_shape_or_malformed(shape: Any, value: Any) -> None:
    try:
        found = decode(json.dumps(value).encode(), shape, "it")
    except Malformed:
        return
    assert isinstance(found, shape)


async def _round_of(items: list[Any]) -> Rounds:
    async with asking(_versions(*items, VERSION)) as rounds:
        await rounds.next()
        return rounds


@given(items=st.lists(_RECORDS, max_size=5))
@settings(max_examples=60, deadline=None)
async def test_whatever_else_is_listed_the_good_one_is_shown(items: list[Any]) -> None:
    rounds = await _round_of(items)
    assert "m/1" in rounds.of(Kind.MODEL_VERSION)
    assert rounds.ails() == {}


async def test_a_detail_of_what_is_not_there(request: pytest.FixtureRequest) -> None:
    gone = but("registered-models/get", httpx.Response(404, json={"message": "none"}))
    async with asking(gone) as rounds:
        with pytest.raises(NotFound):
            await rounds.source.detail(rounds.ref(Kind.MODEL, "m"))
