"""Registered models, their versions, and the runs that trained and watch them."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DemoMetricValue:
    """A value of a metric, as logged."""

    value: float
    step: int
    at: datetime


@dataclass(eq=False, slots=True)
class DemoExperiment:
    """What runs are grouped by."""

    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DemoDataset:
    """What a run was trained on."""

    name: str
    digest: str
    source: str


@dataclass(eq=False, slots=True)
class DemoTrainingRun:
    """A run of training, or, with *monitors*, one that watches a version for drift.

    *metrics* grow while it runs. *thresholds* tell of a metric where drift begins.
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
    datasets: tuple[DemoDataset, ...] = ()
    monitored_version: str = ""
    """The version that is watched."""
    thresholds: dict[str, float] = field(default_factory=dict)
    deleted: bool = False


@dataclass(eq=False, slots=True)
class DemoLoggedModel:
    """A model that *run* logged, with what was measured of it, by whichever run."""

    id: str
    name: str
    run: DemoTrainingRun
    created_at: datetime
    tags: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    metrics: list[tuple[str, DemoTrainingRun, DemoMetricValue]] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class DemoModelVersion:
    """A version of a registered model. What is *fresh* does not drift.

    *logged* is the logged model that it is a version of, where it is of one.
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
    stage_changed_at: datetime | None = None
    """When it came into its stage, unless it has been there from the beginning."""

    @property
    def updated_at(self) -> datetime:
        return self.stage_changed_at or self.created_at


@dataclass(eq=False, slots=True)
class DemoRegisteredModel:
    """A registered model, its versions the newest last, its aliases by name.

    Where it is *drifting*, what it was trained on is not any more what it sees.
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
