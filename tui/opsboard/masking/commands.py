"""Secrets in commands: what follows ``--password``, and the short flags of known programs."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from opsboard.masking.names import sounds_secret
from opsboard.masking.pairs import MASK, is_trivial, looks_random

_FLAG: Final = re.compile(r"--?(?P<name>[A-Za-z][\w.\-]{0,80})")
_LONE_NAME: Final = re.compile(r"[A-Za-z][\w.\-]{2,80}")
_WORD: Final = re.compile(r"""(?:"[^"\n]*"|'[^'\n]*'|[^\s"']|["'](?=\S))+""")
_LIKE_A_FLAG: Final = re.compile(r"-{1,2}[A-Za-z][\w.\-]*(?:=.*)?", re.DOTALL)
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_GOES_ON: Final = re.compile(
    r"""\\\r?\n\Z|\A[ \t]*-[ \t]+["']?-{1,2}[A-Za-z][\w.\-]*["']?[ \t]*\r?\n\Z"""
)
"""A line of a shell's that goes on in the next, and a flag in a list of YAML."""
_BETWEEN: Final = frozenset({"\\", "-"})
_ENDS: Final = frozenset({"|", "||", "&&", ";", "&"})
_BEFORE_VALUES: Final = (":", "=", "\uff1a", "\uff1d")
"""What stands between a name and its value."""


class ClientFlags(NamedTuple):
    """Flags of a program whose value is a secret.

    The value of a *separate* flag is the next word; that of an *attached* one follows it in the
    same word (``-pSECRET``). Of the value of a *logins* flag, only what follows the first ``:`` or
    ``%`` is secret. All of that holds once the word *after* was there, if one is given.
    """

    separate: frozenset[str] = frozenset()
    attached: tuple[str, ...] = ()
    logins: frozenset[str] = frozenset()
    after: str = ""


_LOGIN_P: Final = ClientFlags(separate=frozenset({"-p"}), attached=("-p",), after="login")
_LDAP: Final = ClientFlags(separate=frozenset({"-w"}), attached=("-w",))
_MONGO: Final = ClientFlags(separate=frozenset({"-p"}), attached=("-p",))
_CURL: Final = ClientFlags(
    logins=frozenset({"-u", "--user", "-U", "--proxy-user"}),
    separate=frozenset({"-b", "--pass", "--proxy-pass"}),
    attached=(),
)
_MYSQL: Final = ClientFlags(attached=("-p",))
_MOSQUITTO: Final = ClientFlags(separate=frozenset({"-P"}), attached=())
_FAMILIES: Final = {
    "mysql mysqldump mysqladmin mysqlimport mysqlshow mysqlcheck": _MYSQL,
    "mariadb mariadb-dump mariadb-admin": _MYSQL,
    "mongo mongosh mongodump mongorestore mongoexport mongoimport cqlsh rabbitmqadmin": _MONGO,
    "docker podman nerdctl buildah skopeo helm oc az cf crane oras": _LOGIN_P,
    "ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami ldappasswd": _LDAP,
    "mosquitto_pub mosquitto_sub sqlcmd bcp tsql": _MOSQUITTO,
}
CLIENTS: Final[Mapping[str, ClientFlags]] = {
    **{name: client for names, client in _FAMILIES.items() for name in names.split()},
    "sshpass": _MONGO,
    "redis-cli": ClientFlags(separate=frozenset({"-a"})),
    "curl": _CURL,
    "http": ClientFlags(logins=frozenset({"-a"})),
    "https": ClientFlags(logins=frozenset({"-a"})),
    "smbclient": ClientFlags(logins=frozenset({"-U"})),
    "openssl": ClientFlags(separate=frozenset({"-k", "-K"})),
    "zip": ClientFlags(separate=frozenset({"-P"})),
    "unzip": ClientFlags(separate=frozenset({"-P"})),
    "7z": ClientFlags(attached=("-p",)),
}


def mask_command(words: Sequence[str]) -> list[str]:
    """Return the words of one command without the secrets that flags announce.

    What is secret within a word is left to :func:`opsboard.masking.text.mask_text`.
    """
    masked = list(words)
    for at, value in _announced(words, sentence=False):
        masked[at] = value
    return masked


def mask_flags(text: str) -> str:
    """Return *text*, which may hold commands, without the secrets that flags announce."""
    return "".join(map(_line, _commands(text)))


def _commands(text: str) -> Iterator[str]:
    """Yield *text* line by line; those that go on in the next one, together with that."""
    begun: list[str] = []
    for line in _LINE.findall(text):
        begun.append(line)
        if not _GOES_ON.search(line):
            yield "".join(begun)
            begun.clear()
    yield "".join(begun)


def _line(line: str) -> str:
    found = list(_WORD.finditer(line))
    kept, at = [], 0
    for place, value in _announced([one[0] for one in found], sentence=True):
        kept.append(line[at : found[place].start()] + value)
        at = found[place].end()
    return "".join((*kept, line[at:]))


def _announced(words: Sequence[str], *, sentence: bool) -> Iterable[tuple[int, str]]:
    """Yield the place of each secret in *words*, with what stands there instead of it.

    In a *sentence* a flag may be spoken of without a value: ``use --token to log in``. What is
    taken for one may be the name of another: its value is no longer known by that name, and goes
    with it.
    """
    client, said, before = ClientFlags(), {""}, ""
    is_hidden = is_named = False
    for place, word in enumerate(words):
        if sentence and word in _BETWEEN:
            continue
        bare = word.strip("\"'`[](),").rstrip("\\")
        active = client if client.after in said else ClientFlags()
        value = _instead(bare, before, active, sentence=sentence)
        if value is None and is_named and not _LIKE_A_FLAG.fullmatch(bare):
            value = MASK
        if value is not None:
            yield place, value
        is_named = (is_hidden or value == MASK) and word.endswith(_BEFORE_VALUES)
        is_hidden = value == MASK
        client = CLIENTS.get(bare.rstrip("/").rpartition("/")[2], client)
        if word in _ENDS:
            client, said = ClientFlags(), {""}
        said.add(bare)
        before = bare


def _instead(word: str, before: str, client: ClientFlags, *, sentence: bool) -> str | None:
    """Return what to show instead of *word*, which stands behind *before*; ``None`` for itself."""
    if (login := _login(word, before, client)) is not None:
        user, sign, _ = _parted(login)
        return f"{word.removesuffix(login)}{user}{sign}{MASK}" if sign else None
    if before in client.separate or _announces(before):
        if _LIKE_A_FLAG.fullmatch(word) or (sentence and is_trivial(word)) or not word:
            return None
        return MASK
    if looks_random(word) and _LONE_NAME.fullmatch(before) and sounds_secret(before):
        return MASK
    for flag in client.attached:
        if word.startswith(flag) and len(word) > len(flag) and not word.startswith("--"):
            return f"{flag}{MASK}"
    return None


def _login(word: str, before: str, client: ClientFlags) -> str | None:
    """Return the login in *word*, which stands behind *before* or behind a flag in itself."""
    if before in client.logins:
        return word
    for flag in client.logins:
        rest = word.removeprefix(f"{flag}=" if flag.startswith("--") else flag)
        if rest != word and rest:
            return rest
    return None


def _announces(flag: str) -> bool:
    found = _FLAG.fullmatch(flag)
    return found is not None and sounds_secret(found["name"])


def _parted(login: str) -> tuple[str, str, str]:
    sign = ":" if ":" in login else "%"
    return login.partition(sign)
