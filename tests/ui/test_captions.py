"""What a screen says that it shows, in the width that there is; and when something was."""

from datetime import UTC, datetime, timedelta

import pytest

from opsboard.history.change_kind import ChangeKind
from opsboard.history.timeline import TimelineEvent
from opsboard.records import Kind, Ref, Status, listed_ref
from opsboard.ui.messages import ChoiceOption
from opsboard.ui.render.timeline_lines import aside
from opsboard.ui.render.timeline_rows import event_row
from opsboard.ui.screens.choice import choice_rows
from opsboard.ui.theme.glyphs import UNICODE
from opsboard.ui.theme.styles import Styles
from opsboard.ui.theme.theme_files import built_in_theme
from opsboard.ui.widgets.caption import Caption, StatePart, kind_text
from tests.ui.app_harness import AppHarness
from tests.ui.start_screens import detail

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


async def test_a_long_state_leaves_the_title_its_share() -> None:
    stage = AppHarness(detail)
    async with stage.showing("Jobs"):
        caption = stage.app.screen.query_one(Caption)
        caption.set_state("5 pods, 197 of 8,015 lines, filter level>=warn, " * 3, title="checkout")
        for width in (80, 120):
            assert " checkout 5 pods" in caption.line(width).plain
            assert caption.line(width).cell_len == width
        caption.set_state("the end", title="a-name-that-is-long" * 3)
        assert "a-name-that-is-long" * 3 in caption.line(80).plain


async def test_what_matters_least_of_a_state_is_left_out_first_and_whole() -> None:
    stage = AppHarness(detail)
    parts = [
        StatePart("5 pods x1", 1),
        StatePart("197 of 8,015 lines", 3),
        StatePart("filter level>=warn", 5),
        StatePart("400 older dropped", 7),
        StatePart("not following"),
    ]
    async with stage.showing("Jobs"):
        caption = stage.app.screen.query_one(Caption)
        caption.set_parts(parts, title="checkout")

        def told(width: int) -> list[str]:
            line = caption.line(width)
            assert line.cell_len == width
            said = line.plain.split("checkout", 1)[-1].strip()
            return said.split(", ")

        assert told(120) == [part.text for part in parts]
        first, lines, _filter, _dropped, pace = [part.text for part in parts]
        assert told(92) == [first, lines, "filter level>=warn", pace]
        assert told(80) == [first, lines, pace]
        assert told(40)[-1] == pace


@pytest.mark.parametrize(
    ("ref", "text"),
    [
        (Ref("kube", Kind.CRON_JOB, "a"), "cron job"),
        (listed_ref("kube", "ingresses.networking.k8s.io", "eu/shop/a"), "ingress"),
        (listed_ref("mlflow", "training-runs", "4"), "training run"),
    ],
)
def test_what_a_record_is_is_told_in_words_of_its_server(ref: Ref, text: str) -> None:
    assert kind_text(ref) == text


@pytest.mark.parametrize(
    ("stretch", "note"),
    [
        (timedelta(seconds=41), "between 11:59:19 and 12:00:00"),
        (timedelta(minutes=10), "between 11:50 and 12:00"),
    ],
)
def test_between_two_times_is_never_between_one_and_the_same(stretch: timedelta, note: str) -> None:
    event = TimelineEvent(NOON, ChangeKind.STATUS, Status.OK, "cart", earliest=NOON - stretch)
    assert event_row(event, UTC).note == note


@pytest.mark.parametrize(
    ("room", "words"),
    [(40, "dana, between 11:50 and 12:00"), (20, "dana, after 11:50"), (16, "dana"), (3, "dana")],
)
def test_half_of_a_note_is_none(room: int, words: str) -> None:
    since = NOON - timedelta(minutes=10)
    row = event_row(TimelineEvent(NOON, ChangeKind.STATUS, Status.OK, "cart", earliest=since), UTC)
    assert aside("dana", row, room) == words


@pytest.mark.parametrize("width", [30, 62, 100])
def test_the_notes_of_a_choice_are_in_the_box_beside_or_below_the_labels(width: int) -> None:
    styles = Styles(built_in_theme("dark"), UNICODE)
    label = "certificates.cert-manager.io"
    choices = [ChoiceOption(label, label, ":certificate :cert · in namespaces · clusters")]
    rows = [row.text.plain for row in choice_rows(choices, styles, width)]
    assert all(len(line) <= max(width, len(label) + 6) for line in rows)
    assert " ".join(" ".join(rows).split()) == f"1 {label} {choices[0].note}"
    assert ("cert" in rows[0].replace(label, "")) is (width > len(label) + 38)
