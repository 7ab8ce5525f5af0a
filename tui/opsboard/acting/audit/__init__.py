"""The audit trail: who did what, when, why, and what became of it.

A file of JSON lines in the state folder, only ever appended to. Each entry holds the hash of the
one before (:mod:`.entry`), so that nothing in it can be changed or taken out unseen; a file beside
it tells how far it went, so that its end cannot be cut off unseen (:mod:`.trail`, :mod:`.verify`).

Why it is so: docs/adr/0006-audit-hash-chain.md.
"""
