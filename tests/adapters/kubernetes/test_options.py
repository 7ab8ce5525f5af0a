"""Values of a training run never become options of what its container runs."""

from typing import cast

import pytest

from opsboard.adapter import Unsupported
from opsboard_adapters.kubernetes.actions.retrain import RetrainWithJob
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject
from opsboard_adapters.kubernetes.resources import JOBS


def _job(*words: str) -> TargetObject:
    container = {
        "name": "train", "command": list(words[:1]), "args": list(words[1:]),
        "env": [{"name": "EXTRA", "value": "-old"}],
    }  # fmt: skip
    spec = {"template": {"spec": {"containers": [container]}}}
    return TargetObject(JOBS, {"metadata": {"name": "train", "namespace": "ml"}, "spec": spec})


async def _env(value: str, *words: str) -> object:
    nowhere = cast("ClusterConnection", None)  # a draft of a Job is made of the Job alone
    return (await RetrainWithJob("m").draft(nowhere, _job(*words), {"EXTRA": value})).payload["env"]


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
async def test_a_value_that_begins_a_word_is_no_option(words: tuple[str, ...], value: str) -> None:
    with pytest.raises(Unsupported, match="EXTRA would make"):
        await _env(value, *words)
    assert await _env(f"x{value}", *words) == {"EXTRA": f"x{value}"}


@pytest.mark.parametrize(
    "words",
    [
        ("train",),
        ("train", "--extra=$(EXTRA)"),
        ("train", "$(EXTRA_2)"),
        ("sh", "-c", "train --extra=$EXTRA $EXTRA_2 ${EXTRAS}"),
    ],
)
async def test_behind_its_option_it_may_be_anything(words: tuple[str, ...]) -> None:
    assert await _env("-x", *words) == {"EXTRA": "-x"}


async def test_what_the_job_says_itself_stays() -> None:
    assert await _env("-old", "train", "$(EXTRA)") == {}
