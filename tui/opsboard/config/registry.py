"""Finding adapters through entry points, the built-in ones like a third party's.

Since importing takes time, there are three functions: the names alone (nothing is imported), one
adapter, or all of them. An adapter that cannot be loaded raises :class:`RegistryError` for its
source; the board goes on without it.
"""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from opsboard.adapter import GROUP, Adapter
from opsboard.adapter.action_spec import LOADED_ACTIONS
from opsboard.config.adapter_soundness import adapter_fault
from opsboard.kinds.registry import KINDS

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


class RegistryError(Exception):
    """There is no adapter of that name, or it cannot be loaded."""


@cache
def _entry_points() -> "Mapping[str, EntryPoint]":
    from importlib.metadata import entry_points  # noqa: PLC0415 - the first frame does without

    return {point.name: point for point in sorted(entry_points(group=GROUP), key=str)}


def adapter_names() -> tuple[str, ...]:
    """Return the names of all installed adapters; imports none of them."""
    return tuple(_entry_points())


@cache
def load_adapter(name: str) -> type[Adapter[Any]]:
    """Return the adapter called *name*. Raises :exc:`RegistryError`."""
    try:
        point = _entry_points()[name]
    except KeyError:
        raise RegistryError(f"there is no adapter called {name!r}") from None
    try:
        loaded = point.load()
    except (Exception, SystemExit) as error:  # third-party code may raise anything
        cause = f"{type(error).__name__}: {error}{_version_note(error)}"
        raise RegistryError(
            f"the adapter {name!r} ({point.value}) fails to load: {cause}"
        ) from error
    if not (isinstance(loaded, type) and issubclass(loaded, Adapter)):
        raise RegistryError(f"the adapter {name!r} ({point.value}) is no subclass of Adapter")
    if fault := adapter_fault(loaded):
        raise RegistryError(f"the adapter {name!r} ({point.value}): {fault}")
    try:
        KINDS.add(loaded.own_kinds(), name)
    except Exception as error:  # a third party's declaration may be anything
        raise RegistryError(f"the adapter {name!r} ({point.value}): {error}") from error
    LOADED_ACTIONS[name] = loaded.actions
    return loaded


def load_all_adapters() -> tuple[Mapping[str, type[Adapter[Any]]], tuple[RegistryError, ...]]:
    """Return all adapters that load, and the errors of those that do not."""
    loaded: dict[str, type[Adapter[Any]]] = {}
    errors: list[RegistryError] = []
    for name in adapter_names():
        try:
            loaded[name] = load_adapter(name)
        except RegistryError as error:
            errors.append(error)
    return loaded, tuple(errors)


def _version_note(error: BaseException) -> str:
    """Return what to add where *error* is a name that this version of opsboard does not have."""
    if not isinstance(error, ImportError) or (error.name or "").split(".")[0] != "opsboard":
        return ""
    return (
        "; it is written for another version of opsboard: install its release for this one, "
        "or port it by docs/adapters.md"
    )
