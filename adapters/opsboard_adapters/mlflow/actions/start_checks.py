"""Whether a version would serve if the alias pointed to it: its artifact, and what it takes."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from opsboard.adapter import (
    NotFound,
    Severity,
    SourceError,
    StartCheck,
    StartFinding,
    StartReport,
    not_told,
)
from opsboard.adapter.actions.findings import listed
from opsboard.adapter.actions.start_checks import why_not_told
from opsboard.records import Status
from opsboard_adapters.mlflow.actions.snapshot import ModelReader, ModelSnapshot
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.artifacts import artifacts_in
from opsboard_adapters.mlflow.signatures import (
    InputColumn,
    ModelFiles,
    folder_in_run,
    input_columns,
    read_signature,
)
from opsboard_adapters.mlflow.structs import MLflowVersion

WIDENING: Final = {
    ("integer", "long"), ("integer", "double"), ("float", "double"), ("long", "double"),
}  # fmt: skip
"""Types that MLflow converts to others by itself (*Model Signature Enforcement*)."""


def version_checks(
    reader: ModelReader, snapshot: ModelSnapshot, before: Sequence[str], target: MLflowVersion
) -> Sequence[StartCheck]:
    """Return the checks of *target*, in the place of the versions *before*."""
    files = ModelFiles(reader.registry_api, reader.tracking_api)
    checks = [
        StartCheck("its artifact", partial(check_artifact, reader, files, target)),
        StartCheck("its drift", partial(check_drift, snapshot, target)),
    ]
    serving = snapshot.registry.version(snapshot.name, before[0]) if before else None
    if serving is not None:
        compare = partial(check_signature, files, snapshot, serving, target)
        checks.append(StartCheck("its signature", compare))
    return checks


async def check_artifact(
    reader: ModelReader, files: ModelFiles, version: MLflowVersion
) -> StartReport:
    """Return whether the model file of *version* is there, which each server loads first."""
    subject = f"artifacts of {version.name} {version.version}"
    try:
        await files.read(version)
    except SourceError as error:
        return StartReport((await _by_run(reader.tracking_api, version, error, subject),))
    text = f"version {version.version} has its model file"
    return StartReport((StartFinding(severity=Severity.NOTE, text=text, subject=subject),))


async def _by_run(
    api: MLflowApi, version: MLflowVersion, error: SourceError, subject: str
) -> StartFinding:
    """Return what the list of the artifacts of its run says, where the file could not be read."""
    about = f"whether version {version.version} has its artifact"
    folder = folder_in_run(version)
    if not isinstance(error, NotFound) or folder is None:
        return not_told(about, why_not_told(error), subject=subject)
    try:
        found = await artifacts_in(api, version.run_id, folder)
    except SourceError as unread:
        return not_told(about, why_not_told(unread), subject=subject)
    if any(one.path.rpartition("/")[2] == "MLmodel" for one in found):
        text = f"version {version.version} has its model file"
        return StartFinding(severity=Severity.NOTE, text=text, subject=subject)
    where = f"in {folder!a} of its run" if folder else "among those of its run"
    text = f"the artifact of version {version.version} is gone: there is no MLmodel {where}"
    return StartFinding(severity=Severity.BLOCKER, text=text, subject=subject)


async def check_signature(
    files: ModelFiles, snapshot: ModelSnapshot, serving: MLflowVersion, target: MLflowVersion
) -> StartReport:
    """Return what *target* takes otherwise than *serving*, whose callers would call it."""
    now, then = [
        await read_signature(files, one, snapshot.origin(one)) for one in (serving, target)
    ]
    subject = f"signatures of {serving.version} and {target.version}"
    if why := now.unknown or then.unknown:
        about = f"whether version {target.version} takes what version {serving.version} takes"
        return StartReport((not_told(about, why, subject=subject),))
    findings = [
        StartFinding(severity=severity, text=text, subject=subject)
        for severity, text in _differences(
            serving, target, input_columns(now.parts), input_columns(then.parts)
        )
    ]
    if not findings:
        text = f"version {target.version} takes what version {serving.version} takes"
        findings = [StartFinding(severity=Severity.NOTE, text=text, subject=subject)]
    return StartReport(findings)


def _differences(
    serving: MLflowVersion,
    target: MLflowVersion,
    now: Mapping[str, InputColumn],
    then: Mapping[str, InputColumn],
) -> Iterator[tuple[Severity, str]]:
    wanted = [name for name in then if name not in now and then[name].required]
    if wanted and now:
        text = f"version {target.version} wants {listed(wanted)}, which"
        text = f"{text} version {serving.version} does not take: who calls it sends none"
        yield Severity.BLOCKER, text
    optional = [name for name in then if name in now and not now[name].required]
    if wanted := [name for name in optional if then[name].required]:
        text = f"version {target.version} wants {listed(wanted)}, which need not be sent now"
        yield Severity.WARNING, text
    ignored = [name for name in now if name not in then]
    if ignored and then:
        yield (
            Severity.WARNING,
            f"version {target.version} does not take {listed(ignored)}, which is sent now",
        )
    for name in now.keys() & then.keys():
        before, after = now[name].type, then[name].type
        if before != after:
            safe = (before, after) in WIDENING
            text = f"version {target.version} takes {name} as {after}, and it is {before} now"
            yield Severity.WARNING if safe else Severity.BLOCKER, text


async def check_drift(snapshot: ModelSnapshot, target: MLflowVersion) -> StartReport:
    """Return that today's data is like what *target* was trained on, where that was measured.

    That it is not is a warning of the plan already.
    """
    measured = snapshot.drifts.get(target.version, ())
    if not measured or any(one.status is not Status.OK for one in measured):
        return StartReport()
    last = max((one.measured_at for one in measured if one.measured_at), default=None)
    text = f"the data does not drift from what version {target.version} was trained on"
    note = StartFinding(severity=Severity.NOTE, text=text, subject="drift", at=last)
    return StartReport((note,))
