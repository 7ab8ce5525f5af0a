"""Statements about builds, in each of their forms: one reader, whoever keeps them."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard_adapters.attestations.provenance import (
    Provenance,
    SourceCommit,
    decode_provenance,
    open_provenance,
)
from opsboard_adapters.attestations.statement import MAX_STATEMENT
from tests.adapters.registry.images import OTHER_SHA, SHA, digest, statement

IMAGE = digest(b"image")
OF_BUILDKIT: dict[str, Any] = {
    "_type": "https://in-toto.io/Statement/v0.1",
    "predicateType": "https://slsa.dev/provenance/v0.2",
    "subject": [{"name": "pkg:docker/cart", "digest": {"sha256": IMAGE.removeprefix("sha256:")}}],
    "predicate": {
        "builder": {"id": "https://github.com/acme/cart/actions/runs/1"},
        "buildType": "https://mobyproject.org/buildkit@v1",
        "materials": [
            {"uri": "pkg:docker/python@3.12", "digest": {"sha256": "ab" * 32}},
            {"uri": "https://github.com/acme/cart.git#refs/heads/main", "digest": {"sha1": SHA}},
        ],
        "invocation": {
            "configSource": {
                "uri": "https://github.com/acme/cart.git#refs/heads/main",
                "digest": {"sha1": SHA},
                "entryPoint": "Dockerfile",
            }
        },
        "metadata": {
            "buildInvocationID": "x1y2",
            "buildStartedOn": "2026-01-15T08:00:00Z",
            "buildFinishedOn": "2026-01-15T08:01:00Z",
            "https://mobyproject.org/buildkit@v1#metadata": {
                "vcs": {"revision": SHA, "source": "https://github.com/acme/cart.git"}
            },
        },
    },
}


def _parsed(body: object, *digests: str) -> Provenance | None:
    return decode_provenance(json.dumps(body).encode(), digests or (IMAGE,))


def _wrapped(body: object) -> dict[str, Any]:
    return {"payload": base64.b64encode(json.dumps(body).encode()).decode(), "signatures": []}


def _url_safe(body: object) -> dict[str, Any]:
    return {"payload": base64.urlsafe_b64encode(json.dumps(body).encode()).decode()}


def _of_github(body: object) -> dict[str, Any]:
    return {"bundle": {"dsseEnvelope": _wrapped(body)}, "repository_id": 1}


def _built_of(*dependencies: tuple[str, str], workflow: str = "") -> Provenance:
    body = statement(IMAGE)
    body["predicate"]["buildDefinition"] = {
        "externalParameters": {"workflow": {"repository": workflow}} if workflow else {},
        "resolvedDependencies": [
            {"uri": uri, "digest": {"gitCommit": sha}} for uri, sha in dependencies
        ],
    }
    found = _parsed(body)
    assert found is not None
    return found


def test_version_1() -> None:
    found = _parsed(statement(IMAGE))
    assert found is not None
    (made_of,) = found.commits
    assert (made_of.repository, made_of.sha) == ("github.com/acme/cart", SHA)
    assert found.source == made_of
    assert found.builder == "https://github.com/actions/runner"


def test_what_buildkit_writes() -> None:
    found = _parsed(OF_BUILDKIT)
    assert found is not None
    assert {one.sha for one in found.commits} == {SHA}
    assert found.source is not None
    assert (found.source.repository, found.source.sha) == ("github.com/acme/cart", SHA)
    assert found.invocation == "x1y2"
    assert found.finished_at is not None


def test_a_commit_of_buildkits_own_metadata_alone() -> None:
    vcs = {"revision": SHA, "source": "git@github.com:acme/cart.git"}
    metadata = {"https://mobyproject.org/buildkit@v1#metadata": {"vcs": vcs}}
    found = _parsed({**OF_BUILDKIT, "predicate": {"metadata": metadata}})
    assert found is not None
    assert found.commits == (SourceCommit("git@github.com:acme/cart.git", SHA),)


@pytest.mark.parametrize(
    "how", [_wrapped, _url_safe, _of_github, lambda body: {"dsseEnvelope": _wrapped(body)}]
)
def test_envelopes_and_bundles_are_opened(how: Any) -> None:
    body = statement(IMAGE)
    body["predicate"]["note"] = "\u00ff\u00fe?>"  # is written with + and /, or - and _
    assert _parsed(how(body)) == _parsed(body) == open_provenance(how(body), {IMAGE})
    assert _parsed(body) is not None


@pytest.mark.parametrize(
    "odd",
    [
        None,
        7,
        [],
        {"bundle": None},
        {"bundle": {"dsseEnvelope": {"payload": "no base64!"}}},
        {"bundle": {"dsseEnvelope": {"payload": base64.b64encode(b"[1]").decode()}}},
        {"payload": "A" * (MAX_STATEMENT * 2 + 4)},
        _of_github({"subject": [None], "predicateType": "https://slsa.dev/provenance/v1"}),
        _of_github({"subject": "x", "predicateType": 3, "predicate": []}),
        {**statement(IMAGE), "predicateType": "https://spdx.dev/Document"},
    ],
)
def test_what_is_no_provenance_says_nothing(odd: object) -> None:
    assert open_provenance(odd, {IMAGE}) is None


def test_a_statement_counts_for_each_of_its_subjects() -> None:
    body = statement(IMAGE)
    body["subject"] = [None, {"digest": {"sha512": "A" * 128}}, *body["subject"]]
    assert _parsed(body) is not None
    assert _parsed(body) == _parsed(body, f"sha512:{'a' * 128}")


# --- which commit was built ----------------------------------------------------------------------

CART = ("git+https://github.com/acme/cart@refs/heads/main", SHA)
USED = ("git+https://github.com/acme/workflows@refs/heads/main", OTHER_SHA)
CHECKOUT = "https://github.com/acme/cart"


def _source(provenance: Provenance) -> tuple[str, str] | None:
    found = provenance.source
    return (found.repository, found.sha) if found else None


def test_a_workflow_that_is_only_used_is_not_the_source() -> None:
    assert _source(_built_of(USED, CART)) is None
    assert _source(_built_of(USED, CART, workflow=CHECKOUT)) == ("github.com/acme/cart", SHA)
    assert _source(_built_of(USED, workflow=CHECKOUT)) is None
    assert len(_built_of(USED, CART, workflow=CHECKOUT).commits) == 2


def test_two_commits_of_the_source_are_none() -> None:
    twice = (CART[0], OTHER_SHA)
    assert _source(_built_of(CART, twice, workflow=CHECKOUT)) is None
    assert _source(_built_of(CART, CART, workflow=CHECKOUT)) == ("github.com/acme/cart", SHA)


def test_the_source_of_version_0_is_that_of_its_config() -> None:
    config = {"uri": "git+https://github.com/acme/cart@refs/tags/v1", "digest": {"sha1": SHA}}
    used = {"uri": "git+https://github.com/acme/lib", "digest": {"sha1": OTHER_SHA}}
    predicate = {"invocation": {"configSource": config}, "materials": [used, config]}
    found = _parsed({**OF_BUILDKIT, "predicate": predicate})
    assert found is not None
    assert _source(found) == ("github.com/acme/cart", SHA)


def test_a_statement_about_another_image_is_none() -> None:
    assert _parsed(statement(digest(b"other"))) is None


def test_a_digest_that_is_no_commit_is_not_one() -> None:
    body = statement(IMAGE)
    dependencies = body["predicate"]["buildDefinition"]["resolvedDependencies"]
    dependencies[:] = [
        {"uri": "https://files.example/tool.tar", "digest": {"sha1": OTHER_SHA}},
        {"uri": f"https://github.com/acme/cart/archive/{SHA}.tar.gz", "digest": {"sha1": SHA}},
        {"uri": "https://[::1", "digest": {"sha1": SHA}},
        None,
        {"uri": 7, "digest": "x"},
        {"uri": "pkg:docker/python@3.12", "digest": {"sha256": "ab" * 32}},
        {"uri": "git+https://github.com/acme/cart", "digest": {"gitCommit": SHA[:7]}},
    ]
    found = _parsed(body)
    assert found is not None
    assert found.commits == ()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.sampled_from(["subject", "predicate", "predicateType", "payload", "dsseEnvelope"]), _JSON)
def test_nothing_odd_raises(key: str, value: Any) -> None:
    _parsed({**statement(IMAGE), key: value})
    _parsed(value)


@given(
    st.sampled_from(["buildDefinition", "runDetails", "metadata", "materials", "invocation"]), _JSON
)
def test_nothing_odd_in_a_predicate_raises(key: str, value: Any) -> None:
    for body in (statement(IMAGE), OF_BUILDKIT):
        _parsed({**body, "predicate": {**body["predicate"], key: value}})


@given(st.binary(max_size=200))
def test_bytes_are_no_statement(content: bytes) -> None:
    assert decode_provenance(content, (IMAGE,)) is None
