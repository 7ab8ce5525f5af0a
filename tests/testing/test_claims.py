"""The conformance suite sees identities that would join nothing, or what is not so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Adapter, Check, Context, Poll, PollingSource, Source, SourceSettings
from opsboard.adapter import listing as listed
from opsboard.kinds import RecordKind
from opsboard.records import Claim, Kind, Record, Status, Strength, frozen, stated
from opsboard.records.identity import (
    ci_run,
    commit,
    dataset,
    image,
    image_tag,
    logged_model,
    model_alias,
    model_version,
    pull_request,
    training_run,
    workload,
)
from opsboard.testing import AdapterConformance, World
from opsboard.testing.claims import claim_faults

SHA = "fa2dec5f" * 5
DIGEST = f"sha256:{'9ab0' * 16}"
SERVER = "https://mlflow.example"
GOOD = stated(
    commit("github.com/acme/shop", SHA, "run"),
    commit("", SHA, "run"),
    image(DIGEST, "imageID"),
    image_tag("registry.example:5000/shop/cart:1.2", "spec"),
    image_tag("nginx", "spec"),
    model_version(SERVER, "team/fraud", "3", "registry"),
    model_version("", "fraud", "3", "env"),
    model_alias(SERVER, "fraud", "champion", "env"),
    logged_model(SERVER, "m-1", "source"),
    training_run(SERVER, "r1", "run"),
    training_run("", "r1", "run"),
    ci_run("github.com/acme/shop", 7, "run"),
    dataset("wine@home", "9f86d081", "input"),
    pull_request("github.com/acme/shop", 7, "event"),
    workload("https://10.0.0.1:6443", "shop", "Deployment", "cart", "owner"),
    Claim("helm-release", "prod", "cart.v7", "label", Strength.LABEL),
)


@frozen
class Release(Record):
    """A kind that a third party brings."""

    kind: Kind = Kind("helm-release")


_SECRET = "hunter2hunter2"
TYPES = frozenset({claim.type for claim in GOOD})


def _faults(*claims: Claim, declared: frozenset[str] = TYPES, secret: str = _SECRET) -> list[str]:
    record = Release(source="s", id="r", name="r", inputs=claims)
    return list(claim_faults(record, declared, lambda text: secret in text))


def test_what_the_program_makes_and_a_type_of_ones_own_are_good() -> None:
    assert _faults(*GOOD) == []


@pytest.mark.parametrize(
    ("claim", "says"),
    [
        (GOOD[0]._replace(scope="https://github.com/Acme/Shop.git"), "identity.commit"),
        (GOOD[0]._replace(value=SHA.upper()), "identity.commit"),
        (GOOD[0]._replace(value=SHA[:7]), "that is none"),
        (GOOD[0]._replace(value=f"{SHA}-dirty"), "that is none"),
        (GOOD[2]._replace(value=f"docker-pullable://shop/cart@{DIGEST}"), "identity.image("),
        (GOOD[2]._replace(scope="registry.example/shop"), "identity.image("),
        (GOOD[4]._replace(scope="nginx"), "docker.io/library/nginx"),
        (GOOD[5]._replace(scope="HTTPS://MLflow.example/"), "https://mlflow.example"),
        (GOOD[5]._replace(value="fraud"), "that is none"),
        (GOOD[7]._replace(value="champion"), "that is none"),
        (GOOD[9]._replace(scope="https://me:pw@mlflow.example:443"), "identity.training_run"),
        (GOOD[11]._replace(scope="git@github.com:acme/shop.git"), "identity.ci_run"),
        (GOOD[12]._replace(value="wine"), "that is none"),
        (GOOD[13]._replace(scope=""), "that is none"),
        (GOOD[14]._replace(value="shop/cart"), "that is none"),
        (GOOD[14]._replace(scope="https://10.0.0.1:6443/"), "identity.workload"),
    ],
)
def test_a_form_that_nobody_else_writes_is_seen(claim: Claim, says: str) -> None:
    (fault,) = _faults(claim)
    assert says in fault
    assert "`inputs`" in fault


def test_a_type_that_the_kind_does_not_declare_is_seen() -> None:
    (fault,) = _faults(GOOD[0], declared=frozenset({"image"}))
    assert "add it to its `identities` (now image)" in fault


@pytest.mark.parametrize(
    ("claim", "says"),
    [
        (GOOD[3]._replace(strength=Strength.DIGEST), "no digest; the most"),
        (GOOD[7]._replace(strength=Strength.SHA), "the most that it can be is a tag"),
        (GOOD[0]._replace(strength=Strength.DIGEST), "not the content's own hash"),
        (GOOD[0]._replace(rule=""), "it has no rule"),
        (Claim("helm-release", "", "", "label", Strength.LABEL), "it has no value"),
    ],
)
def test_a_strength_that_it_cannot_have_is_seen(claim: Claim, says: str) -> None:
    (fault,) = _faults(claim)
    assert says in fault


def test_a_strength_of_ones_own_is_seen() -> None:
    class Odd(Record):
        """As a class would be that does not coerce."""

    claim = GOOD[0]._replace(strength=cast("Any", "certain"))
    odd = Odd.__new__(Odd)
    odd.__dict__.update(source="s", id="r", name="r", kind=Kind("odd"), inputs=(claim,), outputs=())
    (fault,) = claim_faults(odd, TYPES, lambda _: False)
    assert "'certain', which is no opsboard.records.Strength" in fault


def test_a_secret_is_seen_and_not_repeated() -> None:
    url = f"https://bot:{_SECRET}@host"
    for claim in (
        GOOD[-1]._replace(scope=url), GOOD[-1]._replace(value=url), GOOD[-1]._replace(rule=url)
    ):  # fmt: skip
        (fault,) = _faults(claim)
        assert "registered secret" in fault
        assert "hunter2" not in fault


def test_the_same_claim_twice_is_seen_and_two_rules_are_not() -> None:
    assert _faults(GOOD[0], GOOD[0]._replace(rule="tag")) == []
    (fault,) = _faults(GOOD[0], GOOD[0])
    assert "twice" in fault


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(sorted(TYPES)))
def test_no_text_makes_the_suite_itself_fail(scope: str, value: str, kind: str) -> None:
    assert all(
        isinstance(one, str) for one in _faults(Claim(kind, scope, value, "r", Strength.TAG))
    )


# --- through the suite ----------------------------------------------------------------------------


class NoSettings(SourceSettings):
    """Nothing to set."""


class ReleaseSource(PollingSource):
    def __init__(self, context: Context, claims: tuple[Claim, ...]) -> None:
        super().__init__(context)
        self._claims = claims

    async def poll(self) -> Poll:
        record = Release(
            source=self.context.name, id="cart", name="cart", status=Status.OK, inputs=self._claims
        )
        return Poll(listed("releases", [record]))

    async def checks(self) -> AsyncIterator[Check]:
        yield Check("reachable", Status.OK, "there")


def _suite(*claims: Claim) -> AdapterConformance:
    declared = RecordKind(
        Kind("helm-release"), Release, title="Releases", identities=("helm-release", "commit")
    )

    class Releases(Adapter[NoSettings]):
        """Releases of charts."""

        name, title, settings, kinds = "releases", "Releases", NoSettings, (declared,)

        @classmethod
        @asynccontextmanager
        async def connect(cls, settings: NoSettings, context: Context) -> AsyncIterator[Source]:
            yield ReleaseSource(context, claims)

    class Suite(AdapterConformance):
        adapter: ClassVar[type[Adapter[Any]]] = Releases

        @asynccontextmanager
        async def world(self) -> AsyncIterator[World]:
            yield World(NoSettings())

    return Suite()


async def test_a_third_partys_own_type_passes_the_suite() -> None:
    await _suite(GOOD[0], GOOD[-1]).test_identities_are_declared_and_in_one_form()


async def test_an_undeclared_type_fails_the_suite() -> None:
    with pytest.raises(AssertionError, match="does not declare"):
        await _suite(GOOD[2]).test_identities_are_declared_and_in_one_form()
