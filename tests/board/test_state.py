"""The board merges what arrives, and says what that changed."""

import random
from collections.abc import Iterator

import pytest

from opsboard.adapter import (
    Budget,
    BudgetUpdate,
    Change,
    Complete,
    Condition,
    Fresh,
    Health,
    Remove,
    Report,
    ScopeRemoved,
    Upsert,
    listing,
)
from opsboard.board.events import BoardEvent, RestoredScope, SourceInfo, SourceList
from opsboard.board.source_tracking import EXPIRE_AFTER
from opsboard.board.state import Board, SourceState
from opsboard.records import Build, Kind, Ref, Status
from tests.board import MINUTE, NOW, build, builds, deployment, events, ids

LATER = NOW + MINUTE


def _health(condition: Condition, message: str = "") -> Health:
    return Health(condition=condition, message=message)


def _source(board: Board, name: str = "ci") -> SourceState:
    state = board.source(name)
    assert state is not None
    return state


def _builds(board: Board) -> set[str]:
    return ids(board.records(Kind.BUILD))


# --- merging -------------------------------------------------------------------------------------


def test_a_listing_is_taken_in_and_told() -> None:
    board = Board()
    delta = board.apply(events("ci", *listing("web", builds(2))))
    assert ids(delta.changed[Kind.BUILD]) == _builds(board) == {"1", "2"}
    assert not delta.removed
    assert delta.sources == {"ci"}


def test_what_is_equal_is_no_change() -> None:
    board = Board()
    board.apply(events("ci", *listing("web", builds(2))))
    delta = board.apply(events("ci", *listing("web", builds(2))))
    assert not delta.changed
    assert not delta.removed


def test_a_complete_listing_removes_what_it_lacks_in_its_own_scope_only() -> None:
    board = Board()
    board.apply(events("ci", *listing("web", [build(1)]), *listing("api", [build(2)])))
    delta = board.apply(events("ci", *listing("web", [build(3)])))
    assert _builds(board) == {"2", "3"}
    assert ids(delta.removed[Kind.BUILD]) == {"1"}


def test_a_listing_in_pieces_removes_nothing_before_its_end() -> None:
    board = Board()
    board.apply(events("ci", *listing("web", builds(3))))
    board.apply(events("ci", Upsert("web", [build(4)])))
    assert _builds(board) == {"1", "2", "3", "4"}
    board.apply(events("ci", Complete("web", frozenset({build(4).ref, build(3).ref}))))
    assert _builds(board) == {"3", "4"}


def test_a_record_that_moved_is_not_removed_by_the_scope_it_left() -> None:
    board = Board()
    board.apply(events("ci", *listing("old", [build(1)])))
    board.apply(events("ci", Upsert("new", [build(1)]), Remove("old", [build(1).ref])))
    board.apply(events("ci", Complete("old", frozenset())))
    assert _builds(board) == {"1"}
    board.apply(events("ci", Remove("new", [build(1).ref])))
    assert _builds(board) == set()


def test_a_scope_that_is_gone_leaves_neither_records_nor_health_nor_age() -> None:
    board = Board()
    live = Report(Health(condition=Condition.LIVE))
    bad = Report(Health(condition=Condition.BROKEN, message="404"), "web")
    board.apply(events("ci", live, *listing("web", [build(1)]), *listing("api", [build(2)]), bad))
    delta = board.apply(events("ci", ScopeRemoved("web"), at=LATER))
    assert ids(delta.removed[Kind.BUILD]) == {"1"}
    board.apply(events("ci", Fresh("api"), at=LATER))
    state = board.source("ci")
    assert state is not None
    assert list(state.scopes) == ["api"]
    assert (state.health.condition, state.fresh_at) == (Condition.LIVE, LATER)
    assert not board.apply(events("ci", ScopeRemoved("unheard-of"), at=LATER)).removed


def test_removed_and_back_within_a_batch_counts_as_changed() -> None:
    board = Board()
    board.apply(events("ci", *listing("web", [build(1)])))
    delta = board.apply(events("ci", Remove("web", [build(1).ref]), Upsert("web", [build(1)])))
    assert ids(delta.changed[Kind.BUILD]) == {"1"}
    assert not delta.removed


def test_to_remove_what_is_unknown_is_nothing() -> None:
    board = Board()
    assert not board.apply(events("ci", Remove("web", [build(9).ref]))).removed


def test_views_cannot_be_written_to() -> None:
    board = Board()
    with pytest.raises(TypeError):
        board.records(Kind.BUILD)[build(1).ref] = build(1)  # type: ignore[index]


class _Naive:
    """The rules of :mod:`opsboard.adapter`, written down as plainly as can be."""

    def __init__(self) -> None:
        self.held: dict[Ref, tuple[str, Build]] = {}

    def take(self, change: Change) -> None:
        if isinstance(change, Upsert):
            self.held |= {r.ref: (change.scope, r) for r in change.records if isinstance(r, Build)}
        elif isinstance(change, Remove):
            self._keep(lambda ref, scope: scope != change.scope or ref not in change.refs)
        elif isinstance(change, Complete):
            self._keep(lambda ref, scope: scope != change.scope or ref in change.refs)
        elif isinstance(change, ScopeRemoved):
            self._keep(lambda ref, scope: scope != change.scope)

    def _keep(self, wanted: object) -> None:
        assert callable(wanted)
        self.held = {ref: at for ref, at in self.held.items() if wanted(ref, at[0])}

    def records(self) -> dict[Ref, Build]:
        return {ref: record for ref, (_, record) in self.held.items()}


def random_changes(random_: random.Random, count: int) -> Iterator[Change]:
    """Yield changes of a few records in a few scopes, with much collision."""
    for _ in range(count):
        scope = random_.choice("abc")
        some = random_.sample(range(1, 9), random_.randint(0, 4))
        records = [build(n, random_.choice(list(Status))) for n in some]
        refs = [record.ref for record in records]
        choices: list[tuple[Change, ...]] = [
            (Upsert(scope, records),),
            (Upsert(scope, records),),
            (Remove(scope, refs),),
            (Complete(scope, frozenset(refs)),),
            (ScopeRemoved(scope),),
            listing(scope, records),
            (Fresh(scope, streaming=True),),
        ]
        yield from random_.choice(choices)


@pytest.mark.parametrize("seed", range(60))
def test_after_anything_the_board_is_as_a_naive_model_and_its_deltas_add_up(seed: int) -> None:
    random_ = random.Random(seed)
    board, naive = Board(), _Naive()
    painted: dict[Ref, object] = {}
    for _ in range(20):
        batch = list(random_changes(random_, random_.randint(1, 6)))
        delta = board.apply(events("ci", *batch))
        for change in batch:
            naive.take(change)
        for ref in delta.removed.get(Kind.BUILD, ()):
            painted.pop(ref, None)
        for ref in delta.changed.get(Kind.BUILD, ()):
            painted[ref] = board.get(ref)
        assert board.records(Kind.BUILD) == naive.records() == painted


# --- how sources stand ---------------------------------------------------------------------------


def test_a_source_is_starting_until_it_speaks() -> None:
    board = Board({"ci": "GitHub Actions"})
    state = _source(board)
    assert state.title == "GitHub Actions"
    assert state.health.condition is Condition.STARTING
    assert state.fresh_at is None


def test_one_bad_scope_makes_the_source_partial_and_blanks_nothing() -> None:
    board = Board()
    live = Report(_health(Condition.LIVE))
    bad = Report(_health(Condition.FORBIDDEN, "no"), "api")
    board.apply(events("ci", live, *listing("web", builds(2)), *listing("api", [build(5)]), bad))
    state = _source(board)
    assert state.worst_health == bad.health
    assert state.health == _health(Condition.PARTIAL, "1 of 2 parts forbidden (api): no")
    assert (state.status, state.is_complete) == (Status.WARNING, False)
    assert state.failing_scopes == ("api",)
    assert state.scopes["web"].health.condition is Condition.LIVE
    assert _builds(board) == {"1", "2", "5"}
    board.apply(events("ci", Fresh("api")))
    assert _source(board).health.condition is Condition.LIVE


def test_only_what_was_heard_of_has_its_state_made_again() -> None:
    """A source of a hundred scopes hears of one at a time, all day."""
    board = Board()
    board.apply(events("ci", *listing("web", builds(1)), *listing("api", [])))
    before = _source(board).scopes
    later = NOW + MINUTE
    board.apply([BoardEvent("ci", Fresh("api"), later)])
    after = _source(board).scopes
    assert after["web"] is before["web"]
    assert (before["api"].fresh_at, after["api"].fresh_at) == (NOW, later)
    board.apply([BoardEvent("ci", Upsert("web", builds(2)), later)])
    assert _source(board).scopes["web"] != before["web"]
    assert _source(board).scopes["api"] is after["api"]


def test_the_age_is_that_of_the_scope_confirmed_longest_ago() -> None:
    board = Board()
    board.apply(events("ci", *listing("web", []), at=NOW))
    board.apply(events("ci", *listing("api", []), at=NOW + MINUTE))
    assert _source(board).fresh_at == NOW
    board.apply(events("ci", Fresh("web"), at=NOW + 2 * MINUTE))
    assert _source(board).fresh_at == NOW + MINUTE


def test_a_piece_of_a_first_listing_does_not_make_a_scope_fresh() -> None:
    board = Board()
    board.apply(events("ci", Upsert("web", builds(1))))
    assert _source(board).fresh_at is None


def test_a_source_streams_only_when_all_of_it_does_and_not_after_trouble() -> None:
    board = Board()
    board.apply(events("ci", Fresh("a", streaming=True), Fresh("b")))
    assert not _source(board).streaming
    board.apply(events("ci", Fresh("b", streaming=True)))
    assert _source(board).streaming
    board.apply(events("ci", Report(_health(Condition.UNREACHABLE))))
    assert not _source(board).streaming


def test_budgets_are_kept_by_name() -> None:
    board = Board()
    for left in (50, 49):
        board.apply(events("ci", BudgetUpdate(Budget(name="core", remaining=left, limit=60))))
    assert [budget.remaining for budget in _source(board).budgets.values()] == [49]


def test_the_list_of_sources_orders_titles_and_dismisses() -> None:
    board = Board({"old": "Old"})
    board.apply(events("old", *listing("x", [build(1, source="old")])))
    change = SourceList({"b": SourceInfo("B"), "a": SourceInfo("A")})
    delta = board.apply([BoardEvent("", change, NOW)])
    assert [state.name for state in board.sources()] == ["b", "a"]
    assert ids(delta.removed[Kind.BUILD]) == {"1"}
    assert delta.sources == {"old", "a", "b"}


# --- out of the cache ----------------------------------------------------------------------------


def _restored(board: Board, key: str = "k") -> None:
    change = RestoredScope("web", builds(3), SourceInfo("GitHub", key))
    board.apply([BoardEvent("ci", change, NOW - 60 * MINUTE)])


def test_restored_records_are_marked_until_their_scope_is_listed() -> None:
    board = Board()
    _restored(board)
    assert _source(board).from_cache
    assert board.from_cache(build(1).ref)
    assert _source(board).fresh_at == NOW - 60 * MINUTE
    board.apply(events("ci", Upsert("web", [build(1)])))
    assert board.from_cache(build(2).ref)
    board.apply(events("ci", Complete("web", frozenset({build(1).ref}))))
    assert not _source(board).from_cache
    assert _builds(board) == {"1"}
    assert _source(board).fresh_at == NOW


def test_what_another_login_saw_is_dropped() -> None:
    board = Board()
    _restored(board, key="alice")
    board.apply([BoardEvent("", SourceList({"ci": SourceInfo("GitHub", "bob")}), NOW)])
    assert _builds(board) == set()


def test_what_the_same_login_saw_stays() -> None:
    board = Board()
    _restored(board, key="alice")
    delta = board.apply([BoardEvent("", SourceList({"ci": SourceInfo("GitHub", "alice")}), NOW)])
    assert _builds(board) == {"1", "2", "3"}
    assert not delta.changed


def test_a_failing_source_keeps_what_was_restored() -> None:
    board = Board()
    _restored(board)
    late = NOW + 2 * EXPIRE_AFTER
    board.apply(events("ci", Report(_health(Condition.UNREACHABLE)), at=late))
    assert _builds(board) == {"1", "2", "3"}


def test_a_restored_scope_that_its_live_source_never_names_is_gone_in_the_end() -> None:
    board = Board()
    _restored(board)
    board.apply(events("ci", Fresh("other"), at=NOW))
    assert _builds(board) == {"1", "2", "3"}
    board.apply(events("ci", Fresh("other"), at=NOW + EXPIRE_AFTER))
    assert _builds(board) == set()


@pytest.mark.parametrize(
    "sign", [Upsert("web", [build(1)]), Report(Health(condition=Condition.FORBIDDEN), "web")]
)
def test_a_restored_scope_that_was_named_stays_though_it_is_not_listed_yet(sign: Change) -> None:
    board = Board()
    _restored(board)
    board.apply(events("ci", Fresh("other"), sign, at=NOW))
    board.apply(events("ci", Fresh("other"), at=NOW + EXPIRE_AFTER))
    assert _builds(board) == {"1", "2", "3"}


@pytest.mark.parametrize("condition", [one for one in Condition if one is not Condition.LIVE])
def test_a_source_in_trouble_has_its_time_to_name_what_was_restored_again(
    condition: Condition,
) -> None:
    """It may not have come round to all of its scopes before, nor can it while it lasts."""
    board = Board()
    _restored(board)
    board.apply(events("ci", Fresh("other"), at=NOW))
    board.apply(events("ci", Report(_health(condition)), at=NOW + EXPIRE_AFTER / 2))
    again = NOW + EXPIRE_AFTER * 3 / 4
    board.apply(events("ci", Report(_health(Condition.LIVE)), Fresh("other"), at=again))
    board.apply(events("ci", Fresh("other"), at=again + EXPIRE_AFTER * 3 / 4))
    assert _builds(board) == {"1", "2", "3"}
    board.apply(events("ci", Fresh("other"), at=again + EXPIRE_AFTER))
    assert _builds(board) == set()


@pytest.mark.parametrize("condition", [Condition.PARTIAL, Condition.LIVE])
def test_trouble_of_one_scope_gives_the_others_no_more_time(condition: Condition) -> None:
    board = Board()
    _restored(board)
    board.apply(events("ci", Fresh("other"), at=NOW))
    half = NOW + EXPIRE_AFTER / 2
    board.apply(events("ci", Report(_health(condition), "other"), at=half))
    board.apply(events("ci", Fresh("other"), at=NOW + EXPIRE_AFTER))
    assert _builds(board) == set()


def test_a_change_confirms_a_scope_only_once_it_was_listed() -> None:
    board = Board()
    board.apply(events("ci", Upsert("web", builds(2)), Remove("web", [build(1).ref])))
    assert _source(board).fresh_at is None
    board.apply(events("ci", *listing("web", builds(2)), at=NOW))
    changes: list[Change] = [Upsert("web", [build(3)]), Remove("web", [build(3).ref])]
    for minute, change in enumerate(changes, 1):
        board.apply(events("ci", change, at=NOW + minute * MINUTE))
        assert _source(board).fresh_at == NOW + minute * MINUTE


def test_records_of_different_kinds_do_not_mix() -> None:
    board = Board()
    board.apply(events("k8s", *listing("ns", [deployment("web")])))
    assert _builds(board) == set()
    assert board.get(deployment("web").ref) == deployment("web")
    assert board.get(deployment("api").ref) is None
