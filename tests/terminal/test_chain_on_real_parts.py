"""A release on real parts: its chain is opened by one key, from each of its ends."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.terminal.real_parts import COMMIT, MODEL, RealParts, missing_parts, real_parts
from tests.terminal.tmux import homes_in, terminal

pytestmark = [pytest.mark.terminal, pytest.mark.cluster, pytest.mark.mlflow]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealParts]:
    """Make the release once."""
    if missing := missing_parts():
        pytest.skip(missing)
    kubeconfig = Path(os.environ["OPSBOARD_TEST_KUBECONFIG"])
    with real_parts(tmp_path_factory.mktemp("parts"), kubeconfig) as made:
        yield made


IMAGE = "shop/fraud-detector:v5"
SERVED = f"serves {MODEL}"
DRIFT = "drift_psi"


class End(NamedTuple):
    """Where the chain is opened: a *row* of a *pane*; *chain* is what it has to show then."""

    pane: str
    row: str
    chain: tuple[str, ...]


ENDS = (
    End(
        ":images",
        "shop/fraud-detector",
        (COMMIT[:7], "OCI label revision", IMAGE, "pod imageID", SERVED),
    ),
    End(":deployments", MODEL, (IMAGE, COMMIT[:7], "env MODEL_URI", DRIFT, SERVED)),
    End(":services", MODEL, (IMAGE, COMMIT[:7], "env MODEL_URI", DRIFT, SERVED)),
    End(":versions", MODEL, (COMMIT[:7], "MLflow run tag", DRIFT, "env MODEL_URI", SERVED)),
    End(":drift", DRIFT, (COMMIT[:7], "MLflow run tag", DRIFT, "env MODEL_URI", SERVED)),
)


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.pane[1:])
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
def test_the_chain_is_opened_from_each_end(
    parts: RealParts,
    tmp_path: Path,
    end: End,
    size: tuple[int, int],
) -> None:
    homes = homes_in(tmp_path)
    command = [sys.executable, "-m", "opsboard", "--config", str(parts.config)]
    with terminal(tmp_path, **homes) as it:
        it.start(command, *size)
        it.shows(MODEL)
        it.packet(f"{end.pane}\r")
        it.shows(end.row)
        it.press("g")
        screen = it.until(lambda seen: all(one in seen for one in end.chain), "the whole chain")
        assert "candidate" not in screen
        it.press("Escape")
        it.press("C-c")
        assert it.ended() == 0
