"""What a change means in a few words, for every kind of record."""

from dataclasses import replace
from typing import Any

import pytest

from opsboard.history.change_kind import ChangeKind
from opsboard.history.change_summary import summarize
from opsboard.kinds import RecordKind
from opsboard.kinds.registry import KINDS, qualified_name
from opsboard.records import (
    Alias,
    Commit,
    CronJob,
    Image,
    Kind,
    Model,
    ModelVersion,
    Record,
    Status,
    Text,
    frozen,
    stated,
)
from opsboard.records.claims import Strength
from opsboard.records.identity import commit, workload
from tests.history.sample_changes import build, deployment, drift, pod

DIGEST = "registry.example/shop/checkout:v55@sha256:"
RANKER = Model(
    source="mlflow", id="ranker", name="ranker", serving="5", latest="6",
    aliases=(Alias(name="champion", version="5"),),
)  # fmt: skip
NIGHTLY = CronJob(
    source="k8s", id="nightly", name="nightly", cluster="prod-eu", namespace="shop",
    schedule="0 3 * * *",
)  # fmt: skip
V6 = ModelVersion(source="mlflow", id="ranker/6", name="v6", model="ranker", version="6")

COMMIT = Commit(
    source="github", id="c", name="Round split payments", sha="fa2dec5" + "0" * 33,
    repository="github.example/acme/checkout",
)  # fmt: skip


def test_a_commit_is_called_by_its_repository_there_and_its_short_sha() -> None:
    assert qualified_name(COMMIT) == "acme/checkout fa2dec5"


@pytest.mark.parametrize(
    ("before", "after", "kind", "text", "alters"),
    [
        (deployment(), deployment(tag="v56"), "deploy", "v55 → v56", True),
        (
            deployment(images=("app:1", "app:1", "proxy:4")),
            deployment(images=("app:2", "app:2", "proxy:4")),
            "deploy", "1, 4 → 2, 4", True,
        ),
        (
            deployment(images=(DIGEST + "a" * 64,)),
            deployment(images=(DIGEST + "b" * 64,)),
            "deploy", "aaaaaaaaaaaa → bbbbbbbbbbbb", True,
        ),
        (
            deployment(images=(), commit="a" * 40, revision="1"),
            deployment(images=(), commit="b" * 40, revision="2"),
            "deploy", "aaaaaaa → bbbbbbb", True,
        ),
        (deployment(), deployment(revision="60"), "deploy", "revision 55 → revision 60", True),
        (deployment(), deployment(desired=6), "scale", "4 replicas → 6", True),
        (deployment(), deployment(paused=True), "switch", "paused", True),
        (deployment(), deployment(ready=3, status=Status.WARNING, reason="CrashLoopBackOff"),
         "status", "ok → CrashLoopBackOff", False),
        (None, build(7, Status.FAILED), "build", "failure", True),  # its name has the number
        (None, build(7, Status.FAILED, name="ci"), "build", "#7 failure", True),
        (None, build(7, Status.FAILED, attempt=2), "build", "#7.2 failure", True),
        (None, COMMIT, "change", "Round split payments", True),
        (RANKER, replace(RANKER, aliases=(Alias(name="champion", version="6"),), serving="6"),
         "alias", "champion v5 → v6", True),
        (RANKER, replace(RANKER, aliases=()), "alias", "champion v5 → removed", True),
        (RANKER, replace(RANKER, serving="6"), "alias", "v5 → v6", True),
        (RANKER, replace(RANKER, latest="7"), "version", "v7 registered", False),
        (None, V6, "version", "registered", False),
        (None, replace(V6, name="ranker"), "version", "v6 registered", False),
        (V6, replace(V6, stage="Production"), "alias", "Production", True),
        (drift(0.1), drift(0.31), "drift", "0.1 → 0.31 crossed 0.2", False),
        (drift(0.31), drift(0.1), "drift", "0.31 → 0.1 back within 0.2", False),
        (NIGHTLY, replace(NIGHTLY, suspended=True), "switch", "suspended", True),
        (NIGHTLY, replace(NIGHTLY, schedule="0 4 * * *"), "config", "0 3 * * * → 0 4 * * *", True),
        (pod("a"), pod("a", Status.FAILED, reason="OOMKilled"), "status", "ok → OOMKilled", False),
        (NIGHTLY, None, "change", "removed", True),
    ],
)  # fmt: skip
def test_a_change_is_told_in_a_few_words(
    before: Record | None, after: Record | None, kind: str, text: str, alters: bool
) -> None:
    found = summarize(before, after)
    assert (found.kind.value, found.text, found.alters) == (kind, text, alters)
    assert not found.minor


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (deployment(ready=1), deployment(ready=2)),
        (None, pod("a")),
        (pod("a"), None),
        (drift(0.1), drift(0.12)),
        (None, build(7, Status.RUNNING, state="queued")),
        (build(7, message="one"), build(7, message="two")),
        (V6, replace(V6, aliases=("champion",))),
    ],
)
def test_progress_on_the_way_is_minor(before: Record | None, after: Record | None) -> None:
    assert summarize(before, after).minor


@frozen
class _Backup(Record):
    kind: Kind = Kind("backup-of-history")
    database: Text
    size: int = 0


def test_a_kind_of_a_third_party_is_told_by_its_columns() -> None:
    KINDS.add([RecordKind(Kind("backup-of-history"), _Backup, title="Backups of history")], "test")
    try:
        values: dict[str, Any] = {"source": "s", "id": "1", "name": "nightly", "database": "orders"}
        one = _Backup(**values, size=3)
        found = summarize(one, _Backup(**values, size=5))
        assert (found.kind, found.text, found.alters) == (ChangeKind.CHANGE, "size 3 → 5", True)
        found = summarize(one, _Backup(**values, size=3, status=Status.FAILED, reason="disk full"))
        assert (found.kind, found.text) == (ChangeKind.STATUS, "unknown → disk full")
        assert not found.alters
    finally:
        KINDS.drop("test")


_SHA = commit("github.example/acme/checkout", "a" * 40, "OCI label revision", Strength.LABEL)
_IMAGE = Image(
    source="registry", id="i", name="shop/checkout", registry="registry.example",
    repository="shop/checkout", digest="sha256:" + "a" * 64,
)  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_IMAGE, replace(_IMAGE, inputs=stated(_SHA), commit="a" * 40)),
        (V6, replace(V6, inputs=stated(_SHA))),
        (deployment(), deployment(outputs=stated(workload("c", "n", "Deployment", "x", "r")))),
        (deployment(commit="", revision=""), deployment(commit="a" * 40)),
        (deployment(commit="a" * 40), deployment(commit="")),
    ],
    ids=str,
)
def test_what_is_found_out_later_is_no_change(before: Record, after: Record) -> None:
    found = summarize(before, after)
    assert (found.alters, found.minor) == (False, True)


@pytest.mark.parametrize("gone", [build(), COMMIT, V6, drift(0.1), deployment()], ids=str)
def test_what_comes_off_a_list_of_the_latest_is_never_removed(gone: Record) -> None:
    found = summarize(gone, None)
    assert (found.text, found.alters, found.minor) == ("no longer listed", False, True)


def test_what_is_gone_for_sure_is_removed() -> None:
    cluster = stated(workload("https://c", "shop", "Deployment", "checkout", "Deployment"))
    assert summarize(deployment(outputs=cluster), None).text == "removed"
    assert summarize(_IMAGE, None).text == "removed"
