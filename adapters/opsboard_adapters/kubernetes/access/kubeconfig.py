"""Kubeconfig files, merged and resolved as kubectl does it.

Source of the rules: *Organizing Cluster Access Using kubeconfig Files* and the ``Config`` (v1)
API of client-go. Of several files in ``KUBECONFIG``, the first to set a value or to name a
cluster, user or context wins; a missing file is skipped; relative paths are relative to the file
that holds them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from opsboard.adapter import Misconfigured, Surroundings
from opsboard.text_encoding import MEND, NotTextError, read_text
from opsboard.trusted import distrust
from opsboard_adapters.kubernetes.access.shape import CLUSTER, CONTEXT, USER, Shape, checked

_PATH_KEYS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


@dataclass(frozen=True, slots=True)
class Entry:
    """A named entry of a kubeconfig *file*, and the folder that its relative paths start from."""

    values: Mapping[str, Any]
    folder: Path
    file: Path | None = None


@dataclass(slots=True)
class KubeConfig:
    """The merged content of some kubeconfig files."""

    current_context: str = ""
    contexts: dict[str, Entry] = field(default_factory=dict)
    clusters: dict[str, Entry] = field(default_factory=dict)
    users: dict[str, Entry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """A context with what it names: *cluster* and *user* with absolute paths."""

    context: str
    cluster_name: str
    user_name: str
    namespace: str
    cluster: Mapping[str, Any]
    user: Mapping[str, Any]


def files(kubeconfig: Path | None, surroundings: Surroundings) -> tuple[Path, ...]:
    """Return the files to read, whether they exist or not."""
    if kubeconfig is not None:
        return (_expand(kubeconfig, surroundings),)
    listed = [part for part in surroundings.env.get("KUBECONFIG", "").split(":") if part]
    if listed:
        return tuple(_expand(Path(part), surroundings) for part in listed)
    return (surroundings.home / ".kube" / "config",)


def _expand(path: Path, surroundings: Surroundings) -> Path:
    if path.parts[:1] == ("~",):
        path = surroundings.home.joinpath(*path.parts[1:])
    return path if path.is_absolute() else surroundings.cwd / path


def load(paths: Iterable[Path]) -> KubeConfig:
    """Return the merged content of those *paths* that exist. Raises :exc:`Misconfigured`."""
    merged = KubeConfig()
    for path in paths:
        if path.is_file():
            _merge(merged, _read(path), path)
    return merged


def _read(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.load(read_text(path), _LOADER) or {}  # noqa: S506 - safe
    except OSError as error:
        raise Misconfigured(f"cannot read {path}: {error.strerror}", "check its mode") from None
    except NotTextError as error:
        raise Misconfigured(f"{path} {error}", MEND) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # odd dates are ValueErrors
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise Misconfigured(f"{where} is not valid YAML", "mend the kubeconfig") from None
    if not isinstance(content, dict):
        raise Misconfigured(f"{path} is no kubeconfig", "name a kubeconfig file")
    return content


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _merge(merged: KubeConfig, content: Mapping[str, Any], path: Path) -> None:
    merged.current_context = merged.current_context or str(content.get("current-context") or "")
    for plural, singular, into in (
        ("contexts", "context", merged.contexts),
        ("clusters", "cluster", merged.clusters),
        ("users", "user", merged.users),
    ):
        items = content.get(plural) or ()
        if not isinstance(items, list | tuple):
            raise Misconfigured(f"{path}: {plural} must be a list", "mend the kubeconfig")
        for item in items:
            if isinstance(item, dict) and isinstance(values := item.get(singular) or {}, dict):
                into.setdefault(str(item.get("name")), Entry(values, path.parent, path))


def resolve(config: KubeConfig, context: str, paths: Iterable[Path]) -> Target:
    """Return what *context*, or the current one if it is empty, stands for."""
    name = context or config.current_context
    where = ", ".join(map(str, paths))
    if not name:
        raise Misconfigured(
            f"no current context in {where}", "run kubectl config use-context, or set contexts"
        )
    entry = _named(config.contexts, name, "context", where)
    told = checked(entry.values, CONTEXT, f"context {name!r} in {where}")
    cluster, user = told.get("cluster", ""), told.get("user", "")
    in_cluster = _named(config.clusters, cluster, "cluster", where)
    as_user = _named(config.users, user, "user", where) if user else None
    return Target(
        context=name,
        cluster_name=cluster,
        user_name=user,
        namespace=told.get("namespace") or "default",
        cluster=_absolute(in_cluster, CLUSTER, f"cluster {cluster!r} in {where}"),
        user=_trusted(as_user, f"user {user!r} in {where}") if as_user else {},
    )


def _named(entries: Mapping[str, Entry], name: str, what: str, where: str) -> Entry:
    try:
        return entries[name]
    except KeyError:
        known = ", ".join(sorted(entries)) or "none"
        raise Misconfigured(
            f"there is no {what} {name!r} in {where}", f"known {what}s: {known}"
        ) from None


def _trusted(user: Entry, where: str) -> Mapping[str, Any]:
    """Return the values of *user*. Raises :exc:`Misconfigured` for a program that others chose."""
    runs = user.values.get("exec") or user.values.get("auth-provider")
    if runs and user.file is not None and (why := distrust(user.file)) is not None:
        raise Misconfigured(
            f"{user.file} is refused, as it says which program to run: {why.why}", why.mend
        )
    return _absolute(user, USER, where)


def _absolute(entry: Entry, shape: Shape, where: str) -> Mapping[str, Any]:
    values = checked(entry.values, shape, where)
    paths = {key: str(entry.folder / values[key]) for key in _PATH_KEYS if values.get(key)}
    return {**values, **paths, **_plugin(values, entry.folder)}


def _plugin(values: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """Return the exec plugin; a command with a slash in it is relative to the kubeconfig too."""
    plugin = values.get("exec")
    if plugin is None or "/" not in plugin.get("command", ""):
        return {}
    return {"exec": {**plugin, "command": str(folder / plugin["command"])}}
