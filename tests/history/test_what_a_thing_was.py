"""What a thing was before it changed: config by its entries, data by its old digest."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from opsboard.history.change_kind import ChangeKind
from opsboard.history.change_summary import summarize
from opsboard.history.meaning import differs
from opsboard.history.model import Transition
from opsboard.history.packing import layout_of, pack, unpack
from opsboard.history.relations import index_before, relations_of
from opsboard.records import ConfigObject, Image, Kind, ModelVersion, Pod, Record, stated
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


def _config(version: str = "1", manager: str = "helm", **entries: str) -> ConfigObject:
    """Return a ConfigMap whose entries have these hashes."""
    return replace(
        CONFIG, version=version, manager=manager, keys=tuple(entries), hashes=tuple(entries.items())
    )


@pytest.mark.parametrize(
    ("before", "after", "says", "alters"),
    [
        (
            _config(timeout="k1:1", split="k1:2", same="k1:3"),
            _config("2", timeout="k1:4", split="k1:5", same="k1:3", burst="k1:6"),
            "2 keys changed: timeout, split; 1 added: burst by helm",
            True,
        ),
        (_config(a="k1:1", b="k1:2"), _config("2", a="k1:3"),
         "1 key changed: a; 1 removed: b by helm", True),
        (_config(a="k1:1"), _config("2", manager="", a="k1:2"), "1 key changed: a", True),
        (_config(a="k1:1"), _config(a="k1:2"), "1 key changed: a by helm", True),
        (_config(**{f"k{n}": "k1:1" for n in range(5)}),
         _config("2", **{f"k{n}": "k1:2" for n in range(5)}),
         "5 keys changed: k0, k1, k2 and 2 more by helm", True),
        # a label of the same manager: the hashes say that no value is another
        (_config(a="k1:1"), _config("2", a="k1:1"), "no value changed by helm", False),
        # another key of the hashes, or none before: nothing is known of the values
        (_config(a="k1:1"), _config("2", a="k2:7"), "changed by helm", True),
        (replace(_config(a="k1:1"), hashes=()), _config("2", a="k1:1"), "changed by helm", True),
    ],
)  # fmt: skip
def test_by_their_hashes_it_is_known_which_entries_are_others(
    before: ConfigObject, after: ConfigObject, says: str, alters: bool
) -> None:
    told = summarize(before, after)
    assert (told.kind, told.after, told.alters) == (ChangeKind.CONFIG, says, alters)


def test_hashes_of_another_key_are_no_change() -> None:
    told = summarize(_config(a="k1:1"), _config(a="k2:7"))
    assert told.minor
    assert not told.alters


def _owned(version: str, manager: str, **owners: str) -> ConfigObject:
    return replace(
        CONFIG, version=version, manager=manager, keys=tuple(owners), owners=tuple(owners.items())
    )


@pytest.mark.parametrize(
    ("after", "says"),
    [
        (_owned("2", "edit", a="helm", b="edit", c="helm"), "b set by edit"),
        (_owned("2", "edit", a="edit", b="edit", c="helm"), "a, b set by edit"),
        (_owned("2", "edit", a="helm", b="edit, helm", c="helm"), "b set by edit"),
        (_owned("2", "helm", a="helm", b="helm", c="helm"), "changed by helm, which sets a, b, c"),
        (_owned("2", "edit", a="helm", b="helm", c="helm", d="edit"), "+d by edit"),
        (_owned("2", "edit", a="helm", c="edit"), "-b c set by edit"),
        (_owned("2", "edit or helm", a="edit", b="helm", c="helm"), "a set by edit"),
        (_owned("2", "edit or helm", a="helm", b="helm", c="helm"), "changed by edit or helm"),
    ],
)
def test_without_hashes_what_a_manager_took_over_was_set_by_it(
    after: ConfigObject, says: str
) -> None:
    before = _owned("1", "helm", a="helm", b="helm", c="helm")
    assert summarize(before, after).after == says


def test_what_a_pod_used_then_is_not_kept() -> None:
    """It would be shown as that of any later time, until the pod changes."""
    pod = Pod(
        source="k8s", id="c/shop/web", name="web", cluster="c", namespace="shop",
        cpu=0.1, memory=1e8, cpu_request=0.2, memory_limit=2e8,
    )  # fmt: skip
    assert not differs(pod, replace(pod, cpu=0.5, memory=None))
    assert differs(pod, replace(pod, cpu_request=0.3))
    layout = layout_of(Pod, Kind.POD)
    kept = unpack(pack(pod, layout), layout, pod.ref)
    assert kept == replace(pod, cpu=None, memory=None)


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
