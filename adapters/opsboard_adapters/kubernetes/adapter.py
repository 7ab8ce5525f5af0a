"""What the board knows of the adapter before it connects to a cluster. Imports nothing heavy."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import ClassVar

from opsboard.adapter import (
    Adapter,
    Context,
    Discovery,
    HostEnviron,
    LoginInputs,
    Misconfigured,
    Source,
)
from opsboard.records import Kind
from opsboard_adapters.kubernetes.actions.specs import ACTION_SPECS, JobRecipe
from opsboard_adapters.kubernetes.settings import KubernetesSettings


class Kubernetes(Adapter[KubernetesSettings]):
    """Kubernetes clusters, by a kubeconfig or by the service account of a pod."""

    name = "kubernetes"
    title = "Kubernetes"
    settings = KubernetesSettings
    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {Kind.DEPLOYMENT, Kind.POD, Kind.JOB, Kind.CRON_JOB, Kind.EVENT, Kind.CONFIG}
    )
    log_kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.POD, Kind.DEPLOYMENT, Kind.JOB})
    actions = ACTION_SPECS
    recipe = JobRecipe

    @classmethod
    async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
        from opsboard_adapters.kubernetes.access import kubeconfig  # noqa: PLC0415 - imports yaml
        from opsboard_adapters.kubernetes.access.clusters import runs_in_pod, usable_clusters  # noqa: PLC0415

        paths = kubeconfig.kubeconfig_files(None, host_environ)
        found = kubeconfig.any_exists(paths)
        if not found and not runs_in_pod():
            if paths == kubeconfig.default_files(host_environ):
                return ()
            named = ":".join(map(str, paths))  # by KUBECONFIG: somebody means a cluster
            mend = "correct KUBECONFIG, or unset it"
            return (Discovery("kubernetes", f"there is no kubeconfig {named}", None, mend),)
        because = f"kubeconfig {':'.join(map(str, paths))}" if found else "service account"
        try:
            (access,) = usable_clusters(KubernetesSettings(), host_environ)
        except Misconfigured as error:
            return (Discovery("kubernetes", f"{because}: {error.message}", None, error.hint),)
        if not found:
            return (Discovery("in-cluster", because, KubernetesSettings(in_cluster=True)),)
        settings = KubernetesSettings(contexts=(access.name,))
        return (Discovery(access.name, f"{because}, current context", settings),)

    @classmethod
    def connect(
        cls, settings: KubernetesSettings, context: Context
    ) -> AbstractAsyncContextManager[Source]:
        return _connected(settings, context)

    @classmethod
    def login_inputs(cls, settings: KubernetesSettings, host_environ: HostEnviron) -> LoginInputs:
        from opsboard_adapters.kubernetes.access.login_inputs import (  # noqa: PLC0415 - yaml
            login_inputs,
        )

        return login_inputs(settings, host_environ)


@asynccontextmanager
async def _connected(settings: KubernetesSettings, context: Context) -> AsyncIterator[Source]:
    from opsboard_adapters.kubernetes.source import KubernetesSource  # noqa: PLC0415 - httpx

    async with AsyncExitStack() as stack:
        yield KubernetesSource(settings, context, stack)
