"""What has changed in a ConfigMap or Secret, by the names of its entries: a value is never told.

Where the source has hashed the values, it is known which are others now. Where it has not, the
server still tells who sets which entries: one that a manager has taken over was set by it. Else it
is one of those that the manager sets, and no more is said than that.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from opsboard.records import ConfigObject

_NAMED: Final = 3
"""Entries of one sort that are named."""


class ConfigChange(NamedTuple):
    """The change in words; *alters* says whether an entry came, went or is another now."""

    text: str
    alters: bool = True


def config_change(before: ConfigObject, after: ConfigObject) -> ConfigChange | None:
    """Return what has changed from *before* to *after*, ``None`` for nothing."""
    went = [key for key in before.keys if key not in after.keys]
    came = [key for key in after.keys if key not in before.keys]
    others = _other_values(before, after)
    if others is None:
        return _by_owners(before, after, came, went)
    said = "; ".join(filter(None, (_changed(others), _sort("added", came), _sort("removed", went))))
    if said:
        return ConfigChange(f"{said}{_by(after, (*others, *came))}")
    touched = before.version != after.version
    return ConfigChange(f"no value changed{_by(after)}", alters=False) if touched else None


# --- by hashes -----------------------------------------------------------------------------------


def _other_values(before: ConfigObject, after: ConfigObject) -> list[str] | None:
    """Return the entries whose values are others now; ``None`` where that is not known."""
    was, now = dict(before.hashes), dict(after.hashes)
    if not (_is_told(before, was) and _is_told(after, now)):
        return None
    if len({_key_of(one) for one in (*was.values(), *now.values())}) > 1:
        return None
    return [key for key in after.keys if key in was and was[key] != now[key]]


def _is_told(record: ConfigObject, hashes: Mapping[str, str]) -> bool:
    """Return whether all entries are known, and their hashes."""
    return bool(record.keys or record.manager) and hashes.keys() == set(record.keys)


def _key_of(hashed: str) -> str:
    """Return the name of the key that a value was hashed with: those of two are not comparable."""
    return hashed.partition(":")[0]


def _changed(keys: list[str]) -> str:
    """Return ``2 keys changed: limits.split, timeout``."""
    plural = "key" if len(keys) == 1 else "keys"
    return f"{len(keys):,} {plural} changed: {_names(keys)}" if keys else ""


def _sort(word: str, keys: list[str]) -> str:
    return f"{len(keys):,} {word}: {_names(keys)}" if keys else ""


def _names(keys: Iterable[str]) -> str:
    every = list(keys)
    more = f" and {len(every) - _NAMED:,} more" if len(every) > _NAMED else ""
    return f"{', '.join(every[:_NAMED])}{more}"


# --- by who sets them ----------------------------------------------------------------------------


def _by_owners(
    before: ConfigObject, after: ConfigObject, came: list[str], went: list[str]
) -> ConfigChange | None:
    """Return the entries that came, went, or that the last manager has taken over.

    It has set those. Where there are none, it is one of the entries that it sets, or its label.
    """
    words = [*(f"-{key}" for key in went), *(f"+{key}" for key in came)]
    was = dict(before.owners)
    own = {key: names for name in _managers(after) for key, names in _set_by(name, after)}
    taken = [
        key
        for key in own
        if key in was and any(_is_new(name, own[key], was[key]) for name in _managers(after))
    ]
    words += [f"{_names(taken)} set"] if taken else []
    if words:
        return ConfigChange(f"{' '.join(words)}{_by(after, (*came, *taken))}")
    if before.version == after.version:
        return None
    which = f", which sets {_names(own)}" if own and len(_managers(after)) == 1 else ""
    return ConfigChange(f"changed{_by(after)}{which}")


def _is_new(manager: str, names: str, before: str) -> bool:
    return manager in names.split(", ") and manager not in before.split(", ")


def _managers(record: ConfigObject) -> list[str]:
    """Return who has changed *record* last: several, where it was within one second."""
    return [name for name in record.manager.split(" or ") if name]


def _set_by(manager: str, record: ConfigObject) -> list[tuple[str, str]]:
    """Return the entries that *manager* sets, with all who do, as *record* tells it."""
    return [(key, names) for key, names in record.owners if manager in names.split(", ")]


def _by(record: ConfigObject, keys: Iterable[str] = ()) -> str:
    """Return who has changed *keys* last: of several, those that set any of them."""
    owners = dict(record.owners)
    named = {name for key in keys for name in owners.get(key, "").split(", ")}
    managers = _managers(record)
    known = [name for name in managers if name in named] or managers
    return f" by {' or '.join(known)}" if known else ""
