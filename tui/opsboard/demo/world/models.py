"""Registered models, their versions, and the runs that train and monitor them."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DemoMetricValue:
    """A logged value of a metric."""

    value: float
    step: int
    at: datetime


@dataclass(eq=False, slots=True)
class DemoExperiment:
    """An MLflow experiment: a group of runs."""

    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DemoDataset:
    """A dataset that a run used; *context* says what for: ``training``, ``eval``."""

    name: str
    digest: str
    source: str
    context: str = "training"


@dataclass(eq=False, slots=True)
class DemoTrainingRun:
    """A training run, or, with *monitored_version*, a run that measures drift of a version.

    *metrics* grow while it runs. *thresholds* says for a metric from which value on it is drift.
    """

    id: str
    name: str
    experiment: DemoExperiment
    model: str
    user: str
    commit: str
    started_at: datetime
    finished_at: datetime | None = None
    failed: bool = False
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, list[DemoMetricValue]] = field(default_factory=dict)
    repository: str = ""
    """The repository of *commit*, as owner/name."""
    datasets: tuple[DemoDataset, ...] = ()
    monitored_version: str = ""
    """The version whose drift is measured, or ``""``."""
    thresholds: dict[str, float] = field(default_factory=dict)
    deleted: bool = False


@dataclass(eq=False, slots=True)
class DemoLoggedModel:
    """A logged model (MLflow 3) of *run*, with its metrics: name, run that measured, value."""

    id: str
    name: str
    run: DemoTrainingRun
    created_at: datetime
    tags: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    metrics: list[tuple[str, DemoTrainingRun, DemoMetricValue]] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class DemoModelVersion:
    """A version of a registered model; with *trained_on_new_data*, it does not drift.

    *logged_model* is the logged model that it was registered from, if any; *copied_from* the
    version, as ``model/version``, and *run_link* where its run is shown, if that was told.
    """

    number: int
    run: DemoTrainingRun
    author: str
    created_at: datetime
    description: str = ""
    stage: str = "None"
    tags: dict[str, str] = field(default_factory=dict)
    trained_on_new_data: bool = False
    logged_model: DemoLoggedModel | None = None
    copied_from: str = ""
    run_link: str = ""
    stage_changed_at: datetime | None = None
    """When it entered its stage; ``None`` if it was created in it."""

    @property
    def updated_at(self) -> datetime:
        return self.stage_changed_at or self.created_at


@dataclass(eq=False, slots=True)
class DemoRegisteredModel:
    """A registered model with its versions, the newest last, and alias → version number.

    Where it is *drifting*, live data has moved away from the data of its old versions.
    """

    name: str
    description: str
    author: str
    repository: str
    main_metric: str
    usual_value: float
    experiment: DemoExperiment
    created_at: datetime
    updated_at: datetime
    tags: dict[str, str] = field(default_factory=dict)
    versions: list[DemoModelVersion] = field(default_factory=list)
    aliases: dict[str, int] = field(default_factory=dict)
    drifting: bool = False
