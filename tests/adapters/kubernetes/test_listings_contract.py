"""Any resource, on the demo's cluster and on a true API server alike."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from opsboard.adapter import ListingColumnType, ListingQuery, Source
from opsboard.records import Kind, Ref, Status, listed_ref
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.scripted_cluster import write_kubeconfig
from tests.adapters.kubernetes.test_contract import REAL, _api
from tests.adapters.kubernetes.test_listings import opened
from tests.quiet_demo import quiet_demo

CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "spec": {
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "x-kubernetes-preserve-unknown-fields": True,
                    }
                },
                "additionalPrinterColumns": [
                    {"name": "Ready", "type": "string", "jsonPath": ".ready"},
                    {"name": "Secret", "type": "string", "jsonPath": ".secretName"},
                    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
                ],
            }
        ],
    },
}


class Shop(NamedTuple):
    """A namespace with a StatefulSet's claim, a public service, its certificate and a Secret."""

    source: Source
    cluster: str
    namespace: str
    service: str
    certificates: str
    claim: str
    secret: str
    http: httpx.AsyncClient | None

    @property
    def query(self) -> ListingQuery:
        return ListingQuery(namespaces=(self.namespace,))


@pytest.fixture(params=["demo", pytest.param("real", marks=pytest.mark.cluster)])
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shop]:
    if request.param == "real" and not REAL:
        pytest.skip("OPSBOARD_TEST_KUBECONFIG names no cluster")
    made = _real() if request.param == "real" else _demo(tmp_path)
    async with made as found:
        yield found


@asynccontextmanager
async def _demo(folder: Path) -> AsyncIterator[Shop]:
    with quiet_demo() as demo:
        file = write_kubeconfig(folder, f"{demo.url}/clusters/production-eu", token="")
        async with _source(KubernetesSettings(kubeconfig=file)) as source:
            yield Shop(
                source,
                "test",
                "payments",
                "ledger",
                "certificates.cert-manager.io",
                "data-ledger-0",
                "",
                None,
            )


@asynccontextmanager
async def _source(settings: KubernetesSettings) -> AsyncIterator[Source]:
    context = FakeContext("k8s", env={"PATH": os.defpath})
    async with Kubernetes.connect(settings, context) as source:
        yield source


@asynccontextmanager
async def _real() -> AsyncIterator[Shop]:
    settings = KubernetesSettings(kubeconfig=Path(REAL))
    namespace, group = f"opsboard-test-{uuid4().hex[:8]}", f"o{uuid4().hex[:6]}.example.com"
    async with _api(settings) as (api, cluster):
        http = api._client
        definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        try:
            await _make(http, "/api/v1/namespaces", "Namespace", namespace)
            within = f"/namespaces/{namespace}"
            ports = {"spec": {"ports": [{"port": 80}], "selector": {"app": "x"}}}
            await _make(http, f"/api/v1{within}/services", "Service", "ledger", **ports)
            claim = {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}},
            }
            path = f"/api/v1{within}/persistentvolumeclaims"
            await _make(http, path, "PersistentVolumeClaim", "data-ledger-0", spec=claim)
            value = {"stringData": {"password": "hunter2-hunter2"}}
            await _make(http, f"/api/v1{within}/secrets", "Secret", "db", **value)
            names = {"plural": "certificates", "kind": "Certificate", "singular": "certificate"}
            body = {**CRD, "metadata": {"name": f"certificates.{group}"}}
            body["spec"] = {**CRD["spec"], "group": group, "names": names}  # type: ignore[dict-item]
            answer = await http.post(definition, json=body)
            assert answer.status_code == 201, answer.text
            await _certificate(http, f"/apis/{group}/v1{within}/certificates", group)
            async with _source(settings) as source:
                yield Shop(
                    source,
                    cluster,
                    namespace,
                    "ledger",
                    f"certificates.{group}",
                    "data-ledger-0",
                    "db",
                    http,
                )
        finally:
            await http.delete(f"{definition}/certificates.{group}")
            await http.delete(f"/api/v1/namespaces/{namespace}")


async def _certificate(http: httpx.AsyncClient, path: str, group: str) -> None:
    """Make a certificate, as soon as its definition is served."""
    body = {
        "apiVersion": f"{group}/v1",
        "kind": "Certificate",
        "metadata": {"name": "ledger-tls"},
        "ready": "False",
        "secretName": "ledger-tls",
    }
    for _ in range(200):
        with suppress(httpx.HTTPError):
            if (await http.post(path, json=body)).status_code == 201:
                return
        await asyncio.sleep(0.05)
    raise AssertionError("the definition is never served")


async def _make(http: httpx.AsyncClient, path: str, kind: str, name: str, **more: Any) -> None:
    body = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, **more}
    answer = await http.post(path, json=body)
    assert answer.status_code in {200, 201}, answer.text


async def test_the_words_of_kubectl_lead_to_what_is_served(shop: Shop) -> None:
    catalog = await shop.source.listing_types()
    aliases = {word: one.name for one in reversed(catalog.types) for word in one.aliases}
    usual = {
        "no": "nodes",
        "svc": "services",
        "pvc": "persistentvolumeclaims",
        "ing": "ingresses.networking.k8s.io",
        "hpa": "horizontalpodautoscalers.autoscaling",
        "crd": "customresourcedefinitions.apiextensions.k8s.io",
        "deploy": "deployments.apps",
    }
    assert {word: aliases[word] for word in usual} == usual
    assert shop.certificates in {one.name for one in catalog.types}


@pytest.mark.parametrize(
    ("listing", "narrow", "wide"),
    [
        ("services", ("Type", "Cluster-IP", "External-IP", "Port(s)", "Age"), ("Selector",)),
        (
            "persistentvolumeclaims",
            ("Status", "Volume", "Capacity", "Access Modes", "StorageClass", "Age"),
            ("VolumeMode",),
        ),
        ("namespaces", ("Status", "Age"), ()),
    ],
)
async def test_columns_are_those_of_kubectl(
    shop: Shop, listing: str, narrow: tuple[str, ...], wide: tuple[str, ...]
) -> None:
    async with opened(shop.source, listing, shop.query) as found:
        await found.until_complete()
    (columns,) = (one.columns for one in found.told if one.columns)
    assert [one.name for one in columns if not one.wide if one.name in narrow] == list(narrow)
    assert {one.name for one in columns if one.wide} >= {*wide}
    assert [one.name for one in columns if one.type is ListingColumnType.TIME] == ["Age"]


async def test_rows_are_of_the_namespace_and_lead_to_their_page(shop: Shop) -> None:
    async with opened(shop.source, "services", shop.query) as found:
        await found.until_complete()
    row = next(one for one in found.rows.values() if one.name == shop.service)
    assert {one.namespace for one in found.rows.values()} == {shop.namespace}
    assert row.cells[0] == "ClusterIP"
    assert row.created_at is not None
    ref = listed_ref("k8s", "services", row.key)
    detail = await shop.source.detail(ref)
    assert detail.record.ref == ref
    titles = [section.title for section in detail.sections]
    assert titles[:2] == ["Service", "Spec"]
    raw = await shop.source.raw(ref)
    assert raw["metadata"]["name"] == shop.service
    assert "managedFields" not in raw["metadata"]


async def test_a_claim_says_how_it_is(shop: Shop) -> None:
    async with opened(shop.source, "persistentvolumeclaims", shop.query) as found:
        await found.until_complete()
    statuses = {one.name: one.status for one in found.rows.values()}
    expected = Status.WARNING if shop.http is not None else Status.OK  # no provisioner: Pending
    assert statuses[shop.claim] is expected


async def test_a_custom_resource_has_the_columns_of_its_definition(shop: Shop) -> None:
    query = shop.query if shop.http is not None else ListingQuery(namespaces=("shop",))
    async with opened(shop.source, shop.certificates, query) as found:
        await found.until_complete()
    assert found.columns == ["Ready", "Secret", "Age"]
    assert found.rows
    for row in found.rows.values():
        assert row.cells[1] == row.name
        assert row.cells[2].endswith("Z"), "its age is the time of its creation"


async def test_changes_arrive_through_the_watch(shop: Shop) -> None:
    if shop.http is None:
        pytest.skip("nothing of the demo can be made or deleted here")
    path = f"/api/v1/namespaces/{shop.namespace}/services"
    async with opened(shop.source, "services", shop.query) as found:
        await found.until_complete()
        ports = {"spec": {"ports": [{"port": 81}]}}
        await _make(shop.http, path, "Service", "new", **ports)
        while "new" not in found.names:
            await found.next()
        patch = {"spec": {"ports": [{"port": 82}]}}
        headers = {"Content-Type": "application/merge-patch+json"}
        await shop.http.patch(f"{path}/new", json=patch, headers=headers)
        while "82/TCP" not in found.rows[f"{shop.cluster}/{shop.namespace}/new"].cells:
            await found.next()
        await shop.http.delete(f"{path}/new")
        while "new" in found.names:
            await found.next()


async def test_a_secret_shows_its_name_and_type_and_never_a_value(shop: Shop) -> None:
    async with opened(shop.source, "secrets", shop.query) as found:
        await found.until_complete()
    if not shop.secret:
        assert found.columns == ["Type", "Data", "Age"]
        return
    row = next(one for one in found.rows.values() if one.name == shop.secret)
    assert row.cells[:2] == ("Opaque", "1")
    ref = Ref("k8s", Kind.CONFIG, f"{shop.cluster}/{shop.namespace}/Secret/{shop.secret}")
    assert row.ref == ref
    for told in (await shop.source.detail(ref), await shop.source.raw(ref), found.told):
        assert "hunter2" not in repr(told)
        assert "aHVudGVyMi" not in repr(told)


async def test_two_listings_of_one_cluster_do_not_end_each_other(shop: Shop) -> None:
    async with opened(shop.source, "namespaces") as first:
        await first.until_complete()
        async with opened(shop.source, "nodes") as second:
            await second.until_complete()
        assert first.names
