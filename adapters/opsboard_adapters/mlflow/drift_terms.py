"""The words of which names of drift measures consist, beside those of the methods.

See :mod:`~opsboard_adapters.mlflow.drift_metrics` for how they are put together.
"""

from typing import Final

OTHER_TESTS: Final = frozenset({
    "adf", "kpss", "dickey", "granger", "shapiro", "jarque", "ljung", "durbin", "breusch",
    "hausman", "hosmer", "mcnemar", "delong", "omnibus", "normality", "stationarity",
    "autocorrelation", "heteroskedasticity", "heteroscedasticity", "coef", "coefficient",
    "intercept", "hwe",
})  # fmt: skip
"""Words of tests, and of what they test, that are of a model or a series and not of drift."""

TOOLS: Final = frozenset({
    "evidently", "evidentlyai", "nannyml", "alibi", "whylogs", "deepchecks", "frouros",
})  # fmt: skip
"""Libraries that people name in front of what these measure."""

DRIFT: Final = frozenset({"drift", "drifts", "drifted", "drifting"})
TECHNICAL: Final = frozenset({
    "size", "window", "windows", "rows", "samples", "bins", "seconds", "secs", "ms", "duration",
    "latency", "runtime", "timestamp", "interval", "error", "errors", "days", "hours",
    "checks", "report", "detection",
})  # fmt: skip
"""Beside ``drift`` and nothing else, these are settings and circumstances of its measuring."""
WITH_TECHNICAL: Final = frozenset({"num", "n", "number", "count", "time", "s", "of"})
LOSSES: Final = frozenset({"loss", "losses"})
SPLITS: Final = frozenset({"train", "training", "val", "valid", "validation", "test", "eval"})
TRAINED: Final = frozenset({
    "coef", "coeff", "coefficient", "weight", "beta", "penalty", "approx", "policy", "objective",
    "reward", "reg", "regularization", "regularizer", "train", "training", "distill",
    "distillation", "distilled", "kd", "rollout", "actor", "critic", "ppo", "grpo", "dpo", "rlhf",
    "vae", "latent", "posterior", "encoder", "decoder", "grad",
})  # fmt: skip
SHORT: Final = 4
"""Letters of an abbreviation, at most: ``kl``, ``mmd2``."""
LOGARITHMS: Final = frozenset({"log", "log10", "ln", "neg", "minus", "inverse", "nlog", "one"})
VALUES: Final = frozenset({"value", "values", "val", "vals"})
STATISTICS: Final = frozenset({"stat", "stats", "statistic", "statistics", "distance", "dist"})
KINDS: Final = frozenset({
    "data", "dataset", "feature", "features", "column", "columns", "concept", "covariate",
    "embedding",
})  # fmt: skip
SUMS: Final = frozenset({
    "max", "min", "mean", "avg", "average", "median", "overall", "total", "global",
})  # fmt: skip
MADE: Final = frozenset({"normed", "normalized", "normalised", "univariate", "multivariate"})
SIGNALS: Final = frozenset({
    "alert", "alarm", "flag", "detected", "detect", "bool", "boolean", "triggered", "found",
})  # fmt: skip
ASKING: Final = frozenset({"is", "has", "any"})
NOT: Final = frozenset({"no", "not", "non", "without", "undrifted"})
BEFORE: Final = KINDS | SUMS | SIGNALS | ASKING | MADE
AFTER: Final = frozenset({
    *STATISTICS, *KINDS, *SIGNALS, *VALUES, "divergence", "div", "score", "scores", "index",
    "test", "metric", "measure", "result", "normed", "normalized", "normalised", "norm", "adj",
    "adjusted", "2", "samp", "sample", "two", "exact",
})  # fmt: skip
BESIDE: Final = BEFORE | AFTER
"""What stands before and after the words of a method or of drift, and is no part of a feature."""
SHARES: Final = frozenset({"share", "ratio", "fraction", "frac", "proportion", "prop"})
PERCENTS: Final = frozenset({"percentage", "percent", "pct", "perc"})
COUNTS: Final = frozenset({"number", "num", "n", "nb", "count", "counts"})
COLUMNS: Final = frozenset({
    "columns", "features", "cols", "variables", "fields", "column", "feature",
})  # fmt: skip
AROUND: Final = frozenset({
    *DRIFT, *SHARES, *PERCENTS, *COUNTS, *COLUMNS, "of", "the", "total", "overall", "dataset",
    "data", "detected", "value", "no",
})  # fmt: skip
"""Words of which the names of shares and counts consist: with any other, it is a feature's."""
PLACES: Final = TOOLS | frozenset({
    "detect", "monitoring", "monitor", "metric", "metrics", "report", "preset", "summary",
})  # fmt: skip
"""Words that say where a measure comes from."""
