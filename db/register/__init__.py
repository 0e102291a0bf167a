"""People: who they are, what is known of them and by whom, and how it is forgotten."""
