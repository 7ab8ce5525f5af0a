"""What a thing was before it changed: config by its entries, data by its old digest."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from opsboard.history.change_summary import ChangeKind, summarize
from opsboard.history.model import Transition
from opsboard.history.relations import index_before, relations_of
from opsboard.records import ConfigObject, Image, ModelVersion, Record, stated
from opsboard.records.identity import dataset, image, model_alias

AT = datetime(2026, 11, 27, 14, 2, tzinfo=UTC)
CONFIG = ConfigObject(
    source="k8s", id="c/shop/Secret/cart", name="cart", cluster="c", namespace="shop",
    object="Secret", keys=("PASSWORD",), version="1", manager="helm", changed_at=AT,
)  # fmt: skip


@pytest.mark.parametrize(
    ("after", "says"),
    [
        (replace(CONFIG, version="2"), "changed by helm"),
        (replace(CONFIG, version="2", manager="kubectl-edit"), "changed by kubectl-edit"),
        (replace(CONFIG, version="2", keys=("PASSWORD", "USER")), "+USER by helm"),
        (replace(CONFIG, version="2", keys=("USER",)), "-PASSWORD +USER by helm"),
    ],
)
def test_a_value_that_is_another_is_a_change_whoever_made_it(
    after: ConfigObject, says: str
) -> None:
    told = summarize(CONFIG, after)
    assert told is not None
    assert (told.kind, told.after, told.alters) == (ChangeKind.CONFIG, says, True)


def _changed(before: Record, after: Record) -> Transition:
    return Transition(1, before.ref, before.source, AT, AT, before, after)


def test_what_was_made_of_the_old_content_is_joined_to_what_has_changed() -> None:
    table = Image(
        source="r", id="t", name="t", registry="r", repository="t", digest="d",
        outputs=stated(dataset("wine", "a" * 32, "store")),
    )  # fmt: skip
    now = replace(table, outputs=stated(dataset("wine", "b" * 32, "store")))
    version = ModelVersion(
        source="ml", id="m/1", name="m v1", model="m", version="1",
        inputs=stated(dataset("wine", "a" * 32, "MLflow dataset input")),
    )  # fmt: skip
    unchanged = relations_of(index_before([now, version], []), version.ref)
    assert table.ref not in unchanged
    found = relations_of(index_before([now, version], [_changed(table, now)]), version.ref)
    assert not found[table.ref].candidate


def test_a_name_that_was_moved_joins_what_it_names_now() -> None:
    old, new = (
        ModelVersion(
            source="ml", id=f"m/{number}", name=f"m v{number}", model="m", version=str(number),
            updated_at=AT + timedelta(number),
        )
        for number in (1, 2)
    )  # fmt: skip
    named = stated(model_alias("https://ml.example", "m", "champion", "alias"))
    served = Image(
        source="k", id="d", name="d", registry="r", repository="d", digest="d", inputs=named,
        outputs=stated(image("sha256:" + "0" * 64, "x")),
    )  # fmt: skip
    moved = _changed(replace(old, outputs=named), old)
    index = index_before([old, replace(new, outputs=named), served], [moved])
    found = relations_of(index, served.ref)
    assert new.ref in found
    assert old.ref not in found
