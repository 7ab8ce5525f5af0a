"""Who acts: the user, the host and the process, as far as the system knows."""

import os
import pwd
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from opsboard.text.sanitize import Text

FORMAT: Final = 1
"""The format of the audit lines that this program writes. The first version's is 0."""

_FIRST_NAMESPACE: Final = "pid:[4026531836]"
"""PROC_PID_INIT_INO of the kernel (include/linux/proc_ns.h)."""


class Actor(BaseModel):
    """Who acts, from where, in which process.

    *user* is the one whose rights the process has, *sudo_user* the one who called sudo(8).
    *ssh* is the client's side of the SSH connection, address and port (``SSH_CONNECTION``, ssh(1)).
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
        """The actor in a few words, such as ``kim as root from 10.0.0.7``."""
        who = f"{self.sudo_user} as {self.user}" if self.sudo_user else self.user
        return f"{who} from {self.ssh.partition(' ')[0]}" if self.ssh else who

    @property
    def boot(self) -> str:
        """The id of the kernel's boot that the process runs on; ``""`` where it is not known."""
        boot, slash, _ = self.start_time.partition("/")
        return boot if slash else ""

    @property
    def is_running(self) -> bool:
        """Whether this process sees it run. It may run in a container where it cannot be seen."""
        return (
            bool(self.start_time)
            and self.is_same_machine
            and process_start_time(self.pid) == self.start_time
        )

    @property
    def has_ended(self) -> bool:
        """Whether it has surely ended: no process of this machine, under any number, is it.

        Only a process in the initial PID namespace (pid_namespaces(7)) sees all others; one in a
        container does not, and gets ``False``.
        """
        if not (self.boot and self.is_same_machine and sees_every_process()):
            return False
        return self.start_time not in map(process_start_time, _every_pid())

    @property
    def is_same_machine(self) -> bool:
        """Whether the process runs, or ran, on the kernel that runs this one.

        A host name does not identify it: a container has another name at each start.
        """
        here = boot_id()
        if self.boot and here:
            return self.boot == here
        return self.is_same_host

    @property
    def is_same_host(self) -> bool:
        """Whether its host had the name that this one has."""
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
    """Return an identifier of when the process *pid* began; ``""`` if there is no such process.

    On Linux, the boot's id and field 22 of ``/proc/PID/stat`` (proc_pid_stat(5)), in clock ticks;
    elsewhere only whether there is such a process.
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
    """Return whether this process sees those of all containers, too."""
    try:
        return str(Path("/proc/self/ns/pid").readlink()) == _FIRST_NAMESPACE
    except OSError:
        return False


def _every_pid() -> Iterator[int]:
    return (int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdecimal())
