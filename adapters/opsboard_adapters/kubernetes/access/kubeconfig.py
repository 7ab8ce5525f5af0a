"""Kubeconfig files: read, merged and resolved as kubectl does.

Source of the rules: *Organizing Cluster Access Using kubeconfig Files*, and the ``Config`` (v1) API
and ``tools/clientcmd`` of client-go. Of several files in ``KUBECONFIG``, the first to set a value
or to name a cluster, user or context wins; a missing file is skipped; relative paths are relative
to the file that holds them.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import HostEnviron, Misconfigured
from opsboard.system.file_trust import find_trust_problem
from opsboard.text.encoding import ENCODING_HINT, NotTextError, decode_text
from opsboard_adapters.kubernetes.access.kubeconfig_schema import (
    CLUSTER,
    CONFIG,
    CONTEXT,
    USER,
    KubeconfigSchema,
    checked,
)
from opsboard_adapters.kubernetes.access.yaml_document import NotYamlError, first_document
from opsboard_adapters.net import trust

_PATH_KEYS: Final = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
_MEND: Final = "fix the kubeconfig"


@dataclass(frozen=True, slots=True)
class KubeconfigEntry:
    """A named entry of a kubeconfig *file*; *key* is its place there, for errors."""

    values: Any
    file: Path
    key: str

    def checked(self, schema: KubeconfigSchema) -> dict[str, Any]:
        """Return the values by that *schema*. Raises :exc:`Misconfigured` where they do not fit."""
        return checked(self.values, schema, str(self.file), self.key)


@dataclass(slots=True)
class Kubeconfig:
    """The merged content of some kubeconfig files."""

    current_context: str = ""
    contexts: dict[str, KubeconfigEntry] = field(default_factory=dict)
    clusters: dict[str, KubeconfigEntry] = field(default_factory=dict)
    users: dict[str, KubeconfigEntry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResolvedContext:
    """A context with the entries that it names: *cluster* and *user*, with absolute paths.

    *user* is ``None`` where no user of that name exists. *of_cluster* and *of_user* name the
    entries and their files in errors.
    """

    context: str
    cluster_name: str
    user_name: str
    namespace: str
    cluster: Mapping[str, Any]
    user: Mapping[str, Any] | None
    of_cluster: str
    of_user: str


def kubeconfig_files(kubeconfig: Path | None, host_environ: HostEnviron) -> tuple[Path, ...]:
    """Return the kubeconfig files to read, whether they exist or not."""
    if kubeconfig is not None:
        return (_expand(kubeconfig, host_environ),)
    listed = [part for part in host_environ.env.get("KUBECONFIG", "").split(":") if part]
    if listed:
        return tuple(_expand(Path(part), host_environ) for part in dict.fromkeys(listed))
    return default_files(host_environ)


def default_files(host_environ: HostEnviron) -> tuple[Path, ...]:
    """Return what is read where nothing names a kubeconfig."""
    return (host_environ.home / ".kube" / "config",)


def _expand(path: Path, host_environ: HostEnviron) -> Path:
    if path.parts[:1] == ("~",):
        path = host_environ.home.joinpath(*path.parts[1:])
    return path if path.is_absolute() else host_environ.cwd / path


def any_exists(paths: Iterable[Path]) -> bool:
    """Return whether one of *paths* exists; one that may not be looked at counts as missing."""
    return any(map(os.path.exists, paths))


# --- reading -------------------------------------------------------------------------------------


def load(paths: Iterable[Path]) -> Kubeconfig:
    """Return the merged content of those *paths* that exist. Raises :exc:`Misconfigured`."""
    merged = Kubeconfig()
    for path in paths:
        if (content := _read(path)) is not None:
            _merge(merged, content, path)
    return merged


def _read(path: Path) -> Mapping[str, Any] | None:
    """Return the content of *path*, or ``None`` where there is no such file."""
    try:
        if not path.exists() or path.is_char_device():  # /dev/null stands for no file
            return None
        content = first_document(decode_text(trust.read_pem_file(path, str(path), _MEND)))
    except OSError as error:
        raise Misconfigured(f"cannot read {path}: {error.strerror}", "check its mode") from None
    except NotTextError as error:
        raise Misconfigured(f"{path} {error}", ENCODING_HINT) from None
    except NotYamlError as error:
        where = f"{path}:{error.line}" if error.line else str(path)
        raise Misconfigured(f"{where} is not valid YAML", _MEND) from None
    if content is not None and not isinstance(content, dict):
        raise Misconfigured(f"{path} is no kubeconfig", "name a kubeconfig file")
    return _versioned(checked(content or {}, CONFIG, str(path)), path)


def _versioned(content: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    for key, known in (("kind", "Config"), ("apiVersion", "v1")):
        if content.get(key) and content[key] != known:
            raise Misconfigured(
                f"{path} is no kubeconfig: its {key} is {content[key]!r}",
                f"write {key}: {known}, or name a kubeconfig file",
            )
    return content


def _merge(merged: Kubeconfig, content: Mapping[str, Any], path: Path) -> None:
    merged.current_context = merged.current_context or content.get("current-context", "")
    for plural, singular, into in (
        ("contexts", "context", merged.contexts),
        ("clusters", "cluster", merged.clusters),
        ("users", "user", merged.users),
    ):
        own: dict[str, KubeconfigEntry] = {}
        for item in content.get(plural, ()):
            name = item.get("name", "")
            if name in own:
                raise Misconfigured(
                    f"{path} has two {plural} called {name!r}", "rename or remove one of them"
                )
            own[name] = KubeconfigEntry(
                item.get(singular) or {}, path, f"{plural}[{name}].{singular}"
            )
        into.update({name: entry for name, entry in own.items() if name not in into})


# --- resolving -----------------------------------------------------------------------------------


def resolve(config: Kubeconfig, context: str, paths: Iterable[Path]) -> ResolvedContext:
    """Return the entries that *context*, or the current one for ``""``, names.

    Raises :exc:`Misconfigured`; *paths* are the files, for errors.
    """
    name = context or config.current_context
    where = ", ".join(map(str, paths))
    if not name:
        raise Misconfigured(
            f"no current context in {where}", "run kubectl config use-context, or set contexts"
        )
    named = _named(config.contexts, name, "context", where).checked(CONTEXT)
    cluster, user = named.get("cluster", ""), named.get("user", "")
    if not cluster and cluster not in config.clusters:
        raise Misconfigured(f"the context {name!r} in {where} names no cluster", _MEND)
    in_cluster = _named(config.clusters, cluster, "cluster", where)
    as_user = config.users.get(user)
    return ResolvedContext(
        context=name,
        cluster_name=cluster,
        user_name=user,
        namespace=named.get("namespace") or "default",
        cluster=_absolute(in_cluster.checked(CLUSTER), in_cluster.file.parent),
        user=_trusted(as_user) if as_user else None if user else {},
        of_cluster=f"the cluster {cluster!r} in {in_cluster.file}",
        of_user=f"the user {user!r} in {as_user.file if as_user else where}",
    )


def _named(
    entries: Mapping[str, KubeconfigEntry], name: str, what: str, where: str
) -> KubeconfigEntry:
    try:
        return entries[name]
    except KeyError:
        known = ", ".join(sorted(entries)) or "none"
        raise Misconfigured(
            f"there is no {what} {name!r} in {where}", f"known {what}s: {known}"
        ) from None


def _trusted(user: KubeconfigEntry) -> Mapping[str, Any]:
    """Return the values of *user*.

    Raises :exc:`Misconfigured` where others may write the file and it names a program to run.
    """
    values = user.checked(USER)
    if values.get("exec") and (why := find_trust_problem(user.file)) is not None:
        raise Misconfigured(
            f"{user.file} is refused, as it says which program to run: {why.reason}", why.hint
        )
    return _absolute(values, user.file.parent)


def _absolute(values: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    paths = {key: str(folder / values[key]) for key in _PATH_KEYS if values.get(key)}
    return {**values, **paths, **_plugin(values, folder)}


def _plugin(values: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """Return the exec plugin; a command with a slash is relative to the kubeconfig as well."""
    plugin = values.get("exec")
    if plugin is None or "/" not in plugin.get("command", ""):
        return {}
    return {"exec": {**plugin, "command": str(folder / plugin["command"])}}
