"""A board whose acting comes after its first frame says why nothing can be done until then."""

from pathlib import Path

import pytest

from opsboard.act.audit.entry import Event
from opsboard.act.late import LateActs
from opsboard.adapter import Request, SourceError
from tests.act.lever import REF, Stand
from tests.board import deployment


async def test_until_it_is_there_nothing_is_offered(tmp_path: Path) -> None:
    acts, request = LateActs(), Request(action="rollback", ref=REF)
    assert acts.offers(deployment()) == ()
    assert acts.pending == "the sources are still being found"
    for asked in (acts.plan(request), acts.form(request), acts.detail(REF)):
        with pytest.raises(SourceError, match="nothing can be done yet"):
            await asked
    acts.fail("the config could not be read")
    assert acts.pending == "the config could not be read"
    acts.come(Stand(tmp_path).operations)
    assert acts.pending == ""
    assert len(acts.offers(deployment())) == 2
    assert (await acts.plan(request)).after == "revision 6"


def test_what_is_wrong_with_the_trail_is_told_once_it_is_there(tmp_path: Path) -> None:
    acts, stand = LateActs(), Stand(tmp_path)
    assert not acts.problems
    acts.come(stand.operations)
    stand.trail.append(stand.trail.entry(Event.OUTCOME))
    stand.trail.file.unlink()
    stand.trail.append(stand.trail.entry(Event.OUTCOME))
    told = ["does not go on from where it was" in problem for problem in acts.problems]
    assert told == [True]
