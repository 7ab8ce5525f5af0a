"""A service: what its builds, deployments, model and alerts are together.

The board makes these records of others that are joined (:mod:`opsboard.board.service_manager`).
"""

from enum import StrEnum

from opsboard.frozen import Frozen, UtcDatetime, frozen
from opsboard.records.base import Kind, Record, Ref, Status
from opsboard.text.sanitize import Text


@frozen
class MainBuild(Frozen):
    """What CI says of a *commit* of the default branch: the worst of its runs, and which it is."""

    status: Status
    commit: Text
    build: Ref
    at: UtcDatetime | None = None


class Agreement(StrEnum):
    """Whether a witness says the same as the others of its environment."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@frozen
class DeploymentWitness(Frozen):
    """A record that says what runs in an environment: of a cluster, of a CI server, of a registry
    of models. *commit* is the full SHA that it comes to, empty where that is not known.
    """

    ref: Ref
    says: Text
    commit: Text = ""
    since: UtcDatetime | None = None
    agreement: Agreement = Agreement.UNKNOWN


@frozen
class EnvironmentState(Frozen):
    """What runs in one environment.

    *version* is what people call it; *next_version* is what is being rolled out, empty where
    nothing is. *commits* are the full SHAs that it is made of, as far as that is known for sure:
    more than one while it is rolled out. *since* is when what serves now was rolled out; with
    *since_at_latest* it is only known that it was not later (``≤ 14:02``). *waiting* counts the
    commits that are here and not in the environment after it, 0 for the last; -1 is not known.
    *disagreement* is a sentence where the witnesses do not say the same.
    """

    environment: Text
    version: Text = ""
    next_version: Text = ""
    commits: tuple[Text, ...] = ()
    since: UtcDatetime | None = None
    since_at_latest: bool = False
    status: Status = Status.UNKNOWN
    reason: Text = ""
    ready: int = 0
    desired: int = 0
    waiting: int = -1
    model_version: Text = ""
    witnesses: tuple[DeploymentWitness, ...] = ()
    disagreement: Text = ""


@frozen
class ServiceTarget(Frozen):
    """The record that an action on the service may be meant for, and where it runs."""

    environment: Text
    ref: Ref


@frozen
class Service(Record):
    """One service, or one model that no service serves.

    *repository* is where its code is, as identities write it; empty where that is not known for
    sure. *main* are the last commits of its default branch that CI has run on, the newest last.
    *waiting* counts the commits on it that no environment has yet; -1 is not known.
    *environments* are in the order of delivery, production last.

    *model* is the model that it serves, *model_version* the one in production (or in the last
    environment that has one). *drift* is the measure of that version that is worst, with its name,
    value and earlier values.

    *alerts* are the open ones about any of its parts, *known_alerts* counts those that somebody has
    acknowledged or snoozed. *targets* are what an action may be meant for, production first.
    *sources* are those that say something of it. *hint* says what would complete it.
    """

    kind: Kind = Kind.SERVICE
    repository: Text = ""
    branch: Text = ""
    main: tuple[MainBuild, ...] = ()
    waiting: int = -1
    environments: tuple[EnvironmentState, ...] = ()
    model: Text = ""
    model_version: Text = ""
    model_ref: Ref | None = None
    drift: Ref | None = None
    drift_status: Status | None = None
    drift_metric: Text = ""
    drift_value: float | None = None
    drift_trend: tuple[float, ...] = ()
    alerts: tuple[Ref, ...] = ()
    known_alerts: int = 0
    targets: tuple[ServiceTarget, ...] = ()
    sources: tuple[Text, ...] = ()
    hint: Text = ""

    @property
    def chain_ref(self) -> Ref | None:
        """The record whose chain is that of the service: what runs first, or else its model."""
        return self.targets[0].ref if self.targets else self.model_ref

    def in_environment(self, name: str) -> EnvironmentState | None:
        """Return what runs in the environment *name*, or ``None``."""
        return next((one for one in self.environments if one.environment == name), None)
