"""Statements about builds, in each of their forms."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard_adapters.registry.provenance import Provenance, SourceCommit, parse_statement
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
    return parse_statement(json.dumps(body).encode(), digests or (IMAGE,))


def _wrapped(body: object) -> dict[str, Any]:
    return {"payload": base64.b64encode(json.dumps(body).encode()).decode(), "signatures": []}


def test_version_1() -> None:
    found = _parsed(statement(IMAGE))
    assert found is not None
    assert found.commits == (SourceCommit("https://github.com/acme/cart", SHA),)
    assert found.builder == "https://github.com/actions/runner"


def test_what_buildkit_writes() -> None:
    found = _parsed(OF_BUILDKIT)
    assert found is not None
    assert {one.sha for one in found.commits} == {SHA}
    assert found.invocation == "x1y2"
    assert found.finished_at is not None


def test_a_commit_of_buildkits_own_metadata_alone() -> None:
    vcs = {"revision": SHA, "source": "git@github.com:acme/cart.git"}
    metadata = {"https://mobyproject.org/buildkit@v1#metadata": {"vcs": vcs}}
    found = _parsed({**OF_BUILDKIT, "predicate": {"metadata": metadata}})
    assert found is not None
    assert found.commits == (SourceCommit("git@github.com:acme/cart.git", SHA),)


@pytest.mark.parametrize("how", [_wrapped, lambda body: {"dsseEnvelope": _wrapped(body)}])
def test_envelopes_and_bundles_are_opened(how: Any) -> None:
    assert _parsed(how(statement(IMAGE))) == _parsed(statement(IMAGE))


def test_a_statement_about_another_image_is_none() -> None:
    assert _parsed(statement(digest(b"other"))) is None


def test_a_digest_that_is_no_commit_is_not_one() -> None:
    body = statement(IMAGE)
    dependencies = body["predicate"]["buildDefinition"]["resolvedDependencies"]
    dependencies[:] = [
        {"uri": "https://files.example/tool.tar", "digest": {"sha1": OTHER_SHA}},
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
    assert parse_statement(content, (IMAGE,)) is None
