"""A demo in which nothing happens but what a test does, and what comes of it.

The company of ``opsboard demo`` goes on working: within three minutes it deploys what a test has
begun to act upon, and on a busy machine a test takes that long. Here nobody else does anything,
and time passes as it does, or faster where it is told to.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from opsboard.demo.app import build_app
from opsboard.demo.folder import demo_folder, write_config
from opsboard.demo.options import DEFAULT_SEED
from opsboard.demo.serve import WARM_UP
from opsboard.demo.server import serve_in_thread
from opsboard.demo.world.seed_data import create_world


class QuietDemo:
    """A world, the application that serves it, and its clock: *ahead* of the machine's.

    Where it is served, *url* is the address of the servers, and *config* a file that shows them.
    """

    url: str
    config: Path

    def __init__(self) -> None:
        self.ahead = timedelta()
        begin = self.now()
        self.world, controllers = create_world(DEFAULT_SEED, begin - WARM_UP)
        self.world.advance(begin)
        self.world.event_queue._entries.clear()
        self.app = build_app(self.world, controllers, self.now)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def go_on(self, seconds: float) -> None:
        """Let *seconds* pass at once."""
        self.ahead += timedelta(seconds=seconds)


@contextmanager
def quiet_demo() -> Iterator[QuietDemo]:
    """Serve a quiet demo, from another thread, while the context lasts."""
    demo = QuietDemo()
    with serve_in_thread(demo.app) as demo.url, demo_folder() as folder:
        demo.config = write_config(folder, demo.url, demo.world)
        yield demo
