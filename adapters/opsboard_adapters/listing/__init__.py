"""Listings of records that may be incomplete: parts that failed, records that cannot be read.

Every adapter reports the same way what it could not show: see :mod:`.completeness`.
"""
