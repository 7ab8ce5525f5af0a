"""The demo's world, served with injected faults by a process of its own, controlled over HTTP.

Its clock stands still until it is advanced. ``python -m tests.fault_injection.fault_server SEED``
prints its URL on standard output, and ends with its standard input.
"""

import asyncio
import inspect
import json
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from starlette.types import Message, Receive, Scope, Send

from opsboard.demo.app import build_app
from opsboard.demo.serve import WARM_UP
from opsboard.demo.world.seed_data import create_world
from opsboard.testing.fakes import EPOCH
from tests.acting.asked import only_reads
from tests.fault_injection.answer_faults import ANSWERS
from tests.fault_injection.change_faults import CHANGES
from tests.fault_injection.connection_faults import CONNECTION, bomb
from tests.fault_injection.exchange import Answer, Exchange, Hangup, serving
from tests.fault_injection.fault import Applies, Fault
from tests.fault_injection.json_faults import JSON_FAULTS, dump
from tests.fault_injection.stage import RegistryLogin, lacks_login
from tests.fault_injection.watch_faults import WATCHES
from tests.fault_injection.world_changes import WorldChanger

FAULTS: Final[Mapping[str, Fault]] = (CONNECTION | ANSWERS | JSON_FAULTS | WATCHES | CHANGES).faults
"""All faults by name."""

TARGETS: Final[Mapping[str, tuple[str, ...]]] = {
    "github": ("/api/v3/", "/api/graphql"),
    "production-eu": ("/clusters/production-eu/",),
    "staging-eu": ("/clusters/staging-eu/",),
    "mlflow": ("/mlflow/",),
    "registry": ("/registry/",),
}
"""Target that can be faulty by itself → the paths of its API."""

CONTROL_PATH: Final = "/_control/"
UNSPOILT: Final = "never-sees-a-fault-0123456789"
"""The token of a client that is always answered right."""

_MARKS: Final = ("tags", "set-tag", "delete-tag", "set-experiment-tag")
_GONE: Final = dump({"kind": "Status", "code": 410, "message": "too old resource version"})


@dataclass(slots=True)
class Landed:
    """A request that has changed the world. *body* is what it said."""

    number: int
    target: str
    method: str
    path: str
    body: str

    @property
    def is_mark(self) -> bool:
        """Whether it only leaves a mark beside what is changed."""
        return self.path.rsplit("/", 1)[-1] in _MARKS


@dataclass(slots=True)
class TargetState:
    """How one target is answered: by one of *faults*, in a *share* of all exchanges."""

    faults: tuple[Fault, ...] = ()
    share: float = 0.0
    epoch: int = 0
    """Raised when faults end: watches have to list again, since they may have seen wrong events."""
    busy: int = 0
    """Requests under way that are answered right, watches aside."""
    answered: Counter[str] = field(default_factory=Counter)
    """Path -> requests that were begun and answered right since the last mark."""
    watches: set[asyncio.Task[None]] = field(default_factory=set)

    def draw(self, kind: Applies, random: Random) -> Fault | None:
        """Return the fault to inject into an exchange of *kind*, if any."""
        fitting = [fault for fault in self.faults if fault.fits(kind)]
        return random.choice(fitting) if fitting and random.random() < self.share else None


class FaultServer:
    """Answers for the world, sometimes with a fault, all drawn from *seed*."""

    def __init__(self, seed: int) -> None:
        self.now: datetime = EPOCH
        self.world, controllers = create_world(seed, EPOCH - WARM_UP)
        self.world.advance(EPOCH)
        self.app = RegistryLogin(build_app(self.world, controllers, lambda: self.now))
        self.changer = WorldChanger(self.world, controllers, Random(f"{seed}/world"))
        self.random = Random(f"{seed}/faults")
        self.targets = {name: TargetState() for name in TARGETS}
        self.landed: list[Landed] = []
        self.injected: Counter[str] = Counter()
        self._listed: dict[tuple[str, str], int] = {}
        self.unspoilt = 0
        """Requests in progress of the client that never sees a fault."""
        self._held_up: list[tuple[datetime, Callable[[], Awaitable[Any]]]] = []
        self._mark = 0

    async def handle(self, exchange: Exchange) -> None:
        """Answer *exchange*."""
        if exchange.path.startswith(CONTROL_PATH):
            await self._steer(exchange)
            return
        name = next((n for n, paths in TARGETS.items() if exchange.path.startswith(paths)), "")
        kind = _kind(exchange)
        asks_how = lacks_login(exchange.path, dict(exchange.headers))  # nobody knows yet who asks
        if not name or asks_how or UNSPOILT in _asker(exchange):
            await self._answer_right(kind, exchange)
            return
        if kind is Applies.CHANGE:
            exchange.app, exchange.later = self._noting(name, exchange), self._later
        target = self.targets[name]
        if kind is Applies.WATCH:
            await self._watch(name, target, exchange)
        else:
            await self._answer(name, target, kind, exchange)

    # --- exchanges -------------------------------------------------------------------------------

    async def _answer_right(self, kind: Applies, exchange: Exchange) -> None:
        self.unspoilt += kind is not Applies.WATCH
        try:
            await exchange.pass_on()
        finally:
            self.unspoilt -= kind is not Applies.WATCH

    async def _answer(
        self, name: str, target: TargetState, kind: Applies, exchange: Exchange
    ) -> None:
        if "continue=" not in exchange.query:
            self._listed[name, exchange.path] = target.epoch
        fault, mark = target.draw(kind, self.random), self._mark
        target.busy += fault is None
        try:
            await self._inject(fault, exchange)
        finally:
            target.busy -= fault is None
        if fault is None and mark == self._mark:
            target.answered[exchange.path] += 1

    async def _watch(self, name: str, target: TargetState, exchange: Exchange) -> None:
        if self._listed.get((name, exchange.path), target.epoch) < target.epoch:
            await exchange.tell(Answer(410, [(b"content-type", b"application/json")], _GONE))
            return
        task = asyncio.create_task(self._inject(target.draw(Applies.WATCH, self.random), exchange))
        target.watches.add(task)
        try:
            await task
        except asyncio.CancelledError:
            raise Hangup from None  # cut, or the server ends: the connection does in either case
        finally:
            task.cancel()
            target.watches.discard(task)

    async def _inject(self, fault: Fault | None, exchange: Exchange) -> None:
        if fault is None:
            await exchange.pass_on()
            return
        self.injected[fault.name] += 1
        await fault.inject(exchange, Random(self.random.getrandbits(64)))

    def _later(self, seconds: float, call: Callable[[], Awaitable[Any]]) -> None:
        self._held_up.append((self.now + timedelta(seconds=seconds), call))

    def _noting(self, name: str, exchange: Exchange) -> Any:
        """Return the application that answers, and notes what has changed the world."""

        async def noting(scope: Scope, receive: Receive, send: Send) -> None:
            async def told(message: Message) -> None:
                if message["type"] == "http.response.start" and message["status"] < 300:
                    number = len(self.landed)
                    said = exchange.body.decode("utf-8", "replace")
                    self.landed.append(Landed(number, name, exchange.method, exchange.path, said))
                await send(message)

            await self.app(scope, receive, told)

        return noting

    # --- steering --------------------------------------------------------------------------------

    async def _steer(self, exchange: Exchange) -> None:
        order = json.loads(exchange.body or b"{}")
        act = getattr(self, f"_do_{exchange.path.removeprefix(CONTROL_PATH)}")
        told = act(**order)
        body = dump(await told if inspect.isawaitable(told) else told)
        await exchange.tell(Answer(200, [(b"content-type", b"application/json")], body))

    async def _do_advance(self, seconds: float) -> Any:
        self.now += timedelta(seconds=seconds)
        self.world.advance(self.now)
        due = [call for at, call in self._held_up if at <= self.now]
        self._held_up = [(at, call) for at, call in self._held_up if at > self.now]
        for call in due:
            await call()
        return {}

    def _do_change(self, name: str = "") -> Any:
        return self.changer.change(name)

    def _do_mark(self, target: str) -> Any:
        self._mark += 1
        self.targets[target].answered.clear()
        return self.changer.mark(target)

    def _do_faults(self, target: str, names: list[str], share: float) -> Any:
        """Answer *target* like this from now on; cut its watches, so that they see it too."""
        state = self.targets[target]
        state.faults, state.share = tuple(FAULTS[name] for name in names), share
        state.epoch += not names
        for task in state.watches:
            task.cancel()
        return {}

    def _do_state(self) -> Any:
        busy = {name: target.busy for name, target in self.targets.items()}
        return {
            "busy": {**busy, UNSPOILT: self.unspoilt},
            "answered": {name: dict(target.answered) for name, target in self.targets.items()},
            "landed": len(self.landed),
        }

    def _do_landed(self, since: int) -> Any:
        return [
            {"target": one.target, "method": one.method, "path": one.path, "body": one.body,
             "mark": one.is_mark}
            for one in self.landed[since:]
        ]  # fmt: skip

    def _do_injected(self) -> Any:
        return dict(self.injected)


def _asker(exchange: Exchange) -> str:
    """Return the caller. For a cluster without TLS, that is the impersonated user."""
    scheme, _, login = exchange.header("authorization").partition(" ")
    if scheme == "Basic":
        login = b64decode(login).decode("utf-8", "replace")
    return login + exchange.header("impersonate-user")


def _kind(exchange: Exchange) -> Applies:
    asked = {
        "method": exchange.method,
        "path": exchange.path,
        "query_string": exchange.query.encode(),
    }
    if not only_reads(asked, exchange.body):
        return Applies.CHANGE
    return Applies.WATCH if "watch=true" in exchange.query else Applies.READ


async def main(seed: int) -> None:
    """Serve until standard input ends."""
    server = FaultServer(seed)
    bomb()
    loop = asyncio.get_running_loop()
    async with serving(server.app, server.handle) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main(int(sys.argv[1])))
