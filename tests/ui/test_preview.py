"""The preview beside the list: at once what the board knows, then what others tell, one by one."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from opsboard.adapter import Detail, Fact, Facts, Grid, GridRow, LogLine, Point, Series
from opsboard.board.delta import BoardDelta
from opsboard.board.state import Board
from opsboard.lineage.chain import Chain, chain, chain_root
from opsboard.records import Kind, Pod, Record, Ref, Status
from opsboard.records.claims import stated
from opsboard.records.identity import workload
from opsboard.ui.render.chain_line import chain_line
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.preview_lines import _change
from opsboard.ui.render.verdict_rows import RemedyKey, remedy_rows
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.theme.styles import default_styles
from opsboard.ui.widgets.preview import ASK_AFTER, PAINT_AFTER, WIDEST, Preview, width_beside
from tests.ui.app_harness import AppHarness, FakeFeed, until
from tests.ui.fake_actions import FakeActs
from tests.ui.sample_board import NOW, stage_board
from tests.ui.sample_history import CHAIN, CHECKOUT
from tests.ui.start_screens import filled
from tests.ui.test_services import stage

WIDE = (140, 40)
POD = Pod(
    source="kube-prod", id="p9", name="checkout-f7-9k2", status=Status.FAILED,
    reason="CrashLoopBackOff", cluster="prod-eu", namespace="shop", owner="ReplicaSet/checkout-f7",
    containers=1, restarts=12,
    inputs=stated(
        workload("https://prod-eu.example", "shop", "Deployment", "checkout", "owner reference")
    ),
)  # fmt: skip
DETAIL = Detail(
    record=CHECKOUT,
    sections=(
        Facts(title="Roll-out", facts=(Fact(label="x", value="y"),)),
        Grid(
            title="Conditions", columns=("type", "why", "since"),
            rows=(GridRow(cells=("Available", "3 of 4", f"{NOW - timedelta(hours=3):%FT%TZ}"),
                          status=Status.WARNING),
                  GridRow(cells=("Progressing", "ok", ""), status=Status.OK)),
        ),
        Series(title="errors/s", threshold=5.0,
               points=tuple(Point(value=float(at), step=at) for at in range(12))),
    ),
)  # fmt: skip


class _Feed(FakeFeed):
    """A source whose detail waits for the :attr:`gate`, and whose pods have logs."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.ends = True
        self.lines = [LogLine(text="starting"), LogLine(text="ERROR KeyError: 'limits.split'")]
        self.detail_of = {CHECKOUT.ref: DETAIL}

    def has_log(self, ref: Ref) -> bool:
        return ref.kind is Kind.POD

    async def detail(self, ref: Ref) -> Detail:
        self.asked.append(ref)
        await self.gate.wait()
        return await super().detail(ref)


class _LogsOfAll(_Feed):
    """A source that has a log of the workload as well."""

    def has_log(self, ref: Ref) -> bool:
        return ref.kind in {Kind.POD, CHECKOUT.ref.kind}


def _stage(
    acts: FakeActs | None = None, feed: _Feed | None = None, pods: Sequence[Pod] = (POD,)
) -> tuple[AppHarness, _Feed]:
    app = stage(acts=acts)
    filled(app.board, [*CHAIN, *pods])
    feed = feed or _Feed()
    object.__setattr__(app.app.context, "feed", feed)
    object.__setattr__(app.app.context, "zone", UTC)
    return app, feed


def _preview(app: AppHarness) -> str:
    """Return what stands to the right of the panes."""
    preview = app.app.screen.query_one(Preview)
    left = preview.region.x
    return "\n".join(line[left:] for line in app.text.splitlines())


def _plain(app: AppHarness) -> str:
    """Return the preview without what fills its lines."""
    return "\n".join(line.rstrip() for line in _preview(app).splitlines())


async def test_what_the_board_knows_is_painted_before_anybody_has_answered() -> None:
    app, feed = _stage(FakeActs(CHECKOUT))
    async with app.showing("5 Services", WIDE) as pilot:
        await until(pilot, lambda: "Changed before" in _preview(app) and bool(feed.asked))
        shown = _preview(app)
        for words in ("checkout", "production", "CrashLoopBackOff  since", "3/4", "v56", "Chain"):
            assert words in shown
        assert " B  Roll back" in shown  # the key that mends it
        assert "v55 → v56" in shown  # what changed before, from the ledger
        assert "not watched" in shown
        await until(pilot, lambda: "Last words of  checkout-f7-9k2" in _preview(app))
        assert "KeyError: 'limits.split'" in _preview(app)
        assert "errors/s" not in _preview(app)  # the source has not answered yet
        feed.gate.set()
        await until(pilot, lambda: "errors/s" in _preview(app))
        shown = _preview(app)
        assert "Available  3 of 4  3h" in shown  # no time as a server writes it
        assert "Progressing" not in shown  # only what is wrong
        assert "▁" in shown
        assert shown.index("since") < shown.index("Roll back") < shown.index("Changed before")
        assert shown.index("Changed before") < shown.index("Last words") < shown.index("Chain")


async def test_what_is_mended_takes_its_last_words_along() -> None:
    app, feed = _stage()
    feed.gate.set()
    async with app.showing("5 Services", WIDE) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "Last words" in _preview(app) and "Available" in _preview(app))
        mended = [replace(one, status=Status.OK, reason="", message="") for one in (CHECKOUT, POD)]
        filled(app.board, mended)
        changed = {one.ref.kind: {one.ref} for one in mended}
        app.app.screen.query_one(Preview).board_changed(BoardDelta(changed, {}, frozenset()))
        await until(pilot, lambda: "Last words" not in _preview(app))
        await until(pilot, lambda: "Available" not in _preview(app))


async def test_the_last_words_are_of_the_pod_that_fails_as_soon_as_the_board_has_it() -> None:
    app, feed = _stage(feed=_LogsOfAll(), pods=())
    async with app.showing("5 Services", WIDE) as pilot:
        preview = app.app.screen.query_one(Preview)
        await until(pilot, lambda: bool(feed.asked))  # its words are heard, its detail is not yet
        assert "Last words of  checkout\n" in _plain(app)
        filled(app.board, [POD])
        preview.board_changed(BoardDelta({Kind.POD: {POD.ref}}, {}, frozenset()))
        await pilot.pause(PAINT_AFTER * 2)
        feed.gate.set()
        await until(pilot, lambda: "Last words of  checkout-f7-9k2" in _plain(app))
        await until(pilot, lambda: preview.is_at_rest)
        asked = len(feed.asked)
        preview.board_changed(BoardDelta({Kind.POD: {POD.ref}}, {}, frozenset()))
        await pilot.pause(PAINT_AFTER + ASK_AFTER * 2)
        assert len(feed.asked) == asked  # nothing else fails now


async def test_who_moves_on_asks_no_more_about_what_was_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app, feed = _stage()
    async with app.showing("5 Services", WIDE) as pilot:
        await until(pilot, lambda: bool(feed.asked))
        await pilot.press("j")
        await until(pilot, lambda: "product-ranker" in _preview(app).splitlines()[1])
        preview = app.app.screen.query_one(Preview)
        workers = [one for one in app.app.workers if one.group == "preview"]
        await until(pilot, lambda: all(one.is_finished or one.is_cancelled for one in workers))
        feed.gate.set()
        assert CHECKOUT.ref not in {ref for ref, heard in preview._heard.items() if heard.complete}
        await until(pilot, lambda: preview.is_at_rest)
        asked = len(feed.asked)
        monkeypatch.setattr("opsboard.ui.widgets.preview.ASK_AFTER", 3600.0)  # however slow it is
        await pilot.press("j", "k", "j", "k")  # without a rest nothing is asked
        assert len(feed.asked) == asked


async def test_a_board_that_changes_all_the_time_puts_nothing_off_and_asks_once() -> None:
    app, feed = _stage()
    changes = BoardDelta({Kind.POD: {POD.ref}}, {}, frozenset())
    async with app.showing("5 Services", WIDE) as pilot:
        preview = app.app.screen.query_one(Preview)

        def changing() -> bool:
            preview.board_changed(changes)
            return bool(feed.asked)

        await until(pilot, changing)
        assert preview._listener is not None
        for _ in range(50):
            changing()
            await pilot.pause(0.01)
        assert len(feed.asked) == 1


async def test_where_there_is_no_room_nothing_is_asked_and_enter_does_it() -> None:
    app, feed = _stage()
    async with app.showing("5 Services", (80, 24)) as pilot:
        preview = app.app.screen.query_one(Preview)
        assert not preview.is_seen
        await pilot.press("j", "k")
        await pilot.resize_terminal(140, 40)
        await until(pilot, lambda: preview.is_seen and bool(feed.asked))
        await pilot.resize_terminal(80, 24)
        await app.does(pilot, "enter", then="Environments")


async def test_it_is_of_the_pane_in_focus_and_gone_where_one_pane_has_all_the_room() -> None:
    app, _ = _stage()
    async with app.showing("5 Services", WIDE) as pilot:
        await pilot.press("1")
        await until(pilot, lambda: "shop/api #412" in _preview(app) or "build" in _preview(app))
        board = app.app.screen
        assert isinstance(board, BoardScreen)
        await pilot.press("z")
        await until(pilot, lambda: not board.query_one(Preview).is_seen)


def _chain(board: Board, record: Record) -> Chain:
    return chain(board.lineage, chain_root(board.lineage, record))


def test_each_arrow_of_a_chain_in_a_line_is_an_edge_that_there_is() -> None:
    board = filled(stage_board(), [*CHAIN, POD])
    found = chain(board.lineage, CHECKOUT.ref)
    page = PageFormat(default_styles(), NOW, 400)
    names, rules = (line.plain for line in chain_line(board, _chain(board, CHECKOUT), page))
    assert names.split("  +")[0].split() == [
        "fa2dec5", "─→", "checkout", "deploy", "#11", "─→", "sha256:9ab49ab49ab4", "─→", "checkout",
        "─→", "checkout-f7-9k2",
    ]  # fmt: skip
    assert "by pod imageID" in rules
    assert "candidate" not in rules  # the surest ones are on the line
    assert any(edge.is_candidate for edge in found.edges)


def test_rules_of_a_chain_that_are_too_many_end_in_a_mark_of_what_is_cut() -> None:
    board = filled(stage_board(), [*CHAIN, POD])
    found = _chain(board, CHECKOUT)
    styles = default_styles()
    whole = chain_line(board, found, PageFormat(styles, NOW, 400))[-1].plain.strip()
    narrow = chain_line(board, found, PageFormat(styles, NOW, 30))
    told = " ".join(line.plain.strip() for line in narrow[-2:])
    assert told.endswith(styles.glyphs.ellipsis)
    assert whole.startswith(told.removesuffix(styles.glyphs.ellipsis))
    assert all(line.cell_len < 30 for line in narrow[-2:])


def test_a_guess_is_drawn_broken() -> None:
    drift_only = [one for one in CHAIN if one.kind in (Kind.DRIFT, Kind.DEPLOYMENT)]
    bare = [one for one in drift_only if one.ref == CHECKOUT.ref]
    only_a_guess = [type(one)(**{**one.__dict__, "inputs": one.inputs[1:]}) for one in bare]
    board = filled(stage_board(), only_a_guess)
    page = PageFormat(default_styles(), NOW, 400)
    names, rules = (line.plain for line in chain_line(board, _chain(board, only_a_guess[0]), page))
    assert "┈→" in names
    assert "candidate: env MODEL_URI" in rules


async def test_a_page_has_the_last_words_of_what_fails_and_beside_it_what_changed() -> None:
    app, feed = _stage(FakeActs(CHECKOUT))
    failing = Grid(
        title="Pods", columns=("pod",), rows=(GridRow(cells=(POD.name,), status=Status.FAILED),)
    )
    feed.detail_of = {CHECKOUT.ref: Detail(record=CHECKOUT, sections=(*DETAIL.sections, failing))}
    feed.gate.set()
    async with app.showing("5 Services", (160, 40)) as pilot:
        await pilot.press("2", "2", "slash", *"checkout", "enter", "enter")
        await app.sees(pilot, "Last words of  checkout-f7-9k2")
        await app.sees(pilot, "Changed before")
        shown = app.text
        words = ["since", "Pods  1", "Last words of", "ERROR KeyError", "Roll-out"]
        places = [shown.index(word) for word in words]
        assert places == sorted(places)
        for beside in ("Changed before", "Chain"):
            line = next(line for line in shown.splitlines() if beside in line)
            assert line.index(beside) > 96
        await pilot.resize_terminal(120, 36)
        await until(pilot, lambda: "Changed before" not in app.text)
        assert "KeyError: 'limits.split'" in app.text


async def test_a_page_has_the_last_words_of_a_pod_that_came_after_it() -> None:
    app, feed = _stage(feed=_LogsOfAll(), pods=())
    feed.gate.set()
    async with app.showing("5 Services", (160, 40)) as pilot:
        await pilot.press("2", "2", "slash", *"checkout", "enter", "enter")
        await until(pilot, lambda: re.search(r"Last words of  checkout(?!-)", app.text) is not None)
        filled(app.board, [POD])
        await app.does(pilot, "r", then="Last words of  checkout-f7-9k2")


async def test_a_high_preview_has_the_whole_chain_and_a_low_one_its_main_line() -> None:
    app, feed = _stage(FakeActs(CHECKOUT))
    feed.gate.set()
    async with app.showing("5 Services", (200, 60)) as pilot:
        await pilot.press("2", *"/checkout", "enter")
        await until(pilot, lambda: "candidate: env MODEL_URI" in _preview(app))
        assert "─→" not in _preview(app)
        await pilot.resize_terminal(160, 30)
        await until(pilot, lambda: "─→ checkout-f7-9k2" in _preview(app))
        assert "env MODEL_URI" not in _preview(app)


async def test_a_wide_screen_gives_its_columns_to_the_lists() -> None:
    app, feed = _stage(FakeActs(CHECKOUT))
    feed.gate.set()
    async with app.showing("5 Services", (240, 60)) as pilot:
        await until(pilot, lambda: " B  Roll back" in _preview(app))
        preview = app.app.screen.query_one(Preview)
        assert preview.region.width <= WIDEST < 240 * 2 // 5
        assert width_beside(240) == WIDEST


async def test_what_changed_is_read_before_who_did_it() -> None:
    page = PageFormat(default_styles(), NOW, 40)
    (long,) = _change("14:01", "│", "alias product-ranker champion v5", "emre", page)
    assert long.text.plain == "  14:01 │ alias product-ranker champio…"
    (short,) = _change("14:01", "│", "alias champion v5 → v6", "emre", page)
    assert short.text.plain.endswith("v6  emre")


def test_what_mends_it_is_broken_below_its_own_words_where_there_is_room() -> None:
    page = PageFormat(default_styles(), NOW, 44)
    key = RemedyKey("B", "Roll back", "Go back to the one before it")
    (cut,) = (row.text.plain for row in remedy_rows(key, page))
    assert cut == "  B  Roll back  Go back to the one before …"
    broken = [row.text.plain for row in remedy_rows(key, page, most=2)]
    assert broken == ["  B  Roll back  Go back to the one before", f"{' ' * 16}it"]


class _Unread:
    """Joins that nobody may read."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"the joins were read for {name}")


async def test_a_tick_of_the_clock_lets_ages_go_on_and_finds_no_join_anew() -> None:
    app, feed = _stage()
    feed.gate.set()
    async with app.showing("5 Services", WIDE) as pilot:
        preview = app.app.screen.query_one(Preview)
        await until(pilot, lambda: "Chain" in _preview(app))
        await until(pilot, lambda: preview.is_at_rest)
        before, chained = _preview(app), _preview(app).partition("Chain")[2]
        app.clock.time += timedelta(hours=3)
        joins = app.board.lineage
        setattr(app.board, "_lineage", _Unread())  # noqa: B010 - it has no setter
        preview.tick()
        setattr(app.board, "_lineage", joins)  # noqa: B010 - before anything else has its turn
        await until(pilot, lambda: _preview(app) != before)
        assert _preview(app).partition("Chain")[2] == chained


async def test_a_chart_by_time_has_what_was_done_at_its_place() -> None:
    app, feed = _stage()
    points = tuple(Point(value=float(at % 7), at=NOW - timedelta(minutes=at)) for at in range(400))
    series = Series(title="errors/s", points=points, axis="time")
    feed.detail_of = {CHECKOUT.ref: Detail(record=CHECKOUT, sections=(series,))}
    feed.gate.set()
    async with app.showing("5 Services", (120, 50)) as pilot:
        await pilot.press("2", "2", "slash", *"checkout", "enter", "enter")
        await app.sees(pilot, "↑ ")
        lines = app.text.splitlines()
        rule = next(line for line in lines if "└──" in line)
        above = next(line for line in lines if "↑ v55 → v56" in line)
        start, end = rule.index("└"), rule.rindex("─")
        hour_ago = start + (end - start) * (399 - 60) / 399
        assert abs(above.index("↑ v55 → v56") - hour_ago) <= 1
        assert "by time" in app.text


async def test_a_high_preview_has_more_of_each_part() -> None:
    app, feed = _stage()
    feed.lines = [LogLine(text=f"ERROR number {number}") for number in range(30)]
    feed.gate.set()
    async with app.showing("5 Services", (200, 60)) as pilot:
        await until(pilot, lambda: "ERROR number 29" in _preview(app))
        assert _preview(app).count("ERROR number") > 10
