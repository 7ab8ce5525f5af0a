"""Ports on loopback that no other test is given: for servers, and for nobody at all."""

import socket
from typing import Final

HOST: Final = "127.0.0.1"
_held: list[socket.socket] = []
"""Sockets that keep their ports to the end of this process."""


def free_port() -> int:
    """Return a port for a server that does not choose one itself, and starts within a minute.

    A connection that has just ended there keeps the system from giving it to anybody who asks for
    any port, but not a server from listening at it (``SO_REUSEADDR``, which all of them set).
    """
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, 0))
        listening.listen(1)
        with socket.create_connection(listening.getsockname()) as client:
            accepted, _ = listening.accept()
            accepted.close()  # first: what closes first is what waits, and keeps the port
            client.recv(1)
        return int(listening.getsockname()[1])


def silent_port() -> int:
    """Return a port at which nobody listens, and never will while this process lives."""
    bound = socket.socket()
    bound.bind((HOST, 0))
    _held.append(bound)
    return int(bound.getsockname()[1])
