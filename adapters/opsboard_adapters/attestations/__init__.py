"""Attestations: what a build is said to have been made of, whoever keeps the statement.

:mod:`.statement` opens envelopes and tells what a statement is about; :mod:`.provenance` reads what
SLSA says. No signature is verified here: adapters call what they state by this unverified.
"""
