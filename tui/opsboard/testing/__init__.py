"""For authors of adapters: a suite to hold an adapter to, and stand-ins to test it with.

Subclass :class:`AdapterConformance` in a test file of your own::

    from opsboard.testing import AdapterConformance, World

    class TestMyAdapter(AdapterConformance):
        adapter = MyAdapter

        @asynccontextmanager
        async def world(self):
            async with my_fake_server() as url:
                yield World(MySettings(url=url))

Needs ``pytest`` and ``pytest-asyncio``. Nothing of the program itself imports this package.
"""

from opsboard.testing.arrangement import CANARY, HOSTILE_TEXT, World
from opsboard.testing.conformance import AdapterConformance
from opsboard.testing.fakes import ClosedPermit, FakeClock, FakeContext
from opsboard.testing.recorder import Recorder, recording

__all__ = [
    "CANARY",
    "HOSTILE_TEXT",
    "AdapterConformance",
    "ClosedPermit",
    "FakeClock",
    "FakeContext",
    "Recorder",
    "World",
    "recording",
]
