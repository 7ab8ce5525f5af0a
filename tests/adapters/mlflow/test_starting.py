"""Whether a version would serve: its artifact, and what it takes beside what is sent now."""

from typing import Any

import pytest

from opsboard.adapter import Forbidden, NotFound, Severity, SourceError, Unreachable
from opsboard_adapters.mlflow.actions.start_checks import _differences, check_artifact
from opsboard_adapters.mlflow.signatures import (
    InputColumn,
    ModelFiles,
    input_columns,
    signature_of_file,
)
from opsboard_adapters.mlflow.structs import MLflowVersion

OLD = MLflowVersion(name="fraud", version="3", run_id="r1", source="s3://b/1/r1/artifacts/model")
NEW = MLflowVersion(name="fraud", version="5", run_id="r2", source="s3://b/1/r2/artifacts/model")


class _Api:
    """A server whose file of the model, and list of artifacts, are what a test says."""

    def __init__(
        self, file: str | SourceError, files: list[str] | SourceError, of_run: bytes = b""
    ) -> None:
        self._file, self._files, self._of_run = file, files, of_run
        self.asked: list[tuple[str, str]] = []
        self.listed: list[dict[str, str]] = []
        self.registry_api = self.tracking_api = self

    async def version_artifact(self, name: str, version: str, path: str) -> str:
        assert (name, version, path) == ("fraud", "3", "MLmodel")
        if isinstance(self._file, SourceError):
            raise self._file
        return self._file

    async def artifact(self, run_id: str, path: str) -> bytes:
        self.asked.append((run_id, path))
        if not self._of_run:
            raise NotFound("404")
        return self._of_run

    async def get(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        assert path == "artifacts/list"
        self.listed.append(query)
        if isinstance(self._files, SourceError):
            raise self._files
        return {"files": [{"path": one} for one in self._files]}


GONE = NotFound("404")
FILES: dict[str, tuple[_Api, Severity, bool, str]] = {
    "read": (_Api("flavors: {}", []), Severity.NOTE, True, "version 3 has its model file"),
    "listed": (_Api(GONE, ["model/MLmodel"]), Severity.NOTE, True, "version 3 has its model file"),
    "gone": (_Api(GONE, []), Severity.BLOCKER, True, "no MLmodel in 'model' of its run"),
    "other files": (_Api(GONE, ["model/x"]), Severity.BLOCKER, True, "no MLmodel in 'model'"),
    "forbidden": (_Api(Forbidden("403", "ask"), []), Severity.NOTE, False, "be told: ask"),
    "unlisted": (_Api(GONE, NotFound("no such call")), Severity.NOTE, False, "no such call"),
}  # fmt: skip


@pytest.mark.asyncio
@pytest.mark.parametrize("name", FILES)
async def test_the_artifact_of_a_version(name: str) -> None:
    api, severity, known, said = FILES[name]
    reader: Any = api
    (found,) = (await check_artifact(reader, ModelFiles(reader, reader), OLD)).findings
    assert (found.severity, found.known) == (severity, known)
    assert said in found.text
    assert found.subject == "artifacts of fraud 3"
    assert all(query == {"run_id": "r1", "path": "model"} for query in api.listed)


@pytest.mark.asyncio
async def test_a_file_that_the_server_fails_at_is_read_from_the_run() -> None:
    """MLflow 3 answers 500 where it serves the artifacts, and the source is ``runs:/...``."""
    fault = Unreachable("500", "retried")
    reader: Any = _Api(fault, [], of_run=b"flavors: {}")
    version = MLflowVersion(name="fraud", version="3", run_id="r1", source="runs:/r1/model")
    assert await ModelFiles(reader, reader).read(version) == "flavors: {}"
    assert reader.asked == [("r1", "model/MLmodel")]
    reader = _Api(fault, [])
    with pytest.raises(Unreachable, match="500"):
        await ModelFiles(reader, reader).read(version)


@pytest.mark.asyncio
async def test_a_version_of_no_run_whose_file_is_not_there_could_not_be_told() -> None:
    reader: Any = _Api(GONE, [])
    (found,) = (
        await check_artifact(
            reader, ModelFiles(reader, reader), MLflowVersion(name="fraud", version="3")
        )
    ).findings
    assert not found.known


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("source", "folder"),
    [
        ("s3://b/1/r1/artifacts/model", "model"),
        ("s3://b/1/r1/artifacts/artifacts-v2", "artifacts-v2"),
        ("mlflow-artifacts:/1/r1/artifacts/artifacts", "artifacts"),
        ("runs:/r1/model", "model"),
        ("runs:/r1/artifacts/model", "artifacts/model"),
    ],
)
async def test_the_folder_of_a_version_is_that_of_its_run(source: str, folder: str) -> None:
    api = _Api(GONE, [f"{folder}/MLmodel"])
    version = MLflowVersion(name="fraud", version="3", run_id="r1", source=source)
    reader: Any = api
    assert (await check_artifact(reader, ModelFiles(reader, reader), version)).findings[
        0
    ].severity is Severity.NOTE
    assert [query["path"] for query in api.listed] == [folder]


def _told(now: dict[str, InputColumn], then: dict[str, InputColumn]) -> list[tuple[str, str]]:
    return [(severity.value, text) for severity, text in _differences(NEW, OLD, now, then)]


AGE, NAME = InputColumn("long", True), InputColumn("string", True)


def test_what_nobody_sends_is_a_blocker_and_what_is_ignored_a_warning() -> None:
    assert _told({"age": AGE}, {"age": AGE, "name": NAME}) == [
        ("blocker", "version 3 wants name, which version 5 does not take: who calls it sends none")
    ]
    assert not _told({"age": AGE}, {"age": AGE, "name": NAME._replace(required=False)})
    assert _told({"age": AGE, "name": NAME}, {"age": AGE}) == [
        ("warning", "version 3 does not take name, which is sent now")
    ]
    assert not _told({}, {"age": AGE})
    assert _told({"age": AGE._replace(required=False)}, {"age": AGE}) == [
        ("warning", "version 3 wants age, which need not be sent now")
    ]


def test_another_type_is_a_blocker_unless_mlflow_converts_it() -> None:
    double, string = InputColumn("double", True), InputColumn("string", True)
    assert _told({"age": AGE}, {"age": double})[0][0] == "warning"
    assert _told({"age": double}, {"age": AGE})[0][0] == "blocker"
    assert _told({"age": AGE}, {"age": string})[0][1] == (
        "version 3 takes age as string, and it is long now"
    )


def test_columns_are_read_as_they_are_written() -> None:
    inputs = (
        '[{"name": "age", "type": "long", "required": true},'
        ' {"name": "tags", "type": "array", "items": {"type": "string", "x": 1},'
        ' "required": false}, {"name": "city", "type": "string"}]'
    )
    parts = signature_of_file(f"signature:\n  inputs: '{inputs}'\n")
    found = input_columns(parts)
    assert list(found) == ["age", "tags", "city"]
    assert found["age"] == InputColumn("long", True)
    assert not found["tags"].required
    assert found["tags"].type.startswith("{")
    assert input_columns({}) == {}
