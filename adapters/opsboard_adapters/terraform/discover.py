"""Find the states of the working folder, by names of files alone: nothing is read."""

from collections.abc import Sequence
from typing import Final

from opsboard.adapter import Discovery, HostEnviron
from opsboard_adapters.terraform.settings import TerraformSettings

_SIGNS: Final = ("terraform.tfstate", "terraform.tfstate.d")


def discover(host_environ: HostEnviron) -> Sequence[Discovery]:
    """Return the working folder, where there are states in it."""
    found = next((name for name in _SIGNS if (host_environ.cwd / name).exists()), None)
    if found is None:
        return ()
    settings = TerraformSettings(path=host_environ.cwd, depth=0)
    return (Discovery("terraform", f"{found} in {host_environ.cwd}", settings),)
