"""What the config declares of services, as the joins take it."""

from typing import TYPE_CHECKING

from opsboard.lineage.declared_services import NOTHING_DECLARED, Declarations, DeclaredService

if TYPE_CHECKING:
    from opsboard.config.settings import Settings


def declarations_of(settings: "Settings | None") -> Declarations:
    """Return what *settings* declare; nothing where they have not been read yet."""
    if settings is None:
        return NOTHING_DECLARED
    services = tuple(
        DeclaredService(
            rule.name, rule.repository, rule.branch, rule.workloads, rule.image, rule.model
        )
        for rule in settings.services
    )
    return Declarations(services, settings.lineage.same_server)
