"""A worse metric is never told as a gain, nor is one of which is not known."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Effect
from opsboard_adapters.mlflow.metric_direction import better_side, effect

HIGHER = [
    "accuracy", "acc", "val_accuracy", "val/acc", "accuracy_score", "balancedAccuracy", "auc",
    "roc_auc", "AUROC", "aucpr", "f1", "f1_score", "F1-macro", "f1_class_10", "precision",
    "recall", "sensitivity", "specificity", "tpr", "r2", "r2_score", "r_squared",
    "explained_variance", "ndcg", "ndcg@10", "ndcg_at_10", "mrr", "map", "mAP", "map50",
    "mAP_0.5", "hit_rate", "bleu", "BLEU-4", "rouge1", "rougeL", "rouge1/v1/mean",
    "exact_match/v1", "cohen_kappa", "mcc", "iou", "dice", "ssim", "psnr", "silhouette_score",
    "log_likelihood", "elbo", "mean_reward", "throughput", "qps", "training_score",
    "neg_mean_squared_error", "neg_log_loss", "test_neg_rmse", "recall_at_fpr_01",
    "true_positive_rate", "average_precision", "improvement", "top_5_accuracy",
    "val_recall@5", "ks_p_value", "drift_p_value_age", "loss_reduction", "reduction_in_error",
    "mae_decrease", "loss_drop", "error_free_rate", "error_free", "negative_mean_squared_error",
    "negative_log_loss", "negated_loss", "inverse_mse", "inv_loss", "non_error_rate",
    "improvement_in_loss", "rmse_improvement", "negative_precision", "negative_class_f1",
    "num_correct", "sharpe_ratio", "hit_ratio", "train_steps_per_second",
]  # fmt: skip
LOWER = [
    "loss", "val_loss", "train_loss_step", "trainLoss", "log_loss", "logloss", "error",
    "error_rate", "rmse", "RMSE", "val/rmse", "root_mean_squared_error", "mse", "mae", "mape",
    "smape", "wape", "msle", "latency", "latency_p95_ms", "p99_latency", "response_time",
    "inference_time_ms", "perplexity", "ppl", "fpr", "fnr", "false_positive_rate",
    "false_negatives", "brier", "brier_score", "ece", "wer", "cer", "hinge", "hinge_loss",
    "cross_entropy", "nll", "negative_log_likelihood", "aic", "bic", "fid", "lpips", "crps",
    "deviance", "max_error", "precision_error", "accuracy_drop", "one_minus_auc",
    "toxicity/v1/mean", "hamming_loss", "pinball_loss", "psi", "psi_age", "js_divergence",
    "share_of_drifted_columns", "mean_absolute_error", "MeanAbsoluteError", "1-auc", "1 - f1",
    "accuracy_decrease", "accuracy_reduction", "recall_drop", "reduction_of_accuracy",
    "neg_loss_reduction", "false_discovery_rate", "noise_reduction_loss", "inaccuracy",
    "no_of_errors", "inverse_accuracy",
]  # fmt: skip
NOBODY_KNOWS = [
    "epochs", "learning_rate", "score", "churn_shift", "n_estimators", "threshold",
    "accuracy_std", "val_loss_std", "loss_weight", "map_size", "support", "recall_support",
    "rows", "count", "temperature", "entropy", "foo", "lossless_ratio", "mapper", "aucland",
    "erroneous", "42", "auc_delta", "delta_auc", "accuracy_diff", "loss_difference", "loss_ratio",
    "loss_change",
]  # fmt: skip


@pytest.mark.parametrize("name", HIGHER)
def test_higher_is_better(name: str) -> None:
    assert better_side(name) == "higher"
    assert effect(better_side(name), 0.9, 0.8) is Effect.WORSE
    assert effect(better_side(name), 0.8, 0.9) is Effect.BETTER


@pytest.mark.parametrize("name", LOWER)
def test_lower_is_better(name: str) -> None:
    assert better_side(name) == "lower"
    assert effect(better_side(name), 0.9, 0.8) is Effect.BETTER
    assert effect(better_side(name), 0.8, 0.9) is Effect.WORSE


@pytest.mark.parametrize("name", NOBODY_KNOWS)
def test_what_is_not_known_is_neither(name: str) -> None:
    assert better_side(name) == ""
    assert (
        effect(better_side(name), 0.8, 0.9) is effect(better_side(name), 0.9, 0.8) is Effect.NEUTRAL
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [(math.nan, 0.1), (0.1, math.nan), (None, 0.1), (0.1, None), (0.5, 0.5), (None, None),
     (math.nan, math.nan), (math.inf, math.inf)],
)  # fmt: skip
def test_what_cannot_be_compared_is_neither(before: float | None, after: float | None) -> None:
    assert (
        effect(better_side("loss"), before, after)
        is effect(better_side("auc"), before, after)
        is Effect.NEUTRAL
    )


def test_infinity_is_compared() -> None:
    assert effect(better_side("loss"), 0.3, math.inf) is Effect.WORSE
    assert effect(better_side("loss"), math.inf, 0.3) is Effect.BETTER


@given(
    st.sampled_from(HIGHER + LOWER + NOBODY_KNOWS),
    st.floats(allow_nan=False),
    st.floats(allow_nan=False),
)
def test_there_and_back_is_never_twice_a_gain(name: str, one: float, other: float) -> None:
    both = {effect(better_side(name), one, other), effect(better_side(name), other, one)}
    assert both in ({Effect.NEUTRAL}, {Effect.BETTER, Effect.WORSE})
