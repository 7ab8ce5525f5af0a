"""``kubectl describe`` where it is there: bounded, and without what the YAML hides."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import Source, Unsupported
from opsboard.records import Kind, Ref, listed_ref
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes import Kubernetes, kubectl
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.scripted_cluster import ScriptedCluster
from tests.adapters.kubernetes.table_answers import WIDGETS, answer, group, groups, resource
from tests.adapters.kubernetes.test_listings import WIDGET
from tests.adapters.kubernetes.test_listings import widgets as widgets  # noqa: PLC0414 - a fixture

ONE = WIDGETS.replace("/widgets", "/namespaces/shop/widgets/a")
REF = listed_ref("k8s", WIDGET, "test/shop/a")
ITEM: dict[str, Any] = {
    "kind": "Widget",
    "metadata": {"name": "a", "namespace": "shop"},
    "spec": {"password": "hunter2-hunter2", "notes": "hunter", "args": ["--token=abcdefgh12345"]},
}


def program(folder: Path, script: str) -> Path:
    """Put a kubectl into *folder* that is *script*."""
    file = folder / "kubectl"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return folder


@asynccontextmanager
async def with_path(settings: KubernetesSettings, path: Path) -> AsyncIterator[Source]:
    context = FakeContext("k8s", env={"PATH": f"{path}:{os.defpath}"})
    async with Kubernetes.connect(settings, context) as source:
        yield source


async def test_its_text_is_shown_without_what_the_yaml_hides(
    widgets: ScriptedCluster, settings: KubernetesSettings, tmp_path: Path
) -> None:
    widgets.script[f"list {ONE}"] = [answer(ITEM)]
    script = 'echo "Args: $*"; printf "Spec:\\n  P:  hunter2-hunter2\\n  Notes: hunter\\n"'
    async with with_path(settings, program(tmp_path, script)) as source:
        told = await source.describe(REF)
    assert told.text.startswith("Args: --kubeconfig /")
    assert f" --context test describe {WIDGET} --request-timeout=15s " in told.text.splitlines()[0]
    assert told.text.splitlines()[0].endswith("--namespace shop -- a")
    assert "hunter2" not in told.text
    assert "Notes: hunter" in told.text
    assert told.by == "kubectl describe"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 1", "kubectl failed with exit code 1"),
        ("true", "kubectl failed with exit code 0"),
        ("yes", "printed more than"),
    ],
)
async def test_where_it_fails_it_is_said_why(
    widgets: ScriptedCluster,
    settings: KubernetesSettings,
    tmp_path: Path,
    script: str,
    why: str,
) -> None:
    widgets.script[f"list {ONE}"] = [answer(ITEM)]
    async with with_path(settings, program(tmp_path, script)) as source:
        with pytest.raises(Unsupported, match=why):
            await source.describe(REF)


async def test_without_it_nothing_is_run(
    widgets: ScriptedCluster, settings: KubernetesSettings, tmp_path: Path
) -> None:
    widgets.script[f"list {ONE}"] = [answer(ITEM)]
    context = FakeContext("k8s", env={"PATH": str(tmp_path)})
    async with Kubernetes.connect(settings, context) as source:
        with pytest.raises(Unsupported, match="kubectl is not on PATH"):
            await source.describe(REF)


@pytest.mark.parametrize(("kind", "plural"), [("Secret", "secrets"), ("ConfigMap", "configmaps")])
async def test_values_of_secrets_and_config_maps_are_never_asked_for(
    widgets: ScriptedCluster,
    settings: KubernetesSettings,
    tmp_path: Path,
    kind: str,
    plural: str,
) -> None:
    widgets.script["list /api"] = [groups(group("", resource(plural, kind)))]
    path = f"/api/v1/namespaces/shop/{plural}/a"
    widgets.script[f"list {path}"] = [answer({"kind": kind, "metadata": {"name": "a"}})]
    async with with_path(settings, program(tmp_path, "echo hunter2")) as source:
        with pytest.raises(Unsupported, match="would read values"):
            await source.describe(Ref("k8s", Kind.CONFIG, f"test/shop/{kind}/a"))


def test_a_text_without_end_is_cut() -> None:
    text = "\n".join(f"line {at}" for at in range(kubectl.MAX_LINES + 7))
    assert kubectl.bounded(text).splitlines()[-1] == "... 7 more lines"
    assert kubectl.bounded("short") == "short"
