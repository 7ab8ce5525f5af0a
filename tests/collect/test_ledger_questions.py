"""Questions to the ledger that a process of their own answers."""

import os
from datetime import timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from opsboard.adapter import SourceError, Unsupported
from opsboard.collect.ledger_questions import RecordedLogins
from opsboard.delivery.read_delivery import read_delivery
from opsboard.history.model import Transition
from opsboard.history.packing import Layout, unpack
from opsboard.history.reader import LedgerReader
from opsboard.records import Kind, Record, Ref, Status
from tests.history.recording import SetClocks, recording
from tests.history.samples import NOON, deployment

KEYS = {"prod": "login-hash"}
UNTIL = NOON + timedelta(hours=1)
QUESTION = partial(read_delivery, until=UNTIL)


def _process_of(reader: LedgerReader) -> tuple[int, list[Transition]]:
    return os.getpid(), reader.transitions(NOON, UNTIL, baselines=True)


def _ends_badly(reader: LedgerReader) -> int:
    raise RuntimeError("a fault of the program")


def _record(folder: Path) -> None:
    """Record that version 2 was rolled out, failed, and was taken back."""
    with recording(folder, SetClocks()) as made:
        made.lists(deployment("1"))
        for one in (
            deployment("2", Status.RUNNING), deployment("2", Status.FAILED), deployment("1"),
            deployment("3", Status.RUNNING), deployment("3"),
        ):  # fmt: skip
            made.lists(one, seconds=60)


@pytest.mark.asyncio
async def test_the_answer_is_that_of_this_process_and_made_in_another_one(tmp_path: Path) -> None:
    _record(tmp_path)
    logins = RecordedLogins(tmp_path, KEYS)
    here, apart = await logins.ask(QUESTION), await logins.ask_apart(QUESTION)
    assert [lane.key.name for lane in apart.lanes] == ["shop"]
    assert apart == here
    process, found = await logins.ask_apart(_process_of)
    assert process != os.getpid()
    assert found == (await logins.ask(_process_of))[1]
    assert len(found) == 8


@pytest.mark.asyncio
async def test_that_nothing_is_recorded_is_told_as_it_is_here(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="no history is recorded yet") as raised:
        await RecordedLogins(tmp_path, KEYS).ask_apart(QUESTION)
    assert raised.value.hint == "`opsboard watch --record` records without a screen"
    _record(tmp_path)
    with pytest.raises(Unsupported, match="no history is recorded for these logins yet"):
        await RecordedLogins(tmp_path, {"prod": "another"}).ask_apart(QUESTION)


@pytest.mark.asyncio
async def test_a_process_that_ends_badly_is_told(tmp_path: Path) -> None:
    _record(tmp_path)
    with pytest.raises(SourceError, match="what reads the history: exit code 1"):
        await RecordedLogins(tmp_path, KEYS).ask_apart(_ends_badly)


def test_what_a_record_was_before_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each state was unpacked as what came of one change, and again as what was before the next."""
    _record(tmp_path)
    unpacked: list[Ref] = []

    def counted(state: bytes, layout: Layout, ref: Ref) -> Record:
        unpacked.append(ref)
        return unpack(state, layout, ref)

    monkeypatch.setattr("opsboard.history.reader.unpack", counted)
    for newest_first in (False, True):
        unpacked.clear()
        question = partial(_changes, newest_first=newest_first)
        found = RecordedLogins(tmp_path, KEYS).answer(question)
        assert len(unpacked) == sum(one.after is not None for one in found)
        own = [one for one in found if one.ref.kind is Kind.DEPLOYMENT]
        for one, following in pairwise(own[::-1] if newest_first else own):
            assert following.before == one.after


def _changes(reader: LedgerReader, *, newest_first: bool) -> list[Transition]:
    return reader.transitions(NOON, UNTIL, baselines=True, newest_first=newest_first)
