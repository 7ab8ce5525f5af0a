"""What the name of a metric says of drift: by which method, of which feature, and on which side.

Known are the names that Evidently, NannyML, alibi-detect and those who log their results by hand
give: ``psi/age``, ``ks_pvalue_age``, ``age.jensen_shannon.alert``, ``share_of_drifted_columns``.
A p-value drifts *below* its threshold, all else *above*. What no library calls so is no drift,
and what is drift by a method that nobody names (``drift_score``) has no threshold: it is shown,
and never an alarm by a guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from opsboard_adapters.mlflow.drift_methods import EVIDENTLY, METHODS, DriftMethod
from opsboard_adapters.mlflow.drift_terms import (
    AFTER,
    AROUND,
    ASKING,
    BEFORE,
    BESIDE,
    COUNTS,
    DRIFT,
    LOGARITHMS,
    LOSSES,
    NOT,
    OTHER_TESTS,
    PERCENTS,
    PLACES,
    SHARES,
    SHORT,
    SIGNALS,
    SPLITS,
    STATISTICS,
    TECHNICAL,
    TOOLS,
    TRAINED,
    VALUES,
    WITH_TECHNICAL,
)
from opsboard_adapters.mlflow.metric_terms import MetricTerm, position, terms_of, texts

Direction: TypeAlias = Literal["above", "below"]
Form: TypeAlias = Literal["distance", "p-value", "flag", "share", "count", "score"]

ALPHA: Final = "the usual level of a test"
FLAGGED: Final = 0.5
"""What a flag, 0 or 1, is beyond when it is set; so is ``dataset_drift`` where it is a share."""
SHARE: Final = 0.5
"""The share of columns from which Evidently says that a data set has drifted (``drift_share``)."""


@dataclass(frozen=True, slots=True)
class DriftMetric:
    """What a name says: the *form* of its values, the *method*, and the *feature* as it is spelt.

    *method* and *feature* are ``""`` where the name does not say them. *threshold* is the default
    one, *origin* says where it comes from; *inclusive*, that reaching it is enough.
    """

    form: Form
    method: str = ""
    feature: str = ""
    threshold: float | None = None
    origin: str = ""
    inclusive: bool = False

    @property
    def direction(self) -> Direction:
        """The side of the threshold on which drift is."""
        return "below" if self.form == "p-value" else "above"


@lru_cache(maxsize=8192)
def drift_metric_of(name: str) -> DriftMetric | None:
    """Return what *name* says of drift, ``None`` where it measures none that is known."""
    words = terms_of(name)
    said = texts(words)
    if name.startswith("system/") or _is_setting(said):
        return None
    return (
        _of_dataset(words)
        or _p_value(name, words, said)
        or _by_method(name, words, said)
        or _score(name, words, said)
    )


def _is_setting(said: Sequence[str]) -> bool:
    """Return whether the words are of a threshold or the like, or say that nothing drifts."""
    if not {"threshold", "thresholds"}.isdisjoint(said) or said[-1:] == ("direction",):
        return True
    return any(first in NOT and second in DRIFT for first, second in pairwise(said))


# --- of a whole data set -------------------------------------------------------------------------


def _of_dataset(words: Sequence[MetricTerm]) -> DriftMetric | None:
    """Return the share or count that the name, or the last part of a path, says.

    What stands before it (``evidently/``, ``prod.``, ``DatasetDriftMetric.``) is no feature.
    """
    own = [word.text for word in words if word.text not in PLACES]
    last = [word.text for word in words if word.part == words[-1].part]
    return _share(own) or _count(own) or _share(last) or _count(last)


def _share(said: Sequence[str]) -> DriftMetric | None:
    """``share_of_drifted_columns``, ``drift_share``, ``DriftedColumnsCount.share``."""
    words = set(said)
    if not (words <= AROUND and words & DRIFT and words & (SHARES | PERCENTS)):
        return None
    threshold = SHARE * 100 if words & PERCENTS else SHARE
    return DriftMetric("share", "share of columns", "", threshold, EVIDENTLY, inclusive=True)


def _count(said: Sequence[str]) -> DriftMetric | None:
    """``number_of_drifted_columns``, ``n_drifted``, ``drifted_features``, ``drift_count``."""
    words = set(said)
    if not (words <= AROUND and words & DRIFT):
        return None
    drifted = words & {"drifted", "drifting"}
    counted = words & COUNTS or words & {"columns", "features", "cols", "variables", "fields"}
    # drift.num_features is how many there are, num_drift_features how many of them drift
    ahead = said[0] in COUNTS or said[-1] in COUNTS
    return DriftMetric("count", "number of columns") if counted and (drifted or ahead) else None


# --- of a method ---------------------------------------------------------------------------------


def _p_value(name: str, words: Sequence[MetricTerm], said: Sequence[str]) -> DriftMetric | None:
    """``p_value``, ``ks_pval``, ``chi2_p``, ``drift_p_value_age``; not the logarithm of one."""
    method, span = _method(said)
    at = _where_p(said, span)
    if at is None or _is_derived(said, min(at, span) if span else at, at[1]):
        return None
    if _is_of_other_test(said, at) and method is None:
        return None  # of a regression, for instance: there it is small, and good
    title = f"{method.title} p-value" if method else "p-value"
    threshold, origin = 0.05, ALPHA
    if method is not None and method.p_threshold != threshold:
        threshold, origin = method.p_threshold, EVIDENTLY
    spans = [at, *([span] if span else [])]
    return _judged(
        DriftMetric("p-value", title, _feature(name, words, spans), threshold, origin),
        _signals(words, spans),
    )


def _is_of_other_test(said: Sequence[str], at: tuple[int, int]) -> bool:
    """Return whether it is the p-value of a test of something else than drift."""
    if not DRIFT.isdisjoint(said):
        return False
    before = said[: at[0]]
    return before in {("f",), ("f", "test"), ("ab", "test")} or not OTHER_TESTS.isdisjoint(said)


def _is_derived(said: Sequence[str], span: tuple[int, int], end: int) -> bool:
    """Return whether it is the logarithm of a p-value, or how many there are.

    Only what stands next to it says so: ``p_value_log_income`` is of a feature.
    """
    before = [word for word in said[: span[0]] if word not in BEFORE | DRIFT]
    inner = set(said[span[0] : end])
    last = said[end:] if set(said[end:]) <= LOGARITHMS else ()
    return bool(inner & LOGARITHMS or last or set(before[-1:]) & LOGARITHMS) or (
        bool(before) and set(before) <= COUNTS | {"of"}
    )


def _where_p(said: Sequence[str], method: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return where the words of a p-value stand: ``p`` counts after a test or ``drift`` as well."""
    for at, word in enumerate(said):
        if word == "padj":
            return at, at + 1
        if word != "p":
            continue
        if at + 1 < len(said) and said[at + 1] in {*VALUES, "adj", "adjusted"}:
            return at, at + 2
        before = said[at - 1] if at else ""
        if (method and method[1] == at and _is_test(said, method)) or before == "drift":
            return at, at + 1
    return None


def _is_test(said: Sequence[str], span: tuple[int, int]) -> bool:
    method, _ = _method(said[span[0] : span[1]])
    return method is not None and method.threshold is None


def _by_method(name: str, words: Sequence[MetricTerm], said: Sequence[str]) -> DriftMetric | None:
    """``psi``, ``age.jensen_shannon.value``, ``ks_statistic_age``."""
    method, span = _method(said)
    if method is None or span is None:
        return None
    others = {*said[: span[0]], *said[span[1] :]}
    if method.trained and _is_trained(said, span):
        return None
    if method.bare == "" and (not (method.statistic and others & STATISTICS) or said[0] in SPLITS):
        return None  # train_ks_statistic tells how well a score parts good from bad
    feature = _feature(name, words, [span])
    if method.bare == "p-value":
        made = DriftMetric(
            "p-value", f"{method.title} p-value", feature, method.p_threshold, method.origin
        )
    elif method.threshold is None or (method.needs and not method.needs & others):
        made = DriftMetric("distance", method.title, feature)
    else:
        made = DriftMetric("distance", method.title, feature, method.threshold, method.origin)
    return _judged(made, _signals(words, [span]))


def _is_trained(said: Sequence[str], span: tuple[int, int]) -> bool:
    """Return whether it is a part of a loss, or of its training: ``kl_loss``, ``train/kl``.

    A short word is that of training sooner than of drift; a long one may be of the feature
    ``weight``.
    """
    others = {*said[: span[0]], *said[span[1] :]}
    if others & LOSSES or said[0] in SPLITS:
        return True
    short = all(len(word) <= SHORT for word in said[slice(*span)])
    return short and bool(others & TRAINED)


def _method(said: Sequence[str]) -> tuple[DriftMethod | None, tuple[int, int] | None]:
    """Return the method that the words name, and where."""
    for method in METHODS:
        for phrase in method.phrases:
            at = position(phrase, said)
            if at >= 0 and (len(phrase[0]) > 1 or len(phrase) > 1 or _tested(said, at)):
                return method, (at, at + len(phrase))
    return None, None


def _tested(said: Sequence[str], at: int) -> bool:
    """Return whether the one letter at *at* is the name of a test: its p-value follows."""
    return tuple(said[at + 1 : at + 2]) == ("p",)


# --- of drift, and no more -----------------------------------------------------------------------


def _score(name: str, words: Sequence[MetricTerm], said: Sequence[str]) -> DriftMetric | None:
    """``drift_score``, ``feature_drift_age``; ``drift_detected``, ``dataset_drift`` are flags."""
    if tuple(said) == ("data", "distance"):  # as alibi-detect answers
        return DriftMetric("distance")
    spans = [(at, at + 1) for at, word in enumerate(said) if word in DRIFT]
    own = [word for word in said if word not in PLACES]
    if not spans or _is_circumstance(own):
        return None
    flag = _signals(words, spans) or _says_so(said) or tuple(said) == ("dataset", "drift")
    return _judged(DriftMetric("score", "", _feature(name, words, spans)), flag)


def _says_so(said: Sequence[str]) -> bool:
    """Return whether the name is that of a flag: has it drifted? A share or count is none."""
    at = said.index("drifted") if "drifted" in said else -1
    return at == 0 or (at > 0 and said[at - 1] not in COUNTS | PERCENTS | {"of"})


def _is_circumstance(said: Sequence[str]) -> bool:
    """Return whether it is of the measuring: ``drift_window_size``, ``drift.num_features``."""
    others = set(said) - DRIFT - BESIDE
    if "drifted" in said:
        return False
    technical = others & TECHNICAL and others <= TECHNICAL | WITH_TECHNICAL
    if technical and "score" not in said:
        return True
    return set(said) <= AROUND and bool(set(said) & COUNTS)


def _judged(measure: DriftMetric, flag: bool) -> DriftMetric:
    """Return *measure*, or, with a *flag*, what says whether it has gone too far."""
    if not flag:
        return measure
    title = f"{measure.method} flag".strip()
    return DriftMetric("flag", title, measure.feature, FLAGGED, "a flag: 1 is drift")


def _signals(words: Sequence[MetricTerm], spans: Sequence[tuple[int, int]]) -> bool:
    """Return whether a word next to *spans*, or a whole part of a path, says that it is a flag."""
    said = texts(words)
    for start, end in spans:
        if _signal_at(said, end) or (start and said[start - 1] in SIGNALS):
            return True
        before = [word for word in said[:start] if word not in BESIDE - ASKING]
        if before and before[-1] in ASKING and said[start] in DRIFT:
            return True
    last = [word.text for word in words if word.part == words[-1].part]
    return (
        words[-1].part > 0
        and set(last) <= SIGNALS | ASKING | DRIFT
        and bool(set(last) & (SIGNALS | ASKING))
    )


def _signal_at(said: Sequence[str], at: int) -> bool:
    return at < len(said) and said[at] in SIGNALS


# --- the feature ---------------------------------------------------------------------------------


def _feature(name: str, words: Sequence[MetricTerm], spans: Sequence[tuple[int, int]]) -> str:
    """Return what the name says beside the words at *spans* and those that belong to them."""
    taken = {at for start, end in spans for at in range(start, end)}
    taken |= {at for at, word in enumerate(words) if word.text in DRIFT}
    for at in sorted(taken):
        taken |= set(_run(words, at, -1)) | set(_run(words, at, 1))
    taken |= {at for at, word in enumerate(words) if _whole_part(words, word)}
    taken |= {0} if words[0].text in TOOLS else set()
    left = [at for at in range(len(words)) if at not in taken]
    if not left:
        return ""
    if left == list(range(left[0], left[-1] + 1)):
        return name[words[left[0]].start : words[left[-1]].end]
    return "_".join(name[words[at].start : words[at].end] for at in left)


def _run(words: Sequence[MetricTerm], at: int, step: int) -> Sequence[int]:
    """Return the words next to *at*, in one direction, that are no part of a feature's name."""
    found: list[int] = []
    at += step
    while 0 <= at < len(words) and words[at].text in (AFTER if step > 0 else BEFORE):
        found.append(at)
        at += step
    if step > 0 and all(word.text in BESIDE for word in words[at:]):
        found.extend(range(at, len(words)))  # psi_max, but not psi_max_age
    return found


def _whole_part(words: Sequence[MetricTerm], word: MetricTerm) -> bool:
    """Return whether the part of the path that *word* is in has nothing but words beside."""
    if words[-1].part == 0:
        return False
    beside = BESIDE | DRIFT | PLACES
    return all(one.text in beside for one in words if one.part == word.part)
