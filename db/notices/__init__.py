"""Which texts fall due by themselves, and what they say."""
