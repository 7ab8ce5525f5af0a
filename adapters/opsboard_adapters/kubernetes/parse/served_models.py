"""The model that a workload serves, as its containers, labels and annotations declare it.

A model is named by a URI: ``models:/NAME/VERSION``, ``models:/NAME@ALIAS``, ``models:/m-ID`` for
one that a run of MLflow 3 has logged, ``runs:/RUN/PATH``
(https://mlflow.org/docs/latest/ml/model-registry), or by where its artifacts are kept, whose path
has the run in it. Only literal values are read: what comes from a Secret or ConfigMap is not known.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address
from typing import Final, TypeAlias
from urllib.parse import unquote, urlsplit

from opsboard.records import Claim, Strength, stated
from opsboard.records.claims import LOGGED_MODEL, MODEL_ALIAS, MODEL_VERSION, RUN
from opsboard.records.identity import logged_model, model_alias, model_version, training_run
from opsboard_adapters.kubernetes.structs import (
    V1ObjectMeta,
    V1PodContainer,
    V1PodSpec,
    V1TemplateMeta,
    V1TemplatePodSpec,
    V1Workload,
)

PodSpec: TypeAlias = V1PodSpec | V1TemplatePodSpec
PodMeta: TypeAlias = V1ObjectMeta | V1TemplateMeta

URI_VARIABLES: Final = ("MODEL_URI", "MLFLOW_MODEL_URI", "STORAGE_URI")
NAME_VARIABLE: Final = "MODEL_NAME"
VERSION_VARIABLE: Final = "MODEL_VERSION"
TRACKING_VARIABLE: Final = "MLFLOW_TRACKING_URI"
MODEL_LABEL: Final = "opsboard.dev/model"
"""A label or annotation: ``NAME/VERSION``, or ``NAME.VERSION`` in a label, or a model URI."""
KSERVE_SOURCE: Final = "internal.serving.kserve.io/storage-initializer-sourceuri"
"""What KServe notes on the pods of a revision: from where their model is loaded."""
KSERVE_RULE: Final = "KServe annotation storage-initializer-sourceuri"
_MODEL_KEYS: Final = (MODEL_LABEL, KSERVE_SOURCE)

_FLAG: Final = re.compile(
    r"(?:^|\s)(?P<flag>--model[-_]uri|--storage[-_]uri|--model[-_]path|--model|-m)[=\s]+['\"]?"
    r"(?P<uri>[a-z][a-z0-9+.-]*:/[^\s'\"]+)"
)
_REFERENCE: Final = re.compile(r"\$\$|\$\((?P<name>[A-Za-z_.-][A-Za-z0-9_.-]*)\)")
_RUN_ID: Final = re.compile(r"[0-9a-f]{32}")
_RUN_IN_PATH: Final = re.compile(r"/(?P<run>[0-9a-f]{32})/artifacts(?:/|$)")
_LOGGED_IN_PATH: Final = re.compile(r"/models/(?P<model>m-[0-9a-f]{32})/artifacts(?:/|$)")
_LOGGED: Final = re.compile(r"m-[0-9a-f]{32}")
_NUMBER: Final = re.compile(r"[1-9][0-9]*")
_LABELLED: Final = re.compile(r"(?P<model>.+)[/.]v?(?P<version>[1-9][0-9]*)")
_LONGEST: Final = 2_048
"""Characters of a URI that is looked at."""


MODELS: Final = frozenset({MODEL_VERSION, MODEL_ALIAS, LOGGED_MODEL, RUN})
"""The types of what a workload or pod may state as its model."""


def served_models(item: V1Workload, variables: Sequence[str] = ()) -> tuple[Claim, ...]:
    """Return the models that a workload serves. *variables* name further ones that hold a URI."""
    template = item.spec.template
    return stated(
        *models_of_pod(template.spec, template.metadata, variables),
        *_declared(item.metadata, _one_server(template.spec)),
    )


def models_of_pod(spec: PodSpec, meta: PodMeta, variables: Sequence[str] = ()) -> tuple[Claim, ...]:
    """Return the models that a pod, or one of a template, serves, as it is declared."""
    found = list[Claim | None]()
    for container in _serving(spec):
        values = literal_values(container)
        server = tracking_server(values)
        found += _from_variables(values, (*URI_VARIABLES, *variables), server)
        found += _from_command(container, values, server)
    return stated(*found, *_declared(meta, _one_server(spec)))


def names_a_model(spec: PodSpec, meta: PodMeta, variables: frozenset[str]) -> bool:
    """Return whether a pod may name a model at all: most do not, and this is soon told.

    *variables* are all that may hold one.
    """
    if any(key in meta.labels or key in meta.annotations for key in _MODEL_KEYS):
        return True
    return any(
        one.name in variables for container in _serving(spec) for one in container.env
    ) or any(":/" in text for one in _serving(spec) for text in (*one.command, *one.args))


def _serving(spec: PodSpec) -> Iterable[V1PodContainer]:
    if not spec.init_containers:
        return spec.containers
    return (*spec.containers, *(one for one in spec.init_containers if one.is_sidecar))


def _one_server(spec: PodSpec) -> str:
    """Return the tracking server of the containers, ``""`` where they name several or none."""
    servers = {tracking_server(literal_values(container)) for container in _serving(spec)}
    return next(iter(servers)) if len(servers) == 1 else ""


def _declared(meta: PodMeta, server: str) -> Iterator[Claim | None]:
    """Yield the models that labels and annotations name."""
    for what, values in (("label", meta.labels), ("annotation", meta.annotations)):
        yield labelled_model(values.get(MODEL_LABEL, ""), server, f"{what} {MODEL_LABEL}")
    yield model_of_uri(meta.annotations.get(KSERVE_SOURCE, ""), server, KSERVE_RULE)


def tracking_server(values: Mapping[str, str]) -> str:
    """Return the tracking server that the variables of a container name; ``""`` for none.

    A loopback address is that of the pod, of a sidecar or a tunnel there: it says nothing of which
    server is meant, least of all of the one that this machine has at the same address.
    """
    server = values.get(TRACKING_VARIABLE, "")
    try:
        host = urlsplit(server).hostname or ""
        loopback = ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        loopback = _is_local_name(server)
    return "" if loopback else server


def _is_local_name(server: str) -> bool:
    host = server.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0].lower()
    return host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost")


def literal_values(container: V1PodContainer) -> dict[str, str]:
    """Return the variables of a container whose values are literal, with ``$(NAME)`` replaced.

    A reference is replaced by a variable before it, as the kubelet does; what refers to one without
    a literal value is left out.
    """
    values = dict[str, str]()
    for variable in container.env:
        if (value := _expanded(variable.value, values)) and len(value) <= _LONGEST:
            values[variable.name] = value
        else:
            values.pop(variable.name, None)
    return values


def _expanded(text: str, values: Mapping[str, str]) -> str:
    """Return *text* with its references replaced, ``""`` where one is not known."""
    names = [one["name"] for one in _REFERENCE.finditer(text) if one["name"]]
    if not values.keys() >= set(names):
        return ""
    return _REFERENCE.sub(lambda one: values[one["name"]] if one["name"] else "$", text)


def _from_variables(
    values: Mapping[str, str], names: Iterable[str], server: str
) -> Iterator[Claim | None]:
    for name in dict.fromkeys(names):
        yield model_of_uri(values.get(name, ""), server, f"env {name}")
    name, version = values.get(NAME_VARIABLE, ""), values.get(VERSION_VARIABLE, "")
    if _NUMBER.fullmatch(version):
        rule = f"env {NAME_VARIABLE} and {VERSION_VARIABLE}"
        yield model_version(server, name, version, rule, Strength.LABEL)


def _from_command(
    container: V1PodContainer, values: Mapping[str, str], server: str
) -> Iterator[Claim | None]:
    text = " ".join((*container.command, *container.args))
    if ":/" not in text and "$(" not in text:
        return
    for found in _FLAG.finditer(_REFERENCE.sub(lambda one: _known(one, values), text)):
        yield model_of_uri(found["uri"], server, f"argument {found['flag']}")


def _known(reference: re.Match[str], values: Mapping[str, str]) -> str:
    """Return what stands for a reference in a command: one that is not known stays as it is."""
    return values.get(reference["name"], reference[0]) if reference["name"] else "$"


def labelled_model(text: str, server: str, rule: str) -> Claim | None:
    """Return the model that a label or annotation names, ``None`` where it names none."""
    if ":/" in text:
        return model_of_uri(text, server, rule)
    named = _LABELLED.fullmatch(text.strip())
    if named is None:
        return None
    return model_version(server, named["model"], named["version"], rule, Strength.LABEL)


def model_of_uri(uri: str, server: str, rule: str) -> Claim | None:
    """Return what a model URI names: a version, an alias or a run; ``None`` where it is not known.

    An alias or stage may have moved since the container has read it: it is a candidate.
    """
    scheme, separator, rest = uri.strip().partition(":/")
    path = rest.lstrip("/").partition("?")[0].partition("#")[0]
    if not separator or "$(" in rest:
        return None
    if scheme == "models":
        return _registered(unquote(path).strip("/"), server, rule)
    if scheme == "runs":
        run = path.partition("/")[0]
        return training_run(server, run, rule, Strength.LABEL) if _RUN_ID.fullmatch(run) else None
    if logged := _LOGGED_IN_PATH.search(f"/{path}"):
        return logged_model(server, logged["model"], f"{rule}, model in its path", Strength.LABEL)
    found = _RUN_IN_PATH.search(f"/{path}")
    if found is None:
        return None
    return training_run(server, found["run"], f"{rule}, run in its path", Strength.LABEL)


def _registered(path: str, server: str, rule: str) -> Claim | None:
    name, at, alias = path.partition("@")
    if at:
        return model_alias(server, name, alias, f"{rule}, an alias", Strength.CANDIDATE)
    name, slash, version = path.rpartition("/")
    if not slash:
        logged = _LOGGED.fullmatch(version)
        return logged_model(server, version, rule, Strength.LABEL) if logged else None
    if _NUMBER.fullmatch(version):
        return model_version(server, name, version, rule, Strength.LABEL)
    return model_alias(server, name, version, f"{rule}, a stage", Strength.CANDIDATE)
