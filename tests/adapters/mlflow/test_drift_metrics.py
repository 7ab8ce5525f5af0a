"""What the names of metrics say of drift: those that libraries and people really log."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard_adapters.mlflow.drift_metrics import Direction, Form, drift_metric_of

_P_WORDS = (
    ("p", "value"), ("pvalue",), ("p", "val"), ("pval",), ("p", "values"), ("pvals",),
)  # fmt: skip
_TESTS = (
    (), ("ks",), ("chi2",), ("chi", "square"), ("chisquare",), ("cvm",), ("anderson", "darling"),
    ("t", "test"), ("z", "test"), ("g", "test"), ("fisher", "exact"), ("mann", "whitney"), ("mmd",),
    ("kolmogorov", "smirnov"), ("ks", "2samp"), ("drift",), ("feature", "drift"),
)  # fmt: skip
_DISTANCES = (
    ("psi",), ("csi",), ("js",), ("jensen", "shannon"), ("jensenshannon",), ("kl",), ("kl", "div"),
    ("js", "divergence"), ("jensen", "shannon", "distance"), ("kl", "divergence"), ("hellinger",),
    ("wasserstein",), ("wasserstein", "distance"), ("energy", "distance"), ("mmd",), ("chi2",),
    ("ks", "statistic"), ("ks", "stat"), ("chi2", "statistic"), ("kolmogorov", "smirnov"),
    ("total", "variation", "distance"), ("l", "infinity"), ("psi", "score"), ("drift", "psi"),
)  # fmt: skip
_FEATURES = ("age", "credit_score", "class_10", "income", "is_weekend", "tasks", "debt_ratio")


def _spellings(words: Sequence[str]) -> list[str]:
    """Return *words* in every way in which names are put together."""
    camel = "".join(word.capitalize() for word in words)
    joined = [separator.join(words) for separator in ("_", "-", " ", ".", "/")]
    return [*joined, camel, camel[:1].lower() + camel[1:], "_".join(words).upper()]


def _with(feature: str, words: Sequence[str]) -> list[str]:
    return [f"{name}{sign}{feature}" for name in _spellings(words) for sign in "_/. "] + [
        f"{feature}{sign}{name}" for name in _spellings(words) for sign in "_/. "
    ]


@pytest.mark.parametrize("words", [(*test, *p) for test in _TESTS for p in _P_WORDS], ids=" ".join)
def test_a_p_value_drifts_below_in_every_spelling(words: Sequence[str]) -> None:
    names = [*_spellings(words), *(n for feature in _FEATURES for n in _with(feature, words))]
    told = {name: drift_metric_of(name) for name in names}
    odd = [n for n, one in told.items() if one is None or one.form != "p-value"]
    assert odd == []
    assert {one.direction for one in told.values() if one} == {"below"}
    assert {one.threshold for one in told.values() if one} <= {0.05, 0.1}


@pytest.mark.parametrize("words", _DISTANCES, ids=" ".join)
def test_a_distance_drifts_above_in_every_spelling(words: Sequence[str]) -> None:
    names = [*_spellings(words), *(n for feature in _FEATURES for n in _with(feature, words))]
    told = {name: drift_metric_of(name) for name in names}
    odd = [n for n, one in told.items() if one is None or one.form != "distance"]
    assert odd == []
    assert {one.direction for one in told.values() if one} == {"above"}


@pytest.mark.parametrize(
    "feature",
    [
        "num", "n_children", "number_of_rooms", "count", "log_income", "one_hot_a", "non_smoker",
        "no_of_claims", "weight", "value_of_car", "test_result", "share_price", "is_member",
        "window_size", "limit", "p", "hours", "policy_age",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("words", "form"),
    [
        ("psi", "distance"), ("ks_p_value", "p-value"), ("p_value", "p-value"),
        ("drift_p_value", "p-value"), ("chi2_pval", "p-value"), ("hellinger", "distance"),
        ("jensen_shannon", "distance"), ("drift_score", "score"),
    ],
)  # fmt: skip
def test_a_feature_may_be_called_anything(feature: str, words: str, form: Form) -> None:
    names = [f"{words}_{feature}", f"{words}/{feature}", f"{words}.{feature}"]
    told = {name: drift_metric_of(name) for name in names}
    assert [name for name, one in told.items() if one is None or one.form != form] == []


@pytest.mark.parametrize("feature", _FEATURES)
@pytest.mark.parametrize("words", [("psi",), ("ks", "p", "value"), ("drift", "score"), ("js",)])
def test_the_feature_is_what_is_left_as_it_is_spelt(feature: str, words: Sequence[str]) -> None:
    told = {name: drift_metric_of(name) for name in _with(feature, words)}
    assert {one.feature for one in told.values() if one} == {feature}


@given(
    st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=5),
    st.sampled_from(["psi", "csi", "ks", "js", "kl", "mmd", "drift", "pval"]),
    st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=5),
)
def test_a_method_within_a_word_counts_for_nothing(before: str, inner: str, after: str) -> None:
    assert drift_metric_of(f"{before}{inner}{after}") is None


@pytest.mark.parametrize(
    "name",
    [
        "epsilon", "stepsize", "upsilon", "capsize", "iccsi", "tasks", "weeks", "json", "sklearn",
        "auc", "accuracy", "loss", "f1", "val_loss", "rmse", "learning_rate", "driftwood_sales",
        "psi_threshold", "drift_threshold", "psi_direction", "age.jensen_shannon.upper_threshold",
        "system/drift", "f_pvalue", "log_p_value", "neg_log10_pvalue", "kl_loss", "approx_kl",
        "train/kl", "mmd_loss", "ks", "ks_age", "anderson", "no_drift", "drift.num_features",
        "drift_window_size", "number_of_columns", "distance", "p95", "top_p", "alert", "share",
        "t_test", "z", "mannwhitneyu_statistic", "number_of_p_values",
        # of training, by reinforcement or from a teacher
        "actor/ppo_kl", "rollout/kl", "distill_kl", "distillation_kl", "kd_kl", "train_mmd",
        "train_ks_statistic", "test_ks_stat", "vae_kl", "posterior_kl",
        # of a regression, a series, an experiment
        "adf_pvalue", "shapiro_p_value", "granger_p_value", "ljung_box_pval", "coef_p_value",
        "intercept_pvalue", "f_test_p_value", "jarque_bera_p_value", "residual_normality_pvalue",
        "ab_test_p_value",
        # of the measuring
        "num_drift_checks", "drift_detection_time_ms", "drift_report_duration_ms",
        "drift_num_bins",
    ],
)  # fmt: skip
def test_what_no_library_calls_drift_is_none(name: str) -> None:
    assert drift_metric_of(name) is None


@pytest.mark.parametrize(
    ("name", "form", "feature"),
    [
        # Evidently
        ("share_of_drifted_columns", "share", ""), ("number_of_drifted_columns", "count", ""),
        ("dataset_drift", "flag", ""), ("drift_share", "share", ""), ("drift_score", "score", ""),
        ("DriftedColumnsCount.share", "share", ""), ("DriftedColumnsCount.count", "count", ""),
        ("ShareOfDriftedColumns", "share", ""), ("share-of-drifted-columns", "share", ""),
        ("empirical_mmd", "p-value", ""), ("data_drift_age_drift_score", "score", "age"),
        # NannyML
        ("age.jensen_shannon.value", "distance", "age"), ("age_hellinger_alert", "flag", "age"),
        ("age.jensen_shannon.alert", "flag", "age"), ("reconstruction_error", "distance", ""),
        ("domain_classifier_auroc", "distance", ""), ("age_l_infinity", "distance", "age"),
        # alibi-detect
        ("data.p_val", "p-value", ""), ("data.distance", "distance", ""),
        ("data.is_drift", "flag", ""), ("is_drift", "flag", ""), ("lsdd", "distance", ""),
        # people
        ("dataset_drift_detected", "flag", ""), ("drift_detected", "flag", ""),
        ("target_drift_flag", "flag", "target"), ("drift_bool_age", "flag", "age"),
        ("drift.age.has_drift", "flag", "age"), ("drift.age.score", "score", "age"),
        ("drift.drift_ratio", "share", ""), ("drift.num_drifted", "count", ""),
        ("n_drifted_features", "count", ""), ("drifted_features", "count", ""),
        ("drifted_columns", "count", ""), ("num_drift_features", "count", ""),
        ("feature_drift_age", "score", "age"), ("age_drift", "score", "age"),
        ("debt_ratio_drift", "score", "debt_ratio"), ("max_psi", "distance", ""),
        ("psi_total_amount", "distance", "total_amount"),
        ("psi_credit_limit", "distance", "credit_limit"),
        ("global_min_pvalue", "p-value", ""), ("ks_p_sensor_3", "p-value", "sensor_3"),
        ("chi2_p_region", "p-value", "region"), ("Cramér-von Mises p", "p-value", ""),
        ("normed_wasserstein_age", "distance", "age"), ("stability_index", "distance", ""),
        ("covariate_shift_score", "distance", ""), ("cramers_v_age", "distance", "age"),
        ("monitoring/psi/age", "distance", "age"), ("evidently_psi_age", "distance", "age"),
        ("coef_ks_p_value", "p-value", "coef"), ("feature_drift_time", "score", "time"),
        # with what says where it comes from, or of which data it is
        ("evidently/share_of_drifted_columns", "share", ""), ("evidently.drift_share", "share", ""),
        ("DatasetDriftMetric.share_of_drifted_columns", "share", ""),
        ("DatasetDriftMetric_number_of_drifted_columns", "count", ""),
        ("prod/2026-11/number_of_drifted_columns", "count", ""),
        ("monitoring.n_drifted", "count", ""), ("report/drifted_features_pct", "share", ""),
        ("n_drifted_rows", "score", "n_rows"), ("drifted_age", "flag", "age"),
    ],
)  # fmt: skip
def test_names_that_are_really_logged(name: str, form: Form, feature: str) -> None:
    measure = drift_metric_of(name)
    assert measure is not None
    assert (measure.form, measure.feature) == (form, feature)


@pytest.mark.parametrize(
    ("name", "direction", "threshold"),
    [
        ("ks_p_value", "below", 0.05), ("chisquare_p_value", "below", 0.05),
        ("z_p_value", "below", 0.05), ("t_test_p_value", "below", 0.05),
        ("mannw_p_value", "below", 0.05), ("epps_singleton_p_value", "below", 0.05),
        ("anderson_p_value", "below", 0.1), ("cramer_von_mises_p_value", "below", 0.1),
        ("fisher_exact_p_value", "below", 0.1), ("g_test_p_value", "below", 0.1),
        ("empirical_mmd", "below", 0.1), ("TVD_p_value", "below", 0.1),
        ("jensenshannon", "above", 0.1), ("kl_div", "above", 0.1), ("hellinger", "above", 0.1),
        ("wasserstein_distance_normed", "above", 0.1), ("abs_text_content_drift", "above", 0.55),
        ("perc_text_content_drift", "above", 0.95), ("share_of_drifted_columns", "above", 0.5),
    ],
)  # fmt: skip
def test_directions_and_thresholds_are_those_of_evidently(
    name: str, direction: Direction, threshold: float
) -> None:
    """As ``evidently.legacy.calculations.stattests.registry`` of 0.7.23 has them."""
    measure = drift_metric_of(name)
    assert measure is not None
    assert (measure.direction, measure.threshold) == (direction, threshold)


@pytest.mark.parametrize(
    "name",
    ["drift_score", "wasserstein_distance_income", "energy_distance", "chi2", "ks_statistic"],
)
def test_what_has_no_common_threshold_is_only_shown(name: str) -> None:
    measure = drift_metric_of(name)
    assert measure is not None
    assert measure.threshold is None
