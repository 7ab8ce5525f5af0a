"""A kind of image that a third party declares, for as long as these tests run."""

from collections.abc import Iterator

import pytest

from opsboard.kinds.registry import KINDS
from tests.lineage.estate import OCI_IMAGE

_ORIGIN = "tests.lineage:estate"


@pytest.fixture(autouse=True, scope="session")
def _images() -> Iterator[None]:
    KINDS.add([OCI_IMAGE], _ORIGIN)
    yield
    KINDS.drop(_ORIGIN)
