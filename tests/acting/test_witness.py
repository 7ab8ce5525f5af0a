"""The head is noted elsewhere too: what was done to the trail and its own head is seen by that."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from opsboard.acting.actor import current_actor
from opsboard.acting.audit import witness as witness_module
from opsboard.acting.audit.entry import AuditEvent
from opsboard.acting.audit.head import HeadFile
from opsboard.acting.audit.log import FILE_NAME, HEAD_NAME, AuditLog
from opsboard.acting.audit.verify import verify
from opsboard.acting.audit.witness import Witness, witness_of
from opsboard.acting.decision import Consent
from opsboard.acting.guard import Refused
from opsboard.cli import main
from tests.acting.lever import Stand, StillClock

YES = Consent(confirmed=True, typed="web", reason="r")


@pytest.fixture
def far(tmp_path: Path) -> Path:
    folder = tmp_path / "far"
    folder.mkdir()
    return folder / "kim@bastion-1.head"


def _trail(tmp_path: Path, far: Path, *, required: bool = False) -> AuditLog:
    witness = Witness(far, required=required)
    return AuditLog(tmp_path / "state", current_actor({}), StillClock(), witness=witness)


def _append(trail: AuditLog, count: int = 1, event: AuditEvent = AuditEvent.INTENT) -> None:
    for _ in range(count):
        trail.append(trail.entry(event))


def _verify(tmp_path: Path, far: Path) -> tuple[str, ...]:
    return verify(tmp_path / "state", witness=Witness(far)).faults


def test_each_entry_is_noted(tmp_path: Path, far: Path) -> None:
    trail = _trail(tmp_path, far)
    for number in range(1, 4):
        _append(trail)
        assert far.read_text() == (tmp_path / "state" / HEAD_NAME).read_text()
        assert far.read_text().startswith(f"{number} ")
    assert (trail.problems, _verify(tmp_path, far)) == ([], ())


@pytest.mark.parametrize("done", ["deleted", "cut with its head"])
def test_what_only_the_other_place_knows_is_told_and_recorded(
    tmp_path: Path, far: Path, done: str
) -> None:
    _append(_trail(tmp_path, far), 3)
    state = tmp_path / "state"
    if done == "deleted":
        (state / FILE_NAME).unlink()
        (state / HEAD_NAME).unlink()
    else:
        lines = (state / FILE_NAME).read_bytes().splitlines(keepends=True)
        (state / FILE_NAME).write_bytes(lines[0])
        first = _trail(tmp_path, far).entries()[0]
        (state / HEAD_NAME).write_text(f"1 {first.hash}\n")
    assert verify(state).faults == ()
    assert any(str(far) in fault for fault in _verify(tmp_path, far))
    trail = _trail(tmp_path, far)
    _append(trail)
    (problem,) = trail.problems
    assert f"the head noted in {far} was 3:" in problem
    _append(_trail(tmp_path, far), 3)
    assert any("on record" in fault for fault in verify(state).faults)


def test_it_may_be_behind(tmp_path: Path, far: Path) -> None:
    _append(_trail(tmp_path, far), 2)
    noted = far.read_bytes()
    _append(_trail(tmp_path, far), 2)
    far.write_bytes(noted)
    trail = _trail(tmp_path, far)
    _append(trail)
    assert (trail.problems, _verify(tmp_path, far)) == ([], ())


def test_one_that_is_new_or_was_taken_away_is_told(tmp_path: Path, far: Path) -> None:
    trail = AuditLog(tmp_path / "state", current_actor({}), StillClock())
    _append(trail, 2)
    assert any("is missing" in fault for fault in _verify(tmp_path, far))
    trail = _trail(tmp_path, far)
    _append(trail)
    assert any("no head is noted" in problem for problem in trail.problems)
    assert _verify(tmp_path, far) == ()


@pytest.mark.parametrize("content", ["", "nonsense", f"-3 {'a' * 64}"])
def test_one_that_names_no_entry_is_told_and_recorded(
    tmp_path: Path, far: Path, content: str
) -> None:
    _append(_trail(tmp_path, far))
    far.write_text(content)
    assert _verify(tmp_path, far)
    trail = _trail(tmp_path, far)
    _append(trail)
    assert any("names no entry" in problem for problem in trail.problems)
    assert any("on record" in fault for fault in verify(tmp_path / "state").faults)


def test_where_it_cannot_be_had_it_is_told_and_the_act_goes_on(tmp_path: Path) -> None:
    far = tmp_path / "not mounted" / "head"
    trail = _trail(tmp_path, far)
    _append(trail)
    assert any(f"noted in {far}" in problem for problem in trail.problems)
    assert verify(tmp_path / "state").entries == 1


IN_ITS_PLACE: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a FIFO": os.mkfifo,
    "a symbolic link": lambda far: far.symlink_to(far.with_name("elsewhere")),
}


async def _act(stand: Stand, far: Path) -> None:
    stand.audit._witness = Witness(far, required=True)
    await stand.coordinator.start([await stand.plan()], YES)


@pytest.mark.parametrize("what", IN_ITS_PLACE)
async def test_where_it_is_required_there_is_no_act_without(
    tmp_path: Path, far: Path, what: str
) -> None:
    stand = Stand(tmp_path / "state")
    IN_ITS_PLACE[what](far)
    with pytest.raises(Refused, match=f"it is {what}"):
        await _act(stand, far)
    assert (stand.told(), stand.lever.pulled) == ([], [])
    _append(stand.audit, event=AuditEvent.OUTCOME)  # what has been done is recorded all the same
    assert stand.told() == [("outcome", "")]


async def test_an_intent_that_cannot_be_noted_is_said_not_to_have_begun(
    tmp_path: Path, far: Path
) -> None:
    stand = Stand(tmp_path / "state")
    with pytest.raises(Refused, match="not mounted: No such file or directory; create that folder"):
        await _act(stand, tmp_path / "not mounted" / "head")
    assert stand.lever.pulled == []
    assert stand.told() == [("intent", ""), ("outcome", "not done")]
    assert "not begun" in stand.audit.entries()[-1].message
    assert verify(tmp_path / "state").faults == ()
    await _act(stand, far)
    assert len(stand.lever.pulled) == 1


def test_a_mount_that_does_not_answer_is_not_waited_for(
    tmp_path: Path, far: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness_module, "TIMEOUT", 0.05)
    answers = threading.Event()

    def hang(_: HeadFile) -> None:
        answers.wait()

    witness = Witness(far)
    with monkeypatch.context() as patched:
        patched.setattr(HeadFile, "read", hang)
        with pytest.raises(TimeoutError, match="no answer within"):
            witness.read()
        answers.set()


@pytest.mark.parametrize(
    ("host", "name"),
    [("bastion-1", "kim@bastion-1"), ("../../etc/x", "kim@_.._etc_x"), ("..", "kim@_")],
)
def test_user_and_host_name_the_file_and_lead_nowhere_else(host: str, name: str) -> None:
    actor = current_actor({}).model_copy(update={"user": "kim", "host": host})
    witness = witness_of(Path("/mnt/heads/{user}@{host}.head"), actor)
    assert witness is not None
    assert witness.file == Path(f"/mnt/heads/{name}.head")
    assert witness_of(None, actor) is None


def test_verify_reads_the_config(
    tmp_path: Path, far: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = Path(os.environ["HOME"]) / ".local" / "state" / "opsboard"
    trail = AuditLog(state, current_actor({}), StillClock(), witness=Witness(far))
    _append(trail, 2)
    config = tmp_path / "config.toml"
    config.write_text(f'[audit]\nhead_file = "{far}"\n')
    words = ["audit", "verify", "--config", str(config)]
    assert main(words) == 0
    far.write_text(f"9 {'a' * 64}\n")
    assert main(words) == 1
    assert "names entry 9, which is missing" in capsys.readouterr().err
    config.write_text("[audit\n")
    assert main(words) == 0
    assert "where else the head is noted is not known" in capsys.readouterr().err
