"""Which names sound like those of secrets: the one rule for everything that is shown or stored.

It is for names of settings, variables, flags, inputs, tags and labels. A name is taken word by
word, however it is written: ``db_password``, ``apiKey``, ``--client-secret``, ``CI_TOKENS2``. In
doubt it is a secret; what is only *about* one (``secretName``, ``token_count``, ``auth_mode``) and
what merely looks alike (``author``, ``max_tokens``, ``sort_key``, ``monkey``) is none.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final


def word_list(text: str) -> tuple[str, ...]:
    """Return the words of *text*: the house's way to write many of them down."""
    return tuple(text.split())


def word_set(text: str) -> frozenset[str]:
    """Return the words of *text*, each once."""
    return frozenset(text.split())


_WORDS: Final = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_A-Za-z]+"
_LONGEST: Final = 200
"""Characters of a name that are looked at: the last ones, which say what it is."""


def _plain(name: str) -> str:
    """Return *name* without accents, in one form."""
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


_SECRET: Final = word_set(
    """
    pass pw pwd passcode passkey token tokens auth authorization oauth dsn jwt bearer sas
    cookie cookies cred creds otp totp mnemonic salt sid kubeconfig netrc keytab heslo haslo
    senha clave parola sifre geslo
    """
)
"""Words that are enough by themselves."""

_WITHIN: Final = tuple(
    _plain(part)
    for part in (
    "password", "passwd", "passphrase", "passwort", "kennwort", "secret", "credential",
    "apikey", "accesskey", "privatekey", "secretkey", "signingkey", "encryptionkey", "masterkey",
    "accountkey", "authkey", "sharedkey", "servicekey", "connectionstring", "connstr",
    "dockerconfig", "dockercfg", "pgpass", "sessionid", "sessid", "seedphrase", "idrsa", "geheim",
    "contrasena", "motdepasse", "wachtwoord", "losenord", "passord", "adgangskode", "salasana",
    "jelszo", "lozinka", "zugangsdaten", "anmeldedaten",
    "парол", "секрет", "密码", "密碼", "口令", "密钥", "パスワード", "秘密", "비밀번호",
    )
)  # fmt: skip
"""What makes a secret of every word that it is a part of."""

_IN_A_ROW: Final = frozenset(
    {
        ("pass", "word"), ("pass", "phrase"), ("pass", "code"), ("pass", "key"), ("seed", "phrase"),
        ("connection", "string"), ("conn", "str"), ("conn", "string"), ("session", "id"),
        ("session", "key"), ("id", "rsa"), ("id", "dsa"), ("id", "ecdsa"), ("id", "ed"),
        ("mot", "passe"), ("access", "code"), ("security", "code"), ("recovery", "code"),
        ("recovery", "codes"), ("backup", "codes"), ("login", "data"), ("docker", "config"),
        ("webhook", "url"),
    }
)  # fmt: skip

_OF_A_SECRET: Final = word_set(
    """
    access account api auth client consumer decryption deploy encryption enc gpg hmac host jwt
    license master pgp private recovery root rsa secret service shared signing signature ssh
    ssl storage subscription tls unseal vault webhook wrapping write
    """
)
"""What makes a key a secret one wherever the two stand: ``AWS_ACCESS_KEY_ID``."""

_PLAIN_KEYS: Final = word_set(
    """
    annotation arrow authorized bind bucket cache candidate child column
    composite compound config cursor data dedup dict distribution document duplicate end
    enter entry error event extra feature field file filter first foreign group hash hot
    idempotency image index input invalid item job join json label last line list log lookup
    map match max merge message metric min missing model name natural next no node num
    object option order output pagination parent partition path pivot prefix prev
    previous primary property public range record registry required result resume root_cause
    route routing row s3 schema search section series setting shard shortcut sort sorted
    start state step string sub surrogate table tag task template time tooltip
    topology total trace translation tree unique unknown url verification yaml
    """
)
"""What makes a key one of a table, of a document or of a keyboard. Any other is a vendor's."""

_VENDORS: Final = word_set(
    """
    anthropic aws azure cloudflare cohere datadog deepseek discord gcp gemini github gitlab
    google groq heroku hf huggingface mailgun mistral newrelic openai pagerduty sendgrid sentry
    slack stripe telegram twilio wandb
    """
)

_COUNTS: Final = word_set(
    """
    avg batch cached completion context count eval generated input limit max maximum mean min
    minimum n new num number of output per pad prompt reasoning seq special stop total train
    used vocab words
    """
)
"""What makes tokens those of a text."""
_OF_A_TEXT: Final = word_set(
    """
    bos cls eos mask next pad sep special stop unk
    """
)
"""What makes a token a piece of text, as tokenizers have them."""

_ABOUT: Final = word_set(
    """
    age alg algorithm at audience backend bytes changed chars class column controller count
    counter created date days description dir directory enabled endpoint exists expiration
    expires expiry field file filename files folder format header hint host hours index issuer
    label len length limit lifetime location manager max md method min minutes mode modified
    mount name names namespace number operator path paths per policy port present prompt
    protocol provider proxy rate ref reference refs region required reset rotated rotation
    scheme seconds server service size stage stash state status stdin store strategy time
    timeout timestamp ttl txt type types updated uri url usage used users version volume yaml
    yml
    """
)
"""Last words that make of it what is said about a secret, and of none its value."""
_ASKED: Final = word_set(
    """
    allow checksum disable disabled enable enabled has is need needs no num require required
    requires skip use uses without
    """
)
"""First words after which it is a yes or no, or a sum."""

_ORDINARY: Final = re.compile(
    r"(?:com|by|sur|tres|under|over|en?com|high|low|band|one|multi|two|single|im)pass|secretar\w*"
    r"|(?:mon|tur|don|hoc|whis|joc|flun|lac|hot|turn|low|sub|mic|smo|mi|jer|pub|sur|cro)key"
)
_METRIC: Final = re.compile(r"(?i)(?<![a-z])pass@(?:k|\d+)$")
"""How often one of k answers passes: what models that write code are measured by."""
_SHELL: Final = frozenset({"PWD", "OLDPWD"})
"""The working folder and the one before, as a POSIX shell has them."""


@lru_cache(maxsize=4_096)
def sounds_secret(name: str) -> bool:
    """Return whether the value called *name* may be a secret."""
    if name.strip("-$ ") in _SHELL or _METRIC.search(name):
        return False
    words = [word.lower() for word in re.findall(_WORDS, _plain(name[-_LONGEST:]))]
    while words and words[-1].isdigit():
        words.pop()
    if not words or words[-1] in _ABOUT or words[0] in _ASKED:
        return bool(words) and words[-2:] == ["webhook", "url"]
    return any(map(_is_secret, words)) or _together(words)


def is_qualified(before: str, last: str) -> bool:
    """Return whether two words of a sentence name a secret, such as ``api key``."""
    pair = before.lower(), last.lower()
    return (pair[0] in _OF_A_SECRET and pair[1] in {"key", "keys"}) or pair in _IN_A_ROW


def _is_secret(word: str) -> bool:
    """Tell whether *word* is a secret whatever stands beside it."""
    if _ORDINARY.fullmatch(word):
        return False
    if any(part in word for part in _WITHIN):
        return True
    return (
        (word in _SECRET and word not in _BESIDE)
        or (len(word) > 4 and word.endswith(("pass", "pwd")))
        or (len(word) > 3 and word.endswith("pw"))
        or (len(word) > 5 and word.endswith("token"))
        or (word.endswith("tokens") and word[:-6] not in {*_COUNTS, ""})
        or (word.endswith("key") and word[:-3] in _VENDORS)
    )


_BESIDE: Final = word_set(
    """
    auth authorization oauth pass salt sid token tokens clave cookie cookies
    """
)
"""Those of the secret words for which it matters what stands beside them."""


def _together(words: Sequence[str]) -> bool:
    """Tell whether *words* are a secret by the way that they stand together."""
    named = [word for word in words if not word.isdigit()]
    last, before = named[-1], named[-2] if len(named) > 1 else ""
    if _IN_A_ROW & {*pairwise(named), *zip(named, named[2:], strict=False)}:
        return True
    if any(a in _OF_A_SECRET and b in {"key", "keys"} for a, b in pairwise(named)):
        return True
    if last in {"key", "keys"}:
        return before not in _PLAIN_KEYS and before != ""
    if "token" in named:
        return named[max(named.index("token") - 1, 0)] not in _OF_A_TEXT and last != "tokens"
    if last == "tokens":
        return _COUNTS.isdisjoint(named[:-1])
    return last in _BESIDE or (last == "id" and before in {"auth", "token", "key", "cookie"})
