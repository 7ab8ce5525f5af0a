"""Whether a metric is better higher or lower, by the words of its name.

What is not known is neither: a difference of it is told without a judgement, since a loss that
is painted as a gain is worse than none that is judged. The last word that says something counts:
``val_accuracy_std`` is a spread, ``precision_error`` an error; what comes after ``at`` is a
condition (``recall_at_fpr_01``), and ``neg`` turns all round, as in scikit-learn's scorers.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from opsboard.adapter import Effect
from opsboard_adapters.mlflow.measures import measure_of
from opsboard_adapters.mlflow.metric_words import texts, words_of

Side: TypeAlias = Literal["higher", "lower", ""]

_HIGHER: Final = (
    "accuracy", "acc", "auc", "auroc", "auprc", "aucpr", "prauc", "rocauc", "ap", "map",
    "average precision",
    "f1", "f2", "fbeta", "fscore", "f score", "f beta", "f measure", "precision", "recall",
    "sensitivity", "specificity", "tpr", "tnr", "ppv", "npv", "true positive", "true positives",
    "true negative", "true negatives", "r2", "r squared", "rsquared", "adjusted r2",
    "explained variance", "ndcg", "dcg", "mrr", "reciprocal rank", "hit rate", "hitrate", "hits",
    "bleu", "sacrebleu", "chrf", "rouge", "meteor", "bertscore", "comet", "exact match", "kappa",
    "mcc", "corrcoef", "matthews", "iou", "miou", "jaccard", "dice", "psnr", "ssim", "silhouette",
    "gini", "lift", "uplift", "spearman", "spearmanr", "pearson", "pearsonr", "kendall",
    "kendalltau", "log likelihood", "loglikelihood", "likelihood", "elbo", "reward", "rewards",
    "throughput", "qps", "tokens per second", "samples per second", "win rate", "pass",
    "success rate", "improvement", "gain", "nse", "faithfulness", "groundedness",
    "correctness", "purity", "homogeneity", "completeness", "concordance", "cindex",
)  # fmt: skip
_LOWER: Final = (
    "loss", "losses", "error", "errors", "err", "rmse", "mse", "mae", "mape", "smape", "wape",
    "wmape", "msle", "rmsle", "rmsse", "mase", "medae", "mdae", "rae", "rrse", "mpe", "logloss",
    "nll", "negative log likelihood", "neg log likelihood", "cross entropy",
    "crossentropy", "perplexity", "ppl", "latency", "response time",
    "inference time", "fpr", "fnr", "fdr", "false positive", "false positives", "false negative",
    "false negatives", "false alarm", "brier", "ece", "mce", "wer", "cer", "ter", "eer", "hinge",
    "deviance", "fid", "kid", "lpips", "aic", "bic", "bpb", "bpc", "crps", "pinball", "regret",
    "edit distance", "levenshtein", "impurity", "drop", "degradation", "gap", "failures",
    "failure", "failure rate", "miss rate", "misclassification", "toxicity", "overfitting",
    "davies bouldin", "residual", "residuals", "hallucination", "hallucinations",
)  # fmt: skip
_NEITHER: Final = (
    "std", "stddev", "stdev", "var", "variance", "weight", "weights", "coef", "coefficient",
    "scale", "threshold", "size", "support", "confidence",
)  # fmt: skip
_TURNED: Final = frozenset({"neg", "negated", "minus"})
_CONDITION: Final = frozenset({"at", "given"})
_SCORES: Final = frozenset({("training", "score"), ("train", "score"), ("test", "score"),
                            ("val", "score"), ("validation", "score")})  # fmt: skip
"""What scikit-learn's ``score`` methods say (``mlflow.sklearn.autolog``): accuracy, or R²."""

_SIDES: Final[dict[tuple[str, ...], Side]] = {
    **{tuple(one.split()): "higher" for one in _HIGHER},
    **{tuple(one.split()): "lower" for one in _LOWER},
    **{tuple(one.split()): "" for one in _NEITHER},
    **dict.fromkeys(_SCORES, "higher"),
}
_LONGEST: Final = max(map(len, _SIDES))


@lru_cache(maxsize=8192)
def better_side(name: str) -> Side:
    """Return on which side the metric *name* is better, ``""`` where nobody knows."""
    measure = measure_of(name)
    if measure is not None:
        return "higher" if measure.direction == "below" else "lower"
    said = _unconditioned(texts(words_of(name)))
    side, start = _last_side(said)
    if side and not _TURNED.isdisjoint(said[:start]):
        return "lower" if side == "higher" else "higher"
    return side


def effect(name: str, before: float | None, after: float | None) -> Effect:
    """Return what a change of the metric *name* is: better, worse, or neither that is known."""
    if before is None or after is None or math.isnan(before) or math.isnan(after):
        return Effect.NEUTRAL
    side = better_side(name)
    if not side or before == after:
        return Effect.NEUTRAL
    return Effect.BETTER if (after > before) == (side == "higher") else Effect.WORSE


def _unconditioned(said: Sequence[str]) -> Sequence[str]:
    cut = next((at for at, word in enumerate(said) if at and word in _CONDITION), len(said))
    return said[:cut]


def _last_side(said: Sequence[str]) -> tuple[Side, int]:
    """Return the side of the last phrase that has one, and where that phrase begins."""
    for end in range(len(said), 0, -1):
        for length in range(min(_LONGEST, end), 0, -1):
            phrase = tuple(said[end - length : end])
            for known in (phrase, (*phrase[:-1], phrase[-1].rstrip("0123456789"))):
                if known in _SIDES:
                    return _SIDES[known], end - length
    return "", 0
