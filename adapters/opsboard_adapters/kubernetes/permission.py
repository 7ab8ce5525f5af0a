"""What to ask an administrator for, where the cluster says no."""

from dataclasses import replace

from opsboard.adapter import Forbidden, Health, SourceError


def permission(resource: str, namespace: str, verbs: str = "get, list and watch") -> str:
    """Return the way out for who may not use *verbs* on *resource* (``deployments.apps``)."""
    if namespace:
        return f"ask for {verbs} on {resource} in namespace {namespace}"
    return f"ask for {verbs} on {resource} in all namespaces, or set namespaces in config"


def explained(error: SourceError, resource: str, namespace: str) -> Health:
    """Return the health that *error* stands for, with the permission to ask for."""
    health = error.health
    if not isinstance(error, Forbidden):
        return health
    return replace(health, mend=permission(resource, namespace))
