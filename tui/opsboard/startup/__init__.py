"""What the first frame needs: whether the last known board may be painted, and for which logins.

Why it is so: docs/adr/0007-first-frame.md.
"""
