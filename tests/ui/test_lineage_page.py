"""What the rows of a chain say beside the records: drift, worst first, and reverts."""

from opsboard.adapter import Upsert
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.records import Claim, Commit, Drift, Kind, ModelVersion, Ref, Status, Strength
from opsboard.records.claims import MODEL_VERSION
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.lineage_lines import lineage_lines
from opsboard.ui.render.lineage_page import _beside
from opsboard.ui.theme.styles import default_styles
from opsboard.views.lineage_rows import LineageRow, MoreRow, NodeRow
from tests.ui.sample_board import NOW

SERVER = "https://mlflow.example"


def _claim(strength: Strength) -> Claim:
    return Claim(MODEL_VERSION, SERVER, "fraud/5", "MLflow run", strength)


VERSION = ModelVersion(
    source="mlflow", id="fraud/5", name="fraud v5", model="fraud", version="5",
    outputs=(_claim(Strength.SHA),),
)  # fmt: skip


def _drift(metric: str, value: float, strength: Strength = Strength.SHA) -> Drift:
    return Drift(
        source="mlflow", id=f"fraud/5/{metric}", name=f"fraud v5 {metric}", model="fraud",
        version="5", metric=metric, value=value, threshold=0.1, status=Status.FAILED,
        inputs=(_claim(strength),),
    )  # fmt: skip


def _said(*drifts: Drift) -> str:
    board = Board()
    board.apply([BoardEvent("mlflow", Upsert("all", [VERSION, *drifts]), NOW)])
    return _beside(board, VERSION)


def test_of_several_measures_the_one_that_is_furthest_beyond_its_threshold_is_told() -> None:
    assert _said(_drift("a_psi", 0.9), _drift("b_psi", 0.2)) == "drifts: a_psi 0.9"


def test_a_measure_that_is_joined_by_a_guess_is_not_told() -> None:
    assert _said(_drift("psi", 0.9, Strength.CANDIDATE)) == ""


def _commit(digit: str, **says: tuple[str, ...]) -> Commit:
    return Commit(
        source="github", id=digit, name="Mend it", status=Status.OK,
        repository="github.com/acme/shop", sha=digit * 40,
        reverts=says.get("reverts", ()), picked_from=says.get("picked_from", ()),
    )  # fmt: skip


def test_a_commit_says_what_reverts_it_and_what_it_reverts() -> None:
    mended, reverted = _commit("a"), _commit("b", reverts=("a" * 40,))
    pick = _commit("c", picked_from=("b" * 40,))
    board = Board()
    board.apply([BoardEvent("github", Upsert("all", [mended, reverted, pick]), NOW)])
    told = [_beside(board, one) for one in (mended, reverted, pick)]
    assert told == [
        "reverted by bbbbbbb",
        "reverts aaaaaaa, cherry-picked as ccccccc",
        "cherry-picked from bbbbbbb",
    ]


def test_what_is_counted_beside_stands_below_the_names() -> None:
    page = PageFormat(default_styles(), NOW, 80)
    rows: list[LineageRow] = [
        NodeRow(Ref("registry", Kind.IMAGE, "base"), "image", "base", indent=2),
        MoreRow(3, 2),
    ]
    named, more = (row.text.plain for row in lineage_lines(rows, page))
    assert more.index("and 3 more") == named.index("base")


def test_names_begin_below_each_other_where_there_is_room_for_the_longest_kind() -> None:
    rows: list[LineageRow] = [
        NodeRow(Ref("infra", Kind.IMAGE, "main"), "terraform resource", "main"),
        NodeRow(Ref("registry", Kind.IMAGE, "base"), "image", "base"),
    ]
    for width, is_aligned in ((80, True), (44, False)):
        page = PageFormat(default_styles(), NOW, width)
        first, second = (row.text.plain for row in lineage_lines(rows, page))
        assert (first.index("main") == second.index("base")) is is_aligned
