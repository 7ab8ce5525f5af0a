"""What a user declares of services, because no source can know it: ``[[services]]``."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Final, NamedTuple

from opsboard.lineage.graph import LineageRules
from opsboard.records import Record
from opsboard.records.identity import image_repository, server


class DeclaredService(NamedTuple):
    """A service by its *name*: everything else is optional.

    *repository* is an address in any form, *branch* what counts as its main branch. *workloads* are
    patterns of ``name``, ``namespace/name`` or ``cluster/namespace/name``. *image* is registry and
    repository of its image, *model* the name of the model that it serves.
    """

    name: str
    repository: str = ""
    branch: str = ""
    workloads: tuple[str, ...] = ()
    image: str = ""
    model: str = ""

    def has(self, workload: Record) -> bool:
        """Tell whether *workload* is a part of the service."""
        return any(_fits(pattern, workload) for pattern in self.workloads) or self._runs_in(
            workload
        )

    def unmatched(self, workloads: Sequence[Record]) -> Iterator[str]:
        """Yield what is declared of its workloads and is true of none of *workloads*."""
        for pattern in self.workloads:
            if not any(_fits(pattern, one) for one in workloads):
                yield f"no workload matches {pattern!r}"
        if self.image and not any(map(self._runs_in, workloads)):
            yield f"no workload runs {self.image!r}"

    def _runs_in(self, workload: Record) -> bool:
        return bool(self.image and self.image_place in _images(workload))

    @property
    def image_place(self) -> str:
        """The registry and repository of its image, as identities write it."""
        return image_repository(self.image)


class Declarations(NamedTuple):
    """All that is declared. *same_server* maps an address to the one that the board knows."""

    services: tuple[DeclaredService, ...] = ()
    same_server: Mapping[str, str] = MappingProxyType({})

    def service_of(self, workload: Record) -> DeclaredService | None:
        """Return the declared service that *workload* is a part of; the first that has it."""
        return next((one for one in self.services if one.has(workload)), None)

    def rules(self) -> LineageRules:
        """Return what of it the joins go by."""
        built = {
            one.image_place: one.repository
            for one in self.services
            if one.image_place and one.repository
        }
        same = {server(other): server(known) for other, known in self.same_server.items()}
        return LineageRules(same, built)


NOTHING_DECLARED: Final = Declarations()


def _fits(pattern: str, workload: Record) -> bool:
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for name in _names(workload))


def _names(workload: Record) -> tuple[str, ...]:
    namespace = getattr(workload, "namespace", "")
    cluster = getattr(workload, "cluster", "")
    own = f"{namespace}/{workload.name}"
    return (workload.name, own, f"{cluster}/{own}")


def _images(workload: Record) -> set[str]:
    return {image_repository(image) for image in getattr(workload, "images", ())} - {""}
