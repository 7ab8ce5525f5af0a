"""Running the sources: schedule, back off, keep secrets, hand over what arrives."""
