"""The signature of a model: what it takes and returns, as its ``MLmodel`` file tells it.

No answer of the REST API has it. Clients before 3.0 repeat the file in a tag of the run,
``mlflow.log-model.history``; else it is read from among the artifacts of the version, or of the
logged model of the run.
Both hold inputs, outputs and params as JSON texts:
https://mlflow.org/docs/latest/ml/model/signatures/
"""

import asyncio
import json
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from opsboard.adapter import Malformed, NotFound, SourceError
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.lineage import VersionOrigin
from opsboard_adapters.mlflow.structs import MLflowRun, MLflowVersion

LOG_HISTORY: Final = "mlflow.log-model.history"
MODEL_FILE: Final = "MLmodel"
PARTS: Final = ("inputs", "outputs", "params")
MAX_FILE: Final = 256 * 1024
"""Bytes of an ``MLmodel`` file; the usual ones have a few thousand."""

_SEVERAL: Final = "which of the models that it logged is meant, a run does not say"


@dataclass(frozen=True, slots=True)
class VersionSignature:
    """The *parts* of the signature of a version, or of a run.

    Where *unknown* says why, nothing is known.
    """

    parts: Mapping[str, str]
    unknown: str = ""


class ModelFiles:
    """Reads the ``MLmodel`` files of versions: each once, however many checks of a plan want it.

    It is made anew for each question, since what it has read may be gone later.
    """

    def __init__(self, registry: MLflowApi, tracking: MLflowApi) -> None:
        self._registry, self._tracking = registry, tracking
        self._reading: dict[tuple[str, str], asyncio.Task[str]] = {}

    async def read(self, version: MLflowVersion) -> str:
        """Return the text of the file of *version*. Raises :exc:`SourceError`."""
        key = (version.name, version.version)
        if key not in self._reading:
            self._reading[key] = asyncio.create_task(self._read(version))
        return await asyncio.shield(self._reading[key])  # who gives up takes it from nobody else

    async def _read(self, version: MLflowVersion) -> str:
        """Read it as an artifact of the version, else as one of its run.

        A server that serves artifacts itself fails at a version whose source is ``runs:/...``
        (500: it takes its own ``mlflow-artifacts:`` for another server's), and not at the run.
        """
        try:
            return await self._registry.version_artifact(version.name, version.version, MODEL_FILE)
        except NotFound:
            raise
        except SourceError as error:
            if (folder := folder_in_run(version)) is None:
                raise
            path = f"{folder}/{MODEL_FILE}".lstrip("/")
            try:
                return (await self._tracking.artifact(version.run_id, path)).decode(
                    errors="replace"
                )
            except SourceError:
                raise error from None


def folder_in_run(version: MLflowVersion) -> str | None:
    """Return the folder of the artifacts of its run that *version* is; ``None`` if not of a run."""
    if not version.run_id or version.logged_model:
        return None
    _, found, inside = version.source.partition(f"{version.run_id}/")
    if not found:
        return None
    root, _, folder = inside.partition("/")
    is_stored = root == "artifacts" and not version.source.startswith("runs:")
    return (folder if is_stored else inside).strip("/")


async def read_signature(
    files: ModelFiles, version: MLflowVersion, origin: VersionOrigin
) -> VersionSignature:
    """Return the signature of *version*: by the tag of its run, else by its ``MLmodel`` file."""
    tag = origin.run.data.tags.get(LOG_HISTORY, "") if origin.run else ""
    if tag and (parts := signature_of_tag(tag)) is not None:
        return VersionSignature(parts)
    return await _signature_in(files.read(version))


async def read_run_signature(api: MLflowApi, run: MLflowRun) -> VersionSignature:
    """Return the signature of the only model that *run* logged."""
    if tag := run.data.tags.get(LOG_HISTORY, ""):
        parts = signature_of_tag(tag)
        return VersionSignature({}, _SEVERAL) if parts is None else VersionSignature(parts)
    logged = list({one.model_id for one in run.outputs.model_outputs} - {""})
    if len(logged) != 1:
        return VersionSignature({}, _SEVERAL if logged else "it has logged no model")
    return await _signature_in(api.logged_model_file(logged[0], MODEL_FILE))


async def _signature_in(reading: Awaitable[str]) -> VersionSignature:
    """Return the signature in the ``MLmodel`` file that *reading* gives, or why it has none."""
    try:
        return VersionSignature(signature_of_file(await reading))
    except NotFound:
        return VersionSignature({}, "it has no MLmodel file to read")
    except SourceError as error:
        return VersionSignature({}, error.message)


def signature_of_file(text: str) -> Mapping[str, str]:
    """Return the parts of the signature in an ``MLmodel`` file; empty where it has none."""
    import yaml  # noqa: PLC0415 - 20 ms that only a comparison needs

    if len(text) > MAX_FILE:
        raise Malformed(f"the MLmodel file has more than {MAX_FILE // 1024} KiB")
    try:
        read = yaml.load(text, yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Malformed("the MLmodel file is no YAML") from error
    if not isinstance(read, Mapping):
        raise Malformed("the MLmodel file is no mapping")
    return _parts(read.get("signature"))


def signature_of_tag(text: str) -> Mapping[str, str] | None:
    """Return that of the only model in the tag :data:`LOG_HISTORY`; ``None`` if it is not known.

    A run may have logged several models: which of them a version is of, the tag does not say.
    """
    try:
        logged = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(logged, list) or len(logged) != 1 or not isinstance(logged[0], dict):
        return None
    return _parts(logged[0].get("signature"))


def _parts(signature: Any) -> Mapping[str, str]:
    if not isinstance(signature, Mapping):
        return {}
    return {part: _line(signature[part]) for part in PARTS if signature.get(part)}


def _line(value: Any) -> str:
    """Return the columns or tensors of a part in one line: ``age: long, name: string``."""
    try:
        columns = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return str(value)
    if not isinstance(columns, list) or not all(isinstance(one, dict) for one in columns):
        return str(value)
    return ", ".join(_column(one) for one in columns)


def _column(column: Mapping[str, Any]) -> str:
    kind = column.get("type", "")
    inner = column.get("tensor-spec")
    if kind == "tensor" and isinstance(inner, Mapping):
        kind = f"{inner.get('dtype', 'tensor')}{inner.get('shape', '')}"
    elif kind in {"array", "object", "map", "sparkml_vector"}:
        kind = json.dumps({key: one for key, one in column.items() if key not in _NOT_TYPE})
    name = column.get("name")
    optional = "" if column.get("required", True) else "?"
    default = f" = {column['default']}" if column.get("default") is not None else ""
    return f"{name}{optional}: {kind}{default}" if name else f"{kind}{optional}"


_NOT_TYPE: Final = frozenset({"name", "required", "default"})


# --- single inputs -------------------------------------------------------------------------------


class InputColumn(NamedTuple):
    """A column that a model takes: its type, and whether it has to be sent."""

    type: str
    required: bool


def input_columns(parts: Mapping[str, str]) -> dict[str, InputColumn]:
    """Return the named columns of the inputs among *parts*, as :func:`_line` has written them."""
    found: dict[str, InputColumn] = {}
    for column in _columns(parts.get("inputs", "")):
        name, colon, kind = column.partition(": ")
        if colon:
            required = not name.endswith("?")
            found[name.removesuffix("?")] = InputColumn(kind.partition(" = ")[0], required)
    return found


def _columns(line: str) -> list[str]:
    """Split *line* at the commas that stand in no brackets."""
    columns, depth = [""], 0
    for sign in line:
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and depth == 0:
            columns.append("")
        else:
            columns[-1] += sign
    return [one.strip() for one in columns if one.strip()]
