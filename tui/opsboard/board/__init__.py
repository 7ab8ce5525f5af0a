"""The state: what is known of the world, and how sure one can be of it."""
