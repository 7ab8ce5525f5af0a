"""The page of an image: what it holds, what it says of itself, and what refers to it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from opsboard.adapter import (
    Detail,
    Fact,
    Facts,
    Grid,
    GridRow,
    NotFound,
    Section,
    SourceError,
    Unsupported,
)
from opsboard.records import JSON, Image, Kind, Ref
from opsboard_adapters.attestations.provenance import Provenance
from opsboard_adapters.listing.completeness import SkippedRecords, unread_section
from opsboard_adapters.registry.api import RegistryApi
from opsboard_adapters.registry.images import RegistryImage, is_foreign, read_image
from opsboard_adapters.registry.names import short
from opsboard_adapters.registry.poller import RegistryPoller
from opsboard_adapters.registry.repository import ShownImage
from opsboard_adapters.registry.structs import CREATED, Descriptor
from opsboard_adapters.times import format_time

MAX_ROWS: Final = 200
_MIB: Final = 2**20


class ImageDetailReader:
    """Reads the pages and raw forms of images."""

    def __init__(self, api: RegistryApi, poller: RegistryPoller) -> None:
        self._api = api
        self._poller = poller

    async def detail(self, ref: Ref) -> Detail:
        """Return the page of *ref*. Raises :exc:`NotFound` where no such image is held."""
        if ref.kind is not Kind.IMAGE:
            raise Unsupported(f"{ref.kind} {ref.id} has no details")
        shown = await self._shown(ref)
        record = self._poller.record(shown)
        errors: list[SourceError] = []
        referrers: Sequence[Descriptor] = ()
        try:
            referrers = await self._api.referrers(shown.image.repository, shown.image.digest)
        except SourceError as error:
            errors.append(error)
        sections: list[Section] = [
            _facts(record, shown.image),
            *_provenance(shown.provenance),
            *_platforms(shown.image),
            *_layers(shown.image),
            *_pairs("Labels", shown.image.first.labels if shown.image.first else {}),
            *_pairs("Annotations", shown.image.base_annotations),
            _referrers(referrers),
            *unread_section(errors, SkippedRecords("referrers")),
        ]
        return Detail(record=record, sections=tuple(sections))

    async def raw(self, ref: Ref) -> JSON:
        """Return the manifest or index of *ref*, and the config of its first platform.

        Of the environment in a config only the names are told: people build secrets into it.
        """
        image = (await self._shown(ref)).image
        manifest = await self._api.manifest(image.repository, image.digest)
        found: dict[str, Any] = {"digest": image.digest, "manifest": json.loads(manifest.content)}
        first = image.first
        if first is not None and first.config is not None:
            descriptor = Descriptor(digest=first.config_digest)
            config = json.loads(await self._api.blob(image.repository, descriptor))
            found["config"] = _without_values(config)
        return found

    async def _shown(self, ref: Ref) -> ShownImage:
        repository, _, digest = ref.id.partition("@")
        state = self._poller.states.get(repository)
        for one in state.shown if state else ():
            if one.image.digest == digest:
                return one
        if state is None:
            raise NotFound(f"{ref.id} is in no repository that is watched", "look at its registry")
        return ShownImage(await read_image(self._api, repository, digest), ())


def _facts(record: Image, image: RegistryImage) -> Facts:
    pairs = (
        ("image", f"{record.registry}/{record.repository}"),
        ("tags", ", ".join(record.tags) or "none: it has been replaced"),
        ("digest", record.digest),
        ("type", image.artifact or image.media_type),
        ("created", format_time(record.created_at)),
        ("size", f"{record.size / _MIB:,.1f} MiB" if record.size else ""),
        ("commit", record.commit),
        ("revision", record.revision if record.revision != record.commit else ""),
        ("source", record.origin),
        ("built on", record.base),
        ("note", record.note),
    )
    return Facts(title="Image", facts=tuple(_fact(label, value) for label, value in pairs if value))


def _fact(label: str, value: str) -> Fact:
    return Fact(label=label, value=value)


def _provenance(told: Sequence[Provenance]) -> Iterator[Facts]:
    for one in told:
        pairs = [
            ("builder", one.builder),
            ("build type", one.build_type),
            *(
                (f"commit {number}", f"{made.sha} {made.repository or made.uri}".strip())
                for number, made in enumerate(one.commits, 1)
            ),
            ("started", format_time(one.started_at)),
            ("finished", format_time(one.finished_at)),
            ("invocation", one.invocation),
        ]
        facts = tuple(_fact(label, value) for label, value in pairs if value)
        yield Facts(title=f"Provenance, unverified (SLSA {one.version})", facts=facts)


def _platforms(image: RegistryImage) -> Iterator[Grid]:
    rows = tuple(
        GridRow(
            cells=(
                one.platform,
                short(one.digest),
                short(one.config_digest),
                f"{one.size / _MIB:,.1f}" if one.size else "",
                str(len(one.layers)) if one.layers else "",
            )
        )
        for one in image.platforms[:MAX_ROWS]
    )
    yield Grid(
        title="Platforms", columns=("platform", "digest", "config", "MiB", "layers"), rows=rows
    )


def _layers(image: RegistryImage) -> Iterator[Grid]:
    first = image.first
    if first is None or not first.layers:
        return
    made = (
        [one.created_by for one in first.config.history if not one.empty_layer]
        if first.config
        else []
    )
    rows = tuple(
        GridRow(
            cells=(
                str(number),
                short(layer.digest),
                f"{layer.size / _MIB:,.1f}",
                "held elsewhere" if is_foreign(layer) else "",
                made[number - 1] if number <= len(made) else "",
            )
        )
        for number, layer in enumerate(first.layers[:MAX_ROWS], 1)
    )
    columns = ("#", "digest", "MiB", "note", "made by")
    yield Grid(title=f"Layers {first.platform}".strip(), columns=columns, rows=rows)


def _pairs(title: str, values: Mapping[str, str]) -> Iterator[Facts]:
    if values:
        facts = tuple(_fact(key, value) for key, value in sorted(values.items())[:MAX_ROWS])
        yield Facts(title=title, facts=facts)


def _referrers(found: Sequence[Descriptor]) -> Grid:
    rows = tuple(
        GridRow(
            cells=(
                one.artifactType or one.mediaType,
                short(one.digest),
                str(one.size),
                str(one.annotations.get(CREATED, "")),
            )
        )
        for one in found[:MAX_ROWS]
    )
    return Grid(title="Referrers", columns=("type", "digest", "bytes", "created"), rows=rows)


def _without_values(config: Any) -> Any:
    """Return *config* without the values of its environment."""
    run = config.get("config") if isinstance(config, dict) else None
    if not isinstance(run, dict) or not isinstance(run.get("Env"), list):
        return config
    names = [str(one).partition("=")[0] for one in run["Env"]]
    return {**config, "config": {**run, "Env": names}}
