"""The roll-outs of a workload, as its transitions tell them."""

from dataclasses import replace
from datetime import timedelta

from opsboard.history.model import Gap, GapReason, Transition
from opsboard.history.roll_outs import roll_outs
from opsboard.records import Deployment, Ref, Status
from opsboard.records.claims import IMAGE, INIT_IMAGE, Claim, Strength
from tests.board import NOW, deployment

DIGEST = f"sha256:{'a' * 64}"


def _at(seconds: float, revision: str, status: Status, **more: object) -> Transition:
    digest = Claim(IMAGE, "", DIGEST, "pod imageID", Strength.DIGEST)
    base = deployment()
    assert isinstance(base, Deployment)
    record = replace(base, revision=revision, status=status, inputs=(digest,), reason="Crash")
    at = NOW + timedelta(seconds=seconds)
    given: dict[str, object] = {"before": None, "after": record, **more}
    return Transition(int(seconds), Ref("k8s", base.kind, base.id), "s", at, at, **given)  # type: ignore[arg-type]


def test_how_long_one_took_is_from_the_new_revision_until_all_was_well() -> None:
    found = roll_outs([
        _at(0, "1", Status.OK, baseline=True),
        _at(100, "2", Status.RUNNING),
        _at(160, "2", Status.RUNNING),
        _at(190, "2", Status.OK),
        _at(999, "2", Status.FAILED),
        _at(1_000, "2", Status.OK),
    ])  # fmt: skip
    assert [one.revision for one in found] == ["1", "2"]
    assert found[0].took is None
    assert found[1].took == timedelta(seconds=90)
    assert not found[1].was_left_failing
    assert found[1].digests == (DIGEST,)


def test_one_that_failed_and_was_replaced_is_told_and_has_no_time() -> None:
    found = roll_outs([
        _at(0, "1", Status.OK, baseline=True),
        _at(100, "2", Status.RUNNING),
        _at(150, "2", Status.FAILED),
        _at(300, "3", Status.RUNNING),
        _at(340, "3", Status.OK),
    ])  # fmt: skip
    bad = found[1]
    assert bad.was_left_failing
    assert (bad.took, bad.failed_at, bad.why) == (None, NOW + timedelta(seconds=150), "Crash")
    assert (bad.left_for, bad.left_at) == ("3", NOW + timedelta(seconds=300))
    assert found[2].took == timedelta(seconds=40)


def test_where_nobody_watched_or_no_end_is_known_there_is_no_time() -> None:
    began, well = _at(100, "2", Status.RUNNING), _at(190, "2", Status.OK)
    first = _at(0, "1", Status.OK, baseline=True)
    gap = Gap("k8s", "s", began.at, began.at + timedelta(seconds=10), GapReason.SUSPENDED)
    assert roll_outs([first, began, well], [gap])[1].took is None
    vague = replace(well, earliest=well.at - timedelta(minutes=5))
    assert roll_outs([first, began, vague])[1].took is None
    assert roll_outs([first, began])[1].took is None
    at_once = _at(100, "2", Status.OK)
    assert roll_outs([first, at_once])[1].took is None


def test_what_ran_beside_it_is_not_what_it_ran() -> None:
    before = Claim(IMAGE, "", f"sha256:{'b' * 64}", INIT_IMAGE, Strength.DIGEST)
    one = _at(100, "2", Status.OK)
    assert isinstance(one.after, Deployment)
    record = replace(one.after, inputs=(*one.after.inputs, before), images=("r.example/web:2",))
    (found,) = roll_outs([replace(one, after=record)])
    assert (found.digests, found.images) == ((DIGEST,), ("r.example/web:2",))


def test_a_workload_that_was_deleted_meanwhile_is_left_out() -> None:
    gone = replace(_at(120, "2", Status.OK), after=None)
    assert len(roll_outs([_at(100, "2", Status.RUNNING), gone])) == 1
