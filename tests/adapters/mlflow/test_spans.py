"""The spans of a trace, whatever was logged as such."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opsboard.records import Status
from opsboard_adapters.mlflow.prompt_page import template_of
from opsboard_adapters.mlflow.spans import DEEPEST, LONGEST, in_tree_order, read_spans
from opsboard_adapters.mlflow.structs import KeyValue, MLflowVersion

CHAT = KeyValue(key="_mlflow_prompt_type", value="chat")


def span_of_2(identity: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a span as clients of MLflow 2 write it."""
    return {
        "name": identity,
        "context": {"span_id": identity, "trace_id": "t"},
        "parent_id": parent,
        "start_time": 1_000_000_000,
        "end_time": 1_250_000_000,
        "status_code": "OK",
        "status_message": "",
        "attributes": {"mlflow.spanType": '"LLM"', "mlflow.spanInputs": '{"q": 1}'},
        "events": [],
        **more,
    }


def span_of_3(identity: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a span as clients of MLflow 3 write it."""
    return {
        "trace_id": "f8Wt==",
        "span_id": identity,
        "parent_span_id": parent,
        "name": identity,
        "start_time_unix_nano": 1_000_000_000,
        "end_time_unix_nano": 1_250_000_000,
        "status": {"code": "STATUS_CODE_OK", "message": ""},
        "attributes": {"mlflow.spanType": '"LLM"', "mlflow.spanInputs": '{"q": 1}'},
        "events": [],
        **more,
    }


def test_both_forms_say_the_same() -> None:
    (old, new), left_out = read_spans([span_of_2("a"), span_of_3("b")])
    assert left_out == 0
    for span in (old, new):
        assert (span.seconds, span.state, span.type) == (0.25, Status.OK, "LLM")
        assert json.loads(span.inputs) == {"q": 1}


def test_a_parent_that_is_not_there_and_one_that_is_below_itself_hide_nothing() -> None:
    told = [
        span_of_3("child", "gone"),
        span_of_3("a", "b"),
        span_of_3("b", "a"),
        span_of_3("self", "self"),
        span_of_3("top"),
        span_of_3("below", "top", start_time_unix_nano=1_100_000_000),
        span_of_3("before", "top"),
    ]
    spans, _ = read_spans(told)
    found = [(depth, span.id) for depth, span in in_tree_order(spans)]
    assert sorted(name for _, name in found) == sorted(one["span_id"] for one in told)
    at = found.index((0, "top"))
    assert found[at + 1 : at + 3] == [(1, "before"), (1, "below")]


def test_a_chain_of_any_length_is_laid_out_without_recursion() -> None:
    told = [span_of_3(str(n), str(n - 1)) for n in range(5_000)]
    spans, _ = read_spans(told)
    depths = [depth for depth, _ in in_tree_order(spans)]
    assert len(depths) == 5_000
    assert max(depths) == DEEPEST


def test_what_is_long_or_deep_is_cut_and_said() -> None:
    long = span_of_3("a", attributes={"mlflow.spanInputs": json.dumps("x" * LONGEST * 3)})
    deep = span_of_3("b", attributes={"mlflow.spanOutputs": "[" * 50_000 + "]" * 50_000})
    (first, second), _ = read_spans([long, deep])
    assert len(first.inputs) < LONGEST + 100
    assert "characters" in first.inputs
    assert len(second.outputs) <= 100_000


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
KEYS = st.sampled_from(
    ["span_id", "parent_span_id", "context", "parent_id", "name", "start_time", "end_time",
     "start_time_unix_nano", "end_time_unix_nano", "status", "status_code", "attributes", "events"]
)  # fmt: skip


@given(st.lists(ANYTHING | st.dictionaries(KEYS, ANYTHING, max_size=6), max_size=6))
def test_whatever_was_logged_is_read_or_counted(told: list[Any]) -> None:
    spans, left_out = read_spans(told)
    assert len(spans) + left_out == len(told)
    assert len(in_tree_order(spans)) == len(spans)
    for span in spans:
        assert span.seconds is None or span.seconds >= 0


def _nested(levels: int) -> Any:
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


def test_what_is_nested_too_deeply_to_be_written_takes_no_page_away() -> None:
    deep = _nested(100_000)
    (span,), _ = read_spans([span_of_3("a", attributes={"deep": deep})])
    assert "too deeply" in span.attributes["deep"]
    for levels in range(900, 1_100):  # as deep as it can be read, just so
        for told in (_brackets(levels), f'{{"role": "user", "content": {_brackets(levels)}}}'):
            text = KeyValue(key="mlflow.prompt.text", value=f"[{told}]")
            assert template_of(MLflowVersion(name="p", version="1", tag_list=(text, CHAT)))


def _brackets(levels: int) -> str:
    return "[" * levels + "]" * levels
