"""Services: the first pane and a page; keys act on the part that is meant, and name it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from opsboard.adapter import Upsert
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.records import (
    Alert,
    DeploymentWitness,
    Drift,
    Kind,
    Model,
    Ref,
    Service,
    ServiceTarget,
    Status,
)
from opsboard.ui.actions.service_parts import red_part
from opsboard.ui.render.layout import AnyRow
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.detail import DetailScreen
from opsboard.ui.screens.lineage import LineageScreen
from opsboard.ui.screens.service import ServiceScreen
from opsboard.ui.widgets.page_view import PageView
from opsboard.ui.widgets.pane import Pane
from tests.ui.app_harness import AppHarness, until
from tests.ui.fake_actions import FakeActs
from tests.ui.sample_board import BUILD, NOW, stage_board
from tests.ui.sample_history import CHAIN, CHECKOUT, SHA, STAGING, FakeHistory, services
from tests.ui.start_screens import filled
from tests.ui.test_history_screens import SIZES


def stage(some: Sequence[Service] | None = None, acts: FakeActs | None = None) -> AppHarness:
    """Return the board with services as they are given, whatever the board finds itself."""
    board = filled(stage_board(), CHAIN)
    table = board._tables[Kind.SERVICE]
    table.clear()
    table.update({one.ref: one for one in (services() if some is None else some)})
    return AppHarness(BoardScreen, board=board, acts=acts, history=FakeHistory())


@SIZES
async def test_services_are_the_first_pane_and_have_the_focus(size: tuple[int, int]) -> None:
    app = stage()
    async with app.showing("5 Services", size) as pilot:
        screen = app.app.screen
        assert isinstance(screen, BoardScreen)
        assert screen.pane.spec.kind is Kind.SERVICE
        row = next(line for line in app.text.splitlines() if "✗ checkout" in line)
        for word in ("✓✓✗✓", "v57 +4", "3h", "v56", "███▁", "19m"):
            assert word in row
        await pilot.press("1")
        await until(pilot, lambda: screen.pane.spec.id == "builds")
        await pilot.press("5")
        await until(pilot, lambda: screen.pane.spec.kind is Kind.SERVICE)


async def test_where_there_is_no_room_for_titles_each_cell_says_what_it_is_of() -> None:
    app = stage()
    async with app.showing("5 Services", (80, 14)) as pilot:
        pane = app.app.screen.query(Pane).first()
        assert pane.table.is_compact
        row = next(line for line in app.text.splitlines() if "✗ checkout" in line)
        assert row.index("stg v57") < row.index("prod v56")
        await app.does(pilot, "z", then="production")  # the titles, where there is room
        assert not pane.table.is_compact


async def test_columns_stand_one_below_the_other() -> None:
    app = stage()
    async with app.showing("5 Services", (120, 36)):
        lines = app.text.splitlines()
        title = next(line for line in lines if "staging" in line and "production" in line)
        column = title.index("production")
        rows = [line for line in lines if any(f" {s.name} " in line[:20] for s in services())]
        shown = [line[column : column + 3] for line in rows]
        assert {"v56", "v6 ", "v17", "v54"} <= set(shown)


async def test_no_sign_of_a_service_is_beyond_ascii_there() -> None:
    from opsboard.config.settings import UiSettings

    board = stage().board
    app = AppHarness(BoardScreen, UiSettings(ascii=True), board=board, history=FakeHistory())
    async with app.showing("5 Services", (160, 45)):
        assert app.text.isascii()


@SIZES
async def test_enter_opens_the_page_with_its_parts(size: tuple[int, int]) -> None:
    app = stage()
    async with app.showing("5 Services", size) as pilot:
        await app.does(pilot, "enter", then="Environments")
        assert isinstance(app.app.screen, ServiceScreen)
        page = _page_text(app)
        for word in ("kube-prod says v56", "+4 waiting", "Last builds of main", "pod imageID"):
            assert word in page
        await until(pilot, lambda: "not watched" in _page_text(app))
        await pilot.press("enter")  # on production: what runs there
        await until(pilot, lambda: isinstance(app.app.screen, DetailScreen))
        assert getattr(app.app.screen, "ref", None) == CHECKOUT.ref


async def test_an_environment_says_which_cluster_and_is_what_runs_there() -> None:
    """The CI server that deployed it comes behind: a key is about what the line shows."""
    checkout, *others = services()
    by_ci = ServiceTarget(environment="production", ref=BUILD.ref)
    app = stage([replace(checkout, targets=(*checkout.targets, by_ci)), *others])
    async with app.showing("5 Services", (80, 24)) as pilot:
        await app.does(pilot, "enter", then="Environments")
        rows = {row.key: row for row in app.app.screen.query_one(PageView).rows}
        production, staging = (rows["environment", name] for name in ("production", "staging"))
        assert "CrashLoopBackOff  prod-eu" in production.text.plain
        assert staging.text.plain.rstrip().endswith("staging-eu")
        assert production.ref == CHECKOUT.ref


async def test_a_service_that_is_a_part_of_another_one_now_leads_there() -> None:
    """Its workload was known later than its page was opened."""
    app = stage()
    async with app.showing("5 Services", (120, 36)) as pilot:
        await app.does(pilot, "enter", then="Environments")
        screen = app.app.screen
        assert isinstance(screen, ServiceScreen)
        table = app.board._tables[Kind.SERVICE]
        was = table.pop(Ref("opsboard", Kind.SERVICE, "checkout"))
        now = replace(was, id="checkout@shop", name="shop-checkout")
        table[now.ref] = now
        screen.write()
        await app.sees(pilot, "it is a part of shop-checkout now")
        await pilot.press("home", "enter")
        await until(pilot, lambda: getattr(app.app.screen, "ref", None) == now.ref)


def _page_text(app: AppHarness) -> str:
    return "\n".join(row.text.plain for row in app.app.screen.query_one(PageView).rows)


_NONE_EARLIER = {"rollback": "there is no earlier revision"}


async def test_a_key_acts_on_the_only_part_that_it_can_be_meant_for() -> None:
    acts = FakeActs(CHECKOUT, STAGING)
    acts.why_not_of = {STAGING.ref: _NONE_EARLIER}
    app = stage(acts=acts)
    async with app.showing("5 Services", (120, 36)) as pilot:
        await app.does(pilot, "B", then="Deployment shop/checkout in prod-eu")
        assert [request.ref for request in acts.planned] == [CHECKOUT.ref]


@pytest.mark.parametrize("keys", [("B",), ("enter", "B")])
async def test_where_several_parts_can_be_meant_one_is_chosen(keys: tuple[str, ...]) -> None:
    acts = FakeActs(CHECKOUT, STAGING)
    app = stage(acts=acts)
    async with app.showing("5 Services", (120, 36)) as pilot:
        await pilot.press(*keys[:-1])
        if len(keys) > 1:  # on the page: not on the row of an environment, which is one part
            await app.sees(pilot, "Environments")
            app.app.screen.query_one(PageView).cursor = 0  # a heading, which is of the service
        await app.does(pilot, keys[-1], then="Which part of the service is meant?")
        assert app.text.index("production") < app.text.index("staging-eu")
        await pilot.press("2")
        await until(pilot, lambda: bool(acts.planned))
        assert [request.ref for request in acts.planned] == [STAGING.ref]


async def test_the_deployment_of_a_ci_server_is_not_taken_for_a_workload() -> None:
    told = replace(
        STAGING,
        source="github",
        id="acme/checkout/staging",
        name="staging",
        workload="GitHub",
        cluster="acme/checkout",
    )
    service = services()[0]
    target = replace(service.targets[0], environment="staging", ref=told.ref)
    acts = FakeActs(CHECKOUT, told)
    app = stage([replace(service, targets=(service.targets[0], target))], acts=acts)
    filled(app.board, [told])
    async with app.showing("5 Services", (120, 36)) as pilot:
        await app.does(pilot, "B", then="Which part of the service is meant?")
        assert "Deployment in prod-eu" in app.text
        assert "GitHub deployment in github" in app.text


async def test_on_the_row_of_an_environment_a_key_acts_there() -> None:
    acts = FakeActs(CHECKOUT, STAGING)
    app = stage(acts=acts)
    async with app.showing("5 Services", (120, 36)) as pilot:
        await app.does(pilot, "enter", then="Environments")
        await app.does(pilot, "B", then="Deployment shop/checkout in prod-eu")
        assert [request.ref for request in acts.planned] == [CHECKOUT.ref]


async def test_hints_say_what_has_become_possible_though_no_key_is_pressed() -> None:
    acts = FakeActs(CHECKOUT, STAGING)
    app = stage(acts=acts)
    acts.why_not_of[STAGING.ref] = {"rollback": "it has no earlier revision"}
    async with app.showing("B Roll back shop/checkout", (120, 36)) as pilot:
        acts.why_not_of.clear()
        told = Upsert("shop", [replace(STAGING, revision="58")])
        app.app.board_changed(app.board.apply([BoardEvent(STAGING.source, told, NOW)]))
        await app.sees(pilot, "B Roll back 2 choices")


async def test_the_top_line_of_a_page_tells_the_environment_of_its_row() -> None:
    app = stage(acts=FakeActs(CHECKOUT, STAGING))
    async with app.showing("5 Services", (120, 36)) as pilot:
        await app.does(pilot, "enter", then="Environments")
        page, seen = app.app.screen.query_one(PageView), set()
        for at, row in enumerate(page.rows):
            record = app.board.get(row.ref) if row.ref is not None else None
            if record is not None and record in (CHECKOUT, STAGING):
                page.move_to(at)
                await until(pilot, partial(_tells, app, record.environment))
                seen.add(record.environment)
        assert seen == {"production", "staging"}
        page.move_to(next(at for at, row in enumerate(page.rows) if _is_of_a_build(row)))
        await until(pilot, partial(_tells, app, "production", "staging"))


def _tells(app: AppHarness, *environments: str) -> bool:
    return getattr(app.app.screen, "environments", None) == environments


def _is_of_a_build(row: AnyRow) -> bool:
    return row.ref is not None and row.ref.kind is Kind.BUILD


@pytest.mark.parametrize("keys", [("L",), ("enter", "L")])
async def test_the_log_of_a_service_is_that_of_its_wrong_part(keys: tuple[str, ...]) -> None:
    app = stage()
    app.feed.logged = {Kind.DEPLOYMENT}
    async with app.showing("5 Services", (120, 36)) as pilot:
        await pilot.press(*keys[:-1])
        if len(keys) > 1:
            await app.sees(pilot, "Environments")
            app.app.screen.query_one(PageView).cursor = 0
        await app.does(pilot, keys[-1], then="log of checkout")
        await until(pilot, lambda: bool(app.feed.log_refs))
        assert set(app.feed.log_refs) == {CHECKOUT.ref}  # its preview may have asked too


async def test_where_no_part_of_a_service_is_wrong_its_log_is_chosen_and_none_is_said() -> None:
    well = replace(CHECKOUT, status=Status.OK)
    app = stage()
    filled(app.board, [well, STAGING])
    async with app.showing("5 Services", (120, 36)) as pilot:
        await app.does(pilot, "L", then="nothing that the service runs as has a log")
        app.feed.logged = {Kind.DEPLOYMENT}
        await app.does(pilot, "L", then="Which part of the service is meant?")
        await app.does(pilot, "2", then="log of checkout")
        await until(pilot, lambda: STAGING.ref in app.feed.log_refs)


async def test_why_no_part_can_be_rolled_back_is_said() -> None:
    acts = FakeActs(CHECKOUT, STAGING)
    acts.disabled_reason = _NONE_EARLIER
    app = stage(acts=acts)
    async with app.showing("5 Services", (120, 36)) as pilot:
        await app.does(pilot, "B", then="there is no earlier revision")
        assert acts.planned == []


async def test_of_several_marked_services_none_is_acted_on_by_a_guess() -> None:
    acts = FakeActs(CHECKOUT, STAGING)
    app = stage(acts=acts)
    async with app.showing("5 Services", (120, 36)) as pilot:
        await pilot.press("space", "space")
        await app.does(pilot, "B", then="not offered for services")
        assert acts.planned == []


@pytest.mark.parametrize("key", ["B", "T", "x"])
async def test_a_service_that_nothing_is_known_of_says_so(key: str) -> None:
    app = stage([services()[-1]], acts=FakeActs())
    async with app.showing("5 Services", (120, 36)) as pilot:
        await app.does(pilot, key, then="nothing is known that the service")


# --- what is joined to it, and what changed before ------------------------------------------------


@pytest.mark.parametrize("keys", [("g",), ("enter", "g")])
async def test_the_chain_of_a_service_is_that_of_what_runs_in_production(
    keys: tuple[str, ...],
) -> None:
    app = stage()
    async with app.showing("5 Services", (120, 36)) as pilot:
        await pilot.press(*keys[:-1])
        await app.does(pilot, keys[-1], then="chain checkout")
        screen = app.app.screen
        assert isinstance(screen, LineageScreen)
        await app.sees(pilot, "pod imageID")
        assert screen.page.row.key == CHECKOUT.ref


async def test_what_changed_before_a_service_is_asked_of_the_alert_that_it_tells() -> None:
    alerts = [
        Alert(source="opsboard", id=id_, name="checkout", status=Status.FAILED, reason=reason,
              environment=environment, about=about, since=NOW)
        for id_, reason, environment, about in (
            ("build", "failure", "production", CHAIN[0].ref),
            ("staging", "CrashLoopBackOff", "staging", STAGING.ref),
            ("production", "CrashLoopBackOff", "production", CHECKOUT.ref),
        )
    ]  # fmt: skip
    service = replace(services()[0], alerts=tuple(one.ref for one in alerts))
    app = stage([service])
    app.board._tables[Kind.ALERT].update({one.ref: one for one in alerts})
    async with app.showing("5 Services", (120, 36)) as pilot:
        await app.does(pilot, "w", then="what changed before")
        history = app.app.context.history
        assert isinstance(history, FakeHistory)
        assert history.asked[-1] == ("before red", alerts[2].ref)


def test_without_an_alert_it_is_asked_of_the_part_that_is_as_bad() -> None:
    board = stage().board
    service = replace(services()[0], alerts=())
    assert red_part(service, board) == CHECKOUT.ref
    assert red_part(replace(service, targets=()), board) == service.ref


def test_what_a_service_does_not_say_is_not_what_makes_it_red() -> None:
    """After a roll-back, the deployment of CI before it is failed as ever, and has an alert."""
    runs = replace(CHECKOUT, status=Status.OK, reason="")
    failed = replace(CHECKOUT, source="github", id="deploy/56", images=(), reason="failure")
    board = filled(stage_board(), [runs, failed])
    told = services()[0]
    production = replace(
        told.environments[-1], status=Status.OK, reason="",
        witnesses=tuple(DeploymentWitness(ref=one.ref, says="v56") for one in (runs, failed)),
    )  # fmt: skip
    alert = Alert(
        source="opsboard", id="f", name="checkout", status=Status.FAILED, reason="failure",
        environment="production", about=failed.ref, since=NOW,
    )  # fmt: skip
    board._tables[Kind.ALERT][alert.ref] = alert
    service = replace(
        told, status=Status.OK, reason="", environment="production", alerts=(alert.ref,),
        environments=(production,),
    )  # fmt: skip
    assert red_part(service, board) == runs.ref
    build = replace(told.main[-1], status=Status.FAILED)
    behind = replace(service, status=Status.WARNING, reason="main failed", environment="",
                     main=(build,))  # fmt: skip
    assert red_part(behind, board) == build.build
    assert red_part(replace(behind, main=()), board) == alert.ref


def test_a_model_went_red_when_its_version_began_to_drift() -> None:
    model = Model(source="mlflow", id="fraud", name="fraud", serving="5", status=Status.WARNING)
    at = NOW - timedelta(minutes=50)
    drift = Drift(
        source="mlflow", id="fraud/5/psi", name="psi", model="fraud", version="5", metric="psi",
        value=0.3, threshold=0.25, status=Status.FAILED, crossed_at=at, measured_at=NOW,
    )  # fmt: skip
    other = replace(drift, id="fraud/4/psi", version="4", crossed_at=at - timedelta(days=1))
    board = Board()
    board.apply([BoardEvent("mlflow", Upsert("all", [model, drift, other]), NOW)])
    alert = board.get(red_part(model, board))
    assert isinstance(alert, Alert)
    assert (alert.about, alert.since) == (drift.ref, at)
    assert red_part(replace(model, serving="3"), board) == model.ref


async def test_what_a_witness_says_is_said_once_and_alerts_stand_in_columns() -> None:
    service = services()[0]
    production = service.environments[-1]
    witnesses = (replace(production.witnesses[0], says=SHA[:7]), production.witnesses[1])
    alerts = [
        Alert(source="opsboard", id=name, name=name, status=Status.FAILED, reason=reason,
              environment=environment, message="it failed", about=CHECKOUT.ref, since=NOW)
        for name, reason, environment in (
            ("checkout", "CrashLoopBackOff", "production"), ("checkout deploy main", "failure", ""),
        )
    ]  # fmt: skip
    service = replace(
        service,
        environments=(service.environments[0], replace(production, witnesses=witnesses)),
        alerts=tuple(one.ref for one in alerts),
    )
    app = stage([service])
    app.board._tables[Kind.ALERT].update({one.ref: one for one in alerts})
    async with app.showing("5 Services", (120, 36)) as pilot:
        await app.does(pilot, "enter", then="Environments")
        lines = _page_text(app).splitlines()
        assert any(line.endswith(f"kube-prod says {SHA[:7]}") for line in lines)
        own = next(line for line in lines if "CrashLoopBackOff  production" in line)
        build = next(line for line in lines if "checkout deploy main  it failed" in line)
        assert own.index("it failed") == build.index("checkout deploy main")
