"""Settings: where they are, what they mean, and what a user has without any."""
