"""Secrets taken out of what is shown and kept: by what they are called, and by how they look.

It knows no secret: those that sources have resolved are masked by
:class:`opsboard.collect.redact.Redactor`, which uses this for all others. Adapters ask
:func:`sounds_secret` what not to ask for and not to plan with; they need not mask what they
return, since all of it passes the redactor.
"""

from opsboard.masking.names import sounds_secret
from opsboard.masking.pairs import is_reference
from opsboard.masking.structures import mask_structure, mask_texts
from opsboard.masking.text import MASK, mask_text

__all__ = ["MASK", "is_reference", "mask_structure", "mask_text", "mask_texts", "sounds_secret"]
