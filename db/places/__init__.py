"""Communes, hamlets and halls: what they are called, and what an installation is set up
with.
"""
