"""Which services a workload calls, by hosts in its pod template; nothing but the host is taken."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard_adapters.kubernetes.parse.called_services import hosts_in, service_of_host
from opsboard_adapters.kubernetes.parse.workloads import parse_workload
from opsboard_adapters.kubernetes.structs import V1Workload, to_struct
from tests.adapters.kubernetes.test_pod_images import HERE


def _called(text: str) -> set[tuple[str, str]]:
    return {one for host in hosts_in(text) if (one := service_of_host(host, "shop")) is not None}


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("http://payments", ("shop", "payments")),
        ("http://payments:8080/v1?key=hunter2", ("shop", "payments")),
        ("HTTP://Payments.Shop.svc/", ("shop", "payments")),
        ("grpc://u:hunter2@ledger.books.svc.cluster.local:50051", ("books", "ledger")),
        ("ledger.books.svc.cluster.local.", ("books", "ledger")),
        ("redis-0.redis.cache.svc:6379", ("cache", "redis")),
        ("payments:8080", ("shop", "payments")),
        ("ledger.books:50051", ("books", "ledger")),
        ("jdbc:postgresql://db:5432/orders", ("shop", "db")),
        ("--upstream=http://payments:80", ("shop", "payments")),
        ("--addr=payments:8080", ("shop", "payments")),
    ],
)
def test_a_host_in_the_cluster_is_a_service(text: str, called: tuple[str, str]) -> None:
    assert _called(text) == {called}


def test_several_are_told_in_one_value() -> None:
    assert _called("kafka-a:9092,kafka-b.mq:9092") == {("shop", "kafka-a"), ("mq", "kafka-b")}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "info",
        "https://github.com/acme",
        "https://api.example.com:443",
        "sentry.io:443",
        "http://localhost:8080",
        "http://127.0.0.1:80",
        "https://[::1]:80",
        "0.0.0.0:8080",
        "12:30",
        "s3://Bucket_name/models",
        "registry.example:5000/shop/cart:v1",
        "user@example.com",
        "https://kubernetes:443",
    ],
)
def test_what_is_elsewhere_or_no_host_is_none(text: str) -> None:
    assert _called(text) == set()


@given(st.text(max_size=200))
def test_nothing_odd_raises_and_only_names_are_taken(text: str) -> None:
    for namespace, name in _called(text):
        assert set(namespace + name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_workload_states_what_it_calls_and_nothing_else_of_a_value() -> None:
    env: list[Any] = [
        {"name": "PAYMENTS_URL", "value": "http://u:hunter2@payments:8080/?token=hunter2"},
        {"name": "LEDGER_HOST", "value": "ledger"},
        {"name": "LOG_LEVEL", "value": "info"},
        {"name": "DB", "valueFrom": {"secretKeyRef": {"name": "db", "key": "host"}}},
        {"name": "BASE", "value": "http://mail.post.svc"},
        {"name": "MAIL", "value": "$(BASE)/send"},
    ]
    container = {"name": "web", "image": "web:1", "env": env, "args": ["--search=search:80"]}
    item = {
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }
    record = parse_workload(HERE, "Deployment", to_struct(item, V1Workload))
    called = [one for one in record.inputs if one.type == "service-address"]
    assert [one.value for one in called] == [
        "shop/payments", "shop/ledger", "post/mail", "shop/search"
    ]  # fmt: skip
    assert {one.scope for one in called} == {HERE.server}
    assert "hunter2" not in repr(record)
    (own,) = (one for one in record.outputs if one.type == "service-address")
    assert (own.value, own.strength) == ("shop/web", "candidate")
