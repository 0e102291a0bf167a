"""Registration days: made, copied, moved, shrunk, cancelled; and who is told of it."""
