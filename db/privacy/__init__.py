"""Forgetting: who asks for it, and what need not be kept any longer."""
