"""Who acts: as far as the system can tell."""

import os
import pwd
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from opsboard.text.sanitize import Text

FORMAT: Final = 1
"""The format of the lines that this program writes. Those of the first version name none: 0."""


_FIRST_NAMESPACE: Final = "pid:[4026531836]"
"""PROC_PID_INIT_INO of the kernel (include/linux/proc_ns.h)."""


class Actor(BaseModel):
    """Who acts, from where, in which process.

    *user* is the one whose rights the process has, *sudo_user* who became that by sudo(8).
    *ssh* is the far end of the SSH connection, address and port (``SSH_CONNECTION``, ssh(1)).
    *start_time* tells the process from a later one with the same *pid*: the id of the boot of its
    kernel, where there is one, and when it began since. *format* is that of the lines that its
    program writes (:mod:`opsboard.acting.audit.line`).
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )

    user: Text
    host: Text
    sudo_user: Text = ""
    ssh: Text = ""
    pid: int = 0
    start_time: Annotated[Text, Field(alias="born")] = ""
    """Called ``born`` in the audit trail, which programs of earlier versions read as well."""
    format: int = 0

    @property
    def summary(self) -> str:
        """The actor in a few words: ``kim as root from 10.0.0.7``."""
        who = f"{self.sudo_user} as {self.user}" if self.sudo_user else self.user
        return f"{who} from {self.ssh.partition(' ')[0]}" if self.ssh else who

    @property
    def boot(self) -> str:
        """Which boot of which kernel the process runs on, as far as it is known."""
        boot, slash, _ = self.start_time.partition("/")
        return boot if slash else ""

    @property
    def is_running(self) -> bool:
        """Whether the process is seen to run, from this one. It may run where it is not seen."""
        return (
            bool(self.start_time)
            and self.is_same_machine
            and process_start_time(self.pid) == self.start_time
        )

    @property
    def has_ended(self) -> bool:
        """Whether no process of this machine can be it, under whatever number.

        Only who is in the first of the PID namespaces (pid_namespaces(7)) sees them all: not who
        is in a container.
        """
        if not (self.boot and self.is_same_machine and sees_every_process()):
            return False
        return self.start_time not in map(process_start_time, _every_pid())

    @property
    def is_same_machine(self) -> bool:
        """Whether the process runs, or ran, on the kernel that runs this one.

        The host's name does not tell: a container has another one at each start.
        """
        here = boot_id()
        if self.boot and here:
            return self.boot == here
        return self.is_same_host

    @property
    def is_same_host(self) -> bool:
        """Whether the host was called as this one is."""
        return self.host == socket.gethostname()


def current_actor(env: Mapping[str, str]) -> Actor:
    """Return who runs this process, with the environment *env*."""
    pid = os.getpid()
    return Actor(
        user=_user_name(),
        host=socket.gethostname(),
        sudo_user=env.get("SUDO_USER", ""),
        ssh=" ".join(env.get("SSH_CONNECTION", "").split()[:2]),
        pid=pid,
        start_time=process_start_time(pid),
        format=FORMAT,
    )


def _user_name() -> str:
    uid = os.geteuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def process_start_time(pid: int) -> str:
    """Return when the process *pid* began, in the system's own measure; ``""`` if it is gone.

    On Linux, field 22 of ``/proc/PID/stat`` after the boot's id (proc(5)); elsewhere only
    whether there is such a process.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _is_there(pid)
    boot = boot_id()
    return "" if fields[0] in {"Z", "X"} or not boot else f"{boot}/{fields[19]}"


def boot_id() -> str:
    """Return the id of this boot of the kernel, or ``""`` where there is none (random(4))."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


def _is_there(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except OSError:
        return "there"
    return "there"


def sees_every_process() -> bool:
    """Return whether this process sees all others, whichever container they are in."""
    try:
        return str(Path("/proc/self/ns/pid").readlink()) == _FIRST_NAMESPACE
    except OSError:
        return False


def _every_pid() -> Iterator[int]:
    return (int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdecimal())
