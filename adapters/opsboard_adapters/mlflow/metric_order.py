"""Which metrics stand first where not all have room: in columns, in charts, in a comparison."""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from opsboard.text.numbers import natural_key
from opsboard_adapters.mlflow.metric_judgement import MetricJudgement


class MetricOrder:
    """Those that the user *wanted* come first, in the order of these patterns.

    Then come those that the most runs or versions have. Of what as many have, that stands first of
    which *judgement* knows when it is better: models are chosen by it. The others follow by name.
    """

    def __init__(self, wanted: Sequence[str], judgement: MetricJudgement) -> None:
        self._wanted, self._judgement = tuple(wanted), judgement

    def sorted(self, names: Iterable[str], held: Mapping[str, int] | None = None) -> list[str]:
        """Return *names* in their order; *held* tells how many runs have each."""
        count = held or {}
        return sorted(
            names,
            key=lambda name: (
                self._rank(name),
                -count.get(name, 0),
                not self._judgement.side(name),
                natural_key(name),
            ),
        )

    def _rank(self, name: str) -> int:
        ranks = (rank for rank, one in enumerate(self._wanted) if fnmatchcase(name, one))
        return next(ranks, len(self._wanted))
