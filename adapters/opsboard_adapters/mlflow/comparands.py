"""Versions and runs as sides of a comparison."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from opsboard.adapter import (
    MAX_METRICS,
    BetterSide,
    Comparand,
    ComparedGroup,
    ComparedMetric,
    Series,
    SourceError,
    TrainingInputs,
)
from opsboard.records import Kind, Ref, listed_key
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.listing.partial import gather_bounded
from opsboard_adapters.mlflow.actions.comparison import is_users_tag
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.lineage import VersionOrigin
from opsboard_adapters.mlflow.links import split_version_id
from opsboard_adapters.mlflow.poller import ModelPoller
from opsboard_adapters.mlflow.sections import series
from opsboard_adapters.mlflow.signatures import (
    ModelFiles,
    VersionSignature,
    read_run_signature,
    read_signature,
)
from opsboard_adapters.mlflow.structs import (
    MetricHistory,
    MLflowMetric,
    MLflowRun,
    MLflowVersion,
    moment,
    thinned,
)

POINTS: Final = 200
"""Points of a series: more do not fit a terminal."""
_SYSTEM: Final = "system/"
"""Metrics of the machine and not of the model (``mlflow.system_metrics``)."""


class ComparandReader:
    """Reads one version, or one run, as it is now."""

    def __init__(self, registry_api: MLflowApi, api: MLflowApi, watch: ModelPoller) -> None:
        self._registry_api, self._api, self._watch = registry_api, api, watch
        self._translator = watch.translator

    async def version(self, ref: Ref) -> Comparand:
        """Return the version *ref*. Raises :exc:`NotFound`."""
        known, origin, faults = await self._origin(ref)
        record = self._translator.version(known, origin)
        signature = await self._signature(known, origin)
        run = origin.run
        return Comparand(
            ref=ref,
            title=f"v{known.version}",
            subject=known.name,
            note=", ".join(record.aliases) or record.stage,
            leads=self._watch.registry.serving(known.name) == known.version,
            environment=record.environment,
            created_at=moment(known.creation_timestamp),
            groups=(
                _group("Parameters", origin.params, faults),
                _datasets(run, faults),
                signature,
                _group("Code", _code(run, origin.commit(known)), faults),
                _group("Tags", _users(known.tags)),
            ),
            notes=tuple(fault.message for fault in faults),
            **self._metrics(origin.measurements),
        )

    async def run(self, ref: Ref) -> Comparand:
        """Return the run *ref* of a listing. Raises :exc:`NotFound`."""
        run = await self._api.run(listed_key(ref)[1])
        origin = VersionOrigin(run)
        signature = _signature_group(await read_run_signature(self._api, run))
        return Comparand(
            ref=ref,
            title=run.info.run_name or run.id[:8],
            subject="run",
            note=run.info.status.lower(),
            created_at=moment(run.info.start_time),
            groups=(
                _group("Parameters", origin.params),
                _datasets(run, ()),
                signature,
                _group("Code", _code(run, run.data.tags.get("mlflow.source.git.commit", ""))),
                _group("Tags", _users(run.data.tags)),
            ),
            **self._metrics(origin.measurements),
        )

    async def series(self, ref: Ref, metrics: Sequence[str]) -> Sequence[Series]:
        """Return the values of *metrics* that the version or run *ref* has, over its steps."""
        if ref.kind is Kind.LISTED:
            origin = VersionOrigin(await self._api.run(listed_key(ref)[1]))
        else:
            _, origin, _ = await self._origin(ref)
        measured = {one.key: one for one in origin.measurements}
        wanted = [measured[name] for name in metrics if name in measured]
        work = [partial(self._history, origin, one) for one in wanted]
        found = await gather_bounded(work, self._api.at_once)
        for history in found:
            if isinstance(history, SourceError):
                raise history
        return [
            series(one.key, history.points)
            for one, history in zip(wanted, found, strict=True)
            if isinstance(history, MetricHistory)
        ]

    async def training_inputs(self, ref: Ref) -> TrainingInputs:
        """Return what the version of the model *ref* that serves, or the latest, was trained with.

        Raises :exc:`NotFound`.
        """
        model, versions = await asyncio.gather(
            self._registry_api.model(ref.id),
            self._registry_api.versions(SkippedRecords("versions"), ref.id),
        )
        registry = self._watch.registry
        registry.add_model(model)
        registry.replace_versions_of(ref.id, versions.items, whole=versions.error is None)
        number = registry.serving(ref.id) or registry.latest(ref.id)
        if (known := registry.version(ref.id, number)) is None:
            unread = versions.error.message if versions.error else ""
            return TrainingInputs(version=f"v{number}" if number else "", unread=unread)
        faults: list[SourceError] = []
        origin = await self._watch.runs.origin_of(known, faults)
        tags = origin.run.data.tags if origin.run else {}
        return TrainingInputs(
            version=f"v{number}",
            params=tuple(origin.params.items()),
            dataset=origin.trained_on.name if origin.trained_on else "",
            entry_point=tags.get("mlflow.project.entryPoint", ""),
            unread=faults[0].message if faults else "",
        )

    async def _history(self, origin: VersionOrigin, metric: MLflowMetric) -> MetricHistory:
        own = origin.logged.history(metric.key) if origin.logged else ()
        if own or origin.run is None:
            return MetricHistory(thinned(own, POINTS))
        return await self._api.history(origin.run.id, metric.key, POINTS, metric.step)

    async def _origin(self, ref: Ref) -> tuple[MLflowVersion, VersionOrigin, list[SourceError]]:
        name, number = split_version_id(ref.id)
        known, model = await asyncio.gather(
            self._registry_api.version_of(name, number), self._registry_api.model(name)
        )
        self._watch.registry.add_model(model)
        faults: list[SourceError] = []
        return known, await self._watch.runs.origin_of(known, faults), faults

    async def _signature(self, known: MLflowVersion, origin: VersionOrigin) -> ComparedGroup:
        files = ModelFiles(self._registry_api, self._api)
        return _signature_group(await read_signature(files, known, origin))

    def _metrics(self, measured: Iterable[MLflowMetric]) -> dict[str, Any]:
        own = [one for one in measured if not one.key.startswith(_SYSTEM)]
        ordered = self._translator.ordered(own)
        shown = tuple(
            ComparedMetric(
                name=one.key,
                value=one.value,
                better=BetterSide(self._translator.judgement.side(one.key)),
                step=one.step,
            )
            for one in ordered[:MAX_METRICS]
        )
        return {"metrics": shown, "more_metrics": len(ordered) - len(shown)}


def _group(
    title: str, values: Mapping[str, str], faults: Sequence[SourceError] = ()
) -> ComparedGroup:
    """Return *values* as a group; empty and with *faults*, nobody knows them."""
    if not values and faults:
        return ComparedGroup(title=title, unknown=faults[0].message)
    return ComparedGroup(title=title, pairs=tuple(sorted(values.items())))


def _signature_group(found: VersionSignature) -> ComparedGroup:
    if found.unknown:
        return ComparedGroup(title="Signature", unknown=found.unknown)
    return _group("Signature", found.parts)


def _datasets(run: MLflowRun | None, faults: Sequence[SourceError]) -> ComparedGroup:
    """Return the data sets of *run* by what they were used for, numbered where there are more."""
    found: dict[str, str] = {}
    for one in run.inputs.dataset_inputs if run else ():
        use = one.tags.get("mlflow.data.context", "") or "used"
        label, number = use, 2
        while label in found:
            label, number = f"{use} {number}", number + 1
        digest = f"@{one.dataset.digest}" if one.dataset.digest else ""
        found[label] = f"{one.dataset.name}{digest}"
    return _group("Data sets", found, faults)


def _code(run: MLflowRun | None, commit: str) -> Mapping[str, str]:
    tags = run.data.tags if run else {}
    pairs = {
        "commit": commit,
        "source": tags.get("mlflow.source.name", ""),
        "entry point": tags.get("mlflow.project.entryPoint", ""),
    }
    return {name: text for name, text in pairs.items() if text}


def _users(tags: Mapping[str, str]) -> Mapping[str, str]:
    return {key: text for key, text in tags.items() if is_users_tag(key)}
