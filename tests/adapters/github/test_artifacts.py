"""Where images come from, by GitHub's attestations and artifact metadata, through the adapter."""

import base64
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from opsboard.adapter import Change, Condition, Report, Upsert
from opsboard.records import Artifact
from opsboard.records.claims import Identity, Strength
from opsboard_adapters.github.claims import RepositoryHost
from opsboard_adapters.github.provenance import claims_of, provenance_in
from tests.adapters.github.support import Enough, FakeGitHub, collect, connected, context, runs
from tests.adapters.github.test_identities import DEPLOYMENTS, RUNS

DIGEST = f"sha256:{'d' * 64}"
OTHER = f"sha256:{'e' * 64}"
SHA = "a" * 40
BULK = "/orgs/o/attestations/bulk-list"
METADATA = f"/orgs/o/artifacts/{DIGEST}/metadata/deployment-records"
RUN = "https://github.com/o/r/actions/runs/70/attempts/1"


def dependency(uri: str = "git+https://github.com/o/r@refs/heads/main", sha: str = SHA) -> Any:
    return {"uri": uri, "digest": {"gitCommit": sha}}


def attestation(
    digest: str = DIGEST,
    dependencies: list[Any] | None = None,
    workflow: Any = None,
    run: str = RUN,
) -> dict[str, Any]:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "shop", "digest": {"sha256": digest.removeprefix("sha256:")}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "externalParameters": {"workflow": workflow or {}},
                "resolvedDependencies": [dependency()] if dependencies is None else dependencies,
            },
            "runDetails": {"metadata": {"invocationId": run}},
        },
    }
    return signed(statement)


def signed(statement: object) -> dict[str, Any]:
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    return {"bundle": {"dsseEnvelope": {"payload": payload}}, "repository_id": 1}


def answers(**more: Any) -> dict[str, Any]:
    found = {"attestations_subject_digests": {DIGEST: [attestation()]}}
    return {RUNS: runs(), DEPLOYMENTS: [], "/graphql": {"data": None}, BULK: found, **more}


async def told(
    tmp_path: Path, github: FakeGitHub, *digests: str, rounds: int = 30
) -> tuple[list[Artifact], list[Report]]:
    ctx = context(tmp_path)
    async with connected(github, ctx, commits=True) as source:
        source.enrich(frozenset(Identity("image", "", digest) for digest in digests))
        found = await collect(source, ctx, rounds)
    upserts = [one for one in found if isinstance(one, Upsert) and one.scope == "artifacts"]
    reports = [one for one in found if isinstance(one, Report) and one.scope == "artifacts"]
    records = {one.ref: one for change in upserts for one in change.records}
    return [one for one in records.values() if isinstance(one, Artifact)], reports


async def test_an_attested_image_is_of_its_commit_and_run(tmp_path: Path) -> None:
    (one,), _ = await told(tmp_path, FakeGitHub(answers()), DIGEST)
    assert [claim.identity for claim in one.outputs] == [Identity("image", "", DIGEST)]
    assert [claim.identity for claim in one.inputs] == [
        Identity("commit", "github.com/o/r", SHA),
        Identity("run", "github.com/o/r", "70"),
    ]
    assert {claim.strength for claim in one.inputs} == {Strength.LABEL}
    assert {claim.rule for claim in one.inputs} == {"GitHub attestation, unverified signature"}


async def test_all_digests_are_one_request_and_what_is_known_is_never_asked_again(
    tmp_path: Path,
) -> None:
    digests = [f"sha256:{number:064x}" for number in range(150)]
    github = FakeGitHub(answers())
    await told(tmp_path, github, DIGEST, *digests, rounds=60)
    asked = [json.loads(one.content) for one in github.requests if one.url.path == BULK]
    assert len(asked[0]["subject_digests"]) == 151
    assert not [one for one in asked[1:] if DIGEST in one["subject_digests"]]


async def test_without_images_nothing_is_requested(tmp_path: Path) -> None:
    github = FakeGitHub(answers())
    assert (await told(tmp_path, github))[0] == []
    assert BULK not in github.paths()


@pytest.mark.parametrize("code", [403, 404])
async def test_what_is_not_there_is_asked_once_and_harms_nothing(tmp_path: Path, code: int) -> None:
    refused = httpx.Response(code, json={"message": "Not Found"})
    github = FakeGitHub(answers(**{BULK: refused, METADATA: refused}))
    records, reports = await told(tmp_path, github, DIGEST, OTHER, rounds=60)
    assert records == []
    assert not [one for one in reports if one.health.condition is not Condition.LIVE]
    assert github.paths().count(BULK) == 1
    assert sum("/metadata/" in path for path in github.paths()) == 1


@pytest.mark.parametrize("code", [403, 404])
async def test_what_was_refused_once_is_asked_for_again_where_news_are(
    tmp_path: Path, code: int
) -> None:
    refused = httpx.Response(code, json={"message": "Not Found"})
    github, ctx = FakeGitHub(answers(**{BULK: refused, METADATA: refused})), context(tmp_path)
    async with connected(github, ctx, commits=True) as source:
        source.enrich(frozenset({Identity("image", "", DIGEST)}))
        ctx.rounds, found = 12, list[Change]()
        with suppress(Enough):
            async for change in source.changes():
                found.append(change)
                if ctx.rounds == 8 and ctx.woken_after is None:
                    assert github.paths().count(BULK) == 1
                    github.answers |= answers()
                    ctx.woken_after = 0.1
    records = [r for one in found if isinstance(one, Upsert) for r in one.records]
    assert DIGEST in {one.id for one in records if isinstance(one, Artifact)}


async def test_records_of_deployment_say_where_an_image_is(tmp_path: Path) -> None:
    record = {
        "digest": DIGEST,
        "logical_environment": "production",
        "cluster": "eu-1",
        "deployment_name": "shop/cart",
    }
    body = {"total_count": 2, "deployment_records": [record, "odd"]}
    (one,), _ = await told(tmp_path, FakeGitHub(answers(**{METADATA: body})), DIGEST)
    assert one.deployed_to == ("production in eu-1: shop/cart",)


# --- what provenance says ------------------------------------------------------------------------


def source_of(*attestations: Any) -> tuple[str, str] | None:
    found = provenance_in(list(attestations), DIGEST)
    return (found.source.repository, found.source.sha) if found and found.source else None


def test_a_statement_about_another_image_is_not_taken() -> None:
    assert source_of(attestation(OTHER)) is None


def test_contradicting_attestations_say_nothing() -> None:
    other = attestation(dependencies=[dependency(sha="b" * 40)])
    assert source_of(attestation(), other) is None
    assert source_of(attestation(), attestation()) == ("github.com/o/r", SHA)


def test_where_the_source_is_not_clear_nothing_is_said() -> None:
    used = dependency("git+https://github.com/o/workflows@refs/heads/main", "c" * 40)
    assert source_of(attestation(dependencies=[used, dependency()])) is None
    assert source_of(attestation(dependencies=[used, dependency()]), attestation()) == (
        "github.com/o/r",
        SHA,
    )
    assert source_of(attestation(dependencies=[dependency("odd")])) is None


def test_a_run_of_another_server_is_not_named() -> None:
    found = provenance_in([attestation(run="https://ci.example/o/r/actions/runs/70")], DIGEST)
    assert found is not None
    assert [claim.type for claim in claims_of(found, RepositoryHost())] == ["commit"]


@pytest.mark.parametrize("odd", [None, 7, {"bundle": None}, attestation(dependencies=[None])])
def test_odd_attestations_say_nothing(odd: object) -> None:
    assert source_of(odd) is None
    assert provenance_in(odd, DIGEST) is None
