"""Values of a training run never become options of what its container runs."""

import pytest

from opsboard.adapter import Unsupported
from opsboard_adapters.kubernetes.actions.retrain import draft_training
from opsboard_adapters.kubernetes.actions.target import TargetObject
from opsboard_adapters.kubernetes.resources import JOBS
from tests.adapters.kubernetes.workload_setup import NO_CLUSTER


def _job(*words: str) -> TargetObject:
    container = {
        "name": "train", "command": list(words[:1]), "args": list(words[1:]),
        "env": [{"name": "EXTRA", "value": "-old"}],
    }  # fmt: skip
    spec = {"template": {"spec": {"containers": [container]}}}
    item = {"metadata": {"name": "train", "namespace": "ml"}, "spec": spec}
    return TargetObject(NO_CLUSTER, JOBS, item)


def _env(value: str, *words: str) -> object:
    return draft_training(_job(*words), "m", "", {"EXTRA": value}).payload.env


@pytest.mark.parametrize(
    "words",
    [
        ("train", "$(EXTRA)"),
        ("$(EXTRA)",),
        ("train", "$(EXTRA)/data"),
        ("sh", "-c", "train $EXTRA"),
        ("sh", "-c", "train ${EXTRA} --epochs 3"),
        ("sh", "-c", 'train "${EXTRA:-none}"'),
        ("sh", "-c", "cd /x\ntrain \\\n  '$EXTRA'"),
    ],
)
@pytest.mark.parametrize("value", ["-", "--", "-x", "--exec=sh", "-1"])
def test_a_value_that_begins_a_word_is_no_option(words: tuple[str, ...], value: str) -> None:
    with pytest.raises(Unsupported, match="EXTRA would make"):
        _env(value, *words)
    assert _env(f"x{value}", *words) == {"EXTRA": f"x{value}"}


@pytest.mark.parametrize(
    "words",
    [
        ("train",),
        ("train", "--extra=$(EXTRA)"),
        ("train", "$(EXTRA_2)"),
        ("sh", "-c", "train --extra=$EXTRA $EXTRA_2 ${EXTRAS}"),
    ],
)
def test_behind_its_option_it_may_be_anything(words: tuple[str, ...]) -> None:
    assert _env("-x", *words) == {"EXTRA": "-x"}


def test_what_the_job_says_itself_stays() -> None:
    assert _env("-old", "train", "$(EXTRA)") == {}
