"""The methods by which drift is measured, as the libraries that log them name them.

The names are those of Evidently 0.7 (``legacy/calculations/stattests``), NannyML 0.13
(``drift/univariate/methods.py``), alibi-detect 0.13 (``cd/base.py``) and SciPy; so are the default
thresholds. A measure whose scale is that of the data or that depends on how many values there are
(a Wasserstein distance that is not normed, an energy distance, the statistic of a test) has no
threshold by itself: it is shown, and judged only by one that is told.
"""

from dataclasses import dataclass
from typing import Final, Literal

EVIDENTLY: Final = "Evidently's default"
CONVENTION: Final = "a common convention"


@dataclass(frozen=True, slots=True)
class DriftMethod:
    """A way to measure drift, and the *phrases* that name it: words in lower case.

    *threshold* is that of the distance, for *origin*; it counts only where one of *needs* is
    among the other words. *p_threshold* is that of the p-value of the test. *bare* says what the
    name alone is: a ``distance`` (or the statistic of a test, which grows with drift too), a
    ``p-value``, or ``""`` where libraries do not agree. Then a word has to say it, and where
    nothing drifts by the *statistic* that is so of the p-value only. What is *trained* by is a
    loss as well, and measures no drift there.
    """

    title: str
    phrases: tuple[tuple[str, ...], ...]
    threshold: float | None = None
    origin: str = EVIDENTLY
    p_threshold: float = 0.05
    bare: Literal["distance", "p-value", ""] = "distance"
    statistic: bool = True
    trained: bool = False
    needs: frozenset[str] = frozenset()


def _phrases(*texts: str) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted((tuple(one.split()) for one in texts), key=len, reverse=True))


METHODS: Final = (
    DriftMethod(
        "PSI",
        _phrases("psi", "population stability index", "population stability", "stability index"),
        0.25, CONVENTION,
    ),
    DriftMethod(
        "CSI", _phrases("csi", "characteristic stability index", "characteristic stability"),
        0.25, CONVENTION,
    ),
    DriftMethod(
        "Jensen-Shannon",
        _phrases("js", "jsd", "jensen shannon", "jensenshannon", "jsdivergence", "jsdistance"),
        0.1, trained=True,
    ),
    DriftMethod(
        "Kullback-Leibler",
        _phrases("kl", "kld", "kldiv", "kldivergence", "kullback leibler", "kullbackleibler"),
        0.1, trained=True,
    ),
    DriftMethod("Hellinger", _phrases("hellinger"), 0.1, trained=True),
    DriftMethod(
        "Wasserstein",
        _phrases(
            "wasserstein", "wassersteindistance", "earth mover", "earth movers", "emd",
        ),
        0.1, trained=True, needs=frozenset({"normed", "normalized", "normalised", "norm"}),
    ),
    DriftMethod("energy distance", _phrases("energy distance", "energydistance"), trained=True),
    DriftMethod(
        "total variation",
        _phrases("tvd", "total variation distance", "total variation"),
        p_threshold=0.1, trained=True,
    ),
    DriftMethod("L-infinity", _phrases("l infinity", "linfinity", "linf"), trained=True),
    DriftMethod("Bhattacharyya", _phrases("bhattacharyya"), trained=True),
    DriftMethod("empirical MMD", _phrases("empirical mmd"), p_threshold=0.1, bare="p-value"),
    DriftMethod(
        "MMD", _phrases("mmd", "mmd2", "maximum mean discrepancy"),
        p_threshold=0.1, trained=True,
    ),
    DriftMethod("LSDD", _phrases("lsdd"), trained=True),
    DriftMethod("Kolmogorov-Smirnov", _phrases("kolmogorov smirnov", "kolmogorovsmirnov")),
    DriftMethod("Kolmogorov-Smirnov", _phrases("ks", "ks2", "ks 2 samp", "ks2 samp"), bare=""),
    DriftMethod(
        "chi-square",
        _phrases("chi2", "chi 2", "chisq", "chisquare", "chisquared", "chi square", "chi squared"),
    ),
    DriftMethod(
        "Cramér-von Mises",
        _phrases("cvm", "cramer von mises", "cramervonmises", "cramer vonmises"),
        p_threshold=0.1, bare="",
    ),
    DriftMethod(
        "Anderson-Darling",
        _phrases("anderson darling", "andersondarling", "anderson", "anderson ksamp"),
        p_threshold=0.1, bare="",
    ),
    DriftMethod(
        "Mann-Whitney",
        _phrases("mannw", "mann whitney", "mannwhitney", "mann whitney u", "mannwhitneyu"),
        statistic=False, bare="",
    ),
    DriftMethod("Epps-Singleton", _phrases("epps singleton", "eppssingleton"), bare=""),
    DriftMethod("t-test", _phrases("t test", "ttest", "t"), bare="", statistic=False),
    DriftMethod("z-test", _phrases("z test", "ztest", "z"), bare="", statistic=False),
    DriftMethod(
        "G-test", _phrases("g test", "gtest", "g"), p_threshold=0.1, bare="", statistic=False
    ),
    DriftMethod(
        "Fisher exact", _phrases("fisher exact", "fisher"),
        p_threshold=0.1, bare="", statistic=False,
    ),
    DriftMethod(
        "domain classifier",
        _phrases("domain classifier auroc", "domain classifier", "domain classifier auc"),
        0.65, "NannyML's default",
    ),
    DriftMethod("reconstruction error", _phrases("reconstruction error"), trained=True),
    DriftMethod("Cramér's V", _phrases("cramers v", "cramer v", "cramersv")),
    DriftMethod(
        "distribution shift",
        _phrases(
            "covariate shift", "distribution shift", "dataset shift", "data shift", "label shift",
            "concept shift",
        ),
    ),
    DriftMethod("text content (absolute)", _phrases("abs text content drift"), 0.55),
    DriftMethod("text content (percentile)", _phrases("perc text content drift"), 0.95),
)  # fmt: skip
"""In the order in which they are looked for. SOURCES of thresholds: a population stability index
above 0.25 is commonly held to be a significant shift (0.1 to 0.25 a moderate one); 0.1 is
Evidently's for its distances and for its Anderson-Darling, Cramér-von Mises, Fisher, G and MMD
tests, 0.05 for its other tests, and that of alibi-detect and NannyML for all; 0.65 is the upper
one of NannyML's domain classifier."""
