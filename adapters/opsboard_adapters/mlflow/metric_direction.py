"""Whether a metric is better higher or lower, by the words of its name.

What is not known is neither: a difference of it is told without a judgement, since a loss that
is painted as a gain is worse than none that is judged. The last word that says something counts:
``val_accuracy_std`` is a spread, ``precision_error`` an error; what comes after ``at`` is a
condition (``recall_at_fpr_01``). ``neg`` turns all round, as in scikit-learn's scorers, and so do
``1-auc``, ``loss_reduction`` and ``error_free_rate``. Which side of a difference is better depends
on what was taken from what: nobody knows (``auc_delta``).
"""

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from opsboard.adapter import Effect
from opsboard_adapters.mlflow.drift_metrics import drift_metric_of
from opsboard_adapters.mlflow.metric_terms import terms_of, texts

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
    "correctness", "correct", "steps per second", "sharpe ratio", "sortino ratio", "hit ratio",
    "purity", "homogeneity", "completeness", "concordance", "cindex",
)  # fmt: skip
_LOWER: Final = (
    "loss", "losses", "error", "errors", "err", "rmse", "mse", "mae", "mape", "smape", "wape",
    "wmape", "msle", "rmsle", "rmsse", "mase", "medae", "mdae", "rae", "rrse", "mpe", "logloss",
    "nll", "negative log likelihood", "neg log likelihood", "cross entropy",
    "crossentropy", "perplexity", "ppl", "latency", "response time",
    "inference time", "fpr", "fnr", "fdr", "false positive", "false positives", "false negative",
    "false negatives", "false alarm", "brier", "ece", "mce", "wer", "cer", "ter", "eer", "hinge",
    "deviance", "fid", "kid", "lpips", "aic", "bic", "bpb", "bpc", "crps", "pinball", "regret",
    "edit distance", "levenshtein", "impurity", "degradation", "gap", "failures",
    "failure", "failure rate", "miss rate", "misclassification", "incorrect", "inaccuracy",
    "false discovery", "toxicity", "overfitting",
    "davies bouldin", "residual", "residuals", "hallucination", "hallucinations",
)  # fmt: skip
_NEITHER: Final = (
    "std", "stddev", "stdev", "var", "variance", "weight", "weights", "coef", "coefficient",
    "scale", "threshold", "size", "support", "confidence", "ratio", "delta", "diff", "difference",
    "change",
)  # fmt: skip
_TURNED: Final = frozenset({"neg", "negated", "minus", "inverse", "inverted", "inv"})
_LESSENED: Final = frozenset({"reduction", "decrease", "drop", "free"})
"""Behind what there is less of, these turn it round: ``error_free_rate``."""
_OF: Final = frozenset({"in", "of"})
_DIFFERENCES: Final = frozenset({"delta", "diff"})
_MEANS: Final = frozenset({"mean", "median", "max", "root", "squared", "absolute", "abs", "log"})
"""What may stand between ``negative`` and what it turns round; other words are of a class."""
_ONE_MINUS: Final = re.compile(r"1 ?- ?[^\W\d]")
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
    measure = drift_metric_of(name)
    if measure is not None:
        return "higher" if measure.direction == "below" else "lower"
    said = _unconditioned(texts(terms_of(name)))
    if not _DIFFERENCES.isdisjoint(said[:1]):
        return ""
    if "improvement" in said:
        return "higher"
    side, start, end = _last_side(said)
    turns = [
        not _TURNED.isdisjoint(said[:start]) or _ONE_MINUS.match(name) is not None,
        side == "lower" and _is_negative(said[:start]),
        not _LESSENED.isdisjoint(said[end:]) or _is_lessened(said[:start]),
    ]
    if side and sum(turns) % 2:
        return "lower" if side == "higher" else "higher"
    return side


def _is_negative(before: Sequence[str]) -> bool:
    """Return whether the words *before* a loss or error negate it: ``negative_mean_..._error``.

    Higher is better then only there: ``negative_precision`` is that of the negative class.
    """
    own = [word for word in before if word not in _MEANS]
    return own[-1:] in (["negative"], ["non"])


def _is_lessened(before: Sequence[str]) -> bool:
    """Return whether what comes *before* is ``reduction_in``, or the like."""
    return any(first in _LESSENED and second in _OF for first, second in pairwise(before))


def effect(side: Side, before: float | None, after: float | None) -> Effect:
    """Return what a change is where *side* is better: better, worse, or neither that is known."""
    if before is None or after is None or math.isnan(before) or math.isnan(after):
        return Effect.NEUTRAL
    if not side or before == after:
        return Effect.NEUTRAL
    return Effect.BETTER if (after > before) == (side == "higher") else Effect.WORSE


def _unconditioned(said: Sequence[str]) -> Sequence[str]:
    cut = next((at for at, word in enumerate(said) if at and word in _CONDITION), len(said))
    return said[:cut]


def _last_side(said: Sequence[str]) -> tuple[Side, int, int]:
    """Return the side of the last phrase that has one, and where that phrase begins and ends."""
    for end in range(len(said), 0, -1):
        for length in range(min(_LONGEST, end), 0, -1):
            phrase = tuple(said[end - length : end])
            for known in (phrase, (*phrase[:-1], phrase[-1].rstrip("0123456789"))):
                if known in _SIDES:
                    return _SIDES[known], end - length, end
    return "", 0, 0
