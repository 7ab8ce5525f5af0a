"""The pages of a prompt, with its versions, and of one version, with what it changes.

A prompt is a registered model whose versions have the template in a tag. A chat prompt's template
is a list of messages, as JSON.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from opsboard.adapter import Detail, Facts, Grid, GridRow, NotFound, TextSection
from opsboard.records import Ref, listed_key, listed_ref, row_of
from opsboard.text.line_diff import MAX_LINES, changed_lines
from opsboard_adapters.listing.completeness import SkippedRecords, unread_section
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.links import record_id, split_version_id
from opsboard_adapters.mlflow.registry_calls import is_prompt
from opsboard_adapters.mlflow.sections import iso, labelled, pairs_grid, passage
from opsboard_adapters.mlflow.spans import as_json
from opsboard_adapters.mlflow.structs import MLflowVersion, RegisteredModel, moment

PROMPT_VERSIONS: Final = "prompt-versions"
"""What versions of a prompt are listed as: on its page."""
MAX_VERSIONS: Final = 100
"""Versions that a page lists, the newest."""
_TEXT: Final = "mlflow.prompt.text"
_OWN: Final = ("mlflow.", "_mlflow")


async def prompt_page(ref: Ref, api: MLflowApi) -> Detail:
    """Return the page of the prompt *ref*. Raises :exc:`NotFound`."""
    _, name = listed_key(ref)
    prompt = await read_prompt(api, name)
    skips = SkippedRecords("versions")
    versions = await api.prompt_versions(name, skips, MAX_VERSIONS + 1)
    versions = sorted(versions, key=lambda one: one.number, reverse=True)
    record = replace(
        row_of(ref),
        name=name,
        created_at=moment(prompt.creation_timestamp),
    )
    aliases = ", ".join(f"{alias} → {to}" for alias, to in sorted(prompt.aliases.items()))
    facts = labelled(
        ("Aliases", aliases),
        ("Description", prompt.description),
        ("Created", iso(moment(prompt.creation_timestamp))),
        ("Changed", iso(moment(prompt.last_updated_timestamp))),
    )
    return Detail(
        record=record,
        sections=(
            Facts(title="Prompt", facts=facts),
            _versions_grid(ref.source, prompt, versions),
            *(_template(versions[0]) if versions else ()),
            *(_changes(versions[1], versions[0]) if len(versions) > 1 else ()),
            pairs_grid("Tags", users_tags(prompt.tags)),
            *unread_section([], skips),
        ),
    )


async def read_prompt(api: MLflowApi, name: str) -> RegisteredModel:
    found = await api.model(name)
    if not is_prompt(found.tags):
        raise NotFound(f"{name} is a model, and no prompt", "look for it in the Models pane")
    return found


def _versions_grid(source: str, prompt: RegisteredModel, versions: Sequence[MLflowVersion]) -> Grid:
    more = f", the newest {MAX_VERSIONS}" if len(versions) > MAX_VERSIONS else ""
    return Grid(
        title=f"Versions{more}",
        columns=("Version", "Aliases", "Says", "Created"),
        rows=tuple(
            GridRow(
                cells=(
                    one.version,
                    ", ".join(aliases_of(prompt, one)),
                    one.description,
                    iso(moment(one.creation_timestamp)),
                ),
                ref=listed_ref(source, PROMPT_VERSIONS, record_id(one.name, one.version)),
            )
            for one in versions[:MAX_VERSIONS]
        ),
        empty="no version yet",
    )


def aliases_of(prompt: RegisteredModel, version: MLflowVersion) -> list[str]:
    return sorted(alias for alias, to in prompt.aliases.items() if to == version.version)


async def prompt_version_page(ref: Ref, api: MLflowApi) -> Detail:
    """Return the page of a version of a prompt. Raises :exc:`NotFound`."""
    _, key = listed_key(ref)
    name, number = split_version_id(key)
    prompt = await read_prompt(api, name)
    one = await api.version_of(name, number)
    record = replace(
        row_of(ref),
        name=f"{name} version {number}",
        created_at=moment(one.creation_timestamp),
        compared=True,
    )
    facts = labelled(
        ("Aliases", ", ".join(aliases_of(prompt, one))),
        ("Says", one.description),
        ("By", one.user_id),
        ("Created", iso(moment(one.creation_timestamp))),
    )
    skips = SkippedRecords("versions")
    others = await _compared(api, prompt, one, skips)
    return Detail(
        record=record,
        sections=(
            Facts(title="Version", facts=facts),
            *_template(one),
            *(section for other in others for section in _changes(other, one, prompt)),
            pairs_grid("Tags", users_tags(one.tags)),
            *unread_section([], skips),
        ),
    )


async def _compared(
    api: MLflowApi, prompt: RegisteredModel, one: MLflowVersion, skips: SkippedRecords
) -> list[MLflowVersion]:
    """Return what a version is compared with: the one before, and those that have an alias."""
    listed = await api.prompt_versions(prompt.name, skips, MAX_VERSIONS)
    before = [other for other in listed if other.number < one.number]
    last = [max(before, key=lambda other: other.number)] if before else []
    led = [other for other in listed if aliases_of(prompt, other)]
    found = {other.version: other for other in (*last, *led) if other.version != one.version}
    return list(found.values())


def users_tags(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if not key.startswith(_OWN)}


# --- templates -----------------------------------------------------------------------------------


def template_of(version: MLflowVersion) -> str:
    """Return the template; the messages of a chat each with its role above."""
    text = version.tags.get(_TEXT, "")
    if version.tags.get("_mlflow_prompt_type") != "chat":
        return text
    try:
        messages = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(messages, list):
        return text
    return "\n\n".join(_message(one) for one in messages)


def _message(one: Any) -> str:
    if not isinstance(one, dict):
        return _as_text(one)
    return f"{_as_text(one.get('role', ''))}:\n{_as_text(one.get('content', ''))}"


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else as_json(value, "(nested too deeply to be shown)")


def _template(version: MLflowVersion) -> tuple[TextSection, ...]:
    lines = template_of(version).splitlines()
    more = f", the first {MAX_LINES:,} of {len(lines):,} lines" if len(lines) > MAX_LINES else ""
    title = f"Template of version {version.version}{more}"
    return passage(title, "\n".join(lines[:MAX_LINES]))


def _changes(
    before: MLflowVersion, after: MLflowVersion, prompt: RegisteredModel | None = None
) -> tuple[TextSection, ...]:
    """Return the lines that differ, those of *before* behind ``-``."""
    aliases = aliases_of(prompt, before) if prompt is not None else []
    called = f" ({', '.join(aliases)})" if aliases else ""
    title = f"From version {before.version}{called} to {after.version}"
    old, new = (template_of(one).splitlines() for one in (before, after))
    return passage(title, "\n".join(changed_lines(old, new)) or "the same text")
