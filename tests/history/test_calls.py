"""Who calls whom: near enough to be ranked, and never a part of what a thing is made of."""

from dataclasses import replace

import pytest

from opsboard.history.likeness import is_infrastructure
from opsboard.history.relations import relations_of
from opsboard.lineage.calls import callees
from opsboard.lineage.chain import chain
from opsboard.lineage.edges import edges_into, edges_out_of
from opsboard.lineage.walk import solid_upstream
from opsboard.records import Deployment, Strength, stated
from opsboard.records.identity import service_address
from tests.lineage.estate import CLUSTER, build, digest, index_of, live, pod, sha


def _service(name: str, *calls: str) -> Deployment:
    record = live(name, digest(sum(map(ord, name))))
    own = service_address(CLUSTER, "shop", name, "name of the workload", Strength.CANDIDATE)
    called = (service_address(CLUSTER, "shop", one, "host in the pod template") for one in calls)
    return replace(
        record,
        inputs=(*record.inputs, *stated(*called)),
        outputs=(*record.outputs, *stated(own)),
    )


CHECKOUT = _service("checkout", "payments", "nowhere")
PAYMENTS = _service("payments", "ledger")
LEDGER = _service("ledger")
DIGEST = digest(sum(map(ord, "checkout")))
POD = pod(1, "checkout", DIGEST)


def test_a_call_stands_in_no_chain() -> None:
    index = index_of(CHECKOUT, PAYMENTS, LEDGER)
    assert PAYMENTS.ref not in chain(index, CHECKOUT.ref).nodes
    assert PAYMENTS.ref not in solid_upstream(index, CHECKOUT.ref).nodes
    assert not any(
        one.type == "service-address" for one in solid_upstream(index, CHECKOUT.ref).identities()
    )
    assert edges_out_of(index, PAYMENTS.ref) == []
    assert [edge.rule for edge in edges_into(index, CHECKOUT.ref)] == ["pod imageID"]


def test_what_is_called_is_a_candidate_by_its_name() -> None:
    (edge,) = callees(index_of(CHECKOUT, PAYMENTS, LEDGER), CHECKOUT)
    assert (edge.upstream, edge.downstream, edge.is_candidate) == (PAYMENTS.ref, CHECKOUT.ref, True)
    assert edge.rule == "calls shop/payments"
    assert edge.note


def test_what_a_failed_pod_calls_is_near_and_what_that_calls_is_not() -> None:
    relations = relations_of(index_of(CHECKOUT, PAYMENTS, LEDGER, POD), POD.ref)
    assert relations[PAYMENTS.ref].candidate
    assert "calls shop/payments" in relations[PAYMENTS.ref].rule
    assert LEDGER.ref not in relations


def test_a_failed_build_calls_nothing() -> None:
    run = build(1, sha(1), makes=(DIGEST,))
    relations = relations_of(index_of(CHECKOUT, PAYMENTS, run), run.ref)
    assert CHECKOUT.ref in relations
    assert PAYMENTS.ref not in relations


@pytest.mark.parametrize(
    ("namespace", "cluster", "shared"),
    [
        ("kube-system", CLUSTER, True),
        ("kube-flannel", CLUSTER, True),
        ("istio-system", CLUSTER, True),
        ("ingress-nginx", CLUSTER, True),
        ("kube-system", "https://other.example", False),
        ("shop", CLUSTER, False),
        ("systematic", CLUSTER, False),
    ],
)
def test_what_a_cluster_needs_itself_is_near_to_all_of_it(
    namespace: str, cluster: str, shared: bool
) -> None:
    dns = live("coredns", digest(1), namespace=namespace, cluster=cluster)
    assert is_infrastructure(dns, CHECKOUT) is shared
    assert not is_infrastructure(dns, build(1, sha(1)))
