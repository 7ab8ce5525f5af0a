"""Who has set which fields of an object, as the server keeps it in ``metadata.managedFields``.

Source: *Server-Side Apply* in the Kubernetes documentation, field management. The time of an entry
is when one of the fields that it owns was added, changed or removed last.
"""

from collections.abc import Iterable

import msgspec

from opsboard_adapters.http.decoding import JsonStruct


class OwnedTemplate(JsonStruct, frozen=True, rename="camel"):
    """A pod template among the fields that a manager owns; what it owns there is not decoded."""


class OwnedSpec(JsonStruct, frozen=True, rename="camel"):
    """The ``spec`` among the fields that a manager owns."""

    template: OwnedTemplate | None = msgspec.field(default=None, name="f:template")


class OwnedFields(JsonStruct, frozen=True, rename="camel"):
    """FieldsV1 of a managed fields entry, as far as it tells who has set a pod template.

    *revision* is the number of a ControllerRevision.
    """

    spec: OwnedSpec = msgspec.field(default=OwnedSpec(), name="f:spec")
    revision: OwnedTemplate | None = msgspec.field(default=None, name="f:revision")


class V1ManagedFieldsEntry(JsonStruct, frozen=True, rename="camel"):
    """ManagedFieldsEntry: which fields *manager* has set; *time* is when one of them last changed.

    A *subresource* is ``status`` or ``scale``, ``""`` for the object itself.
    """

    manager: str = ""
    operation: str = ""
    subresource: str = ""
    time: str | None = None
    fields_v1: OwnedFields = msgspec.field(default=OwnedFields(), name="fieldsV1")


def template_managers(entries: Iterable[V1ManagedFieldsEntry]) -> tuple[str, ...]:
    """Return who owns a part of the pod template, who has changed any field last first."""
    own = [one for one in entries if not one.subresource and one.fields_v1.spec.template]
    own.sort(key=lambda one: one.time or "", reverse=True)
    return tuple(dict.fromkeys(one.manager for one in own if one.manager))
