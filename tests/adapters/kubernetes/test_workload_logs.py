"""All pods of a workload in one log: merged, joined by new pods, resumed after breaks."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from opsboard.adapter import Forbidden, LogQuery, NotFound
from opsboard.records import Kind, Ref, Status
from opsboard_adapters.kubernetes.logs import containers
from tests.adapters.kubernetes.log_server import START, WEB, LogServer, connected, following, until

POD = Ref("example", Kind.POD, "test/shop/a")
FAILED = {
    "state": {
        "terminated": {"exitCode": 2, "reason": "Error", "finishedAt": "2026-11-27T09:00:05Z"}
    }
}


async def test_the_lines_of_all_pods_come_in_the_order_of_their_times(tmp_path: Path) -> None:
    server = LogServer()
    for place, name in enumerate("abc"):
        for number in range(4):
            server.add(name).containers if name not in server.pods else None
            server.pods[name].containers["main"].write(f"{name}{number}", number * 3 + place)
    async with connected(server, tmp_path) as (source, _):
        lines = [line async for line in source.logs(WEB, LogQuery())]
        last = [line.text async for line in source.logs(WEB, LogQuery(tail=2))]
        some = [
            line.text
            async for line in source.logs(
                WEB, LogQuery(parts=("b",), since=START + timedelta(seconds=7))
            )
        ]
    assert [line.text for line in lines] == [
        f"{name}{number}" for number in range(4) for name in "abc"
    ]
    assert [(line.group, line.part) for line in lines[:2]] == [("a", "main"), ("b", "main")]
    assert last == ["b3", "c3"]
    assert some == ["b2", "b3"]


async def test_pods_of_a_roll_out_join_and_leave(tmp_path: Path) -> None:
    server = LogServer()
    server.add("old").containers["main"].write("old 1")
    async with connected(server, tmp_path) as (source, _), following(source) as log:
        await until(lambda: log.texts == ["old 1"])
        new = server.add(
            "new", status={"main": {"state": {"waiting": {"reason": "ContainerCreating"}}}}
        )
        await until(lambda: "(the pod joins)" in log.notes)
        new.status.clear()
        new.containers["main"].write("new 1", 1)
        server.changed(new)
        await until(lambda: log.texts == ["old 1", "new 1"])
        server.pods["old"].containers["main"].write("old 2", 2)
        server.delete("old")
        await until(lambda: "(the pod is gone)" in log.notes)
        new.containers["main"].write("new 2", 3)
        await until(lambda: log.texts == ["old 1", "new 1", "old 2", "new 2"])
        assert not log.ended
    assert log.notes == ["(the pod joins)", "(the pod is gone)"]
    gone = next(line for line in log.lines if line.text == "(the pod is gone)")
    assert gone.group == "old"


async def test_a_broken_connection_is_resumed_and_nothing_comes_twice(tmp_path: Path) -> None:
    server = LogServer()
    main = server.add("a").containers["main"]
    wanted = []
    async with connected(server, tmp_path) as (source, _), following(source) as log:
        for number in range(6):
            for text in (f"line {number}", "the same"):
                main.write(text, number / 4)  # several within a second, some of them equal
                wanted.append(text)
            await until(lambda: log.texts == wanted)
            server.hang_up()
        await until(lambda: server.open == 1)
    assert log.texts == wanted
    assert not log.notes


async def test_a_login_that_has_expired_is_taken_from_the_kubeconfig_again(tmp_path: Path) -> None:
    server = LogServer()
    main = server.add("a").containers["main"]
    main.write("before")
    async with connected(server, tmp_path) as (source, context), following(source) as log:
        await until(lambda: log.texts == ["before"])
        server.refuse_login = True
        server.hang_up()
        await until(lambda: any("(401)" in note for note in log.notes))
        file = tmp_path / "kubeconfig"
        file.write_text(file.read_text().replace("canary-token", "renewed"))
        server.refuse_login = False
        main.write("after", 1)
        await until(lambda: log.texts == ["before", "after"], context)


async def test_a_container_that_ends_says_how_and_goes_on_with_the_next_instance(
    tmp_path: Path,
) -> None:
    server = LogServer()
    pod = server.add("a")
    pod.containers["main"].write("working")
    async with connected(server, tmp_path) as (source, context), following(source) as log:
        await until(lambda: log.texts == ["working"])
        pod.containers["main"].write("boom", 5)
        pod.containers["main"].ended = True
        await until(lambda: log.texts == ["working", "boom"])
        pod.status["main"] = {**FAILED, "ready": False}
        server.changed(pod)
        await until(lambda: log.notes == ["(the container ended: Error, exit code 2)"])
        assert log.lines[-1].failed
        pod.previous["main"] = pod.containers["main"]
        again = pod.containers["main"] = type(pod.containers["main"])()
        again.write("up again", 9)
        pod.status["main"] = {"restartCount": 1, "lastState": FAILED["state"]}
        server.changed(pod)
        await until(lambda: log.texts[-1] == "up again", context)
    assert log.texts == ["working", "boom", "up again"]
    assert len(log.notes) == 1


async def test_the_log_of_a_pod_ends_with_it(tmp_path: Path) -> None:
    server = LogServer()
    pod = server.add("a", "main", "side")
    pod.containers["main"].write("done")
    async with connected(server, tmp_path) as (source, context), following(source, POD) as log:
        await until(lambda: log.texts == ["done"])
        done = {"state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}
        pod.phase, pod.status = "Succeeded", {"main": done, "side": done}
        for one in pod.containers.values():
            one.ended = True
        server.changed(pod)
        await until(lambda: log.ended, context)
    assert log.notes == ["(the container ended: Completed)"] * 2


async def test_a_pod_that_no_node_runs_yet_says_so_and_is_read_once_one_does(
    tmp_path: Path,
) -> None:
    server = LogServer()
    pod = server.add("a", phase="Pending", on_a_node=False)
    async with connected(server, tmp_path) as (source, context), following(source, POD) as log:
        await until(lambda: bool(log.notes), context)
        pod.phase, pod.on_a_node = "Running", True
        pod.containers["main"].write("begun")
        server.changed(pod)
        await until(lambda: log.texts == ["begun"], context)
    assert log.notes == ["(it waits to start: no node runs it yet)"]


async def test_what_failed_is_told_though_others_write_more(tmp_path: Path) -> None:
    server = LogServer()
    for number in range(60):
        server.add("busy") if "busy" not in server.pods else None
        server.pods["busy"].containers["main"].write(f"busy {number}", 10 + number)
    bad = server.add("bad", status={"main": FAILED})
    bad.containers["main"].write("the reason", 1)
    async with connected(server, tmp_path) as (source, _):
        lines = [line async for line in source.logs(WEB, LogQuery(tail=20))]
        parts = await source.log_parts(WEB)
    assert [line.text for line in lines if line.failed] == [
        "(the container ended: Error, exit code 2)"
    ]
    assert lines[0].failed, "it is older than the last 20 lines, and is kept all the same"
    assert [(one.group, one.status) for one in parts] == [
        ("bad", Status.FAILED),
        ("busy", Status.OK),
    ]
    assert parts[0].note == "Error, exit code 2"


async def test_init_and_previous_containers_are_read_where_they_are_asked_for(
    tmp_path: Path,
) -> None:
    server = LogServer()
    pod = server.add("a", "setup", "main", init=("setup",))
    pod.status = {
        "setup": {"state": {"terminated": {"exitCode": 0}}},
        "main": {"restartCount": 2, "lastState": {"terminated": {"exitCode": 0}}},
    }
    pod.containers["setup"].write("migrated", 1)
    pod.containers["main"].write("serving", 2)
    pod.previous["main"] = type(pod.containers["main"])()
    pod.previous["main"].write("served before", 0)
    async with connected(server, tmp_path) as (source, _):

        async def texts(query: LogQuery) -> list[str]:
            return [line.text async for line in source.logs(WEB, query)]

        assert await texts(LogQuery()) == ["serving"]
        assert await texts(LogQuery(init=True)) == ["migrated", "serving"]
        assert await texts(LogQuery(parts=("setup",))) == ["migrated"]
        assert (await texts(LogQuery(previous=True, follow=True)))[0] == "served before"
        parts = {one.name: one for one in await source.log_parts(WEB)}
    assert parts["setup"].init
    assert parts["main"].previous
    assert not parts["main"].init


async def test_an_init_container_that_failed_is_why_nothing_runs(tmp_path: Path) -> None:
    server = LogServer()
    pod = server.add("a", "setup", "main", init=("setup",), phase="Pending")
    pod.status = {"setup": FAILED, "main": {"state": {"waiting": {"reason": "PodInitializing"}}}}
    pod.containers["setup"].write("cannot migrate", 1)
    async with connected(server, tmp_path) as (source, _):
        lines = [line async for line in source.logs(WEB, LogQuery())]
    assert lines[0].text == "cannot migrate"
    assert any(line.failed and line.part == "setup" for line in lines)


async def test_nothing_is_called_so_and_nothing_was_restarted(tmp_path: Path) -> None:
    server = LogServer()
    server.add("a")
    async with connected(server, tmp_path) as (source, _):
        with pytest.raises(NotFound, match="no container or pod is called mian") as odd:
            await anext(aiter(source.logs(WEB, LogQuery(parts=("mian",)))))
        assert "main" in odd.value.hint
        with pytest.raises(NotFound, match="restarted"):
            await anext(aiter(source.logs(WEB, LogQuery(previous=True))))


async def test_two_hundred_pods_are_followed_and_the_watch_goes_on(tmp_path: Path) -> None:
    server = LogServer()
    for number in range(containers.MAX_PODS + 20):
        server.add(f"p{number:03}").containers["main"].write(f"from {number}", number / 100)
    failing = server.pods["p000"]
    failing.status["main"] = FAILED
    async with (
        connected(server, tmp_path) as (source, _),
        following(source, query=LogQuery(follow=True, tail=10_000)) as log,
    ):
        await until(lambda: server.open >= containers.MAX_PODS - 1)
        assert log.notes[0] == "(200 of 220 pods are read, failing ones first)"
        await until(lambda: {"from 0", "from 1", "from 2"} <= {*log.texts})
        server.delete("p001")
        server.delete("p002")
        await until(lambda: log.notes.count("(the pod is gone)") == 2)
        server.add("late").containers["main"].write("late", 9)
        await until(lambda: "late" in log.texts)
    assert len({line.group for line in log.lines} - {""}) <= containers.MAX_PODS + 1


async def test_where_pods_may_not_be_watched_none_join_and_that_is_said(tmp_path: Path) -> None:
    server = LogServer()
    server.refuse_watch = True
    server.add("a").containers["main"].write("hello")
    async with connected(server, tmp_path) as (source, _), following(source) as log:
        await until(lambda: any("do not join" in note for note in log.notes))
        assert log.texts == ["hello"]
        server.pods["a"].containers["main"].write("more", 1)
        await until(lambda: log.texts == ["hello", "more"])


async def test_a_log_that_may_not_be_read_says_what_to_ask_for(tmp_path: Path) -> None:
    server = LogServer()
    server.refuse_logs = True
    server.add("a")
    async with connected(server, tmp_path) as (source, _):
        for follow in (True, False):
            with pytest.raises(Forbidden) as refused:
                await anext(aiter(source.logs(POD, LogQuery(follow=follow))))
            assert "pods/log" in refused.value.hint


async def test_a_reader_that_does_not_keep_up_makes_the_server_wait(tmp_path: Path) -> None:
    """Nothing is lost, and little is held: 20,000 lines wait where they are."""
    server = LogServer()
    main = server.add("a").containers["main"]
    async with connected(server, tmp_path) as (source, _):
        lines = aiter(source.logs(WEB, LogQuery(follow=True)))
        main.write("first")
        assert (await anext(lines)).text == "first"
        for number in range(20_000):
            main.write(f"{number}", 1 + number / 1_000)
        got = [(await anext(lines)).text for _ in range(20_000)]
        assert got == [f"{number}" for number in range(20_000)]
        await lines.aclose()  # type: ignore[attr-defined]
    await until(lambda: server.open == 0)


async def test_a_line_of_ten_megabytes_says_how_much_of_it_is_missing(tmp_path: Path) -> None:
    server = LogServer()
    server.add("a").containers["main"].write("x" * 10_000_000)
    async with connected(server, tmp_path) as (source, _):
        line = await anext(aiter(source.logs(WEB, LogQuery())))
    assert len(line.text) <= 65_536
    assert line.text.endswith("…")
    assert 9_900_000 < line.omitted < 10_000_000
    await asyncio.sleep(0)
