"""An SSH server of a test's own, on loopback, with keys of its own, for its own user."""

import getpass
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.ports import free_port

CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
"""


@dataclass(frozen=True, slots=True)
class Bastion:
    """Where one can log in."""

    folder: Path
    port: int

    def command(self, *words: str) -> list[str]:
        """Return what runs *words* over there, in a terminal."""
        options = ("IdentitiesOnly=yes", "StrictHostKeyChecking=yes", "LogLevel=ERROR")
        return [
            *("ssh", "-tt", "-F", "none", "-p", str(self.port), "-i", str(self.folder / "user")),
            *(word for option in options for word in ("-o", option)),
            *("-o", f"UserKnownHostsFile={self.folder / 'known'}"),
            f"{getpass.getuser()}@127.0.0.1",
            shlex.join(words),
        ]


def _program() -> str:
    found = shutil.which("sshd", path=os.pathsep.join((os.environ["PATH"], "/usr/sbin")))
    if found is None or not shutil.which("ssh") or not shutil.which("ssh-keygen"):
        pytest.skip("no OpenSSH server and client here (Debian: openssh-server)")
    return found


@contextmanager
def bastion(folder: Path) -> Iterator[Bastion]:
    """Serve SSH while the context lasts; skip where there is none, or where it cannot run."""
    program = _program()
    for name in ("host", "user"):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(words, check=True, timeout=PATIENCE)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # it does not start as root without it
    port = free_port()
    host_key = " ".join((folder / "host.pub").read_text("utf-8").split()[:2])
    (folder / "known").write_text(f"[127.0.0.1]:{port} {host_key}\n", "utf-8")
    config = folder / "sshd_config"
    config.write_text(CONFIG.format(folder=folder, port=port), "utf-8")
    log = folder / "sshd.log"
    with subprocess.Popen([program, "-D", "-f", str(config), "-E", str(log)]) as server:
        try:
            _await(server, port, log)
            yield Bastion(folder, port)
        finally:
            server.terminate()


def _await(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            pytest.skip(f"sshd does not run here: {log.read_text('utf-8').strip()}")
        if log.exists() and f"listening on 127.0.0.1 port {port}" in log.read_text("utf-8"):
            return
        time.sleep(0.05)
    raise AssertionError(f"sshd does not listen:\n{log.read_text('utf-8')}")
