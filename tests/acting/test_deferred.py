"""A board whose acting comes after its first frame says why nothing can be done until then."""

from pathlib import Path

import pytest

from opsboard.acting.audit.entry import AuditEvent
from opsboard.acting.deferred import DeferredActions
from opsboard.adapter import Request, SourceError
from tests.acting.lever import REF, Stand
from tests.board import deployment


async def test_until_it_is_there_nothing_is_offered(tmp_path: Path) -> None:
    acts, request = DeferredActions(), Request(action="rollback", ref=REF)
    assert acts.available_actions(deployment()) == ()
    assert acts.not_ready_reason == "the sources are still being found"
    for asked in (acts.plan(request), acts.form(request), acts.detail(REF)):
        with pytest.raises(SourceError, match="nothing can be done yet"):
            await asked
    acts.set_failed("the config could not be read")
    assert acts.not_ready_reason == "the config could not be read"
    acts.set_ready(Stand(tmp_path).coordinator)
    assert acts.not_ready_reason == ""
    assert len(acts.available_actions(deployment())) == 2
    assert (await acts.plan(request)).after == "revision 6"


def test_what_is_wrong_with_the_trail_is_told_once_it_is_there(tmp_path: Path) -> None:
    acts, stand = DeferredActions(), Stand(tmp_path)
    assert not acts.problems
    acts.set_ready(stand.coordinator)
    stand.audit.append(stand.audit.entry(AuditEvent.OUTCOME))
    stand.audit.file.unlink()
    stand.audit.append(stand.audit.entry(AuditEvent.OUTCOME))
    told = ["does not continue from where it was" in problem for problem in acts.problems]
    assert told == [True]
