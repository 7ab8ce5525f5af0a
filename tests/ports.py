"""Ports on loopback for servers that do not choose one themselves."""

import socket


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
