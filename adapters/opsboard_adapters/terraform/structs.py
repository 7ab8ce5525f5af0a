"""The parts of a state (format 4), of a plan as JSON and of a lock that are read.

What is not listed here is skipped by the decoder without being made into anything. The attributes
of an instance stay raw bytes: :mod:`.attributes` reads what it may of them.

Sources: ``internal/states/statefile/version4.go``, ``internal/command/jsonplan`` and
``internal/states/statemgr/locker.go`` of Terraform and OpenTofu.
"""

from typing import Any

import msgspec

EMPTY = msgspec.Raw(b"")


class StateHead(msgspec.Struct, gc=False):
    """What tells which format of state it is, in any version."""

    version: int = 0
    terraform_version: str | None = ""
    serial: int | None = None
    lineage: str | None = ""
    encrypted_data: msgspec.Raw = EMPTY


class StateOutput(msgspec.Struct, gc=False):
    """An output: its value and type are skipped."""

    sensitive: bool | None = False


class StateInstance(msgspec.Struct, gc=False):
    """An instance of a resource. *index_key* is a number for ``count``, a text for ``for_each``."""

    index_key: int | float | str | None = None
    status: str | None = ""
    deposed: str | None = ""
    attributes: msgspec.Raw = EMPTY
    sensitive_attributes: msgspec.Raw = EMPTY


class StateResource(msgspec.Struct, gc=False):
    """A resource with its instances."""

    mode: str
    type: str
    name: str
    module: str | None = ""
    provider: str | None = ""
    instances: list[StateInstance] | None = None


class CheckResult(msgspec.Struct, gc=False):
    """Whether the conditions of a check hold; what they say is skipped."""

    status: str | None = ""


class StateBody(StateHead, gc=False):
    """A state of format 4. Each resource is decoded by itself: an odd one does not hide others."""

    outputs: dict[str, msgspec.Raw] | None = None
    resources: list[msgspec.Raw] | None = None
    check_results: list[CheckResult] | None = None


class PathStep(msgspec.Struct, gc=False):
    """A step of a path to a sensitive value: ``get_attr`` with a name, or ``index``."""

    type: str = ""
    value: Any = None


class ChangeBody(msgspec.Struct, gc=False):
    """What is done; before and after are skipped."""

    actions: list[str] | None = None


class PlanChange(msgspec.Struct, gc=False):
    """A change to one address."""

    address: str
    type: str | None = ""
    mode: str | None = ""
    module_address: str | None = ""
    provider_name: str | None = ""
    deposed: str | None = ""
    change: ChangeBody | None = None


class PlanBody(msgspec.Struct, gc=False):
    """A plan as ``terraform show -json`` prints it."""

    format_version: str
    terraform_version: str | None = ""
    timestamp: str | None = ""
    errored: bool | None = False
    resource_changes: list[msgspec.Raw] | None = None
    resource_drift: list[msgspec.Raw] | None = None


class LockBody(msgspec.Struct, gc=False):
    """Who holds a lock, for what, since when. Its ``Info`` and ``Path`` are skipped."""

    ID: str | None = ""
    Operation: str | None = ""
    Who: str | None = ""
    Created: str | None = ""
