"""What GitHub remembers is told with its own times, and for no more than it says."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from opsboard.adapter import Past, PastRecord, Principal, Unauthenticated
from opsboard.records import Build, Deployment, Status
from opsboard.records.claims import Strength
from tests.adapters.github.support import (
    NOW,
    Enough,
    FakeContext,
    FakeGitHub,
    connected,
    context,
    run,
    runs,
)
from tests.adapters.github.test_identities import (
    DEPLOYMENTS,
    RUNS,
    commits,
    deployment,
    home,
    status,
)

MINUTE = timedelta(minutes=1)


async def past(tmp_path: Path, github: FakeGitHub, rounds: int = 1) -> list[PastRecord]:
    ctx: FakeContext = context(tmp_path)
    ctx.rounds = rounds
    found: list[PastRecord] = []
    async with connected(github, ctx) as source:
        with suppress(Enough):
            async for change in source.changes():
                found += change.records if isinstance(change, Past) else ()
    return found


async def test_a_run_began_and_ended(tmp_path: Path) -> None:
    began, ended = NOW - 9 * MINUTE, NOW - 2 * MINUTE
    times = {"run_started_at": began.isoformat(), "updated_at": ended.isoformat()}
    github = FakeGitHub({RUNS: runs(run(7, **home(**times))), DEPLOYMENTS: []})
    first, last = await past(tmp_path, github)
    assert (first.at, last.at) == (began, ended)
    assert isinstance(first.record, Build)
    assert (first.record.status, first.record.finished_at) == (Status.RUNNING, None)
    assert last.record is not None
    assert last.record.status is Status.OK
    assert (first.actor, last.actor) == ("amara", ""), "who began it has not ended it"
    assert first.record.inputs == last.record.inputs != ()


async def test_a_run_that_goes_on_has_not_ended(tmp_path: Path) -> None:
    going = run(7, **home(status="in_progress", conclusion=None))
    github = FakeGitHub({RUNS: runs(going), DEPLOYMENTS: []})
    (begun,) = await past(tmp_path, github)
    assert begun.rule == "GitHub run: run_started_at"
    assert isinstance(begun.record, Build)
    assert begun.record.state == "queued", "when a runner took it up, nobody says"


async def test_deployments_tell_no_more_than_was_read(tmp_path: Path) -> None:
    answers: dict[str, Any] = {
        RUNS: runs(),
        DEPLOYMENTS: [deployment(3), deployment(1)],
        f"{DEPLOYMENTS}/3/statuses": [
            status("success", 9, creator={"login": "bot"}),
            status("in_progress", 5),
        ],
    }
    found = {one.at: one for one in await past(tmp_path, FakeGitHub(answers))}
    assert list(found) == [NOW + MINUTE, NOW + 9 * MINUTE, NOW + 5 * MINUTE]
    older, live, going = found.values()
    assert older.rule == "GitHub deployment: created; its outcome was not read"
    records = [one.record for one in (older, live, going)]
    strengths = [[s for *_, s in commits(one)] for one in records if isinstance(one, Deployment)]
    assert strengths == [[Strength.CANDIDATE], [Strength.SHA], [Strength.CANDIDATE]]
    assert live.actor == "bot"
    assert len({one.ref for one in found.values()}) == 1


async def test_it_is_told_once(tmp_path: Path) -> None:
    github = FakeGitHub({RUNS: runs(run(7, **home())), DEPLOYMENTS: []})
    assert len(await past(tmp_path, github, rounds=12)) == 2


# --- who asks ------------------------------------------------------------------------------------


async def principal(tmp_path: Path, answer: Any, **env: str) -> Principal | None:
    ctx = context(tmp_path, **env)
    async with connected(FakeGitHub({"/user": answer}), ctx) as source:
        assert source.address == "https://api.github.com"
        return await source.principal()


async def test_the_user_stays_the_same_when_renamed(tmp_path: Path) -> None:
    before = await principal(tmp_path, {"login": "amara", "id": 7})
    after = await principal(tmp_path, {"login": "amara-o", "id": 7})
    assert before == Principal(name="amara", id="7")
    assert after is not None
    assert before is not None
    assert before.key == after.key


async def test_an_app_and_nobody_have_no_name(tmp_path: Path) -> None:
    refused = httpx.Response(403, json={"message": "Resource not accessible by integration"})
    assert await principal(tmp_path, refused) is None
    assert await principal(tmp_path, {"login": "amara", "id": 7}, GH_TOKEN="") is None


async def test_a_refused_login_is_no_principal(tmp_path: Path) -> None:
    with pytest.raises(Unauthenticated):
        await principal(tmp_path, httpx.Response(401, json={"message": "Bad credentials"}))
