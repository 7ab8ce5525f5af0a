"""What versions were made of: the run that trained each, and on MLflow 3 the model that it logged.

A version of a logged model has the metrics of that model. Those of the run count where they are
of that model, or of no model in particular and there is no other model that they could be of.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from opsboard_adapters.mlflow.logged_models import LoggedModel
from opsboard_adapters.mlflow.structs import MLflowDataset, MLflowMetric, MLflowRun, MLflowVersion

_GIT_COMMIT: Final = "mlflow.source.git.commit"
_CONTEXT: Final = "mlflow.data.context"


@dataclass(frozen=True, slots=True)
class VersionOrigin:
    """The *run* that trained a version, and the model *logged*, as far as they are known.

    *model_id* names the logged model, ``""`` where the version is of none; *gone* says that the
    server has it no more, *shared* that the run made other models too.
    """

    run: MLflowRun | None = None
    logged: LoggedModel | None = None
    model_id: str = ""
    gone: bool = False
    shared: bool = False

    @property
    def measurements(self) -> tuple[MLflowMetric, ...]:
        """The latest value of each metric of the version."""
        of_run = self.run.data.metrics if self.run else ()
        if not self.model_id:
            return of_run
        own = self.logged.latest if self.logged else {}
        return (
            *own.values(),
            *(one for one in of_run if one.key not in own and self._is_own(one)),
        )

    def _is_own(self, one: MLflowMetric) -> bool:
        """Return whether what the run measured is of this model, as far as is known.

        Registries in a database keep no model beside the values of a run. Where several models
        were logged, those may be of any of them; of a model that is gone there are none better.
        """
        if one.model_id:
            return one.model_id == self.model_id
        return self.gone or (self.logged is not None and not self.shared)

    @property
    def trained(self) -> MLflowRun | None:
        """The run with the metrics of this version alone, unless it is deleted."""
        if self.run is None or self.run.deleted:
            return None
        if not self.model_id:
            return self.run
        return replace(self.run, data=replace(self.run.data, metrics=self.measurements))

    @property
    def params(self) -> Mapping[str, str]:
        """The parameters of the run, and of the logged model."""
        of_run = self.run.data.params if self.run else {}
        return {**of_run, **(self.logged.data.params if self.logged else {})}

    @property
    def dataset(self) -> str:
        """The dataset that was trained on, with its digest, or ``""``."""
        dataset = self.trained_on
        if dataset is None:
            return ""
        return f"{dataset.name}@{dataset.digest}" if dataset.digest else dataset.name

    @property
    def trained_on(self) -> MLflowDataset | None:
        """The dataset that was trained on; where none says what for, the first."""
        inputs = self.run.inputs.dataset_inputs if self.run else ()
        trained = (one for one in inputs if "train" in one.tags.get(_CONTEXT, "").lower())
        used = next(trained, inputs[0] if inputs else None)
        return used.dataset if used else None

    def commit(self, version: MLflowVersion) -> str:
        """Return the commit that *version* was trained from, as its run or its own tags say."""
        run, logged = self.run, self.logged
        places = [
            *([run.data.tags] if run else []),
            *([logged.info.tags] if logged else []),
            version.tags,
        ]
        keys = (_GIT_COMMIT, "git_commit", "commit")
        return next((place[key] for place in places for key in keys if place.get(key)), "")

    def author(self, version: MLflowVersion) -> str:
        """Return who made *version*."""
        if version.user_id or self.run is None:
            return version.user_id
        return self.run.data.tags.get("mlflow.user") or self.run.info.user_id


class VersionOrigins:
    """*runs* and *logged* models by their ids; of those models that are *gone* the ids.

    *made* names more models that runs are known to have logged, by run.
    """

    def __init__(
        self,
        runs: Mapping[str, MLflowRun] | None = None,
        logged: Mapping[str, LoggedModel] | None = None,
        gone: AbstractSet[str] = frozenset(),
        made: Mapping[str, AbstractSet[str]] | None = None,
    ) -> None:
        self.runs = runs or {}
        self.logged = logged or {}
        self._gone = gone
        self._named = made or {}
        self._made: dict[str, set[str]] = {}
        for one in self.logged.values():
            self._made.setdefault(one.info.source_run_id, set()).add(one.id)

    def of(self, version: MLflowVersion | None) -> VersionOrigin:
        """Return the origin of *version*, as far as it is known."""
        if version is None:
            return VersionOrigin()
        model_id, run = version.logged_model, self.runs.get(self.run_id(version))
        return VersionOrigin(
            run,
            self.logged.get(model_id),
            model_id,
            gone=model_id in self._gone,
            shared=run is not None and bool(self._models_of(run) - {model_id}),
        )

    def _models_of(self, run: MLflowRun) -> set[str]:
        logged = {one.model_id for one in run.outputs.model_outputs}
        return (logged | self._made.get(run.id, set()) | self._named.get(run.id, set())) - {""}

    def run_id(self, version: MLflowVersion) -> str:
        """Return the id of the run that trained *version*: its own, or the logged model's."""
        logged = self.logged.get(version.logged_model)
        return version.run_id or (logged.info.source_run_id if logged else "")
