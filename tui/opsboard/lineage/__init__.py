"""The join: what is made of what, by the identities that records state.

A source states what it knows and knows nothing of the other sources. :mod:`.index` joins what is
equal; each edge (:mod:`.graph`) names the rule that it goes by and how far that can be trusted. A
guess is a *candidate*: it is shown as one, and nothing is concluded from it. Pure: no I/O, no
clock.
"""
