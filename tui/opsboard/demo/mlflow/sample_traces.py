"""Traces that are there to begin with: an assistant that explains why an order is held back."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from opsboard.demo.mlflow import serialize
from opsboard.demo.world.world import DemoWorld

EVERY: Final = timedelta(minutes=7)
_COUNT: Final = 12
_FAILS: Final = 5
"""Each so many-th trace fails."""
_CUSTOMERS: Final = ("Ada", "Grace", "Linus", "Barbara")


def sample_traces(world: DemoWorld) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield what a server notes of each trace, and its spans. They say the same in each world."""
    experiment = next(iter(world.experiments.values()), None)
    for number in range(_COUNT if experiment is not None else 0):
        began = world.created_at - number * EVERY
        spans = list(_spans(number, began))
        top, failed = spans[0], number % _FAILS == _FAILS - 1
        trace = {
            "request_id": f"tr-{number:032x}",
            "experiment_id": experiment.id if experiment else "",
            "timestamp_ms": serialize.millis(began),
            "execution_time_ms": (top["end_time_unix_nano"] - top["start_time_unix_nano"]) // 10**6,
            "status": "ERROR" if failed else "OK",
            "request_metadata": serialize.pairs(
                {
                    "mlflow.traceInputs": top["attributes"]["mlflow.spanInputs"],
                    "mlflow.traceOutputs": top["attributes"].get("mlflow.spanOutputs", ""),
                    "mlflow.user": "assistant",
                    "mlflow.trace.session": f"session-{number // 3}",
                }
            ),
            "tags": serialize.pairs({"mlflow.traceName": "explain"}),
        }
        yield trace, spans


class _Step(NamedTuple):
    """What is done in a trace, from *begin* to *end*, in milliseconds after its start."""

    number: int
    parent: int | None
    name: str
    kind: str
    begin: int
    end: int


def _spans(number: int, began: datetime) -> Iterator[dict[str, Any]]:
    asked = {"customer": _CUSTOMERS[number % len(_CUSTOMERS)], "order": 1000 + number}
    answer = {"text": f"Dear {asked['customer']}, order {asked['order']} is being checked."}
    slow = 300 + 40 * number
    result = None if number % _FAILS == _FAILS - 1 else answer
    documents = [{"id": "policy-7", "score": 0.81}, {"id": "policy-2", "score": 0.4}]
    prompt = {"prompt": "fraud-explanation", "version": 2}
    messages = [{"role": "user", "content": json.dumps(asked)}]
    steps = (
        (_Step(0, None, "explain", "CHAIN", 0, slow + 90), asked, result),
        (_Step(1, 0, "find policies", "RETRIEVER", 4, 60), asked, documents),
        (_Step(2, 0, "write", "CHAIN", 62, slow + 84), prompt, result),
        (_Step(3, 2, "chat model", "CHAT_MODEL", 66, slow + 80), messages, result),
    )
    for step, inputs, outputs in steps:
        yield _span(number, step, began, inputs, outputs)


def _span(
    trace: int, step: _Step, began: datetime, asked: object, answer: object | None
) -> dict[str, Any]:
    """Return a span as clients of MLflow 3 write it; without *answer*, it has failed."""
    start = serialize.millis(began) * 10**6
    attributes = {
        "mlflow.traceRequestId": json.dumps(f"tr-{trace:032x}"),
        "mlflow.spanType": json.dumps(step.kind),
        "mlflow.spanInputs": json.dumps(asked),
    }
    message = "TimeoutError: no answer within 10 s"
    if answer is not None:
        attributes["mlflow.spanOutputs"] = json.dumps(answer)
    error = {"exception.type": "TimeoutError", "exception.message": "no answer within 10 s"}
    event = {"name": "exception", "time_unix_nano": start, "attributes": error}
    return {
        "trace_id": base64.b64encode(trace.to_bytes(16, "big")).decode(),
        "span_id": _span_id(step.number),
        "parent_span_id": None if step.parent is None else _span_id(step.parent),
        "name": step.name,
        "start_time_unix_nano": start + step.begin * 10**6,
        "end_time_unix_nano": start + step.end * 10**6,
        "events": [] if answer is not None else [event],
        "status": {"code": "STATUS_CODE_OK", "message": ""}
        if answer is not None
        else {"code": "STATUS_CODE_ERROR", "message": message},
        "attributes": attributes,
        "links": [],
    }


def _span_id(number: int) -> str:
    return base64.b64encode((number + 1).to_bytes(8, "big")).decode()
