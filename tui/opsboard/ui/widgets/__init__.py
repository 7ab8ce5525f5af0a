"""The widgets that screens are made of. Each has its style sheet beside it."""
