"""An embedded world, served over loopback HTTP, for the demo, for tests and for load."""
