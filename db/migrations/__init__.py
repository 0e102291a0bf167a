"""The schema's history: numbered, one head, never edited after landing."""
