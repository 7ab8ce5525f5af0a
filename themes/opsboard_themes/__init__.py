"""The themes that come with opsboard: TOML files, no code."""
