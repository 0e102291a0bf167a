"""Texts: what waits to go out, what it says, who wants none, and what came in."""
