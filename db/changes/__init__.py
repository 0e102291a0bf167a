"""When a day, a seat or a number changes: who is moved, asked or told."""
