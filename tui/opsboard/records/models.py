"""Models, their versions and metrics, and how they drift."""

from typing import Literal, NamedTuple

from opsboard.frozen import Frozen, UtcDatetime, frozen
from opsboard.records.base import Kind, Record, Status
from opsboard.text.sanitize import Text


@frozen
class Metric(Frozen):
    """A value of a model metric. *step* counts training steps, *at* is when it was logged.

    The value may be NaN or infinite: training runs log that.
    """

    name: Text
    value: float
    step: int = 0
    at: UtcDatetime | None = None


class Alias(NamedTuple):
    """A name that points to a version of a model, or, on old servers, a stage."""

    name: Text
    version: Text


@frozen
class Model(Record):
    """A registered model. *serving* is the version that its leading alias points to, if any.

    *metrics* are the first ones of that version, or of the latest; it has *more_metrics* beside.

    *recipe* is what its own tags say of how it is trained, as pairs: ``source``, the keys of a
    recipe, and ``input.NAME``.
    """

    kind: Kind = Kind.MODEL
    latest: Text = ""
    serving: Text = ""
    versions: int = 0
    aliases: tuple[Alias, ...] = ()
    metrics: tuple[Metric, ...] = ()
    more_metrics: int = 0
    owner: Text = ""
    description: Text = ""
    recipe: tuple[tuple[Text, Text], ...] = ()


@frozen
class ModelVersion(Record):
    """A version of a registered model, with the run that trained it.

    *more_metrics* is how many metrics it has beside *metrics*, which are the first ones.
    """

    kind: Kind = Kind.MODEL_VERSION
    model: Text
    version: Text
    aliases: tuple[Text, ...] = ()
    stage: Text = ""
    run: Text = ""
    commit: Text = ""
    author: Text = ""
    metrics: tuple[Metric, ...] = ()
    more_metrics: int = 0
    dataset: Text = ""


@frozen
class Drift(Record):
    """A drift measure of a model version.

    It has crossed when *value* is beyond *threshold* in *direction*: a distance drifts
    ``above`` its threshold, a p-value ``below``; *inclusive* says that reaching it is enough.
    Without a threshold it is only shown. *method* and *feature* are what the name of the metric
    says, where it says them.
    *trend* holds earlier values, oldest first, the present one last. *crossed_at* is when the first
    of the values beyond the threshold was measured, where the one before it was within.
    """

    kind: Kind = Kind.DRIFT
    model: Text
    version: Text = ""
    metric: Text
    value: float
    threshold: float | None = None
    direction: Literal["above", "below"] = "above"
    inclusive: bool = False
    method: Text = ""
    feature: Text = ""
    trend: tuple[float, ...] = ()
    run: Text = ""
    measured_at: UtcDatetime | None = None
    crossed_at: UtcDatetime | None = None

    @property
    def display_status(self) -> Status:
        """A warning at most."""
        return self.status.drawn_for(self.ref)

    @property
    def crossed(self) -> bool:
        if self.threshold is None:
            return False
        if self.inclusive and self.value == self.threshold:
            return True
        if self.direction == "above":
            return self.value > self.threshold
        return self.value < self.threshold
