"""The adapters that come with opsboard, one package each, and the code that they share.

- :mod:`.http`: a client with limits on time and memory, error messages, decoding of JSON;
- :mod:`.net`: URLs, proxies and certificates, checked before a connection is made;
- :mod:`.listing`: listings of records of which some parts may be missing;
- :mod:`.times`: timestamps of servers, and ages.
"""
