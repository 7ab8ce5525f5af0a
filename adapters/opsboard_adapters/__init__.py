"""The adapters that come with opsboard, one package each."""
