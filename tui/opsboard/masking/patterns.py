"""Values that look like a secret whatever their name is: tokens, keys, logins in URLs.

Every pattern takes a time linear in the text: repetitions are bounded, or begin at one place only.
A pattern is tried only if one of its *signs*, in lower case, is in the text; every text that it
could match has one.
"""

import base64
import binascii
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from opsboard.masking.names import word_list
from opsboard.masking.pairs import is_trivial

MASK: Final = "***"

Replace = Callable[[re.Match[str]], str]


class SecretPattern(NamedTuple):
    """A kind of secret: *signs* that are tested first, its *pattern*, and its replacement."""

    signs: tuple[str, ...]
    pattern: str
    replace: Replace


def _all(found: re.Match[str]) -> str:
    return MASK


def _but_kept(found: re.Match[str]) -> str:
    """Replace all but the group ``kept``."""
    return f"{found['kept']}{MASK}"


def _bearer(found: re.Match[str]) -> str:
    """Replace a token, and no word of a sentence: ``bearer authentication``."""
    value = found["value"].rstrip(".:")
    if value.lower() in _AFTER_BEARER or is_trivial(value):
        return found[0]
    return f"{found['kept']}{MASK}"


def _basic(found: re.Match[str]) -> str:
    value = found["value"]
    telling = len(value) >= 12 and any(char.isdigit() for char in value)
    return f"{found['kept']}{MASK}" if telling or _is_login(value) else found[0]


def _is_login(value: str) -> bool:
    """Tell whether *value* is ``user:password`` in Base64 (RFC 7617)."""
    try:
        return b":" in base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False


def _rest(found: re.Match[str]) -> str:
    first = found["value"].split(maxsplit=1)[0]
    return found[0] if is_trivial(first) else f"{found['kept']}{MASK}"


_AFTER_BEARER: Final = frozenset(
    """
    auth authentication authorization bonds challenge credential credentials error format header
    headers login method methods mode realm scheme schemes security shares support tokentype type
    types
    """.split()  # noqa: SIM905 - read best so
)
_START: Final = r"(?<![A-Za-z0-9])"
_PREFIXED: Final = (
    r"gh[oprsu]_\w{16,}",  # GitHub
    r"github_pat_\w{16,}",
    r"gl(?:pat|dt|rt|rtr|cbt|ptt|ft|soat|imt|agent|oas|wt)-[\w.-]{12,}",  # GitLab
    r"xox[a-z](?:\.xox[a-z])?-[\w-]{8,}",  # Slack
    r"xapp-[\w-]{8,}",
    r"sk-(?=[\w-]{0,64}[0-9A-Z])[\w-]{16,}",  # OpenAI, Anthropic and others
    r"(?:sk|rk)_(?:live|test)_\w{8,}",  # Stripe
    r"whsec_[\w+/=]{16,}",
    r"A(?:KIA|SIA|BIA|CCA)[0-9A-Z]{16}(?![0-9A-Za-z])",  # AWS
    r"AIza[\w-]{30,}",  # Google
    r"ya29\.[\w-]{16,}",
    r"GOCSPX-[\w-]{16,}",
    r"hf_[A-Za-z0-9]{16,}",  # Hugging Face
    r"npm_[A-Za-z0-9]{20,}",
    r"pypi-[\w-]{24,}",
    r"dckr_[op]at_[\w-]{12,}",  # Docker
    r"hv[sbr]\.[\w-]{16,}",  # HashiCorp Vault
    r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{16,}",  # Terraform Cloud
    r"do[opr]_v1_[a-f0-9]{32,}",  # DigitalOcean
    r"SG\.[\w-]{16,64}\.[\w-]{16,}",  # SendGrid
    r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{16,}",  # Shopify
    r"glsa_\w{16,}",  # Grafana
    r"glc_[\w+/=]{16,}",
    r"ATATT3[\w=-]{16,}",  # Atlassian
    r"dapi[a-f0-9]{32}",  # Databricks
    r"NRAK-[A-Z0-9]{16,}",  # New Relic
    r"lin_api_\w{16,}",
    r"(?:gsk|r8|sntry[su]|phx|fw)_[A-Za-z0-9]{20,}",  # Groq, Replicate, Sentry, PostHog
    r"(?:pplx|xai|nvapi|tskey|pul|CFPAT|PMAK)-[\w-]{16,}",
    r"b3BlbnNzaC1rZXkt[\w+/=]{16,}",  # a private key of OpenSSH, and PEM, in Base64
    r"LS0tLS1CRUdJTi(?:BQUklWQVRF|BSU0Eg|BFQyBQ|BPUEVOU1NI|BFTkNSWVBU|BQR1Ag)[\w+/=]{16,}",
    r"rubygems_[a-f0-9]{16,}",
    r"xkeysib-[\w-]{16,}",
    r"key-[0-9a-f]{32}(?![0-9A-Za-z])",  # Mailgun
    r"AGE-SECRET-KEY-1[0-9A-Z]{16,}",
    r"sha256~[\w-]{32,}",  # OpenShift
    r"k8s-aws-v1\.[\w-]{16,}",  # Amazon EKS
    r"[0-9]{8,10}:AA[\w-]{30,}",  # Telegram
    r"eyJ[\w-]{6,2048}\.[\w-]{4,}(?:\.[\w-]*){1,3}",  # JSON Web Tokens (RFC 7519)
)
_HOOKS: Final = (
    r"hooks\.slack\.com/(?:services|workflows|triggers)/",
    r"discord(?:app)?\.com/api/webhooks/",
    r"\.webhook\.office\.com/",
    r"api\.telegram\.org/bot",
)

SECRET_PATTERNS: Final = (
    SecretPattern(  # the login of an address (RFC 3986, 3.2.1); a slash may be part of a password
        ("://",),
        r"(?<=://)(?:[^\s/?#@\"'<>]{0,512}:(?!\d{1,5}(?:[/?#]|$))[^\s@\"'<>]{0,200}"
        r"(?:@[^\s/?#@\"'<>]{0,512}){0,8}@|[^\s/?#]{0,2048}@)",
        lambda found: f"{MASK}@",
    ),
    SecretPattern(  # the same, quoted to be part of another
        ("%3a%2f%2f",),
        r"(?i)(?<=%3A%2F%2F)[^\s/?#&\"'<>]{1,512}?%40",
        lambda found: f"{MASK}%40",
    ),
    SecretPattern(  # addresses without a scheme: those of Go's MySQL driver, and login@host:port
        ("@",),
        r"(?<![\w.+/@:-])(?P<kept>[\w.+-]{1,64}:)[^\s:@/\"'<>]{1,200}"
        r"(?=@(?:(?:tcp|tcp6|unix|udp)\(|(?!sha\d)[A-Za-z][\w.-]{0,252}:\d{2,5}(?!\d)))",
        _but_kept,
    ),
    SecretPattern(
        ("@//",),  # Oracle's, without a scheme
        r"(?<![\w/])(?P<kept>[\w.-]{1,128}/)[^\s@/\"'<>]{1,128}(?=@//)",
        _but_kept,
    ),
    SecretPattern(
        ("thin:", "oci:"),  # Oracle's own kind of address
        r"(?i)(?P<kept>\b(?:thin|oci):[\w.-]{1,128}/)[^\s@]{1,512}(?=@)",
        _but_kept,
    ),
    SecretPattern(
        ("key=", "code=", "sig=", "signature=", "credential="),
        r"(?i)(?P<kept>[?&;#](?:key|code|sig|signature|x-amz-signature|x-amz-credential"
        r"|x-goog-signature|x-goog-credential)=)[^&\s'\"<>]+",
        _but_kept,
    ),
    SecretPattern(
        ("slack.com", "discord", "webhook.office", "telegram.org"),
        rf"(?P<kept>{'|'.join(_HOOKS)})[^\s\"'<>]+",
        _but_kept,
    ),
    SecretPattern(
        ("cookie",),
        r"(?i)(?P<kept>\b(?:set-)?cookie2?\\{0,8}[\"']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,8}[\"']?)"
        r"(?P<value>[^\s\"'\\][^\r\n\"'\\]*)",
        _rest,
    ),
    SecretPattern(
        ("digest", "aws4"),
        r"(?i)(?P<kept>\b(?:digest[ \t]+(?=\w{1,32}=)|aws4-hmac-sha256[ \t]+))(?P<value>[^\r\n]+)",
        _rest,
    ),
    SecretPattern(
        ("bearer",),
        r"(?i)(?P<kept>\bbearer(?:\\?[ \t]|%20|\+){1,4}[\"']?)(?P<value>[\w.~+/=:-]{4,})",
        _bearer,
    ),
    SecretPattern(
        ("basic",),
        r"(?i)(?P<kept>\bbasic[ \t]{1,4})(?P<value>[\w.~+/-]{4,}={0,2})",
        _basic,
    ),
    SecretPattern(
        ("password",),  # netrc(5)
        r"(?i)(?P<kept>\blogin[ \t]+\S{1,256}[ \t]+password[ \t]+)(?P<value>\S+)",
        _but_kept,
    ),
    SecretPattern(
        ("identified by", "password"),  # SQL
        r"(?i)(?P<kept>\b(?:identified[ \t]+by(?:[ \t]+password)?|password)[ \t]+)"
        r"(?:'[^'\n]{1,1024}'|\"[^\"\n]{1,1024}\")",
        _but_kept,
    ),
    SecretPattern(
        ("identified by",),  # Oracle's SQL, where a password need not be quoted
        r"(?i)(?P<kept>\b(?:user|role)[ \t]+\S{1,256}[ \t]+identified[ \t]+by[ \t]+)[^\s;'\"]+",
        _but_kept,
    ),
)


@lru_cache(maxsize=1)
def _prefixed() -> re.Pattern[str]:
    return re.compile(f"{_START}(?:{'|'.join(_PREFIXED)})")


_SIGNS_OF_PREFIXED: Final = word_list(
    """
    ghp_ gho_ ghr_ ghs_ ghu_ github_pat_ xox xapp- sk- sk_ rk_ whsec_ akia asia abia acca aiza
    ya29. gocspx- hf_ npm_ pypi- dckr_ hvs. hvb. hvr. atlasv1 _v1_ sg. shpat_ shpca_ shppa_
    shpss_ glsa_ glc_ atatt3 dapi nrak- lin_api_ rubygems_ xkeysib- key- sha256~ k8s-aws-v1.
    :aa eyj gsk_ r8_ sntry phx_ fw_ pplx- xai- nvapi- tskey- pul- cfpat- pmak-
    b3blbnnz ls0tls1c glpat- gldt- glrt- glrtr- glcbt- glptt- glft- glsoat- glimt-
    glagent- gloas- glwt-
    """
)

SIGNS: Final = frozenset(
    {"private key", *_SIGNS_OF_PREFIXED, *(sign for one in SECRET_PATTERNS for sign in one.signs)}
)
"""Of which one is in every text, in lower case, that :func:`mask_patterns` changes."""

_BEGIN: Final = r"-----BEGIN[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_END: Final = "-----END"


def mask_patterns(text: str, lowered: str) -> str:
    """Return *text* without what looks like a secret by itself; *lowered* is it in lower case."""
    if "private key" in lowered:
        text = _without_keys(text)
    for shape in SECRET_PATTERNS:
        if any(sign in lowered for sign in shape.signs):
            text = re.sub(shape.pattern, shape.replace, text)
    if any(sign in lowered for sign in _SIGNS_OF_PREFIXED):
        text = _prefixed().sub(_all, text)
    return text


def _without_keys(text: str) -> str:
    """Return *text* without private keys (RFC 7468); one without an end goes on to the end."""
    kept, at = [], 0
    for begin in re.finditer(_BEGIN, text):
        if begin.start() < at:
            continue
        kept.append(text[at : begin.start()])
        kept.append(MASK)
        end = text.find(_END, begin.end())
        close = text.find("-----", end + len(_END)) if end >= 0 else -1
        at = close + 5 if close >= 0 else len(text)
    kept.append(text[at:])
    return "".join(kept)
