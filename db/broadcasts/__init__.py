"""Broadcasts: who is told, in which words, when, how fast, and what became of each of
them.
"""
