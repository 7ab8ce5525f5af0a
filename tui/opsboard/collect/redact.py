"""The one place where secrets are taken out of text before anybody sees it."""

import base64
import json
import re
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from opsboard.adapter import Health, SourceError

MASK: Final = "***"
SHORTEST: Final = 4
"""A secret of fewer characters is not searched for: it would stand in half of all words."""

_IN_A_URL: Final = r"(?i)(?P<kept>\b[a-z][a-z0-9+.-]*://)[^\s/?#]*@"
_IN_A_QUERY: Final = (
    r"(?i)(?P<kept>[?&](?:access_token|private_token|token|api_key|key|password|sig|signature"
    r"|x-amz-signature|x-amz-security-token|x-amz-credential)=)[^&\s'\"]+"
)
_PATTERNS: Final = (  # compiled when first used, and kept so by re
    _IN_A_URL,
    _IN_A_QUERY,
    r"(?i)(?P<kept>\b(?:bearer|basic)\s+)(?=\S*\d)[\w.~+/=-]{12,}",
    r"(?P<kept>)\b(?:gh[oprsu]_\w{16,}|github_pat_\w{16,})",
)


class Redactor:
    """Knows all secrets that sources have resolved. Safe to use from several threads."""

    def __init__(self) -> None:
        self._forms: tuple[str, ...] = ()

    def conceal(self, secret: str) -> None:
        """Mask *secret*, in whatever usual form it is written, from now on."""
        if len(secret) < SHORTEST:
            return
        forms = {*self._forms, *_forms_of(secret)}
        self._forms = tuple(sorted(forms, key=len, reverse=True))

    def secrets_out(self, text: str) -> str:
        """Return *text* without the secrets that are known."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def redact(self, text: str) -> str:
        """Return *text* without the secrets that are known, and without what looks like one."""
        text = self.secrets_out(text)
        for pattern in _PATTERNS:
            prefix = rf"\g<kept>{MASK}" + ("@" if pattern is _IN_A_URL else "")
            text = re.sub(pattern, prefix, text)
        return text

    def health(self, health: Health) -> Health:
        """Return *health* with its texts redacted."""
        message, mend = self.redact(health.message), self.redact(health.mend)
        if (message, mend) == (health.message, health.mend):
            return health
        return replace(health, message=message, mend=mend)

    def error(self, error: SourceError) -> SourceError:
        """Return *error* itself, its texts redacted."""
        error.message, error.mend = self.redact(error.message), self.redact(error.mend)
        error.args = (error.message,)
        return error


def _forms_of(secret: str) -> set[str]:
    raw = secret.encode("utf-8", "surrogateescape")
    forms = {
        secret,
        quote(secret, safe=""),
        quote(secret),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
    }
    return {form for form in forms if len(form) >= SHORTEST}
