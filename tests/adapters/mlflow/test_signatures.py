"""The signature of a model, out of its MLmodel file or the tag that older clients write."""

import json
from typing import cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Forbidden, Malformed, NotFound, SourceError
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.metric_judgement import MetricJudgement
from opsboard_adapters.mlflow.signatures import (
    LOG_HISTORY,
    VersionSignature,
    read_run_signature,
    signature_of_file,
    signature_of_tag,
)
from opsboard_adapters.mlflow.structs import MLflowRun

INPUTS = (
    '[{"type": "long", "name": "age", "required": true},'
    ' {"type": "double", "name": "fare", "required": false}]'
)
OUTPUTS = '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
FILE = f"""
artifact_path: model
flavors:
  python_function: {{loader_module: mlflow.sklearn}}
signature:
  inputs: '{INPUTS}'
  outputs: '{OUTPUTS}'
  params: null
utc_time_created: '2026-01-15 09:00:00.000000'
"""
READ = {"inputs": "age: long, fare?: double", "outputs": "int64[-1]"}


def test_it_is_read_from_the_file_of_the_model() -> None:
    assert signature_of_file(FILE) == READ
    assert signature_of_file("artifact_path: model\n") == {}


def test_it_is_read_from_the_tag_where_the_run_logged_one_model() -> None:
    logged = {"artifact_path": "model", "signature": {"inputs": INPUTS, "outputs": OUTPUTS}}
    assert signature_of_tag(json.dumps([logged])) == READ
    assert signature_of_tag(json.dumps([logged, logged])) is None


@pytest.mark.parametrize(
    "text",
    ["[1, 2]", "a: [", "text", "!!python/object/apply:os.system ['true']", "x" * 300_000],
)
def test_what_is_no_such_file_is_said(text: str) -> None:
    with pytest.raises(Malformed):
        signature_of_file(text)


JSON = st.recursive(
    st.none() | st.text() | st.integers(),
    lambda one: st.lists(one) | st.dictionaries(st.text(), one),
)


class LoggedModelFiles:
    """The only thing that is asked of a server: *text* is the file of each logged model."""

    def __init__(self, text: str | SourceError) -> None:
        self.text = text
        self.asked: list[tuple[str, str]] = []

    async def logged_model_file(self, model_id: str, path: str) -> str:
        self.asked.append((model_id, path))
        if isinstance(self.text, SourceError):
            raise self.text
        return self.text


def run_that_logged(*models: str, tag: str = "") -> MLflowRun:
    told = {
        "info": {"run_id": "1", "experiment_id": "0"},
        "data": {"tags": [{"key": LOG_HISTORY, "value": tag}] if tag else []},
        "outputs": {"model_outputs": [{"model_id": one, "step": 0} for one in models]},
    }
    return msgspec.convert(told, MLflowRun)


async def told_of(run: MLflowRun, files: LoggedModelFiles) -> VersionSignature:
    return await read_run_signature(cast("MLflowApi", files), run)


async def test_that_of_a_run_is_read_from_the_only_model_that_it_logged() -> None:
    files = LoggedModelFiles(FILE)
    assert await told_of(run_that_logged("m-1", "m-1"), files) == VersionSignature(READ)
    assert files.asked == [("m-1", "MLmodel")]
    tag = json.dumps([{"signature": {"inputs": INPUTS, "outputs": OUTPUTS}}])
    assert await told_of(run_that_logged("m-1", tag=tag), files) == VersionSignature(READ)
    assert len(files.asked) == 1


@pytest.mark.parametrize(
    ("models", "answer", "why"),
    [
        ((), FILE, "logged no model"),
        (("m-1", "m-2"), FILE, "which of the models"),
        (("m-1",), NotFound("no such file"), "no MLmodel file"),
        (("m-1",), Forbidden("not permitted to read it"), "not permitted"),
        (("m-1",), "text", "no mapping"),
    ],
)
async def test_why_that_of_a_run_is_not_known_is_said(
    models: tuple[str, ...], answer: str | SourceError, why: str
) -> None:
    found = await told_of(run_that_logged(*models), LoggedModelFiles(answer))
    assert not found.parts
    assert why in found.unknown


@given(JSON)
def test_whatever_a_signature_holds_is_text(value: object) -> None:
    written = json.dumps([{"signature": {"inputs": json.dumps(value), "outputs": value}}])
    found = signature_of_tag(written)
    assert found is not None
    assert all(isinstance(text, str) for text in found.values())


def test_the_config_says_which_side_is_better_before_the_name_does() -> None:
    judgement = MetricJudgement(["Coverage*", "loss", "both*"], ["margin", "both*"])
    assert judgement.side("coverage@10") == "higher"
    assert judgement.side("loss") == "higher"
    assert judgement.side("margin") == "lower"
    assert judgement.side("both_loss") == "", "said twice, it is not known"
    assert judgement.side("rmse") == "lower"
    assert judgement.side("frobnication") == ""
