"""Three versions of a model as a source describes them, on a board that has them."""

import math
from collections.abc import Sequence

from opsboard.adapter import (
    BetterSide,
    Comparand,
    ComparedGroup,
    ComparedMetric,
    Point,
    Series,
)
from opsboard.config.settings import UiSettings
from opsboard.masking import MASK
from opsboard.records import Alias, AnyRecord, Kind, Model, ModelVersion, Ref, Status
from opsboard.ui.navigator import HomeScreen
from opsboard.ui.screens.comparison import ComparisonScreen
from tests.ui.app_harness import AppHarness
from tests.ui.sample_board import NOW, stage_board
from tests.ui.start_screens import filled

MODEL = "product-ranker"
_KNOWN = {"ndcg": BetterSide.HIGHER, "loss": BetterSide.LOWER, "latency_p99_ms": BetterSide.LOWER}
_VALUES = {
    "6": {"ndcg": 0.68648, "loss": 0.27216, "latency_p99_ms": 41.0, "coverage": 0.91},
    "7": {"ndcg": 0.69070, "loss": 0.26528, "latency_p99_ms": 63.0, "coverage": 0.88},
    "8": {"ndcg": 0.68100, "loss": math.nan, "coverage": 0.91},
}
_ALIASES = {"6": "champion", "7": "challenger"}
_URI = "s3://harbourside-ml/orders/{}/part-00000-of-00128.snappy.parquet?snapshot=4711"


def version(number: str) -> ModelVersion:
    """Return the record of a version."""
    return ModelVersion(
        source="mlflow", id=f"{MODEL}/{number}", name=f"{MODEL} v{number}", status=Status.OK,
        model=MODEL, version=number, aliases=tuple(filter(None, [_ALIASES.get(number)])),
        created_at=NOW, environment="production" if number == "6" else "",
    )  # fmt: skip


def comparand(number: str) -> Comparand:
    """Return version *number* as one side of a comparison."""
    metrics = tuple(
        ComparedMetric(name=name, value=value, better=_KNOWN.get(name, BetterSide.UNKNOWN), step=30)
        for name, value in _VALUES[number].items()
    )
    params = {"lr": {"6": "0.03"}.get(number, "0.01"), "epochs": {"6": "20"}.get(number, "35")}
    same = {f"layer_{at}": "128" for at in range(18)}
    signature = ComparedGroup(
        title="Signature", pairs=(("inputs", "query: string, price: double"),)
    )
    return Comparand(
        ref=version(number).ref,
        title=f"v{number}",
        subject=MODEL,
        note=_ALIASES.get(number, ""),
        leads=number == "6",
        environment="production" if number == "6" else "",
        created_at=NOW,
        metrics=metrics,
        more_metrics=12 if number == "8" else 0,
        groups=(
            ComparedGroup(
                title="Parameters", pairs=tuple({**params, **same, "api_key": MASK}.items())
            ),
            ComparedGroup(
                title="Data sets",
                pairs=(
                    ("training", f"orders-2026-{10 + (number != '6')}"),
                    ("from", _URI.format(number)),
                ),
            ),
            ComparedGroup(title="Signature", unknown="no MLmodel file")
            if number == "8"
            else signature,
        ),
    )


def many(count: int, params: int = 4, value: str = "{side}.{at}") -> list[Comparand]:
    """Return *count* versions with metrics, and so many parameters, all of which differ."""
    metrics = {"ndcg_at_10": (0.61, 0.013), "loss": (0.31, -0.004), "latency_p99_ms": (41.0, 2.5)}
    known = {**_KNOWN, "ndcg_at_10": BetterSide.HIGHER}
    return [
        Comparand(
            ref=Ref("mlflow", Kind.MODEL_VERSION, f"{MODEL}/{side}"),
            title=f"v{side}",
            subject=MODEL,
            note="champion" if side == 1 else "",
            leads=side == 1,
            created_at=NOW,
            metrics=tuple(
                ComparedMetric(name=name, value=first + side * step, better=known[name])
                for name, (first, step) in metrics.items()
            ),
            groups=(
                ComparedGroup(
                    title="Parameters",
                    pairs=tuple(
                        (f"param_{at}", value.format(side=side, at=at)) for at in range(params)
                    ),
                ),
            ),
        )
        for side in range(1, count + 1)
    ]


def stage_of(sides: Sequence[Comparand], settings: UiSettings | None = None) -> AppHarness:
    """Return the app on the comparison of *sides*."""
    harness = AppHarness(
        lambda context: ComparisonScreen(context, [side.ref for side in sides]), settings
    )
    harness.feed.sides = {side.ref: side for side in sides}
    return harness


def points(number: str, metric: str) -> Series:
    """Return the values of *metric* over its steps; version 8 stopped early."""
    last = _VALUES[number].get(metric, 0.5)
    count = 12 if number == "8" else 31
    return Series(
        title=metric,
        points=tuple(
            Point(value=last * (1 - 0.5 * math.exp(-at / (5 + int(number) / 2))), step=at)
            for at in range(count)
        ),
    )


def stage(home: HomeScreen, settings: UiSettings | None = None) -> AppHarness:
    """Return the app on a board with a model of three versions, of which the sixth serves."""
    versions = [version(number) for number in _VALUES]
    model = Model(
        source="mlflow", id=MODEL, name=MODEL, status=Status.OK, latest="8", serving="6",
        versions=8, aliases=(Alias("champion", "6"),), environment="production",
    )  # fmt: skip
    records: list[AnyRecord] = [model, *versions]
    harness = AppHarness(home, settings, board=filled(stage_board(), records))
    harness.feed.sides = {version(number).ref: comparand(number) for number in _VALUES}
    harness.feed.series = {
        version(number).ref: [points(number, name) for name in _VALUES[number]]
        for number in _VALUES
    }
    return harness
