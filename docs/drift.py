"""The sections of ``config.md`` on drift: rules, thresholds, and metrics recognised by name."""

from collections.abc import Sequence
from typing import Final

from docs.markdown import code, table
from opsboard_adapters.mlflow.drift_methods import METHODS, DriftMethod

_RULES: Final = """\
A bare pattern is a rule without other keys. Your rules come first, and the first that matches a
metric counts; `"!*"` at the end excludes all others, as does `drift_by_name = false`. A rule
without a direction or a threshold takes those that the name of the metric implies.

The threshold is the first of these that exists: the metric, parameter or tag `METRIC_threshold` of
the run (also `METRIC.threshold`, NannyML's `METRIC.upper_threshold`, alibi-detect's
`data.threshold` and Evidently's `drift_share`), the tag of that name on the version, then on the
model; the threshold of your rule; the threshold that the name implies. `METRIC_direction` (`above`
or `below`) is looked up in the same order.
"""
_NAMES: Final = """\
Names are split into words, however these are joined: `ks_pvalue_age`, `KsPValue`,
`age/ks/p-value`; `psi` is not a word of `stepsize`. The rest of a name is the feature:
`psi_credit_score`, `age.psi`, `feature_drift_age`. Words that say where a measure comes from are
not a feature: `evidently/share_of_drifted_columns`,
`DatasetDriftMetric.number_of_drifted_columns`, `monitoring/psi/age`.
"""
_NOT_JUDGED: Final = """\
"Shown only" means that no threshold suits all data, so there is no alarm until you set one. `ks`,
`anderson` and `mannw` alone are metrics and not drift: some people mean the statistic, others the
p-value. Metrics of training are not drift either: `kl_loss`, `train/kl`, `actor/ppo_kl`,
`distill_kl`. A metric with an unknown name is not drift until a rule of yours says so.
"""
_FORMS: Final = (
    (
        "`p_value`, `pvalue`, `p-value`, `pval`, `p_val`, `ks_p`, `drift_p`, `padj`",
        (
            "a p-value, of a method below or of none; not its logarithm, nor the p-value of a test "
            "of something else (`f_pvalue`, `coef_p_value`, `adf_pvalue`, `shapiro_p`)"
        ),
        "below 0.05, or as below",
    ),
    (
        "`share_of_drifted_columns`, `drift_share`, `drift_ratio`, `DriftedColumnsCount.share`",
        "the share of columns that drift; beside another share, `drift_share` is its threshold",
        "at or above 0.5 (Evidently's default), 50 for a `percentage`",
    ),
    (
        "`number_of_drifted_columns`, `n_drifted`, `drifted_features`, `drift_count`",
        "how many columns drift",
        (
            "at or above half of `number_of_columns` (`n_features`, `total_columns`, ...); where "
            "no run says how many, any above 0 is a warning, and never an alarm"
        ),
    ),
    (
        (
            "`dataset_drift`, `drift_detected`, `is_drift`, `age.has_drift`, `drift_flag`, "
            "`age_drifted`, `age.jensen_shannon.alert`"
        ),
        "a flag: 1 is drift",
        "above 0.5",
    ),
    (
        "`drift_score`, `age_drift`, `feature_drift_age`, `data_drift`, `data.distance`",
        "a measure by a method that is not named",
        "above; shown only",
    ),
    ("the words of a method below", "the distance, or the statistic of a test", "as below"),
)


def sections() -> Sequence[str]:
    """Return the sections that follow the table of a rule's keys."""
    return (
        _RULES,
        "### Metrics that are known by their names",
        _NAMES,
        table(("logged as", "what it is", "drifts"), _FORMS),
        _NOT_JUDGED,
        table(("method", "words", "its distance drifts", "its p-value drifts"), _methods()),
    )


def _methods() -> list[tuple[str, ...]]:
    return [
        (method.title, ", ".join(code(" ".join(one)) for one in method.phrases), *_judged(method))
        for method in METHODS
    ]


def _judged(method: DriftMethod) -> tuple[str, str]:
    """Return when the distance and the p-value of *method* say that something drifts."""
    below = f"below {method.p_threshold:g}"
    if method.bare == "p-value":
        return "", f"{below}, which the name alone is"
    if not method.statistic:
        return "", below
    distance = "above, shown only"
    if method.threshold is not None:
        distance = f"above {method.threshold:g} ({method.origin})"
    if method.needs:
        distance += f", where it is {' or '.join(sorted(method.needs))}"
    if not method.bare:
        distance += "; with a word like statistic"
    return distance, below if method.threshold is None else ""
