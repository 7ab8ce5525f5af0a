"""Requests that change a cluster, before they are sent, and what a server has against them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from opsboard.adapter import SourceError

JSON: Final = "application/json"
JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"
STRATEGIC_PATCH: Final = "application/strategic-merge-patch+json"

FIELD_MANAGER: Final = "opsboard"
"""By this name the server keeps who manages which field (``metadata.managedFields``)."""

_CHANGES_TOO_OFTEN: Final = frozenset({409, 422})


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """A request that changes something. A delete has its options as *body*."""

    method: str
    path: str
    body: Any
    content_type: str = JSON
    parameters: Mapping[str, str] = field(default_factory=lambda: {"fieldManager": FIELD_MANAGER})

    @property
    def as_dry_run(self) -> "ChangeRequest":
        """The same as a dry run, of which the server does nothing but answer."""
        if self.method == "DELETE":  # where there is a body, the options in the query do not count
            return replace(self, body={**self.body, "dryRun": ["All"]})
        return replace(self, parameters={**self.parameters, "dryRun": "All"})


class RefusedError(SourceError):
    """The server has refused what was sent, with status *code*. Nothing was done."""

    def __init__(self, refusal: SourceError, code: int) -> None:
        hint = "ask for permission to do this" if code == 403 else "plan it again"
        super().__init__(refusal.message, hint, refusal.until)
        self.code = code

    @property
    def is_conflict(self) -> bool:
        """Whether the reason may be that the object is not any more as it was read."""
        return self.code in _CHANGES_TOO_OFTEN
