"""Runs as rows of a table: the metrics that most of them have, and the parameters that differ.

Each is a column of its own, so that runs can be sorted and narrowed by it. What has no column is on
the page of the run.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from opsboard.adapter import ListingColumn, ListingColumnType, ListingRow, NotFound
from opsboard.text.numbers import format_metric, natural_key
from opsboard.text.suggestions import did_you_mean
from opsboard_adapters.mlflow.metric_order import MetricOrder
from opsboard_adapters.mlflow.sections import iso
from opsboard_adapters.mlflow.states import RUN_STATES
from opsboard_adapters.mlflow.structs import MLflowExperiment, MLflowRun, moment

METRICS: Final = 8
PARAMETERS: Final = 6
"""Columns of each: those that tell the most runs apart."""
LONGEST: Final = 80
"""Characters of a parameter in a cell."""
_BEFORE: Final = (
    ListingColumn(name="experiment"),
    ListingColumn(name="started", type=ListingColumnType.TIME),
    ListingColumn(name="by", wide=True),
    ListingColumn(name="parent", wide=True),
    ListingColumn(name="run", wide=True),
)
PARENT: Final = "mlflow.parentRunId"
_EXPERIMENT: Final = re.compile(
    r"""\s*experiment\s*=\s*(?:'([^']*)'|"([^"]*)"|`([^`]*)`|(\S+))\s*(?:and\s+(.*))?""",
    re.IGNORECASE | re.DOTALL,
)


class RunRows:
    """The columns of one listing, which only ever grow, and the rows in them."""

    def __init__(self, order: MetricOrder) -> None:
        self._metric_order = order
        self._metrics: list[str] = []
        self._parameters: list[str] = []
        self._order: list[tuple[str, bool]] = []

    def columns(self, runs: Sequence[MLflowRun]) -> tuple[ListingColumn, ...]:
        """Return all columns, those that *runs* bring among them."""
        measured = Counter(one.key for run in runs for one in run.data.metrics)
        metrics = self._metric_order.sorted(measured, measured)
        self._grow(self._metrics, metrics, METRICS, is_metric=True)
        found = _differing(runs)
        parameters = sorted(found, key=lambda name: (-found[name], natural_key(name)))
        self._grow(self._parameters, parameters, PARAMETERS, is_metric=False)
        return (*_BEFORE, *(self._column(*one) for one in self._order))

    def _grow(self, known: list[str], found: Sequence[str], most: int, *, is_metric: bool) -> None:
        new = [name for name in found if name not in known]
        for name in new[: most - len(known)]:
            known.append(name)
            self._order.append((name, is_metric))

    def _column(self, name: str, is_metric: bool) -> ListingColumn:
        if is_metric:
            return ListingColumn(name=name, type=ListingColumnType.NUMBER)
        return ListingColumn(name=f"{name} (param)" if name in self._metrics else name)

    def rows(
        self, runs: Sequence[MLflowRun], experiments: Mapping[str, MLflowExperiment]
    ) -> list[ListingRow]:
        """Return a row of each of *runs*."""
        names = {run.id: run.info.run_name for run in runs}
        return [self._row(run, names, experiments) for run in runs]

    def _row(
        self,
        run: MLflowRun,
        names: Mapping[str, str],
        experiments: Mapping[str, MLflowExperiment],
    ) -> ListingRow:
        info, tags = run.info, run.data.tags
        experiment = experiments.get(info.experiment_id)
        parent = tags.get(PARENT, "")
        metrics = {one.key: format_metric(one.value) for one in run.data.metrics}
        params = {key: _cut(value) for key, value in run.data.params.items()}
        return ListingRow(
            key=run.id,
            name=info.run_name or tags.get("mlflow.runName", "") or run.id,
            cells=(
                experiment.name if experiment else info.experiment_id,
                iso(moment(info.start_time)),
                tags.get("mlflow.user", "") or info.user_id,
                names.get(parent, "") or parent,
                run.id,
                *((metrics if of else params).get(name, "") for name, of in self._order),
            ),
            status=RUN_STATES.get(info.status),
            created_at=moment(info.start_time),
            parent=parent,
        )


def _differing(runs: Sequence[MLflowRun]) -> Counter[str]:
    """Return how many runs have each of the parameters that are not the same in all."""
    had: Counter[str] = Counter()
    values: dict[str, set[str]] = {}
    for run in runs:
        for key, value in run.data.params.items():
            had[key] += 1
            values.setdefault(key, set()).add(value)
    alone = len(runs) == 1
    same = {key for key, seen in values.items() if len(seen) == 1 and had[key] == len(runs)}
    return had if alone else Counter({key: n for key, n in had.items() if key not in same})


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def split_experiment(
    text: str, experiments: Mapping[str, MLflowExperiment]
) -> tuple[list[str], str]:
    """Return the ids of the experiments that are searched, and the condition for the server.

    ``experiment = 'NAME'`` in front is not MLflow's, whose search takes experiments beside the
    condition. Raises :exc:`NotFound` where there is none of that name or id.
    """
    found = _EXPERIMENT.fullmatch(text)
    if found is None:
        return list(experiments), text
    name = next((one for one in found.groups()[:4] if one is not None), "")
    ids = [one.experiment_id for one in experiments.values() if one.name == name]
    ids = ids or [name] * (name in experiments)
    if not ids:
        names = [one.name for one in experiments.values()]
        near = did_you_mean(name, names)
        raise NotFound(f"there is no experiment {name!r}", near or "see :experiments")
    return ids, (found[5] or "").strip()
