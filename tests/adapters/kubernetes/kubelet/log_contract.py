"""What a server answers when it is asked for the log of a container: the demo, and a true one.

*read* asks for the log of the pod with these parameters, and returns the status and the body: the
text, or the message of the status object.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

Read: TypeAlias = Callable[[dict[str, str]], Awaitable[tuple[int, str]]]


async def check_choice_of_containers(
    read: Read, pod: str, init: Sequence[str], containers: Sequence[str]
) -> None:
    """Where a pod has several containers, one of them has to be named, and be one of them."""
    assert len(containers) > 1
    names = " ".join((*init, *containers))
    assert await read({}) == (
        400,
        f"a container name must be specified for pod {pod}, choose one of: [{names}]",
    )
    for name in (*init, *containers):
        assert (await read({"container": name}))[0] == 200
    assert await read({"container": "nothing"}) == (
        400,
        f"container nothing is not valid for pod {pod}",
    )


async def check_the_only_container_need_not_be_named(read: Read, name: str) -> None:
    """Init containers do not count."""
    tail = {"tailLines": "2", "timestamps": "true"}
    alone, named = await read(tail), await read({**tail, "container": name})
    assert alone[0] == named[0] == 200
    assert alone[1]
    assert len(alone[1].splitlines()) == len(named[1].splitlines())


async def check_since(read: Read, container: str) -> None:
    """``sinceTime`` counts by whole seconds, and what was written in that second comes too."""
    asked = {"container": container, "timestamps": "true"}
    status, text = await read(asked)
    assert status == 200
    stamps = [line.partition(" ")[0] for line in text.splitlines()]
    assert len(set(stamps)) > 1
    last = datetime.fromisoformat(stamps[-1]).replace(microsecond=0)
    since = last.strftime("%Y-%m-%dT%H:%M:%SZ")
    later = [
        line.partition(" ")[0]
        for line in (await read({**asked, "sinceTime": since}))[1].splitlines()
    ]
    assert stamps[-1] in later
    assert stamps[0] not in later or stamps[0] >= since
    assert all(datetime.fromisoformat(stamp) >= last for stamp in later)
    tomorrow = (last + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (await read({**asked, "sinceTime": tomorrow}))[1] == ""
    assert (await read({**asked, "sinceTime": "soon"}))[0] == 400
    both = await read({**asked, "sinceTime": since, "sinceSeconds": "60"})
    assert both[0] == 422
    assert "at most one of `sinceTime` or `sinceSeconds` may be specified" in both[1]


async def check_there_is_no_previous(read: Read, pod: str, container: str) -> None:
    """A container that has not been restarted has no earlier log."""
    status, said = await read({"container": container, "previous": "true"})
    assert status == 400
    assert said == f'previous terminated container "{container}" in pod "{pod}" not found'


async def check_there_is_a_previous(read: Read, container: str) -> None:
    """Of one that has, it is another one than the present log, and ends."""
    status, before = await read({"container": container, "previous": "true", "follow": "true"})
    assert status == 200
    assert before
    assert before != (await read({"container": container}))[1]
