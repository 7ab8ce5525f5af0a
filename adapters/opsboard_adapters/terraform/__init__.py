"""Terraform and OpenTofu: workspaces, resources, locks, and what a plan would change. Reads only.

What is imported here is only what validates config; the rest is loaded when the source is connected
or looked for.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from opsboard.adapter import Adapter, Context, Discovery, HostEnviron, LoginInputs, Source
from opsboard_adapters.terraform.kinds import RESOURCE_OF_STATE, WORKSPACE
from opsboard_adapters.terraform.settings import TerraformSettings

__all__ = ["Terraform", "TerraformSettings"]


class Terraform(Adapter[TerraformSettings]):
    """The adapter for states of Terraform and OpenTofu."""

    name = "terraform"
    title = "Terraform and OpenTofu"
    settings = TerraformSettings
    kinds = (WORKSPACE, RESOURCE_OF_STATE)

    @classmethod
    async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
        from opsboard_adapters.terraform.discover import discover  # noqa: PLC0415  (loaded late)

        return discover(host_environ)

    @classmethod
    def connect(
        cls, settings: TerraformSettings, context: Context
    ) -> AbstractAsyncContextManager[Source]:
        from opsboard_adapters.terraform.source import connect  # noqa: PLC0415  (loaded late)

        return connect(settings, context)

    @classmethod
    def login_inputs(cls, settings: TerraformSettings, host_environ: HostEnviron) -> LoginInputs:
        from opsboard_adapters.terraform.login import login_inputs  # noqa: PLC0415  (loaded late)

        return login_inputs(settings, host_environ)
