"""An estate of hundreds of models, as varied as registries become, written into a database.

By SQL, as a server that is asked for each of thousands of things takes minutes to be filled.
What a release has no table for is left out.
"""

import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

MODELS: Final = 500
BEGUN: Final = 1_790_000_000_000
EXPERIMENTS: Final = 20
DELETED_EXPERIMENT: Final = 7
CROWDED: Final = 11
"""A model with more versions than are loaded with their runs, or compared side by side."""
PROMPTS: Final = 5
ODD_NAMES: Final = (
    "it's", 'a "quoted" one', "both ' and \"", "100%", "a_b", "back\\slash", "main.ml.fraud",
    "team/ranker", "one:two", "üñí 模型", "two  spaces", "semi;colon -- x", "[red]x", "`tick`",
    "LIKE '%'", "трекер", "a" * 200, "é", "name = 'x'", "q?a=b&c#d+e",
)  # fmt: skip
_VERSIONS: Final = (0, 1, 2, 3, 3, 4, 7)
_STATUSES: Final = ("READY",) * 9 + ("PENDING_REGISTRATION", "FAILED_REGISTRATION")

Row = Mapping[str, Any]


@dataclass
class Estate:
    """The rows of each table."""

    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def write(self, database: Path) -> None:
        """Write all of it into a migrated database."""
        with closing(sqlite3.connect(database)) as connection, connection:
            for table, rows in self.rows.items():
                told = {one[1] for one in connection.execute(f"pragma table_info({table})")}
                if not told:
                    continue
                names = [name for name in rows[0] if name in told]
                marks = ", ".join("?" * len(names))
                connection.executemany(
                    f"insert into {table} ({', '.join(names)}) values ({marks})",  # noqa: S608
                    [[row[name] for name in names] for row in rows],
                )


def name_of(number: int) -> str:
    """Return the name of a model of the estate."""
    return ODD_NAMES[number] if number < len(ODD_NAMES) else f"model {number:03}"


def estate(models: int = MODELS) -> Estate:
    """Return an estate of so many models."""
    made = Estate()
    for number in range(1, EXPERIMENTS + 1):
        stage = "deleted" if number == DELETED_EXPERIMENT else "active"
        made.add(
            "experiments", experiment_id=number, name=f"experiment {number}",
            artifact_location=f"mlflow-artifacts:/{number}", lifecycle_stage=stage,
            creation_time=BEGUN, last_update_time=BEGUN,
        )  # fmt: skip
    for number in range(models):
        _add_model(made, number)
    for number in range(PROMPTS):
        name = f"prompt {number}"
        tag = {"key": "mlflow.prompt.is_prompt", "value": "true", "name": name}
        made.add("registered_models", **_model(name, number))
        made.add("registered_model_tags", **tag)
        made.add("model_versions", **_version(name, 1, "", "prompt", number))
        made.add("model_version_tags", **tag, version=1)
    return made


def _model(name: str, number: int) -> Row:
    described = f"What {name} is for" if number % 2 else None
    at = BEGUN + number * 1_000
    return {
        "name": name, "creation_time": at, "last_updated_time": at + 7, "description": described
    }  # fmt: skip


def _version(name: str, version: int, run_id: str, source: str, number: int) -> dict[str, Any]:
    at = BEGUN + number * 1_000 + version
    return {
        "name": name, "version": version, "creation_time": at, "last_updated_time": at,
        "description": None, "user_id": "ann" if number % 4 else None, "current_stage": "None",
        "source": source, "run_id": run_id, "status": "READY", "status_message": None,
        "storage_location": source,
    }  # fmt: skip


def _add_model(made: Estate, number: int) -> None:
    name = name_of(number)
    made.add("registered_models", **_model(name, number))
    if number % 3 == 0:
        made.add("registered_model_tags", key="owner", value=f"team-{number % 9}", name=name)
    count = 130 if number == CROWDED else _VERSIONS[number % len(_VERSIONS)]
    for version in range(1, count + 1):
        _add_version(made, name, number, version, count)
    for alias, version in _aliases(number, count):
        made.add("registered_model_aliases", alias=alias, version=version, name=name)


def _aliases(number: int, count: int) -> Iterator[tuple[str, int]]:
    """The champion is often not the newest, and what is the newest has an alias of its own."""
    if not count:
        return
    if number % 3 == 0 or number == CROWDED:
        yield ("Champion" if number % 6 else "champion"), 1
    if number % 5 == 0:
        yield "challenger", count
    if number % 11 == 0:
        yield "staging", max(count - 1, 1)


def _stage(number: int, version: int, count: int) -> str:
    if number % 4 != 1:
        return "None"
    if version == count and count > 1:
        return "Staging"
    return "Production" if version <= 2 else "Archived"


def _add_version(made: Estate, name: str, number: int, version: int, count: int) -> None:
    odd = number * 31 + version
    run_id = f"f{number:015x}{version:016x}"  # 2.22 finds none of digits alone by IN
    source = f"mlflow-artifacts:/1/{run_id}/artifacts/model"
    if odd % 17 == 0:
        run_id = ""  # registered without a run
    elif odd % 19:
        _add_run(made, run_id, odd, name)  # else it is purged
    if number % 6 == 2 and odd % 19 and run_id:
        shared = version if version % 2 else version - 1
        run_id = f"f{number:015x}{shared:016x}"
        source = _add_logged(made, number, version, odd, run_id)
    row = _version(name, version, run_id, source, number)
    status = _STATUSES[odd % len(_STATUSES)]
    message = "it broke" if status == "FAILED_REGISTRATION" else None
    stage = _stage(number, version, count)
    made.add(
        "model_versions",
        **{**row, "current_stage": stage, "status": status, "status_message": message},
    )
    if version % 2:
        made.add("model_version_tags", key="note", value=f"v{version}", name=name, version=version)


def _add_run(made: Estate, run_id: str, odd: int, model: str) -> None:
    experiment = odd % EXPERIMENTS + 1
    at = BEGUN + odd * 100
    deleted = experiment == DELETED_EXPERIMENT or odd % 13 == 0
    made.add(
        "runs", run_uuid=run_id, name=f"run {odd}", source_type="UNKNOWN", user_id="bob",
        status=("FINISHED", "FAILED", "KILLED", "RUNNING")[odd % 4], start_time=at,
        end_time=None if odd % 4 == 3 else at + 50,
        lifecycle_stage="deleted" if deleted else "active", experiment_id=experiment,
        artifact_uri=f"mlflow-artifacts:/{experiment}/{run_id}/artifacts",
    )  # fmt: skip
    for key, value in (("depth", str(odd % 9)), ("model", model[:90])):
        made.add("params", key=key, value=value, run_uuid=run_id)
    made.add("tags", key="mlflow.user", value="carol", run_uuid=run_id)
    if odd % 2:
        made.add("tags", key="mlflow.source.git.commit", value=f"{odd:040x}", run_uuid=run_id)
    for key, measured, step in _metrics(odd):
        for table in ("metrics", "latest_metrics"):
            nan = math.isnan(measured)
            made.add(
                table, key=key, value=0.0 if nan else measured, timestamp=at + 10, step=step,
                is_nan=nan, run_uuid=run_id,
            )  # fmt: skip
    if odd % 3 == 0:
        dataset = f"d{run_id[:30]}"
        made.add(
            "datasets", dataset_uuid=dataset, experiment_id=experiment, name=f"table {odd % 7}",
            digest=run_id, dataset_source_type="s3", dataset_source="{}",
        )  # fmt: skip
        made.add(
            "inputs", input_uuid=f"i{run_id[:30]}", source_type="DATASET", source_id=dataset,
            destination_type="RUN", destination_id=run_id,
        )  # fmt: skip


def _metrics(odd: int) -> Sequence[tuple[str, float, int]]:
    told = [("auc", odd % 100 / 100, odd % 5 - 2), ("loss", 1 / (odd + 1), 3)]
    if odd % 10 == 0:
        told += [("nan", float("nan"), 0), ("huge", 1.7976931348623157e308, 0)]
    if odd % 25 == 0:
        told += [(f"class_{number}", number / 30, 0) for number in range(30)]
    return told


def _add_logged(made: Estate, number: int, version: int, odd: int, run_id: str) -> str:
    """Let version *version* be of a logged model; two versions are of one run. Return its URI."""
    model_id = f"m-{number:016x}{version:016x}"
    experiment = (odd - (0 if version % 2 else 1)) % EXPERIMENTS + 1
    stage = "deleted" if number % 36 == 2 and version == 1 else "active"
    made.add(
        "logged_models", model_id=model_id, experiment_id=experiment, name="model",
        artifact_location="mlflow-artifacts:/m", creation_timestamp_ms=BEGUN,
        last_updated_timestamp_ms=BEGUN, status=2, lifecycle_stage=stage, source_run_id=run_id,
    )  # fmt: skip
    for step in range(3):
        made.add(
            "logged_model_metrics", model_id=model_id, metric_name="auc",
            metric_timestamp_ms=BEGUN + step, metric_step=step, metric_value=version + step / 10,
            experiment_id=experiment, run_id=run_id,
        )  # fmt: skip
    made.add(
        "logged_model_params", model_id=model_id, experiment_id=experiment, param_key="kind",
        param_value=f"{version}",
    )  # fmt: skip
    return f"models:/{model_id}"
