"""Who acts: as far as the system can tell."""

import os
import pwd
import socket
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from opsboard.clean import Text


class Actor(BaseModel):
    """Who acts, from where, in which process.

    *user* is the one whose rights the process has, *sudo_user* who became that by sudo(8).
    *ssh* is the far end of the SSH connection, address and port (``SSH_CONNECTION``, ssh(1)).
    *born* tells the process from a later one with the same *pid*.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    user: Text
    host: Text
    sudo_user: Text = ""
    ssh: Text = ""
    pid: int = 0
    born: Text = ""

    @property
    def told(self) -> str:
        """The actor in a few words: ``kim as root from 10.0.0.7``."""
        who = f"{self.sudo_user} as {self.user}" if self.sudo_user else self.user
        return f"{who} from {self.ssh.partition(' ')[0]}" if self.ssh else who

    @property
    def is_running(self) -> bool:
        """Whether the process still runs on this host; of another host, that is not known."""
        if self.host != socket.gethostname():
            return True
        return bool(self.born) and born(self.pid) == self.born


def this_actor(env: Mapping[str, str]) -> Actor:
    """Return who runs this process, with the environment *env*."""
    pid = os.getpid()
    return Actor(
        user=_user_name(),
        host=socket.gethostname(),
        sudo_user=env.get("SUDO_USER", ""),
        ssh=" ".join(env.get("SSH_CONNECTION", "").split()[:2]),
        pid=pid,
        born=born(pid),
    )


def _user_name() -> str:
    uid = os.geteuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def born(pid: int) -> str:
    """Return when the process *pid* began, in the system's own measure; ``""`` if it is gone.

    On Linux, field 22 of ``/proc/PID/stat`` after the boot's id (proc(5)); elsewhere only
    whether there is such a process.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _is_there(pid)
    return "" if fields[0] in {"Z", "X"} else f"{boot}/{fields[19]}"


def _is_there(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except OSError:
        return "there"
    return "there"
