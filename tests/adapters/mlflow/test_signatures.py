"""The signature of a model, out of its MLmodel file or the tag that older clients write."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Malformed
from opsboard_adapters.mlflow.metric_judgement import MetricJudgement
from opsboard_adapters.mlflow.signatures import signature_of_file, signature_of_tag

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
