"""What was converted: the log, and what currently counts, derived from it."""
