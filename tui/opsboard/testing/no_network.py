"""A ban on the network, for what must do without."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn
from unittest.mock import patch


class NetworkUsed(AssertionError):
    """Something spoke to the network that must not."""


@contextmanager
def no_network() -> Iterator[None]:
    """Let every name look-up and connection in the body raise :exc:`NetworkUsed`."""
    with (
        patch.object(socket.socket, "connect", _refuse),
        patch.object(socket.socket, "connect_ex", _refuse),
        patch.object(socket, "getaddrinfo", _refuse),
    ):
        yield


def _refuse(*args: Any, **_: Any) -> NoReturn:
    raise NetworkUsed(f"the network was asked for {args[-1]!r}")
