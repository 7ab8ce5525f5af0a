"""What the adapter finds on a machine where nothing is configured."""

from pathlib import Path

from opsboard.adapter import HostEnviron
from opsboard_adapters.kubernetes import Kubernetes


def _around(folder: Path, **env: str) -> HostEnviron:
    return HostEnviron(env=env, home=folder, cwd=folder)


async def test_a_kubeconfig_that_is_named_and_not_there_is_no_cluster_but_is_told(
    tmp_path: Path,
) -> None:
    typo = tmp_path / "prod.yaml"
    (found,) = await Kubernetes.discover(_around(tmp_path, KUBECONFIG=str(typo)))
    assert found.settings is None
    assert found.because == f"there is no kubeconfig {typo}"
    assert found.hint == "correct KUBECONFIG, or unset it"


async def test_without_a_kubeconfig_there_is_nothing_to_tell(tmp_path: Path) -> None:
    assert await Kubernetes.discover(_around(tmp_path)) == ()
    default = tmp_path / ".kube" / "config"  # what many profiles export wherever they are
    assert await Kubernetes.discover(_around(tmp_path, KUBECONFIG=str(default))) == ()
