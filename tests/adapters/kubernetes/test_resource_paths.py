"""Paths of the API: whatever a name is, it stays one part of the path."""

import pytest

from opsboard_adapters.kubernetes import resources
from opsboard_adapters.kubernetes.resources import ApiResource, api_path

RESOURCES = [one for one in vars(resources).values() if isinstance(one, ApiResource)]
ODD = ["ä?limit=1", "no/where", "a b", "x#y", "%2e", "\x00"]


@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_adds_no_part_and_no_query(name: str) -> None:
    paths = [api_path("/apis/apps/v1", "replicasets", name, name)]
    paths += [resource.path(name, name) for resource in RESOURCES]
    for path in paths:
        assert path.isascii()
        assert not set("?# \x00") & set(path)
        assert path.partition("/namespaces/")[2].count("/") == 2
