"""Addresses, proxies and certificates: what a connection needs to know before it is made.

:mod:`.urls` and :mod:`.proxies` import no HTTP library, since settings are read before the first
frame.
"""
