"""The audit trail: who did what, when, why, and how it ended.

A file of JSON lines in the state folder that is only appended to. Each entry holds the hash of the
one before (:mod:`.entry`), so that no entry can be changed or removed unseen; number and hash of
the last one are noted beside it (:mod:`.head`), so that its end cannot be cut off unseen.

Why it is so: docs/adr/0006-audit-hash-chain.md.
"""
