"""What is put into a record is cleaned and checked, whoever makes it and however."""

import json
import math
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter

from opsboard.adapter import Budget, Condition, Health
from opsboard.records import (
    Alert,
    Alias,
    AnyRecord,
    Artifact,
    Build,
    Commit,
    CommitComparison,
    ComparisonState,
    ConfigObject,
    Deployment,
    Kind,
    ListedObject,
    Metric,
    Model,
    Pod,
    PullRequest,
    PullRequestState,
    Record,
    Ref,
    Repository,
)
from opsboard.records.codec import RecordField, from_json, from_plain, to_json, to_plain
from tests.ui.sample_history import services
from tests.ui.sample_records import everything

WHO = {"source": "ci", "id": "1", "name": "web"}
RUN = {**WHO, "repository": "acme/web", "workflow": "ci", "number": 1, "state": "ok"}
AT = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
CODE: dict[str, Any] = {**WHO, "repository": "github.com/acme/web"}
NODE: dict[str, Any] = {**WHO}
FACTS = (
    Commit(**CODE, sha="a" * 40, author="amara", branch="main", committed_at=AT),
    PullRequest(
        **CODE, number=7, state=PullRequestState.MERGED, head="a" * 40, merge_commit="b" * 40
    ),
    CommitComparison(
        **CODE, base="a" * 40, head="b" * 40, state=ComparisonState.AHEAD, ahead=4, behind=0
    ),
    Artifact(**CODE, digest="sha256:" + "a" * 64, deployed_to=("production", "staging")),
    Repository(**CODE, former=("github.com/acme/shop",)),
    ListedObject(**NODE, listing="nodes", cells=("node-1", "Ready"), about=Ref("k", Kind.POD, "p")),
)


def _model(**more: Any) -> Model:
    return Model(source="ml", id="m", name="m", **more)


def test_text_is_cleaned_wherever_it_stands() -> None:
    dirty = "\x1b[2Ja\nb"
    model = _model(
        description=dirty,
        aliases=(Alias(dirty, "1"),),
        metrics=(Metric(name=dirty, value=1.0),),
        url=dirty,
    )
    deployment = Deployment(source="k", id="d", name="d", workload=dirty, images=(dirty,))
    health = Health(condition=Condition.BROKEN, message=dirty)
    assert (model.description, model.url, model.metrics[0].name) == ("a b", "a b", "a b")
    assert model.aliases == (Alias("a b", "1"),)
    assert (deployment.workload, deployment.images) == ("a b", ("a b",))
    assert health.message == "a b"


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"name": None}, "Build.name: must be text, not NoneType"),
        ({"number": "7"}, "Build.number: must be a whole number"),
        ({"created_at": datetime(2026, 1, 1)}, "Build.created_at: must be a time that knows"),  # noqa: DTZ001
        ({"created_at": 7}, "Build.created_at: must be a time, not int"),
        ({"status": "splendid"}, "Build.status: 'splendid' is not a valid Status"),
        ({"colour": "red"}, "unexpected keyword argument 'colour'"),
    ],
)
def test_what_cannot_be_is_refused_by_name(wrong: dict[str, Any], word: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        Build(**{**RUN, **wrong})
    assert word in str(caught.value)


def test_one_text_is_not_taken_for_several() -> None:
    with pytest.raises(TypeError, match="several"):
        Deployment(source="k", id="d", name="d", workload="w", images="web:1")  # type: ignore[arg-type]


def test_numbers_and_lists_become_what_is_declared() -> None:
    metric: Any = {"name": "auc", "value": 1}
    recipe: Any = [["source", "ci"]]
    model = _model(metrics=[metric], aliases=[["champion", "3"]], recipe=recipe)
    assert model.metrics == (Metric(name="auc", value=1.0),)
    assert model.aliases == (Alias("champion", "3"),)
    assert model.recipe == (("source", "ci"),)
    assert Budget(name="core", remaining=1, limit=2).resets_at is None


def test_every_kind_survives_being_plain() -> None:
    config = ConfigObject(
        source="k", id="c", name="limits", cluster="c", namespace="n", object="ConfigMap",
        keys=("limit",), changed_at=datetime(2026, 10, 1, tzinfo=UTC), manager="ci",
    )  # fmt: skip
    records = [*everything(), *FACTS, *services(), config]
    assert {record.kind for record in records} >= {cls.kind for cls in get_args(AnyRecord)} - {
        Kind.BUILD_JOB
    }
    for record in records:
        told = json.loads(json.dumps(to_plain(record)))
        assert from_plain(record.kind, told) == record


def test_an_alert_keeps_what_it_is_about() -> None:
    about = Ref("ci", Kind.BUILD, "7")
    alert = Alert(source="ci", id="a", name="a", since=AT, about=about)
    again = from_plain(Kind.ALERT, json.loads(json.dumps(to_plain(alert))))
    assert again == alert
    assert isinstance(again, Alert)
    assert again.about == about
    assert again.about.kind is Kind.BUILD


def test_nan_survives_being_plain() -> None:
    told = json.loads(json.dumps(to_plain(_model(metrics=(Metric(name="l", value=math.nan),)))))
    again = from_plain(Kind.MODEL, told)
    assert isinstance(again, Model)
    assert math.isnan(again.metrics[0].value)


def _by_pydantic(record: AnyRecord) -> Record:
    return from_json(to_json(record))


def _dirty(read: Callable[[dict[str, Any]], Record]) -> str:
    return read({"kind": "build", **RUN, "title": "\x1b[2Jx"}).title  # type: ignore[attr-defined, no-any-return]


def test_pydantic_reads_and_writes_records_and_cleans_them_too() -> None:
    for record in everything():
        assert _by_pydantic(record) == record
    assert _dirty(TypeAdapter(RecordField).validate_python) == "x"


def test_records_of_a_kind_share_the_names_of_their_fields() -> None:
    """There are tens of thousands of them: each would be 500 bytes larger."""
    build = Build(
        source="ci", id="1", name="web", repository="acme/web", workflow="ci", number=1, state="ok"
    )
    pod = Pod(source="ci", id="1", name="web", cluster="c", namespace="n")
    records: tuple[Record, ...] = (build, pod)
    for record in records:
        alone = dict(vars(record))
        assert sys.getsizeof(vars(record)) < sys.getsizeof({**alone}) / 2
        assert list(vars(record)) == list(type(record).__dataclass_fields__)
        other = replace(record, name="another")
        assert (record.name, other.name) == ("web", "another"), "no value is shared"
        assert replace(other, name="web") == record
