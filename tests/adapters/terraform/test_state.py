"""What is told of a state, and of bytes that are none."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import Malformed
from opsboard_adapters.terraform.attributes import READ
from opsboard_adapters.terraform.fingerprints import Fingerprints
from opsboard_adapters.terraform.records import Mode, Output
from opsboard_adapters.terraform.state import State, read_state
from opsboard_adapters.terraform.stated_identities import identities_of
from tests.adapters.terraform.states import CLUSTER, FIXTURES, canary, resource, shop, workload

HASHES = Fingerprints(b"a key")


def read(value: Any, most: int = 100) -> State:
    return read_state(json.dumps(value).encode(), HASHES, most)


def test_a_state_of_terraform_is_read() -> None:
    state = read_state((FIXTURES / "state-4.json").read_bytes(), HASHES, 100)
    assert (state.version, state.serial, state.terraform_version) == (4, 6, "1.11.4")
    assert state.lineage
    assert [one.address for one in state.instances] == [
        "terraform_data.database",
        'terraform_data.queue["orders"]',
        'terraform_data.queue["returns"]',
        "module.network[0].terraform_data.subnet",
        "module.network[1].terraform_data.subnet",
    ]
    assert state.outputs == (
        Output(name="address", sensitive=False),
        Output(name="password", sensitive=True),
    )
    assert [one.address for one in state.instances if one.tainted] == [
        'terraform_data.queue["orders"]'
    ]
    assert {one.provider for one in state.instances} == {"terraform.io/builtin/terraform"}
    assert (state.managed, state.tainted, state.failing_checks) == (5, 1, 0)


def test_no_value_is_in_what_was_read() -> None:
    for body in (json.dumps(shop()).encode(), (FIXTURES / "state-4.json").read_bytes()):
        assert b"canary" in body
        assert "canary" not in repr(read_state(body, HASHES, 100))


def test_identities_are_read_where_they_are_allowed() -> None:
    password = resource("random_password", "it", {"result": canary("password")})
    state = shop(1, *shop()["resources"], password)
    found = {one.type: one.found.values for one in read(state).instances}
    assert found["kubernetes_deployment"] == {"name": ("checkout",), "namespace": ("shop",)}
    assert found["aws_ecr_repository"].keys() == {"repository"}
    assert found["random_password"] == {}


@pytest.mark.parametrize("type_", READ)
def test_what_may_be_read_is_stated_as_an_identity(type_: str) -> None:
    attributes: dict[str, Any] = {}
    for word, path in READ[type_].items():
        inner = attributes
        for step in path[:-1]:
            inner = inner.setdefault(step, {})
        inner[path[-1]] = f"registry.example/of-{word}:1" if word == "image" else f"of-{word}"
    (instance,) = read(shop(1, resource(type_, "one", attributes))).instances
    told = repr(identities_of(instance, CLUSTER))
    assert [word for word in READ[type_] if f"of-{word}" not in told] == []


@pytest.mark.parametrize(
    "path",
    [
        [{"type": "get_attr", "value": "metadata"}],
        [
            {"type": "get_attr", "value": "metadata"},
            {"type": "index", "value": {"value": 0, "type": "number"}},
            {"type": "get_attr", "value": "name"},
        ],
    ],
)
def test_what_the_state_calls_sensitive_is_not_read(path: list[Any]) -> None:
    state = read(shop(1, workload(canary("name"), sensitive=[path])))
    assert "canary" not in repr(state.instances[0].found)


def test_where_it_cannot_be_told_what_is_sensitive_nothing_is_read() -> None:
    state = read(shop(1, workload("checkout", sensitive={"odd": 1})))
    assert state.instances[0].found.values == {}


def test_what_is_beside_a_sensitive_value_is_read() -> None:
    path = [{"type": "get_attr", "value": "metadata"}, {"type": "get_attr", "value": "labels"}]
    state = read(shop(1, workload("checkout", sensitive=[path])))
    assert state.instances[0].found.first("name") == "checkout"


def test_addresses_have_their_module_and_key() -> None:
    many = {"instances": [{"index_key": key} for key in (0, 12, 'a"b', "eu.1")]}
    data = {"mode": "data", "module": "module.m[0].module.n", "instances": [{}]}
    state = read(shop(1, {**resource("a_b", "c", {}), **many}, {**resource("d", "e", {}), **data}))
    assert [one.address for one in state.instances] == [
        "a_b.c[0]", "a_b.c[12]", 'a_b.c["a\\"b"]', 'a_b.c["eu.1"]', "module.m[0].module.n.data.d.e",
    ]  # fmt: skip
    assert state.instances[-1].mode is Mode.DATA
    assert state.managed == 4


def test_deposed_instances_count_at_their_address() -> None:
    both = {"instances": [{}, {"deposed": "12ab34cd"}]}
    gone = {"instances": [{"deposed": "12ab34cd"}]}
    state = read(shop(1, {**resource("a", "b", {}), **both}, {**resource("a", "c", {}), **gone}))
    assert [(one.address, one.deposed) for one in state.instances] == [("a.b", 1), ("a.c", 1)]
    assert (state.managed, state.deposed) == (2, 2)


def test_a_fingerprint_changes_with_an_attribute_alone() -> None:
    before = read(shop(1, resource("a", "b", {"x": 1}), resource("a", "c", {"x": 1})))
    after = read(shop(2, resource("a", "b", {"x": 2}), resource("a", "c", {"x": 1})))
    changed = [one for one, told in before.fingerprints.items() if after.fingerprints[one] != told]
    assert changed == ["a.b"]
    assert before.fingerprints["a.b"] != before.fingerprints["a.c"]
    other = read_state(json.dumps(shop(1)).encode(), Fingerprints(b"another key"), 9)
    assert not set(other.fingerprints.values()) & set(read(shop(1)).fingerprints.values())


def test_more_than_was_asked_for_is_counted() -> None:
    state = read(shop(1, *(resource("a", f"n{number}", {}) for number in range(9))), most=4)
    assert (len(state.instances), state.more, state.managed) == (4, 5, 9)
    assert len(state.fingerprints) == 9


def test_an_odd_resource_hides_no_other() -> None:
    state = read(shop(1, {"mode": 7}, resource("a", "b", {})))
    assert [one.address for one in state.instances] == ["a.b"]
    assert state.skipped == ("resource 1",)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_an_old_state_is_told_by_its_version(version: int) -> None:
    old = {"version": version, "serial": 3, "lineage": "x", "modules": [{"resources": {}}]}
    state = read({**old, "terraform_version": "0.11.14", "resources": {"odd": canary("old")}})
    assert (state.sealed, state.serial, state.lineage) == (f"state v{version}", 3, "x")


def test_an_encrypted_state_has_serial_and_lineage() -> None:
    meta = {"key_provider.pbkdf2.p": canary("salt")}
    sealed = {"serial": 5, "lineage": "x", "meta": meta, "encryption_version": "v0"}
    state = read({**sealed, "encrypted_data": canary("sealed")})
    assert (state.sealed, state.serial, state.lineage) == ("encrypted", 5, "x")
    assert "canary" not in repr(state)


def test_an_empty_state_has_nothing() -> None:
    state = read({"version": 4, "serial": 1, "lineage": "x", "outputs": {}, "resources": []})
    assert (state.managed, state.instances, state.sealed) == (0, (), "")
    assert read({"version": 4, "resources": None, "check_results": None}).managed == 0


WHOLE = json.dumps(shop(), indent=2).encode()


NO_STATES = {
    "half": WHOLE[: len(WHOLE) // 2],
    "without its last brace": WHOLE[:-1],
    "its beginning": WHOLE[:5],
    "zeros": b"\0" * 100,
    "packed": gzip.compress(WHOLE, mtime=0),
    "a page": b"<html>" + canary("page").encode(),
    "a list": b"[1]",
    "a text": b'"' + canary("text").encode() + b'"',
    "a later format": json.dumps({**shop(), "version": 5}).encode(),
    "a text as format": json.dumps({**shop(), "version": canary("version")}).encode(),
    "a text as serial": json.dumps({**shop(), "serial": canary("serial")}).encode(),
    "a text as resources": json.dumps({**shop(), "resources": canary("resources")}).encode(),
    "another object": json.dumps({canary("key"): canary("value")}).encode(),
    "too deep": b'{"a":' * 100_000,
}


@pytest.mark.parametrize("name", NO_STATES)
def test_what_is_no_state_is_an_error_that_quotes_nothing(name: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_state(NO_STATES[name], HASHES, 100)
    assert caught.value.message
    assert caught.value.hint
    assert "canary" not in repr((caught.value.message, caught.value.hint, caught.value.__cause__))


def test_fixtures_are_small() -> None:
    assert all(file.stat().st_size < 12_000 for file in Path(FIXTURES).iterdir())
