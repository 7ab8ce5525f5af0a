"""Clusters and image repositories in states are joined with what is in them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from opsboard.history.relations import relations_of
from opsboard.kinds.registry import KINDS
from opsboard.lineage.chain import chain
from opsboard.lineage.edges import edges_into
from opsboard.lineage.index import LineageIndex
from opsboard.records import Deployment, Image, Record, Ref, Strength, stated
from opsboard.records.identity import cluster, image_place, workload
from opsboard_adapters.terraform import Terraform
from opsboard_adapters.terraform.backends.backend import StateAddress
from opsboard_adapters.terraform.fingerprints import Fingerprints
from opsboard_adapters.terraform.records import ManagedResource
from opsboard_adapters.terraform.state import read_state
from opsboard_adapters.terraform.translate import Translator, WorkspaceState
from tests.adapters.terraform.states import CLUSTER, resource, shop

NOW: Final = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
ECR: Final = "1.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.fixture(autouse=True, scope="module")
def loaded() -> None:
    """Have the kinds of the adapter as when it is in the config."""
    KINDS.add(Terraform.own_kinds(), Terraform.name)


def told(*resources: dict[str, Any], name: str = "prod", declared: str = "") -> list[Record]:
    """Return what the state *name* of *resources* is told as."""
    body = json.dumps(shop(7, *resources, lineage=f"lineage-of-{name}")).encode()
    known = WorkspaceState(
        StateAddress(name, name, name, f"s3://a/{name}"),
        read_state(body, Fingerprints(b"secret"), 100),
    )
    made = Translator("tf", "s3", lambda *_: "", lock_warning=MINUTE, cluster=declared)
    return [made.workspace(known, NOW), *made.resources(known)]


def running(server: str, name: str = "cart", image: str = "") -> Deployment:
    """Return a workload as a cluster at *server* tells of it."""
    return Deployment(
        source="k8s",
        id=f"{server}/shop/Deployment/{name}",
        name=name,
        workload="Deployment",
        inputs=stated(
            image_place(image, "image name") if image else None,
            cluster(server, "kubeconfig: server"),
        ),
        outputs=stated(workload(server, "shop", "Deployment", name, "Deployment")),
    )


def kept(reference: str) -> Image:
    """Return an image as its registry tells of it."""
    return Image(
        source="registry",
        id=reference,
        name=reference,
        registry=reference.partition("/")[0],
        repository=reference.partition("/")[2].partition(":")[0],
        digest=f"sha256:{'1' * 64}",
        inputs=stated(image_place(reference, "registry: repository")),
    )


def joined(about: Record, *records: Record) -> dict[str, Strength]:
    """Return the addresses of resources above *about*, each with the weakest edge on the way."""
    index = LineageIndex()
    index.update([about, *records])
    found = {}
    for near in edges_into(index, about.ref):
        for far in edges_into(index, near.upstream):
            record = index.record(far.upstream) if isinstance(far.upstream, Ref) else None
            if isinstance(record, ManagedResource):
                found[f"{record.workspace}:{record.address}"] = min(
                    (near.strength, far.strength), key=lambda one: one.rank
                )
    return found


def eks(endpoint: str = CLUSTER, **more: Any) -> dict[str, Any]:
    return resource("aws_eks_cluster", "main", {"endpoint": endpoint}, **more)


@pytest.mark.parametrize(
    "server",
    [CLUSTER, f"{CLUSTER}/", f"{CLUSTER}:443", CLUSTER.lower(), f"{CLUSTER.lower()}:443/"],
)
def test_a_cluster_is_the_one_at_its_endpoint_however_that_is_written(server: str) -> None:
    assert joined(running(server), *told(eks())) == {"prod:aws_eks_cluster.main": Strength.SHA}


@pytest.mark.parametrize(
    "server",
    [f"{CLUSTER}:6443", CLUSTER.replace("https", "http"), "https://0a1c.gr7.eks.amazonaws.com"],
)
def test_another_port_scheme_or_name_is_another_cluster(server: str) -> None:
    assert joined(running(server), *told(eks())) == {}


def test_an_address_that_two_states_have_is_a_guess_for_both() -> None:
    records = [*told(eks()), *told(eks(), name="old")]
    assert joined(running(CLUSTER), *records) == {
        "prod:aws_eks_cluster.main": Strength.CANDIDATE,
        "old:aws_eks_cluster.main": Strength.CANDIDATE,
    }


def test_a_cluster_that_another_state_only_reads_is_made_by_the_one() -> None:
    records = [*told(eks()), *told(eks(mode="data"), name="apps")]
    assert joined(running(CLUSTER), *records) == {"prod:aws_eks_cluster.main": Strength.SHA}


def gke(**attributes: Any) -> dict[str, Any]:
    return resource("google_container_cluster", "main", attributes)


PRIVATE: Final = {"private_cluster_config": [{"private_endpoint": "10.8.0.2"}]}
DNS_ENDPOINT: Final = {
    "control_plane_endpoints_config": [
        {"dns_endpoint_config": [{"endpoint": "gke-0a1b.europe-west1.gke.goog"}]}
    ]
}


@pytest.mark.parametrize(
    ("attributes", "server", "strength"),
    [
        ({"endpoint": "34.76.1.2"}, "https://34.76.1.2", Strength.TAG),
        ({"endpoint": "34.76.1.2", **PRIVATE}, "https://34.76.1.2/", Strength.TAG),
        (PRIVATE, "https://10.8.0.2", Strength.CANDIDATE),
        (DNS_ENDPOINT, "https://gke-0a1b.europe-west1.gke.goog", Strength.SHA),
    ],
)
def test_an_address_says_no_more_than_whose_it_can_be(
    attributes: dict[str, Any], server: str, strength: Strength
) -> None:
    found = joined(running(server), *told(gke(**attributes)))
    assert found == {"prod:google_container_cluster.main": strength}


def test_a_private_address_is_sure_where_the_settings_say_it_too() -> None:
    records = told(gke(**PRIVATE), declared="https://10.8.0.2:443/")
    found = joined(running("https://10.8.0.2"), *records)
    assert found == {"prod:google_container_cluster.main": Strength.LABEL}


@pytest.mark.parametrize("attribute", ["fqdn", "private_fqdn"])
def test_a_cluster_of_azure_is_known_by_either_name(attribute: str) -> None:
    name = "shop-0a1b.hcp.westeurope.azmk8s.io"
    one = resource("azurerm_kubernetes_cluster", "main", {attribute: name})
    found = joined(running(f"https://{name}:443"), *told(one))
    assert found == {"prod:azurerm_kubernetes_cluster.main": Strength.SHA}


def test_an_endpoint_that_the_state_calls_sensitive_is_not_read() -> None:
    hidden = [[{"type": "get_attr", "value": "endpoint"}]]
    assert joined(running(CLUSTER), *told(eks(sensitive=hidden))) == {}


# --- images --------------------------------------------------------------------------------------

REPOSITORIES: Final = {
    "ecr": (
        resource("aws_ecr_repository", "it", {"repository_url": f"{ECR}/shop/cart"}),
        f"{ECR}/shop/cart:v7",
        f"{ECR}/shop/cart-old:v7",
    ),
    "google": (
        resource(
            "google_artifact_registry_repository",
            "it",
            {"location": "europe", "project": "acme", "repository_id": "shop"},
        ),
        "europe-docker.pkg.dev/acme/shop/cart:v7",
        "europe-docker.pkg.dev/acme/shop-old/cart:v7",
    ),
    "azure": (
        resource("azurerm_container_registry", "it", {"login_server": "Acme.azurecr.io"}),
        "acme.azurecr.io/shop/cart:v7",
        "acme2.azurecr.io/shop/cart:v7",
    ),
}


@pytest.mark.parametrize("which", REPOSITORIES)
def test_a_repository_is_joined_with_its_images_and_with_what_runs_them(which: str) -> None:
    made, its, other = REPOSITORIES[which]
    records, found = told(made), {f"prod:{made['type']}.it": Strength.TAG}
    digest = f"@sha256:{'0' * 64}"
    assert joined(kept(its), *records) == found
    assert joined(running("https://k8s.example", image=its), *records) == found
    assert joined(running("https://k8s.example", image=its + digest), *records) == found
    assert joined(kept(other), *records) == {}


# --- what follows --------------------------------------------------------------------------------


def test_a_place_that_nobody_is_known_to_have_made_stands_in_no_chain() -> None:
    index = LineageIndex()
    one = running(CLUSTER, image=f"{ECR}/shop/cart:v7")
    index.update([one])
    assert edges_into(index, one.ref) == []
    assert chain(index, one.ref).edges == ()


def test_what_runs_in_the_same_cluster_is_not_joined_by_that() -> None:
    index = LineageIndex()
    cart, other = running(CLUSTER), running(CLUSTER, "search")
    records = told(eks())
    index.update([cart, other, *records])
    related = relations_of(index, cart.ref)
    assert other.ref not in related
    assert related[records[1].ref].steps == 2
    assert related[records[0].ref].steps == 3


def test_the_chain_of_a_cluster_has_what_runs_in_it() -> None:
    index = LineageIndex()
    cart, records = running(CLUSTER), told(eks())
    index.update([cart, *records])
    assert cart.ref in chain(index, records[1].ref).nodes
